#include "quality/mapping_store.h"

#include "base/clock.h"

static const Sql FILL_SQL =
    SQL("INSERT INTO mapping_fill (source, operation, field, hour_us, seen, filled) VALUES ($1, $2, $3, $4, $5, $6) "
        "ON CONFLICT (source, operation, field, hour_us) DO UPDATE SET seen = mapping_fill.seen + excluded.seen, "
        "filled = mapping_fill.filled + excluded.filled");

static const Sql LOSS_SQL = SQL("INSERT INTO mapping_loss (source, operation, field, reason, dropped, hour_us, lost) "
                                "VALUES ($1, $2, $3, $4, $5, $6, $7) "
                                "ON CONFLICT (source, operation, field, reason, dropped, hour_us) DO UPDATE SET "
                                "lost = mapping_loss.lost + excluded.lost");

static const Sql KEEP_SQL =
    SQL("INSERT INTO mapping_quarantine (id, source, operation, field, reason, dropped, row_number, text, raw, "
        "recorded_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");

/* All but the newest. */
static const Sql PRUNE_SQL = SQL(
    "DELETE FROM mapping_quarantine WHERE source = $1 AND id <= (SELECT id FROM mapping_quarantine WHERE source = $1 "
    "ORDER BY id DESC LIMIT 1 OFFSET $2)");

static int64_t
hour_of(int64_t us)
{
    return us - us % US_PER_HOUR;
}

static bool
add_fill(DbTx *tx, const char *source, const char *operation, const MappingTally *tally, int64_t hour_us,
         GError **error)
{
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        if (tally->seen[field] > 0 &&
            !db_exec(tx, FILL_SQL,
                     DB_ARGS(db_cstr(source), db_cstr(operation), db_cstr(listing_field_name(field)), db_int(hour_us),
                             db_int(tally->seen[field]), db_int(tally->filled[field])),
                     NULL, error))
            return false;
    }
    return true;
}

static bool
add_losses(DbTx *tx, const char *source, const char *operation, const MappingTally *tally, int64_t hour_us,
           GError **error)
{
    for (size_t i = 0; i < tally->loss_count; i++) {
        const MappingLoss *loss = &tally->losses[i];

        if (!db_exec(tx, LOSS_SQL,
                     DB_ARGS(db_cstr(source), db_cstr(operation), db_cstr(loss->field), db_cstr(loss->reason),
                             db_int(loss->dropped), db_int(hour_us), db_int(loss->count)),
                     NULL, error))
            return false;
    }
    return true;
}

/* What the database would refuse: a NUL may stand in what a partner sends. */
static Str
storable(Str text, Arena *arena)
{
    char *copy;

    if (text.at == NULL || memchr(text.at, '\0', text.size) == NULL)
        return text.at == NULL ? STR("") : text;
    copy = arena_strdup(arena, text);
    for (size_t i = 0; i < text.size; i++)
        copy[i] = copy[i] == '\0' ? ' ' : copy[i];
    return (Str){copy, text.size};
}

static bool
add_samples(DbTx *tx, const char *source, const char *operation, const MappingTally *tally, IdMint *mint,
            int64_t now_us, GError **error)
{
    g_autoptr(Arena) arena = arena_new(1024);

    for (size_t i = 0; i < tally->sample_count; i++) {
        const MappingSample *sample = &tally->samples[i];

        if (!db_exec(tx, KEEP_SQL,
                     DB_ARGS(db_int(id_mint(mint)), db_cstr(source), db_cstr(operation), db_cstr(sample->loss.field),
                             db_cstr(sample->loss.reason), db_int(sample->loss.dropped), db_int((int64_t)sample->row),
                             db_text(storable(sample->text, arena)), db_text(storable(sample->raw, arena)),
                             db_int(now_us)),
                     NULL, error))
            return false;
    }
    return tally->sample_count == 0 ||
           db_exec(tx, PRUNE_SQL, DB_ARGS(db_cstr(source), db_int(MAPPING_QUARANTINE_RECORDS)), NULL, error);
}

bool
mapping_store_add(DbTx *tx, const char *source, const char *operation, const MappingTally *tally, IdMint *mint,
                  int64_t now_us, GError **error)
{
    int64_t hour_us = hour_of(now_us);

    return add_fill(tx, source, operation, tally, hour_us, error) &&
           add_losses(tx, source, operation, tally, hour_us, error) &&
           add_samples(tx, source, operation, tally, mint, now_us, error);
}

void
mapping_count(Metrics *metrics, const char *source, const MappingTally *tally)
{
    for (size_t i = 0; i < tally->loss_count; i++) {
        const MappingLoss *loss = &tally->losses[i];

        if (loss->dropped)
            metric_add(metrics, METRIC_RECORDS_REJECTED, source, loss->reason, loss->count);
        else
            metric_add(metrics, METRIC_FIELDS_UNREAD, source, loss->field, loss->count);
    }
}

bool
mapping_store_sweep(DbTx *tx, int64_t now_us, GError **error)
{
    static const Sql SWEEPS[] = {
        SQL("DELETE FROM mapping_fill WHERE hour_us < $1"),
        SQL("DELETE FROM mapping_loss WHERE hour_us < $1"),
        SQL("DELETE FROM mapping_quarantine WHERE recorded_at_us < $1"),
    };

    for (size_t i = 0; i < G_N_ELEMENTS(SWEEPS); i++)
        if (!db_exec(tx, SWEEPS[i], DB_ARGS(db_int(now_us - MAPPING_KEPT_US)), NULL, error))
            return false;
    return true;
}

bool
mapping_losses(DbTx *tx, Str source, int64_t since_us, void (*each)(void *data, const LossRow *row), void *data,
               GError **error)
{
    g_autoptr(DbRows) rows = db_query(
        tx,
        SQL("SELECT operation, field, reason, dropped, CAST(SUM(lost) AS BIGINT), MAX(hour_us) FROM mapping_loss "
            "WHERE source = $1 AND hour_us >= $2 GROUP BY operation, field, reason, dropped "
            "ORDER BY 5 DESC, operation, field, reason"),
        DB_ARGS(db_text(source), db_int(hour_of(since_us))), error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        LossRow row = {.operation = db_get_text(rows, 0),
                       .field = db_get_text(rows, 1),
                       .reason = db_get_text(rows, 2),
                       .dropped = db_get_int(rows, 3) != 0,
                       .lost = db_get_int(rows, 4),
                       .last_hour_us = db_get_int(rows, 5)};

        each(data, &row);
    }
    return !db_has_failed(rows);
}

bool
mapping_quarantine(DbTx *tx, Str source, int64_t limit, void (*each)(void *data, const QuarantineRow *row), void *data,
                   GError **error)
{
    g_autoptr(DbRows) rows =
        db_query(tx,
                 SQL("SELECT id, operation, field, reason, dropped, row_number, recorded_at_us, text, raw "
                     "FROM mapping_quarantine WHERE source = $1 ORDER BY id DESC LIMIT $2"),
                 DB_ARGS(db_text(source), db_int(limit)), error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        QuarantineRow row = {.id = db_get_int(rows, 0),
                             .operation = db_get_text(rows, 1),
                             .field = db_get_text(rows, 2),
                             .reason = db_get_text(rows, 3),
                             .dropped = db_get_int(rows, 4) != 0,
                             .row = db_get_int(rows, 5),
                             .recorded_at_us = db_get_int(rows, 6),
                             .text = db_get_text(rows, 7),
                             .raw = db_get_text(rows, 8)};

        each(data, &row);
    }
    return !db_has_failed(rows);
}
