#include "revenue/totals.h"

#include "base/timestamp.h"
#include "revenue/line.h"
#include "revenue/source_formats.h"

/* One request and its answer. */
typedef struct {
    const Operation *operation;
    TotalsSheet *sheet;
    Answer *answer;
    GError *failure;
    bool done;
} Asking;

void
totals_sheet_init(TotalsSheet *sheet, int64_t first_day, int64_t last_day)
{
    g_assert(first_day <= last_day);
    *sheet = (TotalsSheet){first_day, last_day, g_array_new(FALSE, FALSE, sizeof(DayTotal))};
}

void
totals_sheet_clear(TotalsSheet *sheet)
{
    g_clear_pointer(&sheet->totals, g_array_unref);
}

static bool
add_up(DayTotal *total, const ReportLine *line, GError **error)
{
    if (!money_add(total->amount_micros, line->amount_micros, &total->amount_micros))
        return weir_fail(error, WEIR_ERROR_INVALID, "the sum of a day does not fit");
    if (line->clicks >= 0 && !money_add(MAX(total->clicks, 0), line->clicks, &total->clicks))
        return weir_fail(error, WEIR_ERROR_INVALID, "the clicks of a day do not fit");
    return true;
}

static bool
add_total(TotalsSheet *sheet, int64_t day, const ReportLine *line, GError **error)
{
    DayTotal total = {day, line->currency, line->amount_micros, line->clicks};

    if (line->amount_micros > LINE_AMOUNT_LIMIT_MICROS || line->amount_micros < -LINE_AMOUNT_LIMIT_MICROS)
        return weir_fail(error, WEIR_ERROR_INVALID, "row %" G_GUINT64_FORMAT ": the sum of a day is beyond belief",
                         line->row);
    for (guint i = 0; i < sheet->totals->len; i++) {
        DayTotal *same = &g_array_index(sheet->totals, DayTotal, i);

        if (same->day == day && currency_equal(same->currency, line->currency))
            return add_up(same, line, error);
    }
    if (sheet->totals->len >= TOTALS_LIMIT)
        return weir_fail(error, WEIR_ERROR_LIMIT, "more than %d totals", TOTALS_LIMIT);
    g_array_append_val(sheet->totals, total);
    return true;
}

static bool
on_total(void *data, const ReportLine *line)
{
    Asking *asking = data;
    int64_t day;

    if (asking->failure != NULL) /* a field of this row could not be read */
        return false;
    if (line->event_at_us == TIMESTAMP_NONE)
        return weir_fail(&asking->failure, WEIR_ERROR_INVALID, "row %" G_GUINT64_FORMAT " has no day", line->row);
    day = day_of(line->event_at_us, operation_zone(asking->operation));
    if (day < asking->sheet->first_day || day > asking->sheet->last_day)
        return true;
    return add_total(asking->sheet, day, line, &asking->failure);
}

/* A sum that cannot be read must not count as zero. */
static void
on_rejected(void *data, uint64_t row, bool dropped G_GNUC_UNUSED, const char *field, const char *reason G_GNUC_UNUSED,
            Str text)
{
    Asking *asking = data;

    if (asking->failure == NULL)
        weir_fail(&asking->failure, WEIR_ERROR_INVALID, "row %" G_GUINT64_FORMAT ", %s: %.*s", row, field,
                  STR_FORMAT(text));
}

static void
on_sending(void *data, const HttpRequest *request G_GNUC_UNUSED, const Session *session)
{
    Asking *asking = data;

    answer_hide(asking->answer, session);
}

static void
on_head(void *data, int status, HttpHeaders headers)
{
    answer_head(((Asking *)data)->answer, status, headers);
}

static bool
on_body(void *data, Str bytes)
{
    return answer_push(((Asking *)data)->answer, bytes);
}

static void
on_done(void *data, const HttpResult *result, const ExchangeRefusal *refusal)
{
    Asking *asking = data;
    g_autoptr(GError) transfer = NULL;
    Str message = STR_NONE;
    AnswerStatus status;

    asking->done = true;
    if (refusal != NULL) {
        (void)!answer_status_check(refusal->status, str_of(refusal->message), &asking->failure);
        return;
    }
    if (!http_result_check(result, &transfer)) {
        g_clear_error(&asking->failure);
        asking->failure = g_steal_pointer(&transfer);
        return;
    }
    status = answer_finish(asking->answer, result->outcome == HTTP_OUTCOME_ANSWERED, &message);
    if (asking->failure == NULL)
        (void)!answer_status_check(status, message, &asking->failure);
}

/* One page. question moves on to the next one; cursor holds its text. */
static bool
ask_page(const TotalsFetcher *fetcher, const Operation *totals, TotalsSheet *sheet, Question *question, char **cursor,
         bool *ret_more, GError **error)
{
    static const AnswerEvents EVENTS = {.line = on_total, .rejected = on_rejected};
    static const ExchangeReceiver RECEIVER = {on_sending, on_head, on_body, on_done};
    const ExchangeSpec exchange = {.operation = totals, .question = question, .patience_us = EXCHANGE_PATIENCE_US};
    g_autoptr(Answer) answer = NULL;
    Asking asking = {.operation = totals, .sheet = sheet};
    Question next;

    answer = answer_new(totals, question, fetcher->clock, &EVENTS, &asking);
    asking.answer = answer;
    if (exchange_start(fetcher->exchanges, &exchange, &RECEIVER, &asking, error) == NULL)
        return false;
    fetcher->run_until(fetcher->loop, &asking.done);
    if (fetcher->retry_after_us != NULL)
        *fetcher->retry_after_us = answer_retry_after_us(answer);
    if (asking.failure != NULL) {
        g_propagate_error(error, asking.failure);
        return false;
    }
    *ret_more = answer_next(answer, &next);
    if (*ret_more) {
        g_autofree char *old = g_steal_pointer(cursor);

        *cursor = str_dup(next.cursor);
        next.cursor = str_of(*cursor);
        *question = next;
    }
    return true;
}

/* All pages about the days from first to last. */
static bool
ask_days(const TotalsFetcher *fetcher, const Operation *totals, TotalsSheet *sheet, int64_t first, int64_t last,
         unsigned *requests, GError **error)
{
    GTimeZone *zone = operation_zone(totals);
    Question question = {
        .page = 1, .since_us = day_start_us(first, zone), .until_us = day_start_us(last + 1, zone) - 1};
    g_autofree char *cursor = NULL;
    bool more = true;

    while (more) {
        if (++*requests > TOTALS_REQUESTS_LIMIT)
            return weir_fail(error, WEIR_ERROR_LIMIT, "more than %d requests", TOTALS_REQUESTS_LIMIT);
        if (!ask_page(fetcher, totals, sheet, &question, &cursor, &more, error)) {
            char day[DAY_TEXT_SIZE];

            return weir_fail_within(error, "totals of %s from %s", source_name(operation_source(totals)),
                                    day_format(first, day));
        }
    }
    return true;
}

bool
totals_fetch(const TotalsFetcher *fetcher, const Operation *totals, TotalsSheet *sheet, GError **error)
{
    const char *disabled = source_disabled(operation_source(totals));
    unsigned requests = 0;

    if (disabled != NULL)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: %s", source_name(operation_source(totals)), disabled);
    if (!operation_asks_by_day(totals))
        return ask_days(fetcher, totals, sheet, sheet->first_day, sheet->last_day, &requests, error);
    for (int64_t day = sheet->first_day; day <= sheet->last_day; day++)
        if (!ask_days(fetcher, totals, sheet, day, day, &requests, error))
            return false;
    return true;
}

bool
totals_save(DbTx *tx, const char *source, const TotalsSheet *sheet, int64_t fetch_id, int64_t now_us, GError **error)
{
    char first[DAY_TEXT_SIZE], last[DAY_TEXT_SIZE];

    if (!db_exec(tx,
                 SQL("INSERT INTO totals_fetch (id, source, first_day, last_day, fetched_at_us) "
                     "VALUES ($1, $2, $3, $4, $5)"),
                 DB_ARGS(db_int(fetch_id), db_cstr(source), db_cstr(day_format(sheet->first_day, first)),
                         db_cstr(day_format(sheet->last_day, last)), db_int(now_us)),
                 NULL, error))
        return false;
    for (guint i = 0; i < sheet->totals->len; i++) {
        const DayTotal *total = &g_array_index(sheet->totals, DayTotal, i);

        if (!db_exec(tx,
                     SQL("INSERT INTO partner_total (fetch_id, day, currency, amount_micros, clicks) "
                         "VALUES ($1, $2, $3, $4, $5)"),
                     DB_ARGS(db_int(fetch_id), db_cstr(day_format(total->day, first)), db_cstr(total->currency.code),
                             db_int(total->amount_micros), db_count(total->clicks)),
                     NULL, error))
            return false;
    }
    return true;
}
