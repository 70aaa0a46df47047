#include "listings/currency.h"

#include "base/money.h"

#define CODE_SIZE 3

/* Countries with their currencies. Source: ISO 3166 and 4217. */
static const char *const COUNTRIES[] = {
    "AE AED", "AR ARS", "AT EUR", "AU AUD", "BE EUR", "BG BGN", "BR BRL", "CA CAD", "CH CHF", "CL CLP", "CN CNY",
    "CO COP", "CY EUR", "CZ CZK", "DE EUR", "DK DKK", "EE EUR", "EG EGP", "ES EUR", "FI EUR", "FR EUR", "GB GBP",
    "GR EUR", "HK HKD", "HR EUR", "HU HUF", "ID IDR", "IE EUR", "IL ILS", "IN INR", "IT EUR", "JP JPY", "KE KES",
    "KR KRW", "LT EUR", "LU EUR", "LV EUR", "MA MAD", "MT EUR", "MX MXN", "MY MYR", "NG NGN", "NL EUR", "NO NOK",
    "NZ NZD", "PE PEN", "PH PHP", "PK PKR", "PL PLN", "PT EUR", "RO RON", "RU RUB", "SA SAR", "SE SEK", "SG SGD",
    "SI EUR", "SK EUR", "TH THB", "TR TRY", "TW TWD", "UA UAH", "US USD", "VN VND", "ZA ZAR",
};

/* No sign begins as another does; one that ends as another does ("US$", "S$") is the one that begins first. */
static const struct {
    const char *sign, *code;
} SIGNS[] = {
    {"€", "EUR"},  {"£", "GBP"},   {"₹", "INR"},   {"zł", "PLN"},  {"₺", "TRY"},   {"₪", "ILS"},
    {"₩", "KRW"},  {"₱", "PHP"},   {"₦", "NGN"},   {"₫", "VND"},   {"₽", "RUB"}, {"₴", "UAH"},
    {"Kč", "CZK"}, {"US$", "USD"}, {"R$", "BRL"},  {"CA$", "CAD"}, {"C$", "CAD"},  {"AU$", "AUD"},
    {"A$", "AUD"}, {"NZ$", "NZD"}, {"HK$", "HKD"}, {"S$", "SGD"},  {"MX$", "MXN"}, {"NT$", "TWD"},
};

static const char *
code_of(size_t country)
{
    return COUNTRIES[country] + 3;
}

const char *
currency_of_country(Str country)
{
    for (size_t i = 0; i < G_N_ELEMENTS(COUNTRIES); i++) {
        if (country.size == 2 && memcmp(COUNTRIES[i], country.at, 2) == 0)
            return code_of(i);
    }
    return NULL;
}

/* The code that a word of three letters is. */
static const char *
code_in(Str word, bool in_any_case)
{
    Currency currency;

    if (!currency_parse(word, &currency) || (!in_any_case && !str_is(word, currency.code)))
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(COUNTRIES); i++) {
        if (memcmp(code_of(i), currency.code, CODE_SIZE) == 0)
            return code_of(i);
    }
    return NULL;
}

const char *
currency_find_code(Str text, bool in_any_case)
{
    const char *code = NULL;

    for (size_t i = 0; code == NULL && i + CODE_SIZE <= text.size; i++) {
        bool begins = i == 0 || !g_ascii_isalpha(text.at[i - 1]);
        bool ends = i + CODE_SIZE == text.size || !g_ascii_isalpha(text.at[i + CODE_SIZE]);

        if (begins && ends)
            code = code_in(str_slice(text, i, i + CODE_SIZE), in_any_case);
    }
    return code;
}

const char *
currency_find_sign(Str text)
{
    const char *code = NULL;
    ptrdiff_t first = -1;

    for (size_t i = 0; i < G_N_ELEMENTS(SIGNS); i++) {
        ptrdiff_t at = str_find(text, str_of(SIGNS[i].sign));

        if (at >= 0 && (code == NULL || at < first)) {
            code = SIGNS[i].code;
            first = at;
        }
    }
    return code;
}
