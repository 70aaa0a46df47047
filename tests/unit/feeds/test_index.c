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
        Str cursor;
        g_autofree char *found = shelf_search(&shelf, &expected[i].question, 100, &cursor);

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
        {{.keywords = STR("")}, "9 5 4 3 2 1 6 7"},
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
        {{.keywords = STR("c")}, ""},
        {{.keywords = STR("c#")}, ""},
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
        {{.keywords = STR("!!! ... \"'()")}, "9 5 4 3 2 1 6 7"},
        {{.location = STR("%")}, "9 5 4 3 2 1 6 7"},
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
    static const char *const PAGES[] = {"9 5 4", "3 2 1", "6 7", ""};
    g_auto(Shelf) shelf;

    shelf_init(&shelf, test);
    shelf_pull(&shelf, SHELF);
    for (int64_t page = 0; page <= 4; page++) {
        Str cursor;
        g_autofree char *found = shelf_search(&shelf, &(Question){.page = page}, 3, &cursor);

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
        Str cursor;

        if (with == 1)
            sources[99] = "shelf";
        g_assert_true(index_search(shelf.db, &(Question){0}, sources, 100, shelf.clock.now, shelf.arena, &listings,
                                   &count, &cursor, &error));
        g_assert_cmpuint(count, ==, (size_t)with * 8);
    }
}

static void
a_cursor_goes_on_where_the_page_before_ended(DbTest *test)
{
    static const char *const PAGES[] = {"9 5 4", "3 2 1", "6 7"};
    g_auto(Shelf) shelf;
    Str cursor = STR_NONE;

    shelf_init(&shelf, test);
    shelf_pull(&shelf, SHELF);
    for (int page = 0; page < 3; page++) {
        g_autofree char *found = shelf_search(&shelf, &(Question){.page = 1, .cursor = cursor}, 3, &cursor);

        g_assert_cmpstr(found, ==, PAGES[page]);
        g_assert_cmpint(cursor.at != NULL, ==, page < 2);
    }
}

static void
a_company_is_found_by_the_words_of_its_name(DbTest *test)
{
    static const Expected EXPECTED[] = {
        {{.company = STR("Acme")}, "5 4"},       {{.company = STR("acme"), .keywords = STR("engineer")}, "5"},
        {{.company = STR("generale")}, "3"},     {{.company = STR("Hospital St. Mary's")}, "1"},
        {{.company = STR("Acme Hospital")}, ""}, {{.company = STR("nursing")}, ""}, /* that is what they do */
    };

    assert_answers(test, EXPECTED, G_N_ELEMENTS(EXPECTED));
}

#define AT(name, north, east)                                                                                          \
    {                                                                                                                  \
        .id = name, .title = "Welder", .location = name, .latitude = north, .longitude = east                          \
    }

static const Posting MAP[] = {
    {.id = "austin", .title = "Welder", .location = "Austin, TX", .latitude = "30.267", .longitude = "-97.743"},
    {.id = "downtown", .title = "Welder", .location = "Austin", .latitude = "30.265", .longitude = "-97.740"},
    AT("round-rock", "30.508", "-97.679"),                      /* 27 km from Austin */
    AT("san-antonio", "29.424", "-98.494"),                     /* 118 km */
    AT("dallas", "32.777", "-96.797"),                          /* 293 km */
    {.id = "by-name", .title = "Welder", .location = "Austin"}, /* where that is, the table of places tells */
    AT("suva", "-18.141", "178.442"),
    AT("taveuni", "-16.85", "-179.97"), /* 222 km from Suva, across the date line */
    AT("alert", "82.501", "-62.348"),
    AT("nord", "81.600", "-16.670"), /* 704 km from Alert, round the pole */
    {0}};

static int
compare_ids(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The ids in order of the alphabet, since all are of one age. */
static char *
sorted_ids(const char *ids)
{
    g_auto(GStrv) words = g_strsplit(ids, " ", -1);

    qsort(words, g_strv_length(words), sizeof *words, compare_ids);
    return g_strjoinv(" ", words);
}

#define AUSTIN .has_position = true, .latitude = 30.267, .longitude = -97.743
#define SUVA   .has_position = true, .latitude = -18.141, .longitude = 178.442
#define ALERT  .has_position = true, .latitude = 82.501, .longitude = -62.348

static void
a_radius_reaches_as_far_as_it_says(DbTest *test)
{
    static const Expected EXPECTED[] = {
        {{AUSTIN, .location = STR("Austin"), .radius_km = 10}, "austin by-name downtown"},
        {{AUSTIN, .location = STR("Austin"), .radius_km = 26}, "austin by-name downtown"},
        {{AUSTIN, .location = STR("Austin"), .radius_km = 28}, "austin by-name downtown round-rock"},
        {{AUSTIN, .location = STR("Austin, TX"), .radius_km = 117}, "austin by-name downtown round-rock"},
        {{AUSTIN, .location = STR("Austin"), .radius_km = 120}, "austin by-name downtown round-rock san-antonio"},
        {{AUSTIN, .radius_km = 300}, "austin by-name dallas downtown round-rock san-antonio"},
        {{AUSTIN}, "austin by-name downtown round-rock"},
        {{AUSTIN, .radius_km = 5}, "austin by-name downtown"},
        {{SUVA, .radius_km = 230}, "suva taveuni"},
        {{SUVA, .radius_km = 200}, "suva"},
        {{ALERT, .radius_km = 710}, "alert nord"},
        {{ALERT, .radius_km = 690}, "alert"},
        {{.location = STR("Austin"), .radius_km = 10}, "austin by-name downtown"},
        {{.location = STR("atlantis"), .radius_km = 1000}, ""},
        {{AUSTIN, .radius_km = 300, .keywords = STR("baker")}, ""},
    };
    g_auto(Shelf) shelf;

    shelf_init(&shelf, test);
    shelf_pull(&shelf, MAP);
    for (size_t i = 0; i < G_N_ELEMENTS(EXPECTED); i++) {
        Str cursor;
        g_autofree char *found = shelf_search(&shelf, &EXPECTED[i].question, 100, &cursor);
        g_autofree char *sorted = sorted_ids(found);

        g_test_message("%.*s, %" G_GINT64_FORMAT " km", STR_FORMAT(EXPECTED[i].question.location),
                       EXPECTED[i].question.radius_km);
        g_assert_cmpstr(sorted, ==, EXPECTED[i].ids);
    }
}

/* Many listings with one frequent word, two rare ones and one that only old ones have. */
static GString *
many(int count)
{
    GString *feed = g_string_new("{\"items\": [");

    for (int i = 0; i < count; i++) {
        char posted[TIMESTAMP_TEXT_SIZE];

        timestamp_format(SHELF_BEGINS_US - (int64_t)i * 10 * US_PER_MINUTE, posted);
        g_string_append_printf(feed,
                               "%s{\"id\": \"%d\", \"title\": \"Manager%s%s\", \"url\": \"https://x.example/%d\", "
                               "\"posted\": \"%s\"%s}",
                               i > 0 ? "," : "", i, i % 1000 == 999 ? " rare" : "", i >= count / 2 ? " bygone" : "", i,
                               posted, i % 2 == 0 ? ", \"pay\": 30000" : ", \"pay\": 50000");
    }
    g_string_append(feed, "]}");
    return feed;
}

static void
frequent_and_rare_words_alike_give_the_newest_first(DbTest *test)
{
    static const Expected EXPECTED[] = {
        {{.keywords = STR("manager")}, "0 1 2"},
        {{.keywords = STR("manager rare")}, "999 1999 2999"},
        {{.keywords = STR("bygone")}, "2000 2001 2002"},
        {{.keywords = STR("rare bygone")}, "2999 3999"},
        {{.keywords = STR("manager"), .salary_min_micros = INT64_C(40000000000)}, "1 3 5"},
        {{.keywords = STR("rare"), .posted_within_days = 10}, "999"},
    };
    g_autoptr(GString) feed = many(4000);
    FeedSummary summary;
    g_auto(Shelf) shelf;

    shelf_init(&shelf, test);
    g_assert_true(shelf_pull_text(&shelf, str_of_gstring(feed), true, &summary));
    for (size_t i = 0; i < G_N_ELEMENTS(EXPECTED); i++) {
        Str cursor;
        g_autofree char *found = shelf_search(&shelf, &EXPECTED[i].question, 3, &cursor);

        g_assert_cmpstr(found, ==, EXPECTED[i].ids);
    }
}

static void
pages_of_a_frequent_word_hold_each_listing_once(DbTest *test)
{
    g_autoptr(GString) feed = many(3000);
    FeedSummary summary;
    g_auto(Shelf) shelf;
    Str cursor = STR_NONE;
    int expected = 0;

    shelf_init(&shelf, test);
    g_assert_true(shelf_pull_text(&shelf, str_of_gstring(feed), true, &summary));
    do {
        const Question question = {.keywords = STR("manager"), .page = 1 + expected / 100, .cursor = cursor};
        g_autofree char *found = shelf_search(&shelf, &question, 100, &cursor);
        g_auto(GStrv) ids = g_strsplit(found, " ", -1);

        for (char **id = ids; *id != NULL && **id != '\0'; id++)
            g_assert_cmpint(g_ascii_strtoll(*id, NULL, 10), ==, expected++);
    } while (cursor.at != NULL);
    g_assert_cmpint(expected, ==, 3000);
}

static void
what_changed_or_expired_is_found_as_it_is_now(DbTest *test)
{
    Posting postings[G_N_ELEMENTS(SHELF)];
    g_auto(Shelf) shelf;

    shelf_init(&shelf, test);
    memcpy(postings, SHELF, sizeof SHELF);
    shelf_pull(&shelf, postings);
    postings[0].location = "Boston, MA";
    postings[0].title = "Registered Midwife";
    postings[3].expires = "2026-09-22T00:00:00Z";
    shelf_pull(&shelf, postings);
    shelf_assert_found(&shelf, &(Question){.location = STR("Austin")}, "7");
    shelf_assert_found(&shelf, &(Question){.location = STR("Boston")}, "1");
    shelf_assert_found(&shelf, &(Question){.keywords = STR("registered nurse")}, "1"); /* it is "nursing the sick" */
    shelf_assert_found(&shelf, &(Question){.keywords = STR("midwives")}, "");
    shelf_assert_found(&shelf, &(Question){.keywords = STR("midwife")}, "1");
    shelf_assert_found(&shelf, &(Question){.company = STR("acme")}, "5 4");
    fake_clock_advance_us(&shelf.clock, 2 * US_PER_DAY);
    shelf_assert_found(&shelf, &(Question){.company = STR("acme")}, "5");
    shelf_pull(&shelf, postings);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM listing_index"), ==, 7);
    postings[3].expires = "2026-12-01";
    shelf_pull(&shelf, postings);
    shelf_assert_found(&shelf, &(Question){.company = STR("acme")}, "5 4");
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
    g_assert_true(str_is(listing.city, "Austin") && str_is(listing.region, "Texas") && listing.has_position);
    g_assert_false(listing.has_bid || listing.salary.has_max);
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
    DB_TEST("feeds", a_cursor_goes_on_where_the_page_before_ended);
    DB_TEST("feeds", a_company_is_found_by_the_words_of_its_name);
    DB_TEST("feeds", a_radius_reaches_as_far_as_it_says);
    DB_TEST("feeds", frequent_and_rare_words_alike_give_the_newest_first);
    DB_TEST("feeds", pages_of_a_frequent_word_hold_each_listing_once);
    DB_TEST("feeds", what_changed_or_expired_is_found_as_it_is_now);
    DB_TEST("feeds", a_listing_comes_back_as_it_was_pulled);
    return db_test_run();
}
