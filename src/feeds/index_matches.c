#include "feeds/index_matches.h"

#define COLUMNS                                                                                                        \
    "i.fresh, i.number, i.source, i.expires_at_us, i.salary_year_micros, i.latitude_micros, i.longitude_micros"

/* As one query; without the groups that are left out (a set of their numbers). */
static Str
join_groups(const IndexMatch *terms, unsigned left_out, Arena *arena)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < terms->group_count; i++)
        if (!(left_out & 1u << i)) {
            g_string_append(text, text->len > 0 ? " & " : "");
            str_append(text, terms->groups[i]);
        }
    return arena_str(arena, str_of_gstring(text));
}

void
index_matches_init(IndexMatches *matches, DbTx *tx, const IndexMatch *terms, int64_t floor, int64_t below, Arena *arena)
{
    *matches = (IndexMatches){.tx = tx,
                              .terms = *terms,
                              .arena = arena,
                              .floor = floor,
                              .below = below > 0 ? below : INT64_MAX,
                              .marks = join_groups(terms, 0, arena),
                              .crowd = -1};
}

typedef bool (*Take)(void *data, const DbRows *row);

/* Gives the rows that come. ret_stopped: take() has had enough. */
static bool
give(IndexMatches *m, DbRows *rows, Take take, void *data, size_t *ret_given, bool *ret_stopped, GError **error)
{
    size_t given = 0;
    bool stopped = false;

    while (!stopped && db_next(rows, error)) {
        m->below = db_get_int(rows, MATCH_FRESH);
        stopped = !take(data, rows);
        given++;
    }
    *ret_given = given;
    *ret_stopped = stopped;
    return !db_has_failed(rows);
}

/* ---- an order that the engine keeps ---- */

static const char ALL_SQL[] = "SELECT " COLUMNS " FROM listing_index i WHERE i.fresh < $1 AND i.fresh >= $2 "
                              "ORDER BY i.fresh DESC LIMIT $3";

static const char MATCH_SQLITE[] =
    "SELECT " COLUMNS " FROM listing_text t CROSS JOIN listing_index i ON i.fresh = t.rowid "
    "WHERE listing_text MATCH $4 AND t.rowid < $1 AND t.rowid >= $2 ORDER BY t.rowid DESC LIMIT $3";

static bool
demands_nothing(const IndexMatches *m)
{
    return str_is_empty(m->terms.words) && m->terms.group_count == 0;
}

static bool
take_in_order(IndexMatches *m, size_t limit, Take take, void *data, GError **error)
{
    bool all = demands_nothing(m), stopped;
    const DbValue values[] = {db_int(m->below), db_int(m->floor), db_int((int64_t)limit), db_text(m->terms.words)};
    g_autoptr(DbRows) rows = db_query(m->tx, SQL(all ? ALL_SQL : MATCH_SQLITE), (DbArgs){values, all ? 3 : 4}, error);
    size_t given;

    if (rows == NULL || !give(m, rows, take, data, &given, &stopped, error))
        return false;
    m->exhausted = !stopped && given < limit;
    return true;
}

/* ---- PostgreSQL: walking ---- */

/* The stems and the marks, where there are any. Both values are used so that their numbers stay. */
#define QUERY_BOTH  "plainto_tsquery('weir', $4) && CAST($5 AS tsquery)"
#define QUERY_WORDS "plainto_tsquery('weir', $4 || $5)"
#define QUERY_MARKS "CAST($4 || $5 AS tsquery)"

static const char *
query_text(const IndexMatches *m, Str marks)
{
    return str_is_empty(marks) ? QUERY_WORDS : str_is_empty(m->terms.words) ? QUERY_MARKS : QUERY_BOTH;
}

/* How many of the PROBED newest match tells whether a page is likely to be full before WALKED were looked at. */
#define PROBED 250
#define WALKED 2500

#define WALK_SQL                                                                                                       \
    "SELECT " COLUMNS " FROM (SELECT * FROM listing_index WHERE fresh < $1 AND fresh >= $2 ORDER BY fresh DESC "       \
    "LIMIT $6) i WHERE i.terms @@ (%s) ORDER BY i.fresh DESC LIMIT $3"

static DbRows *
walk_rows(const IndexMatches *m, int64_t floor, int64_t among, size_t limit, GError **error)
{
    g_autofree char *sql = g_strdup_printf(WALK_SQL, query_text(m, m->marks));

    return db_query(m->tx, SQL(sql),
                    DB_ARGS(db_int(m->below), db_int(floor), db_int((int64_t)limit), db_text(m->terms.words),
                            db_text(m->marks), db_int(among)),
                    error);
}

/* How many rows there are, how many of them match, and how many have what each group demands. */
#define HAVE(n) ", COUNT(*) FILTER (WHERE i.terms @@ CAST($" #n " AS tsquery))"
#define PROBE_SQL                                                                                                      \
    "SELECT COUNT(*), COUNT(*) FILTER (WHERE i.terms @@ (%s))" HAVE(6) HAVE(7) HAVE(8) HAVE(9) HAVE(10) HAVE(11)       \
        HAVE(12) HAVE(13) " FROM (SELECT terms FROM listing_index WHERE fresh < $1 AND fresh >= $2 "                   \
                          "ORDER BY fresh DESC LIMIT $3) i"
G_STATIC_ASSERT(INDEX_GROUPS == 8);

static DbRows *
probe_rows(const IndexMatches *m, GError **error)
{
    g_autofree char *sql = g_strdup_printf(PROBE_SQL, query_text(m, m->marks));
    DbValue values[5 + INDEX_GROUPS] = {db_int(m->below), db_int(m->floor), db_int(PROBED), db_text(m->terms.words),
                                        db_text(m->marks)};

    for (size_t i = 0; i < INDEX_GROUPS; i++)
        values[5 + i] = db_text(i < m->terms.group_count ? m->terms.groups[i] : STR(""));
    return db_query(m->tx, SQL(sql), (DbArgs){values, G_N_ELEMENTS(values)}, error);
}

/* What many listings have costs the index much to read, and spares few rows: it is checked in those. But something must lead
 * through the index. */
static void
choose_lead(IndexMatches *m, const DbRows *row)
{
    int64_t probed = db_get_int(row, 0), fewest = INT64_MAX;
    unsigned broad = 0, rarest = 0;

    for (size_t i = 0; i < m->terms.group_count; i++) {
        int64_t have = db_get_int(row, 2 + (int)i);

        if (have > probed / 4)
            broad |= 1u << i;
        if (have < fewest)
            rarest = 1u << i;
        fewest = MIN(fewest, have);
    }
    if (str_is_empty(m->terms.words))
        broad &= ~rarest;
    m->lead = join_groups(&m->terms, broad, m->arena);
    m->checks = join_groups(&m->terms, ~broad, m->arena);
}

static bool
probe(IndexMatches *m, size_t limit, GError **error)
{
    g_autoptr(DbRows) rows = probe_rows(m, error);
    int64_t hits;

    if (rows == NULL || !db_next(rows, error))
        return false;
    hits = db_get_int(rows, 1);
    choose_lead(m, rows);
    m->probed = true;
    m->in_blocks = hits == 0 || (int64_t)limit * PROBED / hits > WALKED;
    return true;
}

static bool
walk(IndexMatches *m, size_t limit, Take take, void *data, GError **error)
{
    g_autoptr(DbRows) rows = walk_rows(m, m->floor, WALKED, limit, error);
    size_t given;
    bool stopped;

    if (rows == NULL || !give(m, rows, take, data, &given, &stopped, error))
        return false;
    m->in_blocks = !stopped && given < limit;
    return true;
}

/* ---- PostgreSQL: blocks ---- */

/* A block that holds more matches is cut again. */
#define BLOCK_MATCHES 1000
/* One that holds fewer is followed by a larger one. */
#define FEW_MATCHES 20

/* fresh + 0: or all keys of the range would be read to intersect them with what the terms give. What leads is one query,
 * so that the rarest of its words and marks does; twice NOT keeps the index out of what is checked. */
#define BLOCK_SQL                                                                                                      \
    "SELECT " COLUMNS ", COUNT(*) OVER () FROM (SELECT fresh, number, source, expires_at_us, salary_year_micros, "     \
    "latitude_micros, longitude_micros FROM listing_index WHERE terms @@ (%s && CAST($7 AS tsquery)) "                 \
    "AND NOT (terms @@ (!! CAST($8 AS tsquery))) AND fresh + 0 < $1 AND fresh + 0 >= $2 LIMIT $6) i "                  \
    "ORDER BY i.fresh DESC LIMIT $3"

static DbRows *
block_rows(const IndexMatches *m, size_t limit, GError **error)
{
    char mark[INDEX_BLOCK_MARK_SIZE] = ""; /* for what is larger than the largest block: this adds nothing */
    g_autofree char *sql = g_strdup_printf(BLOCK_SQL, query_text(m, m->lead));

    if (m->level < INDEX_BLOCK_LEVELS)
        index_block_mark(m->below - 1, m->level, mark);
    return db_query(m->tx, SQL(sql),
                    DB_ARGS(db_int(m->below), db_int(m->floor), db_int((int64_t)limit), db_text(m->terms.words),
                            db_text(m->lead), db_int(BLOCK_MATCHES + 1), db_cstr(mark), db_text(m->checks)),
                    error);
}

static int64_t
block_begin(const IndexMatches *m, int level)
{
    return level == INDEX_BLOCK_LEVELS ? 0 : index_block_begin(m->below - 1, level);
}

/* The block that is looked at next: none with a crowd in it, but the smallest. */
static void
choose_block(IndexMatches *m)
{
    if (m->crowd >= m->below)
        m->crowd = -1;
    while (m->level > 0 && block_begin(m, m->level) <= m->crowd)
        m->level--;
}

/* All of it was given, down to its first key. */
static void
leave_block(IndexMatches *m, int64_t begin, size_t matches)
{
    m->below = begin;
    m->at_listing = false;
    if (matches < FEW_MATCHES)
        m->level = MIN(m->level + (matches == 0 && m->level == 0 ? 2 : 1), INDEX_BLOCK_LEVELS);
}

/* The smallest block holds very much: its listings are looked at one by one. */
static bool
walk_block(IndexMatches *m, size_t limit, Take take, void *data, GError **error)
{
    int64_t begin = block_begin(m, m->level);
    g_autoptr(DbRows) rows = walk_rows(m, MAX(begin, m->floor), INT64_MAX, limit, error);
    size_t given;
    bool stopped;

    if (rows == NULL || !give(m, rows, take, data, &given, &stopped, error))
        return false;
    if (!stopped && given < limit)
        leave_block(m, begin, BLOCK_MATCHES);
    return true;
}

/* ret_crowded: it has more than BLOCK_MATCHES, and nothing was given. */
static bool
give_block(IndexMatches *m, size_t limit, Take take, void *data, bool *ret_crowded, GError **error)
{
    int64_t begin = block_begin(m, m->level);
    g_autoptr(DbRows) rows = block_rows(m, limit, error);
    size_t matches = 0, given = 0;
    bool stopped = false;

    *ret_crowded = false;
    while (rows != NULL && !stopped && db_next(rows, error)) {
        int64_t fresh = db_get_int(rows, MATCH_FRESH);

        matches = (size_t)db_get_int(rows, MATCH_COLUMNS);
        if (matches > BLOCK_MATCHES) {
            /* Those that came are any of them, and the newest of so many is near where the crowd begins. */
            m->crowd = fresh;
            *ret_crowded = true;
            return true;
        }
        m->below = fresh;
        stopped = !take(data, rows);
        given++;
    }
    if (rows == NULL || db_has_failed(rows))
        return false;
    if (!stopped && given == matches)
        leave_block(m, begin, matches);
    return true;
}

static bool
take_block(IndexMatches *m, size_t limit, Take take, void *data, GError **error)
{
    bool crowded;

    choose_block(m);
    return give_block(m, limit, take, data, &crowded, error) &&
           (!crowded || m->level > 0 || walk_block(m, limit, take, data, error));
}

/* ---- PostgreSQL: the shorter way ---- */

/* Moves down to the next listing, whatever it has, so that no empty block is looked at. Unless it is told to use the
 * index, the planner might read the whole table; and compiling a statement takes longer than running any of these. */
static bool
move_to_listing(IndexMatches *m, GError **error)
{
    int64_t newest;

    if (!db_query_int(m->tx,
                      SQL("SELECT COALESCE(MAX(fresh), -1), set_config('enable_seqscan', 'off', true), "
                          "set_config('jit', 'off', true) FROM listing_index WHERE fresh < $1"),
                      DB_ARGS(db_int(m->below)), &newest, error))
        return false;
    m->below = newest + 1;
    m->at_listing = true;
    m->exhausted = newest < m->floor;
    return true;
}

static bool
take_postgres(IndexMatches *m, size_t limit, Take take, void *data, GError **error)
{
    if (!m->at_listing && !move_to_listing(m, error))
        return false;
    if (m->exhausted)
        return true;
    if (!m->probed && !probe(m, limit, error))
        return false;
    return m->in_blocks ? take_block(m, limit, take, data, error) : walk(m, limit, take, data, error);
}

bool
index_matches_take(IndexMatches *m, size_t limit, bool (*take)(void *data, const DbRows *row), void *data,
                   GError **error)
{
    return demands_nothing(m) || db_tx_engine(m->tx) == DB_ENGINE_SQLITE ? take_in_order(m, limit, take, data, error)
                                                                         : take_postgres(m, limit, take, data, error);
}
