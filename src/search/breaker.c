#include "search/breaker.h"

bool
breaker_may_begin(const Breaker *breaker, int64_t now_us, int64_t *ret_wait_us)
{
    *ret_wait_us = 0;
    switch (breaker->state) {
    case BREAKER_CLOSED:
        return true;
    case BREAKER_OPEN:
        *ret_wait_us = MAX(breaker->until_us - now_us, 0);
        return breaker->until_us <= now_us;
    case BREAKER_HALF_OPEN:
        break;
    }
    if (breaker->has_probe)
        return false;
    *ret_wait_us = MAX(breaker->probe_at_us + BREAKER_PROBE_EVERY_US - now_us, 0);
    return *ret_wait_us == 0;
}

static void
set_state(Breaker *breaker, BreakerState state)
{
    breaker->state = state;
    breaker->generation++;
    breaker->has_probe = false;
}

bool
breaker_begin(Breaker *breaker, int64_t now_us, BreakerTicket *ret_ticket)
{
    int64_t wait_us;

    if (!breaker_may_begin(breaker, now_us, &wait_us))
        return false;
    if (breaker->state == BREAKER_OPEN)
        set_state(breaker, BREAKER_HALF_OPEN);
    if (breaker->state == BREAKER_HALF_OPEN) {
        breaker->has_probe = true;
        breaker->probe_at_us = now_us;
    }
    *ret_ticket = (BreakerTicket){.generation = breaker->generation, .is_probe = breaker->has_probe};
    return true;
}

/* ---- when to open ---- */

static void
add_mark(Breaker *breaker, BreakerMark mark)
{
    breaker->marks[breaker->next_mark] = mark;
    breaker->next_mark = (breaker->next_mark + 1) % BREAKER_MARKS;
    breaker->mark_count = MIN(breaker->mark_count + 1, BREAKER_MARKS);
    breaker->bad_in_a_row = mark.failed || mark.slow ? breaker->bad_in_a_row + 1 : 0;
}

static bool
should_open(const Breaker *breaker, int64_t now_us)
{
    unsigned calls = 0, failed = 0, slow = 0;

    if (breaker->bad_in_a_row >= BREAKER_IN_A_ROW)
        return true;
    for (unsigned i = 0; i < breaker->mark_count; i++) {
        const BreakerMark *mark = &breaker->marks[i];

        if (mark->at_us <= now_us - BREAKER_WINDOW_US)
            continue;
        calls++;
        failed += mark->failed ? 1 : 0;
        slow += mark->slow ? 1 : 0;
    }
    return calls >= BREAKER_CALLS_ENOUGH &&
           (failed * 100 >= calls * BREAKER_FAILED_PERCENT || slow * 100 >= calls * BREAKER_SLOW_PERCENT);
}

static int64_t
doubled(int64_t us, unsigned times, int64_t limit_us)
{
    for (unsigned i = 0; i < times && us < limit_us; i++)
        us *= 2;
    return MIN(us, limit_us);
}

static int64_t
open_time_us(const Breaker *breaker, SourceStatus why, int64_t retry_after_us)
{
    if (why == SOURCE_CREDENTIAL)
        return doubled(BREAKER_CREDENTIAL_US, breaker->opened, BREAKER_CREDENTIAL_LIMIT_US);
    if (why == SOURCE_QUOTA && retry_after_us == 0)
        return doubled(BREAKER_QUOTA_US, breaker->opened, BREAKER_OPEN_LIMIT_US);
    return doubled(BREAKER_OPEN_US, breaker->opened, BREAKER_OPEN_LIMIT_US);
}

/* What the partner asks for is the least. A tenth is left to chance, so that processes don't all come back at once. */
static int64_t
hold_us(const Breaker *breaker, SourceStatus why, int64_t retry_after_us, Random *random)
{
    int64_t us = MAX(open_time_us(breaker, why, retry_after_us), MIN(retry_after_us, BREAKER_RETRY_AFTER_LIMIT_US));

    return us + (int64_t)random_below(random, (uint64_t)us / 10);
}

static void
trip(Breaker *breaker, SourceStatus why, int64_t retry_after_us, int64_t now_us, Random *random)
{
    if (breaker->state == BREAKER_CLOSED && now_us - breaker->closed_at_us >= BREAKER_FORGIVEN_US)
        breaker->opened = 0;
    breaker->until_us = now_us + hold_us(breaker, why, retry_after_us, random);
    breaker->opened++;
    breaker->why = why;
    set_state(breaker, BREAKER_OPEN);
}

static void
reset(Breaker *breaker, int64_t now_us)
{
    breaker->mark_count = 0;
    breaker->next_mark = 0;
    breaker->bad_in_a_row = 0;
    breaker->closed_at_us = now_us;
    set_state(breaker, BREAKER_CLOSED);
}

/* ---- what calls tell ---- */

bool
breaker_note_slow(Breaker *breaker, BreakerTicket *ticket, int64_t now_us, Random *random)
{
    ticket->is_slow = true;
    /* A probe may take its time: its end tells. */
    if (ticket->generation != breaker->generation || ticket->is_probe)
        return false;
    add_mark(breaker, (BreakerMark){.at_us = now_us, .slow = true});
    if (!should_open(breaker, now_us))
        return false;
    trip(breaker, SOURCE_LATE, 0, now_us, random);
    return true;
}

typedef enum { SAYS_NOTHING, SAYS_WELL, SAYS_ILL } Saying;

static Saying
saying_of(const BreakerTicket *ticket, SourceStatus status)
{
    switch (status) {
    case SOURCE_OK:
    case SOURCE_EMPTY:
    case SOURCE_PERMANENT: /* this question was wrong; the partner itself is there */
        return SAYS_WELL;
    case SOURCE_LATE:
        return ticket->is_probe && ticket->is_slow ? SAYS_ILL : SAYS_NOTHING;
    case SOURCE_SKIPPED:
    case SOURCE_PENDING:
        return SAYS_NOTHING;
    default:
        return SAYS_ILL;
    }
}

/* Of a call that began before: it tells nothing new, but for how long to stay away. */
static void
prolong(Breaker *breaker, SourceStatus status, int64_t retry_after_us, int64_t now_us)
{
    int64_t us = MIN(retry_after_us, BREAKER_RETRY_AFTER_LIMIT_US);

    if (breaker->state != BREAKER_OPEN)
        return;
    if (status == SOURCE_CREDENTIAL) {
        us = MAX(us, BREAKER_CREDENTIAL_US);
        breaker->why = SOURCE_CREDENTIAL;
    }
    breaker->until_us = MAX(breaker->until_us, now_us + us);
}

bool
breaker_end(Breaker *breaker, const BreakerTicket *ticket, SourceStatus status, int64_t retry_after_us, int64_t now_us,
            Random *random)
{
    Saying saying = saying_of(ticket, status);
    bool at_once = status == SOURCE_CREDENTIAL || status == SOURCE_QUOTA || retry_after_us > 0;

    if (ticket->generation != breaker->generation) {
        if (saying == SAYS_ILL)
            prolong(breaker, status, retry_after_us, now_us);
        return false;
    }
    if (ticket->is_probe)
        breaker->has_probe = false;
    if (saying == SAYS_NOTHING)
        return false;
    if (saying == SAYS_WELL && ticket->is_probe) {
        reset(breaker, now_us);
        return false;
    }
    if (!ticket->is_slow) /* else it has its mark */
        add_mark(breaker, (BreakerMark){.at_us = now_us, .failed = saying == SAYS_ILL});
    if (saying == SAYS_WELL || (!ticket->is_probe && !at_once && !should_open(breaker, now_us)))
        return false;
    trip(breaker, status, retry_after_us, now_us, random);
    return true;
}

const char *
breaker_state_name(const Breaker *breaker)
{
    switch (breaker->state) {
    case BREAKER_CLOSED:
        return "closed";
    case BREAKER_HALF_OPEN:
        return "half_open";
    case BREAKER_OPEN:
        break;
    }
    return breaker->why == SOURCE_CREDENTIAL ? "credential" : "open";
}

const char *
breaker_reason(const Breaker *breaker)
{
    return breaker->why == SOURCE_LATE ? "slow answers" : source_status_name(breaker->why);
}
