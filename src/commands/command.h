/*
 * Commands: one file a subcommand. Each reads its flags, wires rooms together, and prints.
 *
 * Exit codes: 0 done, 1 failed, 2 wrong usage.
 */
#pragma once

#include "base/text_table.h"
#include "base/timestamp.h"
#include "commands/deployment.h"

#define EXIT_DONE   0
#define EXIT_FAILED 1
#define EXIT_USAGE  2

int command_run(int argc, char **argv);
int command_serve(int argc, char **argv);
int command_work(int argc, char **argv);
int command_sandbox(int argc, char **argv);
int command_check(int argc, char **argv);
int command_config(int argc, char **argv);
int command_source(int argc, char **argv);
int command_feed(int argc, char **argv);
int command_listing(int argc, char **argv);
int command_revenue(int argc, char **argv);
int command_trace(int argc, char **argv);
int command_task(int argc, char **argv);
int command_export(int argc, char **argv);
int command_query(int argc, char **argv);
int command_audit(int argc, char **argv);
int command_reconcile(int argc, char **argv);
int command_alert(int argc, char **argv);
int command_key(int argc, char **argv);
int command_token_key(int argc, char **argv);
int command_migrate(int argc, char **argv);

/* Reads flags, those of every command (--config, --data, ...) and the command's own, which may be NULL. usage: what
 * stands behind the command's name; summary: shown by --help. False after printing what is wrong; exit with
 * EXIT_USAGE. --help prints and exits by itself. */
bool flags_read(int *argc, char ***argv, const char *usage, const char *summary, const GOptionEntry *own,
                ConfigFlags *ret_flags);
void flags_clear(ConfigFlags *flags);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ConfigFlags, flags_clear)

/* Prints lines for a person, which may quote what partners sent: control characters but newlines become U+FFFD. */
void command_print(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* Prints the rows, or what to say when there are none. */
void command_print_table(const TextTable *table, const char *when_empty);
/* To the second, or "-" for TIMESTAMP_NONE. */
const char *command_moment_text(int64_t us, char to[TIMESTAMP_TEXT_SIZE]);

/* Prints "weir: message" to standard error and returns EXIT_FAILED. */
int command_fail(const GError *error);
int command_usage(const char *format, ...) G_GNUC_PRINTF(1, 2);
