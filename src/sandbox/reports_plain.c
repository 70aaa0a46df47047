/*
 * The reports in XML and CSV: birch (click-level CSV, key in the query), cedar (XML, corrections are rows of their own),
 * dogwood (XML, rows change) and elm (CSV in ISO-8859-1, decimal comma).
 */
#include "sandbox/report_page.h"

static const char *
action_name(const ReportRow *row)
{
    return row->by_action ? "application" : "click";
}

void
birch_report(const Call *call, Reply *reply)
{
    g_auto(ReportPage) page = {0};

    if (!call_has_query(call, "key", BIRCH_KEY)) {
        reply_text(reply, 403, "text/plain", "Forbidden");
        return;
    }
    if (!report_page_load(call, "from", "to", 0, &page, reply))
        return;
    reply->content_type = "text/csv; charset=utf-8";
    g_string_append(reply->body, "transaction;subid;type;state;revenue;currency;event_time;changed\n");
    for (guint i = 0; i < page.rows->len; i++) {
        const ReportRow *row = &g_array_index(page.rows, ReportRow, i);
        g_autofree char *event = moment_text(row->event_at_us, "%Y-%m-%d %H:%M:%S");
        g_autofree char *changed = moment_text(row->changed_at_us, "%Y-%m-%d %H:%M:%S");

        g_string_append_printf(reply->body, "%s;%s;%s;%s;", row->key, row->click->sub_id, action_name(row),
                               earning_status_name(row->status));
        amount_append(reply->body, row->amount_micros, ',');
        g_string_append_printf(reply->body, ";%s;%s;%s\n", call->network->currency, event, changed);
    }
}

static void
cedar_append_row(const Call *call, const ReportRow *row, GString *to)
{
    g_autofree char *event = moment_text(row->event_at_us, "%Y-%m-%dT%H:%M:%SZ");
    g_autofree char *posted = moment_text(row->posted_at_us, "%Y-%m-%dT%H:%M:%SZ");

    g_string_append(to, "<commission>");
    xml_append_element(to, "action-id", row->key);
    xml_append_element(to, "original-action-id", row->original);
    xml_append_element(to, "original", row->original[0] == '\0' ? "true" : "false");
    xml_append_element(to, "sid", row->click->sub_id);
    xml_append_element(to, "action-type", row->by_action ? "lead" : "click");
    xml_append_element(to, "event-date", event);
    xml_append_element(to, "posting-date", posted);
    g_string_append(to, "<commission-amount>");
    amount_append(to, row->amount_micros, '.');
    g_string_append_printf(to, "</commission-amount><currency>%s</currency></commission>\n", call->network->currency);
}

void
cedar_report(const Call *call, Reply *reply)
{
    g_auto(ReportPage) page = {0};

    if (!call_has_bearer(call, CEDAR_TOKEN)) {
        reply_text(reply, 401, "text/xml",
                   "<cj-api><error-message>Not Authenticated: missing or bad token"
                   "</error-message></cj-api>");
        return;
    }
    if (!report_page_load(call, "start-date", "end-date", 50, &page, reply))
        return;
    reply->content_type = "text/xml";
    g_string_append_printf(
        reply->body,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<cedar-api><commissions total-matched=\"%" G_GINT64_FORMAT
        "\" records-returned=\"%u\" page-number=\"%" G_GINT64_FORMAT "\">\n",
        page.total, page.rows->len, page.number);
    for (guint i = 0; i < page.rows->len; i++)
        cedar_append_row(call, &g_array_index(page.rows, ReportRow, i), reply->body);
    g_string_append(reply->body, "</commissions></cedar-api>\n");
}

void
dogwood_report(const Call *call, Reply *reply)
{
    g_auto(ReportPage) page = {0};

    if (!call_has_basic(call, DOGWOOD_USER, DOGWOOD_PASSWORD)) {
        reply->header = "WWW-Authenticate";
        reply->header_value = "Basic realm=\"Dogwood reports\"";
        reply_text(reply, 401, "text/html", "<html><body>401 Authorization Required</body></html>");
        return;
    }
    if (!report_page_load(call, "from", "until", 0, &page, reply))
        return;
    reply->content_type = "application/xml";
    g_string_append(reply->body, "<?xml version=\"1.0\"?>\n<report>\n");
    for (guint i = 0; i < page.rows->len; i++) {
        const ReportRow *row = &g_array_index(page.rows, ReportRow, i);

        g_string_append_printf(reply->body,
                               "<row id=\"%s\" state=\"%s\" sub1=\"%s\" at=\"%" G_GINT64_FORMAT
                               "\" changed=\"%" G_GINT64_FORMAT "\"><earned currency=\"%s\">",
                               row->key, earning_status_name(row->status), row->click->sub_id,
                               row->event_at_us / US_PER_MS, row->changed_at_us / US_PER_MS, call->network->currency);
        amount_append(reply->body, row->amount_micros, '.');
        g_string_append(reply->body, "</earned></row>\n");
    }
    g_string_append(reply->body, "</report>\n");
}

void
elm_report(const Call *call, Reply *reply)
{
    static const char *const STATES[] = {"vorgemerkt", "best\344tigt", "storniert"};
    g_auto(ReportPage) page = {0};

    if (!call_has_header(call, "X-Elm-Key", ELM_KEY)) {
        reply_text(reply, 403, "text/plain; charset=ISO-8859-1", "Zugriff verweigert\r\n");
        return;
    }
    if (!report_page_load(call, "von", "bis", 0, &page, reply))
        return;
    reply->content_type = "text/csv";
    /* A line of preamble above the headings, in ISO-8859-1 like the rest. */
    g_string_append(reply->body, "Elm Partnerprogramm \251 Abrechnung\r\nVorgang;Zeit;Kennung;Status;Betrag;W\344hrung;"
                                 "Ge\344ndert\r\n");
    for (guint i = 0; i < page.rows->len; i++) {
        const ReportRow *row = &g_array_index(page.rows, ReportRow, i);
        g_autofree char *event = moment_text(row->event_at_us, "%d.%m.%Y %H:%M:%S");
        g_autofree char *changed = moment_text(row->changed_at_us, "%d.%m.%Y %H:%M:%S");

        g_string_append_printf(reply->body, "%s;%s;%s;%s;", row->key, event, row->click->sub_id, STATES[row->status]);
        amount_append(reply->body, row->amount_micros, ',');
        g_string_append_printf(reply->body, ";%s;%s\r\n", call->network->currency, changed);
    }
}
