/*
 * weir check, weir config
 */
#include "commands/command.h"
#include "ops/metrics.h"

int
command_check(int argc, char **argv)
{
    g_auto(ConfigFlags) flags = {0};
    g_autoptr(Deployment) deployment = NULL;
    g_autoptr(GError) error = NULL;
    size_t enabled = 0;

    if (!flags_read(&argc, &argv, "", "Reads configuration and sources and tells every mistake with file and line.",
                    NULL, &flags))
        return EXIT_USAGE;
    if ((deployment = deployment_open(&flags, &error)) == NULL)
        return command_fail(error);
    for (size_t i = 0; i < source_set_count(deployment->sources); i++) {
        const Source *source = source_set_at(deployment->sources, i);

        if (source_disabled(source) == NULL)
            enabled++;
        else
            g_print("%-20s not used: %s\n", source_name(source), source_disabled(source));
    }
    g_print("%" G_GSIZE_FORMAT " sources, %" G_GSIZE_FORMAT " of them ready; no mistakes\n",
            source_set_count(deployment->sources), enabled);
    return EXIT_DONE;
}

int
command_config(int argc, char **argv)
{
    g_auto(ConfigFlags) flags = {0};
    g_autoptr(GString) text = g_string_new(NULL);
    gboolean metrics = FALSE;
    const GOptionEntry own[] = {
        {"metrics", 0, 0, G_OPTION_ARG_NONE, &metrics, "Print the metrics instead, with kind, labels and meaning",
         NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!flags_read(&argc, &argv, "", "Prints every configuration key with type, default and meaning, as Markdown.",
                    own, &flags))
        return EXIT_USAGE;
    if (metrics)
        metrics_write_table(text);
    else
        config_write_reference(text);
    g_print("%s", text->str);
    return EXIT_DONE;
}
