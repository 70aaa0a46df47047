#include "listings/salary.h"

#include "listings/currency.h"
#include "listings/text.h"

#define TEXT_LIMIT_BYTES   200
#define YEARLY_FROM_MICROS (INT64_C(10000) * MICROS_PER_UNIT)
#define MAX_AMOUNT_MICROS                                                                                              \
    (INT64_C(100000000) * MICROS_PER_UNIT) /* more than anybody is paid: a number of another kind */
#define AMOUNTS 3

/* What names a currency beside the signs that are its own. "$" and "kr" stand for the country's own. */
static const struct {
    const char *sign, *currency;
} MORE_SIGNS[] = {
    {"Fr.", "CHF"},   {"SFr", "CHF"},  {"$", "$"},      {"kr", "kr"},  {"euros", "EUR"},
    {"Euros", "EUR"}, {"euro", "EUR"}, {"Euro", "EUR"}, {"Rs", "INR"},
};

/* Currencies in which nobody earns 10,000 a month or less often: such an amount is a year's. */
static const char YEARLY_CURRENCIES[] = "USD EUR GBP CAD AUD CHF NZD SGD";

typedef struct {
    int64_t micros;
    bool has_k, has_plus;
    size_t from, to; /* where it stands in the text */
} Amount;

typedef struct {
    Str text;
    Amount amounts[AMOUNTS];
    size_t count;
} Pay;

/* False when there is no code. */
static bool
set_currency(Salary *salary, const char *code)
{
    return code != NULL && currency_parse(str_of(code), &salary->currency);
}

/* "$" is the dollar of a country that has one, and else that of the United States; "kr" only a country's own. */
static const char *
currency_of_sign(const char *sign, Str country)
{
    const char *own = currency_of_country(country);

    if (strcmp(sign, "$") == 0)
        return own != NULL && (g_str_has_suffix(own, "D") || strstr("MXN CLP COP ARS", own) != NULL) ? own : "USD";
    if (strcmp(sign, "kr") == 0)
        return own != NULL && strstr("SEK NOK DKK", own) != NULL ? own : NULL;
    return sign;
}

/* Codes in capitals only: "try" and "pen" are words. */
static const char *
currency_in(Str text, Str country)
{
    const char *code = currency_find_code(text, false);

    if (code == NULL)
        code = currency_find_sign(text);
    for (size_t i = 0; code == NULL && i < G_N_ELEMENTS(MORE_SIGNS); i++) {
        if (str_find(text, str_of(MORE_SIGNS[i].sign)) >= 0)
            return currency_of_sign(MORE_SIGNS[i].currency, country);
    }
    return code;
}

/* The size of a blank that may stand between groups of digits: blank, no-break and thin ones. */
static size_t
group_blank(Str text, size_t i)
{
    static const char *const BLANKS[] = {" ", "\u00A0", "\u202F", "\u2009"};

    for (size_t k = 0; k < G_N_ELEMENTS(BLANKS); k++) {
        if (str_starts_with(str_slice(text, i, text.size), str_of(BLANKS[k])))
            return strlen(BLANKS[k]);
    }
    return 0;
}

static size_t
digits_at(Str text, size_t i)
{
    size_t count = 0;

    while (i + count < text.size && g_ascii_isdigit(text.at[i + count]))
        count++;
    return count;
}

/* How many digits the group behind a mark has, and the mark's size: three, for no fraction is written with three, or two
 * that another group follows ("8,00,000", as in India). 0 when no group is there. */
static size_t
group_at(Str text, size_t i, size_t *ret_mark)
{
    size_t mark = i < text.size && strchr(",.'", text.at[i]) != NULL ? 1 : group_blank(text, i);
    size_t digits = mark > 0 ? digits_at(text, i + mark) : 0;

    *ret_mark = mark;
    if (digits == 2 && text.at[i] == ',' && i + 3 < text.size && text.at[i + 3] == ',' && digits_at(text, i + 4) >= 2)
        return 2;
    return digits == 3 ? 3 : 0;
}

/* Reads the digits from i on, groups and a fraction included. Returns where they end; 0 when no number is meant. */
static size_t
read_number(Str text, size_t i, int64_t *ret_micros)
{
    g_autoptr(GString) plain = g_string_sized_new(32);
    size_t size = digits_at(text, i), group, mark;

    g_string_append_len(plain, text.at + i, (gssize)size);
    i += size;
    while (size <= 3 && (group = group_at(text, i, &mark)) > 0) {
        g_string_append_len(plain, text.at + i + mark, (gssize)group);
        i += mark + group;
    }
    size = i < text.size && (text.at[i] == '.' || text.at[i] == ',') ? digits_at(text, i + 1) : 0;
    if (size > 0 && size <= 2) {
        g_string_append_c(plain, '.');
        g_string_append_len(plain, text.at + i + 1, (gssize)size);
        i += size + 1;
    }
    return money_parse(str_of_gstring(plain), NUMBER_STYLE_PLAIN, ret_micros, NULL) && *ret_micros <= MAX_AMOUNT_MICROS
               ? i
               : 0;
}

static bool
ends_word(Str text, size_t i)
{
    return i >= text.size || !g_ascii_isalnum(text.at[i]);
}

static void
read_suffix(Str text, Amount *amount)
{
    size_t i = amount->to;

    i += i < text.size && text.at[i] == ' ' ? 1 : 0;
    if (i < text.size && (text.at[i] == 'k' || text.at[i] == 'K') && ends_word(text, i + 1)) {
        amount->has_k = true;
        amount->to = i + 1;
    }
    amount->has_plus = amount->to < text.size && text.at[amount->to] == '+';
}

/* "401(k)" is a pension, not pay. */
static bool
is_pension(Str text, size_t i)
{
    Str rest = str_slice(text, i, text.size);

    return str_starts_with(rest, STR("401k")) || str_starts_with(rest, STR("401K")) ||
           str_starts_with(rest, STR("401("));
}

static bool
is_percentage(Str text, size_t i)
{
    i += i < text.size && text.at[i] == ' ' ? 1 : 0;
    return i < text.size && text.at[i] == '%';
}

static Pay
find_amounts(Str text)
{
    Pay pay = {.text = text};

    for (size_t i = 0; i < text.size && pay.count < AMOUNTS;) {
        Amount amount = {.from = i};
        bool starts = g_ascii_isdigit(text.at[i]) && (i == 0 || !g_ascii_isalnum(text.at[i - 1]));

        if (!starts || is_pension(text, i)) {
            i += starts ? digits_at(text, i) : 1;
            continue;
        }
        amount.to = read_number(text, i, &amount.micros);
        if (amount.to == 0 || is_percentage(text, amount.to)) {
            i += digits_at(text, i);
            continue;
        }
        read_suffix(text, &amount);
        pay.amounts[pay.count++] = amount;
        i = amount.to;
    }
    return pay;
}

/* Phrases have a blank at either end, as the text has. */
static bool
has_phrase(Str folded, const char *const *phrases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_find(folded, str_of(phrases[i])) >= 0)
            return true;
    }
    return false;
}

/* Whether what stands between two amounts makes them a range. */
static bool
is_range(const Pay *pay)
{
    static const char *const JOINS[] = {" to ", " bis ", " a ", " and ", " et ", " und ", " y ", " tot ", " until "};
    ARENA_ON_STACK(arena, 512);
    Str between = str_slice(pay->text, pay->amounts[0].to, pay->amounts[1].from);
    Str folded = arena_printf(arena, " %.*s ", STR_FORMAT(text_fold(arena, between)));

    return between.size <= 24 &&
           (str_find(between, STR("-")) >= 0 || str_find(between, STR("–")) >= 0 || str_find(between, STR("—")) >= 0 ||
            str_find(between, STR("/")) >= 0 || has_phrase(folded, JOINS, G_N_ELEMENTS(JOINS)));
}

static int64_t
with_thousands(const Amount *amount, bool has_k)
{
    return has_k && amount->micros < INT64_C(10000) * MICROS_PER_UNIT ? amount->micros * 1000 : amount->micros;
}

/* "50-60k" means thousands on both sides, "$900 - $1k" does not. */
static bool
first_has_k(const Pay *pay)
{
    return pay->amounts[0].has_k || (pay->amounts[1].has_k && pay->amounts[0].micros < INT64_C(500) * MICROS_PER_UNIT);
}

static void
set_amounts(const Pay *pay, Str folded, Salary *salary)
{
    static const char *const AT_MOST[] = {" up to ", " bis zu ", " jusqu a ", " jusqua ",
                                          " hasta ", " max ",    " maximum "};
    static const char *const AT_LEAST[] = {" from ", " ab ",      " a partir de ", " desde ",
                                           " min ",  " minimum ", " starting "};
    const Amount *first = &pay->amounts[0];

    salary->has_min = salary->has_max = true;
    if (pay->count > 1 && is_range(pay)) {
        salary->min_micros = with_thousands(first, first_has_k(pay));
        salary->max_micros = with_thousands(&pay->amounts[1], pay->amounts[1].has_k);
        if (salary->min_micros > salary->max_micros) {
            int64_t swap = salary->min_micros;

            salary->min_micros = salary->max_micros;
            salary->max_micros = swap;
        }
        return;
    }
    salary->min_micros = salary->max_micros = with_thousands(first, first->has_k);
    salary->has_min = !has_phrase(folded, AT_MOST, G_N_ELEMENTS(AT_MOST));
    salary->has_max = !salary->has_min || !(first->has_plus || has_phrase(folded, AT_LEAST, G_N_ELEMENTS(AT_LEAST)));
}

/* "/h" and "/hr" lose their stroke when folded, so that "14$/hour" and "per hour" are one. */
static bool
is_clearly_pay(const Pay *pay, const char *currency, Period period)
{
    return currency != NULL || pay->amounts[0].has_k || (pay->count > 1 && pay->amounts[1].has_k) ||
           (period != PERIOD_UNKNOWN && pay->amounts[0].micros >= INT64_C(5) * MICROS_PER_UNIT);
}

bool
salary_parse(Str text, Str country, Salary *salary)
{
    ARENA_ON_STACK(arena, 1024);
    Salary read = {.text = salary->text, .predicted = salary->predicted};
    const char *written;
    Str folded;
    Pay pay;

    text = str_slice(text, 0, TEXT_LIMIT_BYTES);
    pay = find_amounts(text);
    if (pay.count == 0 || pay.amounts[0].micros == 0)
        return false;
    folded = arena_printf(arena, " %.*s ", STR_FORMAT(text_fold(arena, text)));
    written = currency_in(text, country);
    read.period = period_parse(text);
    if (!is_clearly_pay(&pay, written, read.period) ||
        !set_currency(&read, written != NULL ? written : currency_of_country(country)))
        return false;
    set_amounts(&pay, folded, &read);
    salary_complete(&read, country);
    *salary = read;
    return true;
}

static bool
is_yearly(const Salary *salary)
{
    int64_t least = salary->has_min ? salary->min_micros : salary->max_micros;

    return least >= YEARLY_FROM_MICROS && salary->currency.code[0] != '\0' &&
           strstr(YEARLY_CURRENCIES, salary->currency.code) != NULL;
}

void
salary_complete(Salary *salary, Str country)
{
    if (!salary->has_min && !salary->has_max)
        return;
    if (salary->currency.code[0] == '\0')
        set_currency(salary, currency_of_country(country));
    if (salary->period == PERIOD_UNKNOWN && is_yearly(salary))
        salary->period = PERIOD_YEAR;
}

bool
salary_annual(const Salary *salary, int64_t *ret_min_micros, int64_t *ret_max_micros)
{
    static const int64_t TIMES[] = {
        [PERIOD_UNKNOWN] = 0, [PERIOD_HOUR] = 2080, [PERIOD_DAY] = 260,
        [PERIOD_WEEK] = 52,   [PERIOD_MONTH] = 12,  [PERIOD_YEAR] = 1,
    };
    int64_t times = TIMES[salary->period];
    int64_t min = salary->has_min ? salary->min_micros : salary->max_micros;
    int64_t max = salary->has_max ? salary->max_micros : salary->min_micros;

    if (times == 0 || (!salary->has_min && !salary->has_max) || min < 0 || max > G_MAXINT64 / times || min > max)
        return false;
    *ret_min_micros = min * times;
    *ret_max_micros = max * times;
    return true;
}
