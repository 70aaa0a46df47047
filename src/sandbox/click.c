/*
 * What every network has: the page that a click leads to, and its totals by day.
 */
#include "sandbox/report_page.h"

#include "base/json_writer.h"
#include "base/timestamp.h"

/* Only what arrives whole in the network's slot is kept; the rest is a click without sub-id, as at real networks. */
static SandboxClick
click_of(const Call *call, uint32_t listing)
{
    Str sub_id = call_query(call, call->network->sub_id);
    SandboxClick click = {.listing = listing, .at_us = call->now_us};

    if (network_keeps_sub_id(call->network, sub_id)) {
        g_assert(sub_id.size < sizeof click.sub_id);
        memcpy(click.sub_id, sub_id.at, sub_id.size);
    }
    return click;
}

void
network_click(const Call *call, Reply *reply)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *title = NULL;
    SandboxClick click;
    Posting posting;
    uint32_t index;

    if (!network_listing_index(call->network, call_segment(call, 2), &index)) {
        reply_text(reply, 404, "text/html", "<!DOCTYPE html><title>Gone</title><p>This position is no longer open.");
        return;
    }
    click = click_of(call, index);
    if (!click_book_add(call->world->book, call->network, &click, &error)) {
        reply_text(reply, 500, "text/plain", error->message);
        return;
    }
    posting = posting_make(call->world->seed, index);
    title = posting_text(&posting, posting_append_title);
    reply->content_type = "text/html; charset=utf-8";
    g_string_append(reply->body, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    xml_append_element(reply->body, "title", title);
    g_string_append(reply->body, "</head><body>");
    xml_append_element(reply->body, "h1", title);
    g_string_append_printf(reply->body,
                           "<p>This is the simulated partner <b>%s</b>: your click was counted. A real one would show "
                           "the position here.</p></body></html>\n",
                           call->network->name);
}

/* Any of the network's report credentials opens its totals. */
static bool
may_see_totals(const Call *call)
{
    switch ((NetworkNumber)network_number(call->network)) {
    case ALDER:
        return call_has_bearer(call, ALDER_TOKEN);
    case BIRCH:
        return call_has_query(call, "key", BIRCH_KEY);
    case CEDAR:
        return call_has_bearer(call, CEDAR_TOKEN);
    case DOGWOOD:
        return call_has_basic(call, DOGWOOD_USER, DOGWOOD_PASSWORD);
    case ELM:
        return call_has_header(call, "X-Elm-Key", ELM_KEY);
    case FIR:
        return call_has_bearer(call, FIR_TOKEN);
    case GINKGO:
        return call_has_header(call, "X-Api-Key", GINKGO_KEY);
    }
    g_assert_not_reached();
}

static int64_t
count_clicks(const GArray *clicks, int64_t since_us, int64_t until_us)
{
    int64_t count = 0;

    for (guint i = 0; i < clicks->len; i++) {
        int64_t at_us = g_array_index(clicks, SandboxClick, i).at_us;

        count += at_us >= since_us && at_us < until_us ? 1 : 0;
    }
    return count;
}

void
network_totals(const Call *call, Reply *reply)
{
    Str day = call_query(call, "day");
    JsonWriter json = json_writer(reply->body);
    g_autoptr(GArray) clicks = NULL;
    g_autoptr(GError) error = NULL;
    ReportAsk ask;
    ReportTotals totals;
    int64_t since, discrepancy;
    char amount[MONEY_TEXT_SIZE];

    if (!may_see_totals(call)) {
        reply_text(reply, 401, "text/plain", "Unauthorized");
        return;
    }
    if (day.size != 10 || !timestamp_parse(day, NULL, &since, NULL)) {
        reply_text(reply, 400, "text/plain", "day must be a date like 2026-11-24");
        return;
    }
    clicks = report_ask_load(call, &ask, reply);
    if (clicks == NULL)
        return;
    if (!click_book_load_discrepancy(call->world->book, call->network, since / US_PER_DAY, &discrepancy, &error)) {
        reply_text(reply, 500, "text/plain", error->message);
        return;
    }
    totals = report_totals(&ask, since, since + US_PER_DAY);
    reply_json(reply, 200);
    json_begin_object(&json);
    json_member_text(&json, "day", day);
    json_member_text(&json, "currency", str_of(call->network->currency));
    json_member_text(&json, "amount", str_of(money_format(totals.micros + discrepancy, amount)));
    json_member_int(&json, "lines", totals.lines);
    json_member_int(&json, "clicks", count_clicks(clicks, since, since + US_PER_DAY));
    json_end_object(&json);
}
