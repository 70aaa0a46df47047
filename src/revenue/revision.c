#include "revenue/revision.h"

#include "base/timestamp.h"

RevisionOutcome
revision_decide(const RevisionHead *head, const Line *line)
{
    g_assert(line->content_sha256.size == LINE_SHA256_BYTES);
    if (!head->known)
        return REVISION_NEW;
    if (memcmp(head->content_sha256, line->content_sha256.at, LINE_SHA256_BYTES) == 0)
        return REVISION_SAME;
    if (head->version_at_us != TIMESTAMP_NONE && line->version_at_us != TIMESTAMP_NONE &&
        line->version_at_us < head->version_at_us)
        return REVISION_STALE;
    return REVISION_CHANGED;
}

int64_t
revision_effective_us(const RevisionHead *head, const Line *line, int64_t fallback_us)
{
    if (line->event_at_us != TIMESTAMP_NONE)
        return line->event_at_us;
    if (line->click_at_us != TIMESTAMP_NONE)
        return line->click_at_us;
    if (head->known)
        return head->effective_at_us;
    if (line->validated_at_us != TIMESTAMP_NONE)
        return line->validated_at_us;
    return line->version_at_us != TIMESTAMP_NONE ? line->version_at_us : fallback_us;
}

const char *
revision_reason(const RevisionHead *head, const Line *line)
{
    bool was_reversed = g_str_equal(head->status, "reversed");

    if (!head->known)
        return line->amount_micros < 0 ? "clawback" : "new";
    if (str_is(line->status, "reversed"))
        return was_reversed ? "amend" : "reverse";
    if (was_reversed)
        return "reopen";
    if (str_is(line->status, "approved") && g_str_equal(head->status, "pending"))
        return "approve";
    if (str_is(line->status, "paid") && !g_str_equal(head->status, "paid"))
        return "pay";
    return "amend";
}

/* The id and the current revision of a line; head->known is false for a new one. */
static bool
load_head(DbTx *tx, const RevisionOrigin *origin, Str key, int64_t *ret_line_id, RevisionHead *ret_head, GError **error)
{
    g_autoptr(DbRows) rows =
        db_query(tx,
                 SQL("SELECT l.id, r.rev, r.version_at_us, r.effective_at_us, r.content_sha256, r.status FROM line l "
                     "JOIN revision r ON r.line_id = l.id WHERE l.source = $1 AND l.kind = $2 AND l.line_key = $3 "
                     "ORDER BY r.rev DESC LIMIT 1"),
                 DB_ARGS(db_cstr(origin->source), db_cstr(origin->kind), db_text(key)), error);
    RevisionHead head = {.known = false};

    if (rows == NULL)
        return false;
    *ret_line_id = 0;
    if (db_next(rows, error)) {
        Str content = db_get_blob(rows, 4), status = db_get_text(rows, 5);

        if (content.size != LINE_SHA256_BYTES || status.size >= sizeof(head.status))
            return weir_fail(error, WEIR_ERROR_BROKEN, "the stored revision of %.*s is damaged", STR_FORMAT(key));
        head = (RevisionHead){.known = true,
                              .rev = db_get_int(rows, 1),
                              .version_at_us = db_get_time(rows, 2),
                              .effective_at_us = db_get_int(rows, 3)};
        memcpy(head.content_sha256, content.at, LINE_SHA256_BYTES);
        if (status.size > 0)
            memcpy(head.status, status.at, status.size);
        *ret_line_id = db_get_int(rows, 0);
    }
    if (db_has_failed(rows))
        return false;
    *ret_head = head;
    return true;
}

static bool
write_line(Journal *journal, const RevisionOrigin *origin, Str key, GError **error)
{
    return db_exec(journal->tx, SQL("INSERT INTO line (id, source, kind, line_key) VALUES ($1, $2, $3, $4)"),
                   DB_ARGS(db_int(++journal->line_id), db_cstr(origin->source), db_cstr(origin->kind), db_text(key)),
                   NULL, error);
}

static bool
write_revision(Journal *journal, const RevisionOrigin *origin, const Line *line, const Revision *revision,
               GError **error)
{
    return db_exec(
        journal->tx,
        SQL("INSERT INTO revision (id, line_id, rev, content_sha256, version_at_us, status, event_at_us, click_at_us, "
            "effective_at_us, amount_micros, earned_micros, currency, clicks, impressions, sub_id, original_key, "
            "report_id, part, row_number, recorded_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
            "$13, $14, $15, $16, $17, $18, $19, $20)"),
        DB_ARGS(db_int(revision->id), db_int(revision->line_id), db_int(revision->rev), db_blob(line->content_sha256),
                db_time(line->version_at_us), db_text(line->status), db_time(line->event_at_us),
                db_time(line->click_at_us), db_int(revision->effective_at_us), db_int(line->amount_micros),
                db_int(revision->earned_micros), db_cstr(line->currency.code), db_count(line->clicks),
                db_count(line->impressions), db_text(line->sub_id), db_text(line->original_key),
                db_int(origin->report_id), db_int(line->part), db_int(line->row), db_int(journal->now_us)),
        NULL, error);
}

bool
revision_record(Journal *journal, const RevisionOrigin *origin, const Line *line, RevisionOutcome *ret_outcome,
                RevisionHead *ret_before, Revision *ret_revision, GError **error)
{
    RevisionOutcome outcome;
    Revision revision;
    int64_t line_id;

    if (!load_head(journal->tx, origin, line->key, &line_id, ret_before, error))
        return false;
    *ret_outcome = outcome = revision_decide(ret_before, line);
    if (outcome == REVISION_SAME || outcome == REVISION_STALE)
        return true;
    if (outcome == REVISION_NEW) {
        if (!write_line(journal, origin, line->key, error))
            return false;
        line_id = journal->line_id;
    }
    revision = (Revision){
        .id = ++journal->revision_id,
        .line_id = line_id,
        .rev = outcome == REVISION_NEW ? 1 : ret_before->rev + 1,
        .effective_at_us = revision_effective_us(ret_before, line, origin->fallback_us),
        .event_at_us = line->event_at_us,
        .earned_micros = line_earned_micros(line->status, line->amount_micros),
        .currency = line->currency,
        .clicks = line->clicks,
        .impressions = line->impressions,
        .source = str_of(origin->source),
        .kind = str_of(origin->kind),
        .line_key = line->key,
        .sub_id = line->sub_id,
        .original_key = line->original_key,
    };
    if (!write_revision(journal, origin, line, &revision, error))
        return false;
    *ret_revision = revision;
    return true;
}

bool
revision_load(DbTx *tx, int64_t line_id, Arena *arena, Revision *ret_revision, GError **error)
{
    g_autoptr(DbRows) rows =
        db_query(tx,
                 SQL("SELECT r.id, r.rev, r.effective_at_us, r.event_at_us, r.earned_micros, r.currency, r.clicks, "
                     "r.impressions, l.source, l.kind, l.line_key, r.sub_id, r.original_key FROM revision r "
                     "JOIN line l ON l.id = r.line_id WHERE r.line_id = $1 ORDER BY r.rev DESC LIMIT 1"),
                 DB_ARGS(db_int(line_id)), error);
    Revision revision;

    if (rows == NULL)
        return false;
    if (!db_next(rows, error)) {
        if (error == NULL || *error == NULL)
            weir_fail(error, WEIR_ERROR_NOT_FOUND, "no line %" G_GINT64_FORMAT, line_id);
        return false;
    }
    revision = (Revision){
        .id = db_get_int(rows, 0),
        .line_id = line_id,
        .rev = db_get_int(rows, 1),
        .effective_at_us = db_get_int(rows, 2),
        .event_at_us = db_get_time(rows, 3),
        .earned_micros = db_get_int(rows, 4),
        .clicks = db_get_count(rows, 6),
        .impressions = db_get_count(rows, 7),
        .source = arena_str(arena, db_get_text(rows, 8)),
        .kind = arena_str(arena, db_get_text(rows, 9)),
        .line_key = arena_str(arena, db_get_text(rows, 10)),
        .sub_id = arena_str(arena, db_get_text(rows, 11)),
        .original_key = arena_str(arena, db_get_text(rows, 12)),
    };
    if (!currency_parse(db_get_text(rows, 5), &revision.currency))
        return weir_fail(error, WEIR_ERROR_BROKEN, "line %" G_GINT64_FORMAT " has no currency", line_id);
    *ret_revision = revision;
    return true;
}
