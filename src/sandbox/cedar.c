/*
 * Cedar: an XML search that demands the visitor's address and agent, and puts its errors in a 200.
 */
#include "sandbox/call.h"

typedef struct {
    const Call *call;
    GString *to;
} Page;

static void
append_text_element(GString *to, const char *name, const Posting *posting, void (*append)(const Posting *, GString *))
{
    g_autofree char *text = posting_text(posting, append);

    xml_append_element(to, name, text);
}

static void
cedar_write(void *data, const Posting *posting)
{
    const Page *page = data;
    GString *to = page->to;
    g_autoptr(GString) url = g_string_new(NULL);
    g_autofree char *date = moment_text(posting_posted_at_us(posting, page->call->now_us), "%a, %d %b %Y %H:%M:%S GMT");

    g_string_append(to, "<result>");
    append_text_element(to, "title", posting, posting_append_title);
    append_text_element(to, "company", posting, posting_append_company);
    xml_append_element(to, "city", posting->city->name);
    xml_append_element(to, "state", posting->city->region);
    xml_append_element(to, "country", posting->city->country);
    append_text_element(to, "formattedLocation", posting, posting_append_place);
    xml_append_element(to, "source", "Cedar");
    xml_append_element(to, "date", date);
    append_text_element(to, "snippet", posting, posting_append_snippet);
    network_append_click_url(page->call->network, page->call->base, posting->index, url);
    xml_append_element(to, "url", url->str);
    g_string_append_printf(to, "<latitude>%.4f</latitude><longitude>%.4f</longitude>", posting->city->latitude,
                           posting->city->longitude);
    g_string_append_printf(to, "<key>%" G_GUINT64_FORMAT "</key>",
                           network_listing_id(page->call->network, posting->index));
    g_string_append_printf(to, "<sponsored>%s</sponsored><expired>false</expired>",
                           posting->index % 3 == 0 ? "true" : "false");
    g_string_append(to, "</result>\n");
}

/* What is wrong with the question, as the network words it; NULL for nothing. */
static const char *
cedar_fault(const Call *call, CatalogueAsk *ask, int64_t *ret_start)
{
    if (!call_has_query(call, "publisher", CEDAR_PUBLISHER))
        return "Invalid publisher number provided.";
    if (!call_has_query(call, "v", "2"))
        return "Invalid version number: use v=2.";
    if (str_is_empty(call_query(call, "userip")))
        return "The parameter userip is required.";
    if (str_is_empty(call_query(call, "useragent")))
        return "The parameter useragent is required.";
    if (!call_query_int(call, "start", 0, 0, 1000000, ret_start))
        return "The parameter start is not valid.";
    if (!call_query_int(call, "limit", 10, 1, 25, &ask->limit))
        return "The parameter limit must be 1 to 25.";
    if (!call_query_int(call, "fromage", 0, 0, 365, &ask->max_days))
        return "The parameter fromage is not valid.";
    return NULL;
}

void
cedar_search(const Call *call, Reply *reply)
{
    CatalogueAsk ask = {
        .keywords = call_query(call, "q"), .location = call_query(call, "l"), .country = call_query(call, "co")};
    g_autoptr(GString) results = g_string_new(NULL);
    g_autofree char *query = str_dup(ask.keywords);
    Page page = {call, results};
    const char *fault = cedar_fault(call, &ask, &ask.skip);
    int64_t total;

    reply->content_type = "text/xml; charset=UTF-8";
    g_string_append(reply->body, "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<response version=\"2\">");
    if (fault != NULL) {
        xml_append_element(reply->body, "error", fault);
        g_string_append(reply->body, "</response>\n");
        return;
    }
    total = catalogue_search(call->world->catalogue, CEDAR, &ask, cedar_write, &page);
    /* Like the texts of all, what was asked comes back as it came, repaired by the writer of the query. */
    if (query != NULL && g_utf8_validate(query, -1, NULL))
        xml_append_element(reply->body, "query", query);
    g_string_append_printf(reply->body,
                           "<totalresults>%" G_GINT64_FORMAT "</totalresults><start>%" G_GINT64_FORMAT
                           "</start><end>%" G_GINT64_FORMAT "</end>\n<results>",
                           total, ask.skip, MIN(ask.skip + ask.limit, total));
    g_string_append_len(reply->body, results->str, (gssize)results->len);
    g_string_append(reply->body, "</results></response>\n");
}
