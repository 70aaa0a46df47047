#include "support/postgres_fixture.h"

#include <glib/gstdio.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_TIMEOUT_US (60 * G_USEC_PER_SEC)
#define POLL_US          10000

struct PostgresFixture {
    char *folder;
    GPid server;
    int databases;
};

/* Who the server runs as: it refuses root. */
static struct passwd *
owner(void)
{
    return geteuid() == 0 ? getpwnam("postgres") : getpwuid(geteuid());
}

/* In the child, before exec. */
static void
become_owner(gpointer data)
{
    const struct passwd *user = data;

    if (geteuid() == 0 &&
        (initgroups(user->pw_name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
        _exit(127);
    /* After setuid(), which would clear it. SIGQUIT makes the server quit at once. */
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
}

/* PATH first, then where Debian keeps them. */
static char *
find_program(const char *name)
{
    g_autofree G_GNUC_UNUSED char *inside = NULL;
    g_autoptr(GDir) versions = NULL;
    char *found = g_find_program_in_path(name);
    const char *version;

    if (found != NULL)
        return found;
    versions = g_dir_open("/usr/lib/postgresql", 0, NULL);
    while (versions != NULL && found == NULL && (version = g_dir_read_name(versions)) != NULL) {
        found = g_build_filename("/usr/lib/postgresql", version, "bin", name, NULL);
        if (!g_file_test(found, G_FILE_TEST_IS_EXECUTABLE))
            g_clear_pointer(&found, g_free);
    }
    return found;
}

static void
init_folder(const char *initdb, const char *data, const struct passwd *user)
{
    const char *const words[] = {initdb,  "-D", data,   "-U",         "postgres",  "-A",
                                 "trust", "-E", "UTF8", "--locale=C", "--no-sync", NULL};
    g_autofree char *out = NULL, *err = NULL;
    g_autoptr(GError) error = NULL;
    int status;

    g_spawn_sync("/", (char **)words, NULL, G_SPAWN_DEFAULT, become_owner, (gpointer)user, &out, &err, &status, &error);
    g_assert_no_error(error);
    if (!g_spawn_check_wait_status(status, NULL))
        g_error("initdb failed: %s", err);
}

static char *
uri(const PostgresFixture *fixture, const char *database)
{
    return g_strdup_printf("postgresql:///%s?host=%s&user=postgres", database, fixture->folder);
}

static void
wait_until_ready(const PostgresFixture *fixture)
{
    g_autofree char *address = uri(fixture, "postgres");
    gint64 deadline = g_get_monotonic_time() + START_TIMEOUT_US;

    while (PQping(address) != PQPING_OK) {
        if (waitpid(fixture->server, NULL, WNOHANG) != 0 || g_get_monotonic_time() > deadline)
            g_error("PostgreSQL did not start: see %s/log", fixture->folder);
        g_usleep(POLL_US);
    }
}

static void
start_server(PostgresFixture *fixture, const char *postgres, const char *data, const struct passwd *user)
{
    /* No fsync: these databases need not outlive the machine. */
    const char *const words[] = {postgres,
                                 "-D",
                                 data,
                                 "-k",
                                 fixture->folder,
                                 "-c",
                                 "listen_addresses=",
                                 "-c",
                                 "fsync=off",
                                 "-c",
                                 "full_page_writes=off",
                                 "-c",
                                 "shared_buffers=16MB",
                                 "-c",
                                 "logging_collector=on",
                                 "-c",
                                 "log_directory=../log",
                                 NULL};
    g_autoptr(GError) error = NULL;

    g_spawn_async("/", (char **)words, NULL,
                  G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, become_owner,
                  (gpointer)user, &fixture->server, &error);
    g_assert_no_error(error);
    wait_until_ready(fixture);
}

PostgresFixture *
postgres_fixture_start(const char **ret_reason)
{
    g_autofree char *initdb = find_program("initdb"), *postgres = find_program("postgres"), *data = NULL;
    const struct passwd *user = owner();
    g_autoptr(GError) error = NULL;
    PostgresFixture *fixture;

    if (initdb == NULL || postgres == NULL) {
        *ret_reason = "PostgreSQL's initdb and postgres are not installed";
        return NULL;
    }
    if (user == NULL) {
        *ret_reason = "there is no user \"postgres\" to run the server, which refuses to run as root";
        return NULL;
    }
    fixture = g_new0(PostgresFixture, 1);
    fixture->folder = g_dir_make_tmp("weir-pg-XXXXXX", &error);
    g_assert_no_error(error);
    g_assert_cmpint(chown(fixture->folder, user->pw_uid, user->pw_gid), ==, 0);
    data = g_build_filename(fixture->folder, "data", NULL);
    init_folder(initdb, data, user);
    start_server(fixture, postgres, data, user);
    return fixture;
}

char *
postgres_fixture_new_database(PostgresFixture *fixture)
{
    g_autofree char *admin = uri(fixture, "postgres"), *name = g_strdup_printf("test_%d", ++fixture->databases);
    g_autofree char *sql = g_strdup_printf("CREATE DATABASE %s", name);
    PGconn *conn = PQconnectdb(admin);
    PGresult *result = PQexec(conn, sql);

    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        g_error("%s: %s", sql, PQerrorMessage(conn));
    PQclear(result);
    PQfinish(conn);
    return uri(fixture, name);
}

static void
remove_tree(const char *path)
{
    if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK)) {
        g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
        const char *name;

        while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
            g_autofree char *inside = g_build_filename(path, name, NULL);

            remove_tree(inside);
        }
    }
    g_remove(path);
}

void
postgres_fixture_stop(PostgresFixture *fixture)
{
    if (fixture == NULL)
        return;
    kill(fixture->server, SIGQUIT);
    waitpid(fixture->server, NULL, 0);
    g_spawn_close_pid(fixture->server);
    remove_tree(fixture->folder);
    g_free(fixture->folder);
    g_free(fixture);
}
