/*
 * Alder: a JSON search by GET, two keys in the query, country and page in the path; no currency in the answer.
 */
#include "sandbox/posting_json.h"

static void
alder_write(void *data, const Posting *posting)
{
    const PostingJson *page = data;
    JsonWriter *json = page->json;

    json_begin_object(json);
    posting_json_id(page, "id", posting);
    posting_json_text(json, "title", posting, posting_append_title);
    posting_json_object(json, "company", "display_name", posting, posting_append_company);
    posting_json_object(json, "location", "display_name", posting, posting_append_place);
    json_key(json, "latitude");
    json_double(json, posting->city->latitude);
    json_key(json, "longitude");
    json_double(json, posting->city->longitude);
    posting_json_moment(json, "created", posting_posted_at_us(posting, page->call->now_us), "%Y-%m-%dT%H:%M:%SZ");
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
    posting_json_text(json, "description", posting, posting_append_snippet);
    posting_json_click_url(page, "redirect_url", posting);
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
    PostingJson page = {call, &json};
    int64_t number, total;

    if (!call_has_query(call, "app_id", ALDER_APP_ID) || !call_has_query(call, "app_key", ALDER_APP_KEY)) {
        alder_refuse(reply, 401, "AUTH_FAIL", "Authorisation failed");
        return;
    }
    if (country == NULL || !g_strv_contains(COUNTRIES, country)) {
        alder_refuse(reply, 404, "UNKNOWN_COUNTRY", "This country is not covered");
        return;
    }
    if (!str_to_int64(call_segment(call, 3), &number) || number < 1 || number > SEARCH_PAGES_MAX ||
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
