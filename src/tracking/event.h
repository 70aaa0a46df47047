/*
 * Events: what happened in the request tier, on its way to the database: a search with what it showed, a click. What many
 * searches show alike is an event of its own, the page; their events name it.
 */
#pragma once

#include "base/arena.h"
#include "base/id.h"
#include "base/money.h"

typedef enum { EVENT_SEARCH = 1, EVENT_CLICK = 2, EVENT_PAGE = 3 } EventKind;

/* One listing as it was shown. */
typedef struct {
    Str source, listing_id; /* listing_id: the partner's */
    Str title;
    Money bid;
} ShownListing;

typedef struct {
    Id id;
    int64_t at_us;
    Str keywords, location, country, mode, client; /* client: API key name, absent for none */
    int64_t took_us;
    bool partial;
    const ShownListing *shown; /* in order of position, from 1 */
    size_t shown_count;
    Str sources; /* JSON: [{"source","status","count","took_ms"}, ...] as answered */
    Id page_id;  /* where shown and sources are, which then are absent here; ID_NONE: they are here */
} SearchEvent;

typedef struct {
    Id id;
    int64_t made_at_us;
    const ShownListing *shown;
    size_t shown_count;
    Str sources;
} PageEvent;

/* Why a click does not count; a set. All clicks are kept, only those with none of these are counted. */
typedef enum {
    CLICK_BOT = 1 << 0,         /* a known crawler's user agent, or none at all */
    CLICK_PREFETCH = 1 << 1,    /* Sec-Purpose, Purpose or X-Moz say so */
    CLICK_NOT_GET = 1 << 2,     /* HEAD */
    CLICK_DUPLICATE = 1 << 3,   /* same visitor and listing within 30 s (COUNTER R5) */
    CLICK_REPEAT = 1 << 4,      /* within one hour */
    CLICK_PREVIEW = 1 << 5,     /* a link preview's user agent */
    CLICK_ROBOTS_LIST = 1 << 6, /* the operator's list of robots, COUNTER's, knows the user agent */
} ClickFlag;

typedef struct {
    Id id;
    int64_t at_us;
    Id search_id;
    uint32_t position;
    Str source, listing_id;
    Money bid;
    unsigned flags;
    Str sub_id;       /* what was sent to the partner: the click id, or a shorter one where the slot is small */
    Str visitor_hash; /* keyed hash of truncated address and agent, changing daily; never the address itself */
    Str user_agent_family;
} ClickEvent;

#define EVENT_SHOWN_LIMIT 1000 /* listings in one search event */

/* A compact, versioned binary form for the spool. */
void event_write_page(const PageEvent *event, GString *to);
void event_write_search(const SearchEvent *event, GString *to);
void event_write_click(const ClickEvent *event, GString *to);
/* INVALID for bytes that are no event of that kind. Texts point into bytes. */
bool event_read_search(Str bytes, Arena *arena, SearchEvent *ret_event, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool event_read_page(Str bytes, Arena *arena, PageEvent *ret_event, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool event_read_click(Str bytes, ClickEvent *ret_event, GError **error) G_GNUC_WARN_UNUSED_RESULT;
