#include "tracking/spool_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

bool
spool_file_lock(const char *path, int *ret_descriptor, GError **error)
{
    g_autofree char *lock_path = g_strconcat(path, ".lock", NULL);
    int descriptor = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (descriptor < 0)
        return weir_fail(error, WEIR_ERROR_BROKEN, "spool: %s: %s", lock_path, g_strerror(errno));
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
        *ret_descriptor = descriptor;
        return true;
    }
    if (errno == EWOULDBLOCK)
        weir_fail(error, WEIR_ERROR_CONFLICT, "spool: %s is in use by another process", path);
    else
        weir_fail(error, WEIR_ERROR_BROKEN, "spool: %s: %s", lock_path, g_strerror(errno));
    close(descriptor);
    return false;
}

static bool
tables_create(Db *file, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(file, DB_WRITE, error);

    return tx != NULL &&
           db_exec(tx,
                   SQL("CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, kind INTEGER NOT NULL, "
                       "id INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT"),
                   DB_NO_ARGS, NULL, error) &&
           db_exec(
               tx,
               SQL("CREATE TABLE IF NOT EXISTS quarantine (number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, "
                   "id INTEGER NOT NULL, bytes BLOB NOT NULL, reason TEXT NOT NULL, at_us INTEGER NOT NULL) STRICT"),
               DB_NO_ARGS, NULL, error) &&
           db_commit_auto(&tx, error);
}

Db *
spool_file_open(const char *path, GError **error)
{
    g_autofree char *url = g_strconcat("sqlite:", path, NULL);
    g_autoptr(Db) file = db_open(url, error);

    if (file == NULL || !tables_create(file, error)) {
        weir_fail_within(error, "spool");
        return NULL;
    }
    return g_steal_pointer(&file);
}

bool
spool_file_count(Db *file, SpoolCounts *ret_counts, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(file, DB_READ, error);
    SpoolCounts counts;

    if (tx == NULL || !db_query_int(tx, SQL("SELECT COUNT(*) FROM event"), DB_NO_ARGS, &counts.events, error) ||
        !db_query_int(tx, SQL("SELECT COALESCE(MAX(seq), 0) FROM event"), DB_NO_ARGS, &counts.last_seq, error) ||
        !db_query_int(tx, SQL("SELECT COUNT(*) FROM quarantine"), DB_NO_ARGS, &counts.quarantined, error))
        return false;
    *ret_counts = counts;
    return true;
}

bool
spool_file_add(DbTx *tx, const SpoolRow *row, GError **error)
{
    return db_exec(tx, SQL("INSERT INTO event (seq, kind, id, bytes) VALUES ($1, $2, $3, $4)"),
                   DB_ARGS(db_int(row->seq), db_int(row->kind), db_int(row->id), db_blob(row->bytes)), NULL, error);
}

bool
spool_file_read(Db *file, int64_t after_seq, size_t limit, Arena *arena, SpoolRow **ret_rows, size_t *ret_count,
                GError **error)
{
    g_autoptr(DbTx) tx = db_begin(file, DB_READ, error);
    g_autoptr(DbRows) found = NULL;
    SpoolRow *rows = ARENA_ARRAY(arena, SpoolRow, limit);
    size_t count = 0, bytes = 0;

    if (tx == NULL)
        return false;
    found = db_query(tx, SQL("SELECT seq, kind, id, bytes FROM event WHERE seq > $1 ORDER BY seq LIMIT $2"),
                     DB_ARGS(db_int(after_seq), db_int((int64_t)limit)), error);
    if (found == NULL)
        return false;
    while (count < limit && bytes < SPOOL_READ_BYTES && db_next(found, error)) {
        rows[count] = (SpoolRow){.seq = db_get_int(found, 0),
                                 .kind = (EventKind)db_get_int(found, 1),
                                 .id = db_get_int(found, 2),
                                 .bytes = arena_str(arena, db_get_blob(found, 3))};
        bytes += rows[count++].bytes.size;
    }
    if (db_has_failed(found))
        return false;
    *ret_rows = rows;
    *ret_count = count;
    return true;
}

bool
spool_file_forget(DbTx *tx, int64_t seq, GError **error)
{
    return db_exec(tx, SQL("DELETE FROM event WHERE seq <= $1"), DB_ARGS(db_int(seq)), NULL, error);
}

bool
spool_file_forget_quarantined(DbTx *tx, int64_t before_us, int64_t *ret_count, GError **error)
{
    return db_exec(tx, SQL("DELETE FROM quarantine WHERE at_us < $1"), DB_ARGS(db_int(before_us)), ret_count, error);
}

bool
spool_file_quarantine(DbTx *tx, const SpoolRow *row, const char *reason, int64_t now_us, GError **error)
{
    return db_exec(tx, SQL("INSERT INTO quarantine (kind, id, bytes, reason, at_us) VALUES ($1, $2, $3, $4, $5)"),
                   DB_ARGS(db_int(row->kind), db_int(row->id), db_blob(row->bytes), db_cstr(reason), db_int(now_us)),
                   NULL, error);
}
