/*
 * Order: what a partner prepares before it can be asked for: submitted, then asked after until it is ready.
 *
 *     order_start ──> submit ──> ticket ──> (every) ──> poll ──┬── ready ──> ended with ticket and result
 *                       │                      ^               ├── waiting, or the partner is down ──┐
 *                       │                      └───────────────┴─────────────────────────────────────┘
 *                       └──> ended with a refusal <── failed, or past the deadline
 *
 * Each call is an exchange of its own, with limits, logins and second tries. At most one is under way, and polls are
 * bounded by the deadline and by their interval. What was ordered and never fetched is the partner's to forget.
 */
#pragma once

#include "exchange/exchange.h"

typedef struct Order Order;

typedef struct {
    SourceSet *set;             /* as in ExchangeSpec */
    const Operation *operation; /* that has operation_submit() */
    const Question *question;   /* must outlive the order */
    int64_t patience_us;        /* for the source's limits, each call */
    /* Once, from the loop; the order is gone behind it. ticket and result live during the call; result is absent when
     * the partner gave none. refusal: why there is nothing to fetch, else NULL. */
    void (*ended)(void *data, Str ticket, Str result, const ExchangeRefusal *refusal);
    void *data;
} OrderSpec;

/* Errors as of exchange_start(). */
Order *order_start(Exchanges *exchanges, const OrderSpec *spec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Nobody is told any more. */
void order_cancel(Order *order);
