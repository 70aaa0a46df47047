/*
 * weir migrate
 */
#include "commands/command.h"
#include "store/migrate.h"

int
command_migrate(int argc, char **argv)
{
    g_auto(ConfigFlags) flags = {0};
    g_autoptr(Deployment) deployment = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(Db) db = NULL;
    int applied, version;

    if (!flags_read(&argc, &argv, "", "Brings the database to the newest version.", NULL, &flags))
        return EXIT_USAGE;
    if ((deployment = deployment_open(&flags, &error)) == NULL ||
        (db = db_open(deployment->config->database_url, &error)) == NULL ||
        !migrate(db, deployment->clock, &applied, &error) || !migrate_version(db, &version, &error))
        return command_fail(error);
    g_print("database at version %d; %d migration%s applied now\n", version, applied, applied == 1 ? "" : "s");
    return EXIT_DONE;
}
