#include "revenue_test.h"

#include "base/timestamp.h"
#include "revenue/alert_channel.h"
#include "revenue/reconcile.h"
#include "support/fake_client.h"

#include <glib/gstdio.h>

/* The partner's days are New York's; the clock of the tests stands at 19:00 of November 23 there. */
static const char DEFINITION[] = "source: acme\n"
                                 "partner: Acme\n"
                                 "reports:\n"
                                 "  default:\n"
                                 "    upload: true\n"
                                 "    mode: mutable\n"
                                 "    answer: {json: \"[*]\"}\n"
                                 "    line: {key: id, amount: amount, currency: currency}\n"
                                 "totals:\n"
                                 "  get: https://acme.example/days\n"
                                 "  query: {from: \"{since|date}\", to: \"{until|date}\"}\n"
                                 "  look_back_days: 2\n"
                                 "  zone: America/New_York\n"
                                 "  maturity: 2h\n"
                                 "  tolerance: {amount: 1.00, percent: 10}\n"
                                 "  %s\n"
                                 "  answer: {json: \"days[*]\", next: next}\n"
                                 "  pages: {by: next_link}\n"
                                 "  total: {day: date | time, amount: owed, currency: = USD, clicks: clicks}\n";

/* A partner with its totals, and everybody who wants to know. */
typedef struct {
    DbTest *test;
    SourceSet *set;
    FakeLoop *loop;
    FakeClient *client;
    ExchangeShared *shared;
    Exchanges *exchanges;
    IdMint mint;
    AlertRoutes routes;
    const char **channels;
    AlertTelling telling;
    GString *seen; /* the rows of the last comparison: "2026-11-22 USD 5.00 4.00 drifts\n" */
} Partner;

static const char *
no_secret(void *data G_GNUC_UNUSED, const char *name G_GNUC_UNUSED)
{
    return NULL;
}

static SourceSet *
load_definition(const char *more)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("weir-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "acme.yaml", NULL);
    g_auto(GStrv) parts = g_strsplit(DEFINITION, "%s", 2);
    g_autofree char *text = g_strjoin(more, parts[0], parts[1], NULL);
    SourceSetSpec spec = {.directory = folder, .secret = no_secret};
    SourceSet *set;

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    set = source_set_load(&spec, &error);
    g_assert_no_error(error);
    g_unlink(path);
    g_rmdir(folder);
    return set;
}

static void
partner_init(Partner *partner, DbTest *test, const char *more)
{
    revenue_test_migrate(test);
    *partner = (Partner){.test = test, .routes = {.webhook = "https://hook.example/alerts"}};
    partner->set = load_definition(more);
    partner->loop = fake_loop_new(&test_clock);
    partner->client = fake_client_new(partner->loop);
    partner->shared = exchange_shared_new(&test_clock.clock, NULL);
    partner->exchanges =
        exchanges_new(fake_loop_base(partner->loop), fake_client_base(partner->client), partner->shared, false);
    id_mint_init(&partner->mint, &test_clock.clock, 1);
    partner->channels = alert_channels(&partner->routes);
    partner->telling = (AlertTelling){&partner->mint, partner->channels};
    partner->seen = g_string_new(NULL);
}

static void
partner_clear(Partner *partner)
{
    exchanges_free(partner->exchanges);
    exchange_shared_free(partner->shared);
    fake_client_free(partner->client);
    fake_loop_free(partner->loop);
    source_set_unref(partner->set);
    g_free(partner->channels);
    g_string_free(partner->seen, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Partner, partner_clear)

static void
answer(Partner *partner, const char *url, int status, const char *body)
{
    fake_client_answer(partner->client, &(FakeAnswer){.url = url, .status = status, .body = body, .piece_size = 5});
}

static void
run_until(void *loop, const bool *done)
{
    g_assert_true(fake_loop_run_until(loop, done, 3600 * US_PER_SECOND));
}

static void
note_row(void *data, const Reconciliation *row)
{
    Partner *partner = data;
    char day[DAY_TEXT_SIZE], ours[MONEY_TEXT_SIZE], theirs[MONEY_TEXT_SIZE];

    g_string_append_printf(partner->seen, "%s %s %s %s %s\n", day_format(row->day, day), row->currency.code,
                           money_format(row->ours_micros, ours), money_format(row->theirs_micros, theirs),
                           reconcile_state_name(row->state));
}

static bool
try_reconcile(Partner *partner, bool take_as_mature, GError **error)
{
    TotalsFetcher fetcher = {
        .exchanges = partner->exchanges, .run_until = run_until, .loop = partner->loop, .clock = &test_clock.clock};
    ReconcileSpec spec = {.db = partner->test->db,
                          .totals = source_totals(source_set_find(partner->set, STR("acme"))),
                          .telling = &partner->telling,
                          .take_as_mature = take_as_mature};

    g_string_truncate(partner->seen, 0);
    return reconcile_source(&spec, &fetcher, note_row, partner, error);
}

static void
reconcile(Partner *partner)
{
    g_autoptr(GError) error = NULL;
    bool done = try_reconcile(partner, false, &error);

    g_assert_no_error(error);
    g_assert_true(done);
}

static int64_t
count_alerts(Partner *partner, const char *state)
{
    g_autofree char *sql = g_strdup_printf("SELECT COUNT(*) FROM alert WHERE state = '%s'", state);

    return db_test_int(partner->test->db, sql);
}

/* Delivers by the task's key; what a worker does. */
static bool
deliver(Partner *partner, const char *event, const char *channel, GError **error)
{
    AlertSender sender = {.routes = &partner->routes,
                          .clock = &test_clock.clock,
                          .client = fake_client_base(partner->client),
                          .run_until = run_until,
                          .loop = partner->loop};
    char id[ID_TEXT_SIZE];
    g_autofree char *key = g_strdup_printf(
        "%s/%s/%s", id_format(db_test_int(partner->test->db, "SELECT MAX(id) FROM alert"), id), event, channel);

    return alert_deliver(partner->test->db, &sender, str_of(key), error);
}

#define OWED(date, amount) "{\"days\": [{\"date\": \"" date "\", \"owed\": " amount ", \"clicks\": 3}]}"

/* ---- rules ---- */

static void
a_day_is_as_long_as_the_clocks_of_its_zone_make_it(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("America/New_York");
    int64_t spring, autumn, us;
    char text[DAY_TEXT_SIZE];

    g_assert_true(day_parse(STR("2026-03-08"), &spring));
    g_assert_true(day_parse(STR("2026-11-01"), &autumn));
    g_assert_cmpint(day_start_us(spring + 1, zone) - day_start_us(spring, zone), ==, 23 * US_PER_HOUR);
    g_assert_cmpint(day_start_us(autumn + 1, zone) - day_start_us(autumn, zone), ==, 25 * US_PER_HOUR);
    g_assert_cmpint(day_start_us(autumn + 1, NULL) - day_start_us(autumn, NULL), ==, 24 * US_PER_HOUR);
    for (us = day_start_us(autumn, zone); us < day_start_us(autumn + 1, zone); us += 10 * US_PER_MINUTE)
        g_assert_cmpint(day_of(us, zone), ==, autumn);
    g_assert_cmpint(day_of(us, zone), ==, autumn + 1);
    g_assert_cmpint(day_of(day_start_us(spring, zone) - 1, zone), ==, spring - 1);
    g_assert_cmpstr(day_format(autumn, text), ==, "2026-11-01");
    g_assert_false(day_parse(STR("2026-02-30"), &autumn));
    g_assert_false(day_parse(STR("2026-11-01T00:00:00Z"), &autumn));
}

static void
drift_passes_both_tolerances(void)
{
    static const struct {
        int64_t ours, theirs;
        ReconcileState state;
    } CASES[] = {
        {100000000, 100000000, RECONCILE_AGREES},
        {101000000, 100000000, RECONCILE_AGREES}, /* 1.00 and 1 %: at the bounds */
        {101000001, 100000000, RECONCILE_DRIFTS},
        {98999999, 100000000, RECONCILE_DRIFTS},
        {1000, 2000, RECONCILE_AGREES},             /* 50 %, but small */
        {1002000000, 1000000000, RECONCILE_AGREES}, /* 2.00, but 0.2 % */
        {0, 1000001, RECONCILE_DRIFTS},             /* we know of nothing */
        {1000001, 0, RECONCILE_DRIFTS},             /* they know of nothing */
        {1000000, 0, RECONCILE_AGREES},
        {5000000, -5000000, RECONCILE_DRIFTS}, /* the sign */
        {INT64_MAX, INT64_MIN + 1, RECONCILE_DRIFTS},
    };
    const TotalsTolerance tolerance = {.absolute_micros = 1000000, .relative_percent_micros = 1000000};

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_assert_cmpint(reconcile_judge(&tolerance, true, CASES[i].ours, CASES[i].theirs), ==, CASES[i].state);
        g_assert_cmpint(reconcile_judge(&tolerance, false, CASES[i].ours, CASES[i].theirs), ==, RECONCILE_IMMATURE);
    }
}

static void
a_day_is_mature_when_its_time_has_passed_since_it_ended(void)
{
    const TotalsTolerance tolerance = {.maturity_us = 2 * US_PER_HOUR};

    g_assert_false(reconcile_is_mature(&tolerance, US_PER_DAY, US_PER_DAY + 2 * US_PER_HOUR - 1));
    g_assert_true(reconcile_is_mature(&tolerance, US_PER_DAY, US_PER_DAY + 2 * US_PER_HOUR));
}

static void
the_youngest_final_day_became_so_when_its_maturity_had_passed(void)
{
    SourceSet *set = load_definition("ask_by: window"); /* 2h, New York */
    const Operation *totals = source_totals(source_set_find(set, STR("acme")));
    int64_t final_us = INT64_C(1795417200) * US_PER_SECOND; /* 2026-11-23 02:00 there: of the 22nd */

    g_assert_cmpint(reconcile_final_since_us(totals, final_us), ==, final_us);
    g_assert_cmpint(reconcile_final_since_us(totals, final_us + US_PER_DAY - 1), ==, final_us);
    g_assert_cmpint(reconcile_final_since_us(totals, final_us - 1), ==, final_us - US_PER_DAY);
    source_set_unref(set);
}

/* ---- on both engines ---- */

static void
entries_are_summed_by_the_days_of_the_partner(DbTest *test)
{
    g_auto(Partner) partner;

    partner_init(&partner, test, "ask_by: window");
    /* 23:59:59 of November 22 and 00:00:00 of the 23rd in New York: five hours behind. */
    revenue_test_import(test, "import", "a||approved|5.00|USD|1795409999|1|\nb||approved|7.00|USD|1795410000|1|\n");
    revenue_test_click(test, 9, TEST_DAY_S - 68401, 3, "acme", "AAAAAAAAAAAA7", 0);
    answer(&partner, "https://acme.example/days", 200,
           "{\"days\": [{\"date\": \"2026-11-22\", \"owed\": 5, \"clicks\": 3}, "
           "{\"date\": \"2026-11-23\", \"owed\": 6.50}, {\"date\": \"2026-10-01\", \"owed\": 99}]}");
    reconcile(&partner);
    g_assert_cmpstr(partner.seen->str, ==, "2026-11-22 USD 5.00 5.00 agrees\n2026-11-23 USD 7.00 6.50 immature\n");
    g_assert_cmpstr(fake_client_request(partner.client, 0)->url, ==,
                    "https://acme.example/days?from=2026-11-21&to=2026-11-23");
    g_assert_cmpint(db_test_int(test->db, "SELECT our_clicks * 10 + their_clicks FROM reconciliation "
                                          "WHERE day = '2026-11-22'"),
                    ==, 13);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM reconciliation WHERE their_clicks IS NULL"), ==, 1);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert"), ==, 0);
}

static void
a_day_of_25_hours_has_all_of_its_entries(DbTest *test)
{
    g_auto(Partner) partner;

    partner_init(&partner, test, "ask_by: window");
    test_clock.now = INT64_C(1793600000) * US_PER_SECOND; /* 2026-11-02 06:13:20 UTC */
    /* 00:00 EDT (04:00Z), both one o'clocks and 23:59:59 EST (04:59:59Z) of November 1; 00:00 of the 2nd. */
    revenue_test_import(test, "import",
                        "a||approved|1|USD|1793505600|1|\nb||approved|2|USD|1793509200|1|\n"
                        "c||approved|4|USD|1793512800|1|\nd||approved|8|USD|1793595599|1|\n"
                        "e||approved|16|USD|1793595600|1|\nf||approved|32|USD|1793505599|1|\n");
    answer(&partner, "https://acme.example/days", 200,
           "{\"days\": [{\"date\": \"2026-10-31\", \"owed\": 32}, {\"date\": \"2026-11-01\", \"owed\": 15}, "
           "{\"date\": \"2026-11-02\", \"owed\": 16}]}");
    test_clock.now += 2 * US_PER_HOUR;
    reconcile(&partner);
    g_assert_cmpstr(partner.seen->str, ==,
                    "2026-10-31 USD 32.00 32.00 agrees\n2026-11-01 USD 15.00 15.00 agrees\n"
                    "2026-11-02 USD 16.00 16.00 immature\n");
}

static void
drift_raises_one_alert_when_the_day_is_mature_and_agreement_resolves_it(DbTest *test)
{
    g_auto(Partner) partner;

    partner_init(&partner, test, "ask_by: window");
    revenue_test_import(test, "import", "a||approved|5.00|USD|1795410000|1|\n");
    answer(&partner, "https://acme.example/days", 200, OWED("2026-11-23", "9.25"));
    reconcile(&partner);
    g_assert_cmpstr(partner.seen->str, ==, "2026-11-23 USD 5.00 9.25 immature\n");
    g_assert_cmpint(count_alerts(&partner, "open"), ==, 0);

    fake_clock_advance_us(&test_clock, 7 * US_PER_HOUR); /* 02:00 of the 24th in New York */
    reconcile(&partner);
    g_assert_cmpstr(partner.seen->str, ==, "2026-11-23 USD 5.00 9.25 drifts\n");
    g_assert_cmpint(count_alerts(&partner, "open"), ==, 1);
    reconcile(&partner);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert"), ==, 1);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert_notice"), ==, 2); /* log and webhook */
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM task WHERE kind = 'alert.notify'"), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert WHERE message = "
                                          "'acme says it owes 9.25 USD for 2026-11-23, our ledger says 5.00: 4.25 "
                                          "less'"),
                    ==, 1);

    /* The missing line arrives late. */
    revenue_test_import(test, "import", "b||approved|4.25|USD|1795410000|1|\n");
    reconcile(&partner);
    g_assert_cmpint(count_alerts(&partner, "resolved"), ==, 1);
    g_assert_cmpint(count_alerts(&partner, "open"), ==, 0);
    reconcile(&partner);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert_notice WHERE event = 'resolved'"), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM partner_total"), ==, 5);

    /* Drifting again is another alert. */
    answer(&partner, "https://acme.example/days", 200, OWED("2026-11-23", "99"));
    reconcile(&partner);
    g_assert_cmpint(count_alerts(&partner, "open"), ==, 1);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert"), ==, 2);
}

static void
days_are_compared_from_the_last_comparison_that_succeeded(DbTest *test)
{
    g_auto(Partner) partner;
    g_autoptr(GError) error = NULL;

    partner_init(&partner, test, "ask_by: window");
    revenue_test_import(test, "import", "a||approved|5.00|USD|1795410000|1|\n");
    answer(&partner, "https://acme.example/days", 200, OWED("2026-11-23", "5"));
    reconcile(&partner);
    fake_clock_advance_us(&test_clock, 8 * US_PER_DAY);
    answer(&partner, "https://acme.example/days", 503, "busy");
    g_assert_false(try_reconcile(&partner, false, &error));
    answer(&partner, "https://acme.example/days", 200, OWED("2026-11-23", "9"));
    reconcile(&partner);
    g_assert_cmpstr(partner.seen->str, ==, "2026-11-23 USD 5.00 9.00 drifts\n");
    g_assert_cmpstr(fake_client_request(partner.client, fake_client_request_count(partner.client) - 1)->url, ==,
                    "https://acme.example/days?from=2026-11-21&to=2026-12-01");
}

static void
what_the_partner_does_not_mention_it_does_not_owe(DbTest *test)
{
    g_auto(Partner) partner;

    partner_init(&partner, test, "ask_by: window");
    revenue_test_import(test, "import", "a||approved|5.00|USD|1795320000|1|\nb||approved|5.00|EUR|1795320000|1|\n");
    answer(&partner, "https://acme.example/days", 200, "{\"days\": []}");
    reconcile(&partner);
    g_assert_cmpstr(partner.seen->str, ==, "2026-11-21 EUR 5.00 0.00 drifts\n2026-11-21 USD 5.00 0.00 drifts\n");
    g_assert_cmpint(count_alerts(&partner, "open"), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert WHERE key = 'reconcile/acme/2026-11-21/EUR'"), ==,
                    1);
}

static void
a_day_with_an_alert_is_asked_for_until_it_agrees(DbTest *test)
{
    g_auto(Partner) partner;
    size_t before;

    partner_init(&partner, test, "ask_by: window");
    answer(&partner, "https://acme.example/days", 200, OWED("2026-11-21", "3"));
    reconcile(&partner);
    g_assert_cmpint(count_alerts(&partner, "open"), ==, 1);
    fake_clock_advance_us(&test_clock, 40 * US_PER_DAY);
    answer(&partner, "https://acme.example/days", 200, "{\"days\": []}");
    before = fake_client_request_count(partner.client);
    reconcile(&partner);
    g_assert_cmpuint(fake_client_request_count(partner.client), ==, before + 2);
    g_assert_cmpstr(fake_client_request(partner.client, before)->url, ==,
                    "https://acme.example/days?from=2026-11-21&to=2026-11-21");
    g_assert_cmpint(count_alerts(&partner, "resolved"), ==, 1);
}

static void
days_are_asked_one_by_one_where_the_partner_wants_it(DbTest *test)
{
    g_auto(Partner) partner;

    partner_init(&partner, test, "ask_by: day");
    answer(&partner, "https://acme.example/days?from=2026-11-21", 200, OWED("2026-11-21", "0.10"));
    answer(&partner, "https://acme.example/days?from=2026-11-22", 200,
           "{\"days\": [{\"date\": \"2026-11-22\", \"owed\": 0.25}], \"next\": \"https://acme.example/more\"}");
    answer(&partner, "https://acme.example/more", 200, OWED("2026-11-22", "0.50"));
    answer(&partner, "https://acme.example/days?from=2026-11-23", 200, "{\"days\": []}");
    reconcile(&partner);
    g_assert_cmpstr(partner.seen->str, ==, "2026-11-21 USD 0.00 0.10 agrees\n2026-11-22 USD 0.00 0.75 agrees\n");
    g_assert_cmpuint(fake_client_request_count(partner.client), ==, 4);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM totals_fetch"), ==, 1);
}

static void
a_sum_that_cannot_be_read_changes_nothing(DbTest *test)
{
    static const struct {
        int status;
        const char *body;
        WeirError code;
    } FAILURES[] = {
        {503, "busy", WEIR_ERROR_UNAVAILABLE},
        {401, "who?", WEIR_ERROR_INVALID},
        {200, "{\"days\": [{\"date\": \"2026-11-22\", \"owed\": \"lots\"}]}", WEIR_ERROR_INVALID},
        {200, "{\"days\": [{\"date\": \"some day\", \"owed\": 1}]}", WEIR_ERROR_INVALID},
        {200, "{\"days\": [{\"owed\": 1}]}", WEIR_ERROR_INVALID},
        {200, "{\"days\": [{\"date\": \"2026-11-22\", \"owed\": 1}, ", WEIR_ERROR_INVALID},
        {200, "{\"days\": [{\"date\": \"2026-11-22\", \"owed\": 2000000000}]}", WEIR_ERROR_INVALID},
    };
    g_auto(Partner) partner;

    partner_init(&partner, test, "ask_by: window");
    revenue_test_import(test, "import", "a||approved|5.00|USD|1795320000|1|\n");
    for (size_t i = 0; i < G_N_ELEMENTS(FAILURES); i++) {
        g_autoptr(GError) error = NULL;

        answer(&partner, "https://acme.example/days", FAILURES[i].status, FAILURES[i].body);
        g_assert_false(try_reconcile(&partner, false, &error));
        g_assert_error(error, WEIR_ERROR, (int)FAILURES[i].code);
    }
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM totals_fetch"), ==, 0);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert"), ==, 0);
}

static void
what_was_said_is_never_changed(DbTest *test)
{
    g_auto(Partner) partner;
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;

    partner_init(&partner, test, "ask_by: window");
    answer(&partner, "https://acme.example/days", 200, OWED("2026-11-22", "0.50"));
    reconcile(&partner);
    tx = db_begin(test->db, DB_WRITE, &error);
    g_assert_no_error(error);
    g_assert_false(db_exec(tx, SQL("UPDATE partner_total SET amount_micros = 0"), DB_NO_ARGS, NULL, &error));
    g_assert_nonnull(strstr(error->message, "append-only"));
}

/* ---- telling ---- */

static void
an_opening_and_a_resolution_are_told_once_each_and_in_order(DbTest *test)
{
    g_auto(Partner) partner;
    g_autoptr(GError) error = NULL;

    partner_init(&partner, test, "ask_by: window");
    answer(&partner, "https://acme.example/days", 200, OWED("2026-11-21", "3"));
    reconcile(&partner);
    answer(&partner, "https://acme.example/days", 200, "{\"days\": []}");
    reconcile(&partner);
    answer(&partner, "https://hook.example/alerts", 500, "not now");

    g_assert_false(deliver(&partner, "resolved", "webhook", &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_UNAVAILABLE);
    g_clear_error(&error);
    g_assert_false(deliver(&partner, "opened", "webhook", &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_UNAVAILABLE);
    g_clear_error(&error);
    g_assert_cmpuint(fake_client_request_count(partner.client), ==, 3);

    answer(&partner, "https://hook.example/alerts", 200, "ok");
    for (int i = 0; i < 3; i++) {
        g_assert_true(deliver(&partner, "opened", "webhook", &error));
        g_assert_true(deliver(&partner, "resolved", "webhook", &error));
        g_assert_no_error(error);
    }
    g_assert_cmpuint(fake_client_request_count(partner.client), ==, 5);
    g_assert_nonnull(strstr(fake_client_request(partner.client, 3)->body->str, "\"event\":\"opened\""));
    g_assert_nonnull(strstr(fake_client_request(partner.client, 3)->body->str, "\"drift\":{\"amount\":\"-3.00\""));
    g_assert_nonnull(strstr(fake_client_request(partner.client, 4)->body->str, "\"event\":\"resolved\""));
    g_assert_cmpint(
        db_test_int(test->db, "SELECT COUNT(*) FROM alert_notice WHERE channel = 'webhook' AND delivered_at_us > 0"),
        ==, 2);
}

static void
a_webhook_that_refuses_for_good_is_not_asked_again(DbTest *test)
{
    g_auto(Partner) partner;
    g_autoptr(GError) error = NULL;

    partner_init(&partner, test, "ask_by: window");
    answer(&partner, "https://acme.example/days", 200, OWED("2026-11-21", "3"));
    reconcile(&partner);
    answer(&partner, "https://hook.example/alerts", 404, "who?");
    g_assert_false(deliver(&partner, "opened", "webhook", &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_clear_error(&error);
    partner.routes.webhook = NULL;
    g_assert_false(deliver(&partner, "opened", "webhook", &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_false(deliver(&partner, "closed", "webhook", &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
}

static void
count_alert(void *data, const Alert *alert)
{
    g_assert_cmpint(alert->resolved_at_us != TIMESTAMP_NONE, ==, str_is(alert->state, "resolved"));
    ++*(int *)data;
}

static void
an_acknowledged_alert_stands_until_it_is_resolved(DbTest *test)
{
    g_auto(Partner) partner;
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    int live = 0, all = 0;
    Id id;

    partner_init(&partner, test, "ask_by: window");
    answer(&partner, "https://acme.example/days", 200, OWED("2026-11-21", "3"));
    reconcile(&partner);
    id = db_test_int(test->db, "SELECT id FROM alert");
    tx = db_begin(test->db, DB_WRITE, &error);
    g_assert_true(alert_acknowledge(tx, id, &error));
    g_assert_false(alert_acknowledge(tx, id, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_CONFLICT);
    g_assert_nonnull(strstr(error->message, "acknowledged already"));
    g_clear_error(&error);
    g_assert_false(alert_acknowledge(tx, id + 1, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_true(db_commit_auto(&tx, &error));

    reconcile(&partner);
    g_assert_cmpint(count_alerts(&partner, "acknowledged"), ==, 1);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert"), ==, 1);
    answer(&partner, "https://acme.example/days", 200, "{\"days\": []}");
    reconcile(&partner);
    tx = db_begin(test->db, DB_READ, &error);
    g_assert_true(alert_list(tx, true, 10, count_alert, &live, &error));
    g_assert_true(alert_list(tx, false, 10, count_alert, &all, &error));
    g_assert_cmpint(live, ==, 0);
    g_assert_cmpint(all, ==, 1);
}

static void
the_list_shows_how_days_stand_newest_first(DbTest *test)
{
    g_auto(Partner) partner;
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    int64_t since;

    partner_init(&partner, test, "ask_by: window");
    answer(&partner, "https://acme.example/days", 200,
           "{\"days\": [{\"date\": \"2026-11-21\", \"owed\": 3}, {\"date\": \"2026-11-23\", \"owed\": 0.5}]}");
    reconcile(&partner);
    g_string_truncate(partner.seen, 0);
    tx = db_begin(test->db, DB_READ, &error);
    g_assert_true(day_parse(STR("2026-11-21"), &since));
    g_assert_true(reconcile_list(tx, since, 100, note_row, &partner, &error));
    g_assert_cmpstr(partner.seen->str, ==, "2026-11-23 USD 0.00 0.50 immature\n2026-11-21 USD 0.00 3.00 drifts\n");
    g_string_truncate(partner.seen, 0);
    g_assert_true(reconcile_list(tx, since + 1, 100, note_row, &partner, &error));
    g_assert_cmpstr(partner.seen->str, ==, "2026-11-23 USD 0.00 0.50 immature\n");
}

static void
days_can_be_taken_as_mature_by_hand(DbTest *test)
{
    g_auto(Partner) partner;
    g_autoptr(GError) error = NULL;

    partner_init(&partner, test, "ask_by: window");
    answer(&partner, "https://acme.example/days", 200, OWED("2026-11-23", "3"));
    g_assert_true(try_reconcile(&partner, true, &error));
    g_assert_cmpstr(partner.seen->str, ==, "2026-11-23 USD 0.00 3.00 drifts\n");
    /* The schedule's own look leaves the alert alone. */
    reconcile(&partner);
    g_assert_cmpstr(partner.seen->str, ==, "2026-11-23 USD 0.00 3.00 immature\n");
    g_assert_cmpint(count_alerts(&partner, "open"), ==, 1);
}

#define ADD(fn) g_test_add_func("/revenue/" #fn, fn)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(a_day_is_as_long_as_the_clocks_of_its_zone_make_it);
    ADD(drift_passes_both_tolerances);
    ADD(a_day_is_mature_when_its_time_has_passed_since_it_ended);
    ADD(the_youngest_final_day_became_so_when_its_maturity_had_passed);
    DB_TEST("revenue", entries_are_summed_by_the_days_of_the_partner);
    DB_TEST("revenue", a_day_of_25_hours_has_all_of_its_entries);
    DB_TEST("revenue", drift_raises_one_alert_when_the_day_is_mature_and_agreement_resolves_it);
    DB_TEST("revenue", days_are_compared_from_the_last_comparison_that_succeeded);
    DB_TEST("revenue", what_the_partner_does_not_mention_it_does_not_owe);
    DB_TEST("revenue", a_day_with_an_alert_is_asked_for_until_it_agrees);
    DB_TEST("revenue", days_are_asked_one_by_one_where_the_partner_wants_it);
    DB_TEST("revenue", a_sum_that_cannot_be_read_changes_nothing);
    DB_TEST("revenue", what_was_said_is_never_changed);
    DB_TEST("revenue", an_opening_and_a_resolution_are_told_once_each_and_in_order);
    DB_TEST("revenue", a_webhook_that_refuses_for_good_is_not_asked_again);
    DB_TEST("revenue", an_acknowledged_alert_stands_until_it_is_resolved);
    DB_TEST("revenue", the_list_shows_how_days_stand_newest_first);
    DB_TEST("revenue", days_can_be_taken_as_mature_by_hand);
    return db_test_run();
}
