#include "commands/ranking_config.h"

typedef struct {
    Arena *arena;
    YamlMistakes mistakes;
} Fixture;

static void
set_up(Fixture *f, gconstpointer unused)
{
    (void)unused;
    f->arena = arena_new(4096);
    yaml_mistakes_init(&f->mistakes);
}

static void
tear_down(Fixture *f, gconstpointer unused)
{
    (void)unused;
    yaml_mistakes_clear(&f->mistakes);
    arena_free(f->arena);
}

static RankRule
take(Fixture *f, const char *text)
{
    const YamlNode *map = text == NULL ? NULL : yaml_parse(str_of(text), "weir.yaml", f->arena, &f->mistakes);
    RankRule rule;

    if (map != NULL)
        yaml_check(map, RANKING_KEYS, &f->mistakes);
    ranking_config_take(&rule, map, &f->mistakes);
    return rule;
}

static void
an_empty_configuration_is_the_rule_of_the_program(Fixture *f, gconstpointer unused)
{
    RankRule rule = take(f, NULL);

    (void)unused;
    g_assert_cmpstr(f->mistakes.text->str, ==, "");
    g_assert_cmpint(rule.relevance, ==, RANK_RULE.relevance);
    g_assert_cmpint(rule.place, ==, RANK_RULE.place);
    g_assert_cmpint(rule.freshness, ==, RANK_RULE.freshness);
    g_assert_cmpint(rule.revenue, ==, RANK_RULE.revenue);
    g_assert_cmpint(rule.half_fresh_us, ==, RANK_RULE.half_fresh_us);
    g_assert_cmpint(rule.unknown_freshness, ==, RANK_RULE.unknown_freshness);
    g_assert_cmpint(rule.half_value_micros, ==, RANK_RULE.half_value_micros);
    g_assert_cmpuint(rule.spread.window, ==, RANK_RULE.spread.window);
    g_assert_cmpuint(rule.spread.most, ==, RANK_RULE.spread.most);
    g_assert_cmpint(rule.spread.repeat, ==, RANK_RULE.spread.repeat);
}

static void
what_is_written_is_taken(Fixture *f, gconstpointer unused)
{
    RankRule rule = take(f, "relevance: 0\nrevenue: 1000\nhalf_fresh: 2d\nhalf_value: 0.05\nwindow: 4\nmost: 3\n"
                            "repeat: 0\nunknown_freshness: 1000\n");

    (void)unused;
    g_assert_cmpstr(f->mistakes.text->str, ==, "");
    g_assert_cmpint(rule.relevance, ==, 0);
    g_assert_cmpint(rule.revenue, ==, 1000);
    g_assert_cmpint(rule.place, ==, 20);
    g_assert_cmpint(rule.half_fresh_us, ==, 2 * US_PER_DAY);
    g_assert_cmpint(rule.half_value_micros, ==, 50000);
    g_assert_cmpint(rule.unknown_freshness, ==, 1000);
    g_assert_cmpuint(rule.spread.window, ==, 4);
    g_assert_cmpuint(rule.spread.most, ==, 3);
    g_assert_cmpint(rule.spread.repeat, ==, 0);
}

static void
assert_told(Fixture *f, const char *text, const char *mistake)
{
    yaml_mistakes_clear(&f->mistakes);
    yaml_mistakes_init(&f->mistakes);
    take(f, text);
    g_assert_nonnull(strstr(f->mistakes.text->str, mistake));
}

static void
each_mistake_is_told_with_its_line(Fixture *f, gconstpointer unused)
{
    (void)unused;
    assert_told(f, "relevance: 50\nrelevence: 5\n", "weir.yaml:2: relevence: unknown key; did you mean relevance?");
    assert_told(f, "place: 1\nrevenue: 1001\n", "weir.yaml:2: revenue");
    assert_told(f, "revenue: -1\n", "weir.yaml:1: revenue");
    assert_told(f, "revenue: 0.5\n", "weir.yaml:1: revenue");
    assert_told(f, "half_fresh: 10m\n", "weir.yaml:1: half_fresh: is less than 1h");
    assert_told(f, "half_value: much\n", "weir.yaml:1: half_value");
    assert_told(f, "half_value: 0\n", "weir.yaml:1: half_value: is not more than 0 and at most 1000");
    assert_told(f, "repeat: 0\nmost: 11\n", "weir.yaml:2: most: most (11) is more than window (10)");
    assert_told(f, "repeat: 0\nwindow: 5\n", "weir.yaml:2: window: most (6) is more than window (5)");
    assert_told(f, "relevance: 0\nplace: 0\nfreshness: 0\nrevenue: 0\n",
                "weir.yaml:1: ranking: all weights are 0: one of relevance, place, freshness and revenue must count");
}

#define TEST(name) g_test_add("/commands/" #name, Fixture, NULL, set_up, name, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(an_empty_configuration_is_the_rule_of_the_program);
    TEST(what_is_written_is_taken);
    TEST(each_mistake_is_told_with_its_line);
    return g_test_run();
}
