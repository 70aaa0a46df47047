/*
 * Import: a report on its way through the three layers, all of it or nothing.
 *
 *     begin ──push*──> next_part ──push*──> ... ──> finish
 *              └─ bytes wait in a file without a name         └─ seen before? ─ yes ─> noted, nothing changes
 *                                                                  └ no ─> lines staged, duplicates found
 *                                                                          ─> one transaction: chunks, revisions,
 *                                                                             entries, quarantine, report
 *
 * The database is locked only while finish() works, not while bytes arrive. Memory does not grow with the report. A
 * report that is not of its format is refused whole: INVALID, nothing stored.
 */
#pragma once

#include "ops/metrics.h"
#include "revenue/report.h"
#include "tasks/task.h"

#define REPORT_BYTES_LIMIT    (INT64_C(16) * 1024 * 1024 * 1024)
#define REPORT_CURRENCY_LIMIT 32

typedef struct ReportImport ReportImport;

typedef struct {
    Db *db;
    const Clock *clock;
    const LineFormats *formats;
    const char *source, *kind;
    const char *line_kind;      /* NULL: kind */
    const char *origin;         /* "pull", "import" or "postback" */
    int64_t since_us, until_us; /* TIMESTAMP_NONE when no window was asked for */
    const char *content_type;   /* NULL when unknown */
    const Task *task;           /* finished in the transaction that stores the report; NULL: none */
} ReportImportSpec;

typedef struct {
    bool repeated; /* was here before: nothing changed, report_id is the earlier one */
    int64_t report_id;
    int64_t bytes, parts;
    int64_t lines, new_lines, changed_lines, same_lines, stale_lines, quarantined;
    int64_t attributed_lines; /* of the new and changed ones: those found on clicks */
    struct {
        Currency currency;
        int64_t earned_micros; /* what the ledger changed by */
    } changes[REPORT_CURRENCY_LIMIT];
    size_t change_count;
    bool has_reject; /* the first row that was quarantined, for the terminal */
    int64_t reject_part, reject_row;
    char reject_text[256];
} ReportSummary;

/* Counts its lines in METRIC_REPORT_LINES; a repetition has none. */
void report_summary_count(const ReportSummary *summary, const char *source, Metrics *metrics);

/* The texts of spec are copied; what it else points to must outlive the import. */
ReportImport *report_import_begin(const ReportImportSpec *spec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool report_import_push(ReportImport *import, Str bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What follows is another page. */
bool report_import_next_part(ReportImport *import, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* CONFLICT: run it again (as it stands; the bytes are kept). */
bool report_import_finish(ReportImport *import, ReportSummary *ret_summary, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void report_import_free(ReportImport *import);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ReportImport, report_import_free)
