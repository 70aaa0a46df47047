/* The shapes in which partners put their records: several names for one list, columns apart from rows, preambles. */
#include "base/random.h"
#include "support.h"

/* Reads the answer whole and in pieces, and returns the listings as "title|company; ". */
static char *
read_listings(const char *answer, const char *body, AnswerStatus expected)
{
    g_autofree char *yaml = g_strdup_printf("source: x\npartner: X\nfeed:\n  get: https://x.example/\n  answer: %s\n"
                                            "  listing:\n    title: t\n    company: c\n    url: = https://x.example/\n",
                                            answer);
    g_autoptr(SourceSet) set = load_text("x", yaml);
    Question question = QUESTION_NONE;
    g_autofree char *whole = NULL;

    for (unsigned i = 0; i < 20; i++) {
        SeededRandom random;
        GString *text = g_string_new(NULL);
        g_auto(Collected) c = {0};

        seeded_random_init(&random, i);
        c = collect(source_feed(source_set_at(set, 0)), &question, 0, str_of(body), true, i == 0 ? NULL : &random);
        if (c.status != expected)
            g_error("%s, not %s: %.*s", answer_status_name(c.status), answer_status_name(expected),
                    STR_FORMAT(c.message));
        for (guint j = 0; j < c.listings->len; j++) {
            const Listing *l = &g_array_index(c.listings, Listing, j);

            g_string_append_printf(text, "%.*s|%.*s; ", STR_FORMAT(l->title), STR_FORMAT(l->company));
        }
        if (expected == ANSWER_MALFORMED)
            str_append(text, c.message);
        if (i > 0)
            g_assert_cmpstr(text->str, ==, whole);
        g_free(whole);
        whole = g_string_free(text, FALSE);
    }
    return g_steal_pointer(&whole);
}

static void
assert_listings(const char *answer, const char *body, const char *expected)
{
    g_autofree char *listings = read_listings(answer, body, expected[0] != '\0' ? ANSWER_OK : ANSWER_EMPTY);

    g_assert_cmpstr(listings, ==, expected);
}

static void
assert_malformed(const char *answer, const char *body, const char *words)
{
    g_autofree char *message = read_listings(answer, body, ANSWER_MALFORMED);

    if (strstr(message, words) == NULL)
        g_error("\"%s\" is not in: %s", words, message);
}

static void
a_list_may_have_one_of_several_names(void)
{
    const char *answer = "{json: ['jobs[*]', 'job[*]', 'data.list[*]']}";

    assert_listings(answer, "{\"jobs\": [{\"t\": \"A\"}]}", "A|; ");
    assert_listings(answer, "{\"job\": {\"t\": \"A\"}}", "A|; ");
    assert_listings(answer, "{\"data\": {\"list\": [{\"t\": \"A\"}, {\"t\": \"B\"}]}, \"job\": {\"t\": \"C\"}}",
                    "A|; B|; C|; ");
    assert_listings(answer, "{\"others\": [{\"t\": \"A\"}]}", "");
    assert_listings("{xml: [r.job, r.Job]}", "<r><job><t>A</t></job><Job><t>B</t></Job></r>", "A|; B|; ");
    assert_listings("{json: [\"a[k='1']\", 'b[*]']}",
                    "{\"a\": [{\"k\": 1, \"t\": \"A\"}, {\"k\": 2, \"t\": \"B\"}], \"b\": [{\"t\": \"C\"}]}",
                    "A|; C|; ");
}

static void
rows_are_read_by_the_names_of_their_columns(void)
{
    const char *answer = "{json: 'data[*]', columns: columns}";

    assert_listings(
        answer,
        "{\"columns\": [\"t\", \"x\", \"c\"], \"data\": [[\"A\", [1, 2], \"Acme\"], [\"B\", {\"t\": 9}, null]]}",
        "A|Acme; B|; ");
    assert_listings(answer, "{\"columns\": [\"c\", \"t\"], \"data\": [[\"Acme\", \"A\", \"more\"], [\"only\"]]}",
                    "A|Acme; ");
    assert_listings("{json: 'rows[*]', columns: 'head[*].name'}",
                    "{\"head\": [{\"name\": \"t\"}, {\"name\": \"c\"}], \"rows\": [[\"A\", \"Acme\"]]}", "A|Acme; ");
    assert_listings(answer, "{\"columns\": [\"c\", \"t\"], \"data\": [{\"t\": \"B\"}]}", "B|; ");
    assert_malformed(answer, "{\"data\": [[\"A\"]], \"columns\": [\"t\"]}",
                     "columns, are not there before the first row");
}

static void
names_of_xml_are_told_without_their_prefix(void)
{
    assert_listings("{xml: feed.job}", "<n1:feed xmlns:n1='urn:x'><n1:job><n1:t>A</n1:t></n1:job></n1:feed>", "");
    assert_listings("{xml: feed.job, ignore_prefix: true}",
                    "<n1:feed xmlns:n1='urn:x'><n1:job><n2:t xmlns:n2='urn:z'>A</n2:t><c>Acme</c></n1:job></n1:feed>",
                    "A|Acme; ");
}

static void
a_table_begins_where_its_header_is_found(void)
{
    const char *answer = "{csv: {skip_to: 't,c'}}";

    assert_listings(answer, "Report, made \"today\n\n1,2,3\nt,c\r\nA,Acme\r\nB,\r\n", "A|Acme; B|; ");
    assert_listings(answer, "t,c\nA,Acme", "A|Acme; ");
    assert_listings(answer, "one\nt,c", "");
    assert_listings("{csv: {skip_lines: 1, skip_to: 't;c', delimiter: ';'}}", "t;c of old\nx\nt;c\nA;B\n", "A|B; ");
    assert_malformed(answer, "a,b\n1,2\n", "no line has \"t,c\"");
    assert_listings(answer, "", "");
}

static void
a_field_may_stand_around_the_record(void)
{
    const char *yaml =
        "source: x\npartner: X\nfeed:\n  get: https://x.example/\n"
        "  answer: {json: 'companies[*].openings[*]'}\n"
        "  listing: {title: t, company: ^.name | upper, country: ^^.country or 'US', url: = https://x.example/}\n";
    g_autoptr(SourceSet) set = load_text("x", yaml);
    Question question = QUESTION_NONE;
    g_auto(Collected) c = collect(source_feed(source_set_at(set, 0)), &question, 0,
                                  STR("{\"country\": \"DE\", \"companies\": [{\"name\": \"Acme\", \"openings\": "
                                      "[{\"t\": \"A\"}]}, {\"openings\": [{\"t\": \"B\"}]}]}"),
                                  true, NULL);
    const Listing *first = &g_array_index(c.listings, Listing, 0), *second = first + 1;

    g_assert_cmpuint(c.listings->len, ==, 2);
    g_assert_true(str_is(first->company, "ACME") && str_is(first->country, "DE"));
    g_assert_true(second->company.at == NULL && str_is(second->country, "DE"));
}

static void
shapes_that_make_no_sense_are_mistakes(void)
{
    static const struct {
        const char *answer, *words;
    } CASES[] = {
        {"{json: []}", "json: must be a path, or up to 8 of them"},
        {"{json: ['a[*]', 'b[']}", "json"},
        {"{csv: {}, columns: c}", "columns: only JSON needs it"},
        {"{json: 'a[*]', columns: 'c['}", "columns"},
        {"{json: '^.a[*]'}", "json: ^ has a meaning only in the fields of a record"},
        {"{json: 'a[*]', total: ^.n}", "total: ^ has a meaning only in the fields of a record"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml =
            g_strdup_printf("source: x\npartner: X\nfeed:\n  get: https://x.example/\n  answer: %s\n"
                            "  listing: {title: t, url: u}\n",
                            CASES[i].answer);

        assert_mistake(yaml, "x.yaml:5: ");
        assert_mistake(yaml, CASES[i].words);
    }
    assert_mistake("source: x\npartner: X\nfeed:\n  get: https://x.example/\n  answer: {csv: {}}\n"
                   "  listing: {title: t, url: u, company: ^.name}\n",
                   "\"^.name\": nothing encloses a row of CSV");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sources/a_list_may_have_one_of_several_names", a_list_may_have_one_of_several_names);
    g_test_add_func("/sources/rows_are_read_by_the_names_of_their_columns",
                    rows_are_read_by_the_names_of_their_columns);
    g_test_add_func("/sources/names_of_xml_are_told_without_their_prefix", names_of_xml_are_told_without_their_prefix);
    g_test_add_func("/sources/a_table_begins_where_its_header_is_found", a_table_begins_where_its_header_is_found);
    g_test_add_func("/sources/a_field_may_stand_around_the_record", a_field_may_stand_around_the_record);
    g_test_add_func("/sources/shapes_that_make_no_sense_are_mistakes", shapes_that_make_no_sense_are_mistakes);
    return g_test_run();
}
