/* What is proposed for documents of many shapes; that each loads is part of making it. */
#include "drafting/draft.h"

#include "base/random.h"
#include "sources/source.h"

#include <glib/gstdio.h>

static void
assert_loads(const char *yaml)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("weir-draft-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "x.yaml", NULL);
    const char *const files[] = {file, NULL};
    g_autoptr(SourceSet) set = NULL;

    g_assert_true(g_file_set_contents(file, yaml, -1, NULL));
    set = source_set_load(&(SourceSetSpec){.more_files = files}, &error);
    g_unlink(file);
    g_rmdir(folder);
    if (set == NULL)
        g_error("%s\n%s", error->message, yaml);
}

static Draft *
draft_of_url(Str document, const char *url)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Sample) sample = sample_read(document, false, NULL, &error);
    Draft *draft = NULL;

    g_assert_no_error(error);
    draft = draft_new(sample, &(DraftSpec){"x", "sample", url}, &error);
    g_assert_no_error(error);
    assert_loads(draft->yaml->str);
    return draft;
}

static Draft *
draft_of(Str document)
{
    return draft_of_url(document, "https://api.example.com/jobs");
}

static const char *
expression_of(const Draft *draft, const char *field)
{
    for (guint i = 0; i < draft->proposals->len; i++) {
        const DraftProposal *proposal = &g_array_index(draft->proposals, DraftProposal, i);

        if (strcmp(proposal->field, field) == 0)
            return proposal->expression;
    }
    return NULL;
}

static void
assert_has(const Draft *draft, const char *words)
{
    if (strstr(draft->yaml->str, words) == NULL)
        g_error("\"%s\" is not in\n%s", words, draft->yaml->str);
}

static void
records_are_the_repeated_thing_that_looks_like_listings(void)
{
    g_autoptr(Draft) draft =
        draft_of(STR("{\"facets\": [{\"name\": \"Berlin\", \"count\": 3}, {\"name\": \"Ulm\", \"count\": 1}], "
                     "\"total\": 4, \"page\": {\"jobs\": ["
                     "{\"id\": 1, \"title\": \"Cook\", \"url\": \"https://a/1\", \"tags\": [{\"name\": \"food\"}]},"
                     "{\"id\": 2, \"title\": \"Nurse\", \"url\": \"https://a/2\", \"tags\": []}]}}"));

    g_assert_cmpstr(draft->records, ==, "page.jobs[*]");
    g_assert_cmpstr(expression_of(draft, "title"), ==, "title | text");
    g_assert_cmpstr(expression_of(draft, "url"), ==, "url");
    g_assert_cmpstr(expression_of(draft, "id"), ==, "id");
    g_assert_cmpstr(draft_hint(draft, "total"), ==, "total");
}

static void
names_are_known_in_five_languages(void)
{
    static const char *const DOCUMENTS[] = {
        "[{\"stellenbezeichnung\": \"Koch\", \"arbeitgeber\": \"Acme\", \"arbeitsort\": \"Ulm\", \"link\": "
        "\"https://a/1\"}]",
        "[{\"intitule\": \"Chef\", \"entreprise\": {\"nom\": \"Acme\"}, \"lieuTravail\": {\"libelle\": \"Lyon\"}, "
        "\"lien\": \"https://a/1\"}]",
        "[{\"titulo\": \"Jefe\", \"empresa\": \"Acme\", \"ubicacion\": \"Madrid\", \"enlace\": \"https://a/1\"}]",
        "[{\"functietitel\": \"Kok\", \"werkgever\": \"Acme\", \"standplaats\": \"Utrecht\", \"url\": "
        "\"https://a/1\"}]",
        "[{\"Job Title\": \"Cook\", \"company-name\": \"Acme\", \"Location\": \"Leeds\", \"JOB_URL\": "
        "\"https://a/1\"}]",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(DOCUMENTS); i++) {
        g_autoptr(Draft) draft = draft_of(str_of(DOCUMENTS[i]));

        g_assert_cmpstr(draft->records, ==, "[*]");
        g_assert_nonnull(expression_of(draft, "title"));
        g_assert_nonnull(expression_of(draft, "company"));
        g_assert_nonnull(expression_of(draft, "location"));
        g_assert_null(strstr(expression_of(draft, "title"), "Untitled"));
        g_assert_null(strstr(expression_of(draft, "url"), "example.com"));
    }
}

static void
values_speak_where_names_do_not(void)
{
    g_autoptr(Draft) draft = draft_of(STR("17,Head of kitchen,https://a.example/17,2026-11-20T08:00:00Z\n18,Night "
                                          "nurse,https://a.example/18,2026-11-21T09:30:00Z\n"));

    g_assert_cmpstr(expression_of(draft, "title"), ==, "1 | text");
    g_assert_cmpstr(expression_of(draft, "url"), ==, "2");
    g_assert_cmpstr(expression_of(draft, "posted_at"), ==, "3 | time");
    assert_has(draft, "by its values alone");
    assert_has(draft, "header: false");
}

static void
entities_are_seen_wherever_they_stand(void)
{
    g_autoptr(Draft) draft = draft_of(
        STR("[{\"title\": \"R&D Engineer &amp; Lead\", \"url\": \"https://a/1\", \"company\": \"R&D; Sons\"}]"));

    g_assert_cmpstr(expression_of(draft, "title"), ==, "title | html_text");
    g_assert_cmpstr(expression_of(draft, "company"), ==, "company | text");
}

static void
assert_time(const char *a, const char *b, const char *expected)
{
    g_autofree char *document = g_strdup_printf(
        "[{\"title\": \"Cook\", \"url\": \"https://a/1\", \"posted\": %s}, {\"title\": \"Nurse\", \"url\": "
        "\"https://a/2\", \"posted\": %s}]",
        a, b);
    g_autoptr(Draft) draft = draft_of(str_of(document));

    g_assert_cmpstr(expression_of(draft, "posted_at"), ==, expected);
}

static void
times_are_recognised_as_they_are_written(void)
{
    assert_time("\"2026-11-20\"", "\"2026-11-21\"", "posted | time");
    assert_time("\"Tue, 24 Nov 2026 12:34:56 +0100\"", "\"Mon, 23 Nov 2026 12:34:56 GMT\"", "posted | time");
    assert_time("1795523696", "1795437296", "posted | time(epoch_s)");
    assert_time("\"1795523696000\"", "1795437296000", "posted | time(epoch_ms)");
    assert_time("\"24/11/2026\"", "\"03/11/2026\"", "posted | time('%d/%m/%Y')");
    assert_time("\"11/24/2026\"", "\"11/03/2026\"", "posted | time('%m/%d/%Y')");
    assert_time("\"24.11.2026\"", "\"03.11.2026\"", "posted | time('%d.%m.%Y')");
    assert_time("\"3 days ago\"", "\"yesterday\"", "posted | time(relative)");
    assert_time("\"2026-11-20\"", "\"2 days ago\"", "posted | time(rfc3339, relative)");
}

static void
days_and_months_that_may_be_swapped_are_pointed_out(void)
{
    g_autoptr(Draft) draft =
        draft_of(STR("[{\"title\": \"Cook\", \"url\": \"https://a/1\", \"date\": \"03/04/2026\"}]"));

    assert_has(draft, "DAY AND MONTH MAY BE THE OTHER WAY ROUND");
    assert_has(draft, "it says no zone");
}

static void
assert_zone(const char *posted, bool says_zone)
{
    g_autofree char *document =
        g_strdup_printf("[{\"title\": \"Cook\", \"url\": \"https://a/1\", \"posted\": \"%s\"}]", posted);
    g_autoptr(Draft) draft = draft_of(str_of(document));

    g_assert_nonnull(expression_of(draft, "posted_at"));
    g_assert_true((strstr(draft->yaml->str, "it says no zone") == NULL) == says_zone);
}

static void
a_zone_is_seen_however_it_is_written(void)
{
    assert_zone("2026-11-24T12:34:56Z", true);
    assert_zone("2026-11-24T12:34:56-05:00", true);
    assert_zone("Tue, 24 Nov 2026 12:34:56 GMT", true);
    assert_zone("Tue, 24 Nov 2026 12:34:56 EST", true);
    assert_zone("Tue Nov 24 12:34:56 +0000 2026", true);
    assert_zone("2026-11-24T12:34:56", false);
    assert_zone("2026-11-24", false);
    assert_zone("24.11.2026 12:34", false);
}

static void
pay_is_read_from_numbers_and_from_texts(void)
{
    g_autoptr(Draft) numbers =
        draft_of(STR("[{\"title\": \"Cook\", \"url\": \"https://a/1\", \"salary\": {\"min\": \"1.200,50\", \"max\": "
                     "\"1.500,75\", \"currency\": \"EUR\"}}]"));
    g_autoptr(Draft) texts =
        draft_of(STR("[{\"title\": \"Cook\", \"url\": \"https://a/1\", \"pay\": \"£20,000 - £25,000 a year\"}]"));
    g_autoptr(Draft) dollars =
        draft_of(STR("[{\"title\": \"Cook\", \"url\": \"https://a/1\", \"salary\": \"$20 - $25\"}]"));

    g_assert_cmpstr(expression_of(numbers, "salary.min"), ==, "salary.min | number('1.234,56')");
    g_assert_cmpstr(expression_of(numbers, "salary.currency"), ==, "salary.currency");
    g_assert_cmpstr(expression_of(texts, "salary.min"), ==, "pay | range_low('1,234.56')");
    g_assert_cmpstr(expression_of(texts, "salary.currency"), ==, "pay | currency");
    g_assert_cmpstr(expression_of(texts, "salary.period"), ==, "pay");
    g_assert_cmpstr(expression_of(dollars, "salary.currency"), ==, "salary | currency(USD)");
}

static void
a_language_is_known_by_its_code(void)
{
    g_autoptr(Draft) codes =
        draft_of(STR("[{\"title\": \"Cook\", \"url\": \"https://a/1\", \"language\": \"pt_BR\"}]"));
    g_autoptr(Draft) words =
        draft_of(STR("[{\"title\": \"Cook\", \"url\": \"https://a/1\", \"language\": \"fluent in two of them\"}]"));

    g_assert_cmpstr(expression_of(codes, "language"), ==, "language");
    g_assert_null(expression_of(words, "language"));
}

static void
rows_beside_a_list_of_names_are_records(void)
{
    g_autoptr(Draft) draft =
        draft_of(STR("{\"columns\": [\"Title\", \"Link\", \"City\"], \"rows\": [[\"Cook\", \"https://a/1\", \"Ulm\"], "
                     "[\"Nurse\", \"https://a/2\", \"Jena\"]]}"));

    g_assert_cmpstr(draft->records, ==, "rows[*]");
    g_assert_cmpstr(draft->columns, ==, "columns");
    g_assert_cmpstr(expression_of(draft, "title"), ==, "Title | text");
    g_assert_cmpstr(expression_of(draft, "url"), ==, "Link");
}

static void
json_within_a_text_is_looked_into(void)
{
    g_autoptr(Draft) draft =
        draft_of(STR("[{\"id\": 1, \"payload\": \"{\\\"title\\\": \\\"Cook\\\", \\\"link\\\": {\\\"url\\\": "
                     "\\\"https://a/1\\\"}}\"}]"));

    g_assert_cmpstr(expression_of(draft, "title"), ==, "payload | json('title') | text");
    g_assert_cmpstr(expression_of(draft, "url"), ==, "payload | json('link.url')");
}

static void
feeds_of_the_web_are_read(void)
{
    g_autoptr(Draft) rss =
        draft_of(STR("<rss><channel><title>Jobs</title><link>https://a/</link><item><title>Cook</title><link>https://a/"
                     "1</link><guid>1</guid>"
                     "<pubDate>Tue, 24 Nov 2026 12:34:56 "
                     "GMT</pubDate></item><item><title>Nurse</title><link>https://a/2</link><guid>2</guid>"
                     "<pubDate>Tue, 24 Nov 2026 12:34:56 GMT</pubDate></item></channel></rss>"));
    g_autoptr(Draft) atom =
        draft_of(STR("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Jobs</title><entry><title>Cook</title><link "
                     "href=\"https://a/1\"/><id>1</id>"
                     "<updated>2026-11-24T12:34:56Z</updated></entry></feed>"));

    g_assert_cmpstr(rss->records, ==, "rss.channel.item[*]");
    g_assert_cmpstr(expression_of(rss, "url"), ==, "link");
    g_assert_cmpstr(expression_of(rss, "posted_at"), ==, "pubDate | time");
    g_assert_cmpstr(atom->records, ==, "feed.entry[*]");
    g_assert_cmpstr(expression_of(atom, "url"), ==, "link@href");
}

static void
mail_addresses_are_neither_mapped_nor_shown(void)
{
    g_autoptr(Draft) draft = draft_of(
        STR("[{\"title\": \"Cook\", \"url\": \"https://a/1\", \"company\": \"anna@acme.example\", \"employer\": "
            "\"Acme\"}]"));

    g_assert_cmpstr(expression_of(draft, "company"), ==, "employer | text");
    g_assert_null(strstr(draft->yaml->str, "anna@"));
    assert_has(draft, "company: 1 of 1, mail addresses, left out");
}

static void
the_url_becomes_a_request_without_its_keys(void)
{
    g_autoptr(Draft) draft = draft_of_url(
        STR("{\"next\": null, \"jobs\": [{\"title\": \"Cook\", \"link\": \"/job/1\"}]}"),
        "https://api.example.com/v1/jobs?q=cook&page=1&limit=20&api_key=s3cret&lang=%7Bde%7D&token=other#top");

    g_assert_true(draft->is_search);
    assert_has(draft, "get: https://api.example.com/v1/jobs\n");
    assert_has(draft, "q: '{keywords}'");
    assert_has(draft, "page: '{page}'");
    assert_has(draft, "secrets: [X_API_KEY, X_TOKEN]");
    assert_has(draft, "{by: page, first: 1, size: 20}");
    assert_has(draft, "lang: '{{de}}'");
    g_assert_null(strstr(draft->yaml->str, "s3cret"));
    g_assert_cmpstr(expression_of(draft, "url"), ==, "link | prefix('https://api.example.com')");
}

static void
pages_go_on_by_the_link_in_the_document(void)
{
    g_autoptr(Draft) draft = draft_of(
        STR("{\"links\": {\"next\": \"https://api.example.com/jobs?page=2\"}, \"meta\": {\"total\": 40}, \"data\": "
            "[{\"title\": \"Cook\", \"url\": \"https://a/1\"}]}"));

    assert_has(draft, "pages: {by: next_link}");
    assert_has(draft, "next: links.next");
    assert_has(draft, "total: meta.total");
}

static void
what_is_missing_is_said_at_the_top(void)
{
    g_autoptr(Draft) draft = draft_of_url(STR("[{\"name\": \"Cook\", \"refnr\": \"A-1\"}]"), NULL);

    assert_has(draft, "# TO SEE TO: url: the sample has no link");
    assert_has(draft, "# TO SEE TO: company: none was recognised");
    assert_has(draft, "NO LINK IN THE SAMPLE");
    assert_has(draft, "start again with --list-url");
}

static void
a_document_without_records_is_refused(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Sample) sample = sample_read(STR("{\"error\": \"bad key\", \"code\": 12}"), false, NULL, NULL);

    g_assert_null(draft_new(sample, &(DraftSpec){"x", "sample", NULL}, &error));
    g_assert_nonnull(strstr(error->message, "nothing in it looks like a list of positions"));
}

/* ---- whatever the names and values, what is written loads ---- */

static void
append_noise(GString *to, SeededRandom *random)
{
    static const char *const PIECES[] = {"title", "url",  "id",   " ",   "-", ".", "[",          "]",         "'",
                                         "\\\"",  "|",    "or",   "=",   "@", "$", "#: ",        "{x}",       "null",
                                         "Größe", "12.5", "€ 20", "\\n", "*", "&", "https://a/", "2026-11-24"};

    for (uint64_t n = random_below(&random->random, 4); n-- > 0;)
        g_string_append(to, PIECES[random_below(&random->random, G_N_ELEMENTS(PIECES))]);
}

static void
an_object_keyed_by_ids_is_a_list(void)
{
    g_autoptr(Draft) draft =
        draft_of(STR("{\"jobs\": {\"12\": {\"title\": \"Cook\", \"url\": \"https://x.example/1\"}, "
                     "\"13\": {\"title\": \"Baker\", \"url\": \"https://x.example/2\", \"city\": "
                     "\"Oslo\"}}, \"total\": 2}"));

    assert_has(draft, "json: jobs.*");
    g_assert_cmpuint(draft->record_count, ==, 2);
    g_assert_cmpstr(expression_of(draft, "title"), ==, "title | text");
}

static void
a_page_is_read_where_its_json_stands(void)
{
    g_autoptr(Draft) draft =
        draft_of(STR("<html><input id=\"jobs\" value=\"[{&quot;title&quot;: &quot;Cook &amp;amp; Baker&quot;, "
                     "&quot;url&quot;: &quot;https://x.example/1&quot;}, {&quot;title&quot;: &quot;Driver&quot;, "
                     "&quot;url&quot;: &quot;https://x.example/2&quot;}]\"></html>"));

    assert_has(draft, "json: '[*]'");
    assert_has(draft, "    embedded:\n      after: id=\"jobs\"\n      as: entities\n");
    g_assert_cmpuint(draft->record_count, ==, 2);
}

static void
every_draft_loads_whatever_the_document(void)
{
    SeededRandom random;

    seeded_random_init(&random, 24);
    for (unsigned round = 0; round < 300; round++) {
        g_autoptr(GString) document = g_string_new("{\"x'y: [\": [");
        g_autoptr(Draft) draft = NULL;

        for (unsigned record = 0; record < 3; record++) {
            g_string_append_printf(document, "%s{\"title\": \"Cook %u\"", record > 0 ? ", " : "", record);
            for (unsigned member = 0; member < 6; member++) {
                g_string_append(document, ", \"");
                append_noise(document, &random);
                g_string_append(document, "\": \"");
                append_noise(document, &random);
                g_string_append_c(document, '"');
            }
            g_string_append_c(document, '}');
        }
        g_string_append(document, "]}");
        draft = draft_of(str_of_gstring(document));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/drafting/" #name, name)
    TEST(records_are_the_repeated_thing_that_looks_like_listings);
    TEST(names_are_known_in_five_languages);
    TEST(values_speak_where_names_do_not);
    TEST(entities_are_seen_wherever_they_stand);
    TEST(times_are_recognised_as_they_are_written);
    TEST(days_and_months_that_may_be_swapped_are_pointed_out);
    TEST(a_zone_is_seen_however_it_is_written);
    TEST(pay_is_read_from_numbers_and_from_texts);
    TEST(a_language_is_known_by_its_code);
    TEST(rows_beside_a_list_of_names_are_records);
    TEST(json_within_a_text_is_looked_into);
    TEST(feeds_of_the_web_are_read);
    TEST(mail_addresses_are_neither_mapped_nor_shown);
    TEST(the_url_becomes_a_request_without_its_keys);
    TEST(pages_go_on_by_the_link_in_the_document);
    TEST(what_is_missing_is_said_at_the_top);
    TEST(a_document_without_records_is_refused);
    TEST(an_object_keyed_by_ids_is_a_list);
    TEST(a_page_is_read_where_its_json_stands);
    TEST(every_draft_loads_whatever_the_document);
    return g_test_run();
}
