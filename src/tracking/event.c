#include "tracking/event.h"

#include "base/error.h"
#include "tracking/bytes.h"

#define VERSION 1
/* Three texts (a length each), an amount and a currency (a length): what the smallest listing takes. */
#define LEAST_SHOWN_BYTES 5

static void
head_write(EventKind kind, GString *to)
{
    bytes_put_unsigned(to, VERSION);
    bytes_put_unsigned(to, kind);
}

static bool
head_read(BytesReader *reader, EventKind kind, GError **error)
{
    uint64_t version = bytes_get_unsigned(reader), found = bytes_get_unsigned(reader);

    if (reader->failed)
        return weir_fail(error, WEIR_ERROR_INVALID, "event: too short");
    if (version != VERSION)
        return weir_fail(error, WEIR_ERROR_INVALID, "event: version %" G_GUINT64_FORMAT " is not known", version);
    if (found != kind)
        return weir_fail(error, WEIR_ERROR_INVALID, "event: kind %" G_GUINT64_FORMAT " where %d was expected", found,
                         (int)kind);
    return true;
}

void
event_write_page(const SearchEvent *event, GString *to)
{
    g_assert(event->shown_count <= EVENT_SHOWN_LIMIT);
    bytes_put_text(to, event->sources);
    bytes_put_unsigned(to, event->shown_count);
    for (size_t i = 0; i < event->shown_count; i++) {
        bytes_put_text(to, event->shown[i].source);
        bytes_put_text(to, event->shown[i].listing_id);
        bytes_put_text(to, event->shown[i].title);
        bytes_put_money(to, event->shown[i].bid);
    }
}

void
event_write_search(const SearchEvent *event, GString *to)
{
    head_write(EVENT_SEARCH, to);
    bytes_put_signed(to, event->id);
    bytes_put_signed(to, event->at_us);
    bytes_put_text(to, event->keywords);
    bytes_put_text(to, event->location);
    bytes_put_text(to, event->country);
    bytes_put_text(to, event->mode);
    bytes_put_text(to, event->client);
    bytes_put_signed(to, event->took_us);
    bytes_put_unsigned(to, event->partial);
    if (event->page.at != NULL)
        str_append(to, event->page);
    else
        event_write_page(event, to);
}

static bool
shown_read(BytesReader *reader, Arena *arena, SearchEvent *event, GError **error)
{
    uint64_t count = bytes_get_unsigned(reader);
    ShownListing *shown;

    /* Checked against what is there before memory is taken for it. */
    if (count > EVENT_SHOWN_LIMIT || count > reader->rest.size / LEAST_SHOWN_BYTES)
        return weir_fail(error, WEIR_ERROR_INVALID, "event: %" G_GUINT64_FORMAT " listings can't be in it", count);
    shown = ARENA_ARRAY(arena, ShownListing, (size_t)count);
    for (size_t i = 0; i < count; i++) {
        shown[i].source = bytes_get_text(reader);
        shown[i].listing_id = bytes_get_text(reader);
        shown[i].title = bytes_get_text(reader);
        shown[i].bid = bytes_get_money(reader);
    }
    event->shown = shown;
    event->shown_count = (size_t)count;
    return true;
}

bool
event_read_search(Str bytes, Arena *arena, SearchEvent *ret_event, GError **error)
{
    BytesReader reader = {.rest = bytes};
    SearchEvent event = {0};
    uint64_t partial;

    if (!head_read(&reader, EVENT_SEARCH, error))
        return false;
    event.id = bytes_get_signed(&reader);
    event.at_us = bytes_get_signed(&reader);
    event.keywords = bytes_get_text(&reader);
    event.location = bytes_get_text(&reader);
    event.country = bytes_get_text(&reader);
    event.mode = bytes_get_text(&reader);
    event.client = bytes_get_text(&reader);
    event.took_us = bytes_get_signed(&reader);
    partial = bytes_get_unsigned(&reader);
    event.partial = partial == 1;
    event.sources = bytes_get_text(&reader);
    if (!shown_read(&reader, arena, &event, error))
        return false;
    if (!bytes_reader_finish(&reader) || partial > 1)
        return weir_fail(error, WEIR_ERROR_INVALID, "event: a search that is cut off or has bytes too many");
    *ret_event = event;
    return true;
}

void
event_write_click(const ClickEvent *event, GString *to)
{
    head_write(EVENT_CLICK, to);
    bytes_put_signed(to, event->id);
    bytes_put_signed(to, event->at_us);
    bytes_put_signed(to, event->search_id);
    bytes_put_unsigned(to, event->position);
    bytes_put_text(to, event->source);
    bytes_put_text(to, event->listing_id);
    bytes_put_money(to, event->bid);
    bytes_put_unsigned(to, event->flags);
    bytes_put_text(to, event->sub_id);
    bytes_put_text(to, event->visitor_hash);
    bytes_put_text(to, event->user_agent_family);
}

bool
event_read_click(Str bytes, ClickEvent *ret_event, GError **error)
{
    BytesReader reader = {.rest = bytes};
    ClickEvent event = {0};
    uint64_t position, flags;

    if (!head_read(&reader, EVENT_CLICK, error))
        return false;
    event.id = bytes_get_signed(&reader);
    event.at_us = bytes_get_signed(&reader);
    event.search_id = bytes_get_signed(&reader);
    position = bytes_get_unsigned(&reader);
    event.source = bytes_get_text(&reader);
    event.listing_id = bytes_get_text(&reader);
    event.bid = bytes_get_money(&reader);
    flags = bytes_get_unsigned(&reader);
    event.sub_id = bytes_get_text(&reader);
    event.visitor_hash = bytes_get_text(&reader);
    event.user_agent_family = bytes_get_text(&reader);
    if (!bytes_reader_finish(&reader) || position > UINT32_MAX || flags > UINT_MAX)
        return weir_fail(error, WEIR_ERROR_INVALID, "event: a click that is cut off or has bytes too many");
    event.position = (uint32_t)position;
    event.flags = (unsigned)flags;
    *ret_event = event;
    return true;
}
