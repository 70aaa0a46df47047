/*
 * Ginkgo: a plain JSON board behind a header key, pages by offset, dates without a zone.
 */
#include "sandbox/posting_json.h"

static void
ginkgo_write(void *data, const Posting *posting)
{
    const PostingJson *page = data;
    JsonWriter *json = page->json;
    g_autofree char *salary =
        g_strdup_printf("%s %" G_GINT64_FORMAT " – %" G_GINT64_FORMAT " / %s", posting->city->currency,
                        posting->salary_from, posting->salary_to, posting->hourly ? "hour" : "year");

    json_begin_object(json);
    json_member_int(json, "id", (int64_t)network_listing_id(page->call->network, posting->index));
    posting_json_text(json, "position", posting, posting_append_title);
    posting_json_text(json, "company", posting, posting_append_company);
    json_key(json, "locations");
    json_begin_array(json);
    json_begin_object(json);
    json_member_text(json, "city", str_of(posting->city->name));
    json_member_text(json, "country", str_of(posting->city->country_name));
    json_end_object(json);
    json_end_array(json);
    json_member_text(json, "workplace", str_of(posting->remote ? "Remote" : "On-site"));
    json_key(json, "tags");
    json_begin_array(json);
    json_text(json, str_of(posting->trade->category));
    json_text(json, str_of(posting->part_time ? "part time" : "full time"));
    json_end_array(json);
    json_member_text(json, "salary", posting->has_salary ? str_of(salary) : STR_NONE);
    posting_json_moment(json, "publication_date", posting_posted_at_us(posting, page->call->now_us),
                        "%Y-%m-%dT%H:%M:%S");
    posting_json_text(json, "description", posting, posting_append_description);
    posting_json_click_url(page, "url", posting);
    json_end_object(json);
}

static void
ginkgo_refuse(Reply *reply, int status, const char *code, const char *message)
{
    JsonWriter json = json_writer(reply->body);

    reply_json(reply, status);
    json_begin_object(&json);
    json_key(&json, "error");
    json_begin_object(&json);
    json_member_text(&json, "code", str_of(code));
    json_member_text(&json, "message", str_of(message));
    json_end_object(&json);
    json_end_object(&json);
}

void
ginkgo_board(const Call *call, Reply *reply)
{
    CatalogueAsk ask = {.keywords = call_query(call, "search"),
                        .location = call_query(call, "location"),
                        .remote = call_has_query(call, "remote", "true")};
    JsonWriter json = json_writer(reply->body);
    PostingJson page = {call, &json};
    int64_t total;

    if (!call_has_header(call, "X-Api-Key", GINKGO_KEY)) {
        ginkgo_refuse(reply, 401, "invalid_key", "The header X-Api-Key is missing or wrong");
        return;
    }
    if (!call_query_int(call, "limit", 20, 1, 100, &ask.limit) ||
        !call_query_int(call, "offset", 0, 0, 1000000, &ask.skip)) {
        ginkgo_refuse(reply, 400, "invalid_parameter", "limit must be 1 to 100, offset at least 0");
        return;
    }
    reply_json(reply, 200);
    json_begin_object(&json);
    json_member_text(&json, "0-legal-notice", STR("Link back to ginkgo.example, please."));
    json_key(&json, "items");
    json_begin_array(&json);
    total = catalogue_search(call->world->catalogue, GINKGO, &ask, ginkgo_write, &page);
    json_end_array(&json);
    json_member_int(&json, "item-count", total);
    json_end_object(&json);
}
