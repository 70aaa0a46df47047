/* What must be true of any document, well-formed or not: the same bytes give the same records however they are cut, and
 * a path of names finds what the same path finds when it names each item of the lists on its way. */
#include "base/random.h"
#include "stream/read_all.h"

#define DOCUMENTS 400
#define DEPTH_MAX 4

typedef struct {
    Random *random;
    GString *text;
    const char *line_end; /* within texts */
} Writer;

static bool
chance(Writer *w, unsigned one_in)
{
    return random_below(w->random, one_in) == 0;
}

static const char *
any_of(Writer *w, const char *const *words, size_t count)
{
    return words[random_below(w->random, count)];
}

static const char *
any_name(Writer *w)
{
    static const char *const NAMES[] = {"a", "b", "c", "r"};

    return any_of(w, NAMES, G_N_ELEMENTS(NAMES));
}

/* Blanks where a format allows them. */
static void
write_gap(Writer *w)
{
    static const char *const GAPS[] = {"", "", "", " ", "\n", "\r\n\t"};

    g_string_append(w->text, any_of(w, GAPS, G_N_ELEMENTS(GAPS)));
}

static void
write_json_scalar(Writer *w)
{
    static const char *const SCALARS[] = {
        "1",     "-2.50e3",   "12345678901234567890", "true",         "null",        "\"\"",
        "\"x\"", "\"é\\t😀\"", "\"\\ud83d\\ude00\"",   "\"\\udc00y\"", "\"\\\\\\\"\""};

    g_string_append(w->text, any_of(w, SCALARS, G_N_ELEMENTS(SCALARS)));
}

static void
write_json(Writer *w, unsigned depth)
{
    bool is_object = chance(w, 2);
    uint64_t count = random_below(w->random, 5);

    if (depth == 0 || chance(w, 4)) {
        write_json_scalar(w);
        return;
    }
    g_string_append_c(w->text, is_object ? '{' : '[');
    for (uint64_t i = 0; i < count; i++) {
        write_gap(w);
        if (is_object)
            g_string_append_printf(w->text, "\"%s\":", any_name(w));
        write_json(w, depth - 1);
        if (i + 1 < count)
            g_string_append_c(w->text, ',');
    }
    g_string_append_c(w->text, is_object ? '}' : ']');
    write_gap(w);
}

static void
write_ndjson(Writer *w)
{
    for (uint64_t lines = random_below(w->random, 6); lines > 0; lines--) {
        write_json_scalar(w);
        g_string_append(w->text, chance(w, 3) ? "\n\n" : chance(w, 3) ? "\r\n" : "\n");
    }
}

static void
write_xml_element(Writer *w, const char *name, unsigned depth)
{
    const char *const texts[] = {"x", "é 😀", "&amp;&#233;", "<![CDATA[<y>]]>", w->line_end, "<!-- z -->", "<?p i?>"};

    g_string_append_printf(w->text, "<%s", name);
    if (chance(w, 3))
        g_string_append(w->text, " c='1 &lt; 2'");
    if (chance(w, 6)) {
        g_string_append(w->text, "/>");
        return;
    }
    g_string_append_c(w->text, '>');
    for (uint64_t count = random_below(w->random, 5); count > 0; count--) {
        if (depth > 0 && chance(w, 2))
            write_xml_element(w, any_name(w), depth - 1);
        else
            g_string_append(w->text, any_of(w, texts, G_N_ELEMENTS(texts)));
    }
    g_string_append_printf(w->text, "</%s>", name);
}

static void
write_csv(Writer *w)
{
    static const char *const FIELDS[] = {"", "x", "é😀", "\"q\"\"q\"", "\"1\r\n2\"", "\"a,b\"", " y "};

    g_string_append(w->text, "a,b,c\n");
    for (uint64_t rows = random_below(w->random, 6); rows > 0; rows--) {
        for (uint64_t columns = random_below(w->random, 5); columns > 0; columns--) {
            g_string_append(w->text, any_of(w, FIELDS, G_N_ELEMENTS(FIELDS)));
            if (columns > 1)
                g_string_append_c(w->text, ',');
        }
        g_string_append(w->text, chance(w, 3) ? "\r\n" : "\n");
    }
}

static void
write_document(Writer *w, StreamFormat format)
{
    g_string_truncate(w->text, 0);
    switch (format) {
    case STREAM_JSON:
        write_json(w, DEPTH_MAX);
        return;
    case STREAM_NDJSON:
        write_ndjson(w);
        return;
    case STREAM_XML:
        write_xml_element(w, "r", DEPTH_MAX);
        return;
    case STREAM_CSV:
        write_csv(w);
        return;
    }
}

/* A byte that is lost, doubled or another one. */
static void
damage(Writer *w)
{
    gssize at;

    if (w->text->len == 0)
        return;
    at = (gssize)random_below(w->random, w->text->len);
    if (chance(w, 3))
        g_string_erase(w->text, at, 1);
    else if (chance(w, 2))
        g_string_insert_c(w->text, at, w->text->str[at]);
    else
        w->text->str[at] = (char)random_below(w->random, 256);
}

static void
assert_any_cut_gives_the_same(StreamFormat format, const char *records, const char *fields)
{
    g_autoptr(Plan) plan = plan_new(format, records, fields, "a");
    g_autoptr(GString) text = g_string_new(NULL);
    SeededRandom random;
    Writer writer = {&random.random, text, "\r\n"};

    seeded_random_init(&random, 20261124);
    plan->spec.limits = (ReaderLimits){.record_bytes = 2000, .text_bytes = 8, .field_values = 5, .depth = 4};
    for (int i = 0; i < DOCUMENTS; i++) {
        g_autoptr(GString) gzip = NULL;

        write_document(&writer, format);
        assert_same_in_pieces(plan, str_of_gstring(text));
        gzip = gzip_of(str_of_gstring(text));
        assert_same_in_pieces(plan, str_of_gstring(gzip));
        damage(&(Writer){writer.random, gzip, NULL});
        assert_same_in_pieces(plan, str_of_gstring(gzip));
        damage(&writer);
        assert_same_in_pieces(plan, str_of_gstring(text));
    }
}

static void
any_cut_gives_the_same_records(void)
{
    static const char *const FIELDS = "a b[0] **.c a[b='x'].c .";

    assert_any_cut_gives_the_same(STREAM_JSON, NULL, FIELDS);
    assert_any_cut_gives_the_same(STREAM_JSON, "[*]", FIELDS);
    assert_any_cut_gives_the_same(STREAM_JSON, "**.r", FIELDS);
    assert_any_cut_gives_the_same(STREAM_NDJSON, NULL, FIELDS);
    assert_any_cut_gives_the_same(STREAM_XML, "r.a", "a @c b.c **.c .");
    assert_any_cut_gives_the_same(STREAM_XML, NULL, "a a.@c **.b");
    assert_any_cut_gives_the_same(STREAM_CSV, NULL, "a b c 0 3");
}

/* Columns of a record come in pairs: a path of names, and the same with each item named. */
static void
assert_pairs_are_equal(const Reading *reading, const char *document)
{
    g_auto(GStrv) lines = g_strsplit(reading->records->str, "\n", -1);

    for (char **line = lines; *line != NULL; line++) {
        g_auto(GStrv) columns = g_strsplit(*line, "|", -1);

        for (guint i = 0; i + 1 < g_strv_length(columns); i += 2) {
            if (strcmp(columns[i], columns[i + 1]) != 0)
                g_error("fields %u and %u differ: %s\n%s", i, i + 1, *line, document);
        }
    }
}

static void
assert_names_find_what_items_do(StreamFormat format, const char *records, const char *pairs)
{
    g_autoptr(Plan) plan = plan_new(format, records, pairs, NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    SeededRandom random;
    Writer writer = {&random.random, text, " "};
    uint64_t records_seen = 0;

    seeded_random_init(&random, 42);
    for (int i = 0; i < DOCUMENTS * 5; i++) {
        g_autoptr(Reading) reading = NULL;

        write_document(&writer, format);
        reading = read_whole(plan, str_of_gstring(text));
        assert_pairs_are_equal(reading, text->str);
        records_seen += reading->record_count;
    }
    g_assert_cmpuint(records_seen, >, DOCUMENTS);
}

static void
names_alone_find_each_item_of_the_lists_on_their_way(void)
{
    assert_names_find_what_items_do(STREAM_JSON, NULL, "a a[*] a.b a[*].b b.c.a b[*].c[*].a[*] . [*]");
    assert_names_find_what_items_do(STREAM_JSON, "[*]", "a a[*] a.b a[*].b b.c.a b[*].c[*].a[*]");
    assert_names_find_what_items_do(STREAM_XML, "r.a", "b b[*] b.c b[*].c b.@c b[*].@c c.a.b c[*].a[*].b");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(test) g_test_add_func("/stream/any_document/" #test, test)
    ADD(any_cut_gives_the_same_records);
    ADD(names_alone_find_each_item_of_the_lists_on_their_way);
    return g_test_run();
}
