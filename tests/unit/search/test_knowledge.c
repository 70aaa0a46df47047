/* What was learned of sources, over a restart. */
#include "base/random.h"
#include "search/choose.h"
#include "search/knowledge.h"

#include <glib/gstdio.h>

#define START_US (INT64_C(1795500000) * US_PER_SECOND)

/* What a process knows. */
typedef struct {
    SeededRandom random;
    Learned *learned;
    SourceHealth *health;
} Mind;

typedef struct {
    FakeClock clock;
    char *folder, *path;
    Mind before, after;
} Fixture;

static void
mind_init(Mind *mind)
{
    seeded_random_init(&mind->random, 17);
    mind->learned = learned_new();
    mind->health = source_health_new(&mind->random.random, 10, NULL);
}

static void
mind_clear(Mind *mind)
{
    learned_free(mind->learned);
    source_health_free(mind->health);
}

static void
set_up(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    GError *error = NULL;

    fake_clock_init(&f->clock, START_US);
    f->folder = g_dir_make_tmp("weir-knowledge-XXXXXX", &error);
    g_assert_no_error(error);
    f->path = g_build_filename(f->folder, "knowledge", NULL);
    mind_init(&f->before);
    mind_init(&f->after);
}

static void
tear_down(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    mind_clear(&f->before);
    mind_clear(&f->after);
    g_unlink(f->path);
    g_assert_cmpint(g_rmdir(f->folder), ==, 0);
    g_free(f->path);
    g_free(f->folder);
}

static void
call(Mind *mind, FakeClock *clock, const char *source, SourceStatus status, int64_t took_us)
{
    HealthTicket ticket;
    g_autoptr(GError) error = NULL;

    if (!source_health_begin(mind->health, source, CALL_FIRST, clock_monotonic_us(&clock->clock), &ticket, &error))
        return;
    fake_clock_advance_us(clock, took_us);
    source_health_end(mind->health, source, &ticket, status, 0, clock_monotonic_us(&clock->clock));
    learned_note_call(mind->learned, source, status, took_us, clock_now_us(&clock->clock));
    if (source_status_is_answer(status)) {
        learned_note_new(mind->learned, source, (size_t)(took_us % 7), 10);
        learned_note_value(mind->learned, source, took_us % 9000);
    }
}

/* A day of many sources, each in its own way. */
static void
live(Mind *mind, FakeClock *clock)
{
    Random *random = &mind->random.random;

    for (int i = 0; i < 3000; i++) {
        unsigned number = (unsigned)random_below(random, 12);
        g_autofree char *source = g_strdup_printf("source-%u", number);
        int64_t took_us = (int64_t)(number + 1) * 20 * US_PER_MS + (int64_t)random_below(random, 30000);
        SourceStatus status = random_below(random, 10) < number / 3 ? SOURCE_TIMEOUT : SOURCE_OK;

        call(mind, clock, source, random_below(random, 20) == 0 ? SOURCE_LATE : status, took_us);
    }
}

static void
restart(Fixture *f, int64_t away_us)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(knowledge_save(f->before.learned, f->before.health, &f->clock.clock, f->path, &error));
    g_assert_no_error(error);
    fake_clock_advance_us(&f->clock, away_us);
    if (!knowledge_load(f->after.learned, f->after.health, &f->clock.clock, f->path, &error))
        g_assert_no_error(error);
}

static SourceBelief
belief(const Fixture *f, const Mind *mind, const char *source)
{
    return learned_belief(mind->learned, source, clock_now_us(&f->clock.clock));
}

static SourceScore
score_of(const Fixture *f, const Mind *mind, unsigned number)
{
    g_autofree char *source = g_strdup_printf("source-%u", number);
    SourceBelief known = belief(f, mind, source);

    return source_score(&known, US_PER_SECOND, WORD_KEYWORDS, WORDS_ALL, 1);
}

/* ---- what comes back ---- */

static void
the_choice_after_a_restart_is_the_same_at_once(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    SourceScore before[13], after[13];
    Choice chosen_before[13], chosen_after[13];

    live(&f->before, &f->clock);
    restart(f, 0);
    for (unsigned i = 0; i < 13; i++) { /* the last is one that nobody knows */
        before[i] = score_of(f, &f->before, i);
        after[i] = score_of(f, &f->after, i);
        g_assert_cmpint(ABS(before[i].score - after[i].score), <=, 2);
        g_assert_cmpint(ABS(before[i].calls - after[i].calls), <=, 1);
        g_assert_cmpint(ABS(before[i].p50_us - after[i].p50_us), <=, before[i].p50_us / 50);
    }
    seeded_random_init(&f->before.random, 5);
    seeded_random_init(&f->after.random, 5);
    choose_sources(before, 13, 4, &f->before.random.random, chosen_before);
    choose_sources(after, 13, 4, &f->after.random.random, chosen_after);
    for (size_t i = 0; i < 13; i++)
        g_assert_cmpint(chosen_before[i], ==, chosen_after[i]);
    g_assert_cmpint(after[0].calls, >, 100);
}

static void
a_source_that_rests_goes_on_resting_for_what_is_left(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    HealthView view;

    for (int i = 0; i < 5; i++)
        call(&f->before, &f->clock, "acme", SOURCE_TIMEOUT, 0);
    restart(f, 2 * US_PER_SECOND);
    view = source_health_view(f->after.health, "acme", clock_monotonic_us(&f->clock.clock));
    g_assert_cmpstr(view.state, ==, "open");
    g_assert_cmpstr(view.reason, ==, "timeout");
    g_assert_cmpint(view.held_us, >=, 3 * US_PER_SECOND);
    g_assert_cmpint(view.held_us, <, 4 * US_PER_SECOND);
    /* And comes back by one call, as it would have without the restart. */
    fake_clock_advance_us(&f->clock, view.held_us);
    call(&f->after, &f->clock, "acme", SOURCE_OK, 0);
    view = source_health_view(f->after.health, "acme", clock_monotonic_us(&f->clock.clock));
    g_assert_cmpstr(view.state, ==, "closed");
}

static void
a_refused_key_is_tried_at_once_as_it_may_be_another(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    HealthView view;

    call(&f->before, &f->clock, "acme", SOURCE_CREDENTIAL, 0);
    restart(f, 0);
    view = source_health_view(f->after.health, "acme", clock_monotonic_us(&f->clock.clock));
    g_assert_cmpstr(view.state, ==, "credential");
    g_assert_cmpint(view.held_us, ==, 0);
}

static void
what_a_source_bears_is_known_and_fades_to_the_beginning(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int64_t now_us;

    for (int i = 0; i < 3; i++) {
        call(&f->before, &f->clock, "acme", SOURCE_QUOTA, 0);
        fake_clock_advance_us(&f->clock, 10 * US_PER_MINUTE);
    }
    restart(f, 0);
    now_us = clock_monotonic_us(&f->clock.clock);
    g_assert_cmpuint(source_health_view(f->before.health, "acme", now_us).limit, <, LIMITER_START / 4);
    g_assert_cmpuint(source_health_view(f->after.health, "acme", now_us).limit, ==,
                     source_health_view(f->before.health, "acme", now_us).limit);
    mind_clear(&f->after);
    mind_init(&f->after);
    restart(f, US_PER_DAY);
    now_us = clock_monotonic_us(&f->clock.clock);
    g_assert_cmpuint(source_health_view(f->after.health, "acme", now_us).limit, >=, LIMITER_START - 1);
}

/* How long a call may take before it is slow, after one that took half a second under load. */
static int64_t
slow_after_load_us(Mind *mind, FakeClock *clock)
{
    HealthTicket tickets[LIMITER_START / 2], next;
    g_autoptr(GError) error = NULL;
    int64_t now_us = clock_monotonic_us(&clock->clock);

    for (size_t i = 0; i < G_N_ELEMENTS(tickets); i++)
        g_assert_true(source_health_begin(mind->health, "acme", CALL_FIRST, now_us, &tickets[i], &error));
    now_us += US_PER_SECOND / 2;
    source_health_end(mind->health, "acme", &tickets[0], SOURCE_OK, 0, now_us);
    g_assert_true(source_health_begin(mind->health, "acme", CALL_FIRST, now_us, &next, &error));
    return next.slow_us;
}

static void
how_long_answers_usually_take_is_not_forgotten_under_load(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int64_t before_us, after_us;

    fake_clock_advance_us(&f->clock, US_PER_DAY); /* the machine has been up */
    for (int i = 0; i < 100; i++)
        call(&f->before, &f->clock, "acme", SOURCE_OK, 200 * US_PER_MS);
    restart(f, 0);
    before_us = slow_after_load_us(&f->before, &f->clock);
    after_us = slow_after_load_us(&f->after, &f->clock);
    g_assert_cmpint(ABS(after_us - before_us), <=, before_us / 50);
}

/* ---- time ---- */

static void
old_knowledge_weighs_less_and_is_forgotten_at_last(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const int64_t AWAY_DAYS[] = {0, 1, 7, 60, 400};
    double calls = 1e9;

    for (int i = 0; i < 300; i++)
        call(&f->before, &f->clock, "acme", SOURCE_OK, 50 * US_PER_MS);
    for (size_t i = 0; i < G_N_ELEMENTS(AWAY_DAYS); i++) {
        mind_clear(&f->after);
        mind_init(&f->after);
        restart(f, AWAY_DAYS[i] * US_PER_DAY);
        g_assert_cmpfloat(belief(f, &f->after, "acme").calls, <, calls);
        calls = belief(f, &f->after, "acme").calls;
    }
    g_assert_cmpfloat(calls, ==, 0);
    g_assert_cmpfloat(belief(f, &f->after, "acme").share_new, ==, belief(f, &f->after, "nobody").share_new);
}

static void
a_clock_that_was_set_back_makes_nothing_younger(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    FakeClock early;
    g_autoptr(GError) error = NULL;

    for (int i = 0; i < 100; i++)
        call(&f->before, &f->clock, "acme", SOURCE_OK, 50 * US_PER_MS);
    g_assert_true(knowledge_save(f->before.learned, f->before.health, &f->clock.clock, f->path, &error));
    fake_clock_init(&early, START_US - US_PER_DAY);
    g_assert_true(knowledge_load(f->after.learned, f->after.health, &early.clock, f->path, &error));
    g_assert_cmpfloat_with_epsilon(belief(f, &f->after, "acme").calls, 100, 1);
}

/* ---- what can't be read ---- */

static void
assert_unreadable(Fixture *f, const char *bytes, size_t size)
{
    g_autoptr(GError) error = NULL;
    int64_t now_us = clock_monotonic_us(&f->clock.clock);

    g_assert_true(g_file_set_contents(f->path, bytes, (gssize)size, NULL));
    g_assert_false(knowledge_load(f->after.learned, f->after.health, &f->clock.clock, f->path, &error));
    g_assert_cmpint(weir_error_code(error), ==, WEIR_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, f->path));
    g_assert_cmpfloat(belief(f, &f->after, "source-1").calls, ==, 0);
    g_assert_cmpstr(source_health_view(f->after.health, "source-1", now_us).state, ==, "closed");
}

static void
without_a_file_nothing_is_known(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(knowledge_load(f->after.learned, f->after.health, &f->clock.clock, f->path, &error));
    g_assert_cmpint(weir_error_code(error), ==, WEIR_ERROR_NOT_FOUND);
}

static void
a_file_that_is_cut_off_or_altered_is_not_believed_at_all(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *bytes = NULL;
    g_autoptr(GError) error = NULL;
    gsize size;

    live(&f->before, &f->clock);
    g_assert_true(knowledge_save(f->before.learned, f->before.health, &f->clock.clock, f->path, &error));
    g_assert_true(g_file_get_contents(f->path, &bytes, &size, NULL));
    for (gsize cut = 0; cut < size; cut += 1 + cut / 20)
        assert_unreadable(f, bytes, cut);
    for (gsize at = 0; at < size; at += 1 + at / 20) {
        bytes[at] ^= 0x10;
        assert_unreadable(f, bytes, size);
        bytes[at] ^= 0x10;
    }
    g_assert_true(g_file_set_contents(f->path, bytes, (gssize)size, NULL));
    g_assert_true(knowledge_load(f->after.learned, f->after.health, &f->clock.clock, f->path, &error));
}

/* A hash shows what happened to a file; it is no proof that who wrote it was right. */
static void
bytes_that_mean_nothing_are_refused_though_their_hash_is_good(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GString) bytes = g_string_new(NULL);
    Random *random = &f->before.random.random;
    size_t refused = 0;

    live(&f->before, &f->clock);
    learned_put(f->before.learned, bytes);
    source_health_put(f->before.health, clock_monotonic_us(&f->clock.clock), bytes);
    for (int i = 0; i < 2000; i++) {
        BytesReader from = {.rest = {bytes->str, bytes->len}};
        gsize at = (gsize)random_below(random, bytes->len);
        char old = bytes->str[at];

        bytes->str[at] = (char)random_below(random, 256);
        if (!learned_get(f->after.learned, &from, 0) || !source_health_get(f->after.health, &from, 0, 0) ||
            !bytes_reader_finish(&from))
            refused++;
        /* Whatever was taken can be believed. */
        for (unsigned k = 0; k < 12; k++)
            g_assert_cmpint(score_of(f, &f->after, k).score, >=, 0);
        learned_forget(f->after.learned);
        source_health_forget(f->after.health);
        bytes->str[at] = old;
    }
    g_assert_cmpuint(refused, >, 100);
}

/* The one source of bytes so often as no process writes sources. */
static GString *
repeat_source(const GString *bytes)
{
    GString *many = g_string_new(NULL);

    g_assert_cmpint(bytes->str[0], ==, 1);
    bytes_put_unsigned(many, KNOWLEDGE_SOURCES_LIMIT + 1);
    for (unsigned i = 0; i <= KNOWLEDGE_SOURCES_LIMIT; i++)
        g_string_append_len(many, bytes->str + 1, (gssize)bytes->len - 1);
    return many;
}

static void
more_sources_than_are_ever_written_are_not_read(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GString) learned = g_string_new(NULL), health = g_string_new(NULL);
    g_autoptr(GString) much_learned = NULL, much_health = NULL;

    call(&f->before, &f->clock, "acme", SOURCE_OK, 50 * US_PER_MS);
    learned_put(f->before.learned, learned);
    source_health_put(f->before.health, clock_monotonic_us(&f->clock.clock), health);
    much_learned = repeat_source(learned);
    much_health = repeat_source(health);
    g_assert_true(learned_get(f->after.learned, &(BytesReader){.rest = str_of_gstring(learned)}, 0));
    g_assert_true(source_health_get(f->after.health, &(BytesReader){.rest = str_of_gstring(health)}, 0, 0));
    g_assert_false(learned_get(f->after.learned, &(BytesReader){.rest = str_of_gstring(much_learned)}, 0));
    g_assert_false(source_health_get(f->after.health, &(BytesReader){.rest = str_of_gstring(much_health)}, 0, 0));
}

#define TEST(name) g_test_add("/search/" #name, Fixture, NULL, set_up, name, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(the_choice_after_a_restart_is_the_same_at_once);
    TEST(a_source_that_rests_goes_on_resting_for_what_is_left);
    TEST(a_refused_key_is_tried_at_once_as_it_may_be_another);
    TEST(what_a_source_bears_is_known_and_fades_to_the_beginning);
    TEST(how_long_answers_usually_take_is_not_forgotten_under_load);
    TEST(old_knowledge_weighs_less_and_is_forgotten_at_last);
    TEST(a_clock_that_was_set_back_makes_nothing_younger);
    TEST(without_a_file_nothing_is_known);
    TEST(a_file_that_is_cut_off_or_altered_is_not_believed_at_all);
    TEST(bytes_that_mean_nothing_are_refused_though_their_hash_is_good);
    TEST(more_sources_than_are_ever_written_are_not_read);
    return g_test_run();
}
