/* One record that stands for several listings, and several rows that are one. */
#include "support.h"

static Collected
read_feed(const char *answer, const char *fields, const char *body)
{
    g_autofree char *yaml = g_strdup_printf("source: x\npartner: X\nfeed:\n  get: https://x.example/\n  answer: %s\n"
                                            "  listing: {title: t, url: u, %s}\n",
                                            answer, fields);
    g_autoptr(SourceSet) set = load_text("x", yaml);
    Question question = QUESTION_NONE;

    return collect(source_feed(source_set_at(set, 0)), &question, 0, str_of(body), true, NULL);
}

#define FOR_EACH_PLACE "{json: '[*]', for_each: 'places[*]'}"

static void
a_record_with_places_is_a_listing_for_each(void)
{
    g_auto(Collected) c = read_feed(FOR_EACH_PLACE, "id: '[id, places.city] | join(''-'')', location: places.city",
                                    "[{\"id\": 1, \"t\": \"A\", \"u\": \"https://x.example/1\", \"places\": "
                                    "[{\"city\": \"Ulm\"}, {\"city\": \"Bonn\"}]}]");

    g_assert_cmpuint(c.listings->len, ==, 2);
    assert_text(listing_at(&c, 0)->id, "1-Ulm");
    assert_text(listing_at(&c, 0)->location, "Ulm");
    assert_text(listing_at(&c, 1)->id, "1-Bonn");
    assert_text(listing_at(&c, 1)->title, "A");
}

static char *
record_of(const char *places)
{
    return g_strdup_printf("[{\"id\": 1, \"t\": \"A\", \"u\": \"https://x.example/1\", \"places\": [%s]}]", places);
}

static void
ids_are_made_distinct_and_stay_when_places_come_and_move(void)
{
    g_autofree char *two = record_of("{\"city\": \"Ulm\"}, {\"city\": \"Bonn\"}");
    g_autofree char *three = record_of("{\"city\": \"Kiel\"}, {\"city\": \"Bonn\"}, {\"city\": \"Ulm\"}");
    g_autofree char *none = record_of("");
    g_auto(Collected) a = read_feed(FOR_EACH_PLACE, "id: id, location: places.city", two);
    g_auto(Collected) b = read_feed(FOR_EACH_PLACE, "id: id, location: places.city", three);
    g_auto(Collected) c = read_feed(FOR_EACH_PLACE, "id: id, location: places.city", none);
    g_auto(Collected) by_url = read_feed(FOR_EACH_PLACE, "location: places.city", two);

    g_assert_true(str_starts_with(listing_at(&a, 0)->id, STR("1~")));
    g_assert_cmpuint(listing_at(&a, 0)->id.size, ==, 15);
    g_assert_false(str_equal(listing_at(&a, 0)->id, listing_at(&a, 1)->id));
    g_assert_true(str_equal(listing_at(&a, 0)->id, listing_at(&b, 2)->id));
    g_assert_true(str_equal(listing_at(&a, 1)->id, listing_at(&b, 1)->id));
    assert_text(listing_at(&c, 0)->id, "1");
    g_assert_false(str_equal(listing_at(&by_url, 0)->id, listing_at(&by_url, 1)->id));
}

static void
an_item_may_be_passed_over(void)
{
    g_auto(Collected) c = read_feed(FOR_EACH_PLACE, "location: places.city, skip_if: places.closed | is('true')",
                                    "[{\"t\": \"A\", \"u\": \"https://x.example/1\", \"places\": "
                                    "[{\"city\": \"Ulm\", \"closed\": true}, {\"city\": \"Bonn\"}]}]");

    g_assert_cmpuint(c.listings->len, ==, 1);
    assert_text(listing_at(&c, 0)->location, "Bonn");
}

static void
lines_of_a_report_may_be_items_too(void)
{
    const char *yaml = "source: x\npartner: X\nreports:\n  default:\n    get: https://x.example/\n    mode: mutable\n"
                       "    answer: {json: '[*]', for_each: 'parts[*]'}\n"
                       "    line: {key: \"[id, parts.group] | join('/')\", amount: parts.amount, currency: = EUR}\n";
    g_autoptr(SourceSet) set = load_text("x", yaml);
    Question question = QUESTION_NONE;
    g_auto(Collected) c = collect(source_report(source_set_at(set, 0), 0), &question, 0,
                                  STR("[{\"id\": 7, \"parts\": [{\"group\": \"a\", \"amount\": 1.5}, "
                                      "{\"group\": \"b\", \"amount\": 2}]}]"),
                                  true, NULL);

    g_assert_cmpuint(c.lines->len, ==, 2);
    assert_text(g_array_index(c.lines, ReportLine, 0).key, "7/a");
    g_assert_cmpint(g_array_index(c.lines, ReportLine, 1).amount_micros, ==, 2 * MICROS_PER_UNIT);
}

/* ---- merging ---- */

#define ROWS_HEAD "t,u,id,city,more\n"

static Collected
read_rows(const char *answer, const char *rows)
{
    g_autofree char *body = g_strconcat(ROWS_HEAD, rows, NULL);

    return read_feed(answer, "id: id, location: city, company: more", body);
}

static void
rows_of_one_id_are_one_listing_with_all_its_places(void)
{
    g_auto(Collected) c =
        read_rows("{csv: {}, merge_within: 1}", "A,https://x.example/1,1,Ulm,\nA,https://x.example/1,1,Bonn,Acme\n"
                                                "A2,https://x.example/1,1,Ulm,Other\nB,https://x.example/2,2,,\n"
                                                "C,https://x.example/3,3,Kiel,");

    g_assert_cmpint(c.status, ==, ANSWER_OK);
    g_assert_cmpuint(c.listings->len, ==, 3);
    assert_text(listing_at(&c, 0)->location, "Ulm; Bonn");
    assert_text(listing_at(&c, 0)->title, "A");
    assert_text(listing_at(&c, 0)->company, "Acme");
    g_assert_null(listing_at(&c, 1)->location.at);
    assert_text(listing_at(&c, 2)->id, "3");
}

static void
what_one_row_leaves_out_is_of_the_next_that_has_it(void)
{
    g_auto(Collected) c =
        read_feed("{json: '[*]', merge_within: 1}", "id: id, location: city, language: l, category: c",
                  "[{\"t\": \"A\", \"u\": \"https://x.example/1\", \"id\": 1, \"city\": \"Ulm\"}, "
                  "{\"t\": \"A\", \"u\": \"https://x.example/1\", \"id\": 1, \"l\": \"de\", \"c\": \"IT\"}, "
                  "{\"t\": \"A\", \"u\": \"https://x.example/1\", \"id\": 1, \"l\": \"fr\", \"c\": \"HR\"}]");

    g_assert_cmpuint(c.listings->len, ==, 1);
    assert_text(listing_at(&c, 0)->category, "IT");
    assert_text(listing_at(&c, 0)->language, "de");
}

static void
rows_further_apart_than_the_window_are_two_listings(void)
{
    const char *rows = "A,https://x.example/1,1,Ulm,\nB,https://x.example/2,2,Kiel,\nC,https://x.example/3,3,Bonn,\n"
                       "A,https://x.example/1,1,Linz,\n";
    g_auto(Collected) wide = read_rows("{csv: {}, merge_within: 3}", rows);
    g_auto(Collected) narrow = read_rows("{csv: {}, merge_within: 2}", rows);

    g_assert_cmpuint(wide.listings->len, ==, 3);
    assert_text(listing_at(&wide, 0)->location, "Ulm; Linz");
    g_assert_cmpuint(narrow.listings->len, ==, 4);
    assert_text(listing_at(&narrow, 0)->location, "Ulm");
    assert_text(listing_at(&narrow, 3)->location, "Linz");
}

static void
what_waits_for_more_rows_is_bounded(void)
{
    g_autoptr(GString) rows = g_string_new(NULL);
    g_autofree char *long_text = g_strnfill(400, 'x');

    for (int i = 0; i < 20000; i++)
        g_string_append_printf(rows, "T%d,https://x.example/%d?%s,%d,Ulm,\n", i, i, long_text, i);
    g_string_append(rows, "T0,https://x.example/0,0,Bonn,\nT19999,https://x.example/19999,19999,Bonn,\n");
    {
        g_auto(Collected) c = read_rows("{csv: {}, merge_within: 10000}", rows->str);

        /* What was given early is no longer known. */
        g_assert_cmpuint(c.listings->len, ==, 20001);
        assert_text(listing_at(&c, 19999)->location, "Ulm; Bonn");
        assert_text(listing_at(&c, 20000)->location, "Bonn");
    }
}

static void
places_beyond_what_a_text_may_hold_are_left_out(void)
{
    g_autoptr(GString) rows = g_string_new(NULL);

    for (int i = 0; i < 1000; i++)
        g_string_append_printf(rows, "A,https://x.example/1,1,City %d,\n", i);
    {
        g_auto(Collected) c = read_rows("{csv: {}, merge_within: 1}", rows->str);

        g_assert_cmpuint(c.listings->len, ==, 1);
        g_assert_cmpuint(listing_at(&c, 0)->location.size, <=, 500);
        g_assert_true(str_starts_with(listing_at(&c, 0)->location, STR("City 0; City 1; City 2")));
    }
}

static bool
stop_at_first(void *data, const Listing *listing G_GNUC_UNUSED)
{
    ++*(int *)data;
    return false;
}

static void
listings_at_hand_end_when_nobody_wants_more_and_come_when_the_rest_does_not(void)
{
    static const AnswerEvents EVENTS = {.listing = stop_at_first};
    g_autoptr(SourceSet) set = load_text("x", "source: x\npartner: X\nfeed:\n  get: https://x.example/\n"
                                              "  answer: {json: '[*]', merge_within: 9}\n"
                                              "  listing: {title: t, url: u, id: id}\n");
    const Operation *feed = source_feed(source_set_at(set, 0));
    Str rows = STR("[{\"t\": \"A\", \"u\": \"https://x.example/1\", \"id\": 1}, "
                   "{\"t\": \"B\", \"u\": \"https://x.example/2\", \"id\": 2}, ");
    Question question = QUESTION_NONE;
    g_auto(Collected) cut = collect(feed, &question, 0, rows, false, NULL);
    FakeClock clock;
    Answer *answer;
    int given = 0;

    g_assert_cmpint(cut.status, ==, ANSWER_MALFORMED);
    g_assert_cmpuint(cut.listings->len, ==, 2);
    fake_clock_init(&clock, COLLECTED_AT_US);
    answer = answer_new(feed, &question, &clock.clock, &EVENTS, &given);
    g_assert_true(answer_push(answer, rows));
    g_assert_cmpint(given, ==, 0);
    (void)answer_finish(answer, false, NULL);
    g_assert_cmpint(given, ==, 1);
    answer_free(answer);
}

static void
what_can_not_be_split_is_a_mistake(void)
{
    static const struct {
        const char *answer, *words;
    } CASES[] = {
        {"{csv: {}, for_each: a}", "x.yaml:5: for_each: a row of CSV has nothing within"},
        {"{json: '[*]', for_each: $.a}", "x.yaml:5: for_each: must be a path within the record"},
        {"{json: '[*]', for_each: .}", "x.yaml:5: for_each: must be a path within the record"},
        {"{json: '[*]', for_each: 'a['}", "x.yaml:5: for_each: path"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml =
            g_strdup_printf("source: x\npartner: X\nfeed:\n  get: https://x.example/\n  answer: %s\n"
                            "  listing: {title: t, url: u}\n",
                            CASES[i].answer);

        assert_mistake(yaml, CASES[i].words);
    }
    assert_mistake("source: x\npartner: X\nfeed:\n  get: https://x.example/\n  answer: {json: '[*]'}\n"
                   "  listing: {title: t, url: u}\n  detail:\n    get: https://x.example/{item_id}\n"
                   "    answer: {json: ., for_each: a}\n    listing: {company: c}\n",
                   "x.yaml:9: for_each: has no meaning here");
    assert_mistake("source: x\npartner: X\nfeed:\n  get: https://x.example/\n  answer: {csv: {}, merge_within: 1}\n"
                   "  listing: {title: t, url: u}\n",
                   "merge_within: needs the id of a listing");
    assert_mistake("source: x\npartner: X\nreports:\n  default:\n    get: https://x.example/\n    mode: mutable\n"
                   "    answer: {json: '[*]', for_each: 'parts[*]'}\n"
                   "    line: {key: id, amount: parts.amount, currency: = EUR}\n",
                   "x.yaml:8: key: is the same for each of parts[*]");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sources/a_record_with_places_is_a_listing_for_each", a_record_with_places_is_a_listing_for_each);
    g_test_add_func("/sources/ids_are_made_distinct_and_stay_when_places_come_and_move",
                    ids_are_made_distinct_and_stay_when_places_come_and_move);
    g_test_add_func("/sources/an_item_may_be_passed_over", an_item_may_be_passed_over);
    g_test_add_func("/sources/lines_of_a_report_may_be_items_too", lines_of_a_report_may_be_items_too);
    g_test_add_func("/sources/rows_of_one_id_are_one_listing_with_all_its_places",
                    rows_of_one_id_are_one_listing_with_all_its_places);
    g_test_add_func("/sources/what_one_row_leaves_out_is_of_the_next_that_has_it",
                    what_one_row_leaves_out_is_of_the_next_that_has_it);
    g_test_add_func("/sources/rows_further_apart_than_the_window_are_two_listings",
                    rows_further_apart_than_the_window_are_two_listings);
    g_test_add_func("/sources/what_waits_for_more_rows_is_bounded", what_waits_for_more_rows_is_bounded);
    g_test_add_func("/sources/places_beyond_what_a_text_may_hold_are_left_out",
                    places_beyond_what_a_text_may_hold_are_left_out);
    g_test_add_func("/sources/listings_at_hand_end_when_nobody_wants_more_and_come_when_the_rest_does_not",
                    listings_at_hand_end_when_nobody_wants_more_and_come_when_the_rest_does_not);
    g_test_add_func("/sources/what_can_not_be_split_is_a_mistake", what_can_not_be_split_is_a_mistake);
    return g_test_run();
}
