/*
 * weir source list|networks|show|new|test|record|quarantine
 */
#include "api/sources_json.h"
#include "commands/command.h"
#include "commands/source_networks.h"
#include "commands/source_new.h"
#include "commands/source_quarantine.h"
#include "commands/source_record.h"
#include "commands/source_test.h"

static const char USAGE[] = "say: weir source list, networks, show SOURCE, new NAME --sample FILE, test SOURCE, record "
                            "SOURCE or quarantine SOURCE";

static const char *
kinds_of(const Source *source, char to[32])
{
    g_snprintf(to, 32, "%s%s%s", source_search(source) != NULL ? "search " : "",
               source_feed(source) != NULL ? "feed " : "", source_report_count(source) > 0 ? "reports" : "");
    return to;
}

static int
list_sources(const Deployment *deployment, bool as_json)
{
    static const char *const HEADS[] = {"SOURCE", "PARTNER", "OFFERS", "STATE", NULL};
    g_autoptr(TextTable) table = text_table_new(HEADS);
    g_autoptr(GString) text = g_string_new(NULL);
    JsonWriter json = json_writer(text);

    if (as_json) {
        json_begin_object(&json);
        json_member_sources(&json, deployment->sources, NULL);
        json_end_object(&json);
        g_print("%s\n", text->str);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < source_set_count(deployment->sources); i++) {
        const Source *source = source_set_at(deployment->sources, i);
        const char *disabled = source_disabled(source);
        char kinds[32];

        text_table_add(table, str_of(source_name(source)));
        text_table_add(table, str_of(source_partner(source)));
        text_table_add(table, str_of(kinds_of(source, kinds)));
        text_table_add(table, str_of(disabled == NULL ? "ready" : disabled));
    }
    command_print_table(table, "no sources; --sources names the folder of their definitions");
    return EXIT_DONE;
}

static int
show_source(const Source *source)
{
    SubIdSlot slot = source_sub_id_slot(source);

    command_print("source       %s\npartner      %s\n", source_name(source), source_partner(source));
    if (source_docs(source) != NULL)
        command_print("docs         %s\n", source_docs(source));
    command_print("state        %s\n", source_disabled(source) == NULL ? "ready" : source_disabled(source));
    if (source_attribution(source) != NULL)
        command_print("attribution  %s%s%s\n", source_attribution(source),
                      source_attribution_url(source) != NULL ? ", to " : "",
                      source_attribution_url(source) != NULL ? source_attribution_url(source) : "");
    if (source_cache_terms(source).said)
        command_print("cache        %" G_GINT64_FORMAT " s\n", source_cache_terms(source).fresh_us / US_PER_SECOND);
    if (slot.has_slot)
        command_print("sub-id       %s, at most %" G_GSIZE_FORMAT " %s\n",
                      slot.parameter != NULL ? slot.parameter : slot.macro, slot.length_limit,
                      slot.digits_only ? "digits" : "letters and digits");
    if (source_search(source) != NULL)
        command_print("search       yes\n");
    if (source_feed(source) != NULL)
        command_print("feed         every %" G_GINT64_FORMAT " s\n",
                      operation_every_us(source_feed(source)) / US_PER_SECOND);
    for (size_t i = 0; i < source_report_count(source); i++)
        command_print("report       %s, every %" G_GINT64_FORMAT " s, looks back %" G_GINT64_FORMAT " days\n",
                      operation_name(source_report(source, i)),
                      operation_every_us(source_report(source, i)) / US_PER_SECOND,
                      operation_look_back_days(source_report(source, i)));
    return EXIT_DONE;
}

/* As a visitor of ours would. */
static Question
visitors_question(const Deployment *deployment, const char *keywords, const char *location, const char *country)
{
    return (Question){.keywords = str_of(keywords),
                      .location = str_of(location),
                      .country = str_of(country),
                      .page = 1,
                      .part = 1,
                      .per_page = 20,
                      .since_us = TIMESTAMP_NONE,
                      .until_us = TIMESTAMP_NONE,
                      .user_ip = STR("203.0.113.7"),
                      .user_agent = STR("Mozilla/5.0 (X11; Linux x86_64) Weir-test"),
                      .page_url = str_of(deployment->config->public_url)};
}

static bool
record_source(Deployment *deployment, const Source *source, const Question *question, const char *file, const char *to,
              GError **error)
{
    g_autofree char *usual = g_build_filename("tests", "sources", source_name(source), "exemplary", NULL);

    to = to != NULL ? to : usual;
    return file != NULL ? source_record_file(deployment, source, question, file, to, error)
                        : source_record(deployment, source, question, to, error);
}

/* What the command line says besides the verb and the source. */
typedef struct {
    char *keywords, *location, *country, *file, *detail_file, *to;
    char *sample, *format, *list_url, *output;
    gboolean as_json, force;
    gint record;
} SourceFlags;

static void
source_flags_clear(SourceFlags *flags)
{
    char *texts[] = {flags->keywords, flags->location, flags->country, flags->file,     flags->detail_file,
                     flags->to,       flags->sample,   flags->format,  flags->list_url, flags->output};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SourceFlags, source_flags_clear)

#define VERBS                                                                                                          \
    "  list         every source, what it offers, and what it lacks\n"                                                 \
    "  networks     every definition: what it offers, how its partner knows us, what it was tried on, terms\n"         \
    "  show SOURCE  what its definition says\n"                                                                        \
    "  new NAME     starts a definition from a sample: finds the records, proposes where each field stands and\n"      \
    "               why, runs it on the sample, and writes it\n"                                                       \
    "  test SOURCE  one search on it: the request, the answer, each listing, what was rejected, one\n"                 \
    "               record field by field and transform by transform, the detail of it, and how many records had\n"    \
    "               each field; with --file nobody is asked\n"                                                         \
    "  record SOURCE  asks the partner once and writes a golden exchange: secrets and personal data masked;\n"         \
    "               with --file of an answer that is there already, and nobody is asked\n"                             \
    "  quarantine SOURCE  what mapping lost of late and why, and the newest of those records"

static bool
read_flags(int *argc, char ***argv, ConfigFlags *config, SourceFlags *flags)
{
    const GOptionEntry own[] = {
        {"query", 'q', 0, G_OPTION_ARG_STRING, &flags->keywords, "Words to search for (test, record)", "WORDS"},
        {"location", 0, 0, G_OPTION_ARG_STRING, &flags->location, "Place to search in (test, record)", "PLACE"},
        {"country", 0, 0, G_OPTION_ARG_STRING, &flags->country, "Country to search in (test, record)", "CC"},
        {"file", 0, 0, G_OPTION_ARG_FILENAME, &flags->file,
         "An answer kept in a file, read instead of asking (test, record)", "FILE"},
        {"detail-file", 0, 0, G_OPTION_ARG_FILENAME, &flags->detail_file,
         "An answer of the second step, read instead of asking (test)", "FILE"},
        {"record", 0, 0, G_OPTION_ARG_INT, &flags->record, "Which record is told field by field (test); the first",
         "N"},
        {"to", 0, 0, G_OPTION_ARG_FILENAME, &flags->to, "Folder to write to (record); tests/sources/SOURCE/exemplary",
         "FOLDER"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &flags->as_json, "Print JSON (list, networks, new, test, quarantine)", NULL},
        {"sample", 0, 0, G_OPTION_ARG_STRING, &flags->sample, "An answer of the partner: a file or a URL (new)",
         "FILE|URL"},
        {"format", 0, 0, G_OPTION_ARG_STRING, &flags->format,
         "What the sample is: json, ndjson, xml, csv or tsv; else it is found out (new)", "FORMAT"},
        {"list-url", 0, 0, G_OPTION_ARG_STRING, &flags->list_url,
         "The URL that such answers come from, with its query; keys in it become secrets (new)", "URL"},
        {"output", 0, 0, G_OPTION_ARG_FILENAME, &flags->output,
         "Where to write (new); NAME.yaml in the folder of definitions", "FILE"},
        {"force", 0, 0, G_OPTION_ARG_NONE, &flags->force, "Overwrite a definition that is there (new)", NULL},
        G_OPTION_ENTRY_NULL,
    };

    return flags_read(
        argc, argv,
        "list | networks | show SOURCE | new NAME --sample FILE|URL | test SOURCE | record SOURCE | quarantine SOURCE",
        VERBS, own, config);
}

static int
ended(bool well, GError *const *error)
{
    return well ? EXIT_DONE : command_fail(*error);
}

/* test and record: both ask its search, or read an answer that is there. */
static int
try_source(Deployment *deployment, const Source *source, bool is_record, const SourceFlags *flags)
{
    Question question = visitors_question(deployment, flags->keywords, flags->location, flags->country);
    SourceTestSpec spec = {flags->file, flags->detail_file, (uint64_t)MAX(flags->record, 1), flags->as_json != FALSE};
    g_autoptr(GError) error = NULL;
    bool done;

    if (source_search(source) == NULL && flags->file == NULL)
        return command_usage("%s has no search: in its definition; with --file an answer of its feed is %s",
                             source_name(source), is_record ? "recorded" : "tested");
    done = is_record ? record_source(deployment, source, &question, flags->file, flags->to, &error)
                     : source_test(deployment, source, &question, &spec, &error);
    return ended(done, &error);
}

static int
new_source(Deployment *deployment, const char *name, const SourceFlags *flags)
{
    SourceNewSpec spec = {name,          flags->sample,         flags->format,          flags->list_url,
                          flags->output, flags->force != FALSE, flags->as_json != FALSE};
    g_autoptr(GError) error = NULL;

    if (flags->sample == NULL)
        return command_usage("say --sample FILE or --sample URL: an answer of the partner to start from");
    return ended(source_new(deployment, &spec, &error), &error);
}

static int
of_source(Deployment *deployment, const char *verb, const char *name, const SourceFlags *flags)
{
    const Source *source = source_set_find(deployment->sources, str_of(name));
    g_autoptr(GError) error = NULL;

    if (source == NULL)
        return command_usage("there is no source \"%s\"; see weir source list", name);
    if (strcmp(verb, "show") == 0)
        return show_source(source);
    if (strcmp(verb, "quarantine") == 0)
        return ended(source_quarantine(deployment, source, QUARANTINE_SHOWN, flags->as_json, &error), &error);
    if (strcmp(verb, "test") == 0 || strcmp(verb, "record") == 0)
        return try_source(deployment, source, strcmp(verb, "record") == 0, flags);
    return command_usage("weir source can't \"%s\"; it can list, networks, show, new, test, record and quarantine",
                         verb);
}

int
command_source(int argc, char **argv)
{
    g_auto(ConfigFlags) config = {0};
    g_auto(SourceFlags) flags = {.record = 1};
    g_autoptr(Deployment) deployment = NULL;
    g_autoptr(GError) error = NULL;

    if (!read_flags(&argc, &argv, &config, &flags))
        return EXIT_USAGE;
    if (argc < 2)
        return command_usage("%s", USAGE);
    if ((deployment = deployment_open(&config, &error)) == NULL)
        return command_fail(error);
    if (strcmp(argv[1], "list") == 0 && argc == 2)
        return list_sources(deployment, flags.as_json);
    if (strcmp(argv[1], "networks") == 0 && argc == 2) {
        source_networks(deployment->sources, flags.as_json);
        return EXIT_DONE;
    }
    if (argc != 3)
        return command_usage("%s", USAGE);
    return strcmp(argv[1], "new") == 0 ? new_source(deployment, argv[2], &flags)
                                       : of_source(deployment, argv[1], argv[2], &flags);
}
