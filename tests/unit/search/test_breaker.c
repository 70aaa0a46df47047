/* The breaker and the limiter of one source, on a clock that the test moves. */
#include "search/breaker.h"
#include "search/limiter.h"

typedef struct {
    SeededRandom random;
    Breaker breaker;
} Ward;

static void
ward_set_up(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    seeded_random_init(&ward->random, 11);
    ward->breaker = (Breaker){0};
}

static void
ward_tear_down(Ward *ward G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
}

static bool
may(const Ward *ward, int64_t now_us)
{
    int64_t wait_us;

    return breaker_may_begin(&ward->breaker, now_us, &wait_us);
}

static BreakerTicket
begin(Ward *ward, int64_t now_us)
{
    BreakerTicket ticket;

    g_assert_true(breaker_begin(&ward->breaker, now_us, &ticket));
    return ticket;
}

static bool
end(Ward *ward, const BreakerTicket *ticket, SourceStatus status, int64_t retry_after_us, int64_t now_us)
{
    return breaker_end(&ward->breaker, ticket, status, retry_after_us, now_us, &ward->random.random);
}

/* One call that ends at once. */
static bool
call(Ward *ward, SourceStatus status, int64_t retry_after_us, int64_t now_us)
{
    BreakerTicket ticket = begin(ward, now_us);

    return end(ward, &ticket, status, retry_after_us, now_us);
}

static void
call_times(Ward *ward, int times, SourceStatus status, int64_t now_us)
{
    for (int i = 0; i < times; i++)
        call(ward, status, 0, now_us);
}

/* ---- opening ---- */

static void
failures_in_a_row_open_it_and_an_answer_between_does_not(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    call_times(ward, BREAKER_IN_A_ROW - 1, SOURCE_TIMEOUT, 0);
    call_times(ward, 1, SOURCE_OK, 0);
    call_times(ward, BREAKER_IN_A_ROW - 1, SOURCE_BROKEN, 0);
    g_assert_true(may(ward, 0));
    g_assert_true(call(ward, SOURCE_BROKEN, 0, 0));
    g_assert_false(may(ward, BREAKER_OPEN_US - 1));
    g_assert_true(may(ward, BREAKER_OPEN_US * 11 / 10));
    g_assert_cmpstr(breaker_reason(&ward->breaker), ==, "broken");
}

static void
half_of_the_last_calls_open_it_though_others_answer(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    for (unsigned i = 0; i < BREAKER_CALLS_ENOUGH - 1; i++)
        g_assert_false(call(ward, i % 2 == 0 ? SOURCE_TRANSIENT : SOURCE_OK, 0, 0));
    g_assert_true(call(ward, SOURCE_TRANSIENT, 0, 0));
}

static void
what_failed_long_ago_or_many_calls_ago_no_longer_counts(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    for (unsigned i = 0; i < BREAKER_CALLS_ENOUGH - 2; i++)
        call(ward, i % 2 == 0 ? SOURCE_TRANSIENT : SOURCE_OK, 0, 0);
    g_assert_false(call(ward, SOURCE_TRANSIENT, 0, BREAKER_WINDOW_US));
    g_assert_false(call(ward, SOURCE_TRANSIENT, 0, BREAKER_WINDOW_US));
    call_times(ward, BREAKER_MARKS, SOURCE_OK, BREAKER_WINDOW_US);
    for (int i = 0; i < 30; i++) /* 30 of 64 */
        g_assert_false(call(ward, i % 4 == 3 ? SOURCE_OK : SOURCE_TRANSIENT, 0, BREAKER_WINDOW_US));
}

static void
every_kind_of_failure_opens_it_and_a_wrong_question_does_not(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    static const SourceStatus KINDS[] = {SOURCE_TIMEOUT, SOURCE_UNREACHABLE, SOURCE_BROKEN,   SOURCE_TOO_LARGE,
                                         SOURCE_REFUSED, SOURCE_TRANSIENT,   SOURCE_MALFORMED};

    call_times(ward, 100, SOURCE_PERMANENT, 0);
    g_assert_true(may(ward, 0));
    for (size_t i = 0; i < G_N_ELEMENTS(KINDS); i++) {
        ward->breaker = (Breaker){0};
        call_times(ward, BREAKER_IN_A_ROW, KINDS[i], 0);
        g_assert_false(may(ward, 0));
    }
}

static void
a_cancelled_call_counts_as_nothing(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    call_times(ward, 1000, SOURCE_LATE, 0);
    g_assert_true(may(ward, 0));
    g_assert_cmpuint(ward->breaker.mark_count, ==, 0);
}

static void
calls_that_take_long_open_it_before_they_end(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    BreakerTicket tickets[BREAKER_IN_A_ROW];

    call_times(ward, BREAKER_MARKS, SOURCE_OK, 0);
    for (int i = 0; i < BREAKER_IN_A_ROW; i++)
        tickets[i] = begin(ward, 0);
    for (int i = 0; i < BREAKER_IN_A_ROW; i++)
        g_assert_true(breaker_note_slow(&ward->breaker, &tickets[i], US_PER_SECOND, &ward->random.random) ==
                      (i == BREAKER_IN_A_ROW - 1));
    g_assert_cmpstr(breaker_reason(&ward->breaker), ==, "slow answers");
    for (int i = 0; i < BREAKER_IN_A_ROW; i++) /* whatever comes of them: it comes too late */
        g_assert_false(end(ward, &tickets[i], i == 0 ? SOURCE_OK : SOURCE_LATE, 0, US_PER_SECOND));
    g_assert_false(may(ward, US_PER_SECOND));
}

static void
a_slow_source_among_whose_answers_are_quick_ones_stays(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    for (int i = 0; i < 100; i++) {
        BreakerTicket slow = begin(ward, 0);

        g_assert_false(breaker_note_slow(&ward->breaker, &slow, 0, &ward->random.random));
        g_assert_false(end(ward, &slow, SOURCE_OK, 0, 0));
        g_assert_false(call(ward, SOURCE_OK, 0, 0));
    }
}

/* ---- open times ---- */

static void
each_failed_probe_doubles_the_time_up_to_a_limit(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    int64_t now_us = 0, expected_us = BREAKER_OPEN_US;

    call_times(ward, BREAKER_IN_A_ROW, SOURCE_TIMEOUT, 0);
    for (int i = 0; i < 12; i++) {
        g_assert_cmpint(ward->breaker.until_us - now_us, >=, expected_us);
        g_assert_cmpint(ward->breaker.until_us - now_us, <, expected_us * 11 / 10);
        now_us = ward->breaker.until_us;
        g_assert_true(call(ward, SOURCE_TIMEOUT, 0, now_us));
        expected_us = MIN(2 * expected_us, BREAKER_OPEN_LIMIT_US);
    }
}

static void
processes_do_not_come_back_at_the_same_moment(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    Ward other;

    seeded_random_init(&other.random, 12);
    other.breaker = (Breaker){0};
    call_times(ward, BREAKER_IN_A_ROW, SOURCE_TIMEOUT, 0);
    call_times(&other, BREAKER_IN_A_ROW, SOURCE_TIMEOUT, 0);
    g_assert_cmpint(ward->breaker.until_us, !=, other.breaker.until_us);
}

static void
the_first_answer_closes_it_and_old_failures_are_forgotten(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    call_times(ward, BREAKER_IN_A_ROW, SOURCE_TIMEOUT, 0);
    call_times(ward, 1, SOURCE_EMPTY, 2 * BREAKER_OPEN_US);
    g_assert_cmpint(ward->breaker.state, ==, BREAKER_CLOSED);
    call_times(ward, BREAKER_IN_A_ROW - 1, SOURCE_TIMEOUT, 2 * BREAKER_OPEN_US);
    g_assert_true(may(ward, 2 * BREAKER_OPEN_US));
}

static void
who_fails_again_soon_is_left_alone_longer_and_who_was_well_for_long_is_not(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    int64_t now_us = 2 * BREAKER_OPEN_US;

    call_times(ward, BREAKER_IN_A_ROW, SOURCE_TIMEOUT, 0);
    call_times(ward, 1, SOURCE_OK, now_us);
    call_times(ward, BREAKER_IN_A_ROW, SOURCE_TIMEOUT, now_us);
    g_assert_cmpint(ward->breaker.until_us - now_us, >=, 2 * BREAKER_OPEN_US);
    now_us = ward->breaker.until_us;
    call_times(ward, 1, SOURCE_OK, now_us);
    now_us += BREAKER_FORGIVEN_US;
    call_times(ward, BREAKER_IN_A_ROW, SOURCE_TIMEOUT, now_us);
    g_assert_cmpint(ward->breaker.until_us - now_us, <, BREAKER_OPEN_US * 11 / 10);
}

static void
a_refused_key_opens_it_at_once_and_for_longer(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    g_assert_true(call(ward, SOURCE_CREDENTIAL, 0, 0));
    g_assert_cmpstr(breaker_state_name(&ward->breaker), ==, "credential");
    g_assert_false(may(ward, BREAKER_CREDENTIAL_US - 1));
    g_assert_true(may(ward, BREAKER_CREDENTIAL_US * 11 / 10));
}

static void
what_the_partner_asks_for_is_the_least_within_a_day(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    g_assert_true(call(ward, SOURCE_QUOTA, 10 * US_PER_MINUTE, 0));
    g_assert_false(may(ward, 10 * US_PER_MINUTE - 1));
    g_assert_true(may(ward, 11 * US_PER_MINUTE));
    g_assert_true(call(ward, SOURCE_TRANSIENT, INT64_MAX / 2, 11 * US_PER_MINUTE));
    g_assert_true(may(ward, 11 * US_PER_MINUTE + BREAKER_RETRY_AFTER_LIMIT_US * 11 / 10));
}

static void
a_used_up_quota_without_a_word_rests_for_a_minute(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    g_assert_true(call(ward, SOURCE_QUOTA, 0, 0));
    g_assert_false(may(ward, BREAKER_QUOTA_US - 1));
}

/* ---- half open ---- */

static void
one_probe_at_a_time_tries(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    int64_t now_us = 2 * BREAKER_OPEN_US;
    BreakerTicket probe;

    call_times(ward, BREAKER_IN_A_ROW, SOURCE_TIMEOUT, 0);
    probe = begin(ward, now_us);
    g_assert_true(probe.is_probe);
    g_assert_false(may(ward, now_us));
    g_assert_false(may(ward, now_us + US_PER_HOUR));
    g_assert_false(end(ward, &probe, SOURCE_OK, 0, now_us));
    g_assert_true(may(ward, now_us));
}

static void
a_cancelled_probe_makes_room_for_another_a_second_later(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    int64_t now_us = 2 * BREAKER_OPEN_US;

    call_times(ward, BREAKER_IN_A_ROW, SOURCE_TIMEOUT, 0);
    g_assert_false(call(ward, SOURCE_LATE, 0, now_us));
    g_assert_false(may(ward, now_us + BREAKER_PROBE_EVERY_US - 1));
    g_assert_true(may(ward, now_us + BREAKER_PROBE_EVERY_US));
}

static void
a_probe_that_was_cancelled_when_it_had_taken_long_has_failed(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    int64_t now_us = 2 * BREAKER_OPEN_US;
    BreakerTicket probe;

    call_times(ward, BREAKER_IN_A_ROW, SOURCE_TIMEOUT, 0);
    probe = begin(ward, now_us);
    g_assert_false(breaker_note_slow(&ward->breaker, &probe, now_us, &ward->random.random));
    g_assert_true(end(ward, &probe, SOURCE_LATE, 0, now_us));
    g_assert_false(may(ward, now_us + 2 * BREAKER_OPEN_US - 1));
}

static void
calls_that_began_before_it_opened_close_nothing_but_may_prolong(Ward *ward, gconstpointer data G_GNUC_UNUSED)
{
    BreakerTicket first = begin(ward, 0), second = begin(ward, 0);

    call_times(ward, BREAKER_IN_A_ROW, SOURCE_TIMEOUT, 0);
    g_assert_false(end(ward, &first, SOURCE_OK, 0, 0));
    g_assert_false(may(ward, 0));
    g_assert_false(end(ward, &second, SOURCE_QUOTA, US_PER_HOUR, 0));
    g_assert_false(may(ward, US_PER_HOUR - 1));
    g_assert_true(may(ward, US_PER_HOUR));
}

/* ---- the limiter ---- */

static int64_t
spend(Limiter *limiter, unsigned at_once, SourceStatus status, int64_t took_us, int64_t now_us)
{
    for (unsigned i = 0; i < at_once && limiter_has_room(limiter); i++)
        limiter_begin(limiter, now_us);
    while (limiter->under_way > 0)
        limiter_end(limiter, status, took_us, now_us + took_us);
    return now_us + took_us;
}

static void
the_limit_grows_only_while_it_is_used(void)
{
    Limiter limiter;
    int64_t now_us = 0;

    limiter_init(&limiter);
    for (int i = 0; i < 100; i++)
        now_us = spend(&limiter, 8, SOURCE_OK, 50 * US_PER_MS, now_us);
    g_assert_cmpfloat(limiter.limit, ==, LIMITER_START);
    for (int i = 0; i < 20; i++)
        now_us = spend(&limiter, 1000, SOURCE_OK, 50 * US_PER_MS, now_us);
    g_assert_cmpfloat(limiter.limit, >, 10 * LIMITER_START);
    for (int i = 0; i < 100; i++)
        now_us = spend(&limiter, 10000, SOURCE_OK, 50 * US_PER_MS, now_us);
    g_assert_cmpfloat(limiter.limit, <=, LIMITER_MAX);
}

static void
a_few_failures_do_not_shrink_it_and_many_do(void)
{
    Limiter limiter;
    int64_t now_us = 0;

    limiter_init(&limiter);
    for (int i = 0; i < 1000; i++)
        now_us = spend(&limiter, 1, i % 50 == 0 ? SOURCE_TIMEOUT : SOURCE_OK, 50 * US_PER_MS, now_us);
    g_assert_cmpfloat(limiter.limit, ==, LIMITER_START);
    for (int i = 0; i < 100; i++)
        now_us = spend(&limiter, 1, SOURCE_TIMEOUT, 50 * US_PER_MS, now_us);
    g_assert_cmpfloat(limiter.limit, ==, LIMITER_MIN);
    g_assert_true(limiter_has_room(&limiter));
}

static void
too_often_halves_it_at_once_but_only_once_for_calls_of_one_moment(void)
{
    Limiter limiter;

    limiter_init(&limiter);
    spend(&limiter, LIMITER_START, SOURCE_QUOTA, 10 * US_PER_MS, 0);
    g_assert_cmpfloat(limiter.limit, ==, LIMITER_START / 2);
    spend(&limiter, LIMITER_START, SOURCE_QUOTA, 10 * US_PER_MS, US_PER_SECOND);
    g_assert_cmpfloat(limiter.limit, ==, LIMITER_START / 4);
}

static void
what_is_cancelled_or_wrongly_asked_changes_nothing(void)
{
    Limiter limiter;

    limiter_init(&limiter);
    spend(&limiter, 30, SOURCE_LATE, US_PER_SECOND, 0);
    spend(&limiter, 30, SOURCE_SKIPPED, 0, 0);
    spend(&limiter, 30, SOURCE_PERMANENT, US_PER_SECOND, 0);
    g_assert_cmpfloat(limiter.limit, ==, LIMITER_START);
    g_assert_cmpuint(limiter.answers, ==, 0);
}

/* A partner that serves `capacity` at a time, and lets the others queue: answers take longer by as much. */
static double
limit_found(unsigned capacity, int64_t service_us)
{
    Limiter limiter;
    int64_t now_us = 0;
    double sum = 0;

    limiter_init(&limiter);
    for (int i = 0; i < 50; i++) /* quiet hours, in which the usual is learned */
        now_us = spend(&limiter, 2, SOURCE_OK, service_us, now_us);
    for (int i = 0; i < 400; i++) {
        unsigned load = (unsigned)limiter.limit;
        int64_t took_us = load <= capacity ? service_us : service_us * load / capacity;

        now_us = spend(&limiter, load, SOURCE_OK, took_us, now_us);
        sum += i >= 200 ? limiter.limit : 0;
    }
    return sum / 200;
}

static void
the_limit_finds_what_a_partner_bears(void)
{
    for (unsigned capacity = 8; capacity <= 128; capacity *= 2) {
        double limit = limit_found(capacity, 50 * US_PER_MS);

        g_test_message("a partner that serves %u at a time is given %.0f", capacity, limit);
        g_assert_cmpfloat(limit, >=, capacity);
        g_assert_cmpfloat(limit, <=, 4 * capacity);
    }
}

/* Answers that take anything from 20 ms to a second, most of them little, whatever the load. */
static void
chance_alone_does_not_hold_the_limit_down(void)
{
    Limiter limiter;
    SeededRandom random;
    double least = LIMITER_MAX;
    int64_t now_us = 0;

    seeded_random_init(&random, 17);
    limiter_init(&limiter);
    for (int i = 0; i < 20000; i++) {
        uint64_t chance = random_below(&random.random, 100);

        while (limiter_has_room(&limiter))
            limiter_begin(&limiter, now_us);
        now_us += US_PER_MS;
        limiter_end(&limiter, SOURCE_OK, (chance < 90 ? 20 + (int64_t)chance : 10 * (int64_t)chance) * US_PER_MS,
                    now_us);
        least = MIN(least, limiter.limit);
    }
    g_test_message("never below %.0f, in the end %.0f", least, limiter.limit);
    g_assert_cmpfloat(least, >=, LIMITER_START);
    g_assert_cmpfloat(limiter.limit, >, 2 * LIMITER_START);
}

static void
slow_is_what_is_slow_for_this_source(void)
{
    Limiter limiter;

    limiter_init(&limiter);
    g_assert_cmpint(limiter_slow_us(&limiter), ==, LIMITER_SLOW_UNKNOWN_US);
    for (int i = 0; i < 100; i++)
        spend(&limiter, 1, SOURCE_OK, 20 * US_PER_MS, 0);
    g_assert_cmpint(limiter_slow_us(&limiter), ==, LIMITER_SLOW_MIN_US);
    limiter_init(&limiter);
    spend(&limiter, 1, SOURCE_OK, 3 * US_PER_SECOND, 0);
    g_assert_cmpint(limiter_slow_us(&limiter), ==, 12 * US_PER_SECOND);
}

/* ---- both, against a source that fails: how much of the traffic it still gets ---- */

typedef struct {
    const char *name;
    SourceStatus status;
    int64_t took_us; /* until the call ends by itself */
    int64_t retry_after_us;
} Fault;

/* As the sandbox has them; a source with the usual limit of time. */
static const Fault FAULTS[] = {
    {"500", SOURCE_TRANSIENT, 20 * US_PER_MS, 0},         {"429", SOURCE_QUOTA, 20 * US_PER_MS, 2 * US_PER_SECOND},
    {"hang", SOURCE_TIMEOUT, 10 * US_PER_SECOND, 0},      {"reset", SOURCE_BROKEN, 30 * US_PER_MS, 0},
    {"slow drip", SOURCE_TIMEOUT, 10 * US_PER_SECOND, 0}, {"endless body", SOURCE_TOO_LARGE, 700 * US_PER_MS, 0},
};

typedef struct {
    BreakerTicket ticket;
    int64_t started_us, slow_at_us, ends_us;
    SourceStatus status;
    int64_t retry_after_us;
} Under;

typedef struct {
    Ward *ward;
    Limiter limiter;
    GArray *under_way;   /* of Under */
    int64_t patience_us; /* of searches; then the call is cancelled. 0: calls go on */
    int64_t now_us;
    unsigned searches, asked;
    unsigned probes; /* asked when it closed */
} World;

static void
world_end(World *world, guint i, SourceStatus status, int64_t retry_after_us)
{
    const Under *under = &g_array_index(world->under_way, Under, i);
    BreakerState before = world->ward->breaker.state;

    limiter_end(&world->limiter, status, world->now_us - under->started_us, world->now_us);
    end(world->ward, &under->ticket, status, retry_after_us, world->now_us);
    if (before != BREAKER_CLOSED && world->ward->breaker.state == BREAKER_CLOSED) {
        limiter_restart(&world->limiter);
        world->probes = world->asked;
    }
    g_array_remove_index_fast(world->under_way, i);
}

static void
world_settle(World *world)
{
    for (guint i = 0; i < world->under_way->len;) {
        Under *under = &g_array_index(world->under_way, Under, i);

        if (!under->ticket.is_slow && under->slow_at_us <= world->now_us && under->ends_us > under->slow_at_us)
            breaker_note_slow(&world->ward->breaker, &under->ticket, world->now_us, &world->ward->random.random);
        if (under->ends_us <= world->now_us)
            world_end(world, i, under->status, under->retry_after_us);
        else if (world->patience_us > 0 && under->started_us + world->patience_us <= world->now_us)
            world_end(world, i, SOURCE_LATE, 0);
        else
            i++;
    }
}

static void
world_search(World *world, const Fault *fault)
{
    Under under = {.started_us = world->now_us,
                   .slow_at_us = world->now_us + limiter_slow_us(&world->limiter),
                   .ends_us = world->now_us + fault->took_us,
                   .status = fault->status,
                   .retry_after_us = fault->retry_after_us};

    world->searches++;
    if (!may(world->ward, world->now_us) || !limiter_has_room(&world->limiter))
        return;
    world->asked++;
    limiter_begin(&world->limiter, world->now_us);
    under.ticket = begin(world->ward, world->now_us);
    g_array_append_val(world->under_way, under);
}

static void
world_run(World *world, const Fault *fault, int64_t for_us, int64_t every_us)
{
    int64_t until_us = world->now_us + for_us;

    for (; world->now_us < until_us; world->now_us += US_PER_MS) {
        world_settle(world);
        if (world->now_us % every_us == 0)
            world_search(world, fault);
    }
}

static void
check_fault(Ward *ward, const Fault *fault, bool known, int64_t patience_us, int64_t every_us)
{
    static const Fault WELL = {"well", SOURCE_OK, 80 * US_PER_MS, 0};
    World world = {.ward = ward, .patience_us = patience_us, .now_us = US_PER_HOUR};

    ward->breaker = (Breaker){0};
    world.under_way = g_array_new(FALSE, FALSE, sizeof(Under));
    limiter_init(&world.limiter);
    if (known)
        world_run(&world, &WELL, 30 * US_PER_SECOND, every_us);
    world_run(&world, fault, 3 * US_PER_SECOND, every_us);
    world.searches = world.asked = 0;
    world_run(&world, fault, 10 * US_PER_SECOND, every_us);
    g_test_message("%s, %s, every %d ms, patience %d ms: %u of %u searches ask it", fault->name,
                   known ? "known" : "new", (int)(every_us / US_PER_MS), (int)(patience_us / US_PER_MS), world.asked,
                   world.searches);
    g_assert_cmpuint(world.asked * 20, <=, world.searches);
    /* It is well again: the first call that tries closes it, and within a second all ask. */
    world.asked = 0;
    while (ward->breaker.state != BREAKER_CLOSED && world.now_us < 2 * US_PER_HOUR)
        world_run(&world, &WELL, US_PER_MS, every_us);
    g_assert_cmpuint(world.probes, ==, 1);
    world_run(&world, &WELL, US_PER_SECOND, every_us);
    world.searches = world.asked = 0;
    world_run(&world, &WELL, US_PER_SECOND, every_us);
    g_assert_cmpuint(world.asked, ==, world.searches);
    g_array_unref(world.under_way);
}

static void
a_source_that_only_fails_gets_a_twentieth_of_the_traffic_after_three_seconds(Ward *ward,
                                                                             gconstpointer data G_GNUC_UNUSED)
{
    for (size_t i = 0; i < G_N_ELEMENTS(FAULTS); i++)
        for (int known = 0; known < 2; known++)
            for (int64_t every_us = 10 * US_PER_MS; every_us <= 100 * US_PER_MS; every_us *= 10) {
                check_fault(ward, &FAULTS[i], known == 1, 0, every_us);
                check_fault(ward, &FAULTS[i], known == 1, 2 * US_PER_SECOND + 1, every_us);
            }
}

#define ADD(name) g_test_add("/search/breaker/" #name, Ward, NULL, ward_set_up, name, ward_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(failures_in_a_row_open_it_and_an_answer_between_does_not);
    ADD(half_of_the_last_calls_open_it_though_others_answer);
    ADD(what_failed_long_ago_or_many_calls_ago_no_longer_counts);
    ADD(every_kind_of_failure_opens_it_and_a_wrong_question_does_not);
    ADD(a_cancelled_call_counts_as_nothing);
    ADD(calls_that_take_long_open_it_before_they_end);
    ADD(a_slow_source_among_whose_answers_are_quick_ones_stays);
    ADD(each_failed_probe_doubles_the_time_up_to_a_limit);
    ADD(processes_do_not_come_back_at_the_same_moment);
    ADD(the_first_answer_closes_it_and_old_failures_are_forgotten);
    ADD(who_fails_again_soon_is_left_alone_longer_and_who_was_well_for_long_is_not);
    ADD(a_refused_key_opens_it_at_once_and_for_longer);
    ADD(what_the_partner_asks_for_is_the_least_within_a_day);
    ADD(a_used_up_quota_without_a_word_rests_for_a_minute);
    ADD(one_probe_at_a_time_tries);
    ADD(a_cancelled_probe_makes_room_for_another_a_second_later);
    ADD(a_probe_that_was_cancelled_when_it_had_taken_long_has_failed);
    ADD(calls_that_began_before_it_opened_close_nothing_but_may_prolong);
    ADD(a_source_that_only_fails_gets_a_twentieth_of_the_traffic_after_three_seconds);
    g_test_add_func("/search/limiter/the_limit_grows_only_while_it_is_used", the_limit_grows_only_while_it_is_used);
    g_test_add_func("/search/limiter/a_few_failures_do_not_shrink_it_and_many_do",
                    a_few_failures_do_not_shrink_it_and_many_do);
    g_test_add_func("/search/limiter/too_often_halves_it_at_once_but_only_once_for_calls_of_one_moment",
                    too_often_halves_it_at_once_but_only_once_for_calls_of_one_moment);
    g_test_add_func("/search/limiter/what_is_cancelled_or_wrongly_asked_changes_nothing",
                    what_is_cancelled_or_wrongly_asked_changes_nothing);
    g_test_add_func("/search/limiter/the_limit_finds_what_a_partner_bears", the_limit_finds_what_a_partner_bears);
    g_test_add_func("/search/limiter/chance_alone_does_not_hold_the_limit_down",
                    chance_alone_does_not_hold_the_limit_down);
    g_test_add_func("/search/limiter/slow_is_what_is_slow_for_this_source", slow_is_what_is_slow_for_this_source);
    return g_test_run();
}
