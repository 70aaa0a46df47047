#include "revenue/pull.h"

#include "base/timestamp.h"
#include "revenue/day.h"
#include "revenue/source_formats.h"

struct ReportPull {
    ReportPullSpec spec;
    ReportImport *import; /* begun with the head of the first page, whose content type it keeps */
    Question question;
    char *cursor;       /* of question */
    char *content_type; /* of the first page; NULL when it has none */
    Answer *answer;     /* of the page that arrives */
    Exchange *exchange; /* NULL between exchanges */
    int64_t pages, retry_after_us;
    GError *failure;
    bool done;
};

static void page_start(ReportPull *pull);

/* The page is read here only for its errors and for what follows it; lines are applied when all pages are there. */
static bool
ignore_line(void *data G_GNUC_UNUSED, const ReportLine *line G_GNUC_UNUSED)
{
    return true;
}

static void
ignore_rejected(void *data G_GNUC_UNUSED, uint64_t row G_GNUC_UNUSED, bool dropped G_GNUC_UNUSED,
                const char *field G_GNUC_UNUSED, const char *reason G_GNUC_UNUSED, Str text G_GNUC_UNUSED)
{
}

static bool
begin_import(ReportPull *pull, GError **error)
{
    const Operation *operation = pull->spec.operation;
    ReportImportSpec spec = {
        .db = pull->spec.db,
        .clock = pull->spec.clock,
        .formats = pull->spec.formats,
        .source = source_name(operation_source(operation)),
        .kind = operation_name(operation),
        .origin = "pull",
        .since_us = pull->spec.since_us,
        .until_us = pull->spec.until_us,
        .content_type = pull->content_type,
        .task = pull->spec.task,
    };

    pull->import = report_import_begin(&spec, error);
    return pull->import != NULL;
}

static void
on_sending(void *data, const HttpRequest *request G_GNUC_UNUSED, const Session *session)
{
    ReportPull *pull = data;

    answer_hide(pull->answer, session);
}

static void
on_head(void *data, int status, HttpHeaders headers)
{
    ReportPull *pull = data;

    answer_head(pull->answer, status, headers);
    if (pull->pages == 1 && pull->content_type == NULL)
        pull->content_type = str_dup(http_header_find(headers, "Content-Type"));
}

static bool
on_body(void *data, Str bytes)
{
    ReportPull *pull = data;

    if (pull->import == NULL && !begin_import(pull, &pull->failure))
        return false;
    if (!report_import_push(pull->import, bytes, &pull->failure))
        return false;
    return answer_push(pull->answer, bytes);
}

static bool
check_page(ReportPull *pull, const HttpResult *result, GError **error)
{
    Str message = STR_NONE;
    AnswerStatus status;

    if (!http_result_check(result, error))
        return false;
    status = answer_finish(pull->answer, result->outcome == HTTP_OUTCOME_ANSWERED, &message);
    pull->retry_after_us = answer_retry_after_us(pull->answer);
    return answer_status_check(status, message, error);
}

/* Whether another page must be asked for; question is then that page's. */
static bool
next_page(ReportPull *pull, bool *ret_more, GError **error)
{
    Question next;
    char *cursor;

    /* In other modes the same lines again change nothing. */
    if (operation_report_mode(pull->spec.operation) == REPORT_APPEND && answer_repeats(pull->answer))
        return weir_fail(error, WEIR_ERROR_INVALID, "it holds the same lines as a page before: they would count twice");
    *ret_more = answer_next(pull->answer, &next);
    if (!*ret_more)
        return true;
    if (pull->pages >= REPORT_PARTS_LIMIT)
        return weir_fail(error, WEIR_ERROR_LIMIT, "the report has more than %d pages", REPORT_PARTS_LIMIT);
    if (pull->import == NULL && !begin_import(pull, error))
        return false;
    cursor = str_dup(next.cursor); /* it lives in the answer */
    answer_free(g_steal_pointer(&pull->answer));
    g_free(pull->cursor);
    pull->cursor = cursor;
    next.cursor = str_of(cursor);
    pull->question = next;
    return report_import_next_part(pull->import, error);
}

static bool
check_refusal(const ExchangeRefusal *refusal, GError **error)
{
    return refusal == NULL || answer_status_check(refusal->status, str_of(refusal->message), error);
}

static void
on_done(void *data, const HttpResult *result, const ExchangeRefusal *refusal)
{
    ReportPull *pull = data;
    bool more = false;

    pull->exchange = NULL;
    if (!check_refusal(refusal, &pull->failure) || pull->failure != NULL || !check_page(pull, result, &pull->failure) ||
        !next_page(pull, &more, &pull->failure)) {
        weir_fail_within(&pull->failure, "page %" G_GINT64_FORMAT, pull->pages);
        pull->done = true;
        return;
    }
    if (more)
        page_start(pull);
    else
        pull->done = true;
}

static void
page_start(ReportPull *pull)
{
    static const AnswerEvents EVENTS = {.line = ignore_line, .rejected = ignore_rejected};
    static const ExchangeReceiver RECEIVER = {on_sending, on_head, on_body, on_done};
    const ExchangeSpec exchange = {
        .operation = pull->spec.operation, .question = &pull->question, .patience_us = EXCHANGE_PATIENCE_US};

    pull->pages++;
    pull->answer = answer_new(pull->spec.operation, &pull->question, pull->spec.clock, &EVENTS, pull);
    pull->exchange = exchange_start(pull->spec.exchanges, &exchange, &RECEIVER, pull, &pull->failure);
    pull->done = pull->exchange == NULL;
}

static bool
load_last_pull(const ReportPullSpec *spec, int64_t days, int64_t *ret_us, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(spec->db, DB_READ, error);

    return tx != NULL && report_find_last_pull(tx, source_name(operation_source(spec->operation)),
                                               operation_name(spec->operation), days, ret_us, error);
}

static bool
set_window(ReportPullSpec *spec, GError **error)
{
    int64_t days = operation_look_back_days(spec->operation), last_us = TIMESTAMP_NONE;
    int64_t now_us = clock_now_us(spec->clock);

    if (spec->until_us == TIMESTAMP_NONE) {
        /* To the end of today: a partner whose clock is ahead of ours dates what just happened after our now. */
        spec->until_us = now_us - now_us % US_PER_DAY + US_PER_DAY - 1;
        if (spec->since_us == TIMESTAMP_NONE && !load_last_pull(spec, days, &last_us, error))
            return false;
    }
    if (spec->since_us == TIMESTAMP_NONE)
        spec->since_us =
            day_start_us(day_look_back(day_of(spec->until_us, NULL),
                                       last_us == TIMESTAMP_NONE ? INT64_MIN : day_of(last_us, NULL), days),
                         NULL);
    return true;
}

ReportPull *
report_pull_start(const ReportPullSpec *spec, GError **error)
{
    g_autoptr(ReportPull) pull = g_new0(ReportPull, 1);
    const char *disabled = source_disabled(operation_source(spec->operation));

    if (disabled != NULL) {
        weir_fail(error, WEIR_ERROR_INVALID, "%s: %s", source_name(operation_source(spec->operation)), disabled);
        return NULL;
    }
    if (!operation_can_be_asked(spec->operation)) {
        weir_fail(error, WEIR_ERROR_INVALID, "%s/%s is only uploaded or posted to us: there is nothing to pull",
                  source_name(operation_source(spec->operation)), operation_name(spec->operation));
        return NULL;
    }
    pull->spec = *spec;
    if (!set_window(&pull->spec, error))
        return NULL;
    pull->question = (Question){.page = 1, .since_us = pull->spec.since_us, .until_us = pull->spec.until_us};
    page_start(pull);
    return g_steal_pointer(&pull);
}

const bool *
report_pull_done(const ReportPull *pull)
{
    return &pull->done;
}

int64_t
report_pull_retry_after_us(const ReportPull *pull)
{
    return pull->retry_after_us;
}

void
report_pull_free(ReportPull *pull)
{
    if (pull == NULL)
        return;
    if (pull->exchange != NULL)
        exchange_cancel(pull->exchange);
    if (pull->answer != NULL)
        answer_free(pull->answer);
    report_import_free(pull->import);
    g_clear_error(&pull->failure);
    g_free(pull->cursor);
    g_free(pull->content_type);
    g_free(pull);
}

bool
report_pull_finish(ReportPull *pull, ReportSummary *ret_summary, GError **error)
{
    g_autoptr(ReportPull) G_GNUC_UNUSED owned = pull;

    g_assert(pull->done);
    if (pull->failure != NULL) {
        g_propagate_error(error, g_steal_pointer(&pull->failure));
        return false;
    }
    /* An answer without a body is a report without lines. */
    if (pull->import == NULL && !begin_import(pull, error))
        return false;
    return report_import_finish(pull->import, ret_summary, error);
}
