#include "feeds/listing_store.h"

#include "listings/fingerprint.h"
#include "listings/language.h"

#include <math.h>

const char LISTING_COLUMNS[] =
    "l.source, l.partner_id, l.title, l.company, l.location, l.country, l.latitude_micros, l.longitude_micros, "
    "l.remote, l.employment_types, l.salary_min_micros, l.salary_max_micros, l.salary_currency, l.salary_period, "
    "l.salary_predicted, l.salary_text, l.posted_at_us, l.expires_at_us, l.snippet, l.description, l.category, l.url, "
    "l.bid_micros, l.bid_currency, l.city, l.region, l.language, s.pull_id, v.confirmed_at_us";

/* The validator is of the state that the pull read which saw the listing last. */
const char LISTING_TABLES[] = "listing l JOIN listing_seen s ON s.number = l.number "
                              "LEFT JOIN feed_validator v ON v.source = l.source AND v.pull_id = s.pull_id";

#define CONTENT_COLUMNS                                                                                                \
    "source, partner_id, title, company, location, country, latitude_micros, longitude_micros, remote, "               \
    "employment_types, salary_min_micros, salary_max_micros, salary_currency, salary_period, salary_predicted, "       \
    "salary_text, posted_at_us, expires_at_us, snippet, description, category, url, bid_micros, bid_currency, city, "  \
    "region, language"
#define CONTENT_COUNT 27

#define FIND(table)                                                                                                    \
    "SELECT l.number, l.content_hash, l.posted_at_us, l.first_seen_us, i.fresh, s.pull_id FROM listing l "             \
    "LEFT JOIN " table                                                                                                 \
    " i ON i.number = l.number LEFT JOIN listing_seen s ON s.number = l.number WHERE l.public_id = $1"
static const Sql FIND_SQL = {.sqlite = FIND("listing_terms"), .postgres = FIND("listing_index")};

static const Sql ADD_SQL =
    SQL("INSERT INTO listing (" CONTENT_COLUMNS ", content_hash, number, public_id, first_seen_us, changed_at_us) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, "
        "$23, $24, $25, $26, $27, $28, $29, $30, $31, $31)");

static const Sql CHANGE_SQL =
    SQL("UPDATE listing SET source = $1, partner_id = $2, title = $3, company = $4, location = $5, country = $6, "
        "latitude_micros = $7, longitude_micros = $8, remote = $9, employment_types = $10, salary_min_micros = $11, "
        "salary_max_micros = $12, salary_currency = $13, salary_period = $14, salary_predicted = $15, "
        "salary_text = $16, posted_at_us = COALESCE(posted_at_us, $17), expires_at_us = $18, snippet = $19, "
        "description = $20, category = $21, url = $22, bid_micros = $23, bid_currency = $24, city = $25, region = $26, "
        "language = $27, content_hash = $28, changed_at_us = $31 WHERE number = $29 AND public_id = $30");

/* Of two pulls at once, the one that began later counts: what it saw is not absent from the other. */
static const Sql SEEN_SQL =
    SQL("INSERT INTO listing_seen (number, source, pull_id, absences, gone_at_us) VALUES ($1, $2, $3, 0, NULL) "
        "ON CONFLICT (number) DO UPDATE SET pull_id = CASE WHEN excluded.pull_id > listing_seen.pull_id "
        "THEN excluded.pull_id ELSE listing_seen.pull_id END, absences = 0, gone_at_us = NULL");

static DbValue
optional_int(bool present, int64_t value)
{
    return present ? db_int(value) : db_null();
}

static DbValue
degrees(bool present, double value)
{
    return optional_int(present && isfinite(value), (int64_t)llround(value * 1e6));
}

static void
content_values(const Listing *l, DbValue *values)
{
    const DbValue content[CONTENT_COUNT] = {
        db_text(l->source),
        db_text(l->id),
        db_text(l->title),
        db_text(l->company),
        db_text(l->location),
        db_text(l->country),
        degrees(l->has_position, l->latitude),
        degrees(l->has_position, l->longitude),
        db_int(l->remote),
        db_int(l->employment_types),
        optional_int(l->salary.has_min, l->salary.min_micros),
        optional_int(l->salary.has_max, l->salary.max_micros),
        db_cstr(l->salary.currency.code[0] == '\0' ? NULL : l->salary.currency.code),
        db_int(l->salary.period),
        db_int(l->salary.predicted),
        db_text(l->salary.text),
        db_time(l->posted_at_us),
        db_time(l->expires_at_us),
        db_text(l->snippet),
        db_text(l->description),
        db_text(l->category),
        db_text(l->url),
        optional_int(l->has_bid, l->bid.micros),
        db_cstr(l->has_bid ? l->bid.currency.code : NULL),
        db_text(l->city),
        db_text(l->region),
        db_text(l->language),
    };

    memcpy(values, content, sizeof content);
}

/* Of the content columns, each with its kind and length, so that no two contents run together. The moment of posting is
 * left out: some partners set it anew at each build of their feed, which is no change. */
#define POSTED_AT_COLUMN 16
#define LANGUAGE_COLUMN  26
static int64_t
content_hash(const DbValue *values)
{
    uint64_t hash = 0x9e3779b97f4a7c15u;

    for (int i = 0; i < CONTENT_COUNT; i++) {
        uint64_t part[3] = {hash, (uint64_t)values[i].kind, (uint64_t)values[i].number};

        if (i == POSTED_AT_COLUMN)
            continue;
        hash =
            str_hash((Str){(const char *)part, sizeof part}) ^ (str_hash(values[i].bytes) * 31 + values[i].bytes.size);
    }
    return (int64_t)hash;
}

/* What is known of a listing already. */
typedef struct {
    Id number; /* ID_NONE: nothing */
    int64_t hash, posted_us, first_seen_us;
    int64_t fresh; /* its key in the index; 0 when it is not there */
    Id seen_by;    /* the pull that saw it last */
} Known;

static bool
find_known(DbTx *tx, Str public_id, Known *ret_known, GError **error)
{
    g_autoptr(DbRows) rows = db_query(tx, FIND_SQL, DB_ARGS(db_text(public_id)), error);

    if (rows == NULL)
        return false;
    *ret_known = (Known){0};
    if (db_next(rows, error))
        *ret_known = (Known){db_get_int(rows, 0), db_get_int(rows, 1), db_get_time(rows, 2),
                             db_get_int(rows, 3), db_get_int(rows, 4), db_get_int(rows, 5)};
    return !db_has_failed(rows);
}

static bool
write_content(DbTx *tx, StoredOutcome outcome, const Listing *listing, const DbValue *content, int64_t hash, Id number,
              const char *public_id, int64_t now_us, GError **error)
{
    DbValue values[CONTENT_COUNT + 4];

    memcpy(values, content, CONTENT_COUNT * sizeof *values);
    /* Found out only now, so that what is known already costs nothing. */
    values[LANGUAGE_COLUMN] = db_text(listing_language(listing));
    values[CONTENT_COUNT] = db_int(hash);
    values[CONTENT_COUNT + 1] = db_int(number);
    values[CONTENT_COUNT + 2] = db_cstr(public_id);
    values[CONTENT_COUNT + 3] = db_int(now_us);
    return db_exec(tx, outcome == STORED_ADDED ? ADD_SQL : CHANGE_SQL, (DbArgs){values, G_N_ELEMENTS(values)}, NULL,
                   error);
}

/* The id under which a second listing with the same id is stored. */
static Str
id_beside(const Listing *l, Arena *arena)
{
    Str what =
        arena_printf(arena, "%.*s\n%.*s\n%.*s", STR_FORMAT(l->title), STR_FORMAT(l->company), STR_FORMAT(l->location));

    return arena_printf(arena, "%.*s~%016" G_GINT64_MODIFIER "x", STR_FORMAT(l->id), str_hash(what));
}

static bool
put(DbTx *tx, const Listing *listing, const Known *found, const DbValue *content, int64_t hash, const char *public_id,
    Id pull_id, IdMint *mint, int64_t now_us, IndexBatch *index, StoredOutcome *ret_outcome, GError **error)
{
    Known known = *found;
    StoredOutcome outcome = known.number == ID_NONE ? STORED_ADDED : known.hash == hash ? STORED_SAME : STORED_CHANGED;

    if (outcome == STORED_ADDED)
        known = (Known){.number = id_mint(mint), .posted_us = listing->posted_at_us, .first_seen_us = now_us};
    if (outcome != STORED_SAME &&
        !write_content(tx, outcome, listing, content, hash, known.number, public_id, now_us, error))
        return false;
    if (outcome != STORED_SAME || known.fresh == 0)
        index_batch_put(index, listing, known.number, known.fresh, known.posted_us, known.first_seen_us, now_us);
    *ret_outcome = outcome;
    return db_exec(tx, SEEN_SQL, DB_ARGS(db_int(known.number), db_text(listing->source), db_int(pull_id)), NULL, error);
}

bool
listing_store_put(DbTx *tx, const Listing *listing, Id pull_id, IdMint *mint, int64_t now_us, IndexBatch *index,
                  StoredOutcome *ret_outcome, bool *ret_clashed, GError **error)
{
    g_autoptr(Arena) arena = NULL;
    Listing beside = *listing;
    bool clashed = false;

    for (;;) {
        char public_id[FINGERPRINT_TEXT_SIZE];
        DbValue content[CONTENT_COUNT];
        int64_t hash;
        Known known;

        fingerprint_format(fingerprint_of_id(beside.source, beside.id), public_id);
        content_values(&beside, content);
        hash = content_hash(content);
        if (!find_known(tx, str_of(public_id), &known, error))
            return false;
        *ret_clashed = clashed;
        if (known.number != ID_NONE && known.seen_by == pull_id && known.hash == hash) {
            *ret_outcome = STORED_REPEATED;
            return true;
        }
        if (clashed || known.number == ID_NONE || known.seen_by != pull_id)
            return put(tx, &beside, &known, content, hash, public_id, pull_id, mint, now_us, index, ret_outcome, error);
        clashed = true;
        arena = arena_new(1024);
        beside.id = id_beside(listing, arena);
    }
}

bool
listing_store_sweep(DbTx *tx, Str source, Id pull_id, int64_t now_us, int64_t *ret_gone, GError **error)
{
    if (!db_exec(tx,
                 SQL("UPDATE listing_seen SET absences = absences + 1 WHERE source = $1 AND pull_id < $2 "
                     "AND gone_at_us IS NULL"),
                 DB_ARGS(db_text(source), db_int(pull_id)), NULL, error))
        return false;
    return db_exec(tx,
                   SQL("UPDATE listing_seen SET gone_at_us = $2 WHERE source = $1 AND absences >= 2 "
                       "AND gone_at_us IS NULL"),
                   DB_ARGS(db_text(source), db_int(now_us)), ret_gone, error) &&
           index_sweep(tx, source, now_us, error);
}

bool
listing_store_clear(DbTx *tx, Str source, Id pull_id, int64_t now_us, int64_t *ret_gone, GError **error)
{
    return db_exec(tx,
                   SQL("UPDATE listing_seen SET absences = absences + 1, gone_at_us = $3 WHERE source = $1 "
                       "AND pull_id < $2 AND gone_at_us IS NULL"),
                   DB_ARGS(db_text(source), db_int(pull_id), db_int(now_us)), ret_gone, error) &&
           index_sweep(tx, source, now_us, error);
}

bool
listing_store_count(DbTx *tx, Str source, int64_t *ret_count, GError **error)
{
    return db_query_int(tx, SQL("SELECT COUNT(*) FROM listing_seen WHERE source = $1 AND gone_at_us IS NULL"),
                        DB_ARGS(db_text(source)), ret_count, error);
}

static Currency
currency_at(const DbRows *rows, int column)
{
    Currency currency = {0};

    if (!db_is_null(rows, column))
        currency_parse(db_get_text(rows, column), &currency);
    return currency;
}

Listing
listing_store_read(const DbRows *rows, Arena *arena)
{
    return (Listing){
        .source = arena_str(arena, db_get_text(rows, 0)),
        .id = arena_str(arena, db_get_text(rows, 1)),
        .title = arena_str(arena, db_get_text(rows, 2)),
        .company = arena_str(arena, db_get_text(rows, 3)),
        .location = arena_str(arena, db_get_text(rows, 4)),
        .country = arena_str(arena, db_get_text(rows, 5)),
        .has_position = !db_is_null(rows, 6),
        .latitude = (double)db_get_int(rows, 6) / 1e6,
        .longitude = (double)db_get_int(rows, 7) / 1e6,
        .remote = (Remote)db_get_int(rows, 8),
        .employment_types = (unsigned)db_get_int(rows, 9),
        .salary = {.has_min = !db_is_null(rows, 10),
                   .has_max = !db_is_null(rows, 11),
                   .min_micros = db_get_int(rows, 10),
                   .max_micros = db_get_int(rows, 11),
                   .currency = currency_at(rows, 12),
                   .period = (Period)db_get_int(rows, 13),
                   .predicted = db_get_int(rows, 14) != 0,
                   .text = arena_str(arena, db_get_text(rows, 15))},
        .posted_at_us = db_get_time(rows, 16),
        .expires_at_us = db_get_time(rows, 17),
        .snippet = arena_str(arena, db_get_text(rows, 18)),
        .description = arena_str(arena, db_get_text(rows, 19)),
        .category = arena_str(arena, db_get_text(rows, 20)),
        .url = arena_str(arena, db_get_text(rows, 21)),
        .has_bid = !db_is_null(rows, 22),
        .bid = {.micros = db_get_int(rows, 22), .currency = currency_at(rows, 23)},
        .city = arena_str(arena, db_get_text(rows, 24)),
        .region = arena_str(arena, db_get_text(rows, 25)),
        .language = arena_str(arena, db_get_text(rows, 26)),
        .confirmed_at_us = db_is_null(rows, 28) ? id_time_us(db_get_int(rows, 27)) : db_get_int(rows, 28),
    };
}
