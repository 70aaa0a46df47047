/*
 * What is learned of sources, and when waiting for them is not worth it: the rules alone, and beside a simulation.
 */
#include "base/random.h"
#include "search/gain.h"
#include "search/learned.h"
#include "search/stop_rule.h"

#include <math.h>

#define MEMORY 512.0F

static double
random_unit(Random *random)
{
    return ((double)random_below(random, 1000000) + 0.5) / 1000000;
}

/* As partners are: half within 80 ms, 99 in 100 within 900 ms, and one in a hundred hangs (INT64_MAX). */
static int64_t
random_latency_us(Random *random)
{
    double normal = sqrt(-2 * log(random_unit(random))) * cos(2 * G_PI * random_unit(random));

    if (random_below(random, 100) == 0)
        return INT64_MAX;
    return (int64_t)(80000 * exp(log(900.0 / 80) / 2.3263 * normal));
}

#define SLOW_US (443 * US_PER_MS) /* 95 in 100 of those that come have come */

/* The first answer, when a slow call gets another beside it. */
static int64_t
random_hedged_us(Random *random)
{
    int64_t first_us = random_latency_us(random), second_us = random_latency_us(random);

    return MIN(first_us, second_us == INT64_MAX ? second_us : SLOW_US + second_us);
}

/* INT64_MAX: never */
static void
sketch_note(LatencySketch *sketch, int64_t us, float memory)
{
    if (us == INT64_MAX)
        latency_note_never(sketch, memory);
    else
        latency_note(sketch, us, memory);
}

/* ---- latency ---- */

static void
quantiles_are_right_to_a_tenth(void)
{
    SeededRandom seeded;
    LatencySketch sketch = {0};
    LatencyCurve curve;

    seeded_random_init(&seeded, 5);
    for (int i = 0; i < 20000; i++)
        sketch_note(&sketch, random_latency_us(&seeded.random), 100000);
    curve = latency_curve(&sketch);
    g_assert_cmpfloat_with_epsilon((double)latency_quantile_us(&curve, 0.495), 80000, 8000);
    g_assert_cmpfloat_with_epsilon((double)latency_quantile_us(&curve, 0.98), 900000, 90000);
    g_assert_cmpint(latency_quantile_us(&curve, 0.999), ==, INT64_MAX);
    g_assert_cmpfloat_with_epsilon(latency_within(&curve, 10 * US_PER_SECOND), 0.99, 0.003);
}

static void
what_comes_never_falls_with_time_and_stays_a_probability(void)
{
    SeededRandom seeded;

    seeded_random_init(&seeded, 11);
    for (int run = 0; run < 200; run++) {
        LatencySketch sketch = {0};
        LatencyCurve curve;
        double before = 0;

        for (uint64_t i = 0, count = 1 + random_below(&seeded.random, 50); i < count; i++) {
            int64_t us = (int64_t)random_below(&seeded.random, 1 + (UINT64_C(1) << random_below(&seeded.random, 27)));

            if (random_below(&seeded.random, 3) == 0)
                latency_note_longer(&sketch, us, 20);
            else
                latency_note(&sketch, us, 20);
            g_assert_cmpfloat((double)sketch.total, <=, 21);
        }
        curve = latency_curve(&sketch);
        for (int64_t us = 0; us < 40 * US_PER_SECOND; us += 1 + us / 7) {
            double within = latency_within(&curve, us), soon = latency_soon(&curve, us, 2 * us);

            g_assert_cmpfloat(within, >=, before - 1e-6);
            g_assert_cmpfloat(within, <=, 1);
            g_assert_cmpfloat(soon, >=, -1e-6);
            g_assert_cmpfloat(soon, <=, 1 + 1e-6);
            before = within;
        }
    }
}

static void
every_bucket_ends_where_the_next_begins(void)
{
    for (size_t b = 0; b < LATENCY_NEVER; b++) {
        LatencySketch sketch = {0};
        int64_t end_us = latency_bucket_end_us(b);

        latency_note(&sketch, end_us - 1, MEMORY);
        g_assert_cmpfloat((double)sketch.counts[b], ==, 1);
        latency_note(&sketch, end_us, MEMORY);
        g_assert_cmpfloat((double)sketch.counts[b + 1], ==, 1);
    }
}

/* A search that gives up at 200 ms must not come to believe that all answers come within 200 ms. */
static void
calls_that_were_given_up_do_not_make_a_source_look_fast(void)
{
    SeededRandom seeded;
    LatencySketch seen = {0}, cut = {0};
    LatencyCurve whole, part;

    seeded_random_init(&seeded, 3);
    for (int i = 0; i < 4000; i++) {
        int64_t us = random_latency_us(&seeded.random);
        int64_t patience_us = i % 4 == 0 ? 20 * US_PER_SECOND : 200 * US_PER_MS;

        if (us == INT64_MAX)
            latency_note_never(&seen, 10000);
        else
            latency_note(&seen, us, 10000);
        if (us <= patience_us)
            latency_note(&cut, us, 10000);
        else if (patience_us == 200 * US_PER_MS)
            latency_note_longer(&cut, patience_us, 10000);
        else
            latency_note_never(&cut, 10000);
    }
    whole = latency_curve(&seen);
    part = latency_curve(&cut);
    for (int64_t ms = 50; ms < 1000; ms += 50)
        g_assert_cmpfloat_with_epsilon(latency_within(&part, ms * US_PER_MS), latency_within(&whole, ms * US_PER_MS),
                                       0.03);
}

/* Beside a simulation of two calls, of which the second begins when the first is slow. */
static void
the_first_of_two_answers_comes_as_soon_as_two_calls_do(void)
{
    enum { RUNS = 100000 };
    SeededRandom seeded;
    LatencySketch one = {0}, first = {0};
    LatencyCurve curve, of_two, simulated;

    seeded_random_init(&seeded, 13);
    for (int i = 0; i < RUNS; i++) {
        sketch_note(&one, random_latency_us(&seeded.random), RUNS + 1);
        sketch_note(&first, random_hedged_us(&seeded.random), RUNS + 1);
    }
    curve = latency_curve(&one);
    simulated = latency_curve(&first);
    of_two = latency_curve_of_two(&curve, SLOW_US);
    for (int64_t ms = 10; ms < 3000; ms += 10) {
        double expected = latency_within(&simulated, ms * US_PER_MS);

        g_assert_cmpfloat_with_epsilon(latency_within(&of_two, ms * US_PER_MS), expected, 0.01);
    }
    g_assert_cmpfloat(latency_within(&of_two, 400 * US_PER_MS), ==, latency_within(&curve, 400 * US_PER_MS));
}

static void
sketches_add_up_and_old_answers_fade(void)
{
    LatencySketch one = {0}, other = {0};
    LatencyCurve curve;

    for (int i = 0; i < 100; i++)
        latency_note(&one, 10 * US_PER_MS, MEMORY);
    for (int i = 0; i < 300; i++)
        latency_note(&other, 500 * US_PER_MS, MEMORY);
    latency_add(&one, &other, 1);
    curve = latency_curve(&one);
    g_assert_cmpfloat_with_epsilon(latency_within(&curve, 100 * US_PER_MS), 0.25, 0.001);
    for (int i = 0; i < 5 * (int)MEMORY; i++)
        latency_note(&one, 2 * US_PER_SECOND, MEMORY);
    curve = latency_curve(&one);
    g_assert_cmpfloat(latency_within(&curve, US_PER_SECOND), <, 0.05);
}

/* ---- learned ---- */

#define NOON_US (INT64_C(1795500000) * US_PER_SECOND / US_PER_DAY * US_PER_DAY + 12 * US_PER_HOUR)

static void
a_source_is_known_by_the_hour_and_leans_on_the_others_where_nothing_is_known(void)
{
    g_autoptr(Learned) learned = learned_new();
    SourceBelief belief;

    for (int i = 0; i < 200; i++) {
        learned_note_call(learned, "acme", SOURCE_OK, 800 * US_PER_MS, NOON_US);
        learned_note_call(learned, "acme", SOURCE_OK, 50 * US_PER_MS, NOON_US + 8 * US_PER_HOUR);
    }
    belief = learned_belief(learned, "acme", NOON_US + US_PER_DAY);
    g_assert_cmpfloat(latency_within(&belief.curve, 100 * US_PER_MS), <, 0.2);
    belief = learned_belief(learned, "acme", NOON_US + 8 * US_PER_HOUR);
    g_assert_cmpfloat(latency_within(&belief.curve, 100 * US_PER_MS), >, 0.8);
    belief = learned_belief(learned, "acme", NOON_US + 3 * US_PER_HOUR);
    g_assert_cmpfloat_with_epsilon(latency_within(&belief.curve, 100 * US_PER_MS), 0.5, 0.05);
    g_assert_cmpfloat(belief.calls, >, 100);
}

static void
nothing_is_known_of_a_new_source_but_a_guess(void)
{
    g_autoptr(Learned) learned = learned_new();
    SourceBelief belief = learned_belief(learned, "acme", NOON_US);

    g_assert_cmpfloat(belief.calls, ==, 0);
    g_assert_cmpfloat(belief.share_new, >, 0);
    g_assert_cmpint(belief.value, ==, 0);
    g_assert_cmpfloat_with_epsilon(latency_within(&belief.curve, 20 * US_PER_SECOND), 0.95, 0.001);
}

static void
failures_count_as_never_and_what_was_not_asked_as_nothing(void)
{
    g_autoptr(Learned) learned = learned_new();
    SourceBelief belief;

    for (int i = 0; i < 50; i++) {
        learned_note_call(learned, "acme", SOURCE_OK, US_PER_MS, NOON_US);
        learned_note_call(learned, "acme", SOURCE_TRANSIENT, US_PER_MS, NOON_US);
        learned_note_call(learned, "acme", SOURCE_SKIPPED, 0, NOON_US);
        learned_note_call(learned, "acme", SOURCE_PERMANENT, US_PER_MS, NOON_US);
    }
    belief = learned_belief(learned, "acme", NOON_US);
    g_assert_cmpfloat(belief.calls, ==, 100);
    g_assert_cmpfloat_with_epsilon(latency_within(&belief.curve, US_PER_SECOND), 0.5, 0.02);
}

static void
earnings_go_before_bids_once_there_are_clicks_enough(void)
{
    g_autoptr(Learned) learned = learned_new();
    SourceEarnings earnings = {.source = (char *)"acme", .clicks = LEARNED_CLICKS_ENOUGH - 1, .earned = 9900000};

    for (int i = 0; i < 10; i++)
        learned_note_value(learned, "acme", 500000);
    learned_set_earnings(learned, &earnings, 1);
    g_assert_cmpint(learned_belief(learned, "acme", NOON_US).value, ==, 500000);
    earnings.clicks = 2 * LEARNED_CLICKS_ENOUGH;
    learned_set_earnings(learned, &earnings, 1);
    g_assert_cmpint(learned_belief(learned, "acme", NOON_US).value, ==, 49500);
    g_assert_true(learned_belief(learned, "acme", NOON_US).value_earned);
    learned_set_earnings(learned, NULL, 0);
    g_assert_cmpint(learned_belief(learned, "acme", NOON_US).value, ==, 500000);
}

static void
a_bid_is_worth_what_its_source_pays_of_bids(void)
{
    const ClickYield nothing = {0}, half = {.clicks = 9900, .earned = 99 * 25000000LL, .bids = 99 * 50000000LL},
                     few = {.clicks = 1, .earned = 0, .bids = 500000}, wild = {1000, 100000000000, 1000, 0};

    g_assert_cmpint(click_expected(&nothing, 400000), ==, 400000);
    g_assert_cmpint(click_expected(&half, 400000), ==,
                    202000); /* a hundred clicks that paid all are believed as well */
    g_assert_cmpint(click_expected(&few, 1000000), ==, 990000);
    g_assert_cmpint(click_expected(&wild, 1000000), ==, 4000000);
    g_assert_cmpint(click_expected(&half, INT64_MAX), >, 0);
    g_assert_cmpint(click_expected(&(ClickYield){INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX}, INT64_MAX), >, 0);
}

static void
without_a_bid_a_click_is_worth_what_clicks_earned(void)
{
    g_autoptr(Learned) learned = learned_new();
    SourceEarnings earnings[] = {{.source = (char *)"acme", .clicks = 900, .earned = 90000000},
                                 {.source = (char *)"bolt", .clicks = 100, .earned = 10000000}};
    ClickYield acme, other;

    other = learned_yield(learned, STR("other"));
    g_assert_cmpint(click_expected(&other, 0), ==, 0); /* nothing is known of any */
    learned_set_earnings(learned, earnings, 2);
    acme = learned_yield(learned, STR("acme"));
    other = learned_yield(learned, STR("other"));
    g_assert_cmpint(click_expected(&acme, 0), ==, 100000);
    g_assert_cmpint(click_expected(&other, 0), ==, 100000); /* a source of which nothing is known is like all */
    earnings[0].earned = 0;
    learned_set_earnings(learned, earnings, 2);
    acme = learned_yield(learned, STR("acme"));
    g_assert_cmpint(click_expected(&acme, 0), ==, 1000); /* of 10000 that all earn */
    learned_set_earnings(learned, &earnings[1], 1);
    acme = learned_yield(learned, STR("acme"));
    g_assert_cmpint(acme.clicks, ==, 0);
    earnings[1].clicks = LEARNED_CLICKS_ENOUGH - 1;
    learned_set_earnings(learned, &earnings[1], 1);
    other = learned_yield(learned, STR("other"));
    g_assert_cmpint(click_expected(&other, 0), ==, 0); /* these are too few for that */
}

/* ---- gain ---- */

#define SOURCES  20
#define LIMIT_US (2 * US_PER_SECOND)

static const StopRule *
balanced(void)
{
    static StopRule rule;
    SearchQuery query = {.mode = SEARCH_BALANCED, .per_page = 20};

    rule = stop_rule_of(&query);
    return &rule;
}

/* Twenty alike, of which much is known, and whose slow calls get a second one beside them after SLOW_US. */
static Awaited
usual_source(void)
{
    LatencyCurve curve;
    LatencySketch sketch = {0};
    SeededRandom seeded;

    seeded_random_init(&seeded, 77);
    for (int i = 0; i < 10000; i++)
        sketch_note(&sketch, random_latency_us(&seeded.random), 100000);
    curve = latency_curve(&sketch);
    return (Awaited){.curve = latency_curve_of_two(&curve, SLOW_US), .gain = 20};
}

/* The same search in another way: each source answers at its moment, and time goes in steps of a millisecond. */
static int64_t
simulated_end_us(const Awaited *usual, const int64_t *latencies_us, double demand, int64_t plan_us,
                 size_t *ret_answered)
{
    const Awaited *awaited[SOURCES];
    size_t answered = 0;

    for (int64_t now_us = US_PER_MS; now_us < LIMIT_US; now_us += US_PER_MS) {
        size_t left = 0;

        for (size_t i = 0; i < SOURCES; i++)
            if (latencies_us[i] > now_us)
                awaited[left++] = usual;
        answered = SOURCES - left;
        *ret_answered = answered;
        if (left == 0 ||
            !gain_is_worth_it(awaited, left, (double)answered * usual->gain, demand, now_us, plan_us, LIMIT_US))
            return now_us;
    }
    return LIMIT_US;
}

static int
compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return left < right ? -1 : left > right;
}

static void
balanced_gets_nine_tenths_in_a_time_that_is_known_before(void)
{
    enum { RUNS = 1000 };
    const Awaited usual = usual_source();
    const Awaited *all[SOURCES];
    SeededRandom seeded;
    int64_t ends_us[RUNS], plan_us;
    size_t got = 0, whole = 0;

    for (size_t i = 0; i < SOURCES; i++)
        all[i] = &usual;
    plan_us = gain_plan_us(all, SOURCES, 0, balanced()->demand, LIMIT_US);
    seeded_random_init(&seeded, 9);
    for (size_t run = 0; run < RUNS; run++) {
        int64_t latencies_us[SOURCES];
        size_t answered;

        for (size_t i = 0; i < SOURCES; i++) {
            latencies_us[i] = random_hedged_us(&seeded.random);
            whole += latencies_us[i] < 5 * US_PER_SECOND;
        }
        ends_us[run] = simulated_end_us(&usual, latencies_us, balanced()->demand, plan_us, &answered);
        got += answered;
    }
    qsort(ends_us, RUNS, sizeof *ends_us, compare);
    g_test_message("plan %d ms, p50 %d ms, p99 %d ms, share %d of 1000", (int)(plan_us / 1000),
                   (int)(ends_us[RUNS / 2] / 1000), (int)(ends_us[RUNS * 99 / 100] / 1000), (int)(got * 1000 / whole));
    g_assert_cmpint(ends_us[RUNS * 99 / 100], <, 350 * US_PER_MS);
    g_assert_cmpfloat((double)got, >=, 0.9 * (double)whole);
}

static Awaited
source_at(int64_t us, double gain)
{
    LatencySketch sketch = {0};

    for (int i = 0; i < 100; i++)
        latency_note(&sketch, us, MEMORY);
    return (Awaited){.curve = latency_curve(&sketch), .gain = gain};
}

static void
one_slow_source_among_fast_ones_is_not_waited_for_unless_it_has_most(void)
{
    const Awaited fast = source_at(50 * US_PER_MS, 20), slow = source_at(1500 * US_PER_MS, 20);
    const Awaited rich = source_at(1500 * US_PER_MS, 2000);
    const Awaited *awaited[] = {&fast, &fast, &fast, &fast, &slow};

    g_assert_cmpint(gain_plan_us(awaited, 5, 0, balanced()->demand, LIMIT_US), <, 100 * US_PER_MS);
    awaited[4] = &rich;
    g_assert_cmpint(gain_plan_us(awaited, 5, 0, balanced()->demand, LIMIT_US), >, 1400 * US_PER_MS);
}

static void
who_demands_nothing_and_who_has_nothing_waits(void)
{
    const Awaited usual = usual_source();
    const Awaited *awaited[] = {&usual};

    g_assert_cmpint(gain_plan_us(awaited, 1, 0, 0, LIMIT_US), ==, LIMIT_US);
    g_assert_true(gain_is_worth_it(awaited, 1, 100, 0, US_PER_SECOND, 1, LIMIT_US));
    g_assert_true(gain_is_worth_it(awaited, 1, 0, balanced()->demand, US_PER_SECOND, 1, LIMIT_US));
    g_assert_false(gain_is_worth_it(awaited, 1, 100, balanced()->demand, US_PER_SECOND, 1, LIMIT_US));
    g_assert_false(gain_is_worth_it(awaited, 0, 1, balanced()->demand, US_PER_SECOND, 1, LIMIT_US));
}

/* More missing, more patience; more there, less; a higher demand, less; and the plan never beyond the limit. */
static void
patience_grows_with_what_is_missing_and_falls_with_what_is_there(void)
{
    SeededRandom seeded;
    const Awaited usual = usual_source();
    const Awaited *awaited[SOURCES];

    seeded_random_init(&seeded, 21);
    for (size_t i = 0; i < SOURCES; i++)
        awaited[i] = &usual;
    for (int run = 0; run < 500; run++) {
        size_t count = 1 + (size_t)random_below(&seeded.random, SOURCES - 1);
        double have = 1 + (double)random_below(&seeded.random, 500), demand = 0.01 + random_unit(&seeded.random);
        int64_t now_us = 1 + (int64_t)random_below(&seeded.random, LIMIT_US);
        int64_t plan_us = gain_plan_us(awaited, count, have, demand, LIMIT_US);

        g_assert_cmpint(plan_us, <=, LIMIT_US);
        g_assert_cmpint(plan_us, >=, gain_plan_us(awaited, count, have + 50, demand, LIMIT_US));
        g_assert_cmpint(plan_us, >=, gain_plan_us(awaited, count, have, demand * 2, LIMIT_US));
        if (gain_is_worth_it(awaited, count, have, demand, now_us, plan_us, LIMIT_US)) {
            g_assert_true(gain_is_worth_it(awaited, count + 1, have, demand, now_us, plan_us, LIMIT_US));
            g_assert_true(gain_is_worth_it(awaited, count, have / 2, demand, now_us, plan_us, LIMIT_US));
            g_assert_true(gain_is_worth_it(awaited, count, have, demand / 2, now_us, plan_us, LIMIT_US));
        }
        g_assert_cmpint(gain_look_again_us(now_us, plan_us), >, now_us);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/search/" #name, name)
    TEST(quantiles_are_right_to_a_tenth);
    TEST(what_comes_never_falls_with_time_and_stays_a_probability);
    TEST(every_bucket_ends_where_the_next_begins);
    TEST(calls_that_were_given_up_do_not_make_a_source_look_fast);
    TEST(the_first_of_two_answers_comes_as_soon_as_two_calls_do);
    TEST(sketches_add_up_and_old_answers_fade);
    TEST(a_source_is_known_by_the_hour_and_leans_on_the_others_where_nothing_is_known);
    TEST(nothing_is_known_of_a_new_source_but_a_guess);
    TEST(failures_count_as_never_and_what_was_not_asked_as_nothing);
    TEST(earnings_go_before_bids_once_there_are_clicks_enough);
    TEST(a_bid_is_worth_what_its_source_pays_of_bids);
    TEST(without_a_bid_a_click_is_worth_what_clicks_earned);
    TEST(balanced_gets_nine_tenths_in_a_time_that_is_known_before);
    TEST(one_slow_source_among_fast_ones_is_not_waited_for_unless_it_has_most);
    TEST(who_demands_nothing_and_who_has_nothing_waits);
    TEST(patience_grows_with_what_is_missing_and_falls_with_what_is_there);
    return g_test_run();
}
