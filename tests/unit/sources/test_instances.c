/* Instances of a definition: their parameters, keys and countries, and what the configuration adds. */
#include "base/yaml.h"
#include "support.h"

#define SEARCH                                                                                                         \
    "search:\n  get: 'https://{site}.x.example/${KEY}'\n  answer: {json: 'jobs[*]'}\n"                                 \
    "  listing: {title: title, url: url}\n"
#define HEAD                                                                                                           \
    "source: x\npartner: X\nsecrets: [KEY]\nparameters: {site: {required: true}}\n"                                    \
    "countries: [US]\n"

/* What a deployment would say: one secret is not set, and the configuration has an instance more. */
typedef struct {
    const char *unset;
    const YamlNode *more;
} Deployment;

static const char *
secret_of(void *data, const char *name)
{
    g_autofree char *value = g_strconcat("SECRET-", name, NULL);

    return g_strcmp0(((Deployment *)data)->unset, name) == 0 ? NULL : g_intern_string(value);
}

static const YamlNode *
instances_of(void *data, const char *source)
{
    return strcmp(source, "x") == 0 ? ((Deployment *)data)->more : NULL;
}

static SourceSet *
load(const char *yaml, Deployment *deployment, GError **error)
{
    const SourceSetSpec spec = {.secret = secret_of, .instances = instances_of, .data = deployment};

    return load_as(&spec, "x", yaml, error);
}

static char *
url_of(SourceSet *set, const char *name)
{
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GError) error = NULL;
    Question question = QUESTION_NONE;
    HttpRequest request;
    FakeClock clock;

    fake_clock_init(&clock, 0);
    g_assert_true(operation_request(source_search(source_set_find(set, str_of(name))), &question, NULL, &clock.clock,
                                    arena, &request, &error));
    return g_strdup(request.url);
}

static void
each_instance_has_its_own_key_and_countries(void)
{
    Deployment deployment = {.unset = "B_KEY"};
    g_autoptr(GError) error = NULL;
    g_autoptr(SourceSet) set =
        load(HEAD "instances:\n  a: {site: aa, countries: [DE, AT]}\n  b: {site: bb, secrets: {KEY: B_KEY}}\n"
                  "  c: {site: cc, secrets: {KEY: C_KEY}}\n" SEARCH,
             &deployment, &error);
    g_autofree char *a = NULL, *c = NULL;

    g_assert_no_error(error);
    g_assert_cmpuint(source_set_count(set), ==, 3);
    a = url_of(set, "x-a");
    c = url_of(set, "x-c");
    g_assert_cmpstr(a, ==, "https://aa.x.example/SECRET-KEY");
    g_assert_cmpstr(c, ==, "https://cc.x.example/SECRET-C_KEY");
    g_assert_cmpstr(source_disabled(source_set_find(set, STR("x-b"))), ==, "needs B_KEY");
    g_assert_cmpstr(source_countries(source_set_find(set, STR("x-a")))[1], ==, "AT");
    g_assert_cmpstr(source_countries(source_set_find(set, STR("x-c")))[0], ==, "US");
}

static void
the_configuration_adds_instances(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    g_auto(YamlMistakes) none;
    Deployment deployment = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(SourceSet) alone = NULL, beside = NULL;
    g_autofree char *url = NULL;

    yaml_mistakes_init(&none);
    deployment.more = yaml_parse(STR("acme: {site: acme}\n"), "weir.yaml", arena, &none);
    alone = load(HEAD SEARCH, &deployment, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(source_set_count(alone), ==, 1);
    url = url_of(alone, "x-acme");
    g_assert_cmpstr(url, ==, "https://acme.x.example/SECRET-KEY");
    beside = load(HEAD "instances: {a: {site: aa}}\n" SEARCH, &deployment, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(source_set_count(beside), ==, 2);
}

static void
a_parameter_may_stand_where_secrets_do(void)
{
    static const char *const YAML = HEAD
        "instances:\n  a: {site: '${SITE_A}'}\n  b: {site: '${SITE_B}'}\nsearch:\n  get: 'https://x.example/{site}'\n"
        "  answer: {json: 'jobs[*]'}\n  listing: {title: title, url: url}\n";
    g_autoptr(Arena) arena = arena_new(4096);
    Deployment deployment = {.unset = "SITE_B"};
    g_autoptr(GError) error = NULL;
    g_autoptr(SourceSet) set = load(YAML, &deployment, &error);
    g_autofree char *url = NULL, *shown = NULL;

    g_assert_no_error(error);
    url = url_of(set, "x-a");
    g_assert_cmpstr(url, ==, "https://x.example/SECRET-SITE_A");
    shown = str_dup(operation_redact(source_search(source_set_find(set, STR("x-a"))), str_of(url), arena));
    g_assert_cmpstr(shown, ==, "https://x.example/***");
    g_assert_cmpstr(source_disabled(source_set_find(set, STR("x-b"))), ==, "needs SITE_B");
}

static void
a_secret_parameter_is_hidden_in_base64_too(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    Deployment deployment = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(SourceSet) set = load(HEAD "instances: {a: {site: '${SITE_A}'}}\nvalues: {pair: '{site}:x'}\nsearch:\n"
                                         "  get: https://x.example/\n"
                                         "  query: {pair: '{pair|base64url}', own: '{site|base64url}'}\n"
                                         "  answer: {json: 'jobs[*]'}\n  listing: {title: title, url: url}\n",
                                    &deployment, &error);
    g_autofree char *url = NULL, *shown = NULL;

    g_assert_no_error(error);
    url = url_of(set, "x-a");
    g_assert_cmpstr(url, ==, "https://x.example/?pair=U0VDUkVULVNJVEVfQTp4&own=U0VDUkVULVNJVEVfQQ");
    shown = str_dup(operation_redact(source_search(source_set_find(set, STR("x-a"))), str_of(url), arena));
    g_assert_cmpstr(shown, ==, "https://x.example/?pair=***&own=***");
}

static void
an_address_that_is_secret_and_no_address_is_not_told(void)
{
    Question question = QUESTION_NONE;
    Deployment deployment = {0};
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GError) error = NULL;
    g_autoptr(SourceSet) set = load(HEAD "instances: {a: {site: '${ADDRESS}'}}\nsearch:\n  get: '{site}'\n"
                                         "  answer: {json: 'jobs[*]'}\n  listing: {title: title, url: url}\n",
                                    &deployment, &error);
    HttpRequest request;
    FakeClock clock;

    g_assert_no_error(error);
    fake_clock_init(&clock, 0);
    g_assert_false(operation_request(source_search(source_set_at(set, 0)), &question, NULL, &clock.clock, arena,
                                     &request, &error));
    g_assert_cmpstr(error->message, ==, "x-a: \"***\" has no good host");
}

static void
mistakes_of_instances_are_told_where_they_stand(void)
{
    static const struct {
        const char *more, *yaml, *mistake;
    } CASES[] = {
        {"acme: {stie: acme}\n", HEAD SEARCH, "weir.yaml:1: stie: is none of the parameters, nor secrets or countries"},
        {"acme: acme\n", HEAD SEARCH, "weir.yaml:1: instances: must be a map of parameters to values"},
        {"Acme: {site: a}\n", HEAD SEARCH, "weir.yaml:1: instances: \"x-Acme\" is no name"},
        {"[a]\n", HEAD SEARCH, "weir.yaml:1: instances: must be a map of names to parameters"},
        {NULL, HEAD "instances: {a: {site: a, secrets: {KYE: B}}}\n" SEARCH, ":6: KYE: is none of the secrets"},
        {NULL, HEAD "instances: {a: {site: a, secrets: B}}\n" SEARCH, ":6: secrets: must be a map of the file's"},
        {NULL, HEAD "instances: {a: {site: a, countries: [de]}}\n" SEARCH, ":6: countries: \"de\" is no ISO code"},
        {"a: {site: b}\n", HEAD "instances: {a: {site: a}}\n" SEARCH, "two definitions have this name"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(Arena) arena = arena_new(4096);
        g_auto(YamlMistakes) none;
        Deployment deployment = {0};
        g_autoptr(GError) error = NULL;
        g_autoptr(SourceSet) set = NULL;

        yaml_mistakes_init(&none);
        if (CASES[i].more != NULL)
            deployment.more = yaml_parse(str_of(CASES[i].more), "weir.yaml", arena, &none);
        set = load(CASES[i].yaml, &deployment, &error);
        g_assert_null(set);
        if (strstr(error->message, CASES[i].mistake) == NULL)
            g_error("expected %s\n     got %s", CASES[i].mistake, error->message);
    }
}

static void
terms_go_with_a_source(void)
{
    g_autoptr(SourceSet) set = load_text(
        "x", "source: x\npartner: X\nterms: {attribution: By X, attribution_url: 'https://x.example', nofollow: false, "
             "noindex: true, not_to: [jooble, linkedin]}\nclick: {lifetime: 24h}\nsearch:\n  get: https://x.example/\n"
             "  answer: {json: 'jobs[*]'}\n  listing: {title: title, url: url}\n");
    const Source *source = source_set_at(set, 0);

    g_assert_cmpstr(source_attribution_url(source), ==, "https://x.example");
    g_assert_true(source_wants_follow(source));
    g_assert_true(source_forbids_robots(source));
    g_assert_true(source_may_syndicate_to(source, STR_NONE));
    g_assert_true(source_may_syndicate_to(source, STR("acme")));
    g_assert_false(source_may_syndicate_to(source, STR("LinkedIn")));
    g_assert_cmpint(source_cache_terms(source).fresh_us, ==, 0);
    g_assert_cmpint(source_click_lifetime_us(source), ==, US_PER_DAY);
    g_assert_cmpint(source_price_until_us(source, 5), ==, US_PER_DAY + 5);
}

static void
a_feed_keeps_to_the_terms(void)
{
    static const struct {
        const char *yaml, *mistake;
    } CASES[] = {
        {"terms: {store: false}\n", ": feed: is stored, which terms.store forbids"},
        {"click: {lifetime: 3h}\n", ": every: is longer than click.lifetime: clicks would not be paid"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml =
            g_strdup_printf("source: x\npartner: X\n%sfeed:\n  get: https://x.example/\n  every: 4h\n"
                            "  answer: {json: 'jobs[*]'}\n  listing: {title: title, url: url}\n",
                            CASES[i].yaml);

        assert_mistake(yaml, CASES[i].mistake);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sources/each_instance_has_its_own_key_and_countries",
                    each_instance_has_its_own_key_and_countries);
    g_test_add_func("/sources/the_configuration_adds_instances", the_configuration_adds_instances);
    g_test_add_func("/sources/a_parameter_may_stand_where_secrets_do", a_parameter_may_stand_where_secrets_do);
    g_test_add_func("/sources/a_secret_parameter_is_hidden_in_base64_too", a_secret_parameter_is_hidden_in_base64_too);
    g_test_add_func("/sources/an_address_that_is_secret_and_no_address_is_not_told",
                    an_address_that_is_secret_and_no_address_is_not_told);
    g_test_add_func("/sources/mistakes_of_instances_are_told_where_they_stand",
                    mistakes_of_instances_are_told_where_they_stand);
    g_test_add_func("/sources/terms_go_with_a_source", terms_go_with_a_source);
    g_test_add_func("/sources/a_feed_keeps_to_the_terms", a_feed_keeps_to_the_terms);
    return g_test_run();
}
