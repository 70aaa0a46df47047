/*
 * A series (a metric with one pair of label values) is made when first touched and lives as long as the registry, so
 * that after one look-up under a shared lock its numbers are plain atomics.
 */
#include "ops/metrics.h"

#define SERIES_LIMIT 1000 /* a metric; beyond, label values are a mistake or an attack */
#define OTHER        "other"

typedef struct {
    const char *name;
    MetricKind kind;
    const char *label_1, *label_2;
    const char *help;
} MetricRow;

static const MetricRow ROWS[METRIC_COUNT] = {
    [METRIC_HTTP_REQUESTS] = {"weir_http_requests_total", METRIC_COUNTER, "route", "status",
                              "Requests answered, by pattern of the route and status"},
    [METRIC_HTTP_SECONDS] = {"weir_http_request_duration_seconds", METRIC_HISTOGRAM_SECONDS, "route", NULL,
                             "Time from a request's head to the last byte of its answer"},
    [METRIC_HTTP_CUT] = {"weir_http_connections_cut_total", METRIC_COUNTER, "phase", NULL,
                         "Connections ended since their peer took too long to send a request (receiving) or to take an "
                         "answer (sending)"},
    [METRIC_REQUESTS_REFUSED] =
        {"weir_requests_refused_total", METRIC_COUNTER, "class", "reason",
         "Requests answered 503 under overload: clicks and postbacks (click), searches (search) or "
         "others (rest), since too many were open or searches waited too long (delay)"},
    [METRIC_KEYS_SHOWN] = {"weir_api_keys_shown_total", METRIC_COUNTER, "scope", "result",
                           "Requests where an API key is needed: let in (taken), without one (missing), with one that "
                           "does not hold (unknown), is for something else (scope) or has asked too often (limit), or "
                           "before keys were read (unread)"},
    [METRIC_KEYS_LIMITED] = {"weir_api_keys_limited_total", METRIC_COUNTER, "key", NULL,
                             "Requests answered 429, by the name of the key that had asked too often"},
    [METRIC_SEARCH_QUEUE_SECONDS] = {"weir_search_queue_duration_seconds", METRIC_HISTOGRAM_SECONDS, NULL, NULL,
                                     "Time that a search waited for its turn"},
    [METRIC_SEARCHES] = {"weir_searches_total", METRIC_COUNTER, "mode", "result",
                         "Searches answered; partial when a source was missing"},
    [METRIC_SEARCH_ENDS] =
        {"weir_search_ends_total", METRIC_COUNTER, "mode", "why",
         "Searches by what ended them: all sources had answered or failed, enough had come, waiting "
         "was not expected to gain enough, the deadline, the page was there, the process stopped, or who "
         "listened had gone"},
    [METRIC_SEARCH_SECONDS] = {"weir_search_duration_seconds", METRIC_HISTOGRAM_SECONDS, "mode", NULL,
                               "Time that a search took"},
    [METRIC_SEARCH_PAST] = {"weir_search_past_deadline_seconds", METRIC_HISTOGRAM_SECONDS, "mode", NULL,
                            "Of a search that its deadline ended: time from then until its answer was written and "
                            "handed to the connection; 0 when that was before"},
    [METRIC_STREAMS] =
        {"weir_search_streams_total", METRIC_COUNTER, "format", "outcome",
         "Searches whose listings were sent as they came: to the end (whole), until the client went away (gone) or "
         "was cut off since it read too slowly (cut), or not at all since there were too many (refused)"},
    [METRIC_STREAM_SECONDS] = {"weir_search_stream_first_listing_seconds", METRIC_HISTOGRAM_SECONDS, "mode", NULL,
                               "Time until the first listing of a search that is sent as it comes"},
    [METRIC_SOURCE_CALLS] = {"weir_source_calls_total", METRIC_COUNTER, "source", "outcome",
                             "Calls to a partner, by how they ended"},
    [METRIC_SOURCE_SECONDS] = {"weir_source_call_duration_seconds", METRIC_HISTOGRAM_SECONDS, "source", NULL,
                               "Time that a call to a partner took"},
    [METRIC_SOURCE_LISTINGS] = {"weir_source_listings_total", METRIC_COUNTER, "source", NULL,
                                "Listings received from a partner in searches"},
    [METRIC_SOURCE_CUT] =
        {"weir_source_answers_cut_total", METRIC_COUNTER, "source", "limit",
         "Answers to searches that were read no further, since they had as many listings as are taken of "
         "one, or since these took too much memory"},
    [METRIC_SOURCE_LIMIT] = {"weir_source_concurrency_limit", METRIC_GAUGE, "source", NULL,
                             "Calls of searches that may be under way to a partner, as it bears them"},
    [METRIC_SOURCE_LIMITED] = {"weir_source_limited_total", METRIC_COUNTER, "source", NULL,
                               "Calls of searches that were not made since that limit was reached"},
    [METRIC_SOURCE_REPEATS] = {"weir_source_repeats_total", METRIC_COUNTER, "source", "result",
                               "Calls beside the first ones, all from one budget: after a failure (retry_answered, "
                               "retry_failed), or beside a slow call (hedge_won, hedge_lost, hedge_failed)"},
    [METRIC_REPEATS_REFUSED] = {"weir_source_repeats_refused_total", METRIC_COUNTER, "source", "why",
                                "Calls that were not made beside the first: the budget was used up, the source rests "
                                "(breaker), bears no more (limit), or its limits leave no room (quota)"},
    [METRIC_KNOWLEDGE] = {"weir_knowledge_total", METRIC_COUNTER, "result", NULL,
                          "What became of the file of what searches learned of sources: at the start loaded, none, or "
                          "unreadable; later saved or not_saved"},
    [METRIC_BREAKER_STATE] =
        {"weir_source_breaker_state", METRIC_GAUGE, "source", NULL,
         "Whether searches ask a partner: 0 yes (closed), 1 one call tries (half open), 2 no (open)"},
    [METRIC_BREAKER_OPENED] = {"weir_source_breaker_opened_total", METRIC_COUNTER, "source", "reason",
                               "Times that a partner was given a rest, by the status of the call that gave the reason, "
                               "or slow"},
    [METRIC_ORDERS] = {"weir_orders_total", METRIC_COUNTER, "source", "outcome",
                       "What a partner was asked to prepare: ready, failed, refused by its limits, or late (past the "
                       "deadline)"},
    [METRIC_ORDER_POLLS] = {"weir_order_polls_total", METRIC_COUNTER, "source", NULL,
                            "Times that a partner was asked whether it is ready"},
    [METRIC_ORDER_SECONDS] = {"weir_order_duration_seconds", METRIC_HISTOGRAM_SECONDS, "source", NULL,
                              "Time until what was ordered was ready, or given up"},
    [METRIC_RECORDS_REJECTED] = {"weir_records_rejected_total", METRIC_COUNTER, "source", "reason",
                                 "Records of a partner that could not be used"},
    [METRIC_FIELDS_UNREAD] = {"weir_fields_unread_total", METRIC_COUNTER, "source", "field",
                              "Fields of a partner's records that could not be read; the records were kept"},
    [METRIC_DEFINITION_LOADS] = {"weir_definition_loads_total", METRIC_COUNTER, "result", NULL,
                                 "Times that partners' definitions were read again while running: loaded or refused"},
    [METRIC_CACHE_LOOKUPS] = {"weir_cache_lookups_total", METRIC_COUNTER, "what", "result",
                              "Looks for a kept answer, of a source or of the stored listings (index): hit, stale, "
                              "fallback (to be given if asking fails), failure (kept for a moment), or miss"},
    [METRIC_CACHE_REMOVED] = {"weir_cache_removed_total", METRIC_COUNTER, "why", NULL,
                              "Kept answers that were removed: their time was over (age), or others needed the room"},
    [METRIC_CACHE_BYTES] = {"weir_cache_bytes", METRIC_GAUGE, NULL, NULL, "Memory of kept answers"},
    [METRIC_SHARED_CACHE] =
        {"weir_shared_cache_total", METRIC_COUNTER, "command", "result",
         "What became of commands to Redis: get (hit, miss, timeout, failed, away, full), set (kept, "
         "failed, away, full, large), connect (ready, refused, timeout, lost), link (lost)"},
    [METRIC_SHARED_CACHE_UP] = {"weir_shared_cache_connections", METRIC_GAUGE, NULL, NULL,
                                "Connections to Redis that are ready; one for each search thread when all is well"},
    [METRIC_FLIGHTS] = {"weir_flights_total", METRIC_COUNTER, "result", NULL,
                        "Questions on their way: started, joined by another search, started behind a stale answer "
                        "(refresh), gone on when no search waited any more (background), and so answered and kept "
                        "(background_kept) or given up when their time was over (background_late), cancelled, or "
                        "refused"},
    [METRIC_CLICKS] =
        {"weir_clicks_total", METRIC_COUNTER, "result", NULL,
         "Requests for links, each once: counted, flagged (redirected, but it does not count), lost (redirected, "
         "but it could not be made durable), refused (no link of ours), expired, outdated (its price has "
         "ended), or broken (the partner's URL can't be led to)"},
    [METRIC_SPOOL_EVENTS] = {"weir_spool_events_total", METRIC_COUNTER, "kind", NULL,
                             "Events made durable on local disk"},
    [METRIC_SPOOL_LOST] =
        {"weir_spool_lost_events_total", METRIC_COUNTER, "kind", NULL,
         "Events that could not be made durable: the disk is full or fails, or too many waited for it"},
    [METRIC_SPOOL_WRITABLE] = {"weir_spool_writable", METRIC_GAUGE, NULL, NULL,
                               "1: events can be made durable; 0: the last try failed, and clicks are lost"},
    [METRIC_SPOOL_BACKLOG] = {"weir_spool_backlog_events", METRIC_GAUGE, NULL, NULL,
                              "Events on local disk that are not in the database yet"},
    [METRIC_SPOOL_COMMIT_SECONDS] = {"weir_spool_commit_duration_seconds", METRIC_HISTOGRAM_SECONDS, NULL, NULL,
                                     "Time that one group commit took"},
    [METRIC_SHIPPED_EVENTS] = {"weir_shipped_events_total", METRIC_COUNTER, "kind", NULL,
                               "Events moved from local disk into the database"},
    [METRIC_REPORT_LINES] = {"weir_report_lines_total", METRIC_COUNTER, "source", "outcome",
                             "Lines of revenue reports: new, same, changed, stale, quarantined"},
    [METRIC_FEED_LISTINGS] = {"weir_feed_listings_total", METRIC_COUNTER, "source", "outcome",
                              "Listings of bulk feeds: new, same, changed, gone, rejected"},
    [METRIC_TASKS] = {"weir_tasks_total", METRIC_COUNTER, "kind", "outcome", "Runs of background tasks"},
    [METRIC_TASK_SECONDS] = {"weir_task_duration_seconds", METRIC_HISTOGRAM_SECONDS, "kind", NULL,
                             "Time that one run of a background task took"},
    [METRIC_RETENTION_REMOVED] = {"weir_retention_removed_total", METRIC_COUNTER, "what", NULL,
                                  "Rows removed because they were as old as retention says"},
    [METRIC_ROBOT_PATTERNS] = {"weir_robot_patterns", METRIC_GAUGE, "list", "version",
                               "Patterns of robots' user agents that clicks are held against, by list and its version"},
    [METRIC_DATABASE_UP] =
        {"weir_database_up", METRIC_GAUGE, "part", NULL,
         "Whether the database answered that part of the process (spool, tasks) when last asked: 1 or 0"},
    [METRIC_EXPORT_ROWS] = {"weir_export_rows_total", METRIC_COUNTER, "table", "destination",
                            "Rows of exported files that reached a destination"},
    [METRIC_EXPORT_BYTES] = {"weir_export_bytes_total", METRIC_COUNTER, "table", "destination",
                             "Size of exported files that reached a destination"},
    [METRIC_EXPORT_COMPLETE_AT] = {"weir_export_complete_timestamp_seconds", METRIC_GAUGE, "table", "destination",
                                   "Unix time up to which all rows were there after the last export; time() minus it "
                                   "is the lag"},
    [METRIC_EXPORT_FAILING] = {"weir_export_failing", METRIC_GAUGE, "table", "destination",
                               "Whether the last attempt to deliver a file failed: 1 or 0"},
};

static const char *const KIND_NAMES[] = {"counter", "gauge", "histogram"};

typedef struct {
    int64_t up_to_us;
    const char *text; /* as Prometheus wants it: "le" is a label */
} Bucket;

static const Bucket BUCKETS[] = {
    {1000, "0.001"},  {2500, "0.0025"}, {5000, "0.005"},    {10000, "0.01"},     {25000, "0.025"},
    {50000, "0.05"},  {100000, "0.1"},  {250000, "0.25"},   {500000, "0.5"},     {1000000, "1.0"},
    {2500000, "2.5"}, {5000000, "5.0"}, {10000000, "10.0"}, {INT64_MAX, "+Inf"},
};

typedef struct {
    const char *label_1, *label_2;          /* "" where the metric has none */
    int64_t value;                          /* counter, gauge; sum in microseconds of a histogram */
    int64_t buckets[G_N_ELEMENTS(BUCKETS)]; /* not cumulative */
} Series;

struct Metrics {
    GRWLock lock; /* of the tables; the numbers in them are atomic */
    GHashTable *series[METRIC_COUNT];
};

static guint
series_hash(gconstpointer key)
{
    const Series *series = key;

    return g_str_hash(series->label_1) * 31 + g_str_hash(series->label_2);
}

static gboolean
series_equal(gconstpointer a, gconstpointer b)
{
    const Series *left = a, *right = b;

    return strcmp(left->label_1, right->label_1) == 0 && strcmp(left->label_2, right->label_2) == 0;
}

static void
series_free(gpointer data)
{
    Series *series = data;

    g_free((char *)series->label_1);
    g_free((char *)series->label_2);
    g_free(series);
}

static Series
series_key(Metric metric, const char *label_1, const char *label_2)
{
    const MetricRow *row = &ROWS[metric];

    return (Series){.label_1 = row->label_1 != NULL && label_1 != NULL ? label_1 : "",
                    .label_2 = row->label_2 != NULL && label_2 != NULL ? label_2 : ""};
}

/* Within the write lock. */
static Series *
series_add(GHashTable *table, const Series *key)
{
    Series *series = g_new0(Series, 1);

    series->label_1 = g_strdup(key->label_1);
    series->label_2 = g_strdup(key->label_2);
    g_hash_table_add(table, series);
    return series;
}

static Series *
series_get(Metrics *metrics, Metric metric, const char *label_1, const char *label_2)
{
    GHashTable *table = metrics->series[metric];
    Series key = series_key(metric, label_1, label_2);
    Series *series;

    g_rw_lock_reader_lock(&metrics->lock);
    series = g_hash_table_lookup(table, &key);
    g_rw_lock_reader_unlock(&metrics->lock);
    if (series != NULL)
        return series;
    g_rw_lock_writer_lock(&metrics->lock);
    series = g_hash_table_lookup(table, &key);
    if (series == NULL && g_hash_table_size(table) >= SERIES_LIMIT - 1) {
        key = series_key(metric, OTHER, OTHER);
        series = g_hash_table_lookup(table, &key);
    }
    if (series == NULL)
        series = series_add(table, &key);
    g_rw_lock_writer_unlock(&metrics->lock);
    return series;
}

Metrics *
metrics_new(void)
{
    Metrics *metrics = g_new0(Metrics, 1);

    g_rw_lock_init(&metrics->lock);
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        metrics->series[i] = g_hash_table_new_full(series_hash, series_equal, series_free, NULL);
        /* A metric without labels is there from the start, as 0. */
        if (ROWS[i].label_1 == NULL)
            series_get(metrics, (Metric)i, NULL, NULL);
    }
    return metrics;
}

void
metrics_free(Metrics *metrics)
{
    if (metrics == NULL)
        return;
    for (size_t i = 0; i < METRIC_COUNT; i++)
        g_hash_table_unref(metrics->series[i]);
    g_rw_lock_clear(&metrics->lock);
    g_free(metrics);
}

void
metric_add(Metrics *metrics, Metric metric, const char *label_1, const char *label_2, int64_t amount)
{
    if (metrics == NULL)
        return;
    g_assert(ROWS[metric].kind == METRIC_GAUGE || (ROWS[metric].kind == METRIC_COUNTER && amount >= 0));
    __atomic_fetch_add(&series_get(metrics, metric, label_1, label_2)->value, amount, __ATOMIC_RELAXED);
}

void
metric_set(Metrics *metrics, Metric metric, const char *label_1, const char *label_2, int64_t value)
{
    if (metrics == NULL)
        return;
    g_assert(ROWS[metric].kind == METRIC_GAUGE);
    __atomic_store_n(&series_get(metrics, metric, label_1, label_2)->value, value, __ATOMIC_RELAXED);
}

void
metric_observe_us(Metrics *metrics, Metric metric, const char *label_1, int64_t us)
{
    Series *series;
    size_t i = 0;

    if (metrics == NULL)
        return;
    g_assert(ROWS[metric].kind == METRIC_HISTOGRAM_SECONDS);
    us = MAX(us, 0);
    while (us > BUCKETS[i].up_to_us)
        i++;
    series = series_get(metrics, metric, label_1, NULL);
    __atomic_fetch_add(&series->buckets[i], 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&series->value, us, __ATOMIC_RELAXED);
}

int64_t
metric_value(Metrics *metrics, Metric metric, const char *label_1, const char *label_2)
{
    Series key = series_key(metric, label_1, label_2);
    Series *series;
    int64_t count = 0;

    if (metrics == NULL)
        return 0;
    g_rw_lock_reader_lock(&metrics->lock);
    series = g_hash_table_lookup(metrics->series[metric], &key);
    g_rw_lock_reader_unlock(&metrics->lock);
    if (series == NULL)
        return 0;
    if (ROWS[metric].kind != METRIC_HISTOGRAM_SECONDS)
        return __atomic_load_n(&series->value, __ATOMIC_RELAXED);
    for (size_t i = 0; i < G_N_ELEMENTS(BUCKETS); i++)
        count += __atomic_load_n(&series->buckets[i], __ATOMIC_RELAXED);
    return count;
}

static void
write_label(GString *to, const char *name, const char *value)
{
    g_autofree char *valid = g_utf8_make_valid(value, -1);

    if (to->str[to->len - 1] != '{')
        g_string_append_c(to, ',');
    g_string_append_printf(to, "%s=\"", name);
    for (const char *c = valid; *c != '\0'; c++) {
        if (*c == '\n') {
            g_string_append(to, "\\n");
            continue;
        }
        if (*c == '\\' || *c == '"')
            g_string_append_c(to, '\\');
        g_string_append_c(to, *c);
    }
    g_string_append_c(to, '"');
}

/* name_suffix{labels} with a blank behind it. le may be NULL. */
static void
write_name(GString *to, const MetricRow *row, const char *suffix, const Series *series, const char *le)
{
    g_string_append_printf(to, "%s%s", row->name, suffix);
    if (row->label_1 != NULL || le != NULL) {
        g_string_append_c(to, '{');
        if (row->label_1 != NULL)
            write_label(to, row->label_1, series->label_1);
        if (row->label_2 != NULL)
            write_label(to, row->label_2, series->label_2);
        if (le != NULL)
            write_label(to, "le", le);
        g_string_append_c(to, '}');
    }
    g_string_append_c(to, ' ');
}

static void
write_histogram(GString *to, const MetricRow *row, Series *series)
{
    int64_t count = 0;
    int64_t sum_us = __atomic_load_n(&series->value, __ATOMIC_RELAXED);

    for (size_t i = 0; i < G_N_ELEMENTS(BUCKETS); i++) {
        count += __atomic_load_n(&series->buckets[i], __ATOMIC_RELAXED);
        write_name(to, row, "_bucket", series, BUCKETS[i].text);
        g_string_append_printf(to, "%" G_GINT64_FORMAT "\n", count);
    }
    write_name(to, row, "_sum", series, NULL);
    g_string_append_printf(to, "%" G_GINT64_FORMAT ".%06d\n", sum_us / 1000000, (int)(sum_us % 1000000));
    write_name(to, row, "_count", series, NULL);
    g_string_append_printf(to, "%" G_GINT64_FORMAT "\n", count);
}

static int
compare_series(gconstpointer a, gconstpointer b)
{
    const Series *left = a, *right = b;
    int first = strcmp(left->label_1, right->label_1);

    return first != 0 ? first : strcmp(left->label_2, right->label_2);
}

static void
write_metric(GString *to, const MetricRow *row, GHashTable *table)
{
    GList *all = g_list_sort(g_hash_table_get_keys(table), compare_series);

    g_string_append_printf(to, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name, KIND_NAMES[row->kind]);
    for (GList *at = all; at != NULL; at = at->next) {
        Series *series = at->data;

        if (row->kind == METRIC_HISTOGRAM_SECONDS) {
            write_histogram(to, row, series);
            continue;
        }
        write_name(to, row, "", series, NULL);
        g_string_append_printf(to, "%" G_GINT64_FORMAT "\n", __atomic_load_n(&series->value, __ATOMIC_RELAXED));
    }
    g_list_free(all);
}

void
metrics_write(Metrics *metrics, GString *to)
{
    g_rw_lock_reader_lock(&metrics->lock);
    for (size_t i = 0; i < METRIC_COUNT; i++)
        write_metric(to, &ROWS[i], metrics->series[i]);
    g_rw_lock_reader_unlock(&metrics->lock);
}

void
metrics_write_table(GString *to)
{
    g_string_append(to, "| name | kind | labels | what |\n|---|---|---|---|\n");
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        const MetricRow *row = &ROWS[i];

        g_string_append_printf(to, "| `%s` | %s | %s%s%s | %s |\n", row->name, KIND_NAMES[row->kind],
                               row->label_1 != NULL ? row->label_1 : "", row->label_2 != NULL ? ", " : "",
                               row->label_2 != NULL ? row->label_2 : "", row->help);
    }
}
