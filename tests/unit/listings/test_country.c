#include "listings/country.h"

static void
countries_are_read_from_codes_and_names(void)
{
    static const struct {
        const char *text, *code;
    } CASES[] = {
        {"GB", "GB"},
        {"gb", "GB"},
        {"GBR", "GB"},
        {"UK", "GB"},
        {"United Kingdom", "GB"},
        {"Deutschland", "DE"},
        {"France", "FR"},
        {"España", "ES"},
        {" United States ", "US"},
        {"U.S.A.", "US"},
        {"Côte d'Ivoire", "CI"},
        {"AX", "AX"},
    };
    char code[3];

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_assert_true(country_parse(str_of(CASES[i].text), code));
        g_assert_cmpstr(code, ==, CASES[i].code);
    }
}

static void
what_is_no_country_is_refused(void)
{
    static const char *const TEXTS[] = {"", "XX", "ZZZ", "London", "an", "Europe", "land", "|", "germany|deutschland"};
    char code[3] = "--";

    for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++)
        g_assert_false(country_parse(str_of(TEXTS[i]), code));
    g_assert_cmpstr(code, ==, "--");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/listings/countries_are_read_from_codes_and_names", countries_are_read_from_codes_and_names);
    g_test_add_func("/listings/what_is_no_country_is_refused", what_is_no_country_is_refused);
    return g_test_run();
}
