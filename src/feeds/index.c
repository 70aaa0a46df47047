#include "feeds/index.h"

#include "feeds/index_terms.h"
#include "feeds/listing_store.h"

/* Matches that are looked at for one page at most, whatever filters leave of them. */
#define EXAMINED_LIMIT 5000
/* Where a question gives a place with a position and no radius. */
#define RADIUS_KM 40
/* How many listings that name a place tell where it is. */
#define PLACE_WITNESSES 15
/* Listings read with one statement. */
#define READ_AT_ONCE 16

/* A match, before its listing is read. */
typedef struct {
    int64_t fresh;
    Id number;
} Candidate;

typedef struct {
    DbTx *tx;
    const Question *question;
    const char *const *sources;
    int64_t now_us;
    Arena *arena;
    const Circle *circle; /* NULL: the place is looked for by name */
    IndexMatch match;
    int64_t floor, below; /* keys from, and not including */
    size_t examined;
    bool exhausted;
    bool walks, fell_short; /* on PostgreSQL: the newest are looked at one by one; that did not fill a page */
    GArray *found;          /* of Candidate */
} IndexSearch;

#define COLUMNS                                                                                                        \
    "i.fresh, i.number, i.source, i.expires_at_us, i.salary_year_micros, i.latitude_micros, i.longitude_micros"

/* ---- SQLite: full text search walks the listings of a word from the newest on ---- */

static const char ALL_SQL[] = "SELECT " COLUMNS " FROM listing_index i WHERE i.fresh < $1 AND i.fresh >= $2 "
                              "ORDER BY i.fresh DESC LIMIT $3";

static const char MATCH_SQLITE[] =
    "SELECT " COLUMNS " FROM listing_text t CROSS JOIN listing_index i ON i.fresh = t.rowid "
    "WHERE listing_text MATCH $4 AND t.rowid < $1 AND t.rowid >= $2 ORDER BY t.rowid DESC LIMIT $3";

/* ---- PostgreSQL: a GIN index gives all listings of a word, in no order ---- */

/* fresh + 0: or all keys of the table would be read to intersect them with what the words give. */

/* Frequent words are found by looking at the newest listings one by one, rare ones by the index. How many of the PROBED
 * newest match tells whether a page is likely to be full before WALKED were looked at. */
#define PROBED 250
#define WALKED 2500
/* More matches than this are not sorted: then the page is of the newest among so many of them. It takes a word that is
 * frequent among old listings only, or neither frequent nor rare in a very large stock. */
#define SORTED_LIMIT 8000

#define WALK_POSTGRES                                                                                                  \
    "SELECT " COLUMNS " FROM (SELECT * FROM listing_index WHERE fresh < $1 AND fresh >= $2 ORDER BY fresh DESC "       \
    "LIMIT $6) i WHERE i.terms @@ (%s) ORDER BY i.fresh DESC LIMIT $3"
#define LOOK_UP_POSTGRES                                                                                               \
    "SELECT " COLUMNS " FROM (SELECT * FROM listing_index WHERE terms @@ (%s) AND fresh + 0 < $1 AND fresh + 0 >= $2 " \
    "LIMIT $6) i ORDER BY i.fresh DESC LIMIT $3"

/* The stems and the marks, where there are any. Both values are used so that their numbers stay. */
#define QUERY_BOTH  "plainto_tsquery('weir', $4) && CAST($5 AS tsquery)"
#define QUERY_WORDS "plainto_tsquery('weir', $4 || $5)"
#define QUERY_MARKS "CAST($4 || $5 AS tsquery)"

static DbRows *
ask_postgres(IndexSearch *s, bool walk, int64_t among, size_t limit, GError **error)
{
    const char *query = str_is_empty(s->match.marks)   ? QUERY_WORDS
                        : str_is_empty(s->match.words) ? QUERY_MARKS
                                                       : QUERY_BOTH;
    g_autofree char *sql = walk ? g_strdup_printf(WALK_POSTGRES, query) : g_strdup_printf(LOOK_UP_POSTGRES, query);

    return db_query(s->tx, SQL(sql),
                    DB_ARGS(db_int(s->below), db_int(s->floor), db_int((int64_t)limit), db_text(s->match.words),
                            db_text(s->match.marks), db_int(among)),
                    error);
}

/* Whether walking is likely to fill a page. */
static bool
probe(IndexSearch *s, size_t limit, bool *ret_likely, GError **error)
{
    g_autoptr(DbRows) rows = ask_postgres(s, true, PROBED, limit, error);
    size_t hits = 0;

    if (rows == NULL)
        return false;
    while (db_next(rows, error))
        hits++;
    *ret_likely = hits > 0 && limit * PROBED / hits <= WALKED;
    return !db_has_failed(rows);
}

static DbRows *
ask_the_shorter_way(IndexSearch *s, size_t limit, GError **error)
{
    s->walks = false;
    if (!s->fell_short && !probe(s, limit, &s->walks, error))
        return NULL;
    /* Unless it is told to use the index, the planner might read the whole table. */
    if (!s->walks && !db_exec(s->tx, SQL("SET LOCAL enable_seqscan = off"), DB_NO_ARGS, NULL, error))
        return NULL;
    return ask_postgres(s, s->walks, s->walks ? WALKED : SORTED_LIMIT, limit, error);
}

/* Up to limit matches below s->below, newest first. */
static DbRows *
ask(IndexSearch *s, size_t limit, GError **error)
{
    if (str_is_empty(s->match.words) && str_is_empty(s->match.marks))
        return db_query(s->tx, SQL(ALL_SQL), DB_ARGS(db_int(s->below), db_int(s->floor), db_int((int64_t)limit)),
                        error);
    if (db_tx_engine(s->tx) == DB_ENGINE_SQLITE)
        return db_query(s->tx, SQL(MATCH_SQLITE),
                        DB_ARGS(db_int(s->below), db_int(s->floor), db_int((int64_t)limit), db_text(s->match.words)),
                        error);
    return ask_the_shorter_way(s, limit, error);
}

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
    if (!is_among(s->sources, db_get_text(row, 2)))
        return false;
    if (!db_is_null(row, 3) && db_get_int(row, 3) <= s->now_us)
        return false;
    if (s->question->salary_min_micros > 0 && db_get_int(row, 4) < s->question->salary_min_micros)
        return false;
    return s->circle == NULL || db_is_null(row, 5) ||
           circle_holds(s->circle, (double)db_get_int(row, 5) / 1e6, (double)db_get_int(row, 6) / 1e6);
}

static bool
collect_some(IndexSearch *s, size_t wanted, size_t at_once, GError **error)
{
    g_autoptr(DbRows) rows = ask(s, at_once, error);
    size_t seen = 0;

    if (rows == NULL)
        return false;
    while (s->found->len < wanted && db_next(rows, error)) {
        Candidate candidate = {db_get_int(rows, 0), db_get_int(rows, 1)};

        seen++;
        s->below = candidate.fresh;
        if (passes(s, rows))
            g_array_append_val(s->found, candidate);
    }
    if (db_has_failed(rows))
        return false;
    s->examined += seen;
    s->exhausted = seen < at_once && s->found->len < wanted && !s->walks;
    s->fell_short = s->fell_short || (seen < at_once && s->walks);
    return true;
}

/* Most pages are full at the first asking; where filters leave little, ever more is asked for. */
static bool
collect(IndexSearch *s, size_t wanted, GError **error)
{
    for (size_t at_once = wanted; s->found->len < wanted && !s->exhausted && s->examined < EXAMINED_LIMIT; at_once *= 8)
        if (!collect_some(s, wanted, MIN(at_once, EXAMINED_LIMIT), error))
            return false;
    return true;
}

/* ---- where a place is ---- */

static int
compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double
median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare_numbers);
    return values[count / 2];
}

/* The middle of the newest listings that name the place and have a position. ret_found: whether there are any. */
static bool
find_place(const IndexSearch *s, Circle *ret_circle, bool *ret_found, GError **error)
{
    double latitudes[PLACE_WITNESSES], longitudes[PLACE_WITNESSES];
    IndexSearch by_name = *s;
    g_autoptr(DbRows) rows = NULL;
    size_t count = 0;

    by_name.match = index_match_place(s->question, db_tx_engine(s->tx), s->arena);
    if (str_is_empty(by_name.match.words) && str_is_empty(by_name.match.marks)) {
        *ret_found = false;
        return true;
    }
    if ((rows = ask(&by_name, PLACE_WITNESSES * 4, error)) == NULL)
        return false;
    while (count < PLACE_WITNESSES && db_next(rows, error))
        if (!db_is_null(rows, 5)) {
            latitudes[count] = (double)db_get_int(rows, 5) / 1e6;
            longitudes[count++] = (double)db_get_int(rows, 6) / 1e6;
        }
    if (db_has_failed(rows))
        return false;
    *ret_found = count > 0;
    if (count > 0)
        *ret_circle = (Circle){median(latitudes, count), median(longitudes, count), (double)s->question->radius_km};
    return true;
}

static bool
locate(IndexSearch *s, Circle *circle, GError **error)
{
    const Question *q = s->question;
    bool found = q->has_position;

    if (found)
        *circle = (Circle){q->latitude, q->longitude, q->radius_km > 0 ? (double)q->radius_km : RADIUS_KM};
    else if (q->radius_km > 0 && !find_place(s, circle, &found, error))
        return false;
    s->circle = found ? circle : NULL;
    return true;
}

/* ---- reading what was found ---- */

static bool
read_some(DbTx *tx, const Candidate *found, size_t count, Arena *arena, Listing *listings, GError **error)
{
    DbValue numbers[READ_AT_ONCE];
    g_autofree char *sql = g_strdup_printf("SELECT %s, l.number FROM listing l WHERE l.number IN ($1, $2, $3, $4, $5, "
                                           "$6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
                                           LISTING_COLUMNS);
    g_autoptr(DbRows) rows = NULL;

    for (size_t i = 0; i < READ_AT_ONCE; i++)
        numbers[i] = db_int(found[MIN(i, count - 1)].number);
    if ((rows = db_query(tx, SQL(sql), (DbArgs){numbers, READ_AT_ONCE}, error)) == NULL)
        return false;
    while (db_next(rows, error))
        for (size_t i = 0; i < count; i++)
            if (found[i].number == db_get_int(rows, LISTING_COLUMN_COUNT))
                listings[i] = listing_store_read(rows, arena);
    return !db_has_failed(rows);
}

static bool
read_found(const IndexSearch *s, size_t skip, Listing **ret_listings, size_t *ret_count, GError **error)
{
    const Candidate *found = (const Candidate *)(void *)s->found->data + skip;
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
    Circle circle;

    if (!str_is_empty(q->cursor) && !str_to_int64(q->cursor, &s->below))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" is no place in the index", STR_FORMAT(q->cursor));
    if (q->posted_within_days > 0)
        s->floor = index_fresh_floor(s->now_us - q->posted_within_days * US_PER_DAY);
    if (!locate(s, &circle, error))
        return false;
    s->match = index_match(q, s->circle, sources, db_tx_engine(s->tx), s->arena);
    return collect(s, skip + limit, error) && read_found(s, MIN(skip, s->found->len), ret_listings, ret_count, error);
}

bool
index_search(Db *db, const Question *question, const char *const *sources, size_t limit, int64_t now_us, Arena *arena,
             Listing **ret_listings, size_t *ret_count, Str *ret_cursor, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(Candidate));
    IndexSearch search = {.tx = tx,
                          .question = question,
                          .sources = sources,
                          .now_us = now_us,
                          .arena = arena,
                          .below = INT64_MAX,
                          .found = found};

    if (tx == NULL || !look(&search, sources, limit, ret_listings, ret_count, error))
        return false;
    *ret_cursor = search.exhausted ? STR_NONE : arena_printf(arena, "%" G_GINT64_FORMAT, search.below);
    return true;
}

bool
index_find(Db *db, Str public_id, Arena *arena, Listing *ret_listing, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autofree char *sql = g_strdup_printf("SELECT %s FROM listing l JOIN listing_seen s ON s.number = l.number WHERE "
                                           "l.public_id = $1 AND s.gone_at_us IS NULL",
                                           LISTING_COLUMNS);
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
