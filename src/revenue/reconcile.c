#include "revenue/reconcile.h"

#include "base/json_writer.h"
#include "base/timestamp.h"

#define ALERT_DAYS_LIMIT 100
#define PERCENT          INT64_C(100)

const char *
reconcile_state_name(ReconcileState state)
{
    static const char *const NAMES[] = {"immature", "agrees", "drifts"};

    return NAMES[state];
}

ReconcileState
reconcile_judge(const TotalsTolerance *tolerance, bool mature, int64_t ours_micros, int64_t theirs_micros)
{
    __int128 difference = (__int128)ours_micros - theirs_micros, theirs = theirs_micros;

    if (!mature)
        return RECONCILE_IMMATURE;
    difference = difference < 0 ? -difference : difference;
    theirs = theirs < 0 ? -theirs : theirs;
    if (difference > tolerance->absolute_micros &&
        difference * PERCENT * MICROS_PER_UNIT > theirs * tolerance->relative_percent_micros)
        return RECONCILE_DRIFTS;
    return RECONCILE_AGREES;
}

bool
reconcile_is_mature(const TotalsTolerance *tolerance, int64_t end_us, int64_t now_us)
{
    return now_us - end_us >= tolerance->maturity_us;
}

int64_t
reconcile_final_since_us(const Operation *totals, int64_t now_us)
{
    GTimeZone *zone = operation_zone(totals);
    TotalsTolerance tolerance = operation_tolerance(totals);

    /* The end of that day is the start of the next, which is the last to begin so long ago. */
    return day_start_us(day_of(now_us - tolerance.maturity_us, zone), zone) + tolerance.maturity_us;
}

/* ---- one day ---- */

typedef struct {
    const ReconcileSpec *spec;
    const TotalsSheet *sheet;
    const char *source;
    DbTx *tx;
    int64_t fetch_id, now_us;
    ReconcileEach each;
    void *data;
} Comparison;

static Reconciliation *
find_row(const Comparison *comparison, GArray *rows, int64_t day, Currency currency)
{
    Reconciliation row = {.source = str_of(comparison->source),
                          .day = day,
                          .currency = currency,
                          .their_clicks = -1,
                          .compared_at_us = comparison->now_us};

    for (guint i = 0; i < rows->len; i++)
        if (currency_equal(g_array_index(rows, Reconciliation, i).currency, currency))
            return &g_array_index(rows, Reconciliation, i);
    g_array_append_val(rows, row);
    return &g_array_index(rows, Reconciliation, rows->len - 1);
}

/* Currency and amount, for each row of a query: into `ours`. */
static bool
add_ours(const Comparison *comparison, GArray *rows, int64_t day, Sql sql, DbArgs args, GError **error)
{
    g_autoptr(DbRows) found = db_query(comparison->tx, sql, args, error);

    if (found == NULL)
        return false;
    while (db_next(found, error)) {
        Currency currency;

        if (!currency_parse(db_get_text(found, 0), &currency))
            return weir_fail(error, WEIR_ERROR_BROKEN, "a row without currency");
        find_row(comparison, rows, day, currency)->ours_micros += db_get_int(found, 1);
    }
    return !db_has_failed(found);
}

static bool
load_ours(const Comparison *comparison, GArray *rows, int64_t day, int64_t start_us, int64_t end_us, GError **error)
{
    char text[DAY_TEXT_SIZE];
    int64_t clicks;

    /* What was compared before is compared again, also when neither side has it any more. */
    if (!add_ours(comparison, rows, day,
                  SQL("SELECT currency, 0 FROM reconciliation WHERE source = $1 AND day = $2 ORDER BY currency"),
                  DB_ARGS(db_cstr(comparison->source), db_cstr(day_format(day, text))), error) ||
        !add_ours(
            comparison, rows, day,
            SQL("SELECT currency, CAST(SUM(amount_micros) AS BIGINT) FROM entry WHERE account = 'receivable' AND "
                "source = $1 AND effective_at_us >= $2 AND effective_at_us < $3 GROUP BY currency ORDER BY currency"),
            DB_ARGS(db_cstr(comparison->source), db_int(start_us), db_int(end_us)), error) ||
        !db_query_int(comparison->tx,
                      SQL("SELECT COUNT(*) FROM click WHERE source = $1 AND at_us >= $2 AND at_us < $3 AND flags = 0"),
                      DB_ARGS(db_cstr(comparison->source), db_int(start_us), db_int(end_us)), &clicks, error))
        return false;
    for (guint i = 0; i < rows->len; i++)
        g_array_index(rows, Reconciliation, i).our_clicks = clicks;
    return true;
}

static void
add_theirs(const Comparison *comparison, GArray *rows, int64_t day)
{
    for (guint i = 0; i < comparison->sheet->totals->len; i++) {
        const DayTotal *total = &g_array_index(comparison->sheet->totals, DayTotal, i);

        if (total->day == day) {
            Reconciliation *row = find_row(comparison, rows, day, total->currency);

            row->theirs_micros = total->amount_micros;
            row->their_clicks = total->clicks;
        }
    }
}

static bool
save_row(const Comparison *comparison, const Reconciliation *row, GError **error)
{
    char day[DAY_TEXT_SIZE];

    return db_exec(
        comparison->tx,
        SQL("INSERT INTO reconciliation (source, day, currency, ours_micros, theirs_micros, our_clicks, their_clicks, "
            "state, fetch_id, compared_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
            "ON CONFLICT (source, day, currency) DO UPDATE SET ours_micros = excluded.ours_micros, "
            "theirs_micros = excluded.theirs_micros, our_clicks = excluded.our_clicks, "
            "their_clicks = excluded.their_clicks, state = excluded.state, fetch_id = excluded.fetch_id, "
            "compared_at_us = excluded.compared_at_us"),
        DB_ARGS(db_text(row->source), db_cstr(day_format(row->day, day)), db_cstr(row->currency.code),
                db_int(row->ours_micros), db_int(row->theirs_micros), db_int(row->our_clicks),
                db_count(row->their_clicks), db_cstr(reconcile_state_name(row->state)), db_int(comparison->fetch_id),
                db_int(row->compared_at_us)),
        NULL, error);
}

static char *
details_of(const Reconciliation *row)
{
    GString *text = g_string_new(NULL);
    JsonWriter json = json_writer(text);

    json_begin_object(&json);
    json_member_money(&json, "ours", row->ours_micros, row->currency);
    json_member_money(&json, "theirs", row->theirs_micros, row->currency);
    json_member_money(&json, "drift", row->drift_micros, row->currency);
    json_member_int(&json, "our_clicks", row->our_clicks);
    if (row->their_clicks >= 0)
        json_member_int(&json, "their_clicks", row->their_clicks);
    json_end_object(&json);
    return g_string_free(text, FALSE);
}

static char *
message_of(const Reconciliation *row, const char *day)
{
    char ours[MONEY_TEXT_SIZE], theirs[MONEY_TEXT_SIZE], drift[MONEY_TEXT_SIZE];

    money_format(row->ours_micros, ours);
    money_format(row->theirs_micros, theirs);
    if (row->state == RECONCILE_AGREES)
        return g_strdup_printf("%.*s and our ledger agree on %s again: %s and %s %s", STR_FORMAT(row->source), day,
                               theirs, ours, row->currency.code);
    money_format(row->drift_micros < 0 ? -row->drift_micros : row->drift_micros, drift);
    return g_strdup_printf("%.*s says it owes %s %s for %s, our ledger says %s: %s %s", STR_FORMAT(row->source), theirs,
                           row->currency.code, day, ours, drift, row->drift_micros < 0 ? "less" : "more");
}

static bool
tell(const Comparison *comparison, const Reconciliation *row, GError **error)
{
    char day[DAY_TEXT_SIZE];
    g_autofree char *key = NULL, *message = NULL, *details = NULL;
    bool changed;

    if (row->state == RECONCILE_IMMATURE)
        return true;
    day_format(row->day, day);
    key = g_strdup_printf(RECONCILE_ALERT_KIND "/%s/%s/%s", comparison->source, day, row->currency.code);
    message = message_of(row, day);
    if (row->state == RECONCILE_AGREES)
        return alert_resolve(comparison->tx, comparison->spec->telling, key, message, comparison->now_us, &changed,
                             error);
    details = details_of(row);
    return alert_raise(comparison->tx, comparison->spec->telling,
                       &(AlertSpec){.key = key,
                                    .kind = RECONCILE_ALERT_KIND,
                                    .source = comparison->source,
                                    .day = day,
                                    .message = message,
                                    .details = details},
                       comparison->now_us, &changed, error);
}

static bool
compare_day(const Comparison *comparison, int64_t day, GError **error)
{
    GTimeZone *zone = operation_zone(comparison->spec->totals);
    TotalsTolerance tolerance = operation_tolerance(comparison->spec->totals);
    int64_t start_us = day_start_us(day, zone), end_us = day_start_us(day + 1, zone);
    bool mature = comparison->spec->take_as_mature || reconcile_is_mature(&tolerance, end_us, comparison->now_us);
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(Reconciliation));

    add_theirs(comparison, rows, day);
    if (!load_ours(comparison, rows, day, start_us, end_us, error))
        return false;
    for (guint i = 0; i < rows->len; i++) {
        Reconciliation *row = &g_array_index(rows, Reconciliation, i);

        row->state = reconcile_judge(&tolerance, mature, row->ours_micros, row->theirs_micros);
        if (__builtin_sub_overflow(row->ours_micros, row->theirs_micros, &row->drift_micros))
            return weir_fail(error, WEIR_ERROR_LIMIT, "the difference of a day does not fit");
        if (!save_row(comparison, row, error) || !tell(comparison, row, error))
            return false;
        if (comparison->each != NULL)
            comparison->each(comparison->data, row);
    }
    return true;
}

bool
reconcile_sheet(const ReconcileSpec *spec, const TotalsSheet *sheet, int64_t now_us, ReconcileEach each, void *data,
                GError **error)
{
    g_autoptr(DbTx) tx = db_begin(spec->db, DB_WRITE, error);
    Comparison comparison = {.spec = spec,
                             .sheet = sheet,
                             .source = source_name(operation_source(spec->totals)),
                             .tx = tx,
                             .fetch_id = id_mint(spec->telling->mint),
                             .now_us = now_us,
                             .each = each,
                             .data = data};

    if (tx == NULL || !totals_save(tx, comparison.source, sheet, comparison.fetch_id, now_us, error))
        return false;
    for (int64_t day = sheet->first_day; day <= sheet->last_day; day++)
        if (!compare_day(&comparison, day, error))
            return false;
    return db_commit_auto(&tx, error);
}

/* ---- which days ---- */

/* On which the source was last compared; INT64_MIN: never. */
static bool
load_last_day(const ReconcileSpec *spec, const char *source, int64_t *ret_day, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(spec->db, DB_READ, error);
    int64_t last_us;

    if (tx == NULL || !db_query_int(tx,
                                    SQL("SELECT COALESCE(MAX(compared_at_us), $2) FROM reconciliation "
                                        "WHERE source = $1"),
                                    DB_ARGS(db_cstr(source), db_int(TIMESTAMP_NONE)), &last_us, error))
        return false;
    *ret_day = last_us == TIMESTAMP_NONE ? INT64_MIN : day_of(last_us, operation_zone(spec->totals));
    return true;
}

/* Days before first_day that have an alert standing. */
static bool
load_alert_days(Db *db, const char *source, int64_t first_day, GArray *days, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autoptr(DbRows) rows = NULL;
    char text[DAY_TEXT_SIZE];

    if (tx == NULL)
        return false;
    rows = db_query(tx,
                    SQL("SELECT DISTINCT day FROM alert WHERE kind = $1 AND source = $2 AND day < $3 AND "
                        "state <> 'resolved' ORDER BY day DESC LIMIT $4"),
                    DB_ARGS(db_cstr(RECONCILE_ALERT_KIND), db_cstr(source), db_cstr(day_format(first_day, text)),
                            db_int(ALERT_DAYS_LIMIT)),
                    error);
    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        int64_t day;

        if (day_parse(db_get_text(rows, 0), &day))
            g_array_append_val(days, day);
    }
    return !db_has_failed(rows);
}

static bool
reconcile_days(const ReconcileSpec *spec, const TotalsFetcher *fetcher, int64_t first_day, int64_t last_day,
               ReconcileEach each, void *data, GError **error)
{
    g_auto(TotalsSheet) sheet = {0};

    totals_sheet_init(&sheet, first_day, last_day);
    return totals_fetch(fetcher, spec->totals, &sheet, error) &&
           reconcile_sheet(spec, &sheet, clock_now_us(fetcher->clock), each, data, error);
}

bool
reconcile_source(const ReconcileSpec *spec, const TotalsFetcher *fetcher, ReconcileEach each, void *data,
                 GError **error)
{
    int64_t today = day_of(clock_now_us(fetcher->clock), operation_zone(spec->totals));
    const char *source = source_name(operation_source(spec->totals));
    g_autoptr(GArray) older = g_array_new(FALSE, FALSE, sizeof(int64_t));
    int64_t last_day, first_day;

    if (!load_last_day(spec, source, &last_day, error))
        return false;
    first_day = day_look_back(today, last_day, operation_look_back_days(spec->totals));
    if (!load_alert_days(spec->db, source, first_day, older, error))
        return false;
    for (guint i = 0; i < older->len; i++) {
        int64_t day = g_array_index(older, int64_t, i);

        if (!reconcile_days(spec, fetcher, day, day, each, data, error))
            return false;
    }
    return reconcile_days(spec, fetcher, first_day, today, each, data, error);
}

/* ---- reading ---- */

static bool
read_row(const DbRows *rows, Reconciliation *row, GError **error)
{
    Str state = db_get_text(rows, 7);

    *row = (Reconciliation){
        .source = db_get_text(rows, 0),
        .ours_micros = db_get_int(rows, 3),
        .theirs_micros = db_get_int(rows, 4),
        .our_clicks = db_get_int(rows, 5),
        .their_clicks = db_get_count(rows, 6),
        .state = str_is(state, "drifts")   ? RECONCILE_DRIFTS
                 : str_is(state, "agrees") ? RECONCILE_AGREES
                                           : RECONCILE_IMMATURE,
        .compared_at_us = db_get_int(rows, 8),
    };
    row->drift_micros = row->ours_micros - row->theirs_micros;
    return (day_parse(db_get_text(rows, 1), &row->day) && currency_parse(db_get_text(rows, 2), &row->currency)) ||
           weir_fail(error, WEIR_ERROR_BROKEN, "a reconciliation without day or currency");
}

bool
reconcile_list(DbTx *tx, int64_t since_day, int64_t limit, ReconcileEach each, void *data, GError **error)
{
    char text[DAY_TEXT_SIZE];
    g_autoptr(DbRows) rows =
        db_query(tx,
                 SQL("SELECT source, day, currency, ours_micros, theirs_micros, our_clicks, their_clicks, state, "
                     "compared_at_us FROM reconciliation WHERE day >= $1 ORDER BY day DESC, source, currency LIMIT $2"),
                 DB_ARGS(db_cstr(day_format(since_day, text)), db_int(limit)), error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        Reconciliation row;

        if (!read_row(rows, &row, error))
            return false;
        each(data, &row);
    }
    return !db_has_failed(rows);
}
