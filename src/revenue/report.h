/*
 * Reports, the raw layer: what a partner says it owes, byte for byte as it was received.
 *
 * A report has parts (the pages of one pull; one for a file), each stored in compressed chunks and read back as a
 * stream. Its hash tells whether it was here before.
 */
#pragma once

#include "base/arena.h"
#include "revenue/journal.h"
#include "revenue/staging.h"

#define REPORT_CHUNK_BYTES   (256 * 1024)
#define REPORT_PARTS_LIMIT   10000
#define REPORT_KIND_POSTBACK "postback"

typedef struct {
    int64_t id;
    const char *source, *kind;
    const char *line_kind; /* of its lines: that of the report which will confirm them for a postback, else kind */
    const char *origin;    /* "pull", "import" or "postback" */
    int64_t window_since_us, window_until_us; /* TIMESTAMP_NONE when nothing was asked for */
    int64_t received_at_us;
    Str sha256; /* 32 bytes: of the bytes of the only part, else of the hashes of the parts */
    int64_t bytes, parts;
    const char *content_type; /* NULL when unknown */
    int64_t parser_version;
    int64_t lines, new_lines, changed_lines, same_lines, stale_lines, quarantined;
} Report;

/* When lines were earned that give no moment at all: the window they were asked for, else their arrival. */
int64_t report_fallback_us(const Report *report);

/* Writes the row; last, when the counts are known. */
bool report_insert(Journal *journal, const Report *report, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Stores one part as a stream of chunks. */
bool report_insert_part(Journal *journal, int64_t report_id, int64_t part, const PartStream *stream,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool report_insert_rejects(Journal *journal, int64_t report_id, const GPtrArray *rejects,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The report of which this one is a repetition; NOT_FOUND when it must be read. A file that was imported before is a
 * repetition for ever. What is pulled is what the partner says now: it repeats an older answer only if nothing that
 * came between changed a line, since a line may also change back.
 */
bool report_find_same(DbTx *tx, const Report *report, int64_t *ret_id, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* When a report was last pulled with success, new or again; TIMESTAMP_NONE: never. Only pulls that ended at their present
 * and looked back by days are meant, as the schedule's do. */
bool report_find_last_pull(DbTx *tx, const char *source, const char *kind, int64_t days, int64_t *ret_us,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Notes that a stored report was delivered again, as again. */
bool report_add_sighting(Journal *journal, int64_t report_id, const Report *again,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The first report with an id above after; NOT_FOUND at the end. Texts are in arena. */
bool report_load_next(DbTx *tx, int64_t after, Arena *arena, Report *ret_report,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A stored part, for staging_read() and for showing it. One chunk is held at a time. */
typedef struct {
    DbTx *tx;
    int64_t report_id, part, number;
    GByteArray *chunk;
    size_t used;
} ReportPart;
void report_part_init(ReportPart *reader, DbTx *tx, int64_t report_id, int64_t part);
void report_part_clear(ReportPart *reader);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ReportPart, report_part_clear)
PartStream report_part_stream(ReportPart *reader);

/* Hashes of parts into the hash of a report. */
typedef struct {
    GChecksum *part, *all;
    int64_t parts;
    uint8_t last[LINE_SHA256_BYTES];
} ReportHash;
void report_hash_init(ReportHash *hash);
void report_hash_clear(ReportHash *hash);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ReportHash, report_hash_clear)
void report_hash_update(ReportHash *hash, Str bytes);
void report_hash_end_part(ReportHash *hash);
/* After the last part. */
void report_hash_finish(ReportHash *hash, uint8_t to[LINE_SHA256_BYTES]);
