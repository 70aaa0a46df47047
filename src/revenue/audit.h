/*
 * Audit: proves that money is conserved, from the bytes that partners sent up to the last entry.
 *
 * It reads every stored report again, in order, through the definitions as they are now; applies the same rules to a
 * state of its own, apart from the database; and compares what that gives with the revisions that are stored. Then it
 * holds the entries against the revisions and the clicks. All of it sees one snapshot. Memory does not grow with the
 * books; nothing is written.
 *
 * A definition that was changed since reads old reports differently: that is reported as what it is, a difference.
 *
 *     I1 entries of a txn sum to zero            I8  what the reports say is what is stored
 *     I2 receivable = current revisions          I12 a line earns from one click, unless it is allocated
 *     I3 attributed + unattributed = receivable  I13 balances fit
 *     I4 chunks are those that were hashed       I15 attributed entries name clicks that fit
 *     I5 revisions are numbered without gaps
 *     I7 rollups = what the records give, for every hour of which nothing is recorded that no run has looked at
 */
#pragma once

#include "revenue/line_format.h"
#include "store/db.h"

typedef struct {
    int64_t reports, lines, revisions, entries, rollup_hours; /* looked at */
    int64_t differences;                                      /* 0: proved */
} AuditResult;

/* Calls found for each difference: rule is "I1" and so on, text one line. Findings are no error: this fails only when
 * it could not look. */
bool revenue_audit(Db *db, const LineFormats *formats, void (*found)(void *data, const char *rule, const char *text),
                   void *data, AuditResult *ret_result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
