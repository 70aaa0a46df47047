/*
 * The reports in JSON: alder (transactions that change, awin-like), fir (columns and rows, hundredths of a penny apart)
 * and ginkgo (pages with a next link).
 */
#include "sandbox/report_page.h"

#include "base/json_writer.h"

#define GINKGO_PAGE 40

/* An amount as a JSON number with all its decimals. */
static void
json_amount(JsonWriter *json, int64_t micros)
{
    char text[MONEY_TEXT_SIZE];

    json_raw(json, str_of(money_format(micros, text)));
}

static void
member_moment(JsonWriter *json, const char *key, int64_t us, const char *format)
{
    g_autofree char *text = moment_text(us, format);

    json_member_text(json, key, str_of(text));
}

static void
refuse(Reply *reply, const char *message)
{
    JsonWriter json = json_writer(reply->body);

    reply_json(reply, 401);
    json_begin_object(&json);
    json_member_text(&json, "error", STR("unauthorized"));
    json_member_text(&json, "description", str_of(message));
    json_end_object(&json);
}

static void
alder_write_row(const Call *call, const ReportRow *row, JsonWriter *json)
{
    static const char *const STATES[] = {"pending", "approved", "declined"};

    json_begin_object(json);
    json_member_text(json, "id", str_of(row->key));
    json_member_text(json, "commissionStatus", str_of(STATES[row->status]));
    json_key(json, "commissionAmount");
    json_begin_object(json);
    json_key(json, "amount");
    json_amount(json, row->amount_micros);
    json_member_text(json, "currency", str_of(call->network->currency));
    json_end_object(json);
    json_key(json, "clickRefs");
    json_begin_object(json);
    json_member_text_if(json, "clickRef", str_of(row->click->sub_id));
    json_end_object(json);
    member_moment(json, "clickDate", row->click->at_us, "%Y-%m-%dT%H:%M:%S");
    member_moment(json, "transactionDate", row->event_at_us, "%Y-%m-%dT%H:%M:%S");
    member_moment(json, "updatedDate", row->changed_at_us, "%Y-%m-%dT%H:%M:%S");
    json_member_text(json, "type", STR("Commission group transaction"));
    json_end_object(json);
}

void
alder_report(const Call *call, Reply *reply)
{
    g_auto(ReportPage) page = {0};
    JsonWriter json = json_writer(reply->body);

    if (!call_has_bearer(call, ALDER_TOKEN)) {
        refuse(reply, "the token is missing or wrong");
        return;
    }
    if (!report_page_load(call, "startDate", "endDate", 0, &page, reply))
        return;
    reply_json(reply, 200);
    json_begin_array(&json);
    for (guint i = 0; i < page.rows->len; i++)
        alder_write_row(call, &g_array_index(page.rows, ReportRow, i), &json);
    json_end_array(&json);
}

static void
fir_write_row(const Call *call, const ReportRow *row, JsonWriter *json)
{
    json_begin_array(json);
    json_text(json, str_of(row->key));
    json_text(json, str_of(row->click->sub_id));
    json_text(json, str_of(earning_status_name(row->status)));
    json_amount(json, row->amount_micros * 100); /* pence, with decimals where a row needs them */
    json_text(json, str_of(call->network->currency));
    json_int(json, row->event_at_us / US_PER_SECOND);
    json_int(json, row->changed_at_us / US_PER_SECOND);
    json_end_array(json);
}

void
fir_report(const Call *call, Reply *reply)
{
    static const char *const COLUMNS[] = {"transaction", "clickref", "status", "pence", "currency", "at", "changed"};
    g_auto(ReportPage) page = {0};
    JsonWriter json = json_writer(reply->body);

    if (!call_has_bearer(call, FIR_TOKEN)) {
        refuse(reply, "bearer token expected");
        return;
    }
    if (!report_page_load(call, "since", "until", 0, &page, reply))
        return;
    reply_json(reply, 200);
    json_begin_object(&json);
    json_key(&json, "columns");
    json_begin_array(&json);
    for (size_t i = 0; i < G_N_ELEMENTS(COLUMNS); i++)
        json_text(&json, str_of(COLUMNS[i]));
    json_end_array(&json);
    json_key(&json, "rows");
    json_begin_array(&json);
    for (guint i = 0; i < page.rows->len; i++)
        fir_write_row(call, &g_array_index(page.rows, ReportRow, i), &json);
    json_end_array(&json);
    json_end_object(&json);
}

static void
ginkgo_write_row(const Call *call, const ReportRow *row, JsonWriter *json)
{
    json_begin_object(json);
    json_member_text(json, "transaction_id", str_of(row->key));
    json_member_text(json, "s1", str_of(row->click->sub_id));
    json_member_text(json, "state", str_of(earning_status_name(row->status)));
    json_key(json, "payout");
    json_begin_object(json);
    json_member_money(
        json, "value", row->amount_micros,
        (Currency){.code = {call->network->currency[0], call->network->currency[1], call->network->currency[2], '\0'}});
    json_end_object(json);
    json_member_time(json, "occurred_at", row->event_at_us);
    json_member_time(json, "updated_at", row->changed_at_us);
    json_end_object(json);
}

static char *
ginkgo_next_link(const Call *call, const ReportPage *page)
{
    GString *url = g_string_new(NULL);

    if (page->number >= page->pages)
        return g_string_free(url, TRUE);
    g_string_append_printf(url, "%s/ginkgo/report?since=", call->base);
    http_encode_query(url, call_query(call, "since"));
    if (!str_is_empty(call_query(call, "until"))) {
        g_string_append(url, "&until=");
        http_encode_query(url, call_query(call, "until"));
    }
    g_string_append_printf(url, "&page=%" G_GINT64_FORMAT, page->number + 1);
    return g_string_free(url, FALSE);
}

void
ginkgo_report(const Call *call, Reply *reply)
{
    g_auto(ReportPage) page = {0};
    JsonWriter json = json_writer(reply->body);
    g_autofree char *next = NULL;

    if (!call_has_header(call, "X-Api-Key", GINKGO_KEY)) {
        refuse(reply, "The header X-Api-Key is missing or wrong");
        return;
    }
    if (!report_page_load(call, "since", "until", GINKGO_PAGE, &page, reply))
        return;
    next = ginkgo_next_link(call, &page);
    reply_json(reply, 200);
    json_begin_object(&json);
    json_key(&json, "transactions");
    json_begin_array(&json);
    for (guint i = 0; i < page.rows->len; i++)
        ginkgo_write_row(call, &g_array_index(page.rows, ReportRow, i), &json);
    json_end_array(&json);
    json_member_int(&json, "total", page.total);
    json_member_text(&json, "next", str_of(next));
    json_end_object(&json);
}
