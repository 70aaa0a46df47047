#include "feeds/index.h"

#include "feeds/listing_store.h"
#include "listings/fingerprint.h"
#include "listings/text.h"

#define TOTAL_LIMIT 1000
#define WORD_LIMIT  16

/* The words of the question as each engine's full text search wants them; all must occur. Folding left only letters,
 * digits and blanks, so quoting cannot be escaped from. */
static Str
match_expression(Str keywords, DbEngine engine, Arena *arena)
{
    Str rest = text_fold(arena, keywords);
    g_autoptr(GString) match = g_string_new(NULL);

    for (int words = 0; words < WORD_LIMIT && !str_is_empty(rest);) {
        Str word = str_cut(&rest, ' ');

        if (str_is_empty(word))
            continue;
        if (engine == DB_ENGINE_SQLITE)
            g_string_append_printf(match, "%s\"%.*s\"", words > 0 ? " " : "", STR_FORMAT(word));
        else
            g_string_append_printf(match, "%s%.*s", words > 0 ? " " : "", STR_FORMAT(word));
        words++;
    }
    return arena_str(arena, str_of_gstring(match));
}

/* Values are appended as they are needed, so the text of the statement and its numbering grow together. */
typedef struct {
    GString *sql;
    GArray *values; /* of DbValue */
} Filter;

static void
filter_add(Filter *filter, const char *before, DbValue value, const char *after)
{
    g_array_append_val(filter->values, value);
    g_string_append_printf(filter->sql, "%s$%u%s", before, filter->values->len, after);
}

static DbArgs
filter_args(const Filter *filter)
{
    return (DbArgs){(const DbValue *)(void *)filter->values->data, filter->values->len};
}

static void
filter_words(Filter *filter, const Question *q, DbEngine engine, Arena *arena)
{
    Str match = match_expression(q->keywords, engine, arena);

    if (str_is_empty(match))
        return;
    if (engine == DB_ENGINE_SQLITE)
        filter_add(filter, " AND l.number IN (SELECT rowid FROM listing_text WHERE listing_text MATCH ", db_text(match),
                   ")");
    else
        filter_add(filter, " AND to_tsvector('weir', l.words) @@ plainto_tsquery('weir', ", db_text(match), ")");
}

static void
filter_place(Filter *filter, const Question *q, Arena *arena)
{
    Str place = text_fold(arena, q->location);

    /* "Austin, TX" means Austin first of all: its state is spelt in too many ways to demand it. */
    if (!str_is_empty(q->location) && str_find_char(q->location, ',') > 0)
        place = text_fold(arena, str_slice(q->location, 0, (size_t)str_find_char(q->location, ',')));
    if (!str_is_empty(place))
        filter_add(filter, " AND (l.place LIKE ", db_text(arena_printf(arena, "%%%.*s%%", STR_FORMAT(place))), ")");
    if (!str_is_empty(q->country))
        filter_add(filter, " AND (l.country IS NULL OR l.country = ", db_text(q->country), ")");
    if (q->remote)
        filter_add(filter, " AND l.remote = ", db_int(REMOTE_YES), "");
}

static void
filter_terms(Filter *filter, const Question *q, int64_t now_us)
{
    filter_add(filter, " AND (l.expires_at_us IS NULL OR l.expires_at_us > ", db_int(now_us), ")");
    if (q->posted_within_days > 0)
        filter_add(filter, " AND l.posted_at_us >= ", db_int(now_us - q->posted_within_days * US_PER_DAY), "");
    if (q->salary_min_micros > 0)
        filter_add(filter, " AND COALESCE(l.salary_max_micros, l.salary_min_micros) >= ", db_int(q->salary_min_micros),
                   "");
    if (q->employment_types != 0)
        filter_add(filter, " AND (l.employment_types & ", db_int(q->employment_types), ") <> 0");
}

static void
filter_sources(Filter *filter, const char *const *sources)
{
    if (sources == NULL || sources[0] == NULL)
        return;
    g_string_append(filter->sql, " AND l.source IN (");
    for (size_t i = 0; sources[i] != NULL; i++)
        filter_add(filter, i > 0 ? ", " : "", db_cstr(sources[i]), "");
    g_string_append_c(filter->sql, ')');
}

static bool
count_matches(DbTx *tx, const Filter *filter, int64_t *ret_total, GError **error)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT COUNT(*) FROM (SELECT 1 %s LIMIT %d) AS found", filter->sql->str, TOTAL_LIMIT);

    return db_query_int(tx, SQL(sql), filter_args(filter), ret_total, error);
}

static bool
read_matches(DbTx *tx, const Filter *filter, size_t limit, size_t offset, Arena *arena, Listing **ret_listings,
             size_t *ret_count, GError **error)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT %s %s ORDER BY l.posted_at_us IS NULL, l.posted_at_us DESC, l.number "
                        "LIMIT %" G_GSIZE_FORMAT " OFFSET %" G_GSIZE_FORMAT,
                        LISTING_COLUMNS, filter->sql->str, limit, offset);
    g_autoptr(DbRows) rows = db_query(tx, SQL(sql), filter_args(filter), error);
    Listing *listings = ARENA_ARRAY(arena, Listing, limit);
    g_autoptr(GError) failure = NULL;
    size_t count = 0;

    if (rows == NULL)
        return false;
    while (count < limit && db_next(rows, &failure))
        listings[count++] = listing_store_read(rows, arena);
    if (failure != NULL) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    *ret_listings = listings;
    *ret_count = count;
    return true;
}

bool
index_search(Db *db, const Question *question, const char *const *sources, size_t limit, int64_t now_us, Arena *arena,
             Listing **ret_listings, size_t *ret_count, int64_t *ret_total, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autoptr(GString) sql =
        g_string_new("FROM listing l JOIN listing_seen s ON s.number = l.number WHERE s.gone_at_us IS NULL");
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(DbValue));
    Filter filter = {sql, values};
    size_t offset = question->page > 1 ? (size_t)(question->page - 1) * limit : 0;

    if (tx == NULL)
        return false;
    filter_words(&filter, question, db_engine(db), arena);
    filter_place(&filter, question, arena);
    filter_terms(&filter, question, now_us);
    filter_sources(&filter, sources);
    return count_matches(tx, &filter, ret_total, error) &&
           read_matches(tx, &filter, limit, offset, arena, ret_listings, ret_count, error);
}

bool
index_find(Db *db, Str public_id, Arena *arena, Listing *ret_listing, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autofree char *sql = g_strdup_printf("SELECT %s FROM listing l JOIN listing_seen s ON s.number = l.number WHERE "
                                           "l.public_id = $1 AND s.gone_at_us IS NULL",
                                           LISTING_COLUMNS);
    g_autoptr(DbRows) rows = NULL;
    g_autoptr(GError) failure = NULL;

    if (tx == NULL || (rows = db_query(tx, SQL(sql), DB_ARGS(db_text(public_id)), error)) == NULL)
        return false;
    if (!db_next(rows, &failure)) {
        if (failure == NULL)
            return weir_fail(error, WEIR_ERROR_NOT_FOUND, "no listing %.*s is stored", STR_FORMAT(public_id));
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    *ret_listing = listing_store_read(rows, arena);
    return true;
}
