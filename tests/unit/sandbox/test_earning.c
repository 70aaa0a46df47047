#include "base/clock.h"
#include "base/random.h"
#include "sandbox/report.h"

#define NOW_US (INT64_C(1795521600) * US_PER_SECOND)
#define LAG_US US_PER_MINUTE
#define CLICKS 3000

/* Three days of clicks, one every 86.4 seconds. */
static SandboxClick *
make_clicks(void)
{
    SandboxClick *clicks = g_new0(SandboxClick, CLICKS);

    for (int64_t i = 0; i < CLICKS; i++) {
        clicks[i] = (SandboxClick){
            .id = i + 1, .listing = (uint32_t)(i * 7 % CATALOGUE_SIZE), .at_us = NOW_US + i * 86400 * US_PER_MS};
        g_snprintf(clicks[i].sub_id, sizeof clicks[i].sub_id, "%05d", (int)i);
    }
    return clicks;
}

static ReportAsk
ask_of(const SandboxClick *clicks, unsigned network, int64_t now_us)
{
    return (ReportAsk){.seed = 7,
                       .lag_us = LAG_US,
                       .network = &NETWORKS[network],
                       .clicks = clicks,
                       .click_count = CLICKS,
                       .now_us = now_us};
}

static void
about_seventy_percent_of_clicks_earn(void)
{
    g_autofree SandboxClick *clicks = make_clicks();

    for (unsigned n = 0; n < CATALOGUE_NETWORKS; n++) {
        int earning = 0;

        for (size_t i = 0; i < CLICKS; i++) {
            Earning earnings[EARNINGS_PER_CLICK];

            earning += earnings_of_click(7, &NETWORKS[n], &clicks[i], LAG_US, earnings) > 0;
        }
        g_assert_cmpint(earning, >, CLICKS * 65 / 100);
        g_assert_cmpint(earning, <, CLICKS * 75 / 100);
    }
}

typedef struct {
    int corrected, clawed_back, declined, late, pieces, doubled, pending;
} Fates;

static void
count_fates(const Earning *earning, int64_t clicked_at_us, Fates *fates)
{
    const EarningState *states = earning->states, *last = &states[earning->state_count - 1];

    fates->pending += earning->state_count == 1;
    fates->corrected +=
        earning->state_count == 3 && last->status == EARNING_APPROVED && last->amount_micros != states[1].amount_micros;
    fates->clawed_back += earning->state_count == 3 && last->status == EARNING_REVERSED;
    fates->declined += earning->state_count == 2 && last->status == EARNING_REVERSED;
    fates->late += states[0].at_us - clicked_at_us >= 8 * LAG_US;
    fates->pieces += earning->piece;
    fates->doubled += earning->doubled;
    for (unsigned s = 0; s < earning->state_count; s++) {
        g_assert_cmpint(states[s].amount_micros, >=, 0);
        g_assert_true(s == 0 || states[s].at_us > states[s - 1].at_us);
    }
    g_assert_cmpint(states[0].at_us, >=, clicked_at_us + LAG_US);
    g_assert_cmpint(earning->event_at_us, <=, states[0].at_us);
}

static void
every_fate_comes_up_and_its_stages_are_in_order(void)
{
    g_autofree SandboxClick *clicks = make_clicks();
    Fates fates = {0};

    for (size_t i = 0; i < CLICKS; i++) {
        Earning earnings[EARNINGS_PER_CLICK];
        unsigned n = earnings_of_click(7, &NETWORKS[CEDAR], &clicks[i], LAG_US, earnings);

        for (unsigned j = 0; j < n; j++)
            count_fates(&earnings[j], clicks[i].at_us, &fates);
    }
    g_assert_cmpint(MIN(MIN(fates.corrected, fates.clawed_back), MIN(fates.declined, fates.late)), >, 50);
    g_assert_cmpint(MIN(MIN(fates.pieces, fates.doubled), fates.pending), >, 50);
}

static void
nothing_is_known_before_the_lag_is_over(void)
{
    g_autofree SandboxClick *clicks = make_clicks();

    for (size_t i = 0; i < CLICKS; i++) {
        Earning earnings[EARNINGS_PER_CLICK];

        if (earnings_of_click(7, &NETWORKS[ALDER], &clicks[i], LAG_US, earnings) > 0)
            g_assert_null(earning_state_at(&earnings[0], clicks[i].at_us + LAG_US - 1));
    }
}

/* The sum of all rows, each key once; same keys must stand for same rows. */
static int64_t
sum_rows(const GArray *rows, guint *ret_keys)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    int64_t sum = 0;

    for (guint i = 0; i < rows->len; i++) {
        ReportRow *row = &g_array_index(rows, ReportRow, i), *before = g_hash_table_lookup(seen, row->key);

        if (before != NULL) {
            g_assert_true(memcmp(before, row, sizeof *row) == 0);
            continue;
        }
        g_hash_table_insert(seen, row->key, row);
        sum += row->amount_micros;
    }
    *ret_keys = g_hash_table_size(seen);
    return sum;
}

static void
the_rows_of_any_moment_sum_to_the_books(void)
{
    g_autofree SandboxClick *clicks = make_clicks();
    SeededRandom random;

    seeded_random_init(&random, 11);
    for (unsigned n = 0; n < CATALOGUE_NETWORKS; n++) {
        for (int i = 0; i < 12; i++) {
            int64_t now_us = NOW_US + (int64_t)random_below(&random.random, 4 * 86400) * US_PER_SECOND;
            ReportAsk ask = ask_of(clicks, n, now_us);
            g_autoptr(GArray) rows = report_rows(&ask, INT64_MIN, INT64_MAX);
            ReportTotals totals = report_totals(&ask, INT64_MIN, INT64_MAX);
            guint keys;

            g_assert_cmpint(sum_rows(rows, &keys), ==, totals.micros);
            g_assert_cmpint(keys, ==, totals.lines);
        }
    }
}

static void
windows_side_by_side_cover_every_row_once(void)
{
    g_autofree SandboxClick *clicks = make_clicks();

    for (unsigned n = 0; n < CATALOGUE_NETWORKS; n++) {
        ReportAsk ask = ask_of(clicks, n, NOW_US + 5 * US_PER_DAY);
        g_autoptr(GArray) whole = report_rows(&ask, INT64_MIN, INT64_MAX);
        guint found = 0;
        int64_t micros = 0;

        for (int64_t hour = -24; hour < 24 * 5; hour += 5) {
            int64_t since = NOW_US + hour * US_PER_HOUR;
            g_autoptr(GArray) rows = report_rows(&ask, since, since + 5 * US_PER_HOUR);

            found += rows->len;
            micros += report_totals(&ask, since, since + 5 * US_PER_HOUR).micros;
        }
        g_assert_cmpuint(found, ==, whole->len);
        g_assert_cmpint(micros, ==, report_totals(&ask, INT64_MIN, INT64_MAX).micros);
    }
}

static void
an_appending_network_never_takes_a_row_back_or_changes_it(void)
{
    g_autofree SandboxClick *clicks = make_clicks();
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (int64_t hour = 1; hour < 74; hour += 12) {
        ReportAsk ask = ask_of(clicks, CEDAR, NOW_US + hour * US_PER_HOUR);
        g_autoptr(GArray) rows = report_rows(&ask, INT64_MIN, INT64_MAX);
        guint still = 0, before = g_hash_table_size(seen);
        guint keys;

        sum_rows(rows, &keys);
        for (guint i = 0; i < rows->len; i++) {
            const ReportRow *row = &g_array_index(rows, ReportRow, i);
            gpointer old = g_hash_table_lookup(seen, row->key);

            if (old != NULL)
                g_assert_cmpint(GPOINTER_TO_INT(old), ==, row->amount_micros + 1);
            else
                g_hash_table_insert(seen, g_strdup(row->key), GINT_TO_POINTER(row->amount_micros + 1));
            still += old != NULL && !row->doubled;
        }
        g_assert_cmpuint(keys, >=, before);
        g_assert_cmpuint(still, <=, keys);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(fn) g_test_add_func("/sandbox/" #fn, fn)
    ADD(about_seventy_percent_of_clicks_earn);
    ADD(every_fate_comes_up_and_its_stages_are_in_order);
    ADD(nothing_is_known_before_the_lag_is_over);
    ADD(the_rows_of_any_moment_sum_to_the_books);
    ADD(windows_side_by_side_cover_every_row_once);
    ADD(an_appending_network_never_takes_a_row_back_or_changes_it);
    return g_test_run();
}
