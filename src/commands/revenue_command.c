/*
 * weir revenue pull|import|report
 */
#include "api/revenue_json.h"
#include "commands/command.h"
#include "commands/fetching.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define FILE_PIECE (64 * 1024)

typedef struct {
    char *source, *report, *group_by, *since, *until;
    gboolean as_json;
} RevenueFlags;

static void
revenue_flags_clear(RevenueFlags *flags)
{
    g_free(flags->source);
    g_free(flags->report);
    g_free(flags->group_by);
    g_free(flags->since);
    g_free(flags->until);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RevenueFlags, revenue_flags_clear)

static void
print_import(const char *what, const ReportSummary *s, bool as_json)
{
    char amount[MONEY_TEXT_SIZE];

    if (as_json) {
        g_autoptr(GString) text = g_string_new(NULL);
        JsonWriter json = json_writer(text);

        json_begin_object(&json);
        json_member_text(&json, "report", str_of(what));
        json_member_int(&json, "report_id", s->report_id);
        json_member_bool(&json, "repeated", s->repeated);
        json_member_int(&json, "lines", s->lines);
        json_member_int(&json, "new", s->new_lines);
        json_member_int(&json, "changed", s->changed_lines);
        json_member_int(&json, "same", s->same_lines);
        json_member_int(&json, "stale", s->stale_lines);
        json_member_int(&json, "attributed", s->attributed_lines);
        json_member_int(&json, "quarantined", s->quarantined);
        json_end_object(&json);
        g_print("%s\n", text->str);
        return;
    }
    if (s->repeated) {
        command_print("%s: was here before; nothing changed\n", what);
        return;
    }
    command_print("%s: %" G_GINT64_FORMAT " lines: %" G_GINT64_FORMAT " new, %" G_GINT64_FORMAT
                  " changed, %" G_GINT64_FORMAT " same, %" G_GINT64_FORMAT " quarantined; %" G_GINT64_FORMAT
                  " of them found on clicks\n",
                  what, s->lines, s->new_lines, s->changed_lines, s->same_lines, s->quarantined, s->attributed_lines);
    for (size_t i = 0; i < s->change_count; i++)
        command_print("  earned %s %s more\n", money_format(s->changes[i].earned_micros, amount),
                      s->changes[i].currency.code);
    if (s->has_reject)
        command_print("  first quarantined: part %" G_GINT64_FORMAT " row %" G_GINT64_FORMAT ": %s\n", s->reject_part,
                      s->reject_row, s->reject_text);
}

/* The report that a flag names, or the only one of the source. */
static const Operation *
choose_report(const Deployment *deployment, const RevenueFlags *flags, GError **error)
{
    const Source *source = flags->source == NULL ? NULL : source_set_find(deployment->sources, str_of(flags->source));
    const Operation *report = NULL;

    if (flags->source == NULL)
        weir_fail(error, WEIR_ERROR_INVALID, "say which source: --source NAME");
    else if (source == NULL)
        weir_fail(error, WEIR_ERROR_INVALID, "there is no source \"%s\"; see weir source list", flags->source);
    else if (source_report_count(source) == 0)
        weir_fail(error, WEIR_ERROR_INVALID, "%s has no reports: in its definition", flags->source);
    else if (flags->report != NULL && (report = source_report_find(source, str_of(flags->report))) == NULL)
        weir_fail(error, WEIR_ERROR_INVALID, "%s has no report \"%s\"; see weir source show %s", flags->source,
                  flags->report, flags->source);
    else if (flags->report == NULL && source_report_count(source) > 1)
        weir_fail(error, WEIR_ERROR_INVALID, "%s has several reports: say which by --report NAME", flags->source);
    else if (report == NULL)
        report = source_report(source, 0);
    return report;
}

static bool
import_bytes(ReportImport *import, const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_autofree char *piece = g_malloc(FILE_PIECE);
    int64_t bytes = 0;
    ssize_t got = -1;

    if (fd < 0)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s", g_strerror(errno));
    while ((got = read(fd, piece, FILE_PIECE)) > 0) {
        if (!report_import_push(import, (Str){piece, (size_t)got}, error))
            break;
        bytes += got;
    }
    if (got < 0)
        weir_fail(error, WEIR_ERROR_UNAVAILABLE, "%s", g_strerror(errno));
    else if (got == 0 && bytes == 0)
        weir_fail(error, WEIR_ERROR_INVALID, "the file is empty; a report without lines has at least its header");
    close(fd);
    return got == 0 && bytes > 0;
}

static bool
import_file(Deployment *deployment, const RevenueFlags *flags, const char *path, GError **error)
{
    const Operation *report = choose_report(deployment, flags, error);
    g_autoptr(Db) db = report == NULL ? NULL : deployment_db(deployment, error);
    g_auto(SourceFormats) formats = {0};
    g_autoptr(ReportImport) import = NULL;
    ReportSummary summary;

    if (db == NULL)
        return false;
    source_formats_init(&formats, deployment->sources, deployment->clock);
    import = report_import_begin(&(ReportImportSpec){.db = db,
                                                     .clock = deployment->clock,
                                                     .formats = &formats.formats,
                                                     .source = flags->source,
                                                     .kind = operation_name(report),
                                                     .origin = "import",
                                                     .since_us = TIMESTAMP_NONE,
                                                     .until_us = TIMESTAMP_NONE},
                                 error);
    if (import == NULL || !import_bytes(import, path, error) || !report_import_finish(import, &summary, error))
        return weir_fail_within(error, "%s", path);
    print_import(path, &summary, flags->as_json);
    return true;
}

static bool
take_time(const char *text, int64_t fallback_us, int64_t *ret_us, GError **error)
{
    *ret_us = fallback_us;
    return text == NULL || timestamp_parse(str_of(text), NULL, ret_us, error);
}

static bool
pull_one(Deployment *deployment, Db *db, const SourceFormats *formats, const Operation *report,
         const RevenueFlags *flags, GError **error)
{
    const char *source = source_name(operation_source(report));
    g_autofree char *what = g_strdup_printf("%s/%s", source, operation_name(report));
    ReportSummary summary;
    int64_t since_us, until_us;

    if (!take_time(flags->since, TIMESTAMP_NONE, &since_us, error) ||
        !take_time(flags->until, TIMESTAMP_NONE, &until_us, error))
        return false;
    if (!report_fetch(deployment, db, formats, report, since_us, until_us, NULL, &summary, error))
        return weir_fail_within(error, "%s", what);
    print_import(what, &summary, flags->as_json);
    return true;
}

/* All reports of the source, or the one named, or of all sources: one that fails does not keep the others back. */
static bool
pull_reports(Deployment *deployment, const RevenueFlags *flags, GError **error)
{
    g_autoptr(Db) db = deployment_db(deployment, error);
    g_auto(SourceFormats) formats = {0};
    unsigned failed = 0;

    if (db == NULL)
        return false;
    source_formats_init(&formats, deployment->sources, deployment->clock);
    for (size_t i = 0; i < source_set_count(deployment->sources); i++) {
        const Source *source = source_set_at(deployment->sources, i);

        if (source_disabled(source) != NULL ||
            (flags->source != NULL && strcmp(flags->source, source_name(source)) != 0))
            continue;
        for (size_t r = 0; r < source_report_count(source); r++) {
            const Operation *report = source_report(source, r);
            g_autoptr(GError) failure = NULL;

            if ((flags->report != NULL && strcmp(flags->report, operation_name(report)) != 0) ||
                operation_every_us(report) == 0)
                continue;
            if (!pull_one(deployment, db, &formats, report, flags, &failure)) {
                command_fail(failure);
                failed++;
            }
        }
    }
    return failed == 0 || weir_fail(error, WEIR_ERROR_UNAVAILABLE, "%u reports could not be pulled", failed);
}

/* A line for each currency; one without money when nothing was earned. */
static void
add_row(void *data, const SummaryRow *row)
{
    TextTable *table = data;
    char attributed[MONEY_TEXT_SIZE], unattributed[MONEY_TEXT_SIZE];

    for (size_t i = 0; i < MAX(row->amount_count, 1); i++) {
        const SummaryAmount *amount = i < row->amount_count ? &row->amounts[i] : NULL;

        text_table_add(table, row->group);
        text_table_printf(table, "%" G_GINT64_FORMAT, row->shown);
        text_table_printf(table, "%" G_GINT64_FORMAT, row->clicks);
        text_table_printf(table, "%" G_GINT64_FORMAT, row->counted_clicks);
        text_table_add(table, str_of(amount != NULL ? money_format(amount->attributed_micros, attributed) : ""));
        text_table_add(table, str_of(amount != NULL ? money_format(amount->unattributed_micros, unattributed) : ""));
        text_table_add(table, str_of(amount != NULL ? amount->rpc : ""));
        text_table_add(table, str_of(amount != NULL ? amount->currency.code : ""));
    }
}

static bool
print_summary(DbTx *tx, SummaryBy by, const char *by_name, int64_t since_us, int64_t until_us, GError **error)
{
    g_autofree char *head = g_ascii_strup(by_name, -1);
    const char *const heads[] = {head,         ">SHOWN", ">CLICKS", ">COUNTED", ">ATTRIBUTED", ">UNATTRIBUTED",
                                 ">PER CLICK", "IN",     NULL};
    g_autoptr(TextTable) table = text_table_new(heads);

    if (!revenue_summary(tx, by, since_us, until_us, add_row, table, error))
        return false;
    command_print_table(table, "nothing happened in this time; --since and --until choose another");
    return true;
}

static bool
report_revenue(Deployment *deployment, const RevenueFlags *flags, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(Db) db = NULL;
    g_autoptr(DbTx) tx = NULL;
    SummaryBy by = SUMMARY_BY_SOURCE;
    int64_t since_us, until_us;
    RevenueJson out;

    if (flags->group_by != NULL && !summary_by_parse(str_of(flags->group_by), &by))
        return weir_fail(error, WEIR_ERROR_INVALID, "--by %s is not source, day, hour, client, country or query",
                         flags->group_by);
    if (!take_time(flags->until, clock_now_us(deployment->clock) + 1, &until_us, error) ||
        !take_time(flags->since, until_us - 30 * US_PER_DAY, &since_us, error) ||
        (db = deployment_db(deployment, error)) == NULL || (tx = db_begin(db, DB_READ, error)) == NULL)
        return false;
    if (flags->as_json) {
        revenue_json_begin(&out, by, since_us, until_us, text);
        if (!revenue_summary(tx, by, since_us, until_us, revenue_json_row, &out, error))
            return false;
        revenue_json_end(&out);
        g_print("%s\n", text->str);
        return true;
    }
    return print_summary(tx, by, flags->group_by != NULL ? flags->group_by : "source", since_us, until_us, error);
}

int
command_revenue(int argc, char **argv)
{
    g_auto(ConfigFlags) flags = {0};
    g_auto(RevenueFlags) own_flags = {0};
    g_autoptr(Deployment) deployment = NULL;
    g_autoptr(GError) error = NULL;
    bool done;
    const GOptionEntry own[] = {
        {"source", 's', 0, G_OPTION_ARG_STRING, &own_flags.source, "The source whose report it is", "NAME"},
        {"report", 'r', 0, G_OPTION_ARG_STRING, &own_flags.report, "Which report, when the source has several", "NAME"},
        {"by", 'b', 0, G_OPTION_ARG_STRING, &own_flags.group_by,
         "Group by source (default), day, hour, client, country or query", "WHAT"},
        {"since", 0, 0, G_OPTION_ARG_STRING, &own_flags.since,
         "From this day or moment (UTC); default: 30 days earlier, or what the definition says", "TIME"},
        {"until", 0, 0, G_OPTION_ARG_STRING, &own_flags.until,
         "Up to, not with, this day or moment (UTC); default: now, or the end of today", "TIME"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &own_flags.as_json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!flags_read(&argc, &argv, "pull | import FILE | report",
                    "  pull         asks the partners for their reports: all, or those of --source\n"
                    "  import FILE  reads a report of --source from a file\n"
                    "  report       tells what was earned between --since and --until, by --by",
                    own, &flags))
        return EXIT_USAGE;
    if (argc < 2 || (strcmp(argv[1], "import") == 0) != (argc == 3) || argc > 3)
        return command_usage("say: weir revenue pull, import FILE or report");
    if ((deployment = deployment_open(&flags, &error)) == NULL)
        return command_fail(error);
    if (strcmp(argv[1], "pull") == 0)
        done = pull_reports(deployment, &own_flags, &error);
    else if (strcmp(argv[1], "import") == 0)
        done = import_file(deployment, &own_flags, argv[2], &error);
    else if (strcmp(argv[1], "report") == 0)
        done = report_revenue(deployment, &own_flags, &error);
    else
        return command_usage("weir revenue can't \"%s\"; it can pull, import and report", argv[1]);
    return done ? EXIT_DONE : command_fail(error);
}
