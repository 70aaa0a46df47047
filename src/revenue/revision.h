/*
 * Revisions: a line as it stood at one moment. One row for each change of a line, numbered from 1.
 *
 *     unknown key                          -> NEW       revision 1
 *     same content as the current one      -> SAME      nothing is written
 *     older version than the current one   -> STALE     nothing is written: what is known is newer
 *     anything else                        -> CHANGED   the next revision
 *
 * Where a partner gives versions (when the line was last amended), the order in which its reports arrive therefore
 * does not matter. Where it gives none, the order of arrival is the truth, and is kept: `weir audit` replays it.
 */
#pragma once

#include "revenue/journal.h"
#include "revenue/line.h"

typedef enum { REVISION_NEW, REVISION_CHANGED, REVISION_SAME, REVISION_STALE } RevisionOutcome;

/* What the rules look at, of the revision that is current. */
typedef struct {
    bool known;
    int64_t rev, version_at_us, effective_at_us;
    uint8_t content_sha256[LINE_SHA256_BYTES];
    char status[16]; /* "" when the partner does not say */
} RevisionHead;

RevisionOutcome revision_decide(const RevisionHead *head, const Line *line);
/* When a line was earned: its own moment, else that of its click or of a change; else what was taken before; else
 * fallback_us (the window or arrival of its report). */
int64_t revision_effective_us(const RevisionHead *head, const Line *line, int64_t fallback_us);
/* "new", "clawback", "approve", "reverse", "reopen", "pay" or "amend": why the ledger changes. */
const char *revision_reason(const RevisionHead *head, const Line *line);

/* A revision as it is stored, as far as attribution and the ledger need it. */
typedef struct {
    int64_t id, line_id, rev;
    int64_t effective_at_us, event_at_us; /* event_at_us: TIMESTAMP_NONE when absent */
    int64_t earned_micros;
    Currency currency;
    int64_t clicks, impressions; /* -1 when absent */
    Str source, kind, line_key, sub_id, original_key;
} Revision;

typedef struct {
    const char *source, *kind;
    int64_t report_id, fallback_us;
} RevisionOrigin;

/* Applies a line. ret_revision is written for NEW and CHANGED only; its texts are those of line and origin.
 * ret_before (the head before) always. */
bool revision_record(Journal *journal, const RevisionOrigin *origin, const Line *line, RevisionOutcome *ret_outcome,
                     RevisionHead *ret_before, Revision *ret_revision, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The current revision of a line. NOT_FOUND. */
bool revision_load(DbTx *tx, int64_t line_id, Arena *arena, Revision *ret_revision,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
