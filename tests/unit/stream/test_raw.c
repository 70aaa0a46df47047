/* The bytes of a record as the partner wrote them, however the document is cut into pieces. */
#include "base/random.h"
#include "stream/reader.h"

typedef struct {
    Reader *reader;
    Arena *arena;
    GString *raws; /* each followed by '|' */
    bool only_rejected;
} Taker;

static bool
on_record(void *data, const Record *record G_GNUC_UNUSED)
{
    Taker *taker = data;

    if (!taker->only_rejected) {
        str_append(taker->raws, reader_raw_record(taker->reader, taker->arena));
        g_string_append_c(taker->raws, '|');
    }
    return true;
}

static void
on_rejected(void *data, uint64_t number G_GNUC_UNUSED, uint64_t position G_GNUC_UNUSED,
            const char *reason G_GNUC_UNUSED, Str text G_GNUC_UNUSED)
{
    Taker *taker = data;

    str_append(taker->raws, reader_raw_record(taker->reader, taker->arena));
    g_string_append_c(taker->raws, '|');
}

/* pieces: NULL for whole. */
static char *
read_raws(const ReaderSpec *spec, Str document, Random *pieces, uint64_t largest, bool only_rejected)
{
    static const ReaderEvents EVENTS = {.record = on_record, .rejected = on_rejected};
    g_autoptr(Arena) arena = arena_new(4096);
    Taker taker = {.arena = arena, .raws = g_string_new(NULL), .only_rejected = only_rejected};
    g_autoptr(GError) error = NULL;

    taker.reader = reader_new(spec, &EVENTS, &taker);
    while (document.size > 0) {
        size_t size = pieces == NULL ? document.size : 1 + (size_t)random_below(pieces, largest);
        Str piece = str_slice(document, 0, size);
        bool ok = reader_push(taker.reader, piece, &error);

        g_assert_no_error(error);
        g_assert_true(ok);
        document = str_slice(document, piece.size, document.size);
    }
    g_assert_true(reader_finish(taker.reader, &error));
    reader_free(taker.reader);
    return g_string_free(taker.raws, FALSE);
}

static void
check(const ReaderSpec *spec, Str document, const char *expected, bool only_rejected)
{
    g_autofree char *whole = read_raws(spec, document, NULL, 0, only_rejected);
    SeededRandom random;

    seeded_random_init(&random, document.size);
    g_assert_cmpstr(whole, ==, expected);
    for (unsigned i = 0; i < 200; i++) {
        g_autofree char *pieces = read_raws(spec, document, &random.random, 1 + i / 10, only_rejected);

        g_assert_cmpstr(pieces, ==, expected);
    }
}

static void
objects_of_json_are_shown_as_written(void)
{
    g_autoptr(Path) records = path_parse(STR("jobs[*]"), NULL), field = path_parse(STR("a"), NULL);
    const Path *fields[] = {field};
    ReaderSpec spec = {.format = STREAM_JSON, .records = records, .fields = fields, .field_count = 1};

    check(&spec,
          STR("{\"n\": 2, \"jobs\": [ {\"a\" : 1, \"other\":[{\"x\":\"}\"}]} ,\n {\"b\":\"caf\xc3\xa9\"}, \"x\", 12]}"),
          "{\"a\" : 1, \"other\":[{\"x\":\"}\"}]}|{\"b\":\"caf\xc3\xa9\"}|\"x\"|12|", false);
}

static void
elements_of_xml_are_shown_as_written(void)
{
    g_autoptr(Path) records = path_parse(STR("jobs.job"), NULL), field = path_parse(STR("a"), NULL);
    const Path *fields[] = {field};
    ReaderSpec spec = {.format = STREAM_XML, .records = records, .fields = fields, .field_count = 1};

    check(&spec,
          STR("<?xml version='1.0'?>\n<jobs>\n<job id='1'><a>x</a><b><![CDATA[<y>]]></b></job>\n<job id='2'/></jobs>"),
          "<job id='1'><a>x</a><b><![CDATA[<y>]]></b></job>|<job id='2'/>|", false);
}

static void
rows_of_csv_are_shown_as_written(void)
{
    g_autoptr(Path) field = path_parse(STR("a"), NULL);
    const Path *fields[] = {field};
    ReaderSpec spec = {.format = STREAM_CSV, .fields = fields, .field_count = 1, .csv = {.skip_lines = 1}};

    check(&spec, STR("made today\na,b\n1,\"two\nlines\"\n3,4\r\n5,6"), "1,\"two\nlines\"|3,4|5,6|", false);
    check(&spec, STR("made today\na,b\n1,2\n1,2,3\n"), "1,2,3|", true);
}

static void
a_bad_line_of_ndjson_is_shown_from_its_beginning(void)
{
    g_autoptr(Path) field = path_parse(STR("a"), NULL);
    const Path *fields[] = {field};
    ReaderSpec spec = {.format = STREAM_NDJSON, .fields = fields, .field_count = 1};
    g_autofree char *raw = read_raws(&spec, STR("{\"a\": 1}\n{\"a\": nope}\n{\"a\": 3}\n"), NULL, 0, true);

    g_assert_cmpstr(raw, ==, "{\"a\": nope}|");
}

/* However long it is, its beginning is shown, and only whole characters. */
static void
a_long_record_is_cut(void)
{
    g_autoptr(Path) records = path_parse(STR("[*]"), NULL), field = path_parse(STR("a"), NULL);
    const Path *fields[] = {field};
    ReaderSpec spec = {.format = STREAM_JSON, .records = records, .fields = fields, .field_count = 1};
    g_autoptr(GString) document = g_string_new("[{\"a\": 1, \"b\": \"");
    SeededRandom random;

    while (document->len < 200000)
        g_string_append(document, "\xc3\xa9x\xe6\x9d\xb1");
    g_string_append(document, "\"}]");
    seeded_random_init(&random, 1);
    for (unsigned i = 0; i < 20; i++) {
        g_autofree char *raw =
            read_raws(&spec, str_of_gstring(document), i == 0 ? NULL : &random.random, i < 10 ? 100000 : 5000, false);

        g_assert_true(g_str_has_prefix(raw, "{\"a\": 1, \"b\": \"\xc3\xa9x"));
        g_assert_true(g_utf8_validate(raw, -1, NULL));
        g_assert_cmpuint(strlen(raw), <=, READER_RAW_BYTES + 1);
        g_assert_cmpuint(strlen(raw), >=, READER_RAW_BYTES - 4);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stream/objects_of_json_are_shown_as_written", objects_of_json_are_shown_as_written);
    g_test_add_func("/stream/elements_of_xml_are_shown_as_written", elements_of_xml_are_shown_as_written);
    g_test_add_func("/stream/rows_of_csv_are_shown_as_written", rows_of_csv_are_shown_as_written);
    g_test_add_func("/stream/a_bad_line_of_ndjson_is_shown_from_its_beginning",
                    a_bad_line_of_ndjson_is_shown_from_its_beginning);
    g_test_add_func("/stream/a_long_record_is_cut", a_long_record_is_cut);
    return g_test_run();
}
