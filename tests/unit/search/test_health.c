#include "search/health.h"
#include "search/stop_rule.h"

static bool
may_ask(SourceHealth *health, int64_t now_us)
{
    g_autoptr(Arena) arena = arena_new(256);
    Str reason = STR_NONE;
    bool may = source_health_may_ask(health, "acme", now_us, arena, &reason);

    g_assert_true(may == str_is_empty(reason));
    return may;
}

static void
fail_times(SourceHealth *health, int times, int64_t now_us)
{
    for (int i = 0; i < times; i++)
        source_health_report(health, "acme", SOURCE_TIMEOUT, 0, now_us);
}

static void
three_failures_in_a_row_hold_a_source(void)
{
    g_autoptr(SourceHealth) health = source_health_new();

    fail_times(health, 2, 0);
    source_health_report(health, "acme", SOURCE_OK, 0, 0);
    fail_times(health, 2, 0);
    g_assert_true(may_ask(health, 0));
    fail_times(health, 1, 0);
    g_assert_false(may_ask(health, HEALTH_HOLD_US - 1));
    g_assert_false(source_health_begin(health, "acme", HEALTH_HOLD_US - 1));
    g_assert_true(may_ask(health, HEALTH_HOLD_US));
}

static void
after_the_hold_one_call_tries_and_its_failure_doubles_the_hold(void)
{
    g_autoptr(SourceHealth) health = source_health_new();
    int64_t now_us = HEALTH_HOLD_US;

    fail_times(health, 3, 0);
    g_assert_true(source_health_begin(health, "acme", now_us));
    g_assert_false(source_health_begin(health, "acme", now_us));
    g_assert_false(may_ask(health, now_us));
    fail_times(health, 1, now_us);
    g_assert_false(may_ask(health, now_us + 2 * HEALTH_HOLD_US - 1));
    g_assert_true(source_health_begin(health, "acme", now_us + 2 * HEALTH_HOLD_US));
    source_health_report(health, "acme", SOURCE_EMPTY, 0, now_us + 2 * HEALTH_HOLD_US);
    fail_times(health, 2, now_us);
    g_assert_true(may_ask(health, now_us));
}

static void
a_cancelled_call_is_no_failure_and_frees_the_probe(void)
{
    g_autoptr(SourceHealth) health = source_health_new();

    for (int i = 0; i < 100; i++)
        source_health_report(health, "acme", SOURCE_LATE, 0, 0);
    g_assert_true(may_ask(health, 0));
    fail_times(health, 3, 0);
    g_assert_true(source_health_begin(health, "acme", HEALTH_HOLD_US));
    source_health_report(health, "acme", SOURCE_LATE, 0, HEALTH_HOLD_US);
    g_assert_true(source_health_begin(health, "acme", HEALTH_HOLD_US));
}

static void
a_refused_key_holds_at_once_and_longer(void)
{
    g_autoptr(SourceHealth) health = source_health_new();

    source_health_report(health, "acme", SOURCE_CREDENTIAL, 0, 0);
    g_assert_false(may_ask(health, HEALTH_CREDENTIAL_HOLD_US - 1));
    g_assert_true(may_ask(health, HEALTH_CREDENTIAL_HOLD_US));
}

static void
what_the_partner_asks_for_is_obeyed_within_a_day(void)
{
    g_autoptr(SourceHealth) health = source_health_new();

    source_health_report(health, "acme", SOURCE_QUOTA, 10 * US_PER_MINUTE, 0);
    g_assert_false(may_ask(health, 10 * US_PER_MINUTE - 1));
    g_assert_true(may_ask(health, 10 * US_PER_MINUTE));
    source_health_report(health, "acme", SOURCE_OK, 0, 0);
    source_health_report(health, "acme", SOURCE_TRANSIENT, INT64_MAX / 2, 0);
    g_assert_true(may_ask(health, HEALTH_RETRY_AFTER_LIMIT_US));
}

static void
a_question_that_was_wrong_says_nothing_of_the_partner(void)
{
    g_autoptr(SourceHealth) health = source_health_new();

    for (int i = 0; i < 10; i++)
        source_health_report(health, "acme", SOURCE_PERMANENT, 0, 0);
    g_assert_true(may_ask(health, 0));
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

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/search/three_failures_in_a_row_hold_a_source", three_failures_in_a_row_hold_a_source);
    g_test_add_func("/search/after_the_hold_one_call_tries_and_its_failure_doubles_the_hold",
                    after_the_hold_one_call_tries_and_its_failure_doubles_the_hold);
    g_test_add_func("/search/a_cancelled_call_is_no_failure_and_frees_the_probe",
                    a_cancelled_call_is_no_failure_and_frees_the_probe);
    g_test_add_func("/search/a_refused_key_holds_at_once_and_longer", a_refused_key_holds_at_once_and_longer);
    g_test_add_func("/search/what_the_partner_asks_for_is_obeyed_within_a_day",
                    what_the_partner_asks_for_is_obeyed_within_a_day);
    g_test_add_func("/search/a_question_that_was_wrong_says_nothing_of_the_partner",
                    a_question_that_was_wrong_says_nothing_of_the_partner);
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
