#include "tracking/agent_list.h"

#include "tracking/crawler_table.h"

static AgentList *
list_of(bool ignores_case, const char *const *patterns)
{
    AgentList *list = agent_list_new(ignores_case);
    g_autoptr(GError) error = NULL;

    for (size_t i = 0; patterns[i] != NULL; i++)
        if (!agent_list_add(list, str_of(patterns[i]), &error))
            g_assert_no_error(error);
    return list;
}

static bool
has(const char *pattern, const char *user_agent)
{
    g_autoptr(AgentList) list = list_of(false, (const char *const[]){pattern, NULL});

    return agent_list_has(list, str_of(user_agent));
}

static void
a_plain_text_is_found_anywhere_and_its_case_counts(void)
{
    g_assert_true(has("bot", "robot"));
    g_assert_true(has("bot", "bot"));
    g_assert_false(has("bot", "Bot"));
    g_assert_false(has("bot", "bo"));
    g_assert_false(has("bot", "b"));
    g_assert_false(has("bot", ""));
    g_assert_true(has("wget\\/", "x wget/1"));
    g_assert_false(has("wget\\/", "x wget"));
    g_assert_true(has("^curl", "curl/8"));
    g_assert_false(has("^curl", "libcurl"));
}

static void
what_surrounds_a_text_in_its_pattern_counts_too(void)
{
    g_assert_true(has("Ads-Google([^-]|$)", "x Ads-Google"));
    g_assert_true(has("Ads-Google([^-]|$)", "Ads-Google (+http)"));
    g_assert_false(has("Ads-Google([^-]|$)", "Ads-Google-Mobile"));
    g_assert_true(has("Labs$", "SSL Labs"));
    g_assert_false(has("Labs$", "SSL Labs 2"));
    g_assert_true(has("[wW]get", "Wget"));
    g_assert_false(has("[wW]get", "Get"));
    g_assert_true(has("http.?client", "httpclient"));
    g_assert_true(has("java/\\d{1,2}.\\d", "java/17.1"));
    g_assert_false(has("java/\\d{1,2}.\\d", "java/x"));
    g_assert_true(has("colou?r", "color"));
    g_assert_true(has("colou*r", "colouur"));
    g_assert_true(has("fetch(er)+s", "fetcherers"));
    g_assert_true(has("a[]x]bc", "a]bc"));
    g_assert_true(has("[[:digit:]]bot", "7bot"));
    g_assert_true(has("x[^[:space:]]agent", "x-agent"));
    g_assert_true(has("[^]a]crawl", "bcrawl"));
    g_assert_true(has("[[:]crawl", ":crawl"));
    g_assert_true(has("([)x])spider", ")spider"));
    g_assert_true(has("([(])spider", "(spider"));
    g_assert_true(has("[\\]]spider", "]spider"));
    g_assert_true(has("(a\\)|b)cd", "a)cd"));
    g_assert_true(has("ab|cd", "xcd"));
    g_assert_true(has("ab|cd", "xab"));
    g_assert_true(has("^ab|cd", "xcd"));
    g_assert_false(has("^ab|cd", "xab"));
    g_assert_true(has("a[|]b|xy", "a|b"));
    g_assert_true(has("a[|]b|xy", "xy"));
    g_assert_true(has("(?i)GoOgle", "google"));
    g_assert_true(has("\\x41gent", "Agent"));
    g_assert_true(has("^.?$", "x"));
    g_assert_false(has("^.?$", "xy"));
}

static void
a_list_that_ignores_case_finds_either(void)
{
    g_autoptr(AgentList) list =
        list_of(true, (const char *const[]){"Feed Reader", "^FOCA", "Goldfire(\\s|\\+)Server", NULL});

    g_assert_true(agent_list_has(list, STR("my feed reader")));
    g_assert_true(agent_list_has(list, STR("foca 1")));
    g_assert_false(agent_list_has(list, STR("a foca")));
    g_assert_true(agent_list_has(list, STR("goldfire+server")));
    g_assert_cmpuint(agent_list_size(list), ==, 3);
}

static void
a_pattern_that_is_none_or_matches_everything_is_refused(void)
{
    static const char *const BAD[] = {"(", "[a", "a{2,1}", "*",  "",    ".",   ".*",
                                      " ", "x*", "(?:)",   "-?", "ab|", "|ab", "ab|.*"};
    g_autoptr(AgentList) list = agent_list_new(false);

    for (size_t i = 0; i < G_N_ELEMENTS(BAD); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(agent_list_add(list, str_of(BAD[i]), &error));
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, "the pattern "));
    }
    g_assert_cmpuint(agent_list_size(list), ==, 0);
}

static void
bytes_that_are_no_text_are_looked_at_as_they_are(void)
{
    g_assert_true(has("bot", "\xff\xfe"
                             "bot\x80"));
    g_assert_false(has("bot", "\xff\xff\xff"));
    g_assert_true(has("\xe8\x84\x9d", "x\xe8\x84\x9d"));
}

/* One pass over all texts finds what trying each regular expression finds. */
static void
the_list_finds_what_its_patterns_find_one_by_one(void)
{
    g_autoptr(AgentList) list = list_of(false, CRAWLER_PATTERNS);
    g_autoptr(GPtrArray) regexes = g_ptr_array_new_with_free_func((GDestroyNotify)g_regex_unref);
    g_autoptr(GRand) chance = g_rand_new_with_seed(5);
    size_t found = 0;

    for (size_t i = 0; CRAWLER_PATTERNS[i] != NULL; i++)
        g_ptr_array_add(regexes, g_regex_new(CRAWLER_PATTERNS[i], G_REGEX_RAW, 0, NULL));
    for (int round = 0; round < 400; round++) {
        /* A pattern's own text, in which a character is another one now, among the words of browsers. */
        g_autoptr(GString) agent = g_string_new("Mozilla/5.0 (compatible; ");
        gint32 cut = (gint32)agent->len;
        bool one_by_one = false;

        for (const char *at = CRAWLER_PATTERNS[g_rand_int_range(chance, 0, (gint32)regexes->len)]; *at != '\0'; at++)
            if (*at != '\\')
                g_string_append_c(agent, *at);
        for (int i = g_rand_int_range(chance, 0, 2); i > 0; i--)
            agent->str[g_rand_int_range(chance, cut, (gint32)agent->len)] = "aA.-/ x"[g_rand_int_range(chance, 0, 7)];
        if (g_rand_boolean(chance))
            g_string_erase(agent, 0, cut);
        for (guint i = 0; i < regexes->len && !one_by_one; i++)
            one_by_one = g_regex_match(regexes->pdata[i], agent->str, 0, NULL);
        g_test_message("%s", agent->str);
        g_assert_true(agent_list_has(list, str_of_gstring(agent)) == one_by_one);
        found += one_by_one;
    }
    g_assert_cmpuint(found, >, 50);
    g_assert_cmpuint(found, <, 350);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/agent_list/" G_STRINGIFY(name), name)
    ADD(a_plain_text_is_found_anywhere_and_its_case_counts);
    ADD(what_surrounds_a_text_in_its_pattern_counts_too);
    ADD(a_list_that_ignores_case_finds_either);
    ADD(a_pattern_that_is_none_or_matches_everything_is_refused);
    ADD(bytes_that_are_no_text_are_looked_at_as_they_are);
    ADD(the_list_finds_what_its_patterns_find_one_by_one);
    return g_test_run();
}
