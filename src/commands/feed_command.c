/*
 * weir feed pull SOURCE, weir feed accept SOURCE, weir feed export
 */
#include "base/json_writer.h"
#include "commands/command.h"
#include "commands/feed_export.h"
#include "commands/fetching.h"
#include "commands/node.h"
#include "feeds/guard.h"

#include <unistd.h>

typedef struct {
    const Clock *clock;
    int64_t started_us, shown_us;
    bool tty;
} Progress;

static void
on_progress(void *data, uint64_t records, uint64_t bytes, uint64_t total_bytes)
{
    Progress *progress = data;
    int64_t now_us = clock_monotonic_us(progress->clock);
    int64_t elapsed_us = MAX(now_us - progress->started_us, 1);

    if (!progress->tty || now_us - progress->shown_us < US_PER_SECOND / 5)
        return;
    progress->shown_us = now_us;
    g_printerr("\r%" G_GUINT64_FORMAT " listings, %" G_GUINT64_FORMAT, records, bytes / 1000000);
    if (total_bytes >= bytes)
        g_printerr(" of %" G_GUINT64_FORMAT, total_bytes / 1000000);
    g_printerr(" MB, %" G_GUINT64_FORMAT " a second", records * (uint64_t)US_PER_SECOND / (uint64_t)elapsed_us);
    if (total_bytes >= bytes && bytes > 0) {
        double left_s = (double)(total_bytes - bytes) / (double)bytes * (double)elapsed_us / US_PER_SECOND;

        g_printerr(", %d:%02d left ", (int)left_s / 60, (int)left_s % 60);
    }
}

static void
print_summary(const char *source, const FeedSummary *s, bool as_json)
{
    if (as_json) {
        g_autoptr(GString) text = g_string_new(NULL);
        JsonWriter json = json_writer(text);

        json_begin_object(&json);
        json_member_text(&json, "source", str_of(source));
        json_member_id(&json, "pull_id", s->id);
        json_member_int(&json, "records", (int64_t)s->records);
        json_member_int(&json, "bytes", (int64_t)s->bytes);
        json_member_int(&json, "new", s->added);
        json_member_int(&json, "same", s->same);
        json_member_int(&json, "changed", s->changed);
        json_member_int(&json, "gone", s->gone);
        json_member_int(&json, "rejected", s->rejected);
        json_member_int(&json, "without_detail", (int64_t)s->without_detail);
        json_member_int(&json, "repeated", s->repeated);
        json_member_int(&json, "clashed", s->clashed);
        json_member_bool(&json, "guarded", s->guarded);
        json_member_bool(&json, "unchanged", s->unchanged);
        json_member_text_if(&json, "first_rejection", str_of(s->first_rejection));
        json_end_object(&json);
        g_print("%s\n", text->str);
        return;
    }
    command_print("%s: %" G_GUINT64_FORMAT " records: %" G_GINT64_FORMAT " new, %" G_GINT64_FORMAT
                  " same, %" G_GINT64_FORMAT " changed, %" G_GINT64_FORMAT " gone, %" G_GINT64_FORMAT " rejected\n",
                  source, s->records, s->added, s->same, s->changed, s->gone, s->rejected);
    if (s->unchanged)
        command_print("the partner says that nothing has changed since the last time\n");
    if (s->repeated > 0)
        command_print("%" G_GINT64_FORMAT " rows were there twice, word for word\n", s->repeated);
    if (s->clashed > 0)
        command_print("%" G_GINT64_FORMAT " listings bear the id of another one: each is stored\n", s->clashed);
    if (s->first_rejection[0] != '\0')
        command_print("first rejected: %s\n", s->first_rejection);
    if (s->guarded)
        command_print("less than half of what is stored came: nothing was taken off the shelf. If it is true: "
                      "weir feed accept %s\n",
                      source);
}

static bool
pull(Deployment *deployment, const Source *source, const char *file, bool fresh, bool as_json, GError **error)
{
    g_autoptr(Db) db = deployment_db(deployment, error);
    g_autoptr(UvLoop) loop = fetching_loop_new(deployment);
    Progress progress = {.clock = deployment->clock,
                         .started_us = clock_monotonic_us(deployment->clock),
                         .tty = isatty(STDERR_FILENO) != 0};
    g_autoptr(Exchanges) exchanges = fetching_exchanges_new(deployment, loop);
    FeedFetcher fetcher = feed_fetcher(exchanges, loop);
    FeedSummary summary;
    bool done;

    if (db == NULL || !node_take(deployment, error))
        return false;
    {
        const FeedPullSpec spec = {.db = db,
                                   .feed = source_feed(source),
                                   .clock = deployment->clock,
                                   .mint = &deployment->mint,
                                   .metrics = deployment->metrics,
                                   .progress = on_progress,
                                   .data = &progress,
                                   .fresh = fresh};

        done =
            file != NULL ? feed_fetch_file(&spec, file, &summary, error) : feed_fetch(&spec, &fetcher, &summary, error);
    }
    if (progress.tty)
        g_printerr("\r%60s\r", "");
    if (done)
        print_summary(source_name(source), &summary, as_json);
    return done;
}

static int
run_pull(Deployment *deployment, const char *name, const char *file, bool fresh, bool as_json)
{
    g_autoptr(GError) error = NULL;
    const Source *source = source_set_find(deployment->sources, str_of(name));

    if (source == NULL)
        return command_usage("there is no source \"%s\"; see weir source list", name);
    if (source_feed(source) == NULL)
        return command_usage("%s has no feed: in its definition", name);
    if (source_disabled(source) != NULL && file == NULL)
        return command_usage("%s can't be used: %s", name, source_disabled(source));
    return pull(deployment, source, file, fresh, as_json, &error) ? EXIT_DONE : command_fail(error);
}

static int
run_accept(Deployment *deployment, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Db) db = deployment_db(deployment, &error);
    int64_t gone;

    if (source_set_find(deployment->sources, str_of(name)) == NULL)
        return command_usage("there is no source \"%s\"; see weir source list", name);
    if (db == NULL || !guard_accept(db, str_of(name), clock_now_us(deployment->clock), &gone, &error))
        return command_fail(error);
    command_print("%s: %" G_GINT64_FORMAT " listings taken off the shelf\n", name, gone);
    return EXIT_DONE;
}

static int
run_export(Deployment *deployment, const FeedExportFlags *export)
{
    g_autoptr(GError) error = NULL;

    if (feed_export(deployment, export, &error))
        return EXIT_DONE;
    return g_error_matches(error, WEIR_ERROR, WEIR_ERROR_INVALID) ? command_usage("%s", error->message)
                                                                  : command_fail(error);
}

int
command_feed(int argc, char **argv)
{
    g_auto(ConfigFlags) flags = {0};
    g_auto(FeedExportFlags) export = {0};
    g_autoptr(Deployment) deployment = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *file = NULL;
    gboolean as_json = FALSE, fresh = FALSE;
    bool is_pull, is_accept, is_export;
    const GOptionEntry own[] = {
        {"file", 'f', 0, G_OPTION_ARG_FILENAME, &file, "pull: read FILE as if it had been downloaded", "FILE"},
        {"fresh", 0, 0, G_OPTION_ARG_NONE, &fresh, "pull: read it even if the partner says it has not changed", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "pull: print JSON", NULL},
        {"format", 0, 0, G_OPTION_ARG_STRING, &export.format, "export: ndjson (default), xml or csv", "FORMAT"},
        {"gzip", 0, 0, G_OPTION_ARG_NONE, &export.gzip, "export: compressed", NULL},
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &export.output, "export: into FILE, complete or not at all", "FILE"},
        {"consumer", 0, 0, G_OPTION_ARG_STRING, &export.consumer, "export: whose clicks its links count for", "NAME"},
        {"channel", 0, 0, G_OPTION_ARG_STRING, &export.channel, "export: where the consumer will show them", "NAME"},
        {"keywords", 'q', 0, G_OPTION_ARG_STRING, &export.keywords, "export: listings with these words", "WORDS"},
        FILTER_FLAG_ENTRIES(export.filter),
        G_OPTION_ENTRY_NULL,
    };

    if (!flags_read(&argc, &argv, "pull SOURCE | accept SOURCE | export",
                    "Pulls the bulk feed of a source into the store; accepts that it has become as short as its last "
                    "pull, which was held back; or writes all that may be passed on as one feed.",
                    own, &flags))
        return EXIT_USAGE;
    is_pull = argc == 3 && strcmp(argv[1], "pull") == 0;
    is_accept = argc == 3 && strcmp(argv[1], "accept") == 0;
    is_export = argc == 2 && strcmp(argv[1], "export") == 0;
    if (!is_pull && !is_accept && !is_export)
        return command_usage("say: weir feed pull SOURCE, weir feed accept SOURCE, or weir feed export");
    if ((deployment = deployment_open(&flags, &error)) == NULL)
        return command_fail(error);
    if (is_pull)
        return run_pull(deployment, argv[2], file, fresh, as_json);
    return is_accept ? run_accept(deployment, argv[2]) : run_export(deployment, &export);
}
