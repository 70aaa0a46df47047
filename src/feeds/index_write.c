#include "feeds/index_write.h"

#include "listings/fingerprint.h"
#include "listings/salary.h"

#include <math.h>

/* Keys tried for a listing: two of one minute seldom meet, three hardly ever. */
#define KEYS_TRIED 100

typedef struct {
    int64_t fresh;
    size_t order; /* of being put */
    Id number;
    bool is_new;
    Str source, words, marks;
    DbValue expires, salary, latitude, longitude;
} IndexEntry;

struct IndexBatch {
    Arena *arena;
    GArray *entries; /* of IndexEntry */
};

IndexBatch *
index_batch_new(void)
{
    IndexBatch *batch = g_new(IndexBatch, 1);

    *batch = (IndexBatch){arena_new(256 * 1024), g_array_new(FALSE, FALSE, sizeof(IndexEntry))};
    return batch;
}

void
index_batch_free(IndexBatch *batch)
{
    if (batch == NULL)
        return;
    g_array_unref(batch->entries);
    arena_free(batch->arena);
    g_free(batch);
}

void
index_batch_clear(IndexBatch *batch)
{
    g_array_set_size(batch->entries, 0);
    arena_reset(batch->arena);
}

void
index_batch_put(IndexBatch *batch, const Listing *l, Id number, int64_t fresh, int64_t posted_us, int64_t first_seen_us,
                int64_t now_us)
{
    bool has_position = l->has_position && isfinite(l->latitude) && isfinite(l->longitude);
    int64_t low_micros, year_micros;
    IndexEntry entry = {
        .fresh = fresh,
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
    if (entry.is_new)
        entry.fresh = index_fresh(posted_us, first_seen_us, fingerprint_of_id(l->source, l->id).low);
    entry.source = arena_str(batch->arena, l->source);
    entry.words = index_words(l, batch->arena);
    entry.marks = index_marks(l, batch->arena);
    g_array_append_val(batch->entries, entry);
}

static gint
compare_entries(gconstpointer a, gconstpointer b)
{
    const IndexEntry *x = a, *y = b;

    if (x->fresh != y->fresh)
        return x->fresh < y->fresh ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* Of the blocks that a key stands in, made here since only the row itself says for certain which key it has. */
#define BITS   G_STRINGIFY(INDEX_BLOCK_BITS)
#define LEVELS G_STRINGIFY(INDEX_BLOCK_LEVELS)
#define BLOCK_MARKS(key)                                                                                               \
    "(SELECT array_agg('_t' || l || 'x' || (" key " >> (" BITS " + 2 * l))) FROM generate_series(0, " LEVELS " - 1) "  \
                                                                                                             "l)"

static const Sql ADD_SQL = {
    .sqlite = "INSERT INTO listing_index (fresh, number, source, expires_at_us, salary_year_micros, latitude_micros, "
              "longitude_micros, words, marks) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
    .postgres =
        "INSERT INTO listing_index (fresh, number, source, expires_at_us, salary_year_micros, latitude_micros, "
        "longitude_micros, terms) VALUES ($1, $2, $3, $4, $5, $6, $7, strip(to_tsvector('weir', $8)) || "
        "array_to_tsvector(string_to_array($9, ' ') || " BLOCK_MARKS("CAST($1 AS BIGINT)") ")) ON CONFLICT DO NOTHING",
};

/* Changed and removed rows do this by triggers. Here one would make the statement a step of its own, which can be undone,
 * and at each such step FTS5 writes out what it holds in memory. */
static const Sql ADD_WORDS_SQL = SQL("INSERT INTO listing_text (rowid, words, marks) VALUES ($1, $2, $3)");

static const Sql CHANGE_SQL = {
    .sqlite = "UPDATE listing_index SET source = $2, expires_at_us = $3, salary_year_micros = $4, "
              "latitude_micros = $5, longitude_micros = $6, words = $7, marks = $8 WHERE number = $1",
    .postgres = "UPDATE listing_index SET source = $2, expires_at_us = $3, salary_year_micros = $4, "
                "latitude_micros = $5, longitude_micros = $6, terms = strip(to_tsvector('weir', $7)) || "
                "array_to_tsvector(string_to_array($8, ' ') || " BLOCK_MARKS("fresh") ") WHERE number = $1",
};

static bool
entry_change(const IndexEntry *e, DbTx *tx, int64_t *ret_changed, GError **error)
{
    return db_exec(tx, CHANGE_SQL,
                   DB_ARGS(db_int(e->number), db_text(e->source), e->expires, e->salary, e->latitude, e->longitude,
                           db_text(e->words), db_text(e->marks)),
                   ret_changed, error);
}

static bool
entry_add_words(const IndexEntry *e, int64_t fresh, DbTx *tx, GError **error)
{
    return db_tx_engine(tx) != DB_ENGINE_SQLITE ||
           db_exec(tx, ADD_WORDS_SQL, DB_ARGS(db_int(fresh), db_text(e->words), db_text(e->marks)), NULL, error);
}

/* Nothing is added when the key is another's, or when the number stands in the index already, put by another pull. */
static bool
entry_add(const IndexEntry *e, DbTx *tx, GError **error)
{
    int64_t done = 0;

    for (int64_t fresh = e->fresh; fresh < e->fresh + KEYS_TRIED; fresh++) {
        if (!db_exec(tx, ADD_SQL,
                     DB_ARGS(db_int(fresh), db_int(e->number), db_text(e->source), e->expires, e->salary, e->latitude,
                             e->longitude, db_text(e->words), db_text(e->marks)),
                     &done, error))
            return false;
        if (done > 0)
            return entry_add_words(e, fresh, tx, error);
        if (!entry_change(e, tx, &done, error))
            return false;
        if (done > 0)
            return true;
    }
    return weir_fail(error, WEIR_ERROR_LIMIT, "%d listings stand under neighbouring keys of the index", KEYS_TRIED);
}

bool
index_batch_write(IndexBatch *batch, DbTx *tx, GError **error)
{
    int64_t changed;

    g_array_sort(batch->entries, compare_entries);
    for (guint i = 0; i < batch->entries->len; i++) {
        const IndexEntry *entry = &g_array_index(batch->entries, IndexEntry, i);

        if (!(entry->is_new ? entry_add(entry, tx, error) : entry_change(entry, tx, &changed, error)))
            return false;
    }
    index_batch_clear(batch);
    return true;
}

bool
index_sweep(DbTx *tx, Str source, int64_t now_us, GError **error)
{
    return db_exec(tx,
                   SQL("DELETE FROM listing_index WHERE fresh IN (SELECT i.fresh FROM listing_seen s "
                       "JOIN listing_index i ON i.number = s.number WHERE s.source = $1 AND s.gone_at_us = $2)"),
                   DB_ARGS(db_text(source), db_int(now_us)), NULL, error) &&
           db_exec(tx, SQL("DELETE FROM listing_index WHERE source = $1 AND expires_at_us <= $2"),
                   DB_ARGS(db_text(source), db_int(now_us)), NULL, error);
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
