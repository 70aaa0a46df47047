#include "stream/read_all.h"

static void
records_are_the_items_of_a_list(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "results[*]", "id company.name", "total");
    g_autoptr(Plan) bare = plan_new(STREAM_JSON, "results", "id company.name", "total");
    Str json =
        STR("{\"x\":[{\"id\":9}],\"results\":[{\"id\":1,\"company\":{\"name\":\"A\",\"skip\":{\"q\":[1]}}},{\"id\":2}],"
            "\"total\":12}");
    g_autoptr(Reading) reading = read_whole(plan, json);

    assert_read(plan, json, "1|A\n2|-\n");
    assert_read(bare, json, "1|A\n2|-\n");
    g_assert_cmpstr(reading->document->str, ==, "12\n");
    g_assert_cmpuint(reading->record_count, ==, 2);
}

static void
one_object_where_others_send_a_list_is_one_record(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "results[*]", "id", NULL);

    assert_read(plan, STR("{\"results\":{\"id\":1}}"), "1\n");
    assert_read(plan, STR("{\"results\":[]}"), "");
    assert_read(plan, STR("{}"), "");
}

static void
null_where_others_send_a_list_is_no_record(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "results[*]", "id", NULL);
    g_autoptr(Plan) items = plan_new(STREAM_JSON, "results", ".", NULL);

    assert_read(plan, STR("{\"results\":null}"), "");
    assert_read(items, STR("{\"results\":null,\"other\":1}"), "");
    assert_read(plan, STR("{\"results\":[{\"id\":1}]}"), "1\n");
}

static void
records_may_stand_at_the_root_or_at_any_depth(void)
{
    g_autoptr(Plan) root = plan_new(STREAM_JSON, "[*]", "id", NULL);
    g_autoptr(Plan) deep = plan_new(STREAM_JSON, "**.jobs[*]", "id", NULL);
    g_autoptr(Plan) nested = plan_new(STREAM_JSON, "groups.jobs", "id $.groups.name", NULL);
    g_autoptr(Plan) second = plan_new(STREAM_JSON, "[1].rows[*]", "[0] [1]", NULL);
    Str groups =
        STR("{\"groups\":[{\"name\":\"A\",\"jobs\":[{\"id\":1},{\"id\":2}]},{\"name\":\"B\",\"jobs\":[{\"id\":3}]}]}");

    assert_read(root, STR("[{\"id\":1},{\"id\":2}]"), "1\n2\n");
    assert_read(deep, groups, "1\n2\n3\n");
    assert_read(nested, groups, "1|A\n2|A\n3|A,B\n");
    assert_read(second, STR("[{},{\"rows\":[[\"a\",1],[\"b\",2]]}]"), "a|1\nb|2\n");
}

static void
a_filter_at_the_end_chooses_records(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "r[type='organic']", "id", NULL);
    g_autoptr(Plan) middle = plan_new(STREAM_JSON, "r[type='x'].y", "id", NULL);
    g_autoptr(Plan) last = plan_new(STREAM_JSON, "r[-1]", "id", NULL);

    assert_read(
        plan,
        STR("{\"r\":[{\"id\":1,\"type\":\"organic\"},{\"type\":\"ad\",\"id\":2},{\"id\":3,\"type\":\"organic\"}]}"),
        "1\n3\n");
    assert_fails(middle, STR("{}"), WEIR_ERROR_INVALID, "a filter may stand only at its end");
    assert_fails(last, STR("{}"), WEIR_ERROR_INVALID, "the last item is not known");
}

static void
document_values_may_come_before_between_and_after_records(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "r[*]", "id $.q", "q next.url r[0].id r[-1].id");
    g_autoptr(Reading) reading =
        read_whole(plan, STR("{\"q\":\"dev\",\"r\":[{\"id\":1},{\"id\":2}],\"next\":{\"url\":\"u\"}}"));

    g_assert_no_error(reading->error);
    g_assert_cmpstr(reading->records->str, ==, "1|dev\n2|dev\n");
    g_assert_cmpstr(reading->document->str, ==, "dev\nu\n1\n2\n");
}

static void
numbers_keep_their_text(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "[*]", ".", NULL);

    assert_read(plan, STR("[12345678901234567890123, 0.10, -1E+9, 1e400]"),
                "12345678901234567890123\n0.10\n-1E+9\n1e400\n");
}

static void
texts_are_decoded(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "[*]", ".", NULL);

    assert_read(plan, STR("[\"a\\u00e9\\n\\ud83d\\ude00\", \"\xc3\xa9\"]"), "a\xc3\xa9\n\xf0\x9f\x98\x80\n\xc3\xa9\n");
}

static void
half_of_a_surrogate_pair_never_becomes_text_that_is_not_utf8(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "[*]", ".", NULL);

    assert_read(plan, STR("[\"a\\udfaab\"]"),
                "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                "b\n");
}

static void
positions_are_bytes(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "r[*]", "a", NULL);
    g_autoptr(Reading) reading = read_whole(plan, STR("{\"r\":[{\"a\":1}, {\"a\":2}]}"));
    g_autoptr(Reading) texts = read_whole(plan, STR("{\"r\":[\"a\", \"\\u0062\\u0063\"]}"));

    g_assert_cmpuint(reading->last_position, ==, 15);
    g_assert_cmpuint(texts->last_position, ==, 11);
    assert_same_in_pieces(plan, STR("{\"r\":[ \"\\u0061\", \"\\u0062\\u0063\"]}"));
}

static void
html_where_json_is_expected_is_called_html(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, NULL, NULL, NULL);
    Str page = STR("\n<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head></html>");
    g_autoptr(Reading) bytewise = read_in_pieces(plan, page, 1, 0);

    assert_fails(plan, page, WEIR_ERROR_INVALID, "expected JSON, found HTML: <!DOCTYPE html>");
    assert_fails(plan, STR("Too many requests"), WEIR_ERROR_INVALID, "expected JSON, found: Too many requests");
    g_assert_nonnull(strstr(bytewise->error->message, "expected JSON, found HTML: <!DOCTYPE html>"));
}

static void
errors_name_byte_and_text(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "r[*]", "a", NULL);
    g_autoptr(Reading) reading = read_whole(plan, STR("{\"r\":[{\"a\":1},{\"a\":oops}]}"));

    assert_fails(plan, STR("{\"r\":[{\"a\":1},{\"a\":oops}]}"), WEIR_ERROR_INVALID, "JSON, byte 20: ");
    assert_fails(plan, STR("{\"r\":[{\"a\":1},{\"a\":oops}]}"), WEIR_ERROR_INVALID, "oops}]}");
    g_assert_cmpstr(reading->records->str, ==, "1\n");
    assert_fails(plan, STR("{\"r\":[{\"a\":1}"), WEIR_ERROR_INVALID, "premature EOF");
    assert_fails(plan, STR(""), WEIR_ERROR_INVALID, "premature EOF");
    assert_fails(plan, STR("{} {}"), WEIR_ERROR_INVALID, "trailing garbage");
    assert_fails(plan, STR("{} \"a"), WEIR_ERROR_INVALID, "trailing garbage");
    assert_same_in_pieces(plan, STR("{} \"a"));
}

static void
a_record_nested_too_deep_is_rejected_and_reading_goes_on(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "[*]", "id", NULL);
    g_autoptr(Reading) reading = NULL;
    g_autoptr(GString) json = g_string_new("[{\"id\":1},{\"id\":2,\"x\":");

    plan->spec.limits.depth = 10;
    for (int i = 0; i < 20; i++)
        g_string_append_c(json, '[');
    for (int i = 0; i < 20; i++)
        g_string_append_c(json, ']');
    g_string_append(json, "},{\"id\":3}]");
    assert_read(plan, str_of_gstring(json), "1\n3\n");
    reading = read_whole(plan, str_of_gstring(json));
    g_assert_cmpstr(reading->rejected->str, ==,
                    "2 too_deep: record 2 at byte 10: it is nested deeper than 10 levels; it begins with: 2\n");
}

static void
a_million_brackets_are_a_limit(void)
{
    g_autofree char *brackets = g_strnfill(1000000, '[');
    g_autoptr(Plan) whole = plan_new(STREAM_JSON, NULL, "a", NULL);
    g_autoptr(Plan) records = plan_new(STREAM_JSON, "r[*]", "a", NULL);

    assert_fails(whole, str_of(brackets), WEIR_ERROR_LIMIT, "nested deeper than 4096 levels");
    assert_fails(records, str_of(brackets), WEIR_ERROR_LIMIT, "nested deeper than 64 levels");
}

static void
a_long_text_is_cut_at_a_character_and_marked(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "[*]", ".", NULL);
    g_autoptr(Reading) reading = NULL;
    g_autoptr(GString) json = g_string_new("[\"");

    plan->spec.limits.text_bytes = 5;
    for (int i = 0; i < 100000; i++)
        g_string_append(json, i % 3 == 0 ? "\\u00e9" : i % 3 == 1 ? "\xc3\xa9" : "\\\"");
    g_string_append(json, "\",\"ok\"]");
    assert_read(plan, str_of_gstring(json), "\xc3\xa9\xc3\xa9\"\nok\n");
    reading = read_whole(plan, str_of_gstring(json));
    g_assert_true(reading->any_truncated);
    g_string_insert_c(json, 90000, '\n');
    assert_fails(plan, str_of_gstring(json), WEIR_ERROR_INVALID, "JSON, byte 9000");
}

static void
a_number_that_would_have_to_be_cut_is_a_limit(void)
{
    g_autofree char *digits = g_strnfill(300000, '1');
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, NULL, ".", NULL);

    plan->spec.limits.text_bytes = 1000;
    assert_fails(plan, str_of(digits), WEIR_ERROR_LIMIT, "a number of more than 1000 bytes");
    plan->spec.limits.text_bytes = 5;
    assert_read(plan, STR("12345"), "12345\n");
    assert_fails(plan, STR("123456"), WEIR_ERROR_LIMIT, "a number of more than 5 bytes");
    assert_same_in_pieces(plan, STR("123456"));
}

static void
a_record_that_holds_too_much_is_rejected(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "[*]", "a", NULL);
    g_autoptr(GString) json = g_string_new("[{\"a\":[");
    g_autoptr(Reading) reading = NULL;

    plan->spec.limits.record_bytes = 10000;
    for (int i = 0; i < 1000; i++)
        g_string_append(json, "\"0123456789\",");
    g_string_append(json, "0]},{\"a\":2}]");
    assert_read(plan, str_of_gstring(json), "2\n");
    reading = read_whole(plan, str_of_gstring(json));
    g_assert_nonnull(strstr(reading->rejected->str, "1 too_large: record 1 at byte 1: it holds more than 10000 bytes"));
}

static void
document_values_that_take_too_much_are_a_limit(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, NULL, NULL, "a");
    g_autoptr(GString) json = g_string_new("{\"a\":[");

    plan->spec.limits.record_bytes = 10000;
    for (int i = 0; i < 1000; i++)
        g_string_append(json, "\"0123456789\",");
    g_string_append(json, "0]}");
    assert_fails(plan, str_of_gstring(json), WEIR_ERROR_LIMIT, "values asked for outside of records");
}

static void
a_record_of_100000_members_costs_only_what_is_asked(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "[*]", "m77777", NULL);
    g_autoptr(GString) json = g_string_new("[{");

    plan->spec.limits.record_bytes = 1000;
    for (int i = 0; i < 100000; i++)
        g_string_append_printf(json, "\"m%d\":%d,", i, i);
    g_string_append(json, "\"z\":0}]");
    assert_read(plan, str_of_gstring(json), "77777\n");
}

static void
matches_of_one_path_are_bounded(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, NULL, "a", NULL);
    g_autoptr(Reading) reading = NULL;

    plan->spec.limits.field_values = 3;
    assert_read(plan, STR("{\"a\":[1,2,3,4]}"), "1,2,3\n");
    reading = read_whole(plan, STR("{\"a\":[1,2,3,4]}"));
    g_assert_true(reading->any_truncated);
}

static bool
stop_at_second(void *data G_GNUC_UNUSED, const Record *record)
{
    return record->number < 2;
}

static void
reading_stops_when_the_caller_says_so(void)
{
    static const ReaderEvents EVENTS = {stop_at_second, NULL};
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "[*]", "a", NULL);
    g_autoptr(Reader) reader = reader_new(&plan->spec, &EVENTS, NULL);
    g_autoptr(GError) error = NULL;

    g_assert_false(reader_push(reader, STR("[{},{},{},{}]"), &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_LIMIT);
    g_assert_cmpuint(reader_record_count(reader), ==, 2);
}

static void
lines_of_ndjson_are_records_and_bad_ones_are_rejected(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_NDJSON, NULL, "a", "a");
    g_autoptr(Reading) reading = NULL;
    Str text = STR("{\"a\":1}\r\n\n{\"a\":\n{\"a\":3} x\n{\"a\":[4]}\n{bad\n \n{\"a\":6}");

    assert_read(plan, text, "1\n3\n4\n6\n");
    reading = read_whole(plan, text);
    g_assert_cmpuint(reading->rejected_count, ==, 3);
    g_assert_true(g_str_has_prefix(reading->rejected->str, "2 malformed: record 2 at byte 10: JSON, byte "));
}

static bool
json_is_accepted(Str json, int piece)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, NULL, "**", NULL);
    g_autoptr(Reading) reading = read_in_pieces(plan, json, piece, 0);

    return reading->error == NULL && reading->rejected_count == 0;
}

static void
the_json_test_suite_is_passed_whole_and_in_bytes(void)
{
    g_autofree char *folder = g_build_filename(g_getenv("WEIR_ROOT"), "..", "shared", "conformance", "json", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    unsigned count = 0, wrong = 0;

    if (dir == NULL) {
        g_test_skip("the conformance suite is not here");
        return;
    }
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *relative = g_build_filename("conformance", "json", name, NULL);
        g_autoptr(GString) json = shared_file(relative);

        if (!g_str_has_suffix(name, ".json"))
            continue;
        for (int piece = 0; piece < 2; piece++) {
            bool accepted = json_is_accepted(str_of_gstring(json), piece);

            if ((name[0] == 'y' && !accepted) || (name[0] == 'n' && accepted)) {
                g_test_message("%s is %s", name, accepted ? "accepted" : "refused");
                wrong++;
            }
        }
        count++;
    }
    g_assert_cmpuint(wrong, ==, 0);
    g_assert_cmpuint(count, >=, 300);
}

static void
every_member_of_an_object_may_be_a_record(void)
{
    g_autoptr(Plan) keyed = plan_new(STREAM_JSON, "jobs.*", "t places.*.city tags.*", "total"),
                    top = plan_new(STREAM_JSON, "*", "t", NULL),
                    deep = plan_new(STREAM_JSON, "a.*.jobs[*]", "t ^.n", NULL),
                    rows = plan_new(STREAM_JSON, "rows.*", "[0] [1]", NULL);
    Str text = STR("{\"jobs\": {\"12\": {\"t\": \"A\", \"places\": {\"x\": {\"city\": \"Oslo\", \"zip\": 1}, "
                   "\"y\": {\"city\": \"Bergen\"}}, \"tags\": [\"p\", \"q\"]}, \"13\": {\"t\": \"B\", "
                   "\"places\": [{\"city\": \"Rome\"}], \"@t\": 0}}, \"total\": 2}");

    assert_read(keyed, text, "A|Oslo,Bergen|p,q\nB|Rome|-\n");
    assert_same_in_pieces(keyed, text);
    /* PHP writes an empty map as a list, and one with keys from 0 too. */
    assert_read(keyed, STR("{\"jobs\": [], \"total\": 0}"), "");
    assert_read(keyed, STR("{\"jobs\": [{\"t\": \"A\"}, {\"t\": \"B\"}]}"), "A|-|-\nB|-|-\n");
    assert_read(top, STR("{\"1\": {\"t\": 1}, \"2\": {\"t\": 2}}"), "1\n2\n");
    assert_read(deep,
                STR("{\"a\": {\"x\": {\"n\": \"N\", \"jobs\": [{\"t\": 1}, {\"t\": 2}]}, \"y\": {\"jobs\": []}}}"),
                "1|N\n2|N\n");
    assert_read(rows, STR("{\"rows\": {\"1\": [\"a\", \"b\"], \"2\": [\"c\", \"d\"]}}"), "a|b\nc|d\n");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(test) g_test_add_func("/stream/json/" #test, test)
    ADD(records_are_the_items_of_a_list);
    ADD(one_object_where_others_send_a_list_is_one_record);
    ADD(null_where_others_send_a_list_is_no_record);
    ADD(records_may_stand_at_the_root_or_at_any_depth);
    ADD(a_filter_at_the_end_chooses_records);
    ADD(document_values_may_come_before_between_and_after_records);
    ADD(numbers_keep_their_text);
    ADD(texts_are_decoded);
    ADD(half_of_a_surrogate_pair_never_becomes_text_that_is_not_utf8);
    ADD(positions_are_bytes);
    ADD(html_where_json_is_expected_is_called_html);
    ADD(errors_name_byte_and_text);
    ADD(a_record_nested_too_deep_is_rejected_and_reading_goes_on);
    ADD(a_million_brackets_are_a_limit);
    ADD(a_long_text_is_cut_at_a_character_and_marked);
    ADD(a_number_that_would_have_to_be_cut_is_a_limit);
    ADD(a_record_that_holds_too_much_is_rejected);
    ADD(document_values_that_take_too_much_are_a_limit);
    ADD(a_record_of_100000_members_costs_only_what_is_asked);
    ADD(matches_of_one_path_are_bounded);
    ADD(reading_stops_when_the_caller_says_so);
    ADD(lines_of_ndjson_are_records_and_bad_ones_are_rejected);
    ADD(the_json_test_suite_is_passed_whole_and_in_bytes);
    g_test_add_func("/stream/every_member_of_an_object_may_be_a_record", every_member_of_an_object_may_be_a_record);
    return g_test_run();
}
