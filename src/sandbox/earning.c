#include "sandbox/earning.h"

#include "base/clock.h"

/* What becomes of an earning; the numbers are percent of earnings and sum to 100. */
typedef enum { SETTLES, STAYS_PENDING, CORRECTED, CLAWED_BACK, DECLINED, LATE, IN_PIECES } Fate;
static const unsigned FATE_PERCENT[] = {
    [SETTLES] = 38, [STAYS_PENDING] = 12, [CORRECTED] = 13, [CLAWED_BACK] = 10,
    [DECLINED] = 8, [LATE] = 9,           [IN_PIECES] = 10,
};
#define EARNING_PERCENT 70
#define DOUBLED_PERCENT 12
#define LATE_LAGS       8

typedef struct {
    uint64_t hash;
    int64_t lag_us;
    const SandboxClick *click;
} Model;

const char *
earning_status_name(EarningStatus status)
{
    static const char *const NAMES[] = {"pending", "approved", "reversed"};

    return NAMES[status];
}

static int64_t
chance(const Model *model, uint64_t purpose, int64_t bound)
{
    return (int64_t)(sandbox_hash(model->hash, purpose) % (uint64_t)bound);
}

static Fate
pick_fate(const Model *model)
{
    int64_t roll = chance(model, 2, 100);
    unsigned fate = SETTLES;

    while (fate < IN_PIECES && roll >= FATE_PERCENT[fate])
        roll -= FATE_PERCENT[fate++];
    return (Fate)fate;
}

static void
add_state(const Model *model, Earning *earning, int64_t lags, EarningStatus status, int64_t amount_micros)
{
    g_assert(earning->state_count < EARNING_STATES);
    earning->states[earning->state_count++] =
        (EarningState){model->click->at_us + lags * model->lag_us, status, amount_micros};
}

/* first: how many lags after the click it first shows. */
static void
tell_story(const Model *model, Earning *earning, Fate fate, int64_t first, int64_t amount_micros)
{
    int64_t corrected = amount_micros * (50 + chance(model, 4, 101)) / 100;

    add_state(model, earning, first, EARNING_PENDING, amount_micros);
    if (fate == STAYS_PENDING)
        return;
    if (fate == DECLINED) {
        add_state(model, earning, first + 2, EARNING_REVERSED, 0);
        return;
    }
    add_state(model, earning, first + 1, EARNING_APPROVED, amount_micros);
    if (fate == CORRECTED)
        add_state(model, earning, first + 2, EARNING_APPROVED, corrected);
    else if (fate == CLAWED_BACK)
        add_state(model, earning, first + 4, EARNING_REVERSED, 0);
}

static int64_t
pick_amount(const Model *model, uint64_t seed, const Network *network, bool by_action)
{
    /* An action pays 4 to 60 units, in steps that are finer than a cent. */
    if (by_action)
        return 4 * MICROS_PER_UNIT + chance(model, 5, 22400) * 2500;
    return posting_make(seed, model->click->listing).bid_micros * network->share_permille / 1000;
}

unsigned
earnings_of_click(uint64_t seed, const Network *network, const SandboxClick *click, int64_t lag_us,
                  Earning ret_earnings[EARNINGS_PER_CLICK])
{
    uint64_t name = str_hash(str_of(network->name)) ^ str_hash(str_of(click->sub_id));
    Model model = {sandbox_hash(sandbox_hash(seed, name), (uint64_t)click->at_us), lag_us, click};
    Earning earning = {0};
    int64_t amount, first_piece;
    Fate fate = pick_fate(&model);

    if (chance(&model, 1, 100) >= EARNING_PERCENT)
        return 0;
    earning.by_action = chance(&model, 3, 100) < network->cpa_percent;
    earning.doubled = chance(&model, 6, 100) < DOUBLED_PERCENT;
    /* The partner's own clock runs a second or two behind the click; an action comes within a lag of it. */
    earning.event_at_us = click->at_us + (earning.by_action ? lag_us / 2 : MIN(lag_us, US_PER_SECOND));
    amount = pick_amount(&model, seed, network, earning.by_action);
    first_piece = fate == IN_PIECES ? amount * (20 + chance(&model, 7, 61)) / 100 : amount;
    ret_earnings[0] = earning;
    tell_story(&model, &ret_earnings[0], fate, fate == LATE ? LATE_LAGS : earning.by_action ? 2 : 1, first_piece);
    if (fate != IN_PIECES)
        return 1;
    earning.piece = 1;
    ret_earnings[1] = earning;
    tell_story(&model, &ret_earnings[1], fate, 3, amount - first_piece);
    return 2;
}

const EarningState *
earning_state_at(const Earning *earning, int64_t at_us)
{
    const EarningState *state = NULL;

    for (unsigned i = 0; i < earning->state_count && earning->states[i].at_us <= at_us; i++)
        state = &earning->states[i];
    return state;
}
