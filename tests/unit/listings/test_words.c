#include "listings/listing.h"

static void
kinds_of_employment_are_read_in_many_words(void)
{
    static const struct {
        const char *text;
        unsigned types;
    } CASES[] = {
        {"full-time", EMPLOYMENT_FULL_TIME},
        {"FULLTIME", EMPLOYMENT_FULL_TIME},
        {"full_time", EMPLOYMENT_FULL_TIME},
        {"FullTime", EMPLOYMENT_FULL_TIME},
        {"fulltime, parttime", EMPLOYMENT_FULL_TIME | EMPLOYMENT_PART_TIME},
        {"Permanent", EMPLOYMENT_FULL_TIME},
        {"permanent, part time", EMPLOYMENT_PART_TIME},
        {"CDI", EMPLOYMENT_FULL_TIME},
        {"CDD - Temps partiel", EMPLOYMENT_TEMPORARY | EMPLOYMENT_PART_TIME},
        {"Vollzeit", EMPLOYMENT_FULL_TIME},
        {"Contract", EMPLOYMENT_CONTRACTOR},
        {"Per Diem", EMPLOYMENT_PER_DIEM},
        {"Apprentissage", EMPLOYMENT_INTERN},
        {"International", 0},
        {"", 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
        g_assert_cmphex(employment_type_parse(str_of(CASES[i].text)), ==, CASES[i].types);
}

static void
periods_are_read_in_many_words(void)
{
    static const struct {
        const char *text;
        Period period;
    } CASES[] = {
        {"per hour", PERIOD_HOUR},  {"annum", PERIOD_YEAR},
        {"1 YEAR", PERIOD_YEAR},    {"Y", PERIOD_YEAR},
        {"M", PERIOD_MONTH},        {"per-year-salary", PERIOD_YEAR},
        {"par mois", PERIOD_MONTH}, {"/ Stunde", PERIOD_HOUR},
        {"weekly", PERIOD_WEEK},    {"fortnight", PERIOD_UNKNOWN},
        {"", PERIOD_UNKNOWN},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
        g_assert_cmpint(period_parse(str_of(CASES[i].text)), ==, CASES[i].period);
}

static void
remote_is_read_from_places(void)
{
    static const struct {
        const char *text;
        Remote remote;
    } CASES[] = {
        {"Remote in USA", REMOTE_YES},       {"US - Remote", REMOTE_YES},       {"Télétravail", REMOTE_YES},
        {"Pas_teletravail", REMOTE_NO},      {"Hybrid - Leeds", REMOTE_HYBRID}, {"Anywhere in the World", REMOTE_YES},
        {"Leeds", REMOTE_UNKNOWN},           {"Remoteville", REMOTE_UNKNOWN},   {"On-site", REMOTE_NO},
        {"remote or hybrid", REMOTE_HYBRID},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
        g_assert_cmpint(remote_parse(str_of(CASES[i].text)), ==, CASES[i].remote);
}

static void
every_kind_has_a_name_that_reads_back(void)
{
    for (unsigned bit = EMPLOYMENT_FULL_TIME; bit <= EMPLOYMENT_OTHER; bit <<= 1)
        g_assert_cmphex(employment_type_parse(str_of(employment_type_name((EmploymentType)bit))), ==, bit);
    for (int period = PERIOD_HOUR; period <= PERIOD_YEAR; period++)
        g_assert_cmpint(period_parse(str_of(period_name((Period)period))), ==, period);
    for (int remote = REMOTE_NO; remote <= REMOTE_YES; remote++)
        g_assert_cmpint(remote_parse(str_of(remote_name((Remote)remote))), ==, remote);
    g_assert_null(period_name(PERIOD_UNKNOWN));
    g_assert_null(remote_name(REMOTE_UNKNOWN));
}

static void
a_copy_shares_no_text(void)
{
    g_autoptr(Arena) arena = arena_new(1024);
    char title[] = "Nurse";
    Listing listing = {.source = STR("s"), .id = STR("1"), .title = {title, 5}, .url = STR("https://x/")}, copy;

    copy = listing_copy(arena, &listing);
    title[0] = 'P';
    g_assert_true(str_is(copy.title, "Nurse"));
    g_assert_null(copy.company.at);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/listings/kinds_of_employment_are_read_in_many_words", kinds_of_employment_are_read_in_many_words);
    g_test_add_func("/listings/periods_are_read_in_many_words", periods_are_read_in_many_words);
    g_test_add_func("/listings/remote_is_read_from_places", remote_is_read_from_places);
    g_test_add_func("/listings/every_kind_has_a_name_that_reads_back", every_kind_has_a_name_that_reads_back);
    g_test_add_func("/listings/a_copy_shares_no_text", a_copy_shares_no_text);
    return g_test_run();
}
