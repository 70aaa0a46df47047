/*
 * The searches that answer in JSON: alder (page in the path), birch (POST, key in the path), fir (JSON:API, next link)
 * and ginkgo (plain list with an offset).
 */
#include "sandbox/call.h"

#include "base/json_writer.h"

#include <yajl/yajl_tree.h>

#define PAGES_MAX 10000

typedef struct {
    const Call *call;
    JsonWriter *json;
} Page;

static void
member_text_of(JsonWriter *json, const char *key, const Posting *posting, void (*append)(const Posting *, GString *))
{
    g_autofree char *text = posting_text(posting, append);

    json_member_text(json, key, str_of(text));
}

static void
member_moment(JsonWriter *json, const char *key, int64_t us, const char *format)
{
    g_autofree char *text = moment_text(us, format);

    json_member_text(json, key, str_of(text));
}

static void
member_click_url(const Page *page, const char *key, const Posting *posting)
{
    g_autoptr(GString) url = g_string_new(NULL);

    network_append_click_url(page->call->network, page->call->base, posting->index, url);
    json_member_text(page->json, key, str_of_gstring(url));
}

static void
member_id(const Page *page, const char *key, const Posting *posting)
{
    g_autofree char *id =
        g_strdup_printf("%" G_GUINT64_FORMAT, network_listing_id(page->call->network, posting->index));

    json_member_text(page->json, key, str_of(id));
}

static void
member_object_text(JsonWriter *json, const char *key, const char *inner, const Posting *posting,
                   void (*append)(const Posting *, GString *))
{
    json_key(json, key);
    json_begin_object(json);
    member_text_of(json, inner, posting, append);
    json_end_object(json);
}

/* ---- alder ---- */

static void
alder_write(void *data, const Posting *posting)
{
    const Page *page = data;
    JsonWriter *json = page->json;

    json_begin_object(json);
    member_id(page, "id", posting);
    member_text_of(json, "title", posting, posting_append_title);
    member_object_text(json, "company", "display_name", posting, posting_append_company);
    member_object_text(json, "location", "display_name", posting, posting_append_place);
    json_key(json, "latitude");
    json_double(json, posting->city->latitude);
    json_key(json, "longitude");
    json_double(json, posting->city->longitude);
    member_moment(json, "created", posting_posted_at_us(posting, page->call->now_us), "%Y-%m-%dT%H:%M:%SZ");
    if (posting->has_salary) {
        int64_t hours = posting->hourly ? 1800 : 1; /* this network converts everything to a year */

        json_member_int(json, "salary_min", posting->salary_from * hours);
        json_member_int(json, "salary_max", posting->salary_to * hours);
    }
    json_member_text(json, "salary_is_predicted", str_of(posting->predicted ? "1" : "0"));
    json_member_text(json, "contract_time", str_of(posting->part_time ? "part_time" : "full_time"));
    json_key(json, "category");
    json_begin_object(json);
    json_member_text(json, "label", str_of(posting->trade->category));
    json_end_object(json);
    member_text_of(json, "description", posting, posting_append_snippet);
    member_click_url(page, "redirect_url", posting);
    json_end_object(json);
}

static void
alder_refuse(Reply *reply, int status, const char *exception, const char *display)
{
    JsonWriter json = json_writer(reply->body);

    reply_json(reply, status);
    json_begin_object(&json);
    json_member_text(&json, "exception", str_of(exception));
    json_member_text(&json, "display", str_of(display));
    json_member_text(&json, "doc", STR("https://alder.example/docs"));
    json_end_object(&json);
}

void
alder_search(const Call *call, Reply *reply)
{
    static const char *const COUNTRIES[] = {"us", "gb", "de", "fr", "es", "nl", NULL};
    g_autofree char *country = str_dup(call_segment(call, 2));
    CatalogueAsk ask = {.keywords = call_query(call, "what"),
                        .location = call_query(call, "where"),
                        .country = str_of(country),
                        .full_time = call_has_query(call, "full_time", "1")};
    JsonWriter json = json_writer(reply->body);
    Page page = {call, &json};
    int64_t number, total;

    if (!call_has_query(call, "app_id", ALDER_APP_ID) || !call_has_query(call, "app_key", ALDER_APP_KEY)) {
        alder_refuse(reply, 401, "AUTH_FAIL", "Authorisation failed");
        return;
    }
    if (country == NULL || !g_strv_contains(COUNTRIES, country)) {
        alder_refuse(reply, 404, "UNKNOWN_COUNTRY", "This country is not covered");
        return;
    }
    if (!str_to_int64(call_segment(call, 3), &number) || number < 1 || number > PAGES_MAX ||
        !call_query_int(call, "results_per_page", 10, 1, 50, &ask.limit) ||
        !call_query_int(call, "max_days_old", 0, 0, 365, &ask.max_days) ||
        !call_query_int(call, "salary_min", 0, 0, 10000000, &ask.salary_min)) {
        alder_refuse(reply, 400, "INVALID_PARAMETER", "page, results_per_page (1 to 50), max_days_old or salary_min");
        return;
    }
    ask.skip = (number - 1) * ask.limit;
    reply_json(reply, 200);
    json_begin_object(&json);
    json_member_text(&json, "__CLASS__", STR("Alder::Search::Results"));
    json_key(&json, "results");
    json_begin_array(&json);
    total = catalogue_search(call->world->catalogue, ALDER, &ask, alder_write, &page);
    json_end_array(&json);
    json_member_int(&json, "count", total);
    json_end_object(&json);
}

/* ---- birch ---- */

static void
birch_write(void *data, const Posting *posting)
{
    const Page *page = data;
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
    member_text_of(json, "title", posting, posting_append_title);
    member_text_of(json, "location", posting, posting_append_place);
    member_text_of(json, "snippet", posting, posting_append_snippet);
    json_member_text(json, "salary", str_of(salary != NULL ? salary : ""));
    json_member_text(json, "source", STR("birch.example"));
    json_member_text(json, "type", str_of(posting->part_time ? "Part-time" : "Full-time"));
    member_click_url(page, "link", posting);
    member_text_of(json, "company", posting, posting_append_company);
    member_moment(json, "updated", posting_posted_at_us(posting, page->call->now_us), "%Y-%m-%dT%H:%M:%S.0000000");
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
    Page page = {call, &json};
    CatalogueAsk ask = {0};
    int64_t number, total;

    if (!YAJL_IS_OBJECT(body) || !birch_body_text(body, "keywords", &ask.keywords) ||
        !birch_body_text(body, "location", &ask.location) || !birch_body_int(body, "page", 1, 1, PAGES_MAX, &number) ||
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

/* ---- fir ---- */

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
    const Page *page = data;
    JsonWriter *json = page->json;

    json_begin_object(json);
    member_id(page, "id", posting);
    json_member_text(json, "type", STR("listing"));
    json_key(json, "attributes");
    json_begin_object(json);
    member_text_of(json, "title", posting, posting_append_title);
    member_text_of(json, "organisation", posting, posting_append_company);
    json_key(json, "place");
    json_begin_object(json);
    member_text_of(json, "name", posting, posting_append_place);
    json_member_text(json, "country_code", str_of(posting->city->country));
    json_end_object(json);
    json_member_bool(json, "remote", posting->remote);
    json_member_text(json, "employment", str_of(posting->part_time ? "PART_TIME" : "FULL_TIME"));
    if (posting->has_salary)
        fir_write_pay(json, posting);
    json_member_int(json, "published_at", posting_posted_at_us(posting, page->call->now_us) / US_PER_SECOND);
    member_text_of(json, "body", posting, posting_append_description);
    json_end_object(json);
    json_key(json, "links");
    json_begin_object(json);
    member_click_url(page, "apply", posting);
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
    Page page = {call, &json};
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

/* ---- ginkgo ---- */

static void
ginkgo_write(void *data, const Posting *posting)
{
    const Page *page = data;
    JsonWriter *json = page->json;
    g_autofree char *salary =
        g_strdup_printf("%s %" G_GINT64_FORMAT " – %" G_GINT64_FORMAT " / %s", posting->city->currency,
                        posting->salary_from, posting->salary_to, posting->hourly ? "hour" : "year");

    json_begin_object(json);
    json_member_int(json, "id", (int64_t)network_listing_id(page->call->network, posting->index));
    member_text_of(json, "position", posting, posting_append_title);
    member_text_of(json, "company", posting, posting_append_company);
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
    member_moment(json, "publication_date", posting_posted_at_us(posting, page->call->now_us), "%Y-%m-%dT%H:%M:%S");
    member_text_of(json, "description", posting, posting_append_description);
    member_click_url(page, "url", posting);
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
    Page page = {call, &json};
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
