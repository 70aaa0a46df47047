#include "search/limiter.h"

#include <math.h>

#define USUAL_WEIGHT     0.02
#define USUAL_LIFE_US    US_PER_HOUR
#define RECENT_WEIGHT    0.05
#define ANSWERS_ENOUGH   20 /* to know what is usual */
#define SLOWER_BEARABLE  2.0
#define SHRINK_TO        0.8 /* after failures */
#define SHRINK_TO_LEAST  0.5
#define FAILING_BEARABLE 0.1
#define FAILING_WEIGHT   0.05
#define RESTART_LIMIT    4
#define SHRINK_EVERY_US  (100 * US_PER_MS) /* at most, whatever an answer takes */
#define SLOW_TIMES       4

void
limiter_init(Limiter *limiter)
{
    *limiter = (Limiter){.limit = LIMITER_START, .loaded_at_us = INT64_MIN};
}

bool
limiter_has_room(const Limiter *limiter)
{
    return limiter->under_way < (unsigned)limiter->limit;
}

void
limiter_begin(Limiter *limiter, int64_t now_us)
{
    limiter->under_way++;
    if (limiter->under_way * 2 >= (unsigned)limiter->limit)
        limiter->loaded_at_us = now_us;
}

static void
smooth(double *value, double news, double weight)
{
    *value += (news - *value) * weight;
}

static void
shrink(Limiter *limiter, double to, int64_t now_us)
{
    int64_t pause_us = MAX((int64_t)limiter->recent_us, SHRINK_EVERY_US);

    if (limiter->has_shrunk && now_us - limiter->shrunk_at_us < pause_us)
        return;
    limiter->has_shrunk = true;
    limiter->shrunk_at_us = now_us;
    limiter->limit = CLAMP(to, LIMITER_MIN, limiter->limit);
}

static void
grow(Limiter *limiter)
{
    limiter->limit = MIN(limiter->limit + (limiter->has_shrunk ? 1 / limiter->limit : 1), LIMITER_MAX);
}

/* What is usual is learned while the source has little to do, or does better than thought: under load an answer takes
 * longer by our own doing, and only in hours that becomes the usual. The first ones weigh as much as those before them. */
static void
note_time(Limiter *limiter, int64_t took_us, bool is_loaded, int64_t now_us)
{
    double share = 1 / (double)++limiter->answers, weight = USUAL_WEIGHT;

    smooth(&limiter->recent_us, (double)took_us, MAX(share, RECENT_WEIGHT));
    if (is_loaded && limiter->recent_us > limiter->usual_us)
        weight = (double)(now_us - limiter->answered_at_us) / (double)USUAL_LIFE_US;
    smooth(&limiter->usual_us, limiter->recent_us, limiter->answers < ANSWERS_ENOUGH ? 1 : CLAMP(weight, 0, 1));
    limiter->answered_at_us = now_us;
}

static void
take_answer(Limiter *limiter, int64_t took_us, int64_t now_us)
{
    bool is_loaded = limiter->loaded_at_us >= now_us - took_us; /* while it was under way */
    double slower;

    note_time(limiter, took_us, is_loaded, now_us);
    smooth(&limiter->failing, 0, FAILING_WEIGHT);
    slower = limiter->recent_us / MAX(limiter->usual_us, 1);
    /* The root leaves room for a queue: who has become slower for good is still asked by several. */
    if (limiter->answers >= ANSWERS_ENOUGH && slower > SLOWER_BEARABLE)
        shrink(limiter, limiter->limit * MAX(SLOWER_BEARABLE / slower, SHRINK_TO_LEAST) + sqrt(limiter->limit), now_us);
    else if (is_loaded)
        grow(limiter);
}

void
limiter_end(Limiter *limiter, SourceStatus status, int64_t took_us, int64_t now_us)
{
    limiter->under_way--;
    switch (status) {
    case SOURCE_OK:
    case SOURCE_EMPTY:
        take_answer(limiter, took_us, now_us);
        return;
    case SOURCE_QUOTA:
        shrink(limiter, limiter->limit * SHRINK_TO_LEAST, now_us);
        return;
    case SOURCE_TIMEOUT:
    case SOURCE_UNREACHABLE:
    case SOURCE_BROKEN:
    case SOURCE_TRANSIENT:
        smooth(&limiter->failing, 1, FAILING_WEIGHT);
        if (limiter->failing > FAILING_BEARABLE)
            shrink(limiter, limiter->limit * SHRINK_TO, now_us);
        return;
    default: /* nothing that fewer calls would mend */
        return;
    }
}

void
limiter_restart(Limiter *limiter)
{
    limiter->limit = RESTART_LIMIT;
    limiter->has_shrunk = false;
    limiter->failing = 0;
}

int64_t
limiter_slow_us(const Limiter *limiter)
{
    int64_t usual_us = (int64_t)limiter->usual_us * SLOW_TIMES;

    if (limiter->answers < ANSWERS_ENOUGH)
        return MAX(usual_us, LIMITER_SLOW_UNKNOWN_US);
    return MAX(usual_us, LIMITER_SLOW_MIN_US);
}
