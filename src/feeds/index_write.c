#include "feeds/index_write.h"

#include "listings/salary.h"

#include <math.h>

/* PostgreSQL: keys tried for a listing; in a minute of a million, one in sixteen is taken. */
#define KEYS_TRIED 100
/* SQLite: a minute has sixteen million keys. */
#define MINUTES_TRIED 10

typedef struct {
    int64_t fresh; /* of a new one: the first key of its minute */
    size_t order;  /* of being put */
    Id number;
    bool is_new;
    Str source, words, marks;
    DbValue expires, salary, latitude, longitude;
} IndexEntry;

struct IndexBatch {
    Arena *arena;
    GArray *entries;   /* of IndexEntry */
    GHashTable *where; /* number -> its place in entries, from 1 */
};

IndexBatch *
index_batch_new(void)
{
    IndexBatch *batch = g_new(IndexBatch, 1);

    *batch = (IndexBatch){arena_new(256 * 1024), g_array_new(FALSE, FALSE, sizeof(IndexEntry)),
                          g_hash_table_new(NULL, NULL)};
    return batch;
}

void
index_batch_free(IndexBatch *batch)
{
    if (batch == NULL)
        return;
    g_array_unref(batch->entries);
    g_hash_table_unref(batch->where);
    arena_free(batch->arena);
    g_free(batch);
}

void
index_batch_clear(IndexBatch *batch)
{
    g_array_set_size(batch->entries, 0);
    g_hash_table_remove_all(batch->where);
    arena_reset(batch->arena);
}

static void
add_entry(IndexBatch *batch, const IndexEntry *entry)
{
    gpointer key = GSIZE_TO_POINTER((gsize)entry->number);
    gsize at = GPOINTER_TO_SIZE(g_hash_table_lookup(batch->where, key));

    if (at > 0) {
        g_array_index(batch->entries, IndexEntry, at - 1) = *entry;
        return;
    }
    g_array_append_vals(batch->entries, entry, 1);
    g_hash_table_insert(batch->where, key, GSIZE_TO_POINTER((gsize)batch->entries->len));
}

void
index_batch_put(IndexBatch *batch, const Listing *l, Id number, int64_t fresh, int64_t posted_us, int64_t first_seen_us,
                int64_t now_us)
{
    bool has_position = l->has_position && isfinite(l->latitude) && isfinite(l->longitude);
    int64_t low_micros, year_micros;
    IndexEntry entry = {
        .fresh = fresh != 0 ? fresh : index_fresh(posted_us, first_seen_us),
        .order = batch->entries->len,
        .number = number,
        .is_new = fresh == 0,
        .expires = db_time(l->expires_at_us),
        .salary = salary_annual(&l->salary, &low_micros, &year_micros) ? db_int(year_micros) : db_null(),
        .latitude = has_position ? db_int((int64_t)llround(l->latitude * 1e6)) : db_null(),
        .longitude = has_position ? db_int((int64_t)llround(l->longitude * 1e6)) : db_null(),
    };

    if (entry.is_new && l->expires_at_us != TIMESTAMP_NONE && l->expires_at_us <= now_us)
        return;
    entry.source = arena_str(batch->arena, l->source);
    entry.words = index_words(l, batch->arena);
    entry.marks = index_marks(l, batch->arena);
    add_entry(batch, &entry);
}

static gint
compare_entries(gconstpointer a, gconstpointer b)
{
    const IndexEntry *x = a, *y = b;

    if (x->fresh != y->fresh)
        return x->fresh < y->fresh ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* ---- SQLite: one writer at a time, so that the next free key of a minute is known ---- */

static const Sql ADD_SQLITE =
    SQL("INSERT INTO listing_index (fresh, number, source, expires_at_us, salary_year_micros, latitude_micros, "
        "longitude_micros) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING");
static const Sql ADD_TERMS_SQLITE =
    SQL("INSERT INTO listing_terms (number, fresh, words, marks) VALUES ($1, $2, $3, $4)");
static const Sql ADD_TEXT_SQLITE = SQL("INSERT INTO listing_text (rowid, words, marks) VALUES ($1, $2, $3)");

static const Sql CHANGE_SQLITE =
    SQL("UPDATE listing_index SET source = $2, expires_at_us = $3, salary_year_micros = $4, latitude_micros = $5, "
        "longitude_micros = $6 WHERE fresh = $1");
static const Sql CHANGE_TERMS_SQLITE = SQL("UPDATE listing_terms SET words = $2, marks = $3 WHERE number = $1");

/* ret_key: the first free one of the minute that begins with key; of the next, when it is full. */
static bool
find_free_key(DbTx *tx, int64_t key, int64_t *ret_key, GError **error)
{
    for (int minutes = 0; minutes < MINUTES_TRIED; minutes++, key += INDEX_KEYS_PER_MINUTE) {
        int64_t last;

        if (!db_query_int(
                tx, SQL("SELECT COALESCE(MAX(fresh), $1 - 1) FROM listing_index WHERE fresh >= $1 AND fresh < $2"),
                DB_ARGS(db_int(key), db_int(key + INDEX_KEYS_PER_MINUTE)), &last, error))
            return false;
        *ret_key = last + 1;
        if (last + 1 < key + INDEX_KEYS_PER_MINUTE)
            return true;
    }
    return weir_fail(error, WEIR_ERROR_LIMIT, "the index is full for %d minutes", MINUTES_TRIED);
}

/* ret_added: false when the key is another's. */
static bool
add_under_key(const IndexEntry *e, int64_t key, DbTx *tx, bool *ret_added, GError **error)
{
    int64_t added;

    if (!db_exec(tx, ADD_SQLITE,
                 DB_ARGS(db_int(key), db_int(e->number), db_text(e->source), e->expires, e->salary, e->latitude,
                         e->longitude),
                 &added, error))
        return false;
    *ret_added = added > 0;
    return true;
}

/* key: one that is likely to be free; then the one that it got. Most minutes have few listings, and many of a feed without
 * moments have one. */
static bool
entry_add_sqlite(const IndexEntry *e, int64_t *key, DbTx *tx, GError **error)
{
    bool added;

    if (!add_under_key(e, *key, tx, &added, error) ||
        (!added && (!find_free_key(tx, e->fresh, key, error) || !add_under_key(e, *key, tx, &added, error))))
        return false;
    g_assert(added); /* there is one writer */
    return db_exec(tx, ADD_TERMS_SQLITE, DB_ARGS(db_int(e->number), db_int(*key), db_text(e->words), db_text(e->marks)),
                   NULL, error) &&
           db_exec(tx, ADD_TEXT_SQLITE, DB_ARGS(db_int(*key), db_text(e->words), db_text(e->marks)), NULL, error);
}

static bool
entry_change_sqlite(const IndexEntry *e, DbTx *tx, GError **error)
{
    return db_exec(tx, CHANGE_SQLITE,
                   DB_ARGS(db_int(e->fresh), db_text(e->source), e->expires, e->salary, e->latitude, e->longitude),
                   NULL, error) &&
           db_exec(tx, CHANGE_TERMS_SQLITE, DB_ARGS(db_int(e->number), db_text(e->words), db_text(e->marks)), NULL,
                   error);
}

static bool
write_sqlite(const IndexEntry *entries, guint count, DbTx *tx, GError **error)
{
    int64_t minute = -1, key = 0; /* of the last that was added */

    for (const IndexEntry *e = entries; e < entries + count; e++) {
        if (!e->is_new) {
            if (!entry_change_sqlite(e, tx, error))
                return false;
            continue;
        }
        key = e->fresh == minute ? key + 1 : e->fresh;
        minute = e->fresh;
        if (!entry_add_sqlite(e, &key, tx, error))
            return false;
    }
    return true;
}

/* ---- PostgreSQL: others write too, so that a key is tried ---- */

/* Of the blocks that a key stands in, made here since only the row itself says for certain which key it has. */
#define BITS   G_STRINGIFY(INDEX_BLOCK_BITS)
#define LEVELS G_STRINGIFY(INDEX_BLOCK_LEVELS)
#define BLOCK_MARKS(key)                                                                                               \
    "(SELECT array_agg('_t' || l || 'x' || (" key " >> (" BITS " + 2 * l))) "                                          \
    "FROM generate_series(0, " LEVELS " - 1) l)"

static const Sql ADD_POSTGRES =
    SQL("INSERT INTO listing_index (fresh, number, source, expires_at_us, salary_year_micros, latitude_micros, "
        "longitude_micros, terms) VALUES ($1, $2, $3, $4, $5, $6, $7, strip(to_tsvector('weir', $8)) || "
        "array_to_tsvector(string_to_array($9, ' ') || " BLOCK_MARKS("CAST($1 AS BIGINT)") ")) ON CONFLICT DO NOTHING");

static const Sql CHANGE_POSTGRES =
    SQL("UPDATE listing_index SET source = $2, expires_at_us = $3, salary_year_micros = $4, latitude_micros = $5, "
        "longitude_micros = $6, terms = strip(to_tsvector('weir', $7)) || array_to_tsvector(string_to_array($8, ' ') "
        "|| " BLOCK_MARKS("fresh") ") WHERE number = $1");

static bool
entry_change_postgres(const IndexEntry *e, DbTx *tx, int64_t *ret_changed, GError **error)
{
    return db_exec(tx, CHANGE_POSTGRES,
                   DB_ARGS(db_int(e->number), db_text(e->source), e->expires, e->salary, e->latitude, e->longitude,
                           db_text(e->words), db_text(e->marks)),
                   ret_changed, error);
}

/* Where in its minute a listing is tried first. */
static int64_t
salt_of(Id number)
{
    return (int64_t)(str_hash((Str){(const char *)&number, sizeof number}) % INDEX_KEYS_PER_MINUTE);
}

/* Nothing is added when the key is another's, or when the number stands in the index already, put by another pull. */
static bool
entry_add_postgres(const IndexEntry *e, DbTx *tx, GError **error)
{
    int64_t first = e->fresh + salt_of(e->number), done = 0;

    for (int64_t fresh = first; fresh < first + KEYS_TRIED; fresh++) {
        if (!db_exec(tx, ADD_POSTGRES,
                     DB_ARGS(db_int(fresh), db_int(e->number), db_text(e->source), e->expires, e->salary, e->latitude,
                             e->longitude, db_text(e->words), db_text(e->marks)),
                     &done, error) ||
            (done == 0 && !entry_change_postgres(e, tx, &done, error)))
            return false;
        if (done > 0)
            return true;
    }
    return weir_fail(error, WEIR_ERROR_LIMIT, "%d listings stand under neighbouring keys of the index", KEYS_TRIED);
}

static bool
write_postgres(const IndexEntry *entries, guint count, DbTx *tx, GError **error)
{
    int64_t changed;

    for (const IndexEntry *e = entries; e < entries + count; e++)
        if (!(e->is_new ? entry_add_postgres(e, tx, error) : entry_change_postgres(e, tx, &changed, error)))
            return false;
    return true;
}

/* ---- both ---- */

bool
index_batch_write(IndexBatch *batch, DbTx *tx, GError **error)
{
    const IndexEntry *entries = (const IndexEntry *)(void *)batch->entries->data;
    guint count = batch->entries->len;

    g_array_sort(batch->entries, compare_entries);
    if (!(db_tx_engine(tx) == DB_ENGINE_SQLITE ? write_sqlite(entries, count, tx, error)
                                               : write_postgres(entries, count, tx, error)))
        return false;
    index_batch_clear(batch);
    return true;
}

/* On SQLite a trigger takes the rest out. */
static const Sql REMOVE_GONE_SQL = {
    .sqlite = "DELETE FROM listing_terms WHERE number IN "
              "(SELECT number FROM listing_seen WHERE source = $1 AND gone_at_us = $2)",
    .postgres = "DELETE FROM listing_index WHERE number IN "
                "(SELECT number FROM listing_seen WHERE source = $1 AND gone_at_us = $2)",
};
static const Sql REMOVE_EXPIRED_SQL = {
    .sqlite = "DELETE FROM listing_terms WHERE number IN "
              "(SELECT number FROM listing_index WHERE source = $1 AND expires_at_us <= $2)",
    .postgres = "DELETE FROM listing_index WHERE source = $1 AND expires_at_us <= $2",
};

bool
index_sweep(DbTx *tx, Str source, int64_t now_us, GError **error)
{
    return db_exec(tx, REMOVE_GONE_SQL, DB_ARGS(db_text(source), db_int(now_us)), NULL, error) &&
           db_exec(tx, REMOVE_EXPIRED_SQL, DB_ARGS(db_text(source), db_int(now_us)), NULL, error);
}

bool
index_settle(DbTx *tx, GError **error)
{
    int64_t pages;

    if (db_tx_engine(tx) == DB_ENGINE_SQLITE)
        return db_exec(tx, SQL("INSERT INTO listing_text (listing_text, rank) VALUES ('merge', 500)"), DB_NO_ARGS, NULL,
                       error);
    return db_query_int(tx, SQL("SELECT gin_clean_pending_list('listing_terms')"), DB_NO_ARGS, &pages, error);
}
