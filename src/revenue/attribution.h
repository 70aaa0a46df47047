/*
 * Attribution: which click earned a line. The rung on which the answer was found is kept on every entry.
 *
 *     exact         the sub-id is that of a click of this source
 *     repaired      it is once case, look-alikes (O for 0, I and L for 1), blanks and %XX are mended
 *     original      the line corrects another one (original_key), whose click is known
 *     allocated     the line sums up many clicks: shared exactly among the counted clicks of that source and day, or of
 *                   that channel where the sub-id is one that many clicks share
 *     none          nothing fits, yet: unattributed
 *     implausible   the click came after the event, or too long before it: unattributed
 *     too_many      more clicks than are shared one by one: unattributed
 *
 * The click may arrive after the report. attribution_rematch() looks again and moves the money between the accounts;
 * what the partner owes does not change by it.
 */
#pragma once

#include "revenue/ledger.h"
#include "revenue/revision.h"

/* Events are often dated to the day, in a zone of the partner's: so a click may seem to come this much after. */
#define ATTRIBUTION_SKEW_US (48 * US_PER_HOUR)
/* Longer than the longest cookie of the networks known. */
#define ATTRIBUTION_LOOK_BACK_US (120 * US_PER_DAY)
/* An allocation is held in memory while it is computed: 40 bytes a click. */
#define ATTRIBUTION_CLICKS_LIMIT 200000

/* The one static text of a rung; NULL for an unknown one. */
const char *attribution_rung(Str name);

/* Appends how a revision's earnings should be booked; together they are exactly its earnings. */
bool attribution_share(DbTx *tx, const Revision *revision, GArray *shares, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    int64_t looked_at, moved; /* lines */
} RematchSummary;

/* Looks again at the lines earned since since_us that are unattributed or allocated; in several transactions. */
bool attribution_rematch(Db *db, const Clock *clock, int64_t since_us, RematchSummary *ret_summary,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
