/* Records that stand for several: given once for each of their items. */
#include "stream/read_all.h"

static Plan *
plan_for_each(StreamFormat format, const char *records, const char *for_each, const char *fields)
{
    g_autoptr(GError) error = NULL;
    Plan *plan = plan_new(format, records, fields, NULL);

    plan->for_each = path_parse(str_of(for_each), &error);
    g_assert_no_error(error);
    plan->spec.for_each = plan->for_each;
    return plan;
}

static void
assert_items(StreamFormat format, const char *records, const char *for_each, const char *fields, const char *text,
             const char *expected)
{
    g_autoptr(Plan) plan = plan_for_each(format, records, for_each, fields);

    assert_read(plan, str_of(text), expected);
}

static void
a_record_is_given_once_for_each_item(void)
{
    const char *json = "{\"jobs\":[{\"places\":[{\"city\":\"Ulm\",\"z\":[1,2]},{\"city\":\"Bonn\"}],\"id\":1},"
                       "{\"id\":2,\"places\":{\"city\":\"Kiel\"}}]}";

    assert_items(STREAM_JSON, "jobs[*]", "places[*]", "id places[*].city places.z[*] places[0].city", json,
                 "1|Ulm|1,2|Ulm\n1|Bonn|-|Ulm\n2|Kiel|-|Kiel\n");
    assert_items(STREAM_JSON, "jobs[*]", "places", "places.city", json, "Ulm\nBonn\nKiel\n");
}

static void
a_record_without_items_is_given_as_it_is(void)
{
    assert_items(STREAM_JSON, "[*]", "places[*]", "id places.city",
                 "[{\"id\":1},{\"id\":2,\"places\":[]},{\"id\":3,\"places\":[null]},{\"id\":4,\"places\":[{}]}]",
                 "1|-\n2|-\n3|-\n4|-\n");
}

static void
items_may_be_texts(void)
{
    assert_items(STREAM_JSON, "[*]", "cities[*]", "id cities cities[*] cities[-1]",
                 "[{\"id\":1,\"cities\":[\"Ulm\",null,\"Bonn\"]},{\"id\":2,\"cities\":\"Kiel\"}]",
                 "1|Ulm|Ulm|Bonn\n1|Bonn|Bonn|Bonn\n2|Kiel|Kiel|Kiel\n");
    assert_items(STREAM_JSON, "[*]", "a.b[k='1'].c[*]", "a.b[k='1'].c.d",
                 "[{\"a\":{\"b\":[{\"k\":0,\"c\":{\"d\":9}},{\"k\":1,\"c\":[{\"d\":1},{\"d\":2}]}]}}]", "1\n2\n");
}

static void
elements_of_xml_are_items(void)
{
    assert_items(STREAM_XML, "jobs.job", "locations.location", "@id locations.location@cc locations.location.city ^@c",
                 "<jobs c='x'><job id='1'><locations><location cc='DE'><city>Ulm</city></location>"
                 "<location cc='AT'><city>Linz</city></location></locations></job><job id='2'/></jobs>",
                 "1|DE|Ulm|x\n1|AT|Linz|x\n2|-|-|x\n");
}

static void
a_record_counts_once_whatever_it_stands_for(void)
{
    g_autoptr(Plan) plan = plan_for_each(STREAM_JSON, "[*]", "p[*]", "p");
    g_autoptr(Reading) reading = read_whole(plan, STR("[{\"p\":[1,2,3]},{\"p\":[]}]"));

    g_assert_cmpuint(reading->record_count, ==, 2);
}

static void
items_beyond_the_limit_are_reported(void)
{
    g_autoptr(Plan) plan = plan_for_each(STREAM_JSON, "[*]", "p[*]", "p");
    g_autoptr(Reading) reading = NULL;

    plan->spec.limits.items = 2;
    reading = read_whole(plan, STR("[{\"p\":[1,2]},{\"p\":[3,4,5]},{\"p\":6}]"));
    g_assert_cmpstr(reading->records->str, ==, "1\n2\n3\n4\n6\n");
    g_assert_cmpstr(reading->rejected->str, ==, "2 items: record 2: it stands for 3, and only the first 2 are taken\n");
}

static bool
note_truncated(void *data, const Record *record)
{
    g_string_append_c(data, record->truncated ? 'x' : '-');
    return true;
}

static void
what_was_cut_of_one_item_is_not_told_of_the_next(void)
{
    static const ReaderEvents EVENTS = {.record = note_truncated};
    g_autoptr(Plan) plan = plan_for_each(STREAM_JSON, "[*]", "p[*]", "p.t[*]");
    g_autoptr(GString) truncated = g_string_new(NULL);
    g_autoptr(Reader) reader = NULL;

    plan->spec.limits.field_values = 3;
    reader = reader_new(&plan->spec, &EVENTS, truncated);
    g_assert_true(reader_push(reader, STR("[{\"p\":[{\"t\":[1]},{\"t\":[1,2,3,4]},{\"t\":[1]}]}]"), NULL));
    g_assert_true(reader_finish(reader, NULL));
    g_assert_cmpstr(truncated->str, ==, "-x-");
}

static void
a_path_leads_on_when_it_begins_with_the_same_steps(void)
{
    static const struct {
        const char *path;
        bool leads;
    } CASES[] = {{"a.b", true},     {"a[*].b[*].c", true}, {"a.b[0]", false}, {"a.b[*][0]", true},
                 {"a", false},      {"a.c", false},        {"$.a.b", false},  {"^.a.b", false},
                 {"a[0].b", false}, {"a.b@x", true},       {".", false}};
    g_autoptr(Path) items = path_parse(STR("a.b[*]"), NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(Path) path = path_parse(str_of(CASES[i].path), NULL);

        g_test_message("%s", CASES[i].path);
        g_assert_true(path_leads_on(path, items, NULL) == CASES[i].leads);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stream/for_each/a_record_is_given_once_for_each_item", a_record_is_given_once_for_each_item);
    g_test_add_func("/stream/for_each/a_record_without_items_is_given_as_it_is",
                    a_record_without_items_is_given_as_it_is);
    g_test_add_func("/stream/for_each/items_may_be_texts", items_may_be_texts);
    g_test_add_func("/stream/for_each/elements_of_xml_are_items", elements_of_xml_are_items);
    g_test_add_func("/stream/for_each/a_record_counts_once_whatever_it_stands_for",
                    a_record_counts_once_whatever_it_stands_for);
    g_test_add_func("/stream/for_each/items_beyond_the_limit_are_reported", items_beyond_the_limit_are_reported);
    g_test_add_func("/stream/for_each/what_was_cut_of_one_item_is_not_told_of_the_next",
                    what_was_cut_of_one_item_is_not_told_of_the_next);
    g_test_add_func("/stream/for_each/a_path_leads_on_when_it_begins_with_the_same_steps",
                    a_path_leads_on_when_it_begins_with_the_same_steps);
    return g_test_run();
}
