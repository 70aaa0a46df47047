#include "revenue_test.h"

#include "base/timestamp.h"
#include "revenue/audit.h"
#include "revenue/pull.h"
#include "revenue/source_formats.h"
#include "support/fake_client.h"

#include <glib/gstdio.h>

static const char DEFINITION[] = "source: acme\n"
                                 "partner: Acme\n"
                                 "click:\n"
                                 "  subid: {query: sub, letters_and_digits: 32}\n"
                                 "reports:\n"
                                 "  lines:\n"
                                 "    get: https://acme.example/report\n"
                                 "    query: {from: \"{since|date}\", to: \"{until|date}\"}\n"
                                 "    pages: {by: next_link}\n"
                                 "    look_back_days: 2\n"
                                 "    mode: mutable\n"
                                 "    answer: {json: \"rows[*]\", next: next}\n"
                                 "    line:\n"
                                 "      key: id\n"
                                 "      sub_id: sub\n"
                                 "      status: state\n"
                                 "      amount: amount\n"
                                 "      currency: = USD\n"
                                 "      event_at: at | time\n"
                                 "      version_at: changed | time\n"
                                 "  prepared:\n"
                                 "    submit: {post: https://acme.example/export, ticket: id}\n"
                                 "    poll: {get: 'https://acme.example/jobs/{ticket}', status: is, ready: [done],\n"
                                 "      failed: [lost], result: at}\n"
                                 "    get: \"{result}\"\n"
                                 "    mode: mutable\n"
                                 "    answer: {csv: {}}\n"
                                 "    line: {key: id, amount: amount, currency: = USD}\n"
                                 "  posted:\n"
                                 "    upload: true\n"
                                 "    mode: append\n"
                                 "    numbers: \"1.234,56\"\n"
                                 "    answer: {csv: {delimiter: \";\"}}\n"
                                 "    line:\n"
                                 "      key: id\n"
                                 "      status: = approved\n"
                                 "      amount: betrag\n"
                                 "      currency: = EUR\n"
                                 "      event_at: at | time\n";

/* A partner, its definition, and a client that speaks for it. */
typedef struct {
    DbTest *test;
    SourceSet *set;
    SourceFormats formats;
    FakeLoop *loop;
    FakeClient *client;
    ExchangeShared *shared;
    Exchanges *exchanges;
} Partner;

static const char *
no_secret(void *data G_GNUC_UNUSED, const char *name G_GNUC_UNUSED)
{
    return NULL;
}

static SourceSet *
load_definition(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("weir-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "acme.yaml", NULL);
    SourceSetSpec spec = {.directory = folder, .secret = no_secret};
    SourceSet *set;

    g_assert_true(g_file_set_contents(path, DEFINITION, -1, NULL));
    set = source_set_load(&spec, &error);
    g_assert_no_error(error);
    g_unlink(path);
    g_rmdir(folder);
    return set;
}

static void
partner_init(Partner *partner, DbTest *test)
{
    revenue_test_migrate(test);
    partner->test = test;
    partner->set = load_definition();
    source_formats_init(&partner->formats, partner->set, &test_clock.clock);
    partner->loop = fake_loop_new(&test_clock);
    partner->client = fake_client_new(partner->loop);
    partner->shared = exchange_shared_new(&test_clock.clock, NULL);
    partner->exchanges =
        exchanges_new(fake_loop_base(partner->loop), fake_client_base(partner->client), partner->shared, false);
}

static void
partner_clear(Partner *partner)
{
    exchanges_free(partner->exchanges);
    exchange_shared_free(partner->shared);
    fake_client_free(partner->client);
    fake_loop_free(partner->loop);
    source_formats_clear(&partner->formats);
    source_set_unref(partner->set);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Partner, partner_clear)

static void
answer(Partner *partner, const char *url, int status, const char *body)
{
    fake_client_answer(partner->client, &(FakeAnswer){.url = url, .status = status, .body = body, .piece_size = 7});
}

static const Operation *
report_of(Partner *partner, const char *name)
{
    return source_report_find(source_set_find(partner->set, STR("acme")), str_of(name));
}

static bool
pull_since(Partner *partner, const char *name, int64_t since_us, ReportSummary *ret_summary, GError **error)
{
    ReportPullSpec spec = {.db = partner->test->db,
                           .clock = &test_clock.clock,
                           .formats = &partner->formats.formats,
                           .exchanges = partner->exchanges,
                           .operation = report_of(partner, name),
                           .since_us = since_us,
                           .until_us = TIMESTAMP_NONE};
    ReportPull *pulling = report_pull_start(&spec, error);

    if (pulling == NULL)
        return false;
    g_assert_true(fake_loop_run_until(partner->loop, report_pull_done(pulling), 3600 * US_PER_SECOND));
    return report_pull_finish(pulling, ret_summary, error);
}

static bool
pull(Partner *partner, const char *name, ReportSummary *ret_summary, GError **error)
{
    return pull_since(partner, name, TIMESTAMP_NONE, ret_summary, error);
}

static bool
import(Partner *partner, const char *text, ReportSummary *ret_summary, GError **error)
{
    ReportImportSpec spec = {.db = partner->test->db,
                             .clock = &test_clock.clock,
                             .formats = &partner->formats.formats,
                             .source = "acme",
                             .kind = "posted",
                             .origin = "import",
                             .since_us = TIMESTAMP_NONE,
                             .until_us = TIMESTAMP_NONE};
    g_autoptr(ReportImport) importing = report_import_begin(&spec, error);

    return importing != NULL && report_import_push(importing, str_of(text), error) &&
           report_import_finish(importing, ret_summary, error);
}

static void
assert_proved(Partner *partner)
{
    g_autoptr(GError) error = NULL;
    AuditResult result;

    g_assert_true(revenue_audit(partner->test->db, &partner->formats.formats, NULL, NULL, &result, &error));
    g_assert_no_error(error);
    g_assert_cmpint(result.differences, ==, 0);
}

#define FIRST_PAGE                                                                                                     \
    "{\"rows\": [{\"id\": 1, \"sub\": \"AAAAAAAAAAAA7\", \"state\": \"approved\", \"amount\": \"1.10\", "              \
    "\"at\": \"2026-11-23T10:00:00Z\", \"changed\": \"2026-11-23T10:00:00Z\"}], "                                      \
    "\"next\": \"https://acme.example/more?p=2\"}"
#define SECOND_PAGE                                                                                                    \
    "{\"rows\": [{\"id\": 2, \"state\": \"pending\", \"amount\": \"2.20\", \"at\": \"2026-11-23T11:00:00Z\"}, "        \
    "{\"id\": 3, \"state\": \"odd\", \"amount\": \"9\"}]}"

static void
all_pages_of_a_pull_are_one_report(DbTest *test)
{
    g_auto(Partner) partner;
    g_autoptr(GError) error = NULL;
    ReportSummary summary;

    partner_init(&partner, test);
    revenue_test_click(test, 7, TEST_DAY_S - 60000, 3, "acme", "AAAAAAAAAAAA7", 0);
    answer(&partner, "https://acme.example/report", 200, FIRST_PAGE);
    answer(&partner, "https://acme.example/more", 200, SECOND_PAGE);
    g_assert_true(pull(&partner, "lines", &summary, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(fake_client_request(partner.client, 0)->url, ==,
                    "https://acme.example/report?from=2026-11-22&to=2026-11-24");
    g_assert_cmpint(summary.parts, ==, 2);
    g_assert_cmpint(summary.new_lines, ==, 2);
    g_assert_cmpint(summary.quarantined, ==, 1);
    g_assert_cmpint(summary.reject_part, ==, 2);
    g_assert_cmpint(revenue_test_earned(test, "attributed"), ==, 1100000);
    g_assert_cmpint(revenue_test_earned(test, "unattributed"), ==, 2200000);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM report_chunk"), ==, 2);
    assert_proved(&partner);

    g_assert_true(pull(&partner, "lines", &summary, &error));
    g_assert_true(summary.repeated);
}

static void
what_the_partner_prepares_is_waited_for(DbTest *test)
{
    g_auto(Partner) partner;
    g_autoptr(GError) error = NULL;
    ReportSummary summary;

    partner_init(&partner, test);
    answer(&partner, "https://acme.example/export", 202, "{\"id\": 9}");
    fake_client_answer(partner.client,
                       &(FakeAnswer){.url = "https://acme.example/jobs/9", .body = "{\"is\": \"new\"}", .times = 1});
    fake_client_answer(partner.client, &(FakeAnswer){.url = "https://acme.example/jobs/9",
                                                     .body = "{\"is\": \"done\", \"at\": \"/files/9.csv\"}",
                                                     .times = 1});
    fake_client_answer(partner.client,
                       &(FakeAnswer){.url = "https://acme.example/jobs/9", .body = "{\"is\": \"lost\"}"});
    answer(&partner, "https://acme.example/files/9.csv", 200, "id,amount\n1,1.10\n2,2.20\n");
    g_assert_true(pull(&partner, "prepared", &summary, &error));
    g_assert_no_error(error);
    g_assert_cmpint(summary.new_lines, ==, 2);
    g_assert_cmpint(revenue_test_earned(test, "unattributed"), ==, 3300000);
    assert_proved(&partner);

    g_assert_false(pull(&partner, "prepared", &summary, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "poll: it is lost"));
    g_assert_cmpint(revenue_test_earned(test, "unattributed"), ==, 3300000);
}

static void
a_page_that_fails_fails_the_whole_pull(DbTest *test)
{
    g_auto(Partner) partner;
    static const struct {
        int status;
        const char *body;
        WeirError code;
    } FAILURES[] = {
        {503, "busy", WEIR_ERROR_UNAVAILABLE},
        {429, "slow down", WEIR_ERROR_LIMIT},
        {401, "who are you", WEIR_ERROR_INVALID},
        {200, "{\"rows\": [{\"id\": 2", WEIR_ERROR_INVALID},
        {200, "<html>maintenance</html>", WEIR_ERROR_INVALID},
    };

    partner_init(&partner, test);
    answer(&partner, "https://acme.example/report", 200, FIRST_PAGE);
    for (size_t i = 0; i < G_N_ELEMENTS(FAILURES); i++) {
        g_autoptr(GError) error = NULL;
        ReportSummary summary;

        answer(&partner, "https://acme.example/more", FAILURES[i].status, FAILURES[i].body);
        g_assert_false(pull(&partner, "lines", &summary, &error));
        g_assert_error(error, WEIR_ERROR, (int)FAILURES[i].code);
        g_assert_true(g_str_has_prefix(error->message, "page 2: "));
    }
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM report"), ==, 0);
}

static void
assert_asked(Partner *partner, int64_t since_us, const char *url)
{
    g_autoptr(GError) error = NULL;
    ReportSummary summary;

    g_assert_true(pull_since(partner, "lines", since_us, &summary, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(fake_client_request(partner->client, fake_client_request_count(partner->client) - 1)->url, ==, url);
}

static void
a_pull_looks_back_from_the_last_one_that_succeeded(DbTest *test)
{
    g_auto(Partner) partner;
    g_autoptr(GError) error = NULL;
    ReportSummary summary;

    partner_init(&partner, test);
    answer(&partner, "https://acme.example/report", 200, "{\"rows\": []}");
    assert_asked(&partner, TIMESTAMP_NONE, "https://acme.example/report?from=2026-11-22&to=2026-11-24");
    fake_clock_advance_us(&test_clock, US_PER_DAY);
    assert_asked(&partner, TIMESTAMP_NONE, "https://acme.example/report?from=2026-11-22&to=2026-11-25");

    /* Nobody asked for eight days, or in vain; what a person asked for in between did not look back as far. */
    fake_clock_advance_us(&test_clock, 8 * US_PER_DAY);
    answer(&partner, "https://acme.example/report", 503, "busy");
    g_assert_false(pull(&partner, "lines", &summary, &error));
    answer(&partner, "https://acme.example/report", 200, "{\"rows\": []}");
    assert_asked(&partner, test_clock.now - US_PER_DAY, "https://acme.example/report?from=2026-12-02&to=2026-12-03");
    assert_asked(&partner, TIMESTAMP_NONE, "https://acme.example/report?from=2026-11-23&to=2026-12-03");
    assert_asked(&partner, TIMESTAMP_NONE, "https://acme.example/report?from=2026-12-01&to=2026-12-03");

    fake_clock_advance_us(&test_clock, 90 * US_PER_DAY);
    assert_asked(&partner, TIMESTAMP_NONE, "https://acme.example/report?from=2027-01-29&to=2027-03-03");
}

static void
a_partner_that_is_silent_is_a_timeout_and_one_that_is_gone_unavailable(DbTest *test)
{
    g_auto(Partner) partner;
    g_autoptr(GError) gone = NULL, late = NULL;
    ReportSummary summary;

    partner_init(&partner, test);
    g_assert_false(pull(&partner, "lines", &summary, &gone));
    g_assert_error(gone, WEIR_ERROR, WEIR_ERROR_UNAVAILABLE);
    fake_client_answer(partner.client,
                       &(FakeAnswer){.url = "https://acme.example/report", .outcome = HTTP_OUTCOME_TIMEOUT});
    g_assert_false(pull(&partner, "lines", &summary, &late));
    g_assert_error(late, WEIR_ERROR, WEIR_ERROR_TIMEOUT);
}

static void
a_report_that_is_only_uploaded_is_read_as_its_definition_says(DbTest *test)
{
    g_auto(Partner) partner;
    g_autoptr(GError) error = NULL, nothing = NULL;
    ReportSummary summary;

    partner_init(&partner, test);
    g_assert_false(pull(&partner, "posted", &summary, &nothing));
    g_assert_error(nothing, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_true(import(
        &partner, "id;betrag;at\na;1.234,56;2026-11-23\nb;0,01;2026-11-23\nb;0,02;2026-11-23\nc;1,2,3;2026-11-23\n",
        &summary, &error));
    g_assert_no_error(error);
    g_assert_cmpint(summary.new_lines, ==, 1);
    g_assert_cmpint(summary.quarantined, ==, 3);
    g_assert_cmpint(revenue_test_earned(test, "unattributed"), ==, 1234560000);
    assert_proved(&partner);
}

static void
a_postback_belongs_to_the_first_report_that_lists_lines(DbTest *test)
{
    g_auto(Partner) partner;

    partner_init(&partner, test);
    g_assert_cmpstr(source_formats_line_kind(&partner.formats, "acme"), ==, "lines");
    g_assert_null(source_formats_line_kind(&partner.formats, "nobody"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("revenue", all_pages_of_a_pull_are_one_report);
    DB_TEST("revenue", what_the_partner_prepares_is_waited_for);
    DB_TEST("revenue", a_page_that_fails_fails_the_whole_pull);
    DB_TEST("revenue", a_pull_looks_back_from_the_last_one_that_succeeded);
    DB_TEST("revenue", a_partner_that_is_silent_is_a_timeout_and_one_that_is_gone_unavailable);
    DB_TEST("revenue", a_report_that_is_only_uploaded_is_read_as_its_definition_says);
    DB_TEST("revenue", a_postback_belongs_to_the_first_report_that_lists_lines);
    return db_test_run();
}
