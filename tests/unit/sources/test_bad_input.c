/* What partners send by mistake or malice, read by a definition: the error names the place, and what was good before it
 * (or around it) is not lost. */
#include "stream/zip_of.h"
#include "support.h"

#include <zlib.h>

#define HEAD "source: x\npartner: X\nfeed:\n  get: https://x.example/\n"
#define LISTING                                                                                                        \
    "  listing: {title: t, url: u, description: d, posted_at: p, salary: {min: s, currency: = EUR, period: = YEAR}}\n"

static Collected
read_bytes(const char *answer, Str bytes)
{
    g_autofree char *yaml = g_strconcat(HEAD, answer, LISTING, NULL);
    g_autoptr(SourceSet) set = load_text("x", yaml);
    Question question = QUESTION_NONE;
    SeededRandom random;

    seeded_random_init(&random, bytes.size);
    return collect(source_feed(source_set_at(set, 0)), &question, 200, bytes, true, &random);
}

/* Bytes of which the first so many listings are good. part: of the message, NULL when the answer is understood. */
static void
assert_gives(const char *answer, Str bytes, guint listings, const char *part)
{
    g_auto(Collected) c = read_bytes(answer, bytes);
    g_autofree char *message = str_dup(c.message);

    g_assert_cmpint(c.status, ==, part == NULL ? ANSWER_OK : ANSWER_MALFORMED);
    if (part != NULL && strstr(message, part) == NULL)
        g_error("\"%s\" does not mention \"%s\"", message, part);
    g_assert_cmpuint(c.listings->len, ==, listings);
    for (guint i = 0; i < listings; i++)
        g_assert_true(str_starts_with(g_array_index(c.listings, Listing, i).url, STR("https://")));
}

/* The one record that was rejected, and how many listings stayed. */
static void
assert_rejects(const char *answer, Str bytes, guint listings, const char *rejected)
{
    g_auto(Collected) c = read_bytes(answer, bytes);

    g_assert_cmpint(c.status, ==, ANSWER_OK);
    g_assert_cmpuint(c.listings->len, ==, listings);
    g_assert_cmpuint(c.rejected->len, ==, 1);
    if (strstr(c.rejected->pdata[0], rejected) == NULL)
        g_error("\"%s\" does not mention \"%s\"", (char *)c.rejected->pdata[0], rejected);
}

#define JSON       "  answer: {json: 'jobs[*]'}\n"
#define NDJSON     "  answer: {ndjson: .}\n"
#define XML        "  answer: {xml: r.j}\n"
#define CSV        "  answer: {csv: {}}\n"
#define JSON_GOOD  "{\"jobs\":[{\"t\":\"A\",\"u\":\"https://a/\"}"
#define JSON_END   ",{\"t\":\"Z\",\"u\":\"https://z/\"}]}"
#define XML_GOOD   "<r><j><t>A</t><u>https://a/</u></j>\n"
#define XML_END    "<j><t>Z</t><u>https://z/</u></j></r>"
#define CSV_GOOD   "t,u,d\nA,https://a/,\n"
#define NDJSON_ROW "{\"t\":\"A\",\"u\":\"https://a/\"}\n"

static GString *
gzip_of(Str bytes)
{
    GString *gzip = g_string_new(NULL);
    z_stream zlib = {.next_in = (Bytef *)(uintptr_t)bytes.at, .avail_in = (uInt)bytes.size};

    g_assert_cmpint(deflateInit2(&zlib, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), ==, Z_OK);
    g_string_set_size(gzip, deflateBound(&zlib, bytes.size));
    zlib.next_out = (Bytef *)gzip->str;
    zlib.avail_out = (uInt)gzip->len;
    g_assert_cmpint(deflate(&zlib, Z_FINISH), ==, Z_STREAM_END);
    g_string_truncate(gzip, zlib.total_out);
    deflateEnd(&zlib);
    return gzip;
}

/* begin, count times the same, end. */
static GString *
repeated(const char *begin, const char *piece, unsigned count, const char *end)
{
    GString *text = g_string_new(begin);

    for (unsigned i = 0; i < count; i++)
        g_string_append(text, piece);
    g_string_append(text, end);
    return text;
}

/* Two thousand listings that are packed badly. */
static GString *
many_listings(void)
{
    GString *json = g_string_new(JSON_GOOD);

    for (int i = 0; i < 2000; i++)
        g_string_append_printf(json, ",{\"t\":\"%x\",\"u\":\"https://%x/\"}", (unsigned)i * 2654435761u, (unsigned)i);
    g_string_append(json, "]}");
    return json;
}

static void
assert_half_keeps_what_came_before_the_end(Str packed)
{
    g_auto(Collected) c = read_bytes(JSON, str_slice(packed, 0, packed.size / 2));

    g_assert_cmpint(c.status, ==, ANSWER_MALFORMED);
    g_assert_cmpint(str_find(c.message, STR("ends before its time")), >, 0);
    g_assert_cmpuint(c.listings->len, >, 500);
}

static void
a_truncated_gzip_or_zip_keeps_what_came_before_the_end(void)
{
    g_autoptr(GString) json = many_listings();
    const ZipMember member = {.name = "jobs.json", .content = str_of_gstring(json), .method = 8};
    g_autoptr(GString) gzip = gzip_of(str_of_gstring(json)), zip = zip_of(&member, 1);

    assert_half_keeps_what_came_before_the_end(str_of_gstring(gzip));
    assert_half_keeps_what_came_before_the_end(str_of_gstring(zip));
}

static void
a_bomb_of_gzip_or_zip_is_cut_off_and_what_stood_before_it_stays(void)
{
    g_autofree char *blanks = g_strnfill(40 * 1024 * 1024, ' ');
    g_autoptr(GString) json = repeated(JSON_GOOD, blanks, 1, "]}");
    const ZipMember member = {.name = "jobs.json", .content = str_of_gstring(json), .method = 8};
    g_autoptr(GString) gzip = gzip_of(str_of_gstring(json)), zip = zip_of(&member, 1);

    assert_gives(JSON, str_of_gstring(gzip), 1, "inflates more than 200 times");
    assert_gives(JSON, str_of_gstring(zip), 1, "inflates more than 200 times");
}

static void
an_xml_bomb_is_refused_where_it_is_declared(void)
{
    assert_gives(XML,
                 STR("<?xml version='1.0'?>\n<!DOCTYPE r [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>\n" XML_GOOD
                     "<j><t>&b;</t></j></r>"),
                 0, "XML, line 2, column");
    assert_gives(XML, STR(XML_GOOD "<j><t>&b;</t></j></r>"), 1, "line 2, column 7: undefined entity");
}

static void
a_charset_that_is_not_the_declared_one_costs_characters_not_listings(void)
{
    Str wrong = STR("<?xml version='1.0' encoding='utf-8'?><r><j><t>Caf\xe9</t><u>https://a/</u></j>" XML_END);
    g_auto(Collected) declared = read_bytes(XML, wrong);
    g_auto(Collected) told = read_bytes("  answer: {xml: r.j, charset: windows-1252}\n", wrong);

    g_assert_cmpuint(declared.listings->len, ==, 2);
    g_assert_true(str_is(g_array_index(declared.listings, Listing, 0).title, "Caf\xef\xbf\xbd"));
    g_assert_cmpuint(told.listings->len, ==, 2);
    g_assert_true(str_is(g_array_index(told.listings, Listing, 0).title, "Caf\xc3\xa9"));
}

static Collected
read_with_type(const char *type, Str bytes)
{
    const HttpHeader header = {STR("content-type"), str_of(type)};
    g_autoptr(SourceSet) set = load_text("x", HEAD CSV LISTING);
    Question question = QUESTION_NONE;

    return collect_at(source_feed(source_set_at(set, 0)), &question, COLLECTED_AT_US, 200, (HttpHeaders){&header, 1},
                      bytes, true, NULL);
}

static void
a_charset_that_was_sent_is_heeded_and_what_does_not_fit_is_told(void)
{
    Str latin = STR("t,u\nCaf\xe9 \x96 \x80,https://a/\n"), utf8 = STR("t,u\nCaf\xc3\xa9,https://a/\n");
    g_auto(Collected) right = read_with_type("text/csv; charset=ISO-8859-1", latin);
    g_auto(Collected) wrong = read_with_type("text/csv; charset=ISO-8859-1", utf8);
    g_auto(Collected) unknown = read_with_type("text/csv; charset=klingon", latin);

    g_assert_true(str_is(g_array_index(right.listings, Listing, 0).title, "Caf\xc3\xa9 \xe2\x80\x93 \xe2\x82\xac"));
    g_assert_cmpuint(right.rejected->len, ==, 0);
    g_assert_true(str_is(g_array_index(wrong.listings, Listing, 0).title, "Caf\xc3\xa9"));
    g_assert_cmpuint(wrong.rejected->len, ==, 0);
    g_assert_cmpint(unknown.status, ==, ANSWER_OK);
    g_assert_cmpuint(unknown.listings->len, ==, 1);
    g_assert_cmpuint(unknown.rejected->len, ==, 2);
    g_assert_cmpstr(unknown.rejected->pdata[0], ==,
                    "charset unknown kept: Content-Type names the unknown charset \"klingon\"; it was read as UTF-8");
    g_assert_cmpstr(unknown.rejected->pdata[1], ==, "charset bytes kept: 3 bytes are not of the charset UTF-8");
}

static void
a_byte_order_mark_does_no_harm_in_any_format(void)
{
    gsize size;
    g_autofree char *utf16 = g_convert("\xef\xbb\xbf" JSON_GOOD "]}", -1, "UTF-16LE", "UTF-8", NULL, &size, NULL);

    assert_gives(JSON, STR("\xef\xbb\xbf" JSON_GOOD "]}"), 1, NULL);
    assert_gives(NDJSON, STR("\xef\xbb\xbf" NDJSON_ROW NDJSON_ROW), 2, NULL);
    assert_gives(XML, STR("\xef\xbb\xbf<?xml version='1.0'?>" XML_GOOD "</r>"), 1, NULL);
    assert_gives(CSV, STR("\xef\xbb\xbf" CSV_GOOD), 1, NULL);
    assert_gives(JSON, (Str){utf16, size}, 1, NULL);
}

static void
a_nul_is_an_error_with_its_place_or_only_a_character(void)
{
    assert_gives(JSON, STR(JSON_GOOD ",{\"t\":\"B\0\",\"u\":\"https://b/\"}" JSON_END), 1, "JSON, byte 43");
    assert_rejects(NDJSON, STR(NDJSON_ROW "{\"t\":\"B\0\"}\n" NDJSON_ROW), 2, "record 2 at byte 27");
    assert_gives(XML, STR(XML_GOOD "<j><t>B\0</t></j>" XML_END), 1, "XML, line 2, column 8");
    assert_gives(CSV, STR(CSV_GOOD "B\0B,https://b/,\nC,https://c/,\n"), 3, NULL);
}

static void
a_text_of_twenty_megabytes_is_cut_and_its_listing_stays(void)
{
    g_autofree char *filler = g_strnfill(20 * 1024 * 1024, 'x');
    g_autoptr(GString) json =
        repeated(JSON_GOOD ",{\"t\":\"B\",\"u\":\"https://b/\",\"d\":\"", filler, 1, "\"}" JSON_END);
    g_autoptr(GString) xml = repeated(XML_GOOD "<j><t>B</t><u>https://b/</u><d>", filler, 1, "</d></j>" XML_END);
    g_autoptr(GString) csv = repeated(CSV_GOOD "B,https://b/,", filler, 1, "\nZ,https://z/,\n");

    assert_gives(JSON, str_of_gstring(json), 3, NULL);
    assert_gives(XML, str_of_gstring(xml), 3, NULL);
    assert_gives(CSV, str_of_gstring(csv), 3, NULL);
}

static void
a_million_brackets_are_a_limit_and_a_hundred_cost_one_record(void)
{
    g_autoptr(GString) json = repeated(JSON_GOOD ",{\"t\":", "[", 1000000, "");
    g_autoptr(GString) xml = repeated(XML_GOOD "<j>", "<x>", 1000000, "");
    g_autoptr(GString) deep_json = repeated(JSON_GOOD ",{\"t\":", "[", 100, "");
    g_autoptr(GString) deep_xml = repeated(XML_GOOD "<j>", "<x>", 100, "");
    g_autoptr(GString) brackets = repeated("", "]", 100, "}" JSON_END);
    g_autoptr(GString) tags = repeated("", "</x>", 100, "</j>" XML_END);

    assert_gives(JSON, str_of_gstring(json), 1, "nested deeper than 4096 levels");
    assert_gives(XML, str_of_gstring(xml), 1, "nested deeper than 4096 levels");
    str_append(deep_json, str_of_gstring(brackets));
    assert_rejects(JSON, str_of_gstring(deep_json), 2, "record 2 at byte 36: it is nested deeper than 64 levels");
    str_append(deep_xml, str_of_gstring(tags));
    assert_rejects(XML, str_of_gstring(deep_xml), 2, "record 2 at line 2: it is nested deeper than 64 levels");
}

static void
a_record_of_a_hundred_thousand_fields_is_a_record(void)
{
    g_autoptr(GString) json = g_string_new(JSON_GOOD ",{\"t\":\"B\"");
    g_autoptr(GString) xml = g_string_new(XML_GOOD "<j><t>B</t>");
    g_autoptr(GString) columns = g_string_new("t,u");

    for (int i = 0; i < 100000; i++) {
        g_string_append_printf(json, ",\"f%d\":%d", i, i);
        g_string_append_printf(xml, "<f%d>%d</f%d>", i, i, i);
        g_string_append_printf(columns, ",f%d", i);
    }
    g_string_append(json, ",\"u\":\"https://b/\"}" JSON_END);
    g_string_append(xml, "<u>https://b/</u></j>" XML_END);
    g_string_append(columns, "\nA,https://a/\n");
    assert_gives(JSON, str_of_gstring(json), 3, NULL);
    assert_gives(XML, str_of_gstring(xml), 3, NULL);
    assert_gives(CSV, str_of_gstring(columns), 0, "CSV, line 1: a header of more than 10000 columns");
}

static void
a_row_of_a_hundred_thousand_columns_costs_one_record(void)
{
    g_autoptr(GString) csv = repeated(CSV_GOOD "B,https://b/", ",x", 100000, "\nZ,https://z/,\n");

    assert_rejects(CSV, str_of_gstring(csv), 2, "record 2 at line 3");
}

static void
html_instead_of_an_answer_is_called_html(void)
{
    Str html = STR("<!DOCTYPE html>\n<html><title>Maintenance</title></html>");

    assert_gives(JSON, html, 0, "expected JSON, found HTML");
    assert_gives(NDJSON, html, 0, "expected NDJSON, found HTML");
    assert_gives(XML, html, 0, "expected XML, found HTML");
    assert_gives(CSV, html, 0, "expected CSV, found HTML");
}

static void
an_error_within_a_200_is_an_error_by_rule_and_never_a_listing(void)
{
    static const char *const ANSWER = "  answer: {json: 'jobs[*]', errors: [{path: error.text, is: quota}]}\n";
    g_auto(Collected) alone = read_bytes(ANSWER, STR("{\"error\":{\"code\":7,\"text\":\"Daily limit reached\"}}"));
    g_auto(Collected) behind = read_bytes(ANSWER, STR(JSON_GOOD "],\"error\":{\"text\":\"Daily limit reached\"}}"));

    g_assert_cmpint(alone.status, ==, ANSWER_QUOTA);
    g_assert_cmpuint(alone.listings->len, ==, 0);
    g_assert_cmpint(behind.status, ==, ANSWER_QUOTA);
    g_assert_true(str_is(behind.message, "Daily limit reached"));
    g_assert_cmpuint(behind.listings->len, ==, 1);
}

static void
a_date_that_does_not_exist_costs_the_field_and_is_shown(void)
{
    static const char *const DATES[] = {
        "2026-02-30",           "2026-13-01",           "2026-00-10", "2026-11-31T10:00:00Z",
        "2026-11-24T25:00:00Z", "2026-11-24T10:61:00Z", "2025-02-29", "0000-00-00"};

    for (size_t i = 0; i < G_N_ELEMENTS(DATES); i++) {
        g_autofree char *json =
            g_strdup_printf(JSON_GOOD ",{\"t\":\"B\",\"u\":\"https://b/\",\"p\":\"%s\"}" JSON_END, DATES[i]);
        g_autofree char *rejected =
            g_strdup_printf("posted_at time kept: record 2: posted_at: \"%s\" is no time", DATES[i]);

        assert_rejects(JSON, str_of(json), 3, rejected);
    }
}

static void
assert_salary(const char *numbers, const char *text, int64_t expected_micros)
{
    g_autofree char *answer = g_strdup_printf("  numbers: \"%s\"\n" JSON, numbers);
    g_autofree char *json = g_strdup_printf("{\"jobs\":[{\"t\":\"A\",\"u\":\"https://a/\",\"s\":\"%s\"}]}", text);
    g_auto(Collected) c = read_bytes(answer, str_of(json));
    const Salary *salary = &g_array_index(c.listings, Listing, 0).salary;

    g_assert_cmpuint(c.listings->len, ==, 1);
    g_assert_cmpuint(c.rejected->len, ==, expected_micros < 0 ? 1 : 0);
    g_assert_true(salary->has_min == (expected_micros >= 0));
    if (salary->has_min)
        g_assert_cmpint(salary->min_micros, ==, expected_micros);
}

static void
numbers_as_text_are_read_in_the_style_of_the_partner_and_else_refused(void)
{
    assert_salary("1,234.56", "45,000.50", INT64_C(45000500000));
    assert_salary("1.234,56", "45.000,50", INT64_C(45000500000));
    assert_salary("1 234,56", "45 000,50", INT64_C(45000500000));
    assert_salary("1 234,56",
                  "45\xe2\x80\xaf"
                  "000,50",
                  INT64_C(45000500000));
    assert_salary("1'234.56", "45'000.50", INT64_C(45000500000));
    /* Of another style: never a thousandth or a thousand times of what was meant. */
    assert_salary("1,234.56", "45.000,50", -1);
    assert_salary("1.234,56", "45,000.50", -1);
    assert_salary("1 234,56", "45'000.50", -1);
    assert_salary("1'234.56", "45 000,50", -1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(test) g_test_add_func("/sources/bad_input/" #test, test)
    ADD(a_truncated_gzip_or_zip_keeps_what_came_before_the_end);
    ADD(a_bomb_of_gzip_or_zip_is_cut_off_and_what_stood_before_it_stays);
    ADD(an_xml_bomb_is_refused_where_it_is_declared);
    ADD(a_charset_that_is_not_the_declared_one_costs_characters_not_listings);
    ADD(a_charset_that_was_sent_is_heeded_and_what_does_not_fit_is_told);
    ADD(a_byte_order_mark_does_no_harm_in_any_format);
    ADD(a_nul_is_an_error_with_its_place_or_only_a_character);
    ADD(a_text_of_twenty_megabytes_is_cut_and_its_listing_stays);
    ADD(a_million_brackets_are_a_limit_and_a_hundred_cost_one_record);
    ADD(a_record_of_a_hundred_thousand_fields_is_a_record);
    ADD(a_row_of_a_hundred_thousand_columns_costs_one_record);
    ADD(html_instead_of_an_answer_is_called_html);
    ADD(an_error_within_a_200_is_an_error_by_rule_and_never_a_listing);
    ADD(a_date_that_does_not_exist_costs_the_field_and_is_shown);
    ADD(numbers_as_text_are_read_in_the_style_of_the_partner_and_else_refused);
    return g_test_run();
}
