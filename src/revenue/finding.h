/*
 * Findings: what a watch saw, of things that are well or are not. They are gathered while the database gives rows, and then
 * told as alerts.
 */
#pragma once

#include "revenue/alert.h"

typedef struct {
    char *key, *source, *message, *details; /* as an AlertSpec has them */
    bool is_well;
} Finding;

/* Of Finding, their texts owned by the array. */
GArray *findings_new(void);
/* Raises an alert for each that is not well, and resolves those that stand of the others. */
bool findings_tell(const GArray *findings, const char *kind, DbTx *tx, const AlertTelling *telling, int64_t now_us,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
