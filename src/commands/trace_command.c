/*
 * weir trace ID
 */
#include "api/trace_json.h"
#include "commands/command.h"

static const char *
text_of(Str text, char *to, size_t size)
{
    g_snprintf(to, size, "%.*s", STR_FORMAT(text));
    return to;
}

static void
print_search(const TraceSearch *search)
{
    char id[ID_TEXT_SIZE], at[TIMESTAMP_TEXT_SIZE];

    command_print("search %s  %s  \"%.*s\" %.*s  %.*s, %" G_GINT64_FORMAT " shown in %" G_GINT64_FORMAT " ms\n",
                  id_format(search->id, id), timestamp_format(search->at_us, at), STR_FORMAT(search->keywords),
                  STR_FORMAT(search->location), STR_FORMAT(search->mode), search->shown_count,
                  search->took_us / US_PER_MS);
}

static void
print_click(const TraceClick *click)
{
    char id[ID_TEXT_SIZE], search[ID_TEXT_SIZE], at[TIMESTAMP_TEXT_SIZE], bid[MONEY_TEXT_SIZE];

    command_print("  click %s  %s  on position %" G_GINT64_FORMAT " of search %s: %.*s %.*s", id_format(click->id, id),
                  timestamp_format(click->at_us, at), click->position, id_format(click->search_id, search),
                  STR_FORMAT(click->source), STR_FORMAT(click->listing_id));
    if (click->bid.currency.code[0] != '\0')
        command_print(", bid %s %s", money_format(click->bid.micros, bid), click->bid.currency.code);
    command_print("%s\n", click->flags == 0 ? "" : ", not counted");
}

static void
print_revision(const TraceRevision *r)
{
    char at[TIMESTAMP_TEXT_SIZE], amount[MONEY_TEXT_SIZE], status[32];

    command_print("      revision %" G_GINT64_FORMAT "  %s  %s %s %s  from report %" G_GINT64_FORMAT
                  " (%.*s, %.*s) row %" G_GINT64_FORMAT "\n",
                  r->rev, timestamp_format(r->recorded_at_us, at), money_format(r->amount_micros, amount),
                  r->currency.code, text_of(r->status, status, sizeof status), r->report_id, STR_FORMAT(r->report_kind),
                  STR_FORMAT(r->report_origin), r->row);
}

static void
print_entry(const TraceEntry *e)
{
    char amount[MONEY_TEXT_SIZE], click[ID_TEXT_SIZE] = "", search[ID_TEXT_SIZE] = "";

    if (e->click_id != ID_NONE)
        id_format(e->click_id, click);
    if (e->search_id != ID_NONE)
        id_format(e->search_id, search);
    command_print("      entry  %14s %s  %.*s  %.*s", money_format(e->amount_micros, amount), e->currency.code,
                  STR_FORMAT(e->account), STR_FORMAT(e->reason));
    if (search[0] != '\0')
        command_print("  to click %s of search %s (%.*s)", click, search, STR_FORMAT(e->rung));
    command_print("\n");
}

static void
print_line(const TraceLine *line)
{
    command_print("    line %.*s %.*s %.*s\n", STR_FORMAT(line->source), STR_FORMAT(line->kind), STR_FORMAT(line->key));
    for (size_t i = 0; i < line->revision_count; i++)
        print_revision(&line->revisions[i]);
    for (size_t i = 0; i < line->entry_count; i++)
        print_entry(&line->entries[i]);
}

static void
print_trace(const Trace *trace, bool as_json)
{
    if (as_json) {
        g_autoptr(GString) text = g_string_new(NULL);
        JsonWriter json = json_writer(text);

        json_trace(&json, trace);
        g_print("%s\n", text->str);
        return;
    }
    for (size_t i = 0; i < trace->search_count; i++)
        print_search(&trace->searches[i]);
    for (size_t i = 0; i < trace->click_count; i++)
        print_click(&trace->clicks[i]);
    for (size_t i = 0; i < trace->line_count; i++)
        print_line(&trace->lines[i]);
    if (trace->truncated)
        command_print("(there is more; only the first %d of each are shown)\n", TRACE_LIMIT);
}

int
command_trace(int argc, char **argv)
{
    g_auto(ConfigFlags) flags = {0};
    g_autoptr(Deployment) deployment = NULL;
    g_autoptr(Arena) arena = arena_new(16 * 1024);
    g_autoptr(GError) error = NULL;
    g_autoptr(Db) db = NULL;
    g_autoptr(DbTx) tx = NULL;
    gboolean as_json = FALSE;
    Trace trace;
    const GOptionEntry own[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!flags_read(
            &argc, &argv, "ID",
            "Shows the whole chain: search, clicks, the partner's lines, what was booked. ID is that of a search or a "
            "click, or a partner's transaction number.",
            own, &flags))
        return EXIT_USAGE;
    if (argc != 2)
        return command_usage("say: weir trace ID, of a search, a click or a transaction");
    if ((deployment = deployment_open(&flags, &error)) == NULL || (db = deployment_db(deployment, &error)) == NULL ||
        (tx = db_begin(db, DB_READ, &error)) == NULL || !trace_find(tx, str_of(argv[1]), arena, &trace, &error))
        return command_fail(error);
    print_trace(&trace, as_json);
    return EXIT_DONE;
}
