/*
 * weir reconcile: ours against theirs, day by day. Exit code 1 when something drifts.
 */
#include "api/reconciliation_json.h"
#include "commands/command.h"
#include "commands/node.h"
#include "commands/reconciling.h"

typedef struct {
    char *source;
    gboolean as_json, all_days;
} ReconcileFlags;

static void
reconcile_flags_clear(ReconcileFlags *flags)
{
    g_free(flags->source);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ReconcileFlags, reconcile_flags_clear)

/* Rows as they are compared; those of a source whose comparison is not in force are taken out again. */
typedef struct {
    bool as_json;
    JsonWriter json; /* all rows */
    TextTable *table;
    unsigned drifting, failed, asked;
} Findings;

static void
on_row(void *data, const Reconciliation *row)
{
    Findings *findings = data;
    char day[DAY_TEXT_SIZE], ours[MONEY_TEXT_SIZE], theirs[MONEY_TEXT_SIZE], drift[MONEY_TEXT_SIZE];

    findings->drifting += row->state == RECONCILE_DRIFTS ? 1 : 0;
    if (findings->as_json) {
        reconciliation_json(&findings->json, row);
        return;
    }
    text_table_add(findings->table, row->source);
    text_table_add(findings->table, str_of(day_format(row->day, day)));
    text_table_add(findings->table, str_of(money_format(row->ours_micros, ours)));
    text_table_add(findings->table, str_of(money_format(row->theirs_micros, theirs)));
    text_table_add(findings->table, str_of(money_format(row->drift_micros, drift)));
    text_table_add(findings->table, str_of(row->currency.code));
    text_table_add(findings->table, str_of(reconcile_state_name(row->state)));
}

static void
reconcile_one(Deployment *deployment, Db *db, const Operation *totals, bool all_days, Findings *findings)
{
    g_autoptr(GError) error = NULL;
    unsigned drifting = findings->drifting;
    size_t row_count = text_table_row_count(findings->table);
    gsize json_size = findings->json.to->len;
    bool comma = findings->json.comma;

    findings->asked++;
    if (source_reconcile(deployment, db, totals, all_days, NULL, on_row, findings, &error))
        return;
    g_prefix_error(&error, "%s: ", source_name(operation_source(totals)));
    command_fail(error);
    findings->failed++;
    text_table_truncate(findings->table, row_count);
    findings->drifting = drifting;
    g_string_truncate(findings->json.to, json_size);
    findings->json.comma = comma;
}

static void
reconcile_all(Deployment *deployment, Db *db, const ReconcileFlags *flags, Findings *findings)
{
    for (size_t i = 0; i < source_set_count(deployment->sources); i++) {
        const Source *source = source_set_at(deployment->sources, i);

        if (source_totals(source) == NULL || source_disabled(source) != NULL ||
            (flags->source != NULL && strcmp(flags->source, source_name(source)) != 0))
            continue;
        reconcile_one(deployment, db, source_totals(source), flags->all_days, findings);
    }
}

static void
print_end(Findings *findings)
{
    if (findings->as_json) {
        json_end_array(&findings->json);
        json_member_int(&findings->json, "drifting", findings->drifting);
        json_member_int(&findings->json, "failed", findings->failed);
        json_end_object(&findings->json);
        g_print("%s\n", findings->json.to->str);
        return;
    }
    if (findings->asked > findings->failed)
        command_print_table(findings->table, "no days to compare yet");
    if (findings->asked == 0) {
        g_print("no source that is ready says where its totals are; see totals: in docs/sources.md\n");
    } else if (findings->drifting > 0) {
        g_print("%u %s: see weir alert list, and weir trace TRANSACTION for what was booked of a line\n",
                findings->drifting, findings->drifting == 1 ? "day drifts" : "days drift");
    } else if (findings->failed == 0) {
        g_print("nothing drifts\n");
    }
}

static bool
check_source(const Deployment *deployment, const char *name, GError **error)
{
    const Source *source = name == NULL ? NULL : source_set_find(deployment->sources, str_of(name));

    if (name == NULL)
        return true;
    if (source == NULL)
        return weir_fail(error, WEIR_ERROR_INVALID, "there is no source \"%s\"; see weir source list", name);
    if (source_totals(source) == NULL)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s has no totals: in its definition", name);
    if (source_disabled(source) != NULL)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: %s", name, source_disabled(source));
    return true;
}

int
command_reconcile(int argc, char **argv)
{
    static const char *const HEADS[] = {"SOURCE", "DAY", ">OURS", ">THEIRS", ">DIFFERENCE", "IN", "STATE", NULL};
    g_auto(ConfigFlags) flags = {0};
    g_auto(ReconcileFlags) own_flags = {0};
    g_autoptr(Deployment) deployment = NULL;
    g_autoptr(Db) db = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(TextTable) table = text_table_new(HEADS);
    Findings findings;
    const GOptionEntry own[] = {
        {"source", 's', 0, G_OPTION_ARG_STRING, &own_flags.source, "Only this one", "NAME"},
        {"all-days", 0, 0, G_OPTION_ARG_NONE, &own_flags.all_days, "Judge every day, also those that are not final yet",
         NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &own_flags.as_json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!flags_read(&argc, &argv, "",
                    "Asks each partner for its own totals and compares them with the ledger, day by day in the "
                    "partner's time zone. Raises and resolves alerts. Exit code 1 when something drifts or could not "
                    "be compared.",
                    own, &flags))
        return EXIT_USAGE;
    if ((deployment = deployment_open(&flags, &error)) == NULL || !check_source(deployment, own_flags.source, &error) ||
        (db = deployment_db(deployment, &error)) == NULL || !node_take(deployment, &error))
        return command_fail(error);
    findings = (Findings){.as_json = own_flags.as_json, .json = json_writer(text), .table = table};
    if (findings.as_json) {
        json_begin_object(&findings.json);
        json_key(&findings.json, "rows");
        json_begin_array(&findings.json);
    }
    reconcile_all(deployment, db, &own_flags, &findings);
    print_end(&findings);
    return findings.drifting + findings.failed == 0 ? EXIT_DONE : EXIT_FAILED;
}
