/*
 * Ledger: what was earned, as balanced postings that are never changed.
 *
 *     receivable (debit, +)      what the partner owes for a line
 *     attributed (credit, -)     the part that is known to come from a click
 *     unattributed (credit, -)   the part that is not, yet or for ever
 *
 * A line's credits are its shares. Posting brings a line from the shares that are booked to those that should be, by
 * the differences alone: an unchanged line posts nothing, a correction posts what it corrects. Each posting is one txn
 * whose entries sum to zero in each currency; the database itself refuses any other.
 */
#pragma once

#include "base/id.h"
#include "base/money.h"
#include "revenue/journal.h"

/* Part of what a line earned. Earnings are positive here; the ledger's credit is their negative. */
typedef struct {
    Id click_id, search_id; /* ID_NONE: unattributed */
    const char *rung;       /* static text: see attribution.h */
    Currency currency;
    int64_t effective_at_us;
    int64_t earned_micros;
} LedgerShare;

/* Shares as an array that g_autoptr(GArray) frees. */
GArray *ledger_shares_new(void);

/* What is booked for a line at present; shares of zero left out. */
bool ledger_load(DbTx *tx, int64_t line_id, GArray *shares, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a posting is about. */
typedef struct {
    const char *source, *reason;
    int64_t line_id, revision_id;
} LedgerPosting;

/* Posts wanted - booked; both are sorted by this. ret_posted (may be NULL): whether anything differed. INVALID when a
 * sum does not fit. */
bool ledger_post(Journal *journal, const LedgerPosting *posting, GArray *booked, GArray *wanted, bool *ret_posted,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
