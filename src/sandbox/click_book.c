#include "sandbox/click_book.h"

#include "store/db.h"

struct ClickBook {
    GMutex lock;
    Db *db;
    int64_t shift_us;
};

static bool
book_prepare(ClickBook *book, GError **error)
{
    static const char *const TABLES[] = {
        ("CREATE TABLE IF NOT EXISTS click (id INTEGER PRIMARY KEY, network TEXT NOT NULL, listing INTEGER NOT NULL,"
         " sub_id TEXT NOT NULL, at_us INTEGER NOT NULL) STRICT"),
        "CREATE INDEX IF NOT EXISTS click_by_network ON click (network, id)",
        "CREATE TABLE IF NOT EXISTS discrepancy (network TEXT NOT NULL, day INTEGER NOT NULL, micros INTEGER NOT NULL,"
        " PRIMARY KEY (network, day)) STRICT",
        "CREATE TABLE IF NOT EXISTS shift (only INTEGER PRIMARY KEY CHECK (only = 1), us INTEGER NOT NULL) STRICT",
        "INSERT INTO shift (only, us) VALUES (1, 0) ON CONFLICT DO NOTHING",
    };
    g_autoptr(DbTx) tx = db_begin(book->db, DB_WRITE, error);

    if (tx == NULL)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(TABLES); i++)
        if (!db_exec(tx, SQL(TABLES[i]), DB_NO_ARGS, NULL, error))
            return false;
    return db_query_int(tx, SQL("SELECT us FROM shift"), DB_NO_ARGS, &book->shift_us, error) &&
           db_commit_auto(&tx, error);
}

ClickBook *
click_book_open(const char *url, GError **error)
{
    g_autoptr(ClickBook) book = g_new0(ClickBook, 1);

    g_mutex_init(&book->lock);
    book->db = db_open(url, error);
    if (book->db == NULL || !book_prepare(book, error)) {
        weir_fail_within(error, "the sandbox's clicks");
        return NULL;
    }
    return g_steal_pointer(&book);
}

void
click_book_close(ClickBook *book)
{
    if (book == NULL)
        return;
    if (book->db != NULL)
        db_close(book->db);
    g_mutex_clear(&book->lock);
    g_free(book);
}

bool
click_book_add(ClickBook *book, const Network *network, const SandboxClick *click, GError **error)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&book->lock);
    g_autoptr(DbTx) tx = db_begin(book->db, DB_WRITE, error);

    return tx != NULL &&
           db_exec(
               tx, SQL("INSERT INTO click (network, listing, sub_id, at_us) VALUES ($1, $2, $3, $4)"),
               DB_ARGS(db_cstr(network->name), db_int(click->listing), db_cstr(click->sub_id), db_int(click->at_us)),
               NULL, error) &&
           db_commit_auto(&tx, error);
}

static void
read_click(const DbRows *rows, SandboxClick *click)
{
    Str sub_id = db_get_text(rows, 2);

    *click = (SandboxClick){
        .id = db_get_int(rows, 0), .listing = (uint32_t)db_get_int(rows, 1), .at_us = db_get_int(rows, 3)};
    g_assert(sub_id.size < sizeof click->sub_id);
    memcpy(click->sub_id, sub_id.at, sub_id.size);
}

GArray *
click_book_load(ClickBook *book, const Network *network, int64_t until_us, GError **error)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&book->lock);
    g_autoptr(GArray) clicks = g_array_new(FALSE, FALSE, sizeof(SandboxClick));
    g_autoptr(DbTx) tx = db_begin(book->db, DB_READ, error);
    g_autoptr(DbRows) rows = NULL;

    if (tx == NULL)
        return NULL;
    rows =
        db_query(tx, SQL("SELECT id, listing, sub_id, at_us FROM click WHERE network = $1 AND at_us <= $2 ORDER BY id"),
                 DB_ARGS(db_cstr(network->name), db_int(until_us)), error);
    if (rows == NULL)
        return NULL;
    while (db_next(rows, error)) {
        SandboxClick click;

        read_click(rows, &click);
        g_array_append_val(clicks, click);
    }
    if (db_has_failed(rows))
        return NULL;
    return g_steal_pointer(&clicks);
}

bool
click_book_set_discrepancy(ClickBook *book, const Network *network, int64_t day, int64_t micros, GError **error)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&book->lock);
    g_autoptr(DbTx) tx = db_begin(book->db, DB_WRITE, error);

    return tx != NULL &&
           db_exec(tx,
                   SQL("INSERT INTO discrepancy (network, day, micros) VALUES ($1, $2, $3) "
                       "ON CONFLICT (network, day) DO UPDATE SET micros = excluded.micros"),
                   DB_ARGS(db_cstr(network->name), db_int(day), db_int(micros)), NULL, error) &&
           db_commit_auto(&tx, error);
}

bool
click_book_load_discrepancy(ClickBook *book, const Network *network, int64_t day, int64_t *ret_micros, GError **error)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&book->lock);
    g_autoptr(DbTx) tx = db_begin(book->db, DB_READ, error);

    return tx != NULL &&
           db_query_int(tx, SQL("SELECT COALESCE(SUM(micros), 0) FROM discrepancy WHERE network = $1 AND day = $2"),
                        DB_ARGS(db_cstr(network->name), db_int(day)), ret_micros, error);
}

int64_t
click_book_shift_us(ClickBook *book)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&book->lock);

    return book->shift_us;
}

bool
click_book_shift(ClickBook *book, int64_t by_us, int64_t *ret_shift_us, GError **error)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&book->lock);
    g_autoptr(DbTx) tx = db_begin(book->db, DB_WRITE, error);

    if (tx == NULL || !db_exec(tx, SQL("UPDATE shift SET us = us + $1"), DB_ARGS(db_int(by_us)), NULL, error) ||
        !db_commit_auto(&tx, error))
        return false;
    book->shift_us += by_us;
    *ret_shift_us = book->shift_us;
    return true;
}
