#include "sandbox/report.h"

#include <stdio.h>

typedef struct {
    const ReportAsk *ask;
    int64_t since_us, until_us;
    GArray *rows;
} Gathering;

static ReportRow
row_of(const ReportAsk *ask, const SandboxClick *click, const Earning *earning, const EarningState *state)
{
    ReportRow row = {.click = click,
                     .status = state->status,
                     .by_action = earning->by_action,
                     .doubled = earning->doubled,
                     .amount_micros = state->amount_micros,
                     .event_at_us = earning->event_at_us,
                     .changed_at_us = state->at_us};

    row.posted_at_us = ask->network->appends ? state->at_us : earning->event_at_us;
    g_snprintf(row.key, sizeof row.key, "%c%" G_GINT64_FORMAT "%s", g_ascii_toupper(ask->network->name[0]),
               INT64_C(700000) + click->id, earning->piece == 0 ? "" : "-2");
    return row;
}

static void
gather(Gathering *gathering, const ReportRow *row)
{
    if (row->posted_at_us >= gathering->since_us && row->posted_at_us < gathering->until_us)
        g_array_append_val(gathering->rows, *row);
}

/* The first row under the earning's key, then one for each change of the amount. */
static void
gather_appended(Gathering *gathering, const SandboxClick *click, const Earning *earning)
{
    const ReportAsk *ask = gathering->ask;

    for (unsigned i = 0; i < earning->state_count && earning->states[i].at_us <= ask->now_us; i++) {
        ReportRow row = row_of(ask, click, earning, &earning->states[i]);

        if (i > 0) {
            row.amount_micros -= earning->states[i - 1].amount_micros;
            if (row.amount_micros == 0)
                continue;
            memcpy(row.original, row.key, sizeof row.original);
            g_snprintf(row.key, sizeof row.key, "%s.c%u", row.original, i);
        }
        gather(gathering, &row);
    }
}

static void
gather_current(Gathering *gathering, const SandboxClick *click, const Earning *earning)
{
    const EarningState *state = earning_state_at(earning, gathering->ask->now_us);

    if (state != NULL) {
        ReportRow row = row_of(gathering->ask, click, earning, state);

        gather(gathering, &row);
    }
}

GArray *
report_rows(const ReportAsk *ask, int64_t since_us, int64_t until_us)
{
    Gathering gathering = {ask, since_us, until_us, g_array_new(FALSE, FALSE, sizeof(ReportRow))};
    guint count;

    for (size_t i = 0; i < ask->click_count; i++) {
        Earning earnings[EARNINGS_PER_CLICK];
        unsigned n = earnings_of_click(ask->seed, ask->network, &ask->clicks[i], ask->lag_us, earnings);

        for (unsigned j = 0; j < n; j++)
            (ask->network->appends ? gather_appended : gather_current)(&gathering, &ask->clicks[i], &earnings[j]);
    }
    count = gathering.rows->len;
    for (guint i = 0; i < count; i++) {
        ReportRow row = g_array_index(gathering.rows, ReportRow, i);

        if (row.doubled)
            g_array_append_val(gathering.rows, row);
    }
    return gathering.rows;
}

static int64_t
count_lines(const ReportAsk *ask, const Earning *earning)
{
    int64_t lines = 1;

    for (unsigned i = 1; ask->network->appends && i < earning->state_count; i++)
        if (earning->states[i].at_us <= ask->now_us &&
            earning->states[i].amount_micros != earning->states[i - 1].amount_micros)
            lines++;
    return lines;
}

ReportTotals
report_totals(const ReportAsk *ask, int64_t since_us, int64_t until_us)
{
    ReportTotals totals = {0};

    for (size_t i = 0; i < ask->click_count; i++) {
        Earning earnings[EARNINGS_PER_CLICK];
        unsigned n = earnings_of_click(ask->seed, ask->network, &ask->clicks[i], ask->lag_us, earnings);

        for (unsigned j = 0; j < n; j++) {
            const EarningState *state = earning_state_at(&earnings[j], ask->now_us);

            if (state == NULL || earnings[j].event_at_us < since_us || earnings[j].event_at_us >= until_us)
                continue;
            totals.micros += state->amount_micros;
            totals.lines += count_lines(ask, &earnings[j]);
            totals.earnings++;
        }
    }
    return totals;
}
