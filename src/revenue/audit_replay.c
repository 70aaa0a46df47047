#include "revenue/audit_replay.h"

#include "base/timestamp.h"
#include "revenue/report.h"
#include "revenue/revision.h"
#include "revenue/scratch.h"

/* Lines compared at a time when those are sought that no report speaks of. */
#define LINE_BATCH 500

static const char *const SCHEMA[] = {
    "CREATE TABLE known (source TEXT, kind TEXT, key TEXT, rev INTEGER, version_at INTEGER, effective_at INTEGER, "
    "content BLOB, status TEXT, PRIMARY KEY (source, kind, key)) STRICT, WITHOUT ROWID",
    NULL,
};

typedef struct {
    Audit *audit;
    Scratch *scratch;
    const Report *report;
    int64_t lines, new_lines, changed_lines, same_lines, stale_lines, disputed;
} Replay;

/* A stored part that is hashed while it is read. */
typedef struct {
    PartStream from;
    ReportHash *hash;
    int64_t *bytes;
} HashedPart;

static gssize
read_hashed(void *data, void *to, size_t size, GError **error)
{
    HashedPart *part = data;
    gssize got = part->from.read(part->from.data, to, size, error);

    if (got > 0) {
        report_hash_update(part->hash, (Str){to, (size_t)got});
        *part->bytes += got;
    }
    return got;
}

/* What the replay knows of a line so far. */
static bool
load_head(Replay *replay, Str key, RevisionHead *ret_head, GError **error)
{
    g_autoptr(DbRows) rows = db_query(
        scratch_tx(replay->scratch),
        SQL("SELECT rev, version_at, effective_at, content, status FROM known WHERE source = $1 AND kind = $2 AND "
            "key = $3"),
        DB_ARGS(db_cstr(replay->report->source), db_cstr(replay->report->line_kind), db_text(key)), error);
    RevisionHead head = {.known = false};

    if (rows == NULL)
        return false;
    if (db_next(rows, error)) {
        Str status = db_get_text(rows, 4);

        head = (RevisionHead){.known = true,
                              .rev = db_get_int(rows, 0),
                              .version_at_us = db_get_time(rows, 1),
                              .effective_at_us = db_get_int(rows, 2)};
        memcpy(head.content_sha256, db_get_blob(rows, 3).at, LINE_SHA256_BYTES);
        if (status.size > 0)
            memcpy(head.status, status.at, MIN(status.size, sizeof(head.status) - 1));
    }
    if (db_has_failed(rows))
        return false;
    *ret_head = head;
    return true;
}

static bool
save_head(Replay *replay, const Line *line, int64_t rev, int64_t effective_at_us, GError **error)
{
    return db_exec(scratch_tx(replay->scratch),
                   SQL("INSERT INTO known VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (source, kind, key) "
                       "DO UPDATE SET rev = $4, version_at = $5, effective_at = $6, content = $7, status = $8"),
                   DB_ARGS(db_cstr(replay->report->source), db_cstr(replay->report->line_kind), db_text(line->key),
                           db_int(rev), db_time(line->version_at_us), db_int(effective_at_us),
                           db_blob(line->content_sha256), db_text(line->status)),
                   NULL, error);
}

/* Whether the stored revision is exactly the one that the report gives. */
static bool
check_stored(Replay *replay, const Line *line, int64_t rev, int64_t effective_at_us, GError **error)
{
    const Report *report = replay->report;
    int64_t found;

    if (!db_query_int(
            replay->audit->tx,
            SQL("SELECT COUNT(CASE WHEN r.content_sha256 = $5 AND r.amount_micros = $6 AND r.earned_micros = $7 AND "
                "r.currency = $8 AND r.effective_at_us = $9 AND r.report_id = $10 AND r.part = $11 AND "
                "r.row_number = $12 AND r.status IS NOT DISTINCT FROM CAST($13 AS TEXT) AND "
                "r.sub_id IS NOT DISTINCT FROM CAST($14 AS TEXT) AND "
                "r.original_key IS NOT DISTINCT FROM CAST($15 AS TEXT) AND "
                "r.event_at_us IS NOT DISTINCT FROM CAST($16 AS BIGINT) AND "
                "r.version_at_us IS NOT DISTINCT FROM CAST($17 AS BIGINT) AND "
                "r.clicks IS NOT DISTINCT FROM CAST($18 AS BIGINT) AND "
                "r.impressions IS NOT DISTINCT FROM CAST($19 AS BIGINT) THEN 1 END) FROM revision r WHERE r.rev = $4 "
                "AND r.line_id = (SELECT id FROM line WHERE source = $1 AND kind = $2 AND line_key = $3)"),
            DB_ARGS(db_cstr(report->source), db_cstr(report->line_kind), db_text(line->key), db_int(rev),
                    db_blob(line->content_sha256), db_int(line->amount_micros),
                    db_int(line_earned_micros(line->status, line->amount_micros)), db_cstr(line->currency.code),
                    db_int(effective_at_us), db_int(report->id), db_int(line->part), db_int(line->row),
                    db_text(line->status), db_text(line->sub_id), db_text(line->original_key),
                    db_time(line->event_at_us), db_time(line->version_at_us), db_count(line->clicks),
                    db_count(line->impressions)),
            &found, error))
        return false;
    if (found != 1)
        audit_found(replay->audit, "I8",
                    "%s/%s %.*s: revision %" G_GINT64_FORMAT " of report %" G_GINT64_FORMAT ", part %" G_GINT64_FORMAT
                    ", row %" G_GINT64_FORMAT " is not stored as the report says",
                    report->source, report->line_kind, STR_FORMAT(line->key), rev, report->id, line->part, line->row);
    return true;
}

static bool
replay_line(Replay *replay, const Line *line, GError **error)
{
    RevisionOutcome outcome;
    RevisionHead head;
    int64_t rev, effective_at_us;

    if (!load_head(replay, line->key, &head, error))
        return false;
    outcome = revision_decide(&head, line);
    replay->new_lines += outcome == REVISION_NEW;
    replay->changed_lines += outcome == REVISION_CHANGED;
    replay->same_lines += outcome == REVISION_SAME;
    replay->stale_lines += outcome == REVISION_STALE;
    if (outcome == REVISION_SAME || outcome == REVISION_STALE)
        return true;
    rev = head.known ? head.rev + 1 : 1;
    effective_at_us = revision_effective_us(&head, line, report_fallback_us(replay->report));
    replay->audit->result.revisions++;
    return check_stored(replay, line, rev, effective_at_us, error) &&
           save_head(replay, line, rev, effective_at_us, error);
}

static bool
replay_lines(Replay *replay, Staging *staging, GError **error)
{
    g_autoptr(GError) cause = NULL;
    StagedVerdict verdict;
    Line line;

    while (staging_next(staging, &line, &verdict, &cause)) {
        replay->disputed += verdict == STAGED_DISPUTED;
        replay->lines += verdict != STAGED_DISPUTED;
        replay->same_lines += verdict == STAGED_REPEATED;
        replay->stale_lines += verdict == STAGED_SUPERSEDED;
        if (verdict == STAGED_COUNTS && !replay_line(replay, &line, error))
            return false;
    }
    if (cause != NULL) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return false;
    }
    return true;
}

static void
compare_count(Replay *replay, const char *name, int64_t stored, int64_t counted)
{
    if (stored != counted)
        audit_found(replay->audit, "I8",
                    "report %" G_GINT64_FORMAT " (%s/%s): %" G_GINT64_FORMAT " %s are stored, %" G_GINT64_FORMAT
                    " are read",
                    replay->report->id, replay->report->source, replay->report->kind, stored, name, counted);
}

static void
compare_counts(Replay *replay, const Staging *staging)
{
    const Report *report = replay->report;

    compare_count(replay, "lines", report->lines, replay->lines);
    compare_count(replay, "new lines", report->new_lines, replay->new_lines);
    compare_count(replay, "changed lines", report->changed_lines, replay->changed_lines);
    compare_count(replay, "same lines", report->same_lines, replay->same_lines);
    compare_count(replay, "stale lines", report->stale_lines, replay->stale_lines);
    compare_count(replay, "quarantined lines", report->quarantined, staging_rejected(staging) + replay->disputed);
}

/* Whether a failure says that the report can't be read as it is stored, and not that the database can't be asked. */
static bool
is_about_report(const GError *cause)
{
    WeirError code = weir_error_code(cause);

    return code == WEIR_ERROR_INVALID || code == WEIR_ERROR_NOT_FOUND || code == WEIR_ERROR_BROKEN;
}

/* Reads all parts into the staging; a report that can't be read any more is a finding, and ret_read false. */
static bool
read_parts(Replay *replay, Staging *staging, bool *ret_read, GError **error)
{
    const Report *report = replay->report;
    LineContext context = {report->source, report->kind, report->window_since_us, report->window_until_us,
                           report->content_type};
    g_auto(ReportHash) hash;
    uint8_t sha256[LINE_SHA256_BYTES];
    int64_t bytes = 0;

    report_hash_init(&hash);
    for (int64_t i = 1; i <= report->parts; i++) {
        g_autoptr(GError) cause = NULL;
        g_auto(ReportPart) part;
        HashedPart hashed;

        report_part_init(&part, replay->audit->tx, report->id, i);
        hashed = (HashedPart){report_part_stream(&part), &hash, &bytes};
        *ret_read =
            staging_read(staging, i, replay->audit->formats, &context, &(PartStream){read_hashed, &hashed}, &cause);
        if (!*ret_read && !is_about_report(cause)) {
            g_propagate_error(error, g_steal_pointer(&cause));
            return false;
        }
        if (!*ret_read) {
            audit_found(replay->audit, "I8", "report %" G_GINT64_FORMAT " (%s/%s) can't be read: %s", report->id,
                        report->source, report->kind, cause->message);
            return true;
        }
        report_hash_end_part(&hash);
    }
    report_hash_finish(&hash, sha256);
    if (bytes != report->bytes || report->sha256.size != sizeof(sha256) ||
        memcmp(report->sha256.at, sha256, sizeof(sha256)) != 0)
        audit_found(replay->audit, "I4", "report %" G_GINT64_FORMAT " (%s/%s): its chunks are not the bytes received",
                    report->id, report->source, report->kind);
    return true;
}

static bool
replay_report(Audit *audit, Scratch *scratch, const Report *report, GError **error)
{
    g_autoptr(Staging) staging = staging_new((uint64_t)MAX(report->bytes, 0), error);
    Replay replay = {.audit = audit, .scratch = scratch, .report = report};
    bool read = true;

    if (staging == NULL || !read_parts(&replay, staging, &read, error))
        return false;
    audit->result.reports++;
    if (!read)
        return true;
    if (!staging_resolve(staging, error) || !replay_lines(&replay, staging, error))
        return false;
    audit->result.lines += replay.lines;
    compare_counts(&replay, staging);
    return true;
}

/* Reads up to LINE_BATCH stored lines above after into a list of texts "source\0kind\0key" and their newest rev. */
typedef struct {
    int64_t id, revs;
    char *source, *kind, *key;
} StoredLine;

static void
stored_line_clear(gpointer data)
{
    StoredLine *line = data;

    g_free(line->source);
    g_free(line->kind);
    g_free(line->key);
}

static bool
load_stored(Audit *audit, int64_t after, GArray *lines, GError **error)
{
    g_autoptr(DbRows) rows =
        db_query(audit->tx,
                 SQL("SELECT l.id, l.source, l.kind, l.line_key, (SELECT COUNT(*) FROM revision r WHERE r.line_id = "
                     "l.id) FROM line l WHERE l.id > $1 ORDER BY l.id LIMIT $2"),
                 DB_ARGS(db_int(after), db_int(LINE_BATCH)), error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        StoredLine line = {db_get_int(rows, 0), db_get_int(rows, 4), str_dup(db_get_text(rows, 1)),
                           str_dup(db_get_text(rows, 2)), str_dup(db_get_text(rows, 3))};

        g_array_append_val(lines, line);
    }
    return !db_has_failed(rows);
}

static bool
check_known(Audit *audit, Scratch *scratch, const StoredLine *line, GError **error)
{
    int64_t known;

    if (!db_query_int(scratch_tx(scratch),
                      SQL("SELECT COALESCE(MAX(rev), 0) FROM known WHERE source = $1 AND kind = $2 AND key = $3"),
                      DB_ARGS(db_cstr(line->source), db_cstr(line->kind), db_cstr(line->key)), &known, error))
        return false;
    if (known != line->revs)
        audit_found(audit, "I8",
                    "%s/%s %s: %" G_GINT64_FORMAT " revisions are stored, the reports give %" G_GINT64_FORMAT,
                    line->source, line->kind, line->key, line->revs, known);
    return true;
}

/* Lines and revisions that no report speaks of. */
static bool
check_extra(Audit *audit, Scratch *scratch, GError **error)
{
    g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(StoredLine));
    int64_t after = 0;

    g_array_set_clear_func(lines, stored_line_clear);
    do {
        g_array_set_size(lines, 0);
        if (!load_stored(audit, after, lines, error))
            return false;
        for (guint i = 0; i < lines->len; i++) {
            after = g_array_index(lines, StoredLine, i).id;
            if (!check_known(audit, scratch, &g_array_index(lines, StoredLine, i), error))
                return false;
        }
    } while (lines->len == LINE_BATCH);
    return true;
}

bool
audit_replay(Audit *audit, GError **error)
{
    g_autoptr(Scratch) scratch = NULL;
    g_autoptr(Arena) arena = arena_new(1024);
    g_autoptr(GError) cause = NULL;
    int64_t revisions;
    Report report = {0};

    /* About as large as the revisions are. */
    if (!db_query_int(audit->tx, SQL("SELECT COUNT(*) FROM revision"), DB_NO_ARGS, &revisions, error))
        return false;
    scratch = scratch_open((uint64_t)revisions * 200, SCHEMA, error);
    if (scratch == NULL)
        return false;
    while (report_load_next(audit->tx, report.id, arena, &report, &cause)) {
        if (!replay_report(audit, scratch, &report, error))
            return false;
        arena_reset(arena);
    }
    if (weir_error_code(cause) != WEIR_ERROR_NOT_FOUND) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return false;
    }
    return check_extra(audit, scratch, error);
}
