/* Finding stored listings again: both engines give the same answers to the same questions. */
#include "feeds/shelf.h"

static const Posting SHELF[] = {
    {.id = "1",
     .title = "Registered Nurse",
     .company = "St. Mary's Hospital",
     .location = "Austin, TX",
     .country = "US",
     .posted = "2026-09-10",
     .pay = 80000,
     .type = "full time",
     .description = "Nursing the sick in our ward"},
    {.id = "2",
     .title = "Nurses wanted",
     .company = "Charité",
     .location = "Berlin",
     .country = "DE",
     .posted = "2026-09-12",
     .pay = 50000,
     .type = "part time"},
    {.id = "3",
     .title = "Développeur logiciel",
     .company = "Société Générale",
     .location = "Île-de-France, Paris",
     .country = "FR",
     .posted = "2026-09-14",
     .remote = "remote"},
    {.id = "4",
     .title = "IT support",
     .company = "Acme",
     .location = "London",
     .country = "GB",
     .posted = "2026-09-16",
     .description = "Who can do it all: be there for the users of C++ and Node.js"},
    {.id = "5",
     .title = "Support engineer",
     .company = "Acme",
     .location = "Remote",
     .remote = "remote",
     .posted = "2026-09-18",
     .description = "2nd level, 24/7, 401k, user@example.com or https://acme.example/apply"},
    {.id = "6",
     .title = "Krankenpfleger (m/w/d)",
     .company = "Charité",
     .location = "München",
     .country = "DE",
     .type = "full time, part time"},
    {.id = "7",
     .title = "Relational database engineer",
     .company = "Über-Data",
     .location = "Austin, TX",
     .country = "US",
     .posted = "2026-08-01",
     .pay = 120000,
     .description = "Engineering, generalization, hopefulness, conditional"},
    {.id = "8",
     .title = "Nurse, gone by",
     .location = "Austin, TX",
     .country = "US",
     .posted = "2026-09-19",
     .expires = "2026-09-20"},
    {.id = "9",
     .title = "看護師 Nurse",
     .company = "東京病院",
     .location = "東京",
     .country = "JP",
     .posted = "2026-09-20"},
    {0}};

typedef struct {
    Question question;
    const char *ids;
} Expected;

static void
assert_answers(DbTest *test, const Expected *expected, size_t count)
{
    g_auto(Shelf) shelf;

    shelf_init(&shelf, test);
    shelf_pull(&shelf, SHELF);
    for (size_t i = 0; i < count; i++) {
        int64_t total;
        g_autofree char *found = shelf_search(&shelf, &expected[i].question, 100, &total);

        if (strcmp(found, expected[i].ids) != 0)
            g_error("\"%.*s\" in \"%.*s\" (question %" G_GSIZE_FORMAT "): found \"%s\" instead of \"%s\"",
                    STR_FORMAT(expected[i].question.keywords), STR_FORMAT(expected[i].question.location), i, found,
                    expected[i].ids);
    }
}

static void
words_find_listings_whatever_their_form(DbTest *test)
{
    static const Expected EXPECTED[] = {
        {{.keywords = STR("")}, "9 5 4 3 2 1 7 6"},
        {{.keywords = STR("nurse")}, "9 2 1"},
        {{.keywords = STR("NURSES")}, "9 2 1"},
        {{.keywords = STR("nursing")}, "9 2 1"},
        {{.keywords = STR("registered nurse")}, "1"},
        {{.keywords = STR("nurse registered austin")}, "1"},
        {{.keywords = STR("nurse plumber")}, ""},
        {{.keywords = STR("developpeur")}, "3"},
        {{.keywords = STR("DÉVELOPPEUR société")}, "3"},
        {{.keywords = STR("charite")}, "2 6"},
        {{.keywords = STR("Charité")}, "2 6"},
        {{.keywords = STR("uber data")}, "7"},
        {{.keywords = STR("it support")}, "4"}, /* "it" is no word to be left out */
        {{.keywords = STR("the")}, "4 1"},
        {{.keywords = STR("who can do it all")}, "4"},
        {{.keywords = STR("support engineer")}, "5"},
        {{.keywords = STR("engineering")}, "5 7"},
        {{.keywords = STR("relations")}, "7"},
        {{.keywords = STR("generalizations")}, "7"},
        {{.keywords = STR("hopeful condition")}, "7"},
        {{.keywords = STR("C++")}, "4"},
        {{.keywords = STR("node.js")}, "4"},
        {{.keywords = STR("2nd level")}, "5"},
        {{.keywords = STR("24/7")}, "5"},
        {{.keywords = STR("401k")}, "5"},
        {{.keywords = STR("user@example.com")}, "5"},
        {{.keywords = STR("acme.example/apply")}, "5"},
        {{.keywords = STR("m/w/d")}, "6"},
        {{.keywords = STR("mary's")}, "1"},
        {{.keywords = STR("看護師")}, "9"},
        {{.keywords = STR("東京病院")}, "9"},
    };

    assert_answers(test, EXPECTED, G_N_ELEMENTS(EXPECTED));
}

static void
what_a_full_text_search_takes_for_an_order_is_only_words(DbTest *test)
{
    static const Expected EXPECTED[] = {
        {{.keywords = STR("\"nurse\"")}, "9 2 1"},
        {{.keywords = STR("nurse*")}, "9 2 1"},
        {{.keywords = STR("nurse OR baker")}, ""},
        {{.keywords = STR("nurse -registered")}, "1"},
        {{.keywords = STR("words:nurse")}, ""},
        {{.keywords = STR("nurse & !x | (")}, ""},
        {{.keywords = STR("' OR 1=1 --")}, ""},
        {{.keywords = STR("NEAR(nurse wanted)")}, ""},
        {{.keywords = STR("!!! ... \"'()")}, "9 5 4 3 2 1 7 6"},
        {{.location = STR("%")}, "9 5 4 3 2 1 7 6"},
        {{.location = STR("a_stin")}, ""},
    };

    assert_answers(test, EXPECTED, G_N_ELEMENTS(EXPECTED));
}

static void
place_country_and_remote_narrow_the_search(DbTest *test)
{
    static const Expected EXPECTED[] = {
        {{.location = STR("Austin, Texas")}, "1 7"},
        {{.location = STR("austin")}, "1 7"},
        {{.location = STR("munchen")}, "6"},
        {{.location = STR("MÜNCHEN")}, "6"},
        {{.location = STR("ile de france")}, "3"},
        {{.location = STR("東京")}, "9"},
        {{.location = STR("nowhere")}, ""},
        {{.country = STR("DE")}, "5 2 6"}, /* the one without a country may be anywhere */
        {{.country = STR("DE"), .keywords = STR("nurse")}, "2"},
        {{.remote = true}, "5 3"},
        {{.remote = true, .country = STR("US")}, "5"},
        {{.keywords = STR("nurse"), .location = STR("Austin, TX"), .country = STR("US")}, "1"},
    };

    assert_answers(test, EXPECTED, G_N_ELEMENTS(EXPECTED));
}

static void
terms_narrow_the_search_and_what_expired_is_not_found(DbTest *test)
{
    static const Expected EXPECTED[] = {
        {{.salary_min_micros = INT64_C(60000000000)}, "1 7"},
        {{.salary_min_micros = INT64_C(120000000000)}, "7"},
        {{.employment_types = EMPLOYMENT_PART_TIME}, "2 6"},
        {{.employment_types = EMPLOYMENT_FULL_TIME | EMPLOYMENT_PART_TIME}, "2 1 6"},
        {{.posted_within_days = 4}, "9 5"},
        {{.posted_within_days = 30, .keywords = STR("engineer")}, "5"},
        {{.keywords = STR("gone by")}, ""},
    };

    assert_answers(test, EXPECTED, G_N_ELEMENTS(EXPECTED));
}

static void
pages_follow_each_other_without_gap_or_repetition(DbTest *test)
{
    static const char *const PAGES[] = {"9 5 4", "3 2 1", "7 6", ""};
    g_auto(Shelf) shelf;

    shelf_init(&shelf, test);
    shelf_pull(&shelf, SHELF);
    for (int64_t page = 0; page <= 4; page++) {
        int64_t total;
        g_autofree char *found = shelf_search(&shelf, &(Question){.page = page}, 3, &total);

        g_assert_cmpint(total, ==, 8);
        g_assert_cmpstr(found, ==, PAGES[MAX(page, 1) - 1]);
    }
}

static void
only_the_sources_asked_for_are_searched_however_many(DbTest *test)
{
    const char *sources[101] = {NULL};
    g_auto(Shelf) shelf;

    shelf_init(&shelf, test);
    shelf_pull(&shelf, SHELF);
    for (int i = 0; i < 100; i++)
        sources[i] = "other";
    for (int with = 0; with < 2; with++) {
        g_autoptr(GError) error = NULL;
        Listing *listings;
        size_t count;
        int64_t total;

        if (with == 1)
            sources[99] = "shelf";
        g_assert_true(index_search(shelf.db, &(Question){0}, sources, 100, shelf.clock.now, shelf.arena, &listings,
                                   &count, &total, &error));
        g_assert_cmpint(total, ==, with * 8);
        g_assert_cmpuint(count, ==, (size_t)with * 8);
    }
}

static void
a_listing_comes_back_as_it_was_pulled(DbTest *test)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    g_autoptr(DbRows) rows = NULL;
    g_autofree char *public_id = NULL;
    g_auto(Shelf) shelf;
    Listing listing;
    int64_t posted_us;

    shelf_init(&shelf, test);
    shelf_pull(&shelf, SHELF);
    tx = db_begin(shelf.db, DB_READ, &error);
    rows = db_query(tx, SQL("SELECT public_id FROM listing WHERE partner_id = '1'"), DB_NO_ARGS, &error);
    g_assert_true(db_next(rows, &error));
    public_id = str_dup(db_get_text(rows, 0));
    g_clear_pointer(&rows, db_end);
    g_clear_pointer(&tx, db_rollback);
    if (!index_find(shelf.db, str_of(public_id), shelf.arena, &listing, &error))
        g_assert_no_error(error);
    g_assert_true(timestamp_parse(STR("2026-09-10"), NULL, &posted_us, NULL));
    g_assert_true(str_is(listing.source, "shelf") && str_is(listing.id, "1"));
    g_assert_true(str_is(listing.title, "Registered Nurse") && str_is(listing.company, "St. Mary's Hospital"));
    g_assert_true(str_is(listing.location, "Austin, TX") && str_is(listing.country, "US"));
    g_assert_true(str_is(listing.url, "https://shelf.example/1"));
    g_assert_true(str_is(listing.description, "Nursing the sick in our ward"));
    g_assert_cmpint(listing.posted_at_us, ==, posted_us);
    g_assert_cmpint(listing.expires_at_us, ==, TIMESTAMP_NONE);
    g_assert_cmpuint(listing.employment_types, ==, EMPLOYMENT_FULL_TIME);
    g_assert_true(listing.salary.has_min && listing.salary.min_micros == INT64_C(80000000000));
    g_assert_cmpstr(listing.salary.currency.code, ==, "USD");
    g_assert_cmpint(listing.salary.period, ==, PERIOD_YEAR);
    g_assert_false(listing.has_position || listing.has_bid || listing.salary.has_max);
    g_assert_false(index_find(shelf.db, STR("nothing"), shelf.arena, &listing, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_NOT_FOUND);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("feeds", words_find_listings_whatever_their_form);
    DB_TEST("feeds", what_a_full_text_search_takes_for_an_order_is_only_words);
    DB_TEST("feeds", place_country_and_remote_narrow_the_search);
    DB_TEST("feeds", terms_narrow_the_search_and_what_expired_is_not_found);
    DB_TEST("feeds", pages_follow_each_other_without_gap_or_repetition);
    DB_TEST("feeds", only_the_sources_asked_for_are_searched_however_many);
    DB_TEST("feeds", a_listing_comes_back_as_it_was_pulled);
    return db_test_run();
}
