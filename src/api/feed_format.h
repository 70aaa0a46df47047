/*
 * Feed formats: how listings leave for a consumer. Values in, text out; no I/O.
 *
 *     ndjson   one JSON object a line, in the words of schema.org as everywhere in the API
 *     xml      the form in which Indeed takes feeds (docs.indeed.com/indeed-apply/xml-feed), which most of the trade
 *              reads; dates are ISO 8601, as it advises
 *     csv      RFC 4180 with a head line; a cell that a spreadsheet would take for a formula begins with '
 */
#pragma once

#include "listings/listing.h"

typedef enum { FEED_NDJSON, FEED_XML, FEED_CSV } FeedFormat;

/* By the name above. */
bool feed_format_parse(Str name, FeedFormat *ret_format);
const char *feed_format_name(FeedFormat format);
const char *feed_format_content_type(FeedFormat format);

typedef struct {
    const Listing *listing;
    Str url;                 /* the consumer's click link */
    const char *partner;     /* whose listing it is */
    const char *attribution; /* what must be shown with it; may be NULL */
} FeedItem;

void feed_format_begin(FeedFormat format, const char *publisher_url, int64_t built_at_us, GString *to);
void feed_format_item(FeedFormat format, const FeedItem *item, GString *to);
void feed_format_end(FeedFormat format, GString *to);
