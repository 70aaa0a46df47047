#include "base/money.h"
#include "base/random.h"

static int64_t
parse_ok(const char *text, NumberStyle style)
{
    g_autoptr(GError) error = NULL;
    int64_t micros = 0;

    if (!money_parse(str_of(text), style, &micros, &error))
        g_error("\"%s\": %s", text, error->message);
    return micros;
}

static void
assert_refused(const char *text, NumberStyle style)
{
    g_autoptr(GError) error = NULL;
    int64_t micros = 42;

    if (money_parse(str_of(text), style, &micros, &error))
        g_error("\"%s\" was taken for %" G_GINT64_FORMAT, text, micros);
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_cmpint(micros, ==, 42);
}

static void
decimals_are_read_exactly(void)
{
    g_assert_cmpint(parse_ok("0", NUMBER_STYLE_PLAIN), ==, 0);
    g_assert_cmpint(parse_ok("12.345", NUMBER_STYLE_PLAIN), ==, 12345000);
    g_assert_cmpint(parse_ok("-51.826", NUMBER_STYLE_PLAIN), ==, -51826000);
    g_assert_cmpint(parse_ok("+0.000001", NUMBER_STYLE_PLAIN), ==, 1);
    g_assert_cmpint(parse_ok(".5", NUMBER_STYLE_PLAIN), ==, 500000);
    g_assert_cmpint(parse_ok("7.", NUMBER_STYLE_PLAIN), ==, 7000000);
    g_assert_cmpint(parse_ok("0.12750000000", NUMBER_STYLE_PLAIN), ==, 127500);
    g_assert_cmpint(parse_ok("9223372036854.775807", NUMBER_STYLE_PLAIN), ==, INT64_MAX);
    g_assert_cmpint(parse_ok("-9223372036854.775808", NUMBER_STYLE_PLAIN), ==, INT64_MIN);
}

static void
exponents_of_json_are_read(void)
{
    g_assert_cmpint(parse_ok("1e3", NUMBER_STYLE_PLAIN), ==, 1000 * MICROS_PER_UNIT);
    g_assert_cmpint(parse_ok("12.5E-2", NUMBER_STYLE_PLAIN), ==, 125000);
    g_assert_cmpint(parse_ok("0e99", NUMBER_STYLE_PLAIN), ==, 0);
    assert_refused("1e99", NUMBER_STYLE_PLAIN);
    assert_refused("1e-7", NUMBER_STYLE_PLAIN);
    assert_refused("1e999999999999", NUMBER_STYLE_PLAIN);
}

static void
a_partners_marks_are_those_it_declared(void)
{
    NumberStyle german = {',', '.'}, french = {',', ' '}, swiss = {'.', '\''};

    g_assert_cmpint(parse_ok("1.234,56", german), ==, 1234560000);
    g_assert_cmpint(parse_ok("1 823,00", french), ==, 1823 * MICROS_PER_UNIT);
    g_assert_cmpint(parse_ok("1\xc2\xa0"
                             "823,00",
                             french),
                    ==, 1823 * MICROS_PER_UNIT);
    g_assert_cmpint(parse_ok("1\xe2\x80\xaf"
                             "823,5",
                             french),
                    ==, 1823500000);
    g_assert_cmpint(parse_ok("12'000.5", swiss), ==, 12000500000);
    assert_refused("0,28", NUMBER_STYLE_PLAIN);
    assert_refused("1,234.50", NUMBER_STYLE_PLAIN);
    assert_refused("1.2.3", NUMBER_STYLE_PLAIN);
}

static void
what_does_not_fit_is_refused_never_rounded(void)
{
    assert_refused("", NUMBER_STYLE_PLAIN);
    assert_refused("-", NUMBER_STYLE_PLAIN);
    assert_refused("abc", NUMBER_STYLE_PLAIN);
    assert_refused("12 ", NUMBER_STYLE_PLAIN);
    assert_refused("$5", NUMBER_STYLE_PLAIN);
    assert_refused("NaN", NUMBER_STYLE_PLAIN);
    assert_refused("0.0000001", NUMBER_STYLE_PLAIN);
    assert_refused("9223372036854.775808", NUMBER_STYLE_PLAIN);
    assert_refused("-9223372036854.775809", NUMBER_STYLE_PLAIN);
    assert_refused("99999999999999999999", NUMBER_STYLE_PLAIN);
    assert_refused("11111111111111111111111111111111111111111111111111111111111111111", NUMBER_STYLE_PLAIN);
}

static void
formatting_and_parsing_are_each_others_inverse(void)
{
    SeededRandom random;
    char text[MONEY_TEXT_SIZE];

    seeded_random_init(&random, 1);
    for (int i = 0; i < 100000; i++) {
        int64_t micros = (int64_t)random_u64(&random.random) >> random_below(&random.random, 63);

        g_assert_cmpint(parse_ok(money_format(micros, text), NUMBER_STYLE_PLAIN), ==, micros);
    }
    g_assert_cmpstr(money_format(0, text), ==, "0.00");
    g_assert_cmpstr(money_format(-1, text), ==, "-0.000001");
    g_assert_cmpstr(money_format(12345000, text), ==, "12.345");
    g_assert_cmpstr(money_format(INT64_MIN, text), ==, "-9223372036854.775808");
}

static void
an_allocation_gives_exactly_the_total_and_each_its_part(void)
{
    SeededRandom random;

    seeded_random_init(&random, 2);
    for (int round = 0; round < 20000; round++) {
        size_t count = 1 + random_below(&random.random, 12);
        int64_t total = (int64_t)random_below(&random.random, 2000000) - 1000000;
        int64_t weights[12], shares[12], sum = 0, weight_sum = 0;

        for (size_t i = 0; i < count; i++)
            weight_sum += weights[i] = (int64_t)random_below(&random.random, 50);
        if (!money_allocate(total, weights, count, (uint64_t)round, shares)) {
            g_assert_cmpint(weight_sum, ==, 0);
            continue;
        }
        for (size_t i = 0; i < count; i++) {
            __int128 off = (__int128)shares[i] * weight_sum - (__int128)total * weights[i];

            sum += shares[i];
            g_assert_true(off < weight_sum && off > -weight_sum);
        }
        g_assert_cmpint(sum, ==, total);
    }
}

static void
ties_favour_no_place_over_time(void)
{
    int64_t weights[3] = {1, 1, 1}, shares[3], got[3] = {0};

    for (uint64_t seed = 0; seed < 9000; seed++) {
        g_assert_true(money_allocate(1, weights, 3, seed, shares));
        for (int i = 0; i < 3; i++)
            got[i] += shares[i];
    }
    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(got[i], >, 2700);
        g_assert_cmpint(got[i], <, 3300);
    }
}

static void
sums_that_overflow_are_refused(void)
{
    int64_t sum = 7;

    g_assert_false(money_add(INT64_MAX, 1, &sum));
    g_assert_false(money_add(INT64_MIN, -1, &sum));
    g_assert_cmpint(sum, ==, 7);
    g_assert_true(money_add(INT64_MAX, INT64_MIN, &sum));
    g_assert_cmpint(sum, ==, -1);
}

static void
a_currency_is_three_letters(void)
{
    Currency currency;

    g_assert_true(currency_parse(STR("usd"), &currency));
    g_assert_cmpstr(currency.code, ==, "USD");
    g_assert_false(currency_parse(STR("$"), &currency));
    g_assert_false(currency_parse(STR("EURO"), &currency));
    g_assert_false(currency_parse(STR("U1D"), &currency));
    g_assert_false(currency_parse(STR_NONE, &currency));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/money/decimals_are_read_exactly", decimals_are_read_exactly);
    g_test_add_func("/money/exponents_of_json_are_read", exponents_of_json_are_read);
    g_test_add_func("/money/a_partners_marks_are_those_it_declared", a_partners_marks_are_those_it_declared);
    g_test_add_func("/money/what_does_not_fit_is_refused_never_rounded", what_does_not_fit_is_refused_never_rounded);
    g_test_add_func("/money/formatting_and_parsing_are_each_others_inverse",
                    formatting_and_parsing_are_each_others_inverse);
    g_test_add_func("/money/an_allocation_gives_exactly_the_total_and_each_its_part",
                    an_allocation_gives_exactly_the_total_and_each_its_part);
    g_test_add_func("/money/ties_favour_no_place_over_time", ties_favour_no_place_over_time);
    g_test_add_func("/money/sums_that_overflow_are_refused", sums_that_overflow_are_refused);
    g_test_add_func("/money/a_currency_is_three_letters", a_currency_is_three_letters);
    return g_test_run();
}
