#include "revenue_test.h"

#include "base/timestamp.h"
#include "revenue/postback.h"
#include "store/migrate.h"

#define FIELDS 9

FakeClock test_clock;

typedef struct {
    LineReader reader;
    const LineEvents *events;
    void *data;
    GString *held;
    uint64_t row;
    bool malformed;
} TextReader;

static int64_t
seconds(Str text)
{
    int64_t value;

    if (str_is_empty(text))
        return TIMESTAMP_NONE;
    g_assert_true(str_to_int64(text, &value));
    return value * US_PER_SECOND;
}

static bool
read_row(TextReader *reader, Str row)
{
    ReportLine line = {.row = ++reader->row, .canonical = row, .clicks = -1, .impressions = -1};
    Str fields[FIELDS] = {STR_NONE}, rest = row;

    if (str_starts_with(row, STR("!"))) {
        reader->events->rejected(reader->data, reader->row, "amount", "number", str_slice(row, 1, row.size));
        return true;
    }
    reader->malformed |= str_starts_with(row, STR("?"));
    for (size_t i = 0; i < FIELDS && rest.at != NULL; i++)
        fields[i] = str_cut(&rest, '|');
    line.key = fields[0];
    line.sub_id = fields[1];
    line.status = fields[2];
    if (!reader->malformed)
        g_assert_true(money_parse(fields[3], NUMBER_STYLE_PLAIN, &line.amount_micros, NULL));
    currency_parse(fields[4], &line.currency);
    line.event_at_us = seconds(fields[5]);
    line.version_at_us = seconds(fields[6]);
    line.click_at_us = line.validated_at_us = TIMESTAMP_NONE;
    if (!str_is_empty(fields[7]))
        g_assert_true(str_to_int64(fields[7], &line.clicks));
    line.original_key = fields[8];
    return reader->malformed || reader->events->line(reader->data, &line);
}

static bool
text_push(LineReader *base, Str bytes)
{
    TextReader *reader = (TextReader *)base;
    char *end;

    g_string_append_len(reader->held, bytes.at, (gssize)bytes.size);
    while ((end = memchr(reader->held->str, '\n', reader->held->len)) != NULL) {
        size_t size = (size_t)(end - reader->held->str);

        if (!read_row(reader, (Str){reader->held->str, size}))
            return false;
        g_string_erase(reader->held, 0, (gssize)size + 1);
    }
    return true;
}

static bool
text_finish(LineReader *base, GError **error)
{
    TextReader *reader = (TextReader *)base;

    if (reader->malformed || reader->held->len > 0)
        return weir_fail(error, WEIR_ERROR_INVALID, "row %" G_GUINT64_FORMAT " is malformed", reader->row);
    return true;
}

static void
text_free(LineReader *base)
{
    TextReader *reader = (TextReader *)base;

    g_string_free(reader->held, TRUE);
    g_free(reader);
}

static LineReader *
text_open(const LineFormats *formats G_GNUC_UNUSED, const LineContext *context, const LineEvents *events, void *data,
          GError **error)
{
    TextReader *reader;

    if (g_str_equal(context->source, "nobody")) {
        weir_fail(error, WEIR_ERROR_NOT_FOUND, "no source nobody");
        return NULL;
    }
    if (g_str_equal(context->kind, REPORT_KIND_POSTBACK))
        return postback_reader_new(events, data);
    reader = g_new0(TextReader, 1);
    reader->reader = (LineReader){.push = text_push, .finish = text_finish, .free = text_free};
    reader->events = events;
    reader->data = data;
    reader->held = g_string_new(NULL);
    return &reader->reader;
}

const LineFormats TEST_FORMATS = {text_open};

void
revenue_test_migrate(DbTest *test)
{
    g_autoptr(GError) error = NULL;

    fake_clock_init(&test_clock, TEST_DAY_S * US_PER_SECOND);
    g_assert_true(migrate(test->db, &test_clock.clock, NULL, &error));
    g_assert_no_error(error);
}

void
revenue_test_click(DbTest *test, Id id, int64_t at_s, Id search_id, const char *source, const char *sub_id,
                   unsigned flags)
{
    g_autofree char *sql = g_strdup_printf("INSERT INTO click (id, at_us, search_id, position, source, listing_id, "
                                           "bid_micros, bid_currency, flags, sub_id) "
                                           "VALUES (%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
                                           ", 1, '%s', 'L1', 250000, 'USD', %u, '%s')",
                                           id, at_s * US_PER_SECOND, search_id, source, flags, sub_id);

    db_test_exec(test->db, sql);
}

bool
revenue_test_try_import(DbTest *test, const char *origin, const char *text, ReportSummary *ret_summary, GError **error)
{
    ReportImportSpec spec = {.db = test->db,
                             .clock = &test_clock.clock,
                             .formats = &TEST_FORMATS,
                             .source = "acme",
                             .kind = "default",
                             .origin = origin,
                             .since_us = TIMESTAMP_NONE,
                             .until_us = TIMESTAMP_NONE};
    g_autoptr(ReportImport) import = report_import_begin(&spec, error);
    Str rest = str_of(text);

    if (import == NULL)
        return false;
    while (rest.size > 0) {
        size_t piece = MIN(rest.size, (size_t)37);

        if (!report_import_push(import, str_slice(rest, 0, piece), error))
            return false;
        rest = str_slice(rest, piece, rest.size);
    }
    return report_import_finish(import, ret_summary, error);
}

ReportSummary
revenue_test_import(DbTest *test, const char *origin, const char *text)
{
    g_autoptr(GError) error = NULL;
    ReportSummary summary = {0};
    bool done = revenue_test_try_import(test, origin, text, &summary, &error);

    g_assert_no_error(error);
    g_assert_true(done);
    return summary;
}

int64_t
revenue_test_earned(DbTest *test, const char *account)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT CAST(COALESCE(-SUM(amount_micros), 0) AS BIGINT) FROM entry WHERE account = '%s' "
                        "AND source = 'acme'",
                        account);

    return db_test_int(test->db, sql);
}

void
revenue_test_check_invariants(DbTest *test)
{
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM (SELECT txn_id FROM entry GROUP BY txn_id, currency "
                                          "HAVING SUM(amount_micros) <> 0) AS unbalanced"),
                    ==, 0);
    g_assert_cmpint(
        db_test_int(test->db,
                    "SELECT COUNT(*) FROM revision r WHERE r.rev = (SELECT MAX(rev) FROM revision "
                    "WHERE line_id = r.line_id) AND r.earned_micros <> (SELECT COALESCE(SUM(amount_micros), 0) "
                    "FROM entry WHERE line_id = r.line_id AND account = 'receivable' AND currency = r.currency)"),
        ==, 0);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM (SELECT line_id FROM revision GROUP BY line_id "
                                          "HAVING MIN(rev) <> 1 OR MAX(rev) <> COUNT(*)) AS gaps"),
                    ==, 0);
}
