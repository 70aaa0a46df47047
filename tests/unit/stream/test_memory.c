/* Documents of 100 MB and more pass through; what is held must not grow with them. */
#include "stream/read_all.h"
#include "support/sanitizer.h"

#include <unistd.h>

static const uint64_t GROWTH_KB_MAX = 2 * 1024;

static uint64_t
resident_kb(void)
{
    g_autofree char *statm = NULL;

    g_assert_true(g_file_get_contents("/proc/self/statm", &statm, NULL, NULL));
    return g_ascii_strtoull(strchr(statm, ' '), NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}

/* Pushes begin, then piece so often, then end. What the first tenth needed is what all may need. */
static uint64_t
read_much(const Plan *plan, Str begin, Str piece, unsigned times, Str end)
{
    static const ReaderEvents EVENTS = {NULL, NULL};
    g_autoptr(Reader) reader = reader_new(&plan->spec, &EVENTS, NULL);
    g_autoptr(GError) error = NULL;
    uint64_t before_kb = 0;

    g_assert_true(reader_push(reader, begin, &error));
    for (unsigned i = 0; i < times; i++) {
        bool ok = reader_push(reader, piece, &error);

        g_assert_no_error(error);
        g_assert_true(ok);
        if (i == times / 10)
            before_kb = resident_kb();
    }
    if (CAN_MEASURE_MEMORY)
        g_assert_cmpuint(resident_kb(), <, before_kb + GROWTH_KB_MAX);
    g_assert_true(reader_push(reader, end, &error));
    g_assert_true(reader_finish(reader, &error));
    return reader_record_count(reader);
}

static GString *
thousand_times(const char *text)
{
    GString *all = g_string_new(NULL);

    for (int i = 0; i < 1000; i++)
        g_string_append(all, text);
    return all;
}

static void
records_of_200_mb_of_json_are_not_held(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "r[*]", "id text", "total");
    g_autofree char *filler = g_strnfill(1000, 'x');
    g_autofree char *record = g_strdup_printf("{\"id\":7,\"text\":\"%s\",\"other\":{\"a\":[1,2,3]}},", filler);
    g_autoptr(GString) piece = thousand_times(record);

    g_assert_cmpuint(read_much(plan, STR("{\"r\":["), str_of_gstring(piece), 200, STR("{}],\"total\":7}")), ==, 200001);
}

static void
records_of_100_mb_of_xml_are_not_held(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_XML, "r.i", "@id text", "r.total");
    g_autofree char *filler = g_strnfill(1000, 'x');
    g_autofree char *record = g_strdup_printf("<i id='7'><text>%s</text><o/></i>\n", filler);
    g_autoptr(GString) piece = thousand_times(record);

    g_assert_cmpuint(read_much(plan, STR("<r>"), str_of_gstring(piece), 100, STR("<total>7</total></r>")), ==, 100000);
}

static void
records_of_100_mb_of_csv_are_not_held(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_CSV, NULL, "id text", NULL);
    g_autofree char *filler = g_strnfill(1000, 'x');
    g_autofree char *record = g_strdup_printf("7,\"%s\",other\n", filler);
    g_autoptr(GString) piece = thousand_times(record);

    g_assert_cmpuint(read_much(plan, STR("id,text,other\n"), str_of_gstring(piece), 100, STR("8,,\n")), ==, 100001);
}

static void
one_text_of_a_gigabyte_is_not_held(void)
{
    g_autoptr(Plan) json = plan_new(STREAM_JSON, "[*]", ".", NULL);
    g_autoptr(Plan) xml = plan_new(STREAM_XML, "r.i", ".", NULL);
    g_autoptr(Plan) csv = plan_new(STREAM_CSV, NULL, "a", NULL);
    g_autofree char *filler = g_strnfill(1000000, 'x');

    g_assert_cmpuint(read_much(json, STR("[\""), str_of(filler), 1000, STR("\",1]")), ==, 2);
    g_assert_cmpuint(read_much(xml, STR("<r><i>"), str_of(filler), 1000, STR("</i><i/></r>")), ==, 2);
    g_assert_cmpuint(read_much(csv, STR("a\n\""), str_of(filler), 1000, STR("\"\n1\n")), ==, 2);
}

static void
members_that_nobody_asks_for_are_not_held(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "r[*]", "id", "first[0]");
    g_autoptr(GString) piece = thousand_times("{\"deep\":[{\"a\":\"some text\"},[[1,2,3]]]},");

    g_assert_cmpuint(read_much(plan, STR("{\"first\":["), str_of_gstring(piece), 1000, STR("0],\"r\":[1]}")), ==, 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(test) g_test_add_func("/stream/memory/" #test, test)
    ADD(records_of_200_mb_of_json_are_not_held);
    ADD(records_of_100_mb_of_xml_are_not_held);
    ADD(records_of_100_mb_of_csv_are_not_held);
    ADD(one_text_of_a_gigabyte_is_not_held);
    ADD(members_that_nobody_asks_for_are_not_held);
    return g_test_run();
}
