#include "search/choose.h"

#include "sources/source.h"

static SourceBelief
belief_of(int64_t us, double share_new, int64_t value, double calls)
{
    LatencySketch sketch = {0};

    for (int i = 0; i < 100; i++)
        latency_note(&sketch, us, 1000);
    return (SourceBelief){.curve = latency_curve(&sketch), .share_new = share_new, .value = value, .calls = calls};
}

static SourceScore
score_of(int64_t us, double share_new, int64_t value)
{
    SourceBelief belief = belief_of(us, share_new, value, 100);

    return source_score(&belief, US_PER_SECOND, WORD_KEYWORDS, WORDS_ALL, 1);
}

static void
each_part_counts(void)
{
    SourceBelief belief = belief_of(50 * US_PER_MS, 0.5, 500000, 100);
    SourceScore best = source_score(&belief, US_PER_SECOND, WORD_KEYWORDS | WORD_RADIUS, WORDS_ALL, 1);

    g_assert_cmpint(best.in_time, ==, 1000);
    g_assert_cmpint(best.fresh, ==, 500);
    g_assert_cmpint(best.fit, ==, 1000);
    g_assert_cmpint(best.value, ==, 500);
    g_assert_cmpint(best.room, ==, 1000);
    g_assert_cmpint(best.score, ==, 750);
    g_assert_cmpfloat_with_epsilon((double)best.p50_us, 50000, 5000);
    g_assert_cmpint(best.p95_us, >=, best.p50_us);
    g_assert_cmpint(score_of(5 * US_PER_SECOND, 0.5, 500000).score, ==, 0);
    g_assert_cmpint(score_of(50 * US_PER_MS, 0.4, 500000).score, <, best.score);
    g_assert_cmpint(score_of(50 * US_PER_MS, 0.5, 0).score, <, best.score);
    g_assert_cmpint(source_score(&belief, US_PER_SECOND, WORD_RADIUS, WORDS_ALL & ~WORD_RADIUS, 1).fit, ==, 750);
    g_assert_cmpint(source_score(&belief, US_PER_SECOND, WORD_KEYWORDS, 0, 1).fit, ==, 300);
    g_assert_cmpint(source_score(&belief, US_PER_SECOND, WORD_KEYWORDS, WORDS_ALL & ~WORD_RADIUS, 1).fit, ==, 1000);
    g_assert_cmpint(source_score(&belief, US_PER_SECOND, WORD_KEYWORDS, WORDS_ALL, 0.2).room, ==, 1000);
    g_assert_cmpint(source_score(&belief, US_PER_SECOND, WORD_KEYWORDS, WORDS_ALL, 0.1).room, ==, 500);
}

static void
the_best_are_asked_and_as_many_as_the_mode_says(void)
{
    SeededRandom seeded;
    SourceScore scores[10];
    Choice choices[10];

    seeded_random_init(&seeded, 1);
    for (int run = 0; run < 300; run++) {
        size_t limit = (size_t)random_below(&seeded.random, 12), asked = 0, explored = 0;
        int64_t worst_asked = INT64_MAX, best_left = 0;

        for (size_t i = 0; i < 10; i++)
            scores[i] = score_of(50 * US_PER_MS, (double)random_below(&seeded.random, 100) / 100, 0);
        choose_sources(scores, 10, limit, &seeded.random, choices);
        for (size_t i = 0; i < 10; i++) {
            asked += choices[i] == CHOICE_ASK;
            explored += choices[i] == CHOICE_EXPLORE;
            if (choices[i] == CHOICE_ASK)
                worst_asked = MIN(worst_asked, scores[i].score);
            else
                best_left = MAX(best_left, scores[i].score);
        }
        g_assert_cmpuint(asked, ==, MIN(limit, 10));
        g_assert_cmpuint(explored, <=, 1);
        g_assert_cmpint(worst_asked, >=, best_left);
    }
}

static void
who_hardly_ever_answers_in_time_is_not_asked_once_that_is_known(void)
{
    SeededRandom seeded;
    SourceScore scores[] = {score_of(50 * US_PER_MS, 0.5, 0), score_of(3 * US_PER_SECOND, 0.9, 0)};
    unsigned asked = 0, slow = 0;
    Choice choices[2];

    seeded_random_init(&seeded, 2);
    for (int i = 0; i < 1000; i++) {
        choose_sources(scores, 2, SIZE_MAX, &seeded.random, choices);
        g_assert_cmpint(choices[0], ==, CHOICE_ASK);
        asked += choices[1] == CHOICE_EXPLORE;
        slow += choices[1] == CHOICE_TOO_SLOW;
    }
    g_assert_cmpuint(asked + slow, ==, 1000);
    g_assert_cmpuint(asked, >, 20); /* one in twenty, to see whether it still is so */
    g_assert_cmpuint(asked, <, 100);
    scores[1].calls = IN_TIME_CALLS - 1;
    choose_sources(scores, 2, SIZE_MAX, &seeded.random, choices);
    g_assert_cmpint(choices[1], ==, CHOICE_ASK);
}

static void
exploring_prefers_those_of_which_little_is_known(void)
{
    SeededRandom seeded;
    SourceScore scores[6];
    Choice choices[6];
    unsigned explored[6] = {0};

    seeded_random_init(&seeded, 3);
    for (size_t i = 0; i < 6; i++) {
        scores[i] = score_of(50 * US_PER_MS, i < 2 ? 0.9 : 0.1, 0);
        scores[i].calls = i == 5 ? 0 : 50;
    }
    for (int i = 0; i < 20000; i++) {
        choose_sources(scores, 6, 2, &seeded.random, choices);
        for (size_t k = 0; k < 6; k++)
            explored[k] += choices[k] == CHOICE_EXPLORE;
    }
    g_assert_cmpuint(explored[0] + explored[1], ==, 0);
    g_assert_cmpuint(explored[5], >, 10 * explored[2]);
    for (size_t i = 2; i < 5; i++)
        g_assert_cmpuint(explored[i], >, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/search/" #name, name)
    TEST(each_part_counts);
    TEST(the_best_are_asked_and_as_many_as_the_mode_says);
    TEST(who_hardly_ever_answers_in_time_is_not_asked_once_that_is_known);
    TEST(exploring_prefers_those_of_which_little_is_known);
    return g_test_run();
}
