/*
 * Money: int64 millionths of the currency unit ("micros"), exact. Never a float, never rounded in silence.
 *
 * Text is read with a declared decimal mark; a value that needs more than six decimals or does not fit is an error
 * for the caller to quarantine. Currencies are ISO 4217 codes of three capital letters.
 */
#pragma once

#include "base/error.h"
#include "base/str.h"

#define MICROS_PER_UNIT INT64_C(1000000)

typedef struct {
    char code[4]; /* "" when unknown */
} Currency;

typedef struct {
    int64_t micros;
    Currency currency;
} Money;

/* How a partner writes numbers. A grouping of '\0' means that none is allowed; ' ' also covers no-break spaces. */
typedef struct {
    char decimal_mark; /* '.' or ',' */
    char grouping;     /* '\0', ',', '.', ' ' or '\'' */
} NumberStyle;

#define NUMBER_STYLE_PLAIN ((NumberStyle){'.', '\0'})

/* Reads "-1234.567890" exactly; JSON's exponent form too. WEIR_ERROR_INVALID with the text when it is no number, has
 * a non-zero digit after the sixth decimal, or does not fit in 63 bits. */
bool money_parse(Str text, NumberStyle style, int64_t *ret_micros, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "12.345": at least two decimals, no trailing zero after those. to_size must be at least MONEY_TEXT_SIZE. */
#define MONEY_TEXT_SIZE 28
const char *money_format(int64_t micros, char *to);

/* False on overflow; *ret_sum is then not written. */
bool money_add(int64_t a, int64_t b, int64_t *ret_sum) G_GNUC_WARN_UNUSED_RESULT;

/* Accepts three ASCII letters in any case. False for anything else, "" included. */
bool currency_parse(Str text, Currency *ret_currency);
static inline bool
currency_equal(Currency a, Currency b)
{
    return memcmp(a.code, b.code, sizeof a.code) == 0;
}

/*
 * Splits total exactly over count shares in proportion to weights (>= 0): largest remainder, so that every share is
 * within one millionth of its exact part and the shares sum to total. Ties go by a hash of (seed, index), so that no
 * place in the list is favoured over time. With all weights 0 nothing is given and false is returned.
 * Source of the rule: Hamilton's method; see ARCHITECTURE.md, "Money".
 */
bool money_allocate(int64_t total_micros, const int64_t *weights, size_t count, uint64_t seed,
                    int64_t *ret_shares) G_GNUC_WARN_UNUSED_RESULT;
