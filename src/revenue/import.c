#include "revenue/import.h"

#include "base/timestamp.h"
#include "revenue/attribution.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

struct ReportImport {
    ReportImportSpec spec;
    Arena *arena;      /* of the texts in spec */
    FILE *file;        /* without a name: gone with the process */
    GArray *part_ends; /* int64_t: offset at which each part ends */
    int64_t bytes;
    ReportHash hash;
    bool complete;
    uint8_t sha256[LINE_SHA256_BYTES];
};

/* A part of the waiting file as a stream. */
typedef struct {
    FILE *file;
    int64_t left;
} FilePart;

static FILE *
open_nameless_file(GError **error)
{
    g_autofree char *path = NULL;
    g_autoptr(GError) cause = NULL;
    int fd = g_file_open_tmp("weir-report-XXXXXX", &path, &cause);

    if (fd < 0) {
        weir_fail(error, WEIR_ERROR_UNAVAILABLE, "temporary file: %s", cause->message);
        return NULL;
    }
    unlink(path);
    return fdopen(fd, "w+b");
}

ReportImport *
report_import_begin(const ReportImportSpec *spec, GError **error)
{
    FILE *file = open_nameless_file(error);
    ReportImport *import;

    if (file == NULL)
        return NULL;
    import = g_new0(ReportImport, 1);
    import->file = file;
    import->arena = arena_new(512);
    import->spec = *spec;
    import->spec.source = arena_strdup(import->arena, str_of(spec->source));
    import->spec.kind = arena_strdup(import->arena, str_of(spec->kind));
    import->spec.line_kind =
        arena_strdup(import->arena, str_of(spec->line_kind != NULL ? spec->line_kind : spec->kind));
    import->spec.origin = arena_strdup(import->arena, str_of(spec->origin));
    import->spec.content_type = arena_strdup(import->arena, str_of(spec->content_type));
    import->part_ends = g_array_new(FALSE, FALSE, sizeof(int64_t));
    report_hash_init(&import->hash);
    return import;
}

void
report_import_free(ReportImport *import)
{
    if (import == NULL)
        return;
    fclose(import->file);
    g_array_unref(import->part_ends);
    report_hash_clear(&import->hash);
    arena_free(import->arena);
    g_free(import);
}

static bool
fail_file(const char *doing, GError **error)
{
    return weir_fail(error, WEIR_ERROR_UNAVAILABLE, "%s the waiting report: %s", doing, g_strerror(errno));
}

bool
report_import_push(ReportImport *import, Str bytes, GError **error)
{
    g_assert(!import->complete);
    if (bytes.size > (uint64_t)(REPORT_BYTES_LIMIT - import->bytes))
        return weir_fail(error, WEIR_ERROR_LIMIT, "the report is larger than %" G_GINT64_FORMAT " bytes",
                         REPORT_BYTES_LIMIT);
    if (bytes.size > 0 && fwrite(bytes.at, 1, bytes.size, import->file) != bytes.size)
        return fail_file("write", error);
    report_hash_update(&import->hash, bytes);
    import->bytes += (int64_t)bytes.size;
    return true;
}

static void
end_part(ReportImport *import)
{
    report_hash_end_part(&import->hash);
    g_array_append_val(import->part_ends, import->bytes);
}

bool
report_import_next_part(ReportImport *import, GError **error)
{
    g_assert(!import->complete);
    if (import->part_ends->len + 1 >= REPORT_PARTS_LIMIT)
        return weir_fail(error, WEIR_ERROR_LIMIT, "the report has more than %d pages", REPORT_PARTS_LIMIT);
    end_part(import);
    return true;
}

static gssize
read_file_part(void *data, void *to, size_t size, GError **error)
{
    FilePart *part = data;
    size_t want = (size_t)MIN((int64_t)size, part->left), got;

    if (want == 0)
        return 0;
    got = fread(to, 1, want, part->file);
    if (got == 0) {
        fail_file("read", error);
        return -1;
    }
    part->left -= (int64_t)got;
    return (gssize)got;
}

/* Goes to the beginning of a part, counted from 0. */
static bool
open_part(ReportImport *import, guint index, FilePart *part, GError **error)
{
    int64_t from = index == 0 ? 0 : g_array_index(import->part_ends, int64_t, index - 1);

    if (fseeko(import->file, (off_t)from, SEEK_SET) != 0)
        return fail_file("read", error);
    *part = (FilePart){import->file, g_array_index(import->part_ends, int64_t, index) - from};
    return true;
}

static Report
describe(const ReportImport *import)
{
    const ReportImportSpec *spec = &import->spec;

    return (Report){
        .source = spec->source,
        .kind = spec->kind,
        .line_kind = spec->line_kind,
        .origin = spec->origin,
        .window_since_us = spec->since_us,
        .window_until_us = spec->until_us,
        .sha256 = {(const char *)import->sha256, LINE_SHA256_BYTES},
        .bytes = import->bytes,
        .parts = import->part_ends->len,
        .content_type = spec->content_type,
        .parser_version = LINE_PARSER_VERSION,
    };
}

/* Notes a repetition within the transaction; ret_repeated tells whether it is one. */
static bool
check_repeated(Journal *journal, const Report *report, bool *ret_repeated, ReportSummary *summary, GError **error)
{
    g_autoptr(GError) cause = NULL;
    int64_t same;

    *ret_repeated = report_find_same(journal->tx, report, &same, &cause);
    if (*ret_repeated) {
        *summary = (ReportSummary){.repeated = true, .report_id = same, .bytes = report->bytes, .parts = report->parts};
        return report_add_sighting(journal, same, report, error);
    }
    if (weir_error_code(cause) == WEIR_ERROR_NOT_FOUND)
        return true;
    g_propagate_error(error, g_steal_pointer(&cause));
    return false;
}

static bool
finish_task(const ReportImport *import, DbTx *tx, GError **error)
{
    return import->spec.task == NULL || task_finish(tx, import->spec.task, clock_now_us(import->spec.clock), error);
}

/* A look before the work of reading; the one that counts is made again under the lock. */
static bool
finish_repeated(ReportImport *import, bool *ret_repeated, ReportSummary *summary, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(import->spec.db, DB_WRITE, error);
    Report report = describe(import);
    Journal journal;

    return tx != NULL && journal_open(tx, clock_now_us(import->spec.clock), &journal, error) &&
           check_repeated(&journal, &report, ret_repeated, summary, error) &&
           (!*ret_repeated || finish_task(import, tx, error)) && db_commit_auto(&tx, error);
}

static bool
stage(ReportImport *import, Staging *staging, GError **error)
{
    const ReportImportSpec *spec = &import->spec;
    LineContext context = {spec->source, spec->kind, spec->since_us, spec->until_us, spec->content_type};

    for (guint i = 0; i < import->part_ends->len; i++) {
        FilePart part;
        PartStream stream = {read_file_part, &part};

        if (!open_part(import, i, &part, error) ||
            !staging_read(staging, (int64_t)i + 1, spec->formats, &context, &stream, error))
            return false;
    }
    return staging_resolve(staging, error);
}

static bool
count_change(ReportSummary *summary, Currency currency, int64_t change_micros, GError **error)
{
    size_t i = 0;

    while (i < summary->change_count && !currency_equal(summary->changes[i].currency, currency))
        i++;
    if (i == REPORT_CURRENCY_LIMIT)
        return weir_fail(error, WEIR_ERROR_LIMIT, "a report in more than %d currencies", REPORT_CURRENCY_LIMIT);
    if (i == summary->change_count) {
        summary->changes[i].currency = currency;
        summary->changes[i].earned_micros = 0;
        summary->change_count++;
    }
    if (!money_add(summary->changes[i].earned_micros, change_micros, &summary->changes[i].earned_micros))
        return weir_fail(error, WEIR_ERROR_LIMIT, "the sum of the report in %s does not fit", currency.code);
    return true;
}

static bool
count_shares(ReportSummary *summary, const GArray *shares, int64_t sign, GError **error)
{
    for (guint i = 0; i < shares->len; i++) {
        const LedgerShare *share = &g_array_index(shares, LedgerShare, i);

        if (!count_change(summary, share->currency, sign * share->earned_micros, error))
            return false;
    }
    return true;
}

static bool
book(Journal *journal, const Revision *revision, const char *reason, ReportSummary *summary, GError **error)
{
    g_autoptr(GArray) booked = ledger_shares_new(), wanted = ledger_shares_new();
    LedgerPosting posting = {revision->source.at, reason, revision->line_id, revision->id};

    if ((revision->rev > 1 && !ledger_load(journal->tx, revision->line_id, booked, error)) ||
        !attribution_share(journal->tx, revision, wanted, error) ||
        !ledger_post(journal, &posting, booked, wanted, NULL, error) || !count_shares(summary, booked, -1, error) ||
        !count_shares(summary, wanted, 1, error))
        return false;
    summary->attributed_lines += wanted->len > 0 && g_array_index(wanted, LedgerShare, 0).click_id != ID_NONE;
    return true;
}

static bool
apply_line(Journal *journal, const RevisionOrigin *origin, const Line *line, ReportSummary *summary, GError **error)
{
    RevisionOutcome outcome;
    RevisionHead before;
    Revision revision;

    if (!revision_record(journal, origin, line, &outcome, &before, &revision, error))
        return false;
    summary->new_lines += outcome == REVISION_NEW;
    summary->changed_lines += outcome == REVISION_CHANGED;
    summary->same_lines += outcome == REVISION_SAME;
    summary->stale_lines += outcome == REVISION_STALE;
    if (outcome == REVISION_SAME || outcome == REVISION_STALE)
        return true;
    return book(journal, &revision, revision_reason(&before, line), summary, error);
}

static bool
apply(Journal *journal, Staging *staging, const Report *report, ReportSummary *summary, GError **error)
{
    RevisionOrigin origin = {report->source, report->line_kind, report->id, report_fallback_us(report)};
    g_autoptr(GError) cause = NULL;
    StagedVerdict verdict;
    Line line;

    while (staging_next(staging, &line, &verdict, &cause)) {
        if (verdict == STAGED_DISPUTED) {
            staging_reject(
                staging, line.part, line.row, "key", "disputed",
                STR("this key stands in the report with another content, and no version tells which is right"));
            continue;
        }
        summary->lines++;
        summary->same_lines += verdict == STAGED_REPEATED;
        summary->stale_lines += verdict == STAGED_SUPERSEDED;
        if (verdict == STAGED_COUNTS && !apply_line(journal, &origin, &line, summary, error))
            return weir_fail_within(error, "part %" G_GINT64_FORMAT ", row %" G_GINT64_FORMAT, line.part, line.row);
    }
    if (cause != NULL) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return false;
    }
    return true;
}

static bool
store_parts(ReportImport *import, Journal *journal, int64_t report_id, GError **error)
{
    for (guint i = 0; i < import->part_ends->len; i++) {
        FilePart part;
        PartStream stream = {read_file_part, &part};

        if (!open_part(import, i, &part, error) ||
            !report_insert_part(journal, report_id, (int64_t)i + 1, &stream, error))
            return false;
    }
    return true;
}

static void
note_first_reject(const Staging *staging, ReportSummary *summary)
{
    const GPtrArray *rejects = staging_rejects(staging);
    const StagedReject *first;

    summary->quarantined = staging_rejected(staging);
    if (rejects->len == 0)
        return;
    first = rejects->pdata[0];
    summary->has_reject = true;
    summary->reject_part = first->part;
    summary->reject_row = first->row;
    g_snprintf(summary->reject_text, sizeof(summary->reject_text), "%s%s%s", first->field != NULL ? first->field : "",
               first->field != NULL ? ": " : "", first->text);
}

static bool
store(ReportImport *import, Journal *journal, Staging *staging, ReportSummary *summary, GError **error)
{
    Report report = describe(import);
    bool repeated;

    if (!check_repeated(journal, &report, &repeated, summary, error) || repeated)
        return repeated;
    report.id = ++journal->report_id;
    report.received_at_us = journal->now_us;
    *summary = (ReportSummary){.report_id = report.id, .bytes = report.bytes, .parts = report.parts};
    if (!apply(journal, staging, &report, summary, error) || !store_parts(import, journal, report.id, error) ||
        !report_insert_rejects(journal, report.id, staging_rejects(staging), error))
        return false;
    note_first_reject(staging, summary);
    report.lines = summary->lines;
    report.new_lines = summary->new_lines;
    report.changed_lines = summary->changed_lines;
    report.same_lines = summary->same_lines;
    report.stale_lines = summary->stale_lines;
    report.quarantined = summary->quarantined;
    return report_insert(journal, &report, error);
}

static bool
finish_new(ReportImport *import, ReportSummary *summary, GError **error)
{
    g_autoptr(Staging) staging = staging_new((uint64_t)import->bytes, error);
    g_autoptr(DbTx) tx = NULL;
    Journal journal;

    if (staging == NULL || !stage(import, staging, error))
        return false;
    tx = db_begin(import->spec.db, DB_WRITE, error);
    return tx != NULL && journal_open(tx, clock_now_us(import->spec.clock), &journal, error) &&
           store(import, &journal, staging, summary, error) && finish_task(import, tx, error) &&
           db_commit_auto(&tx, error);
}

bool
report_import_finish(ReportImport *import, ReportSummary *ret_summary, GError **error)
{
    ReportSummary summary;
    bool repeated;

    if (!import->complete) {
        end_part(import);
        report_hash_finish(&import->hash, import->sha256);
        import->complete = true;
    }
    if (fflush(import->file) != 0)
        return fail_file("write", error);
    if (!finish_repeated(import, &repeated, &summary, error) || (!repeated && !finish_new(import, &summary, error)))
        return weir_fail_within(error, "%s/%s", import->spec.source, import->spec.kind);
    *ret_summary = summary;
    return true;
}

void
report_summary_count(const ReportSummary *summary, const char *source, Metrics *metrics)
{
    if (summary->repeated)
        return;
    metric_add(metrics, METRIC_REPORT_LINES, source, "new", summary->new_lines);
    metric_add(metrics, METRIC_REPORT_LINES, source, "changed", summary->changed_lines);
    metric_add(metrics, METRIC_REPORT_LINES, source, "same", summary->same_lines);
    metric_add(metrics, METRIC_REPORT_LINES, source, "stale", summary->stale_lines);
    metric_add(metrics, METRIC_REPORT_LINES, source, "quarantined", summary->quarantined);
}
