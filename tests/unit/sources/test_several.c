/* One record that stands for several listings. */
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

static const Listing *
listing_at(const Collected *c, guint i)
{
    g_assert_cmpuint(i, <, c->listings->len);
    return &g_array_index(c->listings, Listing, i);
}

static void
assert_text(Str text, const char *expected)
{
    g_autofree char *actual = str_dup(text);

    g_assert_cmpstr(actual, ==, expected);
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
    g_test_add_func("/sources/what_can_not_be_split_is_a_mistake", what_can_not_be_split_is_a_mistake);
    return g_test_run();
}
