/*
 * Dogwood: a bulk feed, one gzip file of XML behind basic auth. It is made and deflated while it is sent, so that
 * ?size=400000 costs no more memory than the default.
 */
#include "sandbox/call.h"

#include <zlib.h>

#define FEED_SIZE_DEFAULT 400
#define FEED_SIZE_MAX     400000
#define LISTINGS_A_PIECE  64
#define GZIP_WINDOW_BITS  (15 + 16)

typedef struct {
    const Network *network;
    char *base;
    uint64_t seed;
    int64_t now_us;
    uint32_t index; /* of the next posting to look at */
    int64_t left;   /* listings still to write */
    bool begun;
    z_stream deflate;
    GString *text; /* what is not deflated yet */
} Feed;

static void
feed_free(void *data)
{
    Feed *feed = data;

    deflateEnd(&feed->deflate);
    g_string_free(feed->text, TRUE);
    g_free(feed->base);
    g_free(feed);
}

static void
append_cdata(GString *to, const char *name, const Posting *posting, void (*append)(const Posting *, GString *))
{
    g_autofree char *text = posting_text(posting, append);

    xml_append_cdata(to, name, text);
}

static void
feed_write(const Feed *feed, const Posting *posting)
{
    GString *to = feed->text;
    g_autoptr(GString) url = g_string_new(NULL);
    g_autofree char *date = moment_text(posting_posted_at_us(posting, feed->now_us), "%a, %d %b %Y %H:%M:%S GMT");

    network_append_click_url(feed->network, feed->base, posting->index, url);
    g_string_append(to, "<listing>");
    append_cdata(to, "title", posting, posting_append_title);
    xml_append_cdata(to, "date", date);
    g_string_append_printf(to, "<referencenumber><![CDATA[%" G_GUINT64_FORMAT "]]></referencenumber>",
                           network_listing_id(feed->network, posting->index));
    xml_append_cdata(to, "url", url->str);
    append_cdata(to, "company", posting, posting_append_company);
    xml_append_cdata(to, "city", posting->city->name);
    xml_append_cdata(to, "state", posting->city->region);
    xml_append_cdata(to, "country", posting->city->country);
    xml_append_cdata(to, "postalcode", posting->city->postcode);
    append_cdata(to, "description", posting, posting_append_description);
    if (posting->has_salary)
        g_string_append_printf(to,
                               "<salary period=\"%s\" currency=\"%s\"><min>%" G_GINT64_FORMAT
                               "</min><max>%" G_GINT64_FORMAT "</max></salary>",
                               posting->hourly ? "hour" : "year", posting->city->currency, posting->salary_from,
                               posting->salary_to);
    xml_append_element(to, "hours", posting->part_time ? "parttime" : "fulltime");
    xml_append_element(to, "category", posting->trade->category);
    g_string_append(to, "<cpc>");
    amount_append(to, posting->bid_micros, '.');
    g_string_append(to, "</cpc></listing>\n");
}

/* First what the network carries of the shared catalogue, then postings that it has alone, as many as are wanted. */
static void
feed_write_some(Feed *feed)
{
    for (int written = 0; written < LISTINGS_A_PIECE && feed->left > 0; feed->index++) {
        Posting posting = posting_make(feed->seed, feed->index);

        if (feed->index < CATALOGUE_SIZE && (posting.networks & (1u << DOGWOOD)) == 0)
            continue;
        feed_write(feed, &posting);
        feed->left--;
        written++;
    }
}

static void
feed_deflate(Feed *feed, bool last, GString *to)
{
    unsigned char piece[16384];

    feed->deflate.next_in = (unsigned char *)feed->text->str;
    feed->deflate.avail_in = (unsigned)feed->text->len;
    do {
        feed->deflate.next_out = piece;
        feed->deflate.avail_out = sizeof piece;
        deflate(&feed->deflate, last ? Z_FINISH : Z_NO_FLUSH);
        g_string_append_len(to, (char *)piece, (gssize)(sizeof piece - feed->deflate.avail_out));
    } while (feed->deflate.avail_out == 0);
    g_string_truncate(feed->text, 0);
}

static bool
feed_next(void *data, GString *to)
{
    Feed *feed = data;
    bool last;

    if (!feed->begun) {
        g_autofree char *built = moment_text(feed->now_us, "%a, %d %b %Y %H:%M:%S GMT");

        feed->begun = true;
        g_string_append(feed->text, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<source>\n");
        xml_append_element(feed->text, "publisher", "Dogwood & Partners");
        xml_append_element(feed->text, "lastBuildDate", built);
    }
    feed_write_some(feed);
    last = feed->left == 0;
    if (last)
        g_string_append(feed->text, "</source>\n");
    feed_deflate(feed, last, to);
    return !last;
}

void
dogwood_feed(const Call *call, Reply *reply)
{
    Feed *feed;
    int64_t size;

    if (!call_has_basic(call, DOGWOOD_USER, DOGWOOD_PASSWORD)) {
        reply->header = "WWW-Authenticate";
        reply->header_value = "Basic realm=\"Dogwood feeds\"";
        reply_text(reply, 401, "text/html", "<html><body>401 Authorization Required</body></html>");
        return;
    }
    if (!call_query_int(call, "size", FEED_SIZE_DEFAULT, 0, FEED_SIZE_MAX, &size)) {
        reply_text(reply, 400, "text/plain", "size must be 0 to 400000");
        return;
    }
    feed = g_new0(Feed, 1);
    *feed = (Feed){.network = call->network,
                   .base = g_strdup(call->base),
                   .seed = call->world->seed,
                   .now_us = call->now_us,
                   .left = size,
                   .text = g_string_new(NULL)};
    if (deflateInit2(&feed->deflate, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW_BITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        g_error("zlib has no memory");
    reply->content_type = "application/gzip";
    reply->next = feed_next;
    reply->end = feed_free;
    reply->data = feed;
}
