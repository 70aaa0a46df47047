#include "search/value.h"

typedef struct {
    const char *code;
    int64_t per_thousand; /* US dollars for a thousand units */
} RoughRate;

static const RoughRate RATES[] = {
    {"USD", 1000}, {"EUR", 1100}, {"GBP", 1280}, {"CHF", 1150}, {"CAD", 720}, {"AUD", 650}, {"NZD", 600},
    {"SGD", 750},  {"PLN", 250},  {"BRL", 180},  {"MXN", 55},   {"ZAR", 55},  {"INR", 12},  {"JPY", 7},
    {"SEK", 95},   {"NOK", 93},   {"DKK", 147},  {"CZK", 43},   {"HUF", 3},   {"TRY", 30},
};
#define UNKNOWN_PER_THOUSAND 1
#define HALF_WEIGHT          (MICROS_PER_UNIT / 2)
#define VALUE_LIMIT          (INT64_MAX / 2000)

int64_t
click_value(Money bid)
{
    int64_t per_thousand = UNKNOWN_PER_THOUSAND;
    size_t i = 0;

    if (bid.currency.code[0] == '\0' || bid.micros <= 0)
        return 0;
    while (i < G_N_ELEMENTS(RATES) && strcmp(RATES[i].code, bid.currency.code) != 0)
        i++;
    if (i < G_N_ELEMENTS(RATES))
        per_thousand = RATES[i].per_thousand;
    return MIN(bid.micros, VALUE_LIMIT) * per_thousand / 1000;
}

/* So many clicks weigh as much as what is believed without them. */
#define CLICKS_BELIEVED 100
#define PAID_LIMIT      4000
/* Beyond, nothing is added up exactly any more: a billion dollars. */
#define SUM_LIMIT (INT64_C(1000000000) * MICROS_PER_UNIT)

/* Thousandths that a source pays of its bids. */
static int64_t
paid_of_bids(const ClickYield *yield)
{
    int64_t earned = CLAMP(yield->earned, 0, SUM_LIMIT), bids = MIN(yield->bids, SUM_LIMIT), believed;

    if (yield->clicks <= 0 || bids <= 0)
        return 1000;
    believed = MAX(bids / yield->clicks, 1) * CLICKS_BELIEVED;
    return MIN((earned + believed) * 1000 / (bids + believed), PAID_LIMIT);
}

int64_t
click_expected(const ClickYield *yield, int64_t bid)
{
    int64_t clicks = CLAMP(yield->clicks, 0, SUM_LIMIT);

    if (bid > 0)
        return MIN(bid, INT64_MAX / PAID_LIMIT) * paid_of_bids(yield) / 1000;
    return (CLAMP(yield->earned, 0, SUM_LIMIT) + MIN(yield->other, SUM_LIMIT / 100) * CLICKS_BELIEVED) /
           (clicks + CLICKS_BELIEVED);
}

double
click_weight(int64_t value)
{
    return value <= 0 ? 0 : (double)value / (double)(value + HALF_WEIGHT);
}
