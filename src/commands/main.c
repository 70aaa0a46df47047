/*
 * weir: the entry. Finds the subcommand and lets it run.
 */
#include "base/heap.h"
#include "commands/command.h"
#include "ops/file_limit.h"

#include <stdio.h>

typedef struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} Command;

static const Command COMMANDS[] = {
    {"run", command_run, "both tiers in one process, with embedded defaults"},
    {"serve", command_serve, "the request tier: searches, clicks, postbacks"},
    {"work", command_work, "the background tier: feeds, revenue, schedules"},
    {"sandbox", command_sandbox, "simulated partner networks"},
    {"check", command_check, "configuration and sources: every mistake with file and line"},
    {"config", command_config, "the reference of all configuration keys, or of all metrics"},
    {"source", command_source, "list sources, show one, try a search on it"},
    {"feed", command_feed, "pull a bulk feed into the store"},
    {"listing", command_listing, "search the stored listings, show one"},
    {"revenue", command_revenue, "pull or import reports, and what was earned"},
    {"trace", command_trace, "a search, click or transaction: its whole chain"},
    {"audit", command_audit, "prove that money is conserved; exit 1 if not"},
    {"task", command_task, "list tasks and schedules, retry, pause"},
    {"reconcile", command_reconcile, "our ledger against the partners' own totals; exit 1 on drift"},
    {"alert", command_alert, "what a person should look at"},
    {"key", command_key, "who may ask the API"},
    {"token-key", command_token_key, "the keys of click links: list, rotate, retire"},
    {"export", command_export, "write what is new into the warehouse"},
    {"query", command_query, "ask the exported files, in SQL"},
    {"migrate", command_migrate, "bring the database to the newest version"},
};

static void
print_help(void)
{
    g_print("Usage: weir COMMAND [OPTION...]\n\n"
            "Turns many job boards and ad networks into one feed, and accounts for every cent it earns.\n\n");
    for (size_t i = 0; i < G_N_ELEMENTS(COMMANDS); i++)
        g_print("  %-9s %s\n", COMMANDS[i].name, COMMANDS[i].summary);
    g_print("\n'weir COMMAND --help' tells more. To begin: weir run --sandbox\n");
}

/* What is printed is UTF-8 in every locale: most of it is read by programs, and GLib would write \x{e9} for an accent. */
static void
print_as_it_is(const char *text)
{
    fputs(text, stdout);
}

static void
print_error_as_it_is(const char *text)
{
    fputs(text, stderr);
}

int
main(int argc, char **argv)
{
    g_set_print_handler(print_as_it_is);
    g_set_printerr_handler(print_error_as_it_is);
    if (argc < 2 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        return argc < 2 ? EXIT_USAGE : EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        g_print("weir %s\n", WEIR_VERSION);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(COMMANDS); i++) {
        if (strcmp(argv[1], COMMANDS[i].name) == 0) {
            g_autofree char *program = g_strdup_printf("weir %s", COMMANDS[i].name);

            g_set_prgname(program);
            file_limit_raise();
            heap_keep_blocks();
            argv[1] = program;
            return COMMANDS[i].run(argc - 1, argv + 1);
        }
    }
    return command_usage("there is no command \"%s\"; see weir --help", argv[1]);
}
