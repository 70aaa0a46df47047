#include "feeds/index.h"

#include "feeds/index_matches.h"
#include "feeds/listing_store.h"

/* Matches that are looked at for one page at most, whatever filters leave of them. */
#define EXAMINED_LIMIT 5000
/* Where a question gives a place with a position and no radius. */
#define RADIUS_KM 40
/* Listings read with one statement. */
#define READ_AT_ONCE 16

typedef struct {
    DbTx *tx;
    const Question *question;
    const char *const *sources;
    int64_t now_us;
    Arena *arena;
    const Circle *circle; /* NULL: the place is looked for by name */
    IndexMatches matches;
    size_t examined, wanted;
    GArray *found; /* of Id: the listings' numbers */
} IndexSearch;

/* ---- what is no mark is looked at here ---- */

static bool
is_among(const char *const *sources, Str source)
{
    if (sources == NULL || sources[0] == NULL)
        return true;
    for (; *sources != NULL; sources++)
        if (str_is(source, *sources))
            return true;
    return false;
}

static bool
passes(const IndexSearch *s, const DbRows *row)
{
    if (!is_among(s->sources, db_get_text(row, MATCH_SOURCE)))
        return false;
    if (!db_is_null(row, MATCH_EXPIRES_AT_US) && db_get_int(row, MATCH_EXPIRES_AT_US) <= s->now_us)
        return false;
    if (s->question->salary_min_micros > 0 &&
        db_get_int(row, MATCH_SALARY_YEAR_MICROS) < s->question->salary_min_micros)
        return false;
    return s->circle == NULL || db_is_null(row, MATCH_LATITUDE_MICROS) ||
           circle_holds(s->circle, (double)db_get_int(row, MATCH_LATITUDE_MICROS) / 1e6,
                        (double)db_get_int(row, MATCH_LONGITUDE_MICROS) / 1e6);
}

static bool
take(void *data, const DbRows *row)
{
    IndexSearch *s = data;
    Id number = db_get_int(row, MATCH_NUMBER);

    s->examined++;
    if (passes(s, row))
        g_array_append_val(s->found, number);
    return s->found->len < s->wanted;
}

/* Most pages are full at the first asking; where filters leave little, ever more is asked for. */
static bool
collect(IndexSearch *s, GError **error)
{
    size_t at_once = s->wanted, examined;

    while (s->found->len < s->wanted && !s->matches.exhausted && s->examined < EXAMINED_LIMIT) {
        examined = s->examined;
        if (!index_matches_take(&s->matches, at_once, take, s, error))
            return false;
        if (s->examined - examined == at_once)
            at_once = MIN(at_once * 8, EXAMINED_LIMIT);
    }
    return true;
}

/* ---- reading what was found ---- */

static bool
read_some(DbTx *tx, const Id *found, size_t count, Arena *arena, Listing *listings, GError **error)
{
    DbValue numbers[READ_AT_ONCE];
    g_autofree char *sql = g_strdup_printf("SELECT %s, l.number FROM %s WHERE l.number IN ($1, $2, $3, $4, $5, $6, "
                                           "$7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
                                           LISTING_COLUMNS, LISTING_TABLES);
    g_autoptr(DbRows) rows = NULL;

    for (size_t i = 0; i < READ_AT_ONCE; i++)
        numbers[i] = db_int(found[MIN(i, count - 1)]);
    if ((rows = db_query(tx, SQL(sql), (DbArgs){numbers, READ_AT_ONCE}, error)) == NULL)
        return false;
    while (db_next(rows, error))
        for (size_t i = 0; i < count; i++)
            if (found[i] == db_get_int(rows, LISTING_COLUMN_COUNT))
                listings[i] = listing_store_read(rows, arena);
    return !db_has_failed(rows);
}

static bool
read_found(const IndexSearch *s, size_t skip, Listing **ret_listings, size_t *ret_count, GError **error)
{
    const Id *found = (const Id *)(void *)s->found->data + skip;
    size_t count = s->found->len - skip;
    Listing *listings = ARENA_ARRAY(s->arena, Listing, MAX(count, 1));

    for (size_t i = 0; i < count; i += READ_AT_ONCE)
        if (!read_some(s->tx, found + i, MIN(READ_AT_ONCE, count - i), s->arena, listings + i, error))
            return false;
    *ret_listings = listings;
    *ret_count = count;
    return true;
}

/* ---- the search ---- */

static bool
look(IndexSearch *s, const char *const *sources, size_t limit, Listing **ret_listings, size_t *ret_count,
     GError **error)
{
    const Question *q = s->question;
    /* Without a cursor, earlier pages are found again and left out. */
    size_t skip = str_is_empty(q->cursor) && q->page > 1 ? (size_t)(q->page - 1) * limit : 0;
    int64_t floor = 0, below = 0;
    IndexMatch terms;
    Circle circle;

    if (!str_is_empty(q->cursor) && !str_to_int64(q->cursor, &below))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" is no place in the index", STR_FORMAT(q->cursor));
    if (q->posted_within_days > 0)
        floor = index_fresh_floor(s->now_us - q->posted_within_days * US_PER_DAY);
    if (q->has_position) {
        circle = (Circle){q->latitude, q->longitude, q->radius_km > 0 ? (double)q->radius_km : RADIUS_KM};
        s->circle = &circle;
    }
    terms = index_match(q, s->circle, sources, db_tx_engine(s->tx), s->arena);
    index_matches_init(&s->matches, s->tx, &terms, floor, below, s->arena);
    s->wanted = skip + limit;
    return collect(s, error) && read_found(s, MIN(skip, s->found->len), ret_listings, ret_count, error);
}

bool
index_search(Db *db, const Question *question, const char *const *sources, size_t limit, int64_t now_us, Arena *arena,
             Listing **ret_listings, size_t *ret_count, Str *ret_cursor, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(Id));
    IndexSearch search = {
        .tx = tx, .question = question, .sources = sources, .now_us = now_us, .arena = arena, .found = found};

    if (tx == NULL || !look(&search, sources, limit, ret_listings, ret_count, error))
        return false;
    *ret_cursor = search.matches.exhausted ? STR_NONE : arena_printf(arena, "%" G_GINT64_FORMAT, search.matches.below);
    return true;
}

bool
index_find(Db *db, Str public_id, Arena *arena, Listing *ret_listing, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autofree char *sql = g_strdup_printf("SELECT %s FROM %s WHERE l.public_id = $1 AND s.gone_at_us IS NULL",
                                           LISTING_COLUMNS, LISTING_TABLES);
    g_autoptr(DbRows) rows = NULL;

    if (tx == NULL || (rows = db_query(tx, SQL(sql), DB_ARGS(db_text(public_id)), error)) == NULL)
        return false;
    if (db_next(rows, error)) {
        *ret_listing = listing_store_read(rows, arena);
        return true;
    }
    return !db_has_failed(rows) &&
           weir_fail(error, WEIR_ERROR_NOT_FOUND, "no listing %.*s is stored", STR_FORMAT(public_id));
}
