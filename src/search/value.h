/*
 * Value: what a click is roughly worth, so that bids in different currencies, and listings without one, can be put in order.
 *
 *     with a bid:  bid x what the source paid of late of each unit that was bid for its clicks
 *     without:     what a click of the source earned of late, else what one of all sources did
 *
 * Both are of clicks, not of listings shown: who stands first is clicked more often for that alone, and would for ever be
 * taken for better. An estimate for ranking only: nothing of it is booked or stored.
 */
#pragma once

#include "base/money.h"

/* What the clicks of a source came to of late; all 0: nothing is known. Money in millionths of a US dollar, roughly. */
typedef struct {
    int64_t clicks, earned;
    int64_t bids;  /* what was bid for these clicks; 0: unknown */
    int64_t other; /* what a click of all sources earned; 0: unknown */
} ClickYield;

/* Millionths of a US dollar, at rates that are only right to the order; 0 for no bid or a negative one. An unknown
 * currency counts as little, so that it never wins by its name. */
int64_t click_value(Money bid);
/* What a click on a listing is expected to earn; bid: click_value() of it, 0 for none. What is known of few clicks changes
 * little: a hundred weigh as much as what is believed without them. A source is never believed to pay more than four times
 * its bids. */
int64_t click_expected(const ClickYield *yield, int64_t bid);
/* How much a click of that value weighs beside one of another, 0 to 1: half a dollar is 0.5, and no bid 0. */
double click_weight(int64_t value);
