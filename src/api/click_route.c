/*
 * GET /c/{token}: the redirect to the partner. The token alone says where to and what for, so this works with every
 * store down; the click is on this node's disk before the redirect leaves.
 */
#include "api/routes.h"
#include "ops/log.h"
#include "tracking/sub_id.h"

typedef struct {
    Api *api;
    HttpExchange *exchange;
    bool flagged;
} Redirect;

/* Each request for a link is counted once, by what became of it. */
static void
count(const Api *api, const char *result)
{
    metric_add(api->spec.metrics, METRIC_CLICKS, result, NULL, 1);
}

/* A click that could not be made durable still brings the visitor to the listing: the loss is ours to report. */
static void
on_durable(void *data, const GError *error)
{
    Redirect *redirect = data;

    count(redirect->api, error != NULL ? "lost" : redirect->flagged ? "flagged" : "counted");
    if (error != NULL)
        log_event(LOG_LEVEL_ERROR, "click.lost", "a click could not be written to disk; the visitor was redirected",
                  LOG_ERROR(error));
    http_exchange_respond(redirect->exchange, 302, NULL, NULL);
    g_free(redirect);
}

static ClickRequest
click_request(HttpExchange *exchange)
{
    return (ClickRequest){
        .method = str_of(http_exchange_method(exchange)),
        .user_agent = http_exchange_header(exchange, "User-Agent"),
        .sec_purpose = http_exchange_header(exchange, "Sec-Purpose"),
        .purpose = http_exchange_header(exchange, "Purpose"),
        .x_purpose = http_exchange_header(exchange, "X-Purpose"),
        .x_moz = http_exchange_header(exchange, "X-Moz"),
    };
}

static void
refuse(Api *api, HttpExchange *exchange, const GError *error)
{
    bool expired = weir_error_code(error) == WEIR_ERROR_LIMIT;

    count(api, expired ? "expired" : "refused");
    respond_problem(exchange, expired ? 410 : 404, NULL,
                    expired ? "This link has expired. Search again for a fresh one."
                            : "This link is not one of ours, or was altered.");
}

static ClickEvent
click_event(Api *api, HttpExchange *exchange, const ClickToken *token, Str address)
{
    Arena *arena = http_exchange_arena(exchange);
    ClickRequest request = click_request(exchange);
    char *hash = arena_alloc(arena, VISITOR_HASH_TEXT_SIZE);
    int64_t now_us = clock_now_us(api->spec.clock);
    ClickEvent click = {
        .id = id_mint(api->spec.mint),
        .at_us = now_us,
        .search_id = token->search_id,
        .position = token->position,
        .source = token->source,
        .listing_id = token->listing_id,
        .bid = token->bid,
        .flags = click_request_flags(&request, api->spec.robots),
    };

    click.user_agent_family = user_agent_family(request.user_agent, click.flags);
    click.visitor_hash = visitor_hash(api->spec.visitor_secret, now_us, address, request.user_agent, hash);
    if (click.flags == 0)
        click.flags |= click_window_flags(api->clicks_seen, click.visitor_hash, click.source, click.listing_id);
    return click;
}

/* The partner's URL with what it is owed: the sub-id, and the visitor's data where its terms ask for them. */
static Str
target_url(Api *api, HttpExchange *exchange, const ClickToken *token, Str address, ClickEvent *click)
{
    Arena *arena = http_exchange_arena(exchange);
    g_autoptr(SourceSet) sources = search_engine_sources(api->spec.engine);
    const Source *source = source_set_find(sources, token->source);
    char *sub_id = arena_alloc(arena, SUB_ID_TEXT_SIZE);
    Question visitor = {.user_ip = address,
                        .user_agent = http_exchange_header(exchange, "User-Agent"),
                        .page_url = http_exchange_header(exchange, "Referer")};
    SubIdSlot slot;

    /* A source that was taken out of the configuration since: its links still lead where they led. */
    if (source == NULL)
        return token->url;
    slot = source_sub_id_slot(source);
    if (slot.has_slot && sub_id_make(slot.digits_only, slot.length_limit, click->id, api->spec.random, sub_id))
        click->sub_id = str_of(sub_id);
    return source_click_url(source, token->url, click->sub_id, &visitor, arena);
}

/* Whether the partner would not pay for the click any more: its price was another day's. */
static bool
price_has_ended(Api *api, const ClickToken *token)
{
    g_autoptr(SourceSet) sources = search_engine_sources(api->spec.engine);
    const Source *source = source_set_find(sources, token->source);

    return source != NULL && source_price_until_us(source, token->confirmed_at_us) < clock_now_us(api->spec.clock);
}

/* A header can't carry line ends; a partner's URL should hold no control characters in the first place. */
static bool
fits_a_header(Str url)
{
    for (size_t i = 0; i < url.size; i++)
        if ((unsigned char)url.at[i] < 0x20 || url.at[i] == 0x7f)
            return false;
    return url.size > 0;
}

void
route_click(HttpExchange *exchange, void *data)
{
    Api *api = data;
    g_autoptr(GError) error = NULL;
    ClickToken token;
    ClickEvent click;
    g_autoptr(GString) bytes = g_string_new(NULL);
    Redirect *redirect;
    Str address, url;

    if (!token_open(token_key_ring_now(api->spec.ring), http_exchange_segment(exchange, "token"),
                    clock_now_us(api->spec.clock), api->spec.token_lifetime_us, http_exchange_arena(exchange), &token,
                    &error)) {
        refuse(api, exchange, error);
        return;
    }
    if (price_has_ended(api, &token)) {
        count(api, "outdated");
        respond_problem(exchange, 410, NULL, "The price of this link has ended. Search again for a fresh one.");
        return;
    }
    address = exchange_client_address(api, exchange);
    click = click_event(api, exchange, &token, address);
    url = target_url(api, exchange, &token, address, &click);
    if (!fits_a_header(url)) {
        count(api, "broken");
        respond_problem(exchange, 404, NULL, "The partner's link is broken.");
        return;
    }
    http_exchange_set_header(exchange, "Location", arena_strdup(http_exchange_arena(exchange), url));
    http_exchange_set_header(exchange, "Cache-Control", "no-store");
    http_exchange_set_header(exchange, "Referrer-Policy", "no-referrer");
    http_exchange_set_header(exchange, "X-Robots-Tag", "noindex, nofollow");
    redirect = g_new(Redirect, 1);
    *redirect = (Redirect){api, exchange, click.flags != 0};
    event_write_click(&click, bytes);
    if (!spool_add(api->spec.spool, EVENT_CLICK, click.id, bytes, on_durable, redirect, &error))
        on_durable(redirect, error);
}
