#include "sandbox/posting_json.h"

void
posting_json_text(JsonWriter *json, const char *key, const Posting *posting, void (*append)(const Posting *, GString *))
{
    g_autofree char *text = posting_text(posting, append);

    json_member_text(json, key, str_of(text));
}

void
posting_json_moment(JsonWriter *json, const char *key, int64_t us, const char *format)
{
    g_autofree char *text = moment_text(us, format);

    json_member_text(json, key, str_of(text));
}

void
posting_json_click_url(const PostingJson *page, const char *key, const Posting *posting)
{
    g_autoptr(GString) url = g_string_new(NULL);

    network_append_click_url(page->call->network, page->call->base, posting->index, url);
    json_member_text(page->json, key, str_of_gstring(url));
}

void
posting_json_id(const PostingJson *page, const char *key, const Posting *posting)
{
    g_autofree char *id =
        g_strdup_printf("%" G_GUINT64_FORMAT, network_listing_id(page->call->network, posting->index));

    json_member_text(page->json, key, str_of(id));
}

void
posting_json_object(JsonWriter *json, const char *key, const char *inner, const Posting *posting,
                    void (*append)(const Posting *, GString *))
{
    json_key(json, key);
    json_begin_object(json);
    posting_json_text(json, inner, posting, append);
    json_end_object(json);
}
