#include "revenue/trace.h"

#include "base/timestamp.h"

typedef struct {
    DbTx *tx;
    Arena *arena;
    GArray *ids; /* int64_t: what a query has found */
    bool truncated;
} Tracer;

/* Reads the first column of a query into tracer->ids, in order, each once. */
static bool
find_ids(Tracer *tracer, Sql sql, DbValue value, GError **error)
{
    g_autoptr(DbRows) rows = db_query(tracer->tx, sql, DB_ARGS(value, db_int(TRACE_LIMIT + 1)), error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        int64_t id = db_get_int(rows, 0);

        if (tracer->ids->len == TRACE_LIMIT)
            tracer->truncated = true;
        else
            g_array_append_val(tracer->ids, id);
    }
    return !db_has_failed(rows);
}

/* The first row of a query for one id; ret_rows is NULL when there is none. */
static bool
open_one(Tracer *tracer, Sql sql, int64_t id, DbRows **ret_rows, GError **error)
{
    g_autoptr(DbRows) rows = db_query(tracer->tx, sql, DB_ARGS(db_int(id)), error);
    bool any;

    if (rows == NULL)
        return false;
    any = db_next(rows, error);
    if (db_has_failed(rows))
        return false;
    *ret_rows = any ? g_steal_pointer(&rows) : NULL;
    return true;
}

static Str
text(Tracer *tracer, const DbRows *rows, int column)
{
    return arena_str(tracer->arena, db_get_text(rows, column));
}

static Currency
currency(const DbRows *rows, int column)
{
    Currency found = {""};

    if (!currency_parse(db_get_text(rows, column), &found))
        found = (Currency){""};
    return found;
}

static bool
load_search(Tracer *tracer, int64_t id, GArray *searches, GError **error)
{
    g_autoptr(DbRows) rows = NULL;
    TraceSearch search;

    if (!open_one(tracer,
                  SQL("SELECT at_us, took_us, keywords, location, country, mode, client, partial, shown_count, "
                      "COALESCE(p.shown, s.shown), COALESCE(p.sources, s.sources) FROM search s "
                      "LEFT JOIN search_page p ON p.id = s.page_id WHERE s.id = $1"),
                  id, &rows, error))
        return false;
    if (rows == NULL)
        return true;
    search = (TraceSearch){
        .id = id,
        .at_us = db_get_int(rows, 0),
        .took_us = db_get_int(rows, 1),
        .keywords = text(tracer, rows, 2),
        .location = text(tracer, rows, 3),
        .country = text(tracer, rows, 4),
        .mode = text(tracer, rows, 5),
        .client = text(tracer, rows, 6),
        .partial = db_get_int(rows, 7) != 0,
        .shown_count = db_get_int(rows, 8),
        .shown = text(tracer, rows, 9),
        .sources = text(tracer, rows, 10),
    };
    g_array_append_val(searches, search);
    return true;
}

static bool
load_click(Tracer *tracer, int64_t id, GArray *clicks, GError **error)
{
    g_autoptr(DbRows) rows = NULL;
    TraceClick click;

    if (!open_one(tracer,
                  SQL("SELECT at_us, search_id, position, source, listing_id, sub_id, bid_micros, bid_currency, flags "
                      "FROM click WHERE id = $1"),
                  id, &rows, error))
        return false;
    if (rows == NULL)
        return true;
    click = (TraceClick){
        .id = id,
        .at_us = db_get_int(rows, 0),
        .search_id = db_get_int(rows, 1),
        .position = db_get_int(rows, 2),
        .source = text(tracer, rows, 3),
        .listing_id = text(tracer, rows, 4),
        .sub_id = text(tracer, rows, 5),
        .bid = {db_get_int(rows, 6), currency(rows, 7)},
        .flags = (unsigned)db_get_int(rows, 8),
    };
    g_array_append_val(clicks, click);
    return true;
}

static TraceRevision
read_revision(Tracer *tracer, const DbRows *rows)
{
    return (TraceRevision){
        .rev = db_get_int(rows, 0),
        .status = text(tracer, rows, 1),
        .amount_micros = db_get_int(rows, 2),
        .earned_micros = db_get_int(rows, 3),
        .currency = currency(rows, 4),
        .event_at_us = db_get_time(rows, 5),
        .version_at_us = db_get_time(rows, 6),
        .recorded_at_us = db_get_int(rows, 7),
        .sub_id = text(tracer, rows, 8),
        .original_key = text(tracer, rows, 9),
        .clicks = db_get_count(rows, 10),
        .impressions = db_get_count(rows, 11),
        .report_id = db_get_int(rows, 12),
        .part = db_get_int(rows, 13),
        .row = db_get_int(rows, 14),
        .report_kind = text(tracer, rows, 15),
        .report_origin = text(tracer, rows, 16),
        .report_received_at_us = db_get_int(rows, 17),
    };
}

static TraceEntry
read_entry(Tracer *tracer, const DbRows *rows)
{
    return (TraceEntry){
        .id = db_get_int(rows, 0),
        .txn_id = db_get_int(rows, 1),
        .account = text(tracer, rows, 2),
        .reason = text(tracer, rows, 3),
        .rung = text(tracer, rows, 4),
        .amount_micros = db_get_int(rows, 5),
        .currency = currency(rows, 6),
        .effective_at_us = db_get_int(rows, 7),
        .recorded_at_us = db_get_int(rows, 8),
        .click_id = db_get_int(rows, 9),
        .search_id = db_get_int(rows, 10),
    };
}

/* Copies an array into the arena. */
static const void *
keep(Tracer *tracer, const GArray *array)
{
    size_t size = array->len * g_array_get_element_size((GArray *)array);
    void *kept = arena_alloc(tracer->arena, MAX(size, (size_t)1));

    if (size > 0)
        memcpy(kept, array->data, size);
    return kept;
}

static bool
load_revisions(Tracer *tracer, TraceLine *line, GError **error)
{
    g_autoptr(GArray) revisions = g_array_new(FALSE, FALSE, sizeof(TraceRevision));
    g_autoptr(DbRows) rows = db_query(
        tracer->tx,
        SQL("SELECT r.rev, r.status, r.amount_micros, r.earned_micros, r.currency, r.event_at_us, r.version_at_us, "
            "r.recorded_at_us, r.sub_id, r.original_key, r.clicks, r.impressions, r.report_id, r.part, r.row_number, "
            "p.kind, p.origin, p.received_at_us FROM revision r JOIN report p ON p.id = r.report_id "
            "WHERE r.line_id = $1 ORDER BY r.rev DESC LIMIT $2"),
        DB_ARGS(db_int(line->id), db_int(TRACE_LIMIT)), error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        TraceRevision revision = read_revision(tracer, rows);

        g_array_prepend_val(revisions, revision);
    }
    if (db_has_failed(rows))
        return false;
    tracer->truncated |= revisions->len == TRACE_LIMIT;
    line->revisions = keep(tracer, revisions);
    line->revision_count = revisions->len;
    return true;
}

static bool
load_entries(Tracer *tracer, TraceLine *line, GError **error)
{
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(TraceEntry));
    g_autoptr(DbRows) rows =
        db_query(tracer->tx,
                 SQL("SELECT e.id, e.txn_id, e.account, t.reason, e.rung, e.amount_micros, e.currency, "
                     "e.effective_at_us, t.recorded_at_us, e.click_id, e.search_id FROM entry e "
                     "JOIN txn t ON t.id = e.txn_id WHERE e.line_id = $1 ORDER BY e.id LIMIT $2"),
                 DB_ARGS(db_int(line->id), db_int(TRACE_LIMIT)), error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        TraceEntry entry = read_entry(tracer, rows);

        g_array_append_val(entries, entry);
    }
    if (db_has_failed(rows))
        return false;
    tracer->truncated |= entries->len == TRACE_LIMIT;
    line->entries = keep(tracer, entries);
    line->entry_count = entries->len;
    return true;
}

static bool
load_line(Tracer *tracer, int64_t id, GArray *lines, GError **error)
{
    DbRows *rows = NULL;
    TraceLine line = {.id = id};

    if (!open_one(tracer, SQL("SELECT source, kind, line_key FROM line WHERE id = $1"), id, &rows, error))
        return false;
    if (rows == NULL)
        return weir_fail(error, WEIR_ERROR_BROKEN, "entries of a line that is not there");
    line.source = text(tracer, rows, 0);
    line.kind = text(tracer, rows, 1);
    line.key = text(tracer, rows, 2);
    db_end(rows);
    if (str_starts_with(line.key, STR("id:")))
        line.key = str_slice(line.key, strlen("id:"), line.key.size);
    if (!load_revisions(tracer, &line, error) || !load_entries(tracer, &line, error))
        return false;
    g_array_append_val(lines, line);
    return true;
}

typedef bool (*LoadOne)(Tracer *tracer, int64_t id, GArray *to, GError **error);

/* Loads what stands under tracer->ids, and forgets the ids. */
static bool
load_all(Tracer *tracer, LoadOne load, GArray *to, GError **error)
{
    for (guint i = 0; i < tracer->ids->len; i++) {
        if (!load(tracer, g_array_index(tracer->ids, int64_t, i), to, error))
            return false;
    }
    g_array_set_size(tracer->ids, 0);
    return true;
}

static void
add_id(Tracer *tracer, int64_t id)
{
    if (id == ID_NONE)
        return;
    for (guint i = 0; i < tracer->ids->len; i++) {
        if (g_array_index(tracer->ids, int64_t, i) == id)
            return;
    }
    if (tracer->ids->len == TRACE_LIMIT)
        tracer->truncated = true;
    else
        g_array_append_val(tracer->ids, id);
}

/* A line belongs to a click on which it is booked, or whose sub-id it carries (one of no amount is booked nowhere). */
static bool
find_lines_of_clicks(Tracer *tracer, const GArray *clicks, GArray *lines, GError **error)
{
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(int64_t));

    for (guint i = 0; i < clicks->len; i++) {
        const TraceClick *click = &g_array_index(clicks, TraceClick, i);

        if (!find_ids(tracer,
                      SQL("SELECT line_id FROM entry WHERE click_id = $1 UNION SELECT r.line_id FROM click c "
                          "JOIN revision r ON r.sub_id = c.sub_id JOIN line l ON l.id = r.line_id AND "
                          "l.source = c.source WHERE c.id = $1 ORDER BY 1 LIMIT $2"),
                      db_int(click->id), error))
            return false;
        for (guint j = 0; j < tracer->ids->len; j++)
            g_array_append_val(found, g_array_index(tracer->ids, int64_t, j));
        g_array_set_size(tracer->ids, 0);
    }
    for (guint i = 0; i < found->len; i++)
        add_id(tracer, g_array_index(found, int64_t, i));
    return load_all(tracer, load_line, lines, error);
}

static bool
start_at_search(Tracer *tracer, GArray *searches, GArray *clicks, GArray *lines, GError **error)
{
    Id id = g_array_index(searches, TraceSearch, 0).id;

    return find_ids(tracer, SQL("SELECT id FROM click WHERE search_id = $1 ORDER BY at_us, id LIMIT $2"), db_int(id),
                    error) &&
           load_all(tracer, load_click, clicks, error) && find_lines_of_clicks(tracer, clicks, lines, error);
}

static bool
start_at_click(Tracer *tracer, GArray *searches, GArray *clicks, GArray *lines, GError **error)
{
    add_id(tracer, g_array_index(clicks, TraceClick, 0).search_id);
    return load_all(tracer, load_search, searches, error) && find_lines_of_clicks(tracer, clicks, lines, error);
}

static bool
start_at_line(Tracer *tracer, GArray *searches, GArray *clicks, GArray *lines, GError **error)
{
    for (guint i = 0; i < lines->len; i++) {
        const TraceLine *line = &g_array_index(lines, TraceLine, i);

        for (size_t j = 0; j < line->entry_count; j++)
            add_id(tracer, line->entries[j].click_id);
    }
    if (!load_all(tracer, load_click, clicks, error))
        return false;
    for (guint i = 0; i < clicks->len; i++)
        add_id(tracer, g_array_index(clicks, TraceClick, i).search_id);
    return load_all(tracer, load_search, searches, error);
}

/* Finds out what the id is of, and follows the chain from there. */
static bool
follow(Tracer *tracer, Str id, const char **ret_start, GArray *searches, GArray *clicks, GArray *lines, GError **error)
{
    g_autofree char *key = g_strdup_printf("id:%.*s", STR_FORMAT(id));
    Id number;

    if (id_parse(id, &number)) {
        if (!load_search(tracer, number, searches, error))
            return false;
        *ret_start = "search";
        if (searches->len > 0)
            return start_at_search(tracer, searches, clicks, lines, error);
        if (!load_click(tracer, number, clicks, error))
            return false;
        *ret_start = "click";
        if (clicks->len > 0)
            return start_at_click(tracer, searches, clicks, lines, error);
    }
    *ret_start = "transaction";
    if (!find_ids(tracer, SQL("SELECT id FROM line WHERE line_key = $1 ORDER BY id LIMIT $2"), db_cstr(key), error) ||
        (tracer->ids->len == 0 &&
         !find_ids(tracer, SQL("SELECT id FROM line WHERE line_key = $1 ORDER BY id LIMIT $2"), db_text(id), error)) ||
        !load_all(tracer, load_line, lines, error))
        return false;
    if (lines->len == 0)
        return weir_fail(error, WEIR_ERROR_NOT_FOUND, "\"%.*s\" is no search, click or transaction that is known",
                         STR_FORMAT(id));
    return start_at_line(tracer, searches, clicks, lines, error);
}

bool
trace_find(DbTx *tx, Str id, Arena *arena, Trace *ret_trace, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(GArray) searches = g_array_new(FALSE, FALSE, sizeof(TraceSearch));
    g_autoptr(GArray) clicks = g_array_new(FALSE, FALSE, sizeof(TraceClick));
    g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(TraceLine));
    Tracer tracer = {tx, arena, ids, false};
    const char *start;

    if (id.size > 600 || !g_utf8_validate_len(id.at != NULL ? id.at : "", id.size, NULL))
        return weir_fail(error, WEIR_ERROR_INVALID, "an id of %zu bytes that can't be one", id.size);
    if (!follow(&tracer, id, &start, searches, clicks, lines, error))
        return false;
    *ret_trace = (Trace){
        .start = start,
        .searches = keep(&tracer, searches),
        .search_count = searches->len,
        .clicks = keep(&tracer, clicks),
        .click_count = clicks->len,
        .lines = keep(&tracer, lines),
        .line_count = lines->len,
        .truncated = tracer.truncated,
    };
    return true;
}
