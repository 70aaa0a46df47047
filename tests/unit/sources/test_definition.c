#include "support.h"

#define HEAD   "source: x\npartner: X\n"
#define SEARCH "search:\n  get: https://x.example/\n  answer: {json: 'jobs[*]'}\n  listing: {title: title, url: url}\n"

static void
assert_mentions(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        g_error("\"%s\" is not in:\n%s", part, text);
}

static void
all_definitions_of_the_project_load(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SourceSet) set = load_project_sources(&error);

    g_assert_no_error(error);
    g_assert_cmpuint(source_set_count(set), >=, 15);
    for (size_t i = 0; i < source_set_count(set); i++)
        g_assert_cmpstr(source_disabled(source_set_at(set, i)), ==, NULL);
    g_assert_nonnull(source_set_find(set, STR("greenhouse-stripe")));
    g_assert_null(source_set_find(set, STR("greenhouse")));
}

static void
the_simulated_partners_load_too(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SourceSet) set = load_with_secrets("sources/sandbox", &error);

    g_assert_no_error(error);
    g_assert_cmpuint(source_set_count(set), >=, 5);
}

static void
a_missing_secret_disables_the_source_and_is_no_mistake(void)
{
    g_autofree char *path = g_build_filename(g_getenv("WEIR_ROOT"), "sources", NULL);
    g_autoptr(GError) error = NULL;
    SourceSetSpec spec = {.directory = path};
    g_autoptr(SourceSet) set = source_set_load(&spec, &error);
    const Source *adzuna;

    g_assert_no_error(error);
    adzuna = source_set_find(set, STR("adzuna"));
    g_assert_cmpstr(source_disabled(adzuna), ==, "needs ADZUNA_APP_ID, ADZUNA_APP_KEY");
    g_assert_null(source_disabled(source_set_find(set, STR("remotive"))));
}

static void
the_head_of_a_definition_is_exposed(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SourceSet) set = load_with_secrets("sources", &error);
    const Source *adzuna = source_set_find(set, STR("adzuna")), *talroo = source_set_find(set, STR("talroo"));

    g_assert_cmpstr(source_partner(adzuna), ==, "Adzuna");
    g_assert_cmpstr(source_attribution(adzuna), ==, "Jobs by Adzuna");
    g_assert_cmpint(source_cache_terms(adzuna).fresh_us, ==, US_PER_HOUR);
    g_assert_cmpuint(source_limit_count(adzuna), ==, 4);
    g_assert_cmpint(source_limit(adzuna, 0).count, ==, 25);
    g_assert_cmpint(source_limit(adzuna, 0).window_us, ==, US_PER_MINUTE);
    g_assert_cmpuint(source_sub_id_slot(adzuna).length_limit, ==, 32);
    g_assert_true(operation_is_full(source_feed(talroo)));
    g_assert_cmpint(operation_every_us(source_feed(talroo)), ==, 4 * US_PER_HOUR);
    g_assert_false(source_may_syndicate_to(source_set_find(set, STR("remotive")), STR_NONE));
    g_assert_true(source_may_store(adzuna));
}

static void
a_search_is_asked_twice_where_method_and_terms_allow_it(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SourceSet) set = load_with_secrets("sources", &error);
    g_autofree char *text = mistakes_of("x", HEAD "terms: {repeat: twice}\n" SEARCH);

    g_assert_cmpint(operation_repeat(source_search(source_set_find(set, STR("adzuna")))), ==, REPEAT_HEDGE);
    g_assert_cmpint(operation_repeat(source_search(source_set_find(set, STR("jooble")))), ==, REPEAT_NEVER); /* POST */
    g_assert_cmpint(operation_repeat(source_search(source_set_find(set, STR("serpapi")))), ==, REPEAT_RETRY);
    g_assert_nonnull(strstr(text, "repeat: must be never, retry or hedge, not \"twice\""));
}

static void
a_definition_says_what_it_was_tried_on(void)
{
    g_autofree char *text = mistakes_of("x", HEAD "status: perhaps\n" SEARCH);
    g_autoptr(SourceSet) set = load_text("x", HEAD "status: recorded\n" SEARCH);
    g_autoptr(SourceSet) silent = load_text("x", HEAD SEARCH);

    g_assert_cmpstr(source_status(source_set_at(set, 0)), ==, "recorded");
    g_assert_null(source_status(source_set_at(silent, 0)));
    assert_mentions(text, "x.yaml:3: status: must be documented, recorded or needs-account");
}

static void
assert_auth(const SourceSet *set, const char *name, const char *expected)
{
    g_autoptr(Arena) arena = arena_new(1024);
    const char *const *words = source_auth(source_set_find(set, str_of(name)), arena);
    g_autofree char *text = g_strjoinv(", ", (char **)(uintptr_t)words);

    g_assert_cmpstr(text, ==, expected);
}

static void
how_a_partner_knows_us_is_told_in_words(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SourceSet) set = load_with_secrets("sources", &error);

    g_assert_no_error(error);
    assert_auth(set, "remotive", "");
    assert_auth(set, "reed", "Basic");
    assert_auth(set, "adzuna", "key in query");
    assert_auth(set, "jooble", "key in URL");
    assert_auth(set, "usajobs", "key in header");
    assert_auth(set, "bundesagentur", "header, the same for all");
    assert_auth(set, "france-travail", "OAuth2");
    assert_auth(set, "shareasale", "key in query, signature");
    g_assert_cmpstr(source_definition(source_set_find(set, STR("lever-spotify"))), ==, "lever");
}

static void
every_mistake_is_named_with_file_line_and_key(void)
{
    g_autofree char *text = mistakes_of("x", "source: y\n"
                                             "parnter: X\n"
                                             "limits: [25/fortnight]\n"
                                             "countries: [Germany]\n"
                                             "search:\n"
                                             "  get: ftp://x.example/{key}\n"
                                             "  query: {q: '{keyword}', k: '${KEY}'}\n"
                                             "  pages: {by: leaf}\n"
                                             "  answer: {jsn: 'jobs[*]'}\n"
                                             "  listing:\n"
                                             "    titel: title\n"
                                             "    url: url | uper\n"
                                             "  timeout: fast\n"
                                             "source: z\n");

    assert_mentions(text, "x.yaml:14: source: is given twice");
    assert_mentions(text, "x.yaml:1: source: must be the file's name, x");
    assert_mentions(text, "x.yaml:2: parnter: unknown key; did you mean partner?");
    assert_mentions(text, "partner: is missing");
    assert_mentions(text, "x.yaml:3: limits: \"25/fortnight\" is no limit");
    assert_mentions(text, "x.yaml:4: countries: \"Germany\" is no ISO code");
    assert_mentions(text, "x.yaml:6: get: must begin with https://");
    assert_mentions(text, "x.yaml:7: q: unknown placeholder {keyword}; did you mean {keywords}?");
    assert_mentions(text, "x.yaml:7: k: ${KEY} is not among the secrets");
    assert_mentions(text, "x.yaml:8: by: must be page, offset");
    assert_mentions(text, "x.yaml:9: jsn: unknown key; did you mean json?");
    assert_mentions(text, "x.yaml:11: titel: unknown field; did you mean title?");
    assert_mentions(text, "x.yaml:12: url: unknown transform \"uper\"; did you mean upper?");
    assert_mentions(text, "x.yaml:13: timeout: must be a duration");
}

static void
mistakes_in_compression_are_named(void)
{
    g_autofree char *packer = mistakes_of("x", HEAD "search:\n"
                                                    "  get: https://x.example/\n"
                                                    "  answer: {json: ., compression: rar}\n"
                                                    "  listing: {title: t, url: u}\n");
    g_autofree char *member = mistakes_of("x", HEAD "search:\n"
                                                    "  get: https://x.example/\n"
                                                    "  answer: {json: ., compression: gzip, zip: '*.json'}\n"
                                                    "  listing: {title: t, url: u}\n");

    assert_mentions(packer, "compression: must be auto, none, gzip or zip, not \"rar\"");
    assert_mentions(member, "zip: has no meaning: compression says it is no zip archive");
}

static void
totals_say_when_a_day_is_final_and_how_much_may_differ(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SourceSet) set = load_with_secrets("sources/sandbox", &error);
    const Operation *totals = source_totals(source_set_find(set, STR("fir")));

    g_assert_cmpstr(operation_name(totals), ==, "totals");
    g_assert_cmpint(operation_every_us(totals), ==, 5 * US_PER_MINUTE);
    g_assert_cmpint(operation_tolerance(totals).maturity_us, ==, US_PER_HOUR);
    g_assert_cmpint(operation_tolerance(totals).absolute_micros, ==, 10000);
    g_assert_cmpint(operation_tolerance(totals).relative_percent_micros, ==, 100000);
    g_assert_true(operation_asks_by_day(totals));
    g_assert_null(operation_zone(totals));
}

static void
mistakes_in_totals_are_named(void)
{
    g_autofree char *text = mistakes_of("x", HEAD "totals:\n"
                                                  "  get: https://x.example/\n"
                                                  "  ask_by: month\n"
                                                  "  upload: true\n"
                                                  "  tolerance: {amount: -1, percent: much}\n"
                                                  "  answer: {json: '[*]'}\n"
                                                  "  line: {key: a}\n"
                                                  "  total: {amount: a}\n"
                                                  "search:\n"
                                                  "  get: https://x.example/\n"
                                                  "  maturity: 1h\n"
                                                  "  answer: {json: '[*]'}\n"
                                                  "  listing: {title: a, url: b}\n");

    assert_mentions(text, "x.yaml:4: totals: have nothing to be compared with");
    assert_mentions(text, "ask_by: must be window or day");
    assert_mentions(text, "upload: only reports can be given by hand");
    assert_mentions(text, "amount: \"-1\" is no number");
    assert_mentions(text, "percent: \"much\" is no number");
    assert_mentions(text, "line: has no meaning here; write total");
    assert_mentions(text, "day: is missing");
    assert_mentions(text, "currency: is missing");
    assert_mentions(text, "maturity: only totals have it");
}

static void
reports_need_a_mode_a_key_and_money(void)
{
    g_autofree char *text = mistakes_of("x", HEAD "reports:\n"
                                                  "  default:\n"
                                                  "    get: https://x.example/\n"
                                                  "    mode: sometimes\n"
                                                  "    answer: {csv: {delimiter: ';;'}}\n"
                                                  "    line: {amount: a}\n");

    assert_mentions(text, "mode: must be mutable, append or aggregate");
    assert_mentions(text, "delimiter: must be one character");
    assert_mentions(text, "currency: is missing");
    assert_mentions(text, "key: is missing");
}

static void
aliases_and_broken_yaml_are_refused(void)
{
    g_autofree char *alias = mistakes_of("x", "a: &a {b: c}\nd: *a\n");
    g_autofree char *broken = mistakes_of("x", "source: [x\n");
    g_autofree char *list = mistakes_of("x", "- x\n");

    assert_mentions(alias, "x.yaml:1: anchors are not allowed");
    assert_mentions(broken, "x.yaml:2: not YAML");
    assert_mentions(list, "must be a map of keys");
}

static void
expressions_name_where_they_go_wrong(void)
{
    static const struct {
        const char *expression, *message;
    } CASES[] = {
        {"title |", "a transform is missing behind \"|\""},
        {"title | map(a)", "map takes pairs"},
        {"title | time('%Q')", "is no pattern of %Y"},
        {"title | time('%Y', 'Mars/Olympus')", "no time zone at the end"},
        {"title | split", "split takes 1 to 2 arguments, not 0"},
        {"title | split(',', x)", "\"x\" is no index"},
        {"(title", "\")\" is missing"},
        {"'title", "a quote is not closed"},
        {"title other", "\"|\" or \"or\" is missing before \"other\""},
        {"{titles}", "unknown placeholder {titles}"},
        {"title | number('12')", "no example of a number"},
        {"{format: '{a} {b}', a: a, b: b}", "stands without quotes around it"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml = g_strdup_printf(HEAD "search:\n  get: https://x.example/\n  answer: {json: 'jobs[*]'}\n"
                                                     "  listing:\n    url: url\n    title: >-\n      %s\n",
                                                CASES[i].expression);
        g_autofree char *text = mistakes_of("x", yaml);

        assert_mentions(text, "x.yaml:8: title: ");
        assert_mentions(text, CASES[i].message);
    }
}

static void
a_parameter_must_be_one_of_its_values(void)
{
    g_autofree char *text = mistakes_of("x", HEAD "parameters: {site: {default: c, one_of: [a, b]}}\n" SEARCH);
    g_autofree char *instance =
        mistakes_of("x", HEAD "parameters: {site: {default: a}}\ninstances: {one: {sight: b}}\n" SEARCH);

    assert_mentions(text, "site: \"c\" is not among its one_of");
    assert_mentions(instance, "sight: is none of the parameters");
}

static void
a_set_without_folder_is_a_mistake(void)
{
    g_autoptr(GError) error = NULL;
    SourceSetSpec spec = {.directory = "/nowhere/at/all"};

    g_assert_null(source_set_load(&spec, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sources/all_definitions_of_the_project_load", all_definitions_of_the_project_load);
    g_test_add_func("/sources/the_simulated_partners_load_too", the_simulated_partners_load_too);
    g_test_add_func("/sources/a_missing_secret_disables_the_source_and_is_no_mistake",
                    a_missing_secret_disables_the_source_and_is_no_mistake);
    g_test_add_func("/sources/the_head_of_a_definition_is_exposed", the_head_of_a_definition_is_exposed);
    g_test_add_func("/sources/a_definition_says_what_it_was_tried_on", a_definition_says_what_it_was_tried_on);
    g_test_add_func("/sources/a_search_is_asked_twice_where_method_and_terms_allow_it",
                    a_search_is_asked_twice_where_method_and_terms_allow_it);
    g_test_add_func("/sources/how_a_partner_knows_us_is_told_in_words", how_a_partner_knows_us_is_told_in_words);
    g_test_add_func("/sources/every_mistake_is_named_with_file_line_and_key",
                    every_mistake_is_named_with_file_line_and_key);
    g_test_add_func("/sources/mistakes_in_compression_are_named", mistakes_in_compression_are_named);
    g_test_add_func("/sources/reports_need_a_mode_a_key_and_money", reports_need_a_mode_a_key_and_money);
    g_test_add_func("/sources/aliases_and_broken_yaml_are_refused", aliases_and_broken_yaml_are_refused);
    g_test_add_func("/sources/expressions_name_where_they_go_wrong", expressions_name_where_they_go_wrong);
    g_test_add_func("/sources/a_parameter_must_be_one_of_its_values", a_parameter_must_be_one_of_its_values);
    g_test_add_func("/sources/totals_say_when_a_day_is_final_and_how_much_may_differ",
                    totals_say_when_a_day_is_final_and_how_much_may_differ);
    g_test_add_func("/sources/mistakes_in_totals_are_named", mistakes_in_totals_are_named);
    g_test_add_func("/sources/a_set_without_folder_is_a_mistake", a_set_without_folder_is_a_mistake);
    return g_test_run();
}
