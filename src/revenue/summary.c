#include "revenue/summary.h"

#include "base/clock.h"
#include "base/timestamp.h"

typedef struct {
    SummaryRow row;
    GArray *amounts; /* SummaryAmount */
} Group;

/* Groups by their text. */
typedef struct {
    SummaryBy by;
    GHashTable *groups; /* char * -> Group * */
} Groups;

/* What is selected to tell groups apart: of an entry e, a click c or a search s; s is joined where it is named. */
typedef struct {
    const char *name, *entry, *click, *search;
    bool from_search;
} Dimension;

#define DAY_SQL(moment)  "(" moment " / 86400000000)"
#define HOUR_SQL(moment) "(" moment " / 3600000000)"

static const Dimension DIMENSIONS[] = {
    [SUMMARY_BY_SOURCE] = {"source", "e.source", "c.source", "j.value->>'source'", false},
    [SUMMARY_BY_DAY] = {"day", DAY_SQL("e.effective_at_us"), DAY_SQL("c.at_us"), DAY_SQL("s.at_us"), false},
    [SUMMARY_BY_HOUR] = {"hour", HOUR_SQL("e.effective_at_us"), HOUR_SQL("c.at_us"), HOUR_SQL("s.at_us"), false},
    [SUMMARY_BY_CLIENT] = {"client", "COALESCE(s.client, '')", "COALESCE(s.client, '')", "COALESCE(s.client, '')",
                           true},
    [SUMMARY_BY_COUNTRY] = {"country", "COALESCE(s.country, '')", "COALESCE(s.country, '')", "COALESCE(s.country, '')",
                            true},
    [SUMMARY_BY_QUERY] = {"query", "COALESCE(s.keywords, '')", "COALESCE(s.keywords, '')", "COALESCE(s.keywords, '')",
                          true},
};

bool
summary_by_parse(Str text, SummaryBy *ret_by)
{
    for (size_t i = 0; i < G_N_ELEMENTS(DIMENSIONS); i++) {
        if (str_is(text, DIMENSIONS[i].name)) {
            *ret_by = (SummaryBy)i;
            return true;
        }
    }
    return false;
}

const char *
summary_ratio(int64_t numerator_micros, int64_t denominator, char to[SUMMARY_RATIO_SIZE])
{
    bool negative = (numerator_micros < 0) != (denominator < 0);
    unsigned __int128 numerator, divisor, micros;

    if (denominator == 0) {
        to[0] = '\0';
        return to;
    }
    numerator = numerator_micros < 0 ? -(__int128)numerator_micros : (__int128)numerator_micros;
    divisor = denominator < 0 ? -(__int128)denominator : (__int128)denominator;
    micros = (2 * numerator + divisor) / (2 * divisor);
    g_snprintf(to, SUMMARY_RATIO_SIZE, "%s%" G_GUINT64_FORMAT ".%06" G_GUINT64_FORMAT,
               negative && micros != 0 ? "-" : "", (uint64_t)(micros / 1000000), (uint64_t)(micros % 1000000));
    return to;
}

static void
group_free(gpointer data)
{
    Group *group = data;

    g_array_unref(group->amounts);
    g_free(group);
}

/* The text of a group, from its column. */
static char *
group_name(const Groups *groups, const DbRows *rows)
{
    char text[TIMESTAMP_TEXT_SIZE];

    if (groups->by == SUMMARY_BY_DAY)
        return g_strdup(timestamp_format_day(db_get_int(rows, 0) * US_PER_DAY, NULL, text));
    if (groups->by == SUMMARY_BY_HOUR)
        return g_strndup(timestamp_format(db_get_int(rows, 0) * US_PER_HOUR, text), strlen("2026-11-24T05"));
    return g_strndup(db_get_text(rows, 0).at != NULL ? db_get_text(rows, 0).at : "", db_get_text(rows, 0).size);
}

static Group *
group_find(Groups *groups, const DbRows *rows, GError **error)
{
    g_autofree char *name = group_name(groups, rows);
    Group *group = g_hash_table_lookup(groups->groups, name);

    if (group != NULL)
        return group;
    if (g_hash_table_size(groups->groups) >= SUMMARY_GROUPS_LIMIT) {
        weir_fail(error, WEIR_ERROR_LIMIT, "more than %d groups by %s: ask for a shorter time", SUMMARY_GROUPS_LIMIT,
                  DIMENSIONS[groups->by].name);
        return NULL;
    }
    group = g_new0(Group, 1);
    group->amounts = g_array_new(FALSE, TRUE, sizeof(SummaryAmount));
    group->row.group = str_of(name);
    g_hash_table_insert(groups->groups, g_steal_pointer(&name), group);
    return group;
}

/* Adds one row of a query to its group. */
typedef bool (*AddRow)(Group *group, const DbRows *rows, GError **error);

static bool
collect(DbTx *tx, Groups *groups, Sql sql, int64_t since_us, int64_t until_us, AddRow add, GError **error)
{
    g_autoptr(DbRows) rows = db_query(tx, sql, DB_ARGS(db_int(since_us), db_int(until_us)), error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        Group *group = group_find(groups, rows, error);

        if (group == NULL || !add(group, rows, error))
            return false;
    }
    return !db_has_failed(rows);
}

static bool
add_amount(Group *group, const DbRows *rows, GError **error)
{
    SummaryAmount amount = {.attributed_micros = db_get_int(rows, 2), .unattributed_micros = db_get_int(rows, 3)};

    if (!currency_parse(db_get_text(rows, 1), &amount.currency))
        return weir_fail(error, WEIR_ERROR_BROKEN, "an entry without currency");
    g_array_append_val(group->amounts, amount);
    return true;
}

static bool
add_clicks(Group *group, const DbRows *rows, GError **error G_GNUC_UNUSED)
{
    group->row.clicks = db_get_int(rows, 1);
    group->row.counted_clicks = db_get_int(rows, 2);
    return true;
}

static bool
add_searches(Group *group, const DbRows *rows, GError **error G_GNUC_UNUSED)
{
    group->row.searches = db_get_int(rows, 1);
    group->row.shown = db_get_int(rows, 2);
    return true;
}

static bool
collect_amounts(DbTx *tx, Groups *groups, int64_t since_us, int64_t until_us, GError **error)
{
    const Dimension *dimension = &DIMENSIONS[groups->by];
    g_autofree char *sql = g_strdup_printf(
        "SELECT %s, e.currency, "
        "CAST(-SUM(CASE WHEN e.account = 'attributed' THEN e.amount_micros ELSE 0 END) AS BIGINT), "
        "CAST(-SUM(CASE WHEN e.account = 'unattributed' THEN e.amount_micros ELSE 0 END) AS BIGINT) "
        "FROM entry e %s WHERE e.effective_at_us >= $1 AND e.effective_at_us < $2 AND e.account <> 'receivable' "
        "GROUP BY 1, 2 ORDER BY 1, 2",
        dimension->entry, dimension->from_search ? "LEFT JOIN search s ON s.id = e.search_id" : "");

    return collect(tx, groups, SQL(sql), since_us, until_us, add_amount, error);
}

static bool
collect_clicks(DbTx *tx, Groups *groups, int64_t since_us, int64_t until_us, GError **error)
{
    const Dimension *dimension = &DIMENSIONS[groups->by];
    g_autofree char *sql =
        g_strdup_printf("SELECT %s, COUNT(*), CAST(SUM(CASE WHEN c.flags = 0 THEN 1 ELSE 0 END) AS BIGINT) "
                        "FROM click c %s WHERE c.at_us >= $1 AND c.at_us < $2 GROUP BY 1",
                        dimension->click, dimension->from_search ? "LEFT JOIN search s ON s.id = c.search_id" : "");

    return collect(tx, groups, SQL(sql), since_us, until_us, add_clicks, error);
}

static bool
collect_searches(DbTx *tx, Groups *groups, int64_t since_us, int64_t until_us, GError **error)
{
    static const char BY_SOURCE[] = "SELECT %s, COUNT(DISTINCT s.id), COUNT(*) FROM search s "
                                    "LEFT JOIN search_page p ON p.id = s.page_id CROSS JOIN %s "
                                    "WHERE s.at_us >= $1 AND s.at_us < $2 GROUP BY 1";
    const Dimension *dimension = &DIMENSIONS[groups->by];
    g_autofree char *sqlite = NULL, *postgres = NULL;

    if (groups->by == SUMMARY_BY_SOURCE) {
        sqlite = g_strdup_printf(BY_SOURCE, dimension->search, "json_each(COALESCE(p.shown, s.shown)) j");
        postgres =
            g_strdup_printf(BY_SOURCE, dimension->search,
                            "LATERAL jsonb_array_elements(CAST(COALESCE(p.shown, s.shown) AS jsonb)) AS j(value)");
    } else {
        sqlite = g_strdup_printf("SELECT %s, COUNT(*), CAST(SUM(s.shown_count) AS BIGINT) FROM search s "
                                 "WHERE s.at_us >= $1 AND s.at_us < $2 GROUP BY 1",
                                 dimension->search);
        postgres = g_strdup(sqlite);
    }
    return collect(tx, groups, (Sql){sqlite, postgres}, since_us, until_us, add_searches, error);
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

static bool
emit(Group *group, void (*each)(void *data, const SummaryRow *row), void *data, GError **error)
{
    SummaryAmount *amounts = (SummaryAmount *)(void *)group->amounts->data;

    for (guint i = 0; i < group->amounts->len; i++) {
        int64_t earned;

        if (!money_add(amounts[i].attributed_micros, amounts[i].unattributed_micros, &earned))
            return weir_fail(error, WEIR_ERROR_LIMIT, "the earnings of a group do not fit");
        summary_ratio(earned, group->row.counted_clicks, amounts[i].rpc);
    }
    group->row.amounts = amounts;
    group->row.amount_count = group->amounts->len;
    if (group->row.counted_clicks <= INT64_MAX / MICROS_PER_UNIT)
        summary_ratio(group->row.counted_clicks * MICROS_PER_UNIT, group->row.shown, group->row.ctr);
    each(data, &group->row);
    return true;
}

bool
revenue_summary(DbTx *tx, SummaryBy by, int64_t since_us, int64_t until_us,
                void (*each)(void *data, const SummaryRow *row), void *data, GError **error)
{
    g_autoptr(GHashTable) table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, group_free);
    Groups groups = {by, table};
    g_autoptr(GList) names = NULL;

    if (!collect_amounts(tx, &groups, since_us, until_us, error) ||
        !collect_clicks(tx, &groups, since_us, until_us, error) ||
        !collect_searches(tx, &groups, since_us, until_us, error))
        return false;
    names = g_list_sort(g_hash_table_get_keys(table), compare_names);
    for (GList *name = names; name != NULL; name = name->next) {
        if (!emit(g_hash_table_lookup(table, name->data), each, data, error))
            return false;
    }
    return true;
}
