/*
 * Metrics: counters, gauges and histograms in one registry, shown as Prometheus text.
 *
 * A metric is a row in a table (name, kind, label, help), from which /metrics and the docs come. A metric has at most
 * two labels, whose values must be few (a source, an outcome; never a query or a URL); from the 1,000th pair on they are counted
 * together under "other". Safe from any thread.
 */
#pragma once

#include "base/str.h"

typedef struct Metrics Metrics;

typedef enum { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM_SECONDS } MetricKind;

/* Every metric of the process; the table is in metrics.c. */
typedef enum {
    METRIC_HTTP_REQUESTS,    /* route, status */
    METRIC_HTTP_SECONDS,     /* route */
    METRIC_HTTP_CUT,         /* phase: receiving, sending */
    METRIC_REQUESTS_REFUSED, /* class: click, search, rest; reason: open, delay */
    METRIC_KEYS_SHOWN,       /* scope; result: taken, missing, unknown, scope, limit, unread */
    METRIC_KEYS_LIMITED,     /* key: its name */
    METRIC_SEARCH_QUEUE_SECONDS,
    METRIC_SEARCHES,         /* mode, result: complete, partial */
    METRIC_SEARCH_ENDS,      /* mode, why: all, enough, gain, deadline, page, stopping, gone */
    METRIC_SEARCH_SECONDS,   /* mode */
    METRIC_SEARCH_PAST,      /* mode; those that their deadline ended */
    METRIC_STREAMS,          /* format: sse, ndjson; outcome: whole, gone, cut, refused */
    METRIC_STREAM_SECONDS,   /* mode; until the first listing */
    METRIC_SOURCE_CALLS,     /* source, outcome */
    METRIC_SOURCE_SECONDS,   /* source */
    METRIC_SOURCE_LISTINGS,  /* source */
    METRIC_SOURCE_CUT,       /* source, limit: listings, memory */
    METRIC_SOURCE_LIMIT,     /* source; gauge */
    METRIC_SOURCE_LIMITED,   /* source */
    METRIC_SOURCE_REPEATS,   /* source, result: see the table */
    METRIC_REPEATS_REFUSED,  /* source, why: budget, breaker, limit, quota */
    METRIC_KNOWLEDGE,        /* result: loaded, none, unreadable, saved, not_saved */
    METRIC_BREAKER_STATE,    /* source; gauge */
    METRIC_BREAKER_OPENED,   /* source, reason: a source's status, or slow */
    METRIC_ORDERS,           /* source, outcome: ready, failed, refused, late */
    METRIC_ORDER_POLLS,      /* source */
    METRIC_ORDER_SECONDS,    /* source */
    METRIC_RECORDS_REJECTED, /* source, reason */
    METRIC_FIELDS_UNREAD,    /* source, field */
    METRIC_DEFINITION_LOADS, /* result: loaded, refused */
    METRIC_CACHE_LOOKUPS,    /* what: source, index; result: hit, stale, fallback, failure, miss */
    METRIC_CACHE_REMOVED,    /* why: room, age */
    METRIC_CACHE_BYTES,      /* gauge */
    METRIC_SHARED_CACHE,     /* command: get, set, connect, link; result */
    METRIC_SHARED_CACHE_UP,  /* gauge */
    METRIC_FLIGHTS,          /* result: see the table */
    METRIC_CLICKS,           /* result: counted, flagged, lost, refused, expired, outdated, broken */
    METRIC_SPOOL_EVENTS,     /* kind */
    METRIC_SPOOL_LOST,       /* kind */
    METRIC_SPOOL_WRITABLE,   /* gauge */
    METRIC_SPOOL_BACKLOG,    /* gauge */
    METRIC_SPOOL_COMMIT_SECONDS,
    METRIC_SHIPPED_EVENTS,     /* kind */
    METRIC_REPORT_LINES,       /* source, outcome: new, same, changed, stale, quarantined */
    METRIC_FEED_LISTINGS,      /* source, outcome: new, same, changed, gone, rejected */
    METRIC_TASKS,              /* kind, outcome */
    METRIC_TASK_SECONDS,       /* kind */
    METRIC_RETENTION_REMOVED,  /* what: tasks, feed_pulls, gone_listings, totals, alerts, events */
    METRIC_ROBOT_PATTERNS,     /* list, version; gauge */
    METRIC_DATABASE_UP,        /* part: spool, tasks; gauge */
    METRIC_EXPORT_ROWS,        /* table, destination */
    METRIC_EXPORT_BYTES,       /* table, destination */
    METRIC_EXPORT_COMPLETE_AT, /* table, destination; gauge */
    METRIC_EXPORT_FAILING,     /* table, destination; gauge */
    METRIC_COUNT
} Metric;

Metrics *metrics_new(void);
void metrics_free(Metrics *metrics);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Metrics, metrics_free)

/* label values are in the order of the table; NULL for a metric without that label. metrics may be NULL: no-op, so
 * that tests and tools need none. */
void metric_add(Metrics *metrics, Metric metric, const char *label_1, const char *label_2, int64_t amount);
void metric_set(Metrics *metrics, Metric metric, const char *label_1, const char *label_2, int64_t value);
void metric_observe_us(Metrics *metrics, Metric metric, const char *label_1, int64_t us);
/* The value of a counter or gauge, or a histogram's count; 0 when never touched. For tests and pages. */
int64_t metric_value(Metrics *metrics, Metric metric, const char *label_1, const char *label_2);

/* Appends the Prometheus text exposition format 0.0.4. */
void metrics_write(Metrics *metrics, GString *to);

/* Appends the table for docs and --help: a Markdown row (name, kind, labels, help) for each metric. */
void metrics_write_table(GString *to);
