/* Pay as partners write it. The texts are our own, in the shapes that real feeds have. */
#include "listings/salary.h"

typedef struct {
    const char *text, *country;
    const char *min, *max; /* NULL when there is none */
    const char *currency;
    Period period;
} Case;

static const Case CASES[] = {
    {"$60k-$130k", NULL, "60000.00", "130000.00", "USD", PERIOD_YEAR},
    {"$20k -$35k", NULL, "20000.00", "35000.00", "USD", PERIOD_YEAR},
    {"$33,6k–$50,4k", NULL, "33600.00", "50400.00", "USD", PERIOD_YEAR},
    {"OTE $25k - $35k", NULL, "25000.00", "35000.00", "USD", PERIOD_YEAR},
    {"$60k-$130k (depending on experience)", NULL, "60000.00", "130000.00", "USD", PERIOD_YEAR},
    {"14$/hour", NULL, "14.00", "14.00", "USD", PERIOD_HOUR},
    {"$90 - $150 /hour", NULL, "90.00", "150.00", "USD", PERIOD_HOUR},
    {"$18.50 - $22.75 an hour", NULL, "18.50", "22.75", "USD", PERIOD_HOUR},
    {"£20k - £25k pa", NULL, "20000.00", "25000.00", "GBP", PERIOD_YEAR},
    {"£12.21 per hour", NULL, "12.21", "12.21", "GBP", PERIOD_HOUR},
    {"£30,000 - £35,000 per annum", NULL, "30000.00", "35000.00", "GBP", PERIOD_YEAR},
    {"Up to £45,000", NULL, NULL, "45000.00", "GBP", PERIOD_YEAR},
    {"From £28,000 p.a.", NULL, "28000.00", NULL, "GBP", PERIOD_YEAR},
    {"£28k+", NULL, "28000.00", NULL, "GBP", PERIOD_YEAR},
    {"€45.000 - €60.000", NULL, "45000.00", "60000.00", "EUR", PERIOD_YEAR},
    {"45.000,00 € bis 60.000,00 €", NULL, "45000.00", "60000.00", "EUR", PERIOD_YEAR},
    {"45 000 – 50 000 € par an", NULL, "45000.00", "50000.00", "EUR", PERIOD_YEAR},
    {"710,00 - 1\u00A0823,00 EUR", NULL, "710.00", "1823.00", "EUR", PERIOD_UNKNOWN},
    {"2 500 € par mois", NULL, "2500.00", "2500.00", "EUR", PERIOD_MONTH},
    {"35-40K€", NULL, "35000.00", "40000.00", "EUR", PERIOD_YEAR},
    {"55k - 65k EUR", NULL, "55000.00", "65000.00", "EUR", PERIOD_YEAR},
    {"CHF 100'000 - 120'000", NULL, "100000.00", "120000.00", "CHF", PERIOD_YEAR},
    {"12 000 - 15 000 zł", NULL, "12000.00", "15000.00", "PLN", PERIOD_UNKNOWN},
    {"₹8,00,000 - ₹12,50,000", NULL, "800000.00", "1250000.00", "INR", PERIOD_UNKNOWN},
    {"35 000 kr per month", "SE", "35000.00", "35000.00", "SEK", PERIOD_MONTH},
    {"35 000 kr", NULL, NULL, NULL, NULL, PERIOD_UNKNOWN},
    {"$80,000 - $95,000", "CA", "80000.00", "95000.00", "CAD", PERIOD_YEAR},
    {"$80,000 - $95,000", "AU", "80000.00", "95000.00", "AUD", PERIOD_YEAR},
    {"$80,000", "DE", "80000.00", "80000.00", "USD", PERIOD_YEAR},
    {"US$ 5,000 monthly", "CA", "5000.00", "5000.00", "USD", PERIOD_MONTH},
    {"CA$95k", NULL, "95000.00", "95000.00", "CAD", PERIOD_YEAR},
    {"£50,000 (about US$63,000)", NULL, "50000.00", "50000.00", "GBP", PERIOD_YEAR},
    {"₱25,000 monthly", NULL, "25000.00", "25000.00", "PHP", PERIOD_MONTH},
    {"R$ 5.000,00", NULL, "5000.00", "5000.00", "BRL", PERIOD_UNKNOWN},
    {"500 EUR/day", NULL, "500.00", "500.00", "EUR", PERIOD_DAY},
    {"30000-40000 a year", "GB", "30000.00", "40000.00", "GBP", PERIOD_YEAR},
    {"50-60k", "DE", "50000.00", "60000.00", "EUR", PERIOD_YEAR},
    {"$120,000 to $150,000 plus 401k", NULL, "120000.00", "150000.00", "USD", PERIOD_YEAR},
    {"401(k), $95,000", NULL, "95000.00", "95000.00", "USD", PERIOD_YEAR},
    {"10% bonus, £50k", NULL, "50000.00", "50000.00", "GBP", PERIOD_YEAR},
    {"$150,000 - $120,000", NULL, "120000.00", "150000.00", "USD", PERIOD_YEAR},
    /* not pay, or not to be understood */
    {"", NULL, NULL, NULL, NULL, PERIOD_UNKNOWN},
    {"Competitive", "US", NULL, NULL, NULL, PERIOD_UNKNOWN},
    {"Not specified", "US", NULL, NULL, NULL, PERIOD_UNKNOWN},
    {"DOE", NULL, NULL, NULL, NULL, PERIOD_UNKNOWN},
    {"4 days a week", "GB", NULL, NULL, NULL, PERIOD_UNKNOWN},
    {"2 openings", "US", NULL, NULL, NULL, PERIOD_UNKNOWN},
    {"50-60k", NULL, NULL, NULL, NULL, PERIOD_UNKNOWN},
    {"$0", "US", NULL, NULL, NULL, PERIOD_UNKNOWN},
    {"99999999999999999999999 EUR", NULL, NULL, NULL, NULL, PERIOD_UNKNOWN},
};

static void
assert_amount(const Case *c, bool has, int64_t micros, const char *wanted)
{
    char text[MONEY_TEXT_SIZE];

    if (has != (wanted != NULL) || (has && strcmp(money_format(micros, text), wanted) != 0)) {
        g_test_message("%s: %s instead of %s", c->text, has ? money_format(micros, text) : "nothing",
                       wanted != NULL ? wanted : "nothing");
        g_test_fail();
    }
}

static void
texts_become_amounts_currency_and_period(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const Case *c = &CASES[i];
        Salary salary = {.text = str_of(c->text)};
        bool read = salary_parse(str_of(c->text), str_of(c->country), &salary);

        if (read != (c->currency != NULL)) {
            g_test_message("%s: %s", c->text, read ? "read" : "not read");
            g_test_fail();
        }
        assert_amount(c, salary.has_min, salary.min_micros, c->min);
        assert_amount(c, salary.has_max, salary.max_micros, c->max);
        if (strcmp(salary.currency.code, c->currency != NULL ? c->currency : "") != 0 || salary.period != c->period) {
            g_test_message("%s: %s, %s", c->text, salary.currency.code, period_name(salary.period));
            g_test_fail();
        }
        g_assert_true(str_is(salary.text, c->text));
    }
}

static void
what_is_not_understood_changes_nothing(void)
{
    Salary salary = {.text = STR("as before"), .has_min = true, .min_micros = 7, .predicted = true};

    g_assert_false(salary_parse(STR("negotiable"), STR("US"), &salary));
    g_assert_true(salary.has_min && salary.min_micros == 7 && salary.predicted && str_is(salary.text, "as before"));
}

static void
the_country_completes_what_the_partner_left_out(void)
{
    Salary yearly = {.has_min = true, .min_micros = INT64_C(30000) * MICROS_PER_UNIT};
    Salary low = {.has_max = true, .max_micros = INT64_C(3000) * MICROS_PER_UNIT};
    Salary unknown = yearly;

    salary_complete(&yearly, STR("GB"));
    g_assert_cmpstr(yearly.currency.code, ==, "GBP");
    g_assert_cmpint(yearly.period, ==, PERIOD_YEAR);
    salary_complete(&low, STR("DE"));
    g_assert_cmpstr(low.currency.code, ==, "EUR");
    g_assert_cmpint(low.period, ==, PERIOD_UNKNOWN);
    salary_complete(&unknown, STR_NONE);
    g_assert_true(unknown.has_min && unknown.currency.code[0] == '\0' && unknown.period == PERIOD_UNKNOWN);
}

static void
pay_of_every_period_becomes_a_years(void)
{
    Salary salary = {.has_min = true, .min_micros = INT64_C(12500000), .period = PERIOD_HOUR};
    int64_t min, max;

    g_assert_true(salary_annual(&salary, &min, &max));
    g_assert_cmpint(min, ==, INT64_C(26000) * MICROS_PER_UNIT);
    g_assert_cmpint(max, ==, min);
    salary.period = PERIOD_MONTH;
    g_assert_true(salary_annual(&salary, &min, &max));
    g_assert_cmpint(min, ==, INT64_C(150) * MICROS_PER_UNIT);
    salary.period = PERIOD_UNKNOWN;
    g_assert_false(salary_annual(&salary, &min, &max));
    salary = (Salary){.has_max = true, .max_micros = G_MAXINT64 / 100, .period = PERIOD_HOUR};
    g_assert_false(salary_annual(&salary, &min, &max));
    salary = (Salary){.period = PERIOD_YEAR};
    g_assert_false(salary_annual(&salary, &min, &max));
}

static void
any_bytes_are_read_without_harm(void)
{
    static const char TEXT[] = "$\xC2 1.\xA0"
                               "000,5k-\xE2\x80\x93 99\0 999'999 EUR/h 401(k)%+";
    Salary salary = {.period = PERIOD_UNKNOWN};

    for (size_t from = 0; from < sizeof TEXT; from++) {
        for (size_t to = from; to < sizeof TEXT; to++) {
            bool read = salary_parse((Str){TEXT + from, to - from}, STR("US"), &salary);

            g_assert_true(!read || salary.has_min || salary.has_max);
        }
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/listings/texts_become_amounts_currency_and_period", texts_become_amounts_currency_and_period);
    g_test_add_func("/listings/what_is_not_understood_changes_nothing", what_is_not_understood_changes_nothing);
    g_test_add_func("/listings/the_country_completes_what_the_partner_left_out",
                    the_country_completes_what_the_partner_left_out);
    g_test_add_func("/listings/pay_of_every_period_becomes_a_years", pay_of_every_period_becomes_a_years);
    g_test_add_func("/listings/any_bytes_are_read_without_harm", any_bytes_are_read_without_harm);
    return g_test_run();
}
