#include "tracking/event.h"

#include "base/error.h"
#include "tracking/bytes.h"

/* Searches of version 1 name no page. */
#define VERSION 2
/* Three texts (a length each), an amount and a currency (a length): what the smallest listing takes. */
#define LEAST_SHOWN_BYTES 5

static void
head_write(EventKind kind, GString *to)
{
    bytes_put_unsigned(to, VERSION);
    bytes_put_unsigned(to, kind);
}

static bool
head_read(BytesReader *reader, EventKind kind, uint64_t *ret_version, GError **error)
{
    uint64_t version = bytes_get_unsigned(reader), found = bytes_get_unsigned(reader);

    if (reader->failed)
        return weir_fail(error, WEIR_ERROR_INVALID, "event: too short");
    if (version < 1 || version > VERSION)
        return weir_fail(error, WEIR_ERROR_INVALID, "event: version %" G_GUINT64_FORMAT " is not known", version);
    if (found != kind)
        return weir_fail(error, WEIR_ERROR_INVALID, "event: kind %" G_GUINT64_FORMAT " where %d was expected", found,
                         (int)kind);
    *ret_version = version;
    return true;
}

static void
shown_write(const ShownListing *shown, size_t count, GString *to)
{
    g_assert(count <= EVENT_SHOWN_LIMIT);
    bytes_put_unsigned(to, count);
    for (size_t i = 0; i < count; i++) {
        bytes_put_text(to, shown[i].source);
        bytes_put_text(to, shown[i].listing_id);
        bytes_put_text(to, shown[i].title);
        bytes_put_money(to, shown[i].bid);
    }
}

void
event_write_page(const PageEvent *event, GString *to)
{
    head_write(EVENT_PAGE, to);
    bytes_put_signed(to, event->id);
    bytes_put_signed(to, event->made_at_us);
    bytes_put_text(to, event->sources);
    shown_write(event->shown, event->shown_count, to);
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
    bytes_put_signed(to, event->page_id);
    if (event->page_id != ID_NONE) {
        bytes_put_unsigned(to, event->shown_count);
        return;
    }
    bytes_put_text(to, event->sources);
    shown_write(event->shown, event->shown_count, to);
}

static bool
shown_read(BytesReader *reader, Arena *arena, const ShownListing **ret_shown, size_t *ret_count, GError **error)
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
    *ret_shown = shown;
    *ret_count = (size_t)count;
    return true;
}

bool
event_read_search(Str bytes, Arena *arena, SearchEvent *ret_event, GError **error)
{
    BytesReader reader = {.rest = bytes};
    SearchEvent event = {0};
    uint64_t partial, version, count = 0;

    if (!head_read(&reader, EVENT_SEARCH, &version, error))
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
    event.page_id = version == 1 ? ID_NONE : bytes_get_signed(&reader);
    if (event.page_id != ID_NONE) {
        count = bytes_get_unsigned(&reader);
        event.shown_count = (size_t)count;
    } else {
        event.sources = bytes_get_text(&reader);
        if (!shown_read(&reader, arena, &event.shown, &event.shown_count, error))
            return false;
    }
    if (!bytes_reader_finish(&reader) || partial > 1 || count > EVENT_SHOWN_LIMIT)
        return weir_fail(error, WEIR_ERROR_INVALID, "event: a search that is cut off or has bytes too many");
    *ret_event = event;
    return true;
}

bool
event_read_page(Str bytes, Arena *arena, PageEvent *ret_event, GError **error)
{
    BytesReader reader = {.rest = bytes};
    PageEvent event = {0};
    uint64_t version;

    if (!head_read(&reader, EVENT_PAGE, &version, error))
        return false;
    event.id = bytes_get_signed(&reader);
    event.made_at_us = bytes_get_signed(&reader);
    event.sources = bytes_get_text(&reader);
    if (!shown_read(&reader, arena, &event.shown, &event.shown_count, error))
        return false;
    if (!bytes_reader_finish(&reader))
        return weir_fail(error, WEIR_ERROR_INVALID, "event: a page that is cut off or has bytes too many");
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
    uint64_t position, flags, version;

    if (!head_read(&reader, EVENT_CLICK, &version, error))
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
