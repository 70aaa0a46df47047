/*
 * Value: what a click is roughly worth, so that bids in different currencies can be put in order.
 *
 * An estimate for ranking only. Nothing of it is booked, shown or stored.
 */
#pragma once

#include "base/money.h"

/* Millionths of a US dollar, at rates that are only right to the order; 0 for no bid or a negative one. An unknown
 * currency counts as little, so that it never wins by its name. */
int64_t click_value(Money bid);
/* How much a click of that value weighs beside one of another, 0 to 1: half a dollar is 0.5, and no bid 0. */
double click_weight(int64_t value);
