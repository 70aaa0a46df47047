#include "sandbox/control.h"

#include "base/json_writer.h"
#include "base/timestamp.h"
#include "sandbox/report_page.h"

#define ADVANCE_SECONDS_MAX (10 * INT64_C(366) * 86400)
#define LATENCY_MS_MAX      600000
#define FAULT_SECONDS_MAX   86400
#define DISCREPANCY_MAX     (INT64_C(1000000) * MICROS_PER_UNIT)

static bool
write_network(const Call *call, const Network *network, JsonWriter *json, Reply *reply)
{
    Call own = *call;
    g_autoptr(GArray) clicks = NULL;
    ReportAsk ask;
    ReportTotals totals;
    g_autofree char *micros = NULL;

    own.network = network;
    clicks = report_ask_load(&own, &ask, reply);
    if (clicks == NULL)
        return false;
    totals = report_totals(&ask, INT64_MIN, INT64_MAX);
    micros = g_strdup_printf("%" G_GINT64_FORMAT, totals.micros);
    json_key(json, network->name);
    json_begin_object(json);
    json_member_text(json, "currency", str_of(network->currency));
    json_member_text(json, "micros", str_of(micros));
    json_member_int(json, "lines", totals.lines);
    json_member_int(json, "earnings", totals.earnings);
    json_member_int(json, "clicks", clicks->len);
    json_end_object(json);
    return true;
}

void
control_books(const Call *call, Reply *reply)
{
    Call then = *call;
    g_autoptr(GString) text = g_string_new(NULL);
    JsonWriter json = json_writer(text);

    if (!call_query_moment(call, "at", false, call->now_us, &then.now_us)) {
        reply_text(reply, 400, "text/plain", "at must be a moment like 2026-11-24T05:00:00Z\n");
        return;
    }
    json_begin_object(&json);
    json_member_time(&json, "at", then.now_us);
    json_key(&json, "networks");
    json_begin_object(&json);
    for (size_t i = 0; i < CATALOGUE_NETWORKS; i++)
        if (!write_network(&then, &NETWORKS[i], &json, reply))
            return;
    json_end_object(&json);
    json_end_object(&json);
    reply_json(reply, 200);
    g_string_append_len(reply->body, text->str, (gssize)text->len);
}

void
control_advance(const Call *call, Reply *reply)
{
    g_autoptr(GError) error = NULL;
    JsonWriter json = json_writer(reply->body);
    int64_t seconds, shift_us;

    if (!call_query_int(call, "seconds", -1, 0, ADVANCE_SECONDS_MAX, &seconds)) {
        reply_text(reply, 400, "text/plain", "seconds must be a whole number, not negative\n");
        return;
    }
    if (!click_book_shift(call->world->book, seconds * US_PER_SECOND, &shift_us, &error)) {
        reply_text(reply, 500, "text/plain", error->message);
        return;
    }
    reply_json(reply, 200);
    json_begin_object(&json);
    json_member_int(&json, "ahead_s", shift_us / US_PER_SECOND);
    json_member_time(&json, "now", call->now_us + seconds * US_PER_SECOND);
    json_end_object(&json);
}

/* The networks meant by the path: one, or all. False with 404 in reply. */
static bool
find_networks(const Call *call, const Network **ret_first, size_t *ret_count, Reply *reply)
{
    Str name = call_segment(call, 2);

    if (str_is(name, "all")) {
        *ret_first = NETWORKS;
        *ret_count = CATALOGUE_NETWORKS;
        return true;
    }
    *ret_first = network_find(name);
    *ret_count = 1;
    if (*ret_first == NULL)
        reply_text(reply, 404, "text/plain", "no such network\n");
    return *ret_first != NULL;
}

void
control_faults(const Call *call, Faults *faults, Reply *reply)
{
    const Network *first;
    size_t count;
    int64_t for_s;
    Fault fault;

    if (!find_networks(call, &first, &count, reply))
        return;
    if (!fault_parse(call_query(call, "fault"), &fault) ||
        !call_query_int(call, "for_s", 0, 0, FAULT_SECONDS_MAX, &for_s)) {
        reply_text(reply, 400, "text/plain",
                   "fault must be none, 500, 429, hang, reset, drip, endless, garbage, html or "
                   "truncated; for_s 0 (for good) to 86400\n");
        return;
    }
    for (size_t i = 0; i < count; i++)
        faults_set(faults, &first[i], fault, for_s * US_PER_SECOND);
    reply->status = 204;
}

void
control_latency(const Call *call, Faults *faults, Reply *reply)
{
    const Network *first;
    size_t count;
    int64_t ms;

    if (!find_networks(call, &first, &count, reply))
        return;
    if (!call_query_int(call, "ms", -1, 0, LATENCY_MS_MAX, &ms)) {
        reply_text(reply, 400, "text/plain", "ms must be 0 to 600000\n");
        return;
    }
    for (size_t i = 0; i < count; i++)
        faults_set_latency(faults, &first[i], ms * US_PER_MS);
    reply->status = 204;
}

void
control_discrepancy(const Call *call, Reply *reply)
{
    Str day = call_query(call, "day");
    g_autoptr(GError) error = NULL;
    const Network *first;
    size_t count;
    int64_t micros, start_us;

    if (!find_networks(call, &first, &count, reply))
        return;
    if (!call_query_int(call, "micros", INT64_MAX, -DISCREPANCY_MAX, DISCREPANCY_MAX, &micros) || micros == INT64_MAX ||
        day.size != 10 || !timestamp_parse(day, NULL, &start_us, NULL)) {
        reply_text(reply, 400, "text/plain", "micros must be a whole number, day a date like 2026-11-24\n");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (!click_book_set_discrepancy(call->world->book, &first[i], start_us / US_PER_DAY, micros, &error)) {
            reply_text(reply, 500, "text/plain", error->message);
            return;
        }
    }
    reply->status = 204;
}
