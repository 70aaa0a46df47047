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

int
command_source(int argc, char **argv)
{
    g_auto(ConfigFlags) flags = {0};
    g_autoptr(Deployment) deployment = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *keywords = NULL, *location = NULL, *country = NULL, *file = NULL, *to = NULL;
    g_autofree char *sample = NULL, *format = NULL, *list_url = NULL, *output = NULL, *detail_file = NULL;
    bool is_record;
    gboolean as_json = FALSE, force = FALSE;
    gint record = 1;
    const Source *source;
    Question question;
    const GOptionEntry own[] = {
        {"query", 'q', 0, G_OPTION_ARG_STRING, &keywords, "Words to search for (test, record)", "WORDS"},
        {"location", 0, 0, G_OPTION_ARG_STRING, &location, "Place to search in (test, record)", "PLACE"},
        {"country", 0, 0, G_OPTION_ARG_STRING, &country, "Country to search in (test, record)", "CC"},
        {"file", 0, 0, G_OPTION_ARG_FILENAME, &file, "An answer kept in a file, read instead of asking (test, record)",
         "FILE"},
        {"detail-file", 0, 0, G_OPTION_ARG_FILENAME, &detail_file,
         "An answer of the second step, read instead of asking (test)", "FILE"},
        {"record", 0, 0, G_OPTION_ARG_INT, &record, "Which record is told field by field (test); the first", "N"},
        {"to", 0, 0, G_OPTION_ARG_FILENAME, &to, "Folder to write to (record); tests/sources/SOURCE/exemplary",
         "FOLDER"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON (list, networks, new, test, quarantine)", NULL},
        {"sample", 0, 0, G_OPTION_ARG_STRING, &sample, "An answer of the partner: a file or a URL (new)", "FILE|URL"},
        {"format", 0, 0, G_OPTION_ARG_STRING, &format,
         "What the sample is: json, ndjson, xml, csv or tsv; else it is found out (new)", "FORMAT"},
        {"list-url", 0, 0, G_OPTION_ARG_STRING, &list_url,
         "The URL that such answers come from, with its query; keys in it become secrets (new)", "URL"},
        {"output", 0, 0, G_OPTION_ARG_FILENAME, &output, "Where to write (new); NAME.yaml in the folder of definitions",
         "FILE"},
        {"force", 0, 0, G_OPTION_ARG_NONE, &force, "Overwrite a definition that is there (new)", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!flags_read(
            &argc, &argv,
            "list | networks | show SOURCE | new NAME --sample FILE|URL | test SOURCE | record SOURCE | quarantine "
            "SOURCE",
            "  list         every source, what it offers, and what it lacks\n"
            "  networks     every definition: what it offers, how its partner knows us, what it was tried on, terms\n"
            "  show SOURCE  what its definition says\n"
            "  new NAME     starts a definition from a sample: finds the records, proposes where each field stands "
            "and\n"
            "               why, runs it on the sample, and writes it\n"
            "  test SOURCE  one search on it: the request, the answer, each listing, what was rejected, one\n"
            "               record field by field and transform by transform, the detail of it, and how many records "
            "had\n"
            "               each field; with --file nobody is asked\n"
            "  record SOURCE  asks the partner once and writes a golden exchange: secrets and personal data masked;\n"
            "               with --file of an answer that is there already, and nobody is asked\n"
            "  quarantine SOURCE  what mapping lost of late and why, and the newest of those records",
            own, &flags))
        return EXIT_USAGE;
    if (argc < 2)
        return command_usage("%s", USAGE);
    if ((deployment = deployment_open(&flags, &error)) == NULL)
        return command_fail(error);
    if (strcmp(argv[1], "list") == 0 && argc == 2)
        return list_sources(deployment, as_json);
    if (strcmp(argv[1], "networks") == 0 && argc == 2) {
        source_networks(deployment->sources, as_json);
        return EXIT_DONE;
    }
    if (argc != 3)
        return command_usage("%s", USAGE);
    if (strcmp(argv[1], "new") == 0) {
        if (sample == NULL)
            return command_usage("say --sample FILE or --sample URL: an answer of the partner to start from");
        return source_new(deployment,
                          &(SourceNewSpec){argv[2], sample, format, list_url, output, force != FALSE, as_json != FALSE},
                          &error)
                   ? EXIT_DONE
                   : command_fail(error);
    }
    source = source_set_find(deployment->sources, str_of(argv[2]));
    if (source == NULL)
        return command_usage("there is no source \"%s\"; see weir source list", argv[2]);
    if (strcmp(argv[1], "show") == 0)
        return show_source(source);
    if (strcmp(argv[1], "quarantine") == 0)
        return source_quarantine(deployment, source, QUARANTINE_SHOWN, as_json, &error) ? EXIT_DONE
                                                                                        : command_fail(error);
    is_record = strcmp(argv[1], "record") == 0;
    if (strcmp(argv[1], "test") != 0 && !is_record)
        return command_usage("weir source can't \"%s\"; it can list, networks, show, new, test, record and quarantine",
                             argv[1]);
    if (source_search(source) == NULL && file == NULL)
        return command_usage("%s has no search: in its definition; with --file an answer of its feed is %s", argv[2],
                             is_record ? "recorded" : "tested");
    question = visitors_question(deployment, keywords, location, country);
    if (!(is_record
              ? record_source(deployment, source, &question, file, to, &error)
              : source_test(deployment, source, &question,
                            &(SourceTestSpec){file, detail_file, (uint64_t)MAX(record, 1), as_json != FALSE}, &error)))
        return command_fail(error);
    return EXIT_DONE;
}
