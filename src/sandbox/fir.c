/*
 * Fir: JSON:API behind a bearer token, pages by the next link, amounts in hundredths, dates in epoch seconds.
 */
#include "sandbox/posting_json.h"

static void
fir_write_pay(JsonWriter *json, const Posting *posting)
{
    json_key(json, "pay");
    json_begin_object(json);
    json_member_int(json, "min_cents", posting->salary_from * 100);
    json_member_int(json, "max_cents", posting->salary_to * 100);
    json_member_text(json, "currency", str_of(posting->city->currency));
    json_member_text(json, "unit", str_of(posting->hourly ? "hour" : "year"));
    json_end_object(json);
}

static void
fir_write(void *data, const Posting *posting)
{
    const PostingJson *page = data;
    JsonWriter *json = page->json;

    json_begin_object(json);
    posting_json_id(page, "id", posting);
    json_member_text(json, "type", STR("listing"));
    json_key(json, "attributes");
    json_begin_object(json);
    posting_json_text(json, "title", posting, posting_append_title);
    posting_json_text(json, "organisation", posting, posting_append_company);
    json_key(json, "place");
    json_begin_object(json);
    posting_json_text(json, "name", posting, posting_append_place);
    json_member_text(json, "country_code", str_of(posting->city->country));
    json_end_object(json);
    json_member_bool(json, "remote", posting->remote);
    json_member_text(json, "employment", str_of(posting->part_time ? "PART_TIME" : "FULL_TIME"));
    if (posting->has_salary)
        fir_write_pay(json, posting);
    json_member_int(json, "published_at", posting_posted_at_us(posting, page->call->now_us) / US_PER_SECOND);
    posting_json_text(json, "body", posting, posting_append_description);
    json_end_object(json);
    json_key(json, "links");
    json_begin_object(json);
    posting_json_click_url(page, "apply", posting);
    json_end_object(json);
    json_end_object(json);
}

static void
fir_refuse(Reply *reply, int status, const char *title)
{
    JsonWriter json = json_writer(reply->body);
    g_autofree char *code = g_strdup_printf("%d", status);

    reply_json(reply, status);
    json_begin_object(&json);
    json_key(&json, "errors");
    json_begin_array(&json);
    json_begin_object(&json);
    json_member_text(&json, "status", str_of(code));
    json_member_text(&json, "title", str_of(title));
    json_end_object(&json);
    json_end_array(&json);
    json_end_object(&json);
}

static char *
fir_next_link(const Call *call, const CatalogueAsk *ask)
{
    GString *url = g_string_new(NULL);

    g_string_append_printf(url, "%s/fir/listings?q=", call->base);
    http_encode_query(url, ask->keywords);
    g_string_append(url, "&place=");
    http_encode_query(url, ask->location);
    g_string_append(url, "&country=");
    http_encode_query(url, ask->country);
    g_string_append_printf(url, "&size=%" G_GINT64_FORMAT "&cursor=%" G_GINT64_FORMAT, ask->limit,
                           ask->skip + ask->limit);
    return g_string_free(url, FALSE);
}

void
fir_listings(const Call *call, Reply *reply)
{
    CatalogueAsk ask = {.keywords = call_query(call, "q"),
                        .location = call_query(call, "place"),
                        .country = call_query(call, "country")};
    JsonWriter json = json_writer(reply->body);
    PostingJson page = {call, &json};
    g_autofree char *next = NULL;
    int64_t total;

    if (!call_has_bearer(call, FIR_TOKEN)) {
        fir_refuse(reply, 401, "Unauthorized");
        return;
    }
    if (!call_query_int(call, "size", 25, 1, 100, &ask.limit) ||
        !call_query_int(call, "cursor", 0, 0, CATALOGUE_SIZE, &ask.skip)) {
        fir_refuse(reply, 422, "size must be 1 to 100, cursor one of ours");
        return;
    }
    reply_json(reply, 200);
    reply->content_type = "application/vnd.api+json";
    json_begin_object(&json);
    json_key(&json, "data");
    json_begin_array(&json);
    total = catalogue_search(call->world->catalogue, FIR, &ask, fir_write, &page);
    json_end_array(&json);
    if (ask.skip + ask.limit < total)
        next = fir_next_link(call, &ask);
    json_key(&json, "meta");
    json_begin_object(&json);
    json_member_int(&json, "total", total);
    json_end_object(&json);
    json_key(&json, "links");
    json_begin_object(&json);
    json_member_text(&json, "next", str_of(next));
    json_end_object(&json);
    json_end_object(&json);
}
