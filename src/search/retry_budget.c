#include "search/retry_budget.h"

#include <glib.h>

#define CALL 100
#define MOST (RETRY_BUDGET_CALLS * CALL)

void
retry_budget_earn(RetryBudget *budget, unsigned percent)
{
    budget->hundredths = MIN(budget->hundredths + percent, MOST);
}

bool
retry_budget_has(const RetryBudget *budget)
{
    return budget->hundredths >= CALL;
}

void
retry_budget_pay(RetryBudget *budget)
{
    g_assert(retry_budget_has(budget));
    budget->hundredths -= CALL;
}

void
retry_budget_pay_back(RetryBudget *budget)
{
    budget->hundredths = MIN(budget->hundredths + CALL, MOST);
}
