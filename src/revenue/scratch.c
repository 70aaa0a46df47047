#include "revenue/scratch.h"

#include <glib/gstdio.h>

#define MEMORY_LIMIT_BYTES (UINT64_C(8) * 1024 * 1024)

struct Scratch {
    Db *db;
    DbTx *tx;
    char *folder; /* NULL when in memory */
};

void
scratch_close(Scratch *scratch)
{
    static const char *const FILES[] = {"scratch.db", "scratch.db-wal", "scratch.db-shm", "scratch.db-journal"};

    if (scratch == NULL)
        return;
    db_rollback(scratch->tx);
    if (scratch->db != NULL)
        db_close(scratch->db);
    for (size_t i = 0; scratch->folder != NULL && i < G_N_ELEMENTS(FILES); i++) {
        g_autofree char *path = g_build_filename(scratch->folder, FILES[i], NULL);

        g_unlink(path);
    }
    if (scratch->folder != NULL)
        g_rmdir(scratch->folder);
    g_free(scratch->folder);
    g_free(scratch);
}

static Db *
open_database(Scratch *scratch, uint64_t expected_bytes, GError **error)
{
    g_autofree char *url = NULL;
    g_autoptr(GError) cause = NULL;

    if (expected_bytes <= MEMORY_LIMIT_BYTES)
        return db_open("sqlite::memory:", error);
    scratch->folder = g_dir_make_tmp("weir-scratch-XXXXXX", &cause);
    if (scratch->folder == NULL) {
        weir_fail(error, WEIR_ERROR_UNAVAILABLE, "scratch folder: %s", cause->message);
        return NULL;
    }
    url = g_strdup_printf("sqlite:%s/scratch.db", scratch->folder);
    return db_open(url, error);
}

Scratch *
scratch_open(uint64_t expected_bytes, const char *const *schema, GError **error)
{
    g_autoptr(Scratch) scratch = g_new0(Scratch, 1);

    scratch->db = open_database(scratch, expected_bytes, error);
    if (scratch->db == NULL)
        return NULL;
    scratch->tx = db_begin(scratch->db, DB_WRITE, error);
    if (scratch->tx == NULL)
        return NULL;
    for (size_t i = 0; schema[i] != NULL; i++) {
        if (!db_exec(scratch->tx, SQL(schema[i]), DB_NO_ARGS, NULL, error))
            return NULL;
    }
    return g_steal_pointer(&scratch);
}

DbTx *
scratch_tx(Scratch *scratch)
{
    return scratch->tx;
}
