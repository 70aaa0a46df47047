/*
 * Birch: a JSON search by POST with the key in the path; ids that no double can hold.
 */
#include "sandbox/posting_json.h"

#include <yajl/yajl_tree.h>

static void
birch_write(void *data, const Posting *posting)
{
    const PostingJson *page = data;
    JsonWriter *json = page->json;
    g_autofree char *id =
        g_strdup_printf("%" G_GUINT64_FORMAT, network_listing_id(page->call->network, posting->index));
    g_autofree char *salary = NULL;

    if (posting->has_salary)
        salary = posting->hourly ? g_strdup_printf("$%" G_GINT64_FORMAT " - $%" G_GINT64_FORMAT " per hour",
                                                   posting->salary_from, posting->salary_to)
                                 : g_strdup_printf("$%" G_GINT64_FORMAT "k - $%" G_GINT64_FORMAT "k",
                                                   posting->salary_from / 1000, posting->salary_to / 1000);
    json_begin_object(json);
    posting_json_text(json, "title", posting, posting_append_title);
    posting_json_text(json, "location", posting, posting_append_place);
    posting_json_text(json, "snippet", posting, posting_append_snippet);
    json_member_text(json, "salary", str_of(salary != NULL ? salary : ""));
    json_member_text(json, "source", STR("birch.example"));
    json_member_text(json, "type", str_of(posting->part_time ? "Part-time" : "Full-time"));
    posting_json_click_url(page, "link", posting);
    posting_json_text(json, "company", posting, posting_append_company);
    posting_json_moment(json, "updated", posting_posted_at_us(posting, page->call->now_us),
                        "%Y-%m-%dT%H:%M:%S.0000000");
    json_key(json, "id");
    json_raw(json, str_of(id));
    json_end_object(json);
}

/* A text or number of the body; false when it is something else or out of range. */
static bool
birch_body_int(yajl_val body, const char *name, int64_t fallback, int64_t from, int64_t to, int64_t *ret_value)
{
    const char *path[] = {name, NULL};
    yajl_val value = yajl_tree_get(body, path, yajl_t_any);

    *ret_value = fallback;
    if (value == NULL || YAJL_IS_NULL(value))
        return true;
    if (YAJL_IS_INTEGER(value))
        *ret_value = YAJL_GET_INTEGER(value);
    else if (!YAJL_IS_STRING(value) || !str_to_int64(str_of(YAJL_GET_STRING(value)), ret_value))
        return false;
    return *ret_value >= from && *ret_value <= to;
}

static bool
birch_body_text(yajl_val body, const char *name, Str *ret_text)
{
    const char *path[] = {name, NULL};
    yajl_val value = yajl_tree_get(body, path, yajl_t_any);

    if (value != NULL && !YAJL_IS_NULL(value) && !YAJL_IS_STRING(value))
        return false;
    *ret_text = value != NULL && YAJL_IS_STRING(value) ? str_of(YAJL_GET_STRING(value)) : STR_NONE;
    return true;
}

static void
birch_answer(const Call *call, Reply *reply, yajl_val body)
{
    JsonWriter json = json_writer(reply->body);
    PostingJson page = {call, &json};
    CatalogueAsk ask = {0};
    int64_t number, total;

    if (!YAJL_IS_OBJECT(body) || !birch_body_text(body, "keywords", &ask.keywords) ||
        !birch_body_text(body, "location", &ask.location) ||
        !birch_body_int(body, "page", 1, 1, SEARCH_PAGES_MAX, &number) ||
        !birch_body_int(body, "ResultOnPage", 20, 1, 100, &ask.limit) ||
        !birch_body_int(body, "salary", 0, 0, 10000000, &ask.salary_min)) {
        reply_text(reply, 400, "text/plain", "Bad Request: keywords, location, page, ResultOnPage or salary");
        return;
    }
    ask.skip = (number - 1) * ask.limit;
    reply_json(reply, 200);
    json_begin_object(&json);
    json_key(&json, "ads");
    json_begin_array(&json);
    total = catalogue_search(call->world->catalogue, BIRCH, &ask, birch_write, &page);
    json_end_array(&json);
    json_member_int(&json, "totalCount", total);
    json_end_object(&json);
}

void
birch_search(const Call *call, Reply *reply)
{
    g_autofree char *text = str_dup(http_exchange_body(call->exchange));
    yajl_val body;
    char message[256];

    if (!str_is(call_segment(call, 2), BIRCH_KEY)) {
        reply_text(reply, 403, "text/html", "<html><body><h1>403 Forbidden</h1></body></html>");
        return;
    }
    body = text != NULL ? yajl_tree_parse(text, message, sizeof message) : NULL;
    if (body == NULL) {
        reply_text(reply, 400, "text/plain", "Bad Request: the body must be JSON");
        return;
    }
    birch_answer(call, reply, body);
    yajl_tree_free(body);
}
