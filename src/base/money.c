#include "base/money.h"

#define DECIMALS 6
/* Longer than any number that fits, with signs, groups and leading zeros; keeps the exponent arithmetic small. */
#define NUMBER_TEXT_LIMIT 64
#define EXPONENT_LIMIT    99
/* So short a whole number fits, whatever its digits. */
#define WHOLE_TEXT_LIMIT 12

typedef struct {
    bool negative;
    char digits[NUMBER_TEXT_LIMIT];
    int digit_count;
    int exponent; /* the number is digits x 10^exponent */
} Decimal;

/* U+00A0 and U+202F stand where a blank groups thousands in French and other texts. */
static size_t
grouping_size(Str text, size_t at, char grouping)
{
    Str rest = str_slice(text, at, text.size);

    if (grouping == '\0')
        return 0;
    if (rest.at[0] == grouping)
        return 1;
    if (grouping == ' ' && str_starts_with(rest, STR("\xc2\xa0")))
        return 2;
    if (grouping == ' ' && str_starts_with(rest, STR("\xe2\x80\xaf")))
        return 3;
    return 0;
}

static bool
exponent_parse(Str text, int *exponent)
{
    int64_t value;

    if (!str_to_int64(text, &value) || value > EXPONENT_LIMIT || value < -EXPONENT_LIMIT)
        return false;
    *exponent += (int)value;
    return true;
}

static bool
decimal_parse(Str text, NumberStyle style, Decimal *decimal)
{
    size_t at = 0, group;
    bool fraction = false;

    *decimal = (Decimal){0};
    if (text.size == 0 || text.size > NUMBER_TEXT_LIMIT)
        return false;
    if (text.at[0] == '-' || text.at[0] == '+') {
        decimal->negative = text.at[0] == '-';
        at = 1;
    }
    while (at < text.size) {
        char c = text.at[at];

        if (g_ascii_isdigit(c)) {
            decimal->digits[decimal->digit_count++] = c;
            decimal->exponent -= fraction;
            at++;
        } else if (c == style.decimal_mark && !fraction) {
            fraction = true;
            at++;
        } else if ((c == 'e' || c == 'E') && decimal->digit_count > 0) {
            return exponent_parse(str_slice(text, at + 1, text.size), &decimal->exponent);
        } else if (!fraction && decimal->digit_count > 0 && (group = grouping_size(text, at, style.grouping)) > 0) {
            at += group;
        } else {
            return false;
        }
    }
    return decimal->digit_count > 0;
}

bool
money_parse(Str text, NumberStyle style, int64_t *ret_micros, GError **error)
{
    Decimal decimal;
    int64_t micros = 0, whole;

    /* Most amounts are whole and short, in whatever style. */
    if (text.size <= WHOLE_TEXT_LIMIT && str_to_int64(text, &whole)) {
        *ret_micros = whole * MICROS_PER_UNIT;
        return true;
    }
    if (!decimal_parse(text, style, &decimal))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" is not a number with '%c' as decimal mark",
                         STR_FORMAT(str_slice(text, 0, NUMBER_TEXT_LIMIT)), style.decimal_mark);
    /* Walk the digits and the zeros that the exponent stands for, down to the sixth decimal. */
    for (int i = 0, places = decimal.exponent + decimal.digit_count; i < decimal.digit_count || places > -DECIMALS;
         i++) {
        int digit = i < decimal.digit_count ? decimal.digits[i] - '0' : 0;

        if (--places < -DECIMALS) {
            if (digit != 0)
                return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" has more than %d decimals", STR_FORMAT(text),
                                 DECIMALS);
            continue;
        }
        if (micros == 0 && digit == 0)
            continue;
        if (__builtin_mul_overflow(micros, 10, &micros) || __builtin_sub_overflow(micros, digit, &micros))
            return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" is too large", STR_FORMAT(text));
    }
    if (!decimal.negative && __builtin_sub_overflow((int64_t)0, micros, &micros))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" is too large", STR_FORMAT(text));
    *ret_micros = micros;
    return true;
}

const char *
money_format(int64_t micros, char *to)
{
    uint64_t magnitude = micros < 0 ? (uint64_t)0 - (uint64_t)micros : (uint64_t)micros;
    int size = g_snprintf(to, MONEY_TEXT_SIZE, "%s%" G_GUINT64_FORMAT ".%06u", micros < 0 ? "-" : "",
                          magnitude / MICROS_PER_UNIT, (unsigned)(magnitude % MICROS_PER_UNIT));
    int shortest = size - (DECIMALS - 2);

    while (size > shortest && to[size - 1] == '0')
        to[--size] = '\0';
    return to;
}

bool
money_add(int64_t a, int64_t b, int64_t *ret_sum)
{
    int64_t sum;

    if (__builtin_add_overflow(a, b, &sum))
        return false;
    *ret_sum = sum;
    return true;
}

bool
currency_parse(Str text, Currency *ret_currency)
{
    Currency currency = {0};

    if (text.size != 3)
        return false;
    for (int i = 0; i < 3; i++) {
        if (!g_ascii_isalpha(text.at[i]))
            return false;
        currency.code[i] = g_ascii_toupper(text.at[i]);
    }
    *ret_currency = currency;
    return true;
}

typedef struct {
    size_t index;
    uint64_t tie;
    __int128 remainder;
} Claim;

static int
claim_compare(const void *a, const void *b)
{
    const Claim *x = a, *y = b;

    if (x->remainder != y->remainder)
        return x->remainder > y->remainder ? -1 : 1;
    if (x->tie != y->tie)
        return x->tie < y->tie ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* splitmix64's finish: every bit of seed and index moves every bit of the result, which FNV does not promise. */
static uint64_t
tie_hash(uint64_t seed, size_t index)
{
    uint64_t z = seed * 0x9e3779b97f4a7c15u + index + 1;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

bool
money_allocate(int64_t total_micros, const int64_t *weights, size_t count, uint64_t seed, int64_t *ret_shares)
{
    __int128 total = total_micros < 0 ? -(__int128)total_micros : total_micros;
    __int128 weight_sum = 0, given = 0;
    g_autofree Claim *claims = NULL;

    for (size_t i = 0; i < count; i++) {
        g_assert(weights[i] >= 0);
        weight_sum += weights[i];
    }
    if (weight_sum == 0)
        return false;
    claims = g_new(Claim, count);
    for (size_t i = 0; i < count; i++) {
        __int128 exact = total * weights[i];

        ret_shares[i] = (int64_t)(exact / weight_sum);
        given += ret_shares[i];
        claims[i] = (Claim){i, tie_hash(seed, i), exact % weight_sum};
    }
    qsort(claims, count, sizeof *claims, claim_compare);
    for (size_t i = 0; given < total; i++, given++)
        ret_shares[claims[i].index]++;
    if (total_micros < 0)
        for (size_t i = 0; i < count; i++)
            ret_shares[i] = -ret_shares[i];
    return true;
}
