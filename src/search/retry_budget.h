/*
 * Retry budget: how many calls of one source may be made beside the first ones: again after a failure, or a second one
 * beside a slow call. Rules without I/O and without a lock.
 *
 *     a first call is answered ──> a share of a token comes in, up to RETRY_BUDGET_CALLS
 *     a call beside the first ──> takes a whole token, or is not made
 *
 * So that a source never gets more than that share of calls beyond what visitors ask, and one that fails, which nobody
 * answers for, gets none once what it had is used up: retries cannot keep a partner down. One budget for both kinds,
 * since to the partner both are load. The tokens are those of gRPC's retryThrottling (proposal A6), earned by successes;
 * that a call beside the first pays a whole one is the rule of Finagle's RetryBudget.
 */
#pragma once

#include <stdbool.h>

#define RETRY_BUDGET_CALLS 10 /* the most that is saved up: a burst of so many */

/* Begins zeroed. */
typedef struct {
    unsigned hundredths;
} RetryBudget;

/* A first call was answered. percent: calls beside the first for each hundred answered, up to 100. */
void retry_budget_earn(RetryBudget *budget, unsigned percent);
bool retry_budget_has(const RetryBudget *budget);
/* After retry_budget_has(). */
void retry_budget_pay(RetryBudget *budget);
/* What was paid for was not made after all. */
void retry_budget_pay_back(RetryBudget *budget);
