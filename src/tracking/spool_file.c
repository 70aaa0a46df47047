#include "tracking/spool_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "tracking/bytes.h"

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

/* More than a click needs, so that room for this is room for some of them. */
#define TRY_BYTES 16384

static bool
tables_create(Db *file, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(file, DB_WRITE, error);

    return tx != NULL &&
           db_exec(tx,
                   SQL("CREATE TABLE IF NOT EXISTS batch (last_seq INTEGER PRIMARY KEY, events INTEGER NOT NULL, "
                       "bytes BLOB NOT NULL) STRICT"),
                   DB_NO_ARGS, NULL, error) &&
           db_exec(
               tx,
               SQL("CREATE TABLE IF NOT EXISTS quarantine (number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, "
                   "id INTEGER NOT NULL, bytes BLOB NOT NULL, reason TEXT NOT NULL, at_us INTEGER NOT NULL) STRICT"),
               DB_NO_ARGS, NULL, error) &&
           db_exec(tx,
                   SQL("CREATE TABLE IF NOT EXISTS try (number INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, "
                       "bytes BLOB NOT NULL) STRICT"),
                   DB_NO_ARGS, NULL, error) &&
           db_commit_auto(&tx, error);
}

/* A log that is used again after 4 MB no longer grows, so that a commit has no new length to write as well. */
static bool
log_limit(Db *file, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(file, DB_READ, error);
    int64_t pages;

    return tx != NULL && db_query_int(tx, SQL("PRAGMA wal_autocheckpoint = 1000"), DB_NO_ARGS, &pages, error);
}

Db *
spool_file_open(const char *path, GError **error)
{
    g_autofree char *url = g_strconcat("sqlite:", path, NULL);
    g_autoptr(Db) file = db_open(url, error);

    if (file == NULL || !tables_create(file, error) || !log_limit(file, error)) {
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

    if (tx == NULL ||
        !db_query_int(tx, SQL("SELECT COALESCE(SUM(events), 0) FROM batch"), DB_NO_ARGS, &counts.events, error) ||
        !db_query_int(tx, SQL("SELECT COALESCE(MAX(last_seq), 0) FROM batch"), DB_NO_ARGS, &counts.last_seq, error) ||
        !db_query_int(tx, SQL("SELECT COUNT(*) FROM quarantine"), DB_NO_ARGS, &counts.quarantined, error))
        return false;
    *ret_counts = counts;
    return true;
}

size_t
spool_kind_number(EventKind kind)
{
    return kind == EVENT_SEARCH || kind == EVENT_CLICK || kind == EVENT_PAGE ? (size_t)kind : 0;
}

const char *
spool_kind_name(size_t number)
{
    static const char *const NAMES[SPOOL_KINDS] = {
        [0] = "unknown", [EVENT_SEARCH] = "search", [EVENT_CLICK] = "click", [EVENT_PAGE] = "page"};

    return NAMES[number];
}

void
spool_row_write(const SpoolRow *row, GString *to)
{
    bytes_put_unsigned(to, row->kind);
    bytes_put_signed(to, row->id);
    bytes_put_text(to, row->bytes);
}

bool
spool_file_add(DbTx *tx, int64_t last_seq, int64_t events, Str bytes, GError **error)
{
    return db_exec(tx, SQL("INSERT INTO batch (last_seq, events, bytes) VALUES ($1, $2, $3)"),
                   DB_ARGS(db_int(last_seq), db_int(events), db_blob(bytes)), NULL, error);
}

static void
rows_append(GArray *rows, Str bytes)
{
    BytesReader reader = {.rest = bytes};

    while (reader.rest.size > 0) {
        Str all = reader.rest;
        uint64_t kind = bytes_get_unsigned(&reader);
        int64_t id = bytes_get_signed(&reader);
        SpoolRow row = {.id = id, .bytes = bytes_get_text(&reader)};

        /* Absent is not what was written: an event may be empty, but is there. */
        if (reader.failed || row.bytes.at == NULL || kind > G_MAXINT) {
            row = (SpoolRow){.bytes = all};
            reader.rest = STR("");
        } else {
            row.kind = (EventKind)kind;
        }
        g_array_append_val(rows, row);
    }
}

bool
spool_file_read(Db *file, int64_t after_seq, size_t limit, Arena *arena, SpoolRead *ret_read, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(file, DB_READ, error);
    g_autoptr(DbRows) found = NULL;
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(SpoolRow));
    SpoolRead read = {0};
    size_t bytes = 0;

    if (tx == NULL)
        return false;
    found = db_query(tx, SQL("SELECT last_seq, events, bytes FROM batch WHERE last_seq > $1 ORDER BY last_seq"),
                     DB_ARGS(db_int(after_seq)), error);
    if (found == NULL)
        return false;
    while (rows->len < limit && bytes < SPOOL_READ_BYTES && db_next(found, error)) {
        Str batch = arena_str(arena, db_get_blob(found, 2));

        rows_append(rows, batch);
        read.last_seq = db_get_int(found, 0);
        read.events += db_get_int(found, 1);
        bytes += batch.size;
    }
    if (db_has_failed(found))
        return false;
    read.rows = arena_items(arena, rows);
    read.count = rows->len;
    *ret_read = read;
    return true;
}

bool
spool_file_forget(DbTx *tx, int64_t seq, GError **error)
{
    return db_exec(tx, SQL("DELETE FROM batch WHERE last_seq <= $1"), DB_ARGS(db_int(seq)), NULL, error);
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

bool
spool_file_try(DbTx *tx, int64_t now_us, GError **error)
{
    return db_exec(tx, SQL("INSERT OR REPLACE INTO try (number, at_us, bytes) VALUES (1, $1, randomblob($2))"),
                   DB_ARGS(db_int(now_us), db_int(TRY_BYTES)), NULL, error);
}
