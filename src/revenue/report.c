#include "revenue/report.h"

#include "base/timestamp.h"

#include <zlib.h>

/* Reports are read back seldom and arrive at the speed of a network: little time is spent on making them small. */
#define DEFLATE_LEVEL 3

int64_t
report_fallback_us(const Report *report)
{
    return report->window_since_us != TIMESTAMP_NONE ? report->window_since_us : report->received_at_us;
}

bool
report_insert(Journal *journal, const Report *report, GError **error)
{
    return db_exec(journal->tx,
                   SQL("INSERT INTO report (id, source, kind, line_kind, origin, window_since_us, window_until_us, "
                       "received_at_us, sha256, bytes, parts, content_type, parser_version, lines, new_lines, "
                       "changed_lines, same_lines, stale_lines, quarantined) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
                       "$9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)"),
                   DB_ARGS(db_int(report->id), db_cstr(report->source), db_cstr(report->kind),
                           db_cstr(report->line_kind), db_cstr(report->origin), db_time(report->window_since_us),
                           db_time(report->window_until_us), db_int(report->received_at_us), db_blob(report->sha256),
                           db_int(report->bytes), db_int(report->parts), db_cstr(report->content_type),
                           db_int(report->parser_version), db_int(report->lines), db_int(report->new_lines),
                           db_int(report->changed_lines), db_int(report->same_lines), db_int(report->stale_lines),
                           db_int(report->quarantined)),
                   NULL, error);
}

static bool
insert_chunk(Journal *journal, int64_t report_id, int64_t part, int64_t number, Str bytes, GError **error)
{
    uLongf size = compressBound(bytes.size);
    g_autofree Bytef *deflated = g_malloc(size);

    if (compress2(deflated, &size, (const Bytef *)bytes.at, bytes.size, DEFLATE_LEVEL) != Z_OK)
        return weir_fail(error, WEIR_ERROR_BROKEN, "a chunk can't be compressed");
    return db_exec(journal->tx,
                   SQL("INSERT INTO report_chunk (report_id, part, number, size, deflated) "
                       "VALUES ($1, $2, $3, $4, $5)"),
                   DB_ARGS(db_int(report_id), db_int(part), db_int(number), db_int((int64_t)bytes.size),
                           db_blob((Str){(const char *)deflated, size})),
                   NULL, error);
}

bool
report_insert_part(Journal *journal, int64_t report_id, int64_t part, const PartStream *stream, GError **error)
{
    g_autofree char *chunk = g_malloc(REPORT_CHUNK_BYTES);

    for (int64_t number = 1;; number++) {
        size_t filled = 0;
        gssize got = 0;

        while (filled < REPORT_CHUNK_BYTES &&
               (got = stream->read(stream->data, chunk + filled, REPORT_CHUNK_BYTES - filled, error)) > 0)
            filled += (size_t)got;
        if (got < 0)
            return false;
        if (filled == 0)
            return true;
        if (!insert_chunk(journal, report_id, part, number, (Str){chunk, filled}, error))
            return false;
    }
}

bool
report_insert_rejects(Journal *journal, int64_t report_id, const GPtrArray *rejects, GError **error)
{
    for (guint i = 0; i < rejects->len; i++) {
        const StagedReject *reject = rejects->pdata[i];

        if (!db_exec(journal->tx,
                     SQL("INSERT INTO report_quarantine (report_id, number, part, row_number, field, reason, text) "
                         "VALUES ($1, $2, $3, $4, $5, $6, $7)"),
                     DB_ARGS(db_int(report_id), db_int((int64_t)i + 1), db_int(reject->part), db_int(reject->row),
                             db_cstr(reject->field), db_cstr(reject->reason), db_cstr(reject->text)),
                     NULL, error))
            return false;
    }
    return true;
}

bool
report_find_same(DbTx *tx, const Report *report, int64_t *ret_id, GError **error)
{
    int64_t id, changes;

    if (!db_query_int(tx,
                      SQL("SELECT id FROM report WHERE source = $1 AND kind = $2 AND sha256 = $3 "
                          "ORDER BY id DESC LIMIT 1"),
                      DB_ARGS(db_cstr(report->source), db_cstr(report->kind), db_blob(report->sha256)), &id, error))
        return false;
    if (g_str_equal(report->origin, "pull")) {
        if (!db_query_int(tx,
                          SQL("SELECT COUNT(*) FROM report WHERE source = $1 AND kind = $2 AND id > $3 "
                              "AND changed_lines > 0"),
                          DB_ARGS(db_cstr(report->source), db_cstr(report->kind), db_int(id)), &changes, error))
            return false;
        if (changes > 0)
            return weir_fail(error, WEIR_ERROR_NOT_FOUND, "lines have changed since");
    }
    *ret_id = id;
    return true;
}

bool
report_find_last_pull(DbTx *tx, const char *source, const char *kind, int64_t days, int64_t *ret_us, GError **error)
{
    return db_query_int(
        tx,
        SQL("SELECT COALESCE(MAX(at_us), $4) FROM "
            "(SELECT MAX(received_at_us) AS at_us FROM report WHERE source = $1 AND kind = $2 AND origin = 'pull' AND "
            "window_until_us >= received_at_us AND window_since_us <= received_at_us - $3 "
            "UNION ALL SELECT * FROM (SELECT s.seen_at_us FROM report_sighting s JOIN report r ON r.id = s.report_id "
            "WHERE r.source = $1 AND r.kind = $2 AND s.origin = 'pull' AND s.window_until_us >= s.seen_at_us AND "
            "s.window_since_us <= s.seen_at_us - $3 ORDER BY s.id DESC LIMIT 1) AS again) AS pulls"),
        DB_ARGS(db_cstr(source), db_cstr(kind), db_int(days * US_PER_DAY), db_int(TIMESTAMP_NONE)), ret_us, error);
}

bool
report_add_sighting(Journal *journal, int64_t report_id, const Report *again, GError **error)
{
    return db_exec(journal->tx,
                   SQL("INSERT INTO report_sighting (id, report_id, origin, seen_at_us, window_since_us, "
                       "window_until_us) VALUES ($1, $2, $3, $4, $5, $6)"),
                   DB_ARGS(db_int(++journal->sighting_id), db_int(report_id), db_cstr(again->origin),
                           db_int(journal->now_us), db_time(again->window_since_us), db_time(again->window_until_us)),
                   NULL, error);
}

bool
report_load_next(DbTx *tx, int64_t after, Arena *arena, Report *ret_report, GError **error)
{
    g_autoptr(DbRows) rows =
        db_query(tx,
                 SQL("SELECT id, source, kind, origin, window_since_us, window_until_us, received_at_us, sha256, "
                     "bytes, parts, content_type, parser_version, lines, new_lines, changed_lines, same_lines, "
                     "stale_lines, quarantined, line_kind FROM report WHERE id > $1 ORDER BY id LIMIT 1"),
                 DB_ARGS(db_int(after)), error);

    if (rows == NULL)
        return false;
    if (!db_next(rows, error))
        return !db_has_failed(rows) && weir_fail(error, WEIR_ERROR_NOT_FOUND, "no more reports");
    *ret_report = (Report){
        .id = db_get_int(rows, 0),
        .source = arena_strdup(arena, db_get_text(rows, 1)),
        .kind = arena_strdup(arena, db_get_text(rows, 2)),
        .origin = arena_strdup(arena, db_get_text(rows, 3)),
        .window_since_us = db_get_time(rows, 4),
        .window_until_us = db_get_time(rows, 5),
        .received_at_us = db_get_int(rows, 6),
        .sha256 = arena_str(arena, db_get_blob(rows, 7)),
        .bytes = db_get_int(rows, 8),
        .parts = db_get_int(rows, 9),
        .content_type = arena_strdup(arena, db_get_text(rows, 10)),
        .parser_version = db_get_int(rows, 11),
        .lines = db_get_int(rows, 12),
        .new_lines = db_get_int(rows, 13),
        .changed_lines = db_get_int(rows, 14),
        .same_lines = db_get_int(rows, 15),
        .stale_lines = db_get_int(rows, 16),
        .quarantined = db_get_int(rows, 17),
        .line_kind = arena_strdup(arena, db_get_text(rows, 18)),
    };
    return true;
}

/* ---- reading parts back ---- */

void
report_part_init(ReportPart *reader, DbTx *tx, int64_t report_id, int64_t part)
{
    *reader = (ReportPart){.tx = tx, .report_id = report_id, .part = part, .chunk = g_byte_array_new()};
}

void
report_part_clear(ReportPart *reader)
{
    g_byte_array_unref(reader->chunk);
}

static bool
inflate_chunk(ReportPart *reader, int64_t size, Str deflated, GError **error)
{
    uLongf inflated = (uLongf)size;

    if (size <= 0 || size > REPORT_CHUNK_BYTES)
        return weir_fail(error, WEIR_ERROR_BROKEN, "report %" G_GINT64_FORMAT ": a chunk of %" G_GINT64_FORMAT " bytes",
                         reader->report_id, size);
    g_byte_array_set_size(reader->chunk, (guint)size);
    if (uncompress(reader->chunk->data, &inflated, (const Bytef *)deflated.at, deflated.size) != Z_OK ||
        inflated != (uLongf)size)
        return weir_fail(error, WEIR_ERROR_BROKEN, "report %" G_GINT64_FORMAT ": chunk %" G_GINT64_FORMAT " is damaged",
                         reader->report_id, reader->number);
    return true;
}

/* Loads the next chunk; leaves an empty one at the end. */
static bool
load_chunk(ReportPart *reader, GError **error)
{
    g_autoptr(DbRows) rows = db_query(
        reader->tx, SQL("SELECT size, deflated FROM report_chunk WHERE report_id = $1 AND part = $2 AND number = $3"),
        DB_ARGS(db_int(reader->report_id), db_int(reader->part), db_int(++reader->number)), error);

    if (rows == NULL)
        return false;
    reader->used = 0;
    g_byte_array_set_size(reader->chunk, 0);
    if (db_next(rows, error))
        return inflate_chunk(reader, db_get_int(rows, 0), db_get_blob(rows, 1), error);
    return !db_has_failed(rows);
}

static gssize
read_part(void *data, void *to, size_t size, GError **error)
{
    ReportPart *reader = data;
    size_t give;

    if (reader->used == reader->chunk->len && !load_chunk(reader, error))
        return -1;
    give = MIN(size, reader->chunk->len - reader->used);
    if (give > 0)
        memcpy(to, reader->chunk->data + reader->used, give);
    reader->used += give;
    return (gssize)give;
}

PartStream
report_part_stream(ReportPart *reader)
{
    return (PartStream){read_part, reader};
}

/* ---- hashing ---- */

void
report_hash_init(ReportHash *hash)
{
    *hash = (ReportHash){.part = g_checksum_new(G_CHECKSUM_SHA256), .all = g_checksum_new(G_CHECKSUM_SHA256)};
}

void
report_hash_clear(ReportHash *hash)
{
    g_checksum_free(hash->part);
    g_checksum_free(hash->all);
}

void
report_hash_update(ReportHash *hash, Str bytes)
{
    if (bytes.size > 0)
        g_checksum_update(hash->part, (const guchar *)bytes.at, (gssize)bytes.size);
}

void
report_hash_end_part(ReportHash *hash)
{
    gsize size = LINE_SHA256_BYTES;

    g_checksum_get_digest(hash->part, hash->last, &size);
    g_checksum_update(hash->all, hash->last, LINE_SHA256_BYTES);
    g_checksum_reset(hash->part);
    hash->parts++;
}

void
report_hash_finish(ReportHash *hash, uint8_t to[LINE_SHA256_BYTES])
{
    gsize size = LINE_SHA256_BYTES;

    g_assert(hash->parts >= 1);
    if (hash->parts == 1)
        memcpy(to, hash->last, LINE_SHA256_BYTES);
    else
        g_checksum_get_digest(hash->all, to, &size);
}
