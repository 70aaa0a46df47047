#include "commands/command.h"

bool
flags_read(int *argc, char ***argv, const char *usage, const char *summary, const GOptionEntry *own,
           ConfigFlags *ret_flags)
{
    g_autoptr(GOptionContext) context = g_option_context_new(usage);
    g_autoptr(GError) error = NULL;
    ConfigFlags flags = {0};
    const GOptionEntry common[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &flags.file, "Read the configuration from FILE", "FILE"},
        {"data", 'd', 0, G_OPTION_ARG_FILENAME, &flags.data, "Write everything under DIR", "DIR"},
        {"listen", 'l', 0, G_OPTION_ARG_STRING, &flags.listen, "Answer HTTP at HOST:PORT", "HOST:PORT"},
        {"sources", 0, 0, G_OPTION_ARG_FILENAME, &flags.sources, "Read source definitions from DIR", "DIR"},
        {"sandbox", 0, 0, G_OPTION_ARG_NONE, &flags.sandbox, "Use simulated partners", NULL},
        G_OPTION_ENTRY_NULL,
    };

    g_option_context_set_summary(context, summary);
    g_option_context_add_main_entries(context, common, NULL);
    if (own != NULL)
        g_option_context_add_main_entries(context, own, NULL);
    if (!g_option_context_parse(context, argc, argv, &error)) {
        g_printerr("weir: %s\n", error->message);
        flags_clear(&flags);
        return false;
    }
    if (usage[0] == '\0' && *argc > 1) {
        command_usage("\"%s\" means nothing here; see %s --help", (*argv)[1], g_get_prgname());
        flags_clear(&flags);
        return false;
    }
    *ret_flags = flags;
    return true;
}

void
flags_clear(ConfigFlags *flags)
{
    g_free(flags->file);
    g_free(flags->data);
    g_free(flags->listen);
    g_free(flags->sources);
}

/* Line by line, so that newlines stay. */
static GString *
lines_for_terminal(const char *text)
{
    GString *lines = g_string_new(NULL);

    for (Str rest = str_of(text); rest.at != NULL;) {
        text_for_terminal(lines, str_cut(&rest, '\n'));
        if (rest.at != NULL)
            g_string_append_c(lines, '\n');
    }
    return lines;
}

void
command_print(const char *format, ...)
{
    va_list args;
    g_autofree char *text = NULL;
    g_autoptr(GString) lines = NULL;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    lines = lines_for_terminal(text);
    g_print("%s", lines->str);
}

void
command_print_table(const TextTable *table, const char *when_empty)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (text_table_row_count(table) == 0)
        g_string_append_printf(text, "%s\n", when_empty);
    else
        text_table_write(table, text);
    g_print("%s", text->str);
}

const char *
command_moment_text(int64_t us, char to[TIMESTAMP_TEXT_SIZE])
{
    return us == TIMESTAMP_NONE ? "-" : timestamp_format(us - us % US_PER_SECOND, to);
}

static void
print_failure(const char *message)
{
    g_autoptr(GString) lines = lines_for_terminal(message);

    g_printerr("weir: %s\n", lines->str);
}

int
command_fail(const GError *error)
{
    print_failure(error->message);
    return EXIT_FAILED;
}

int
command_usage(const char *format, ...)
{
    va_list args;
    g_autofree char *message = NULL;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    print_failure(message);
    return EXIT_USAGE;
}
