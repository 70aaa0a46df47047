#include "warehouse/table.h"

#define SAME(name) SQL("t." name)
/* What it showed may be in another row, with others that showed the same. */
#define SEARCH_WITH_PAGE "search t LEFT JOIN search_page p ON p.id = t.page_id"

static const TableColumn SEARCH_COLUMNS[] = {
    {.name = "id", .type = TABLE_INT, .expression = SAME("id")},
    {.name = "searched_at", .type = TABLE_TIME, .expression = SAME("at_us")},
    {.name = "keywords", .type = TABLE_TEXT, .optional = true, .expression = SAME("keywords")},
    {.name = "location", .type = TABLE_TEXT, .optional = true, .expression = SAME("location")},
    {.name = "country", .type = TABLE_TEXT, .optional = true, .expression = SAME("country")},
    {.name = "mode", .type = TABLE_TEXT, .optional = true, .expression = SAME("mode")},
    {.name = "client", .type = TABLE_TEXT, .optional = true, .expression = SAME("client")},
    {.name = "took_us", .type = TABLE_INT, .expression = SAME("took_us")},
    {.name = "partial", .type = TABLE_BOOL, .expression = SAME("partial")},
    {.name = "shown_count", .type = TABLE_INT, .expression = SAME("shown_count")},
    {.name = "sources", .type = TABLE_TEXT, .optional = true, .expression = SQL("COALESCE(p.sources, t.sources)")},
};

/* A member of one listing shown: s is its row, value its JSON. */
#define SHOWN(path, postgres_path)                                                                                     \
    {                                                                                                                  \
        "json_extract(s.value, '$." path "')", "s.value #>> '{" postgres_path "}'"                                     \
    }

static const TableColumn IMPRESSION_COLUMNS[] = {
    {.name = "search_id", .type = TABLE_INT, .expression = SAME("id")},
    {.name = "position", .type = TABLE_INT, .expression = {"s.key + 1", "s.number"}},
    {.name = "shown_at", .type = TABLE_TIME, .expression = SAME("at_us")},
    {.name = "source", .type = TABLE_TEXT, .optional = true, .expression = SHOWN("source", "source")},
    {.name = "listing_id", .type = TABLE_TEXT, .optional = true, .expression = SHOWN("listing_id", "listing_id")},
    {.name = "title", .type = TABLE_TEXT, .optional = true, .expression = SHOWN("title", "title")},
    {.name = "bid_micros",
     .type = TABLE_INT,
     .optional = true,
     .decimal = true,
     .expression = SHOWN("bid.amount", "bid,amount")},
    {.name = "bid_currency", .type = TABLE_TEXT, .optional = true, .expression = SHOWN("bid.currency", "bid,currency")},
    {.name = "country", .type = TABLE_TEXT, .optional = true, .expression = SAME("country")},
    {.name = "client", .type = TABLE_TEXT, .optional = true, .expression = SAME("client")},
};

/* Of a visitor nothing leaves but the browser's family. */
static const TableColumn CLICK_COLUMNS[] = {
    {.name = "id", .type = TABLE_INT, .expression = SAME("id")},
    {.name = "clicked_at", .type = TABLE_TIME, .expression = SAME("at_us")},
    {.name = "search_id", .type = TABLE_INT, .expression = SAME("search_id")},
    {.name = "position", .type = TABLE_INT, .expression = SAME("position")},
    {.name = "source", .type = TABLE_TEXT, .expression = SAME("source")},
    {.name = "listing_id", .type = TABLE_TEXT, .optional = true, .expression = SAME("listing_id")},
    {.name = "bid_micros", .type = TABLE_INT, .expression = SAME("bid_micros")},
    {.name = "bid_currency", .type = TABLE_TEXT, .expression = SAME("bid_currency")},
    {.name = "counted", .type = TABLE_BOOL, .expression = SQL("CASE WHEN t.flags = 0 THEN 1 ELSE 0 END")},
    {.name = "flags", .type = TABLE_INT, .expression = SAME("flags")},
    {.name = "user_agent_family", .type = TABLE_TEXT, .optional = true, .expression = SAME("user_agent_family")},
};

static const TableColumn ENTRY_COLUMNS[] = {
    {.name = "id", .type = TABLE_INT, .expression = SAME("id")},
    {.name = "txn_id", .type = TABLE_INT, .expression = SAME("txn_id")},
    {.name = "account", .type = TABLE_TEXT, .expression = SAME("account")},
    {.name = "source", .type = TABLE_TEXT, .expression = SAME("source")},
    {.name = "line_id", .type = TABLE_INT, .expression = SAME("line_id")},
    {.name = "amount_micros", .type = TABLE_INT, .expression = SAME("amount_micros")},
    {.name = "currency", .type = TABLE_TEXT, .expression = SAME("currency")},
    {.name = "effective_at", .type = TABLE_TIME, .expression = SAME("effective_at_us")},
    {.name = "rung", .type = TABLE_TEXT, .expression = SAME("rung")},
    {.name = "click_id", .type = TABLE_INT, .optional = true, .expression = SAME("click_id")},
    {.name = "search_id", .type = TABLE_INT, .optional = true, .expression = SAME("search_id")},
};

static const TableColumn REVISION_COLUMNS[] = {
    {.name = "id", .type = TABLE_INT, .expression = SAME("id")},
    {.name = "line_id", .type = TABLE_INT, .expression = SAME("line_id")},
    {.name = "rev", .type = TABLE_INT, .expression = SAME("rev")},
    {.name = "source", .type = TABLE_TEXT, .expression = SQL("l.source")},
    {.name = "kind", .type = TABLE_TEXT, .expression = SQL("l.kind")},
    {.name = "line_key", .type = TABLE_TEXT, .expression = SQL("l.line_key")},
    {.name = "status", .type = TABLE_TEXT, .optional = true, .expression = SAME("status")},
    {.name = "effective_at", .type = TABLE_TIME, .expression = SAME("effective_at_us")},
    {.name = "amount_micros", .type = TABLE_INT, .expression = SAME("amount_micros")},
    {.name = "earned_micros", .type = TABLE_INT, .expression = SAME("earned_micros")},
    {.name = "currency", .type = TABLE_TEXT, .expression = SAME("currency")},
    {.name = "clicks", .type = TABLE_INT, .optional = true, .expression = SAME("clicks")},
    {.name = "impressions", .type = TABLE_INT, .optional = true, .expression = SAME("impressions")},
    {.name = "report_id", .type = TABLE_INT, .expression = SAME("report_id")},
    {.name = "recorded_at", .type = TABLE_TIME, .expression = SAME("recorded_at_us")},
};

/* Counts stand in the rows of currency "", money in those of its currencies: every column may be summed over any rows. */
static const TableColumn ROLLUP_COLUMNS[] = {
    {.name = "run", .type = TABLE_INT, .expression = SAME("run")},
    {.name = "hour", .type = TABLE_TIME, .expression = SAME("hour_us")},
    {.name = "source", .type = TABLE_TEXT, .expression = SAME("source")},
    {.name = "currency", .type = TABLE_TEXT, .expression = SAME("currency")},
    {.name = "impressions", .type = TABLE_INT, .expression = SAME("impressions")},
    {.name = "clicks", .type = TABLE_INT, .expression = SAME("clicks")},
    {.name = "counted_clicks", .type = TABLE_INT, .expression = SAME("counted_clicks")},
    {.name = "attributed_micros", .type = TABLE_INT, .expression = SAME("attributed_micros")},
    {.name = "unattributed_micros", .type = TABLE_INT, .expression = SAME("unattributed_micros")},
    {.name = "earned_micros", .type = TABLE_INT, .expression = SQL("(t.attributed_micros + t.unattributed_micros)")},
    {.name = "changed_at", .type = TABLE_TIME, .expression = SAME("changed_at_us")},
};

#define COLUMNS(array) .columns = (array), .column_count = G_N_ELEMENTS(array)

const Table TABLES[] = {
    {.name = "searches",
     .base = "search",
     .key = "id",
     .from = SQL(SEARCH_WITH_PAGE),
     .order = "",
     .late = true,
     .batch_limit = 50000,
     .money = -1,
     .currency = -1,
     COLUMNS(SEARCH_COLUMNS)},
    /* A search shows up to 100 listings, hence the smaller batch. */
    {.name = "impressions",
     .base = "search",
     .key = "search_id, position",
     .from = {SEARCH_WITH_PAGE " JOIN json_each(COALESCE(p.shown, t.shown)) s",
              SEARCH_WITH_PAGE " CROSS JOIN LATERAL json_array_elements(COALESCE(p.shown, t.shown)::json) "
                               "WITH ORDINALITY s (value, number)"},
     .order = ", 2",
     .late = true,
     .batch_limit = 2000,
     .money = 6,
     .currency = 7,
     COLUMNS(IMPRESSION_COLUMNS)},
    {.name = "clicks",
     .base = "click",
     .key = "id",
     .from = SQL("click t"),
     .order = "",
     .late = true,
     .batch_limit = 100000,
     .money = 6,
     .currency = 7,
     COLUMNS(CLICK_COLUMNS)},
    {.name = "entries",
     .base = "entry",
     .key = "id",
     .from = SQL("entry t"),
     .order = "",
     .batch_limit = 100000,
     .money = 5,
     .currency = 6,
     COLUMNS(ENTRY_COLUMNS)},
    {.name = "revisions",
     .base = "revision",
     .key = "id",
     .from = SQL("revision t JOIN line l ON l.id = t.line_id"),
     .order = "",
     .batch_limit = 100000,
     .money = 9,
     .currency = 10,
     COLUMNS(REVISION_COLUMNS)},
    /* A run's rows are final for that run once it is complete; what a later run changes leaves with the later run. */
    {.name = "rollups",
     .base = "rollup",
     .version = "run",
     .until = "SELECT complete_run FROM rollup_state",
     .key = "hour, source, currency",
     .from = SQL("rollup t"),
     .order = ", t.hour_us, t.source, t.currency",
     .batch_limit = 100000,
     .money = 9,
     .currency = 3,
     COLUMNS(ROLLUP_COLUMNS)},
};
const size_t TABLE_COUNT = G_N_ELEMENTS(TABLES);

const TableDialect DUCKDB_DIALECT = {{"BIGINT", "VARCHAR", "TIMESTAMPTZ", "BOOLEAN"}};
const TableDialect SNOWFLAKE_DIALECT = {{"NUMBER(19,0)", "VARCHAR", "TIMESTAMP_TZ(6)", "BOOLEAN"}};

const Table *
table_find(Str name)
{
    for (size_t i = 0; i < TABLE_COUNT; i++)
        if (str_is(name, TABLES[i].name))
            return &TABLES[i];
    return NULL;
}

const char *
table_follows(const Table *table)
{
    return table->version != NULL ? table->version : "id";
}

void
table_write_select(const Table *table, DbEngine engine, GString *to)
{
    bool sqlite = engine == DB_ENGINE_SQLITE;

    g_string_append(to, "SELECT ");
    for (size_t i = 0; i < table->column_count; i++) {
        const Sql *sql = &table->columns[i].expression;

        g_string_append_printf(to, "%s%s", i > 0 ? ", " : "", sqlite ? sql->sqlite : sql->postgres);
    }
    g_string_append_printf(to, " FROM %s", sqlite ? table->from.sqlite : table->from.postgres);
}

void
table_write_columns(const Table *table, const TableDialect *dialect, GString *to)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const TableColumn *column = &table->columns[i];

        g_string_append_printf(to, "%s%s %s%s", i > 0 ? ", " : "", column->name, dialect->types[column->type],
                               column->optional ? "" : " NOT NULL");
    }
}
