#include "revenue/staging.h"

#include "base/timestamp.h"
#include "revenue/scratch.h"

#define READ_BYTES 65536

struct Staging {
    Scratch *scratch;
    DbRows *rows; /* while lines are handed out */
    Arena *arena; /* of the line at hand */
    int64_t part, next_number, rejected;
    GPtrArray *rejects;
    bool append_only;
    GError *failure; /* of the scratch, found within a callback */
};

static const char *const SCHEMA[] = {
    "CREATE TABLE staged (number INTEGER PRIMARY KEY, part INTEGER, row INTEGER, key TEXT, content BLOB, status TEXT, "
    "amount INTEGER, currency TEXT, event_at INTEGER, click_at INTEGER, validated_at INTEGER, version_at INTEGER, "
    "clicks INTEGER, impressions INTEGER, sub_id TEXT, original_key TEXT) STRICT",
    "CREATE TABLE subject (name TEXT PRIMARY KEY, count INTEGER) STRICT, WITHOUT ROWID",
    NULL,
};
/* Keys that stand in the report more than once, and of those the rows of the newest version. */
static const char *const RESOLVE[] = {
    "CREATE INDEX staged_by_key ON staged (key)",
    "CREATE TABLE repeated (key TEXT PRIMARY KEY, contents INTEGER, unversioned INTEGER, newest INTEGER, "
    "first INTEGER) STRICT",
    "INSERT INTO repeated SELECT key, COUNT(DISTINCT content), COUNT(*) - COUNT(version_at), MAX(version_at), "
    "MIN(number) FROM staged GROUP BY key HAVING COUNT(*) > 1",
    "CREATE TABLE newest (key TEXT PRIMARY KEY, contents INTEGER, first INTEGER) STRICT",
    "INSERT INTO newest SELECT s.key, COUNT(DISTINCT s.content), MIN(s.number) FROM repeated r JOIN staged s "
    "ON s.key = r.key AND s.version_at = r.newest WHERE r.contents > 1 AND r.unversioned = 0 GROUP BY s.key",
    NULL,
};
#define VERDICT_SQL                                                                                                    \
    "CASE WHEN r.key IS NULL THEN 0 WHEN r.contents = 1 THEN s.number <> r.first "                                     \
    "WHEN $1 = 1 OR n.key IS NULL OR n.contents > 1 THEN 3 WHEN s.number = n.first THEN 0 "                            \
    "WHEN s.version_at = r.newest THEN 1 ELSE 2 END"

static void
reject_free(gpointer data)
{
    StagedReject *reject = data;

    g_free(reject->field);
    g_free(reject->reason);
    g_free(reject->text);
    g_free(reject);
}

Staging *
staging_new(uint64_t report_bytes, GError **error)
{
    Scratch *scratch = scratch_open(report_bytes, SCHEMA, error);
    Staging *staging;

    if (scratch == NULL)
        return NULL;
    staging = g_new0(Staging, 1);
    staging->scratch = scratch;
    staging->arena = arena_new(4096);
    staging->rejects = g_ptr_array_new_with_free_func(reject_free);
    return staging;
}

void
staging_free(Staging *staging)
{
    if (staging == NULL)
        return;
    if (staging->rows != NULL)
        db_end(staging->rows);
    scratch_close(staging->scratch);
    arena_free(staging->arena);
    g_ptr_array_unref(staging->rejects);
    g_clear_error(&staging->failure);
    g_free(staging);
}

void
staging_reject(Staging *staging, int64_t part, int64_t row, const char *field, const char *reason, Str text)
{
    StagedReject *reject;

    staging->rejected++;
    if (staging->rejects->len >= STAGED_REJECTS_KEPT)
        return;
    reject = g_new0(StagedReject, 1);
    *reject = (StagedReject){part, row, g_strdup(field), g_strdup(reason), NULL};
    /* What a partner sent may be anything: the quarantine keeps a bounded, valid piece of it. */
    reject->text = g_utf8_make_valid(text.at == NULL ? "" : text.at, (gssize)MIN(text.size, (size_t)500));
    g_ptr_array_add(staging->rejects, reject);
}

/* The key of a line; for one without a key of the partner's the ordinal is counted up. */
static bool
make_key(Staging *staging, const ReportLine *line, Str *ret_key, GError **error)
{
    Str key = line_partner_key(line->key, staging->arena), subject;
    int64_t ordinal;

    if (key.at != NULL) {
        *ret_key = key;
        return true;
    }
    subject = line_subject(line, staging->arena);
    if (!db_query_int(scratch_tx(staging->scratch),
                      SQL("INSERT INTO subject VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1 "
                          "RETURNING count"),
                      DB_ARGS(db_text(subject)), &ordinal, error))
        return false;
    *ret_key = arena_printf(staging->arena, "%.*s#%" G_GINT64_FORMAT, STR_FORMAT(subject), ordinal);
    return true;
}

static bool
add(Staging *staging, const ReportLine *line, GError **error)
{
    Str key;

    if (!make_key(staging, line, &key, error))
        return false;
    return db_exec(scratch_tx(staging->scratch),
                   SQL("INSERT INTO staged VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
                       "$16)"),
                   DB_ARGS(db_int(++staging->next_number), db_int(staging->part), db_int((int64_t)line->row),
                           db_text(key), db_blob(line_content_sha256(line, staging->arena)),
                           str_is_empty(line->status) ? db_null() : db_text(line->status), db_int(line->amount_micros),
                           db_cstr(line->currency.code), db_time(line->event_at_us), db_time(line->click_at_us),
                           db_time(line->validated_at_us), db_time(line->version_at_us), db_count(line->clicks),
                           db_count(line->impressions), str_is_empty(line->sub_id) ? db_null() : db_text(line->sub_id),
                           str_is_empty(line->original_key) ? db_null() : db_text(line->original_key)),
                   NULL, error);
}

static bool
on_line(void *data, const ReportLine *line)
{
    Staging *staging = data;
    LineFault fault;

    arena_reset(staging->arena);
    fault = line_check(line, staging->arena);
    if (fault.reason != NULL) {
        staging_reject(staging, staging->part, (int64_t)line->row, fault.field, fault.reason, fault.text);
        return true;
    }
    return add(staging, line, &staging->failure);
}

static void
on_rejected(void *data, uint64_t row, const char *field, const char *reason, Str text)
{
    Staging *staging = data;

    staging_reject(staging, staging->part, (int64_t)row, field, reason, text);
}

bool
staging_read(Staging *staging, int64_t part, const LineFormats *formats, const LineContext *context,
             const PartStream *stream, GError **error)
{
    static const LineEvents EVENTS = {on_line, on_rejected};
    g_autoptr(LineReader) reader = formats->open(formats, context, &EVENTS, staging, error);
    g_autofree char *buffer = g_malloc(READ_BYTES);
    gssize got;
    bool more = true;

    if (reader == NULL)
        return false;
    staging->part = part;
    staging->append_only |= reader->append_only;
    while (more && (got = stream->read(stream->data, buffer, READ_BYTES, error)) != 0) {
        if (got < 0)
            return false;
        more = reader->push(reader, (Str){buffer, (size_t)got});
    }
    if (staging->failure != NULL) {
        g_propagate_error(error, g_steal_pointer(&staging->failure));
        return false;
    }
    if (!reader->finish(reader, error))
        return weir_fail_within(error, "part %" G_GINT64_FORMAT, part);
    if (staging->failure != NULL) { /* finish() may have given the last line */
        g_propagate_error(error, g_steal_pointer(&staging->failure));
        return false;
    }
    return true;
}

bool
staging_resolve(Staging *staging, GError **error)
{
    for (size_t i = 0; RESOLVE[i] != NULL; i++) {
        if (!db_exec(scratch_tx(staging->scratch), SQL(RESOLVE[i]), DB_NO_ARGS, NULL, error))
            return false;
    }
    staging->rows =
        db_query(scratch_tx(staging->scratch),
                 SQL("SELECT s.part, s.row, s.key, s.content, s.status, s.amount, s.currency, s.event_at, s.click_at, "
                     "s.validated_at, s.version_at, s.clicks, s.impressions, s.sub_id, s.original_key, " VERDICT_SQL
                     " FROM staged s LEFT JOIN repeated r ON r.key = s.key LEFT JOIN newest n ON n.key = s.key "
                     "ORDER BY s.number"),
                 DB_ARGS(db_int(staging->append_only)), error);
    return staging->rows != NULL;
}

bool
staging_next(Staging *staging, Line *ret_line, StagedVerdict *ret_verdict, GError **error)
{
    DbRows *rows = staging->rows;

    g_assert(rows != NULL);
    if (!db_next(rows, error))
        return false;
    *ret_line = (Line){
        .part = db_get_int(rows, 0),
        .row = db_get_int(rows, 1),
        .key = db_get_text(rows, 2),
        .content_sha256 = db_get_blob(rows, 3),
        .status = db_get_text(rows, 4),
        .amount_micros = db_get_int(rows, 5),
        .event_at_us = db_get_time(rows, 7),
        .click_at_us = db_get_time(rows, 8),
        .validated_at_us = db_get_time(rows, 9),
        .version_at_us = db_get_time(rows, 10),
        .clicks = db_get_count(rows, 11),
        .impressions = db_get_count(rows, 12),
        .sub_id = db_get_text(rows, 13),
        .original_key = db_get_text(rows, 14),
    };
    if (!currency_parse(db_get_text(rows, 6), &ret_line->currency))
        return weir_fail(error, WEIR_ERROR_BROKEN, "a staged line has lost its currency");
    *ret_verdict = (StagedVerdict)db_get_int(rows, 15);
    return true;
}

int64_t
staging_rejected(const Staging *staging)
{
    return staging->rejected;
}

const GPtrArray *
staging_rejects(const Staging *staging)
{
    return staging->rejects;
}
