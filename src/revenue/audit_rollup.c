#include "revenue/audit_rollup.h"

#include "base/timestamp.h"
#include "revenue/rollup_hour.h"

#define HOUR_SQL(moment) moment " - (" moment " % 3600000000 + 3600000000) % 3600000000"

/* UNION makes them distinct. */
static const Sql HOURS_SQL = SQL("SELECT hour_us FROM (SELECT hour_us FROM rollup UNION SELECT " HOUR_SQL(
    "at_us") " FROM search "
             "UNION SELECT " HOUR_SQL("at_us") " FROM click UNION SELECT " HOUR_SQL(
                 "effective_at_us") " FROM entry) AS h "
                                    "WHERE hour_us NOT IN (SELECT hour_us FROM rollup_mark UNION SELECT hour_us FROM "
                                    "rollup_due) ORDER BY hour_us");

static GArray *
load_hours(Audit *audit, GError **error)
{
    g_autoptr(GArray) hours = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(DbRows) rows = db_query(audit->tx, HOURS_SQL, DB_NO_ARGS, error);

    if (rows == NULL)
        return NULL;
    while (db_next(rows, error)) {
        int64_t hour_us = db_get_int(rows, 0);

        g_array_append_val(hours, hour_us);
    }
    if (db_has_failed(rows))
        return NULL;
    return g_steal_pointer(&hours);
}

static char *
describe(const RollupRow *row)
{
    char attributed[MONEY_TEXT_SIZE], unattributed[MONEY_TEXT_SIZE];

    if (row == NULL)
        return g_strdup("nothing");
    if (row->currency[0] == '\0')
        return g_strdup_printf("%" G_GINT64_FORMAT " shown, %" G_GINT64_FORMAT " clicks, %" G_GINT64_FORMAT " counted",
                               row->impressions, row->clicks, row->counted_clicks);
    return g_strdup_printf("%s attributed, %s unattributed in %s", money_format(row->attributed_micros, attributed),
                           money_format(row->unattributed_micros, unattributed), row->currency);
}

typedef struct {
    Audit *audit;
    int64_t hour_us;
} Finder;

static bool
on_difference(void *data, const RollupRow *stored, const RollupRow *computed)
{
    const Finder *finder = data;
    g_autofree char *says = describe(stored), *is = describe(computed);
    char hour[TIMESTAMP_TEXT_SIZE];

    audit_found(finder->audit, "I7", "rollup of %s at %s says %s; the records say %s",
                stored != NULL ? stored->source : computed->source, timestamp_format(finder->hour_us, hour), says, is);
    return true;
}

bool
audit_rollups(Audit *audit, GError **error)
{
    g_autoptr(GArray) hours = load_hours(audit, error);

    if (hours == NULL)
        return false;
    for (guint i = 0; i < hours->len; i++) {
        Finder finder = {audit, g_array_index(hours, int64_t, i)};
        g_autoptr(GPtrArray) stored = rollup_hour_load(audit->tx, finder.hour_us, error);
        g_autoptr(GPtrArray) computed = stored == NULL ? NULL : rollup_hour_compute(audit->tx, finder.hour_us, error);

        if (computed == NULL)
            return false;
        rollup_hour_compare(stored, computed, on_difference, &finder);
    }
    audit->result.rollup_hours = hours->len;
    return true;
}
