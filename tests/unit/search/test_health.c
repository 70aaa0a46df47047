#include "search/health.h"
#include "search/stop_rule.h"

typedef struct {
    SeededRandom random;
    Metrics *metrics;
    SourceHealth *health;
} Ward;

static void
ward_set_up(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    seeded_random_init(&ward->random, 3);
    ward->metrics = metrics_new();
    ward->health = source_health_new(&ward->random.random, 25, ward->metrics);
}

static void
ward_tear_down(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    source_health_free(ward->health);
    metrics_free(ward->metrics);
}

static void
call_once(Ward *ward, SourceStatus status, int64_t now_us)
{
    HealthTicket ticket;
    GError *error = NULL;

    g_assert_true(source_health_begin(ward->health, "acme", CALL_FIRST, now_us, &ticket, &error));
    g_assert_no_error(error);
    source_health_end(ward->health, "acme", &ticket, status, 0, now_us);
}

static void
a_source_that_fails_is_held_and_the_reason_says_how_long(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(Arena) arena = arena_new(256);
    g_autoptr(GError) error = NULL;
    HealthTicket ticket;
    Str reason = STR_NONE;

    g_assert_true(source_health_may_ask(ward->health, "acme", 0, arena, &reason));
    for (int i = 0; i < BREAKER_IN_A_ROW; i++)
        call_once(ward, SOURCE_TIMEOUT, 0);
    g_assert_false(source_health_may_ask(ward->health, "acme", BREAKER_OPEN_US - 1, arena, &reason));
    g_assert_true(str_starts_with(reason, STR("cooling down after timeout, for another 1 s")));
    g_assert_false(source_health_begin(ward->health, "acme", CALL_FIRST, 0, &ticket, &error));
    g_assert_cmpint(weir_error_code(error), ==, WEIR_ERROR_UNAVAILABLE);
    g_assert_true(source_health_may_ask(ward->health, "other", 0, arena, &reason));
    g_assert_cmpint(metric_value(ward->metrics, METRIC_BREAKER_STATE, "acme", NULL), ==, 2);
    g_assert_cmpint(metric_value(ward->metrics, METRIC_BREAKER_OPENED, "acme", "timeout"), ==, 1);
    call_once(ward, SOURCE_OK, 2 * BREAKER_OPEN_US);
    g_assert_cmpint(metric_value(ward->metrics, METRIC_BREAKER_STATE, "acme", NULL), ==, 0);
}

static void
no_more_calls_are_under_way_than_the_source_bears(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    HealthTicket tickets[LIMITER_START], more;

    for (int i = 0; i < LIMITER_START; i++)
        g_assert_true(source_health_begin(ward->health, "acme", CALL_FIRST, 0, &tickets[i], NULL));
    g_assert_false(source_health_begin(ward->health, "acme", CALL_FIRST, 0, &more, &error));
    g_assert_cmpstr(error->message, ==, "32 calls are under way, as many as it bears just now");
    g_assert_cmpint(metric_value(ward->metrics, METRIC_SOURCE_LIMITED, "acme", NULL), ==, 1);
    source_health_end(ward->health, "acme", &tickets[0], SOURCE_LATE, 0, 0);
    g_assert_true(source_health_begin(ward->health, "acme", CALL_FIRST, 0, &tickets[0], NULL));
    g_assert_cmpuint(source_health_view(ward->health, "acme", 0).under_way, ==, LIMITER_START);
    for (int i = 0; i < LIMITER_START; i++)
        source_health_end(ward->health, "acme", &tickets[i], SOURCE_OK, 0, 0);
    g_assert_cmpuint(source_health_view(ward->health, "acme", 0).under_way, ==, 0);
}

static void
new_definitions_give_a_refused_key_another_try(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    HealthView view;

    call_once(ward, SOURCE_CREDENTIAL, 0);
    view = source_health_view(ward->health, "acme", 0);
    g_assert_cmpstr(view.state, ==, "credential");
    g_assert_cmpstr(view.reason, ==, "credential");
    g_assert_cmpint(view.held_us, >=, BREAKER_CREDENTIAL_US);
    source_health_try_keys_again(ward->health);
    call_once(ward, SOURCE_OK, 0);
    g_assert_cmpstr(source_health_view(ward->health, "acme", 0).state, ==, "closed");
}

/* ---- the stop rule ---- */

static StopRule
rule_of(SearchMode mode, int64_t min_results)
{
    SearchQuery query = {.mode = mode, .per_page = 20, .page = 1, .min_results = min_results};

    return stop_rule_of(&query);
}

static StopAdvice
advise(const StopRule *rule, size_t asked, size_t answered, size_t failed, size_t listings)
{
    Progress progress = {.asked = asked,
                         .answered = answered,
                         .failed = failed,
                         .answered_with_listings = listings > 0 ? answered : 0,
                         .listings = listings,
                         .weight_asked = (double)asked,
                         .weight_answered = (double)answered,
                         .weight_failed = (double)failed};

    return stop_rule_advise(rule, &progress);
}

static void
fastest_takes_the_first_answer_or_the_first_page(void)
{
    StopRule rule = rule_of(SEARCH_FASTEST, 0), strict = rule_of(SEARCH_FASTEST, 50);

    g_assert_cmpint(advise(&rule, 3, 0, 0, 19), ==, STOP_WAIT);
    g_assert_cmpint(advise(&rule, 3, 0, 0, 20), ==, STOP_ENOUGH);
    g_assert_cmpint(advise(&rule, 3, 1, 0, 2), ==, STOP_ENOUGH);
    g_assert_cmpint(advise(&rule, 3, 1, 0, 0), ==, STOP_WAIT);
    g_assert_cmpint(advise(&strict, 3, 1, 0, 49), ==, STOP_WAIT);
    g_assert_cmpint(advise(&strict, 3, 1, 0, 50), ==, STOP_ENOUGH);
}

static void
balanced_gives_grace_after_nearly_all_that_can_still_come(void)
{
    StopRule rule = rule_of(SEARCH_BALANCED, 0), few = rule_of(SEARCH_BALANCED, 60);

    g_assert_cmpint(rule.grace_us, ==, 50 * US_PER_MS);
    g_assert_cmpint(advise(&rule, 20, 18, 0, 5), ==, STOP_WAIT);
    g_assert_cmpint(advise(&rule, 20, 19, 0, 5), ==, STOP_AFTER_GRACE);
    g_assert_cmpint(advise(&rule, 24, 19, 4, 5), ==, STOP_AFTER_GRACE);
    g_assert_cmpint(advise(&rule, 20, 0, 19, 0), ==, STOP_WAIT);
    g_assert_cmpint(advise(&rule, 20, 1, 0, 60), ==, STOP_WAIT);
    g_assert_cmpint(advise(&few, 20, 1, 0, 59), ==, STOP_WAIT);
    g_assert_cmpint(advise(&few, 20, 1, 0, 60), ==, STOP_AFTER_GRACE);
    g_assert_cmpint(advise(&rule, 20, 19, 1, 5), ==, STOP_ALL);
}

/* What is expected of sources counts, not how many they are. */
static void
a_quorum_by_weight_looks_at_what_is_expected(void)
{
    StopRule rule = rule_of(SEARCH_BALANCED, 0);
    Progress progress = {
        .asked = 10, .answered = 1, .answered_with_listings = 1, .weight_asked = 100, .weight_answered = 96};

    g_assert_cmpint(stop_rule_advise(&rule, &progress), ==, STOP_AFTER_GRACE);
    progress.answered = 9;
    progress.weight_answered = 60;
    g_assert_cmpint(stop_rule_advise(&rule, &progress), ==, STOP_WAIT);
}

static void
who_asks_for_listings_and_sources_gets_both(void)
{
    SearchQuery query = {.mode = SEARCH_FASTEST, .per_page = 20, .min_results = 10, .min_sources = 2};
    StopRule rule = stop_rule_of(&query);

    g_assert_cmpint(advise(&rule, 5, 1, 0, 50), ==, STOP_WAIT);
    g_assert_cmpint(advise(&rule, 5, 2, 0, 9), ==, STOP_WAIT);
    g_assert_cmpint(advise(&rule, 5, 2, 0, 10), ==, STOP_ENOUGH);
}

static void
a_mode_differs_in_numbers_only_and_the_query_has_the_last_word(void)
{
    SearchQuery query = {.mode = SEARCH_WIDEST, .per_page = 20, .timeout_ms = 70};
    StopRule rule = stop_rule_of(&query);

    g_assert_cmpint(rule.timeout_us, ==, 70 * US_PER_MS - SEARCH_RESERVE_US);
    g_assert_cmpfloat(rule.demand, ==, 0);
    g_assert_cmpfloat(rule_of(SEARCH_FASTEST, 0).demand, >, rule_of(SEARCH_BALANCED, 0).demand);
}

static void
widest_waits_for_all(void)
{
    StopRule rule = rule_of(SEARCH_WIDEST, 1);

    g_assert_cmpint(advise(&rule, 10, 9, 0, 5000), ==, STOP_WAIT);
    g_assert_cmpint(advise(&rule, 10, 9, 1, 5000), ==, STOP_ALL);
    g_assert_cmpint(advise(&rule, 0, 0, 0, 0), ==, STOP_ALL);
}

#define ADD(name) g_test_add("/search/" #name, Ward, NULL, ward_set_up, name, ward_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(a_source_that_fails_is_held_and_the_reason_says_how_long);
    ADD(no_more_calls_are_under_way_than_the_source_bears);
    ADD(new_definitions_give_a_refused_key_another_try);
    g_test_add_func("/search/fastest_takes_the_first_answer_or_the_first_page",
                    fastest_takes_the_first_answer_or_the_first_page);
    g_test_add_func("/search/balanced_gives_grace_after_nearly_all_that_can_still_come",
                    balanced_gives_grace_after_nearly_all_that_can_still_come);
    g_test_add_func("/search/a_quorum_by_weight_looks_at_what_is_expected",
                    a_quorum_by_weight_looks_at_what_is_expected);
    g_test_add_func("/search/who_asks_for_listings_and_sources_gets_both", who_asks_for_listings_and_sources_gets_both);
    g_test_add_func("/search/a_mode_differs_in_numbers_only_and_the_query_has_the_last_word",
                    a_mode_differs_in_numbers_only_and_the_query_has_the_last_word);
    g_test_add_func("/search/widest_waits_for_all", widest_waits_for_all);
    return g_test_run();
}
