/*
 * weir audit
 */
#include "base/json_writer.h"
#include "commands/command.h"
#include "revenue/audit.h"
#include "revenue/source_formats.h"

#include <unistd.h>

typedef struct {
    bool as_json;
    JsonWriter json;
} Findings;

static void
on_found(void *data, const char *rule, const char *text)
{
    Findings *findings = data;

    if (!findings->as_json) {
        command_print("%-4s %s\n", rule, text);
        return;
    }
    json_begin_object(&findings->json);
    json_member_text(&findings->json, "rule", str_of(rule));
    json_member_text(&findings->json, "difference", str_of(text));
    json_end_object(&findings->json);
}

static void
print_result(Findings *findings, const AuditResult *result)
{
    if (findings->as_json) {
        json_end_array(&findings->json);
        json_member_int(&findings->json, "reports", result->reports);
        json_member_int(&findings->json, "lines", result->lines);
        json_member_int(&findings->json, "revisions", result->revisions);
        json_member_int(&findings->json, "entries", result->entries);
        json_member_int(&findings->json, "rollup_hours", result->rollup_hours);
        json_end_object(&findings->json);
        g_print("%s\n", findings->json.to->str);
        return;
    }
    command_print("%" G_GINT64_FORMAT " reports read again: %" G_GINT64_FORMAT " lines, %" G_GINT64_FORMAT
                  " revisions, %" G_GINT64_FORMAT " entries; %" G_GINT64_FORMAT " hours of rollups computed again\n",
                  result->reports, result->lines, result->revisions, result->entries, result->rollup_hours);
    if (result->differences == 0)
        command_print("every cent is where it should be\n");
    else
        command_print("%" G_GINT64_FORMAT " differences\n", result->differences);
}

int
command_audit(int argc, char **argv)
{
    g_auto(ConfigFlags) flags = {0};
    g_autoptr(Deployment) deployment = NULL;
    g_autoptr(Db) db = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    g_auto(SourceFormats) formats = {0};
    gboolean as_json = FALSE;
    Findings findings;
    AuditResult result;
    const GOptionEntry own[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!flags_read(&argc, &argv, "",
                    "Reads every stored report again and compares what it should have become with revisions, "
                    "ledger and rollups. Exit code 1 on any difference.",
                    own, &flags))
        return EXIT_USAGE;
    if ((deployment = deployment_open(&flags, &error)) == NULL || (db = deployment_db(deployment, &error)) == NULL)
        return command_fail(error);
    findings = (Findings){as_json, json_writer(text)};
    if (as_json) {
        json_begin_object(&findings.json);
        json_key(&findings.json, "differences");
        json_begin_array(&findings.json);
    }
    source_formats_init(&formats, deployment->sources, deployment->clock);
    if (!revenue_audit(db, &formats.formats, on_found, &findings, &result, &error))
        return command_fail(error);
    print_result(&findings, &result);
    return result.differences == 0 ? EXIT_DONE : EXIT_FAILED;
}
