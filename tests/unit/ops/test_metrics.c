#include "ops/metrics.h"

static void
counters_add_up_by_label(void)
{
    g_autoptr(Metrics) metrics = metrics_new();
    g_autoptr(GString) text = g_string_new(NULL);

    metric_add(metrics, METRIC_SOURCE_CALLS, "acme", "answered", 2);
    metric_add(metrics, METRIC_SOURCE_CALLS, "acme", "answered", 3);
    metric_add(metrics, METRIC_SOURCE_CALLS, "acme", "timeout", 1);
    metric_set(metrics, METRIC_SPOOL_BACKLOG, NULL, NULL, 7);
    g_assert_cmpint(metric_value(metrics, METRIC_SOURCE_CALLS, "acme", "answered"), ==, 5);
    g_assert_cmpint(metric_value(metrics, METRIC_SOURCE_CALLS, "nobody", "answered"), ==, 0);
    metrics_write(metrics, text);
    g_assert_nonnull(strstr(text->str, "# TYPE weir_source_calls_total counter\n"
                                       "weir_source_calls_total{source=\"acme\",outcome=\"answered\"} 5\n"
                                       "weir_source_calls_total{source=\"acme\",outcome=\"timeout\"} 1\n"));
    g_assert_nonnull(strstr(text->str, "\nweir_spool_backlog_events 7\n"));
}

static void
histograms_are_cumulative_and_end_in_infinity(void)
{
    g_autoptr(Metrics) metrics = metrics_new();
    g_autoptr(GString) text = g_string_new(NULL);

    metric_observe_us(metrics, METRIC_SEARCH_SECONDS, "fastest", 1000);
    metric_observe_us(metrics, METRIC_SEARCH_SECONDS, "fastest", 1001);
    metric_observe_us(metrics, METRIC_SEARCH_SECONDS, "fastest", 20 * 1000000);
    metric_observe_us(metrics, METRIC_SEARCH_SECONDS, "fastest", -5);
    metrics_write(metrics, text);
    g_assert_nonnull(strstr(text->str, "weir_search_duration_seconds_bucket{mode=\"fastest\",le=\"0.001\"} 2\n"
                                       "weir_search_duration_seconds_bucket{mode=\"fastest\",le=\"0.0025\"} 3\n"));
    g_assert_nonnull(strstr(text->str, "weir_search_duration_seconds_bucket{mode=\"fastest\",le=\"10.0\"} 3\n"
                                       "weir_search_duration_seconds_bucket{mode=\"fastest\",le=\"+Inf\"} 4\n"
                                       "weir_search_duration_seconds_sum{mode=\"fastest\"} 20.002001\n"
                                       "weir_search_duration_seconds_count{mode=\"fastest\"} 4\n"));
    g_assert_cmpint(metric_value(metrics, METRIC_SEARCH_SECONDS, "fastest", NULL), ==, 4);
}

static void
label_values_are_escaped(void)
{
    g_autoptr(Metrics) metrics = metrics_new();
    g_autoptr(GString) text = g_string_new(NULL);

    metric_add(metrics, METRIC_CLICKS, "a\"b\\c\nd\xff", NULL, 1);
    metrics_write(metrics, text);
    g_assert_nonnull(strstr(text->str, "weir_clicks_total{result=\"a\\\"b\\\\c\\nd\xef\xbf\xbd\"} 1\n"));
}

static void
a_flood_of_label_values_is_counted_under_other(void)
{
    g_autoptr(Metrics) metrics = metrics_new();
    g_autoptr(GString) text = g_string_new(NULL);
    size_t lines = 0;

    for (int i = 0; i < 5000; i++) {
        g_autofree char *name = g_strdup_printf("source-%d", i);

        metric_add(metrics, METRIC_SOURCE_LISTINGS, name, NULL, 1);
    }
    metrics_write(metrics, text);
    for (const char *at = text->str; (at = strstr(at, "\nweir_source_listings_total{")) != NULL; at++)
        lines++;
    g_assert_cmpuint(lines, ==, 1000);
    g_assert_cmpint(metric_value(metrics, METRIC_SOURCE_LISTINGS, "source-0", NULL), ==, 1);
    g_assert_cmpint(metric_value(metrics, METRIC_SOURCE_LISTINGS, "other", NULL), ==, 5000 - 999);
}

static gpointer
count_many(gpointer data)
{
    for (int i = 0; i < 20000; i++) {
        metric_add(data, METRIC_TASKS, i % 2 ? "a" : "b", "done", 1);
        metric_observe_us(data, METRIC_TASK_SECONDS, "a", i);
    }
    return NULL;
}

static void
nothing_is_lost_between_threads(void)
{
    g_autoptr(Metrics) metrics = metrics_new();
    GThread *threads[4];

    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("count", count_many, metrics);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    g_assert_cmpint(metric_value(metrics, METRIC_TASKS, "a", "done"), ==, 40000);
    g_assert_cmpint(metric_value(metrics, METRIC_TASKS, "b", "done"), ==, 40000);
    g_assert_cmpint(metric_value(metrics, METRIC_TASK_SECONDS, "a", NULL), ==, 80000);
}

static void
without_a_registry_nothing_happens(void)
{
    metric_add(NULL, METRIC_CLICKS, "counted", NULL, 1);
    metric_set(NULL, METRIC_SPOOL_BACKLOG, NULL, NULL, 1);
    metric_observe_us(NULL, METRIC_TASK_SECONDS, "a", 1);
    g_assert_cmpint(metric_value(NULL, METRIC_CLICKS, "counted", NULL), ==, 0);
}

static void
every_metric_is_documented_under_our_prefix(void)
{
    g_autoptr(GString) table = g_string_new(NULL);
    g_auto(GStrv) rows = NULL;

    metrics_write_table(table);
    rows = g_strsplit(table->str, "\n", -1);
    g_assert_cmpuint(g_strv_length(rows), ==, METRIC_COUNT + 3);
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        g_assert_true(g_str_has_prefix(rows[i + 2], "| `weir_"));
        g_assert_true((strstr(rows[i + 2], "| counter |") != NULL) == (strstr(rows[i + 2], "_total` ") != NULL));
        g_assert_true(
            (strstr(rows[i + 2], "| histogram |") != NULL) ==
            (strstr(rows[i + 2], "_seconds` ") != NULL && strstr(rows[i + 2], "_timestamp_seconds` ") == NULL));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ops/metrics/counters_add_up_by_label", counters_add_up_by_label);
    g_test_add_func("/ops/metrics/histograms_are_cumulative_and_end_in_infinity",
                    histograms_are_cumulative_and_end_in_infinity);
    g_test_add_func("/ops/metrics/label_values_are_escaped", label_values_are_escaped);
    g_test_add_func("/ops/metrics/a_flood_of_label_values_is_counted_under_other",
                    a_flood_of_label_values_is_counted_under_other);
    g_test_add_func("/ops/metrics/nothing_is_lost_between_threads", nothing_is_lost_between_threads);
    g_test_add_func("/ops/metrics/without_a_registry_nothing_happens", without_a_registry_nothing_happens);
    g_test_add_func("/ops/metrics/every_metric_is_documented_under_our_prefix",
                    every_metric_is_documented_under_our_prefix);
    return g_test_run();
}
