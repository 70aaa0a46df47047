#include "api/feed_out.h"

#include "feeds/index.h"
#include "search/plan.h"
#include "stream/gzip_writer.h"

/* Listings a piece: few enough that none is large, enough to pay for the transaction. */
#define PIECE_LISTINGS 100
#define NAME_LIMIT     64

struct FeedOut {
    FeedOutSpec spec;
    FeedAsk ask;
    GPtrArray *names; /* of the sources in it, NULL-terminated */
    Id id;            /* ID_NONE until it begins */
    TokenSealer sealer;
    Arena *arena; /* of a piece */
    GString *cursor;
    GString *plain; /* what is to be compressed; NULL without gzip */
    GzipWriter *gzip;
    uint32_t position;
};

/* ---- asking ---- */

void
feed_ask_init(FeedAsk *ask, Arena *arena)
{
    *ask = (FeedAsk){.format = FEED_NDJSON};
    search_query_init(&ask->query, arena);
}

/* Names end in logs and reports: letters, digits, "-", "_" and ".". */
static bool
set_name(Str *name, const char *parameter, Str value, Arena *arena, GError **error)
{
    if (value.size > NAME_LIMIT)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: is longer than %d bytes", parameter, NAME_LIMIT);
    for (size_t i = 0; i < value.size; i++)
        if (!g_ascii_isalnum(value.at[i]) && str_find_char(STR("-_."), value.at[i]) < 0)
            return weir_fail(error, WEIR_ERROR_INVALID, "%s: only letters, digits, \"-\", \"_\" and \".\" make a name",
                             parameter);
    *name = arena_str(arena, value);
    return true;
}

static bool
set_gzip(FeedAsk *ask, Str value, GError **error)
{
    ask->gzip = str_is(value, "true") || str_is(value, "1");
    if (ask->gzip || str_is(value, "false") || str_is(value, "0"))
        return true;
    return weir_fail(error, WEIR_ERROR_INVALID, "gzip: \"%.*s\" is neither true nor false", STR_FORMAT(value));
}

bool
feed_ask_set(FeedAsk *ask, Str name, Str value, GError **error)
{
    static const char *const FILTERS[] = {"q",      "location",           "country",    "company",         "radius_km",
                                          "remote", "posted_within_days", "salary_min", "employment_type", "sources",
                                          "exclude"};

    value = str_trim(value);
    if (str_is_empty(value))
        value = STR("");
    if (str_is(name, "consumer"))
        return set_name(&ask->consumer, "consumer", value, ask->query.arena, error);
    if (str_is(name, "channel"))
        return set_name(&ask->channel, "channel", value, ask->query.arena, error);
    if (str_is(name, "gzip"))
        return str_is_empty(value) || set_gzip(ask, value, error);
    for (size_t i = 0; i < G_N_ELEMENTS(FILTERS); i++)
        if (str_is(name, FILTERS[i]))
            return search_query_set(&ask->query, name, value, error);
    return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" is not a parameter of the feed",
                     (int)MIN(name.size, NAME_LIMIT), name.at != NULL ? name.at : "");
}

/* ---- which sources ---- */

/* Why a source's listings are not in the feed; NULL when they may be. */
static const char *
kept_back(const Source *source, Str consumer)
{
    if (source_feed(source) == NULL)
        return "has no bulk feed, so that nothing of it is stored";
    if (!source_may_store(source) || !source_may_syndicate_to(source, consumer))
        return "does not let its listings be passed on";
    return NULL;
}

static bool
choose_sources(FeedOut *feed, GError **error)
{
    const SourceSet *sources = feed->spec.sources;
    const SearchQuery *query = &feed->ask.query;

    if (!plan_check_names(sources, query, error))
        return false;
    for (size_t i = 0; i < source_set_count(sources); i++) {
        const Source *source = source_set_at(sources, i);
        Str name = str_of(source_name(source));
        bool is_named = str_list_has(query->sources, name);
        const char *reason = kept_back(source, feed->ask.consumer);

        if (is_named && reason != NULL)
            return weir_fail(error, WEIR_ERROR_INVALID, "sources: %.*s %s", STR_FORMAT(name), reason);
        if (reason == NULL && source_disabled(source) == NULL && !str_list_has(query->exclude, name) &&
            (query->sources.count == 0 || is_named))
            g_ptr_array_add(feed->names, (gpointer)source_name(source));
    }
    g_ptr_array_add(feed->names, NULL);
    return true;
}

FeedOut *
feed_out_new(const FeedOutSpec *spec, const FeedAsk *ask, GError **error)
{
    g_autoptr(FeedOut) feed = g_new0(FeedOut, 1);

    feed->spec = *spec;
    feed->spec.sources = source_set_ref(spec->sources);
    feed->ask = *ask;
    feed->names = g_ptr_array_new();
    feed->arena = arena_new(256 * 1024);
    feed->cursor = g_string_new(NULL);
    if (ask->gzip) {
        feed->plain = g_string_new(NULL);
        feed->gzip = gzip_writer_new();
    }
    return choose_sources(feed, error) ? g_steal_pointer(&feed) : NULL;
}

void
feed_out_free(FeedOut *feed)
{
    if (feed == NULL)
        return;
    gzip_writer_free(feed->gzip);
    if (feed->plain != NULL)
        g_string_free(feed->plain, TRUE);
    g_string_free(feed->cursor, TRUE);
    arena_free(feed->arena);
    g_ptr_array_unref(feed->names);
    source_set_unref(feed->spec.sources);
    g_free(feed);
}

int64_t
feed_out_count(const FeedOut *feed)
{
    return feed->position;
}

/* ---- has it changed? ---- */

/* So often its links are to be renewed: twice in the life of the one that ends first. */
static int64_t
renewal_us(const FeedOut *feed)
{
    int64_t life_us = MIN(2 * US_PER_DAY, feed->spec.token_lifetime_us);

    for (guint i = 0; i + 1 < feed->names->len; i++) {
        const Source *source = source_set_find(feed->spec.sources, str_of(g_ptr_array_index(feed->names, i)));

        if (source_click_lifetime_us(source) > 0)
            life_us = MIN(life_us, source_click_lifetime_us(source));
    }
    return MAX(life_us / 2, US_PER_SECOND);
}

bool
feed_out_version(const FeedOut *feed, Db *db, FeedVersion *ret_version, GError **error)
{
    int64_t now_us = clock_now_us(feed->spec.clock);
    int64_t span_us = renewal_us(feed);
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autoptr(Arena) arena = arena_new(1024);
    g_autoptr(GString) text = g_string_new(NULL);
    int64_t news_us;

    if (tx == NULL || !db_query_int(tx,
                                    SQL("SELECT COALESCE(MAX(ended_at_us), 0) FROM feed_pull "
                                        "WHERE added + changed + gone > 0"),
                                    DB_NO_ARGS, &news_us, error))
        return false;
    ret_version->modified_at_us = MAX(news_us, now_us - now_us % span_us);
    ret_version->modified_at_us -= ret_version->modified_at_us % US_PER_SECOND;
    str_append(text, search_query_key(&feed->ask.query, arena));
    for (guint i = 0; i + 1 < feed->names->len; i++)
        g_string_append_printf(text, "\n%s", (const char *)g_ptr_array_index(feed->names, i));
    g_string_append_printf(text, "\n%d %d %.*s %.*s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT, feed->ask.format,
                           feed->ask.gzip, STR_FORMAT(feed->ask.consumer), STR_FORMAT(feed->ask.channel), news_us,
                           ret_version->modified_at_us);
    g_snprintf(ret_version->etag, sizeof ret_version->etag, "W/\"%016" G_GINT64_MODIFIER "x\"",
               str_hash(str_of_gstring(text)));
    return true;
}

/* ---- making it ---- */

static bool
note_begin(FeedOut *feed, Db *db, int64_t now_us, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    g_autoptr(GString) filters = g_string_new(NULL);
    JsonWriter json = json_writer(filters);

    feed->id = id_mint(feed->spec.mint);
    token_sealer_init(&feed->sealer, token_key_ring_now(feed->spec.ring), feed->spec.random);
    search_query_write(&feed->ask.query, &json);
    return tx != NULL &&
           db_exec(tx,
                   SQL("INSERT INTO feed_download (id, begun_at_us, consumer, channel, format, filters) "
                       "VALUES ($1, $2, $3, $4, $5, $6)"),
                   DB_ARGS(db_int(feed->id), db_int(now_us), db_text(feed->ask.consumer), db_text(feed->ask.channel),
                           db_cstr(feed_format_name(feed->ask.format)), db_text(str_of_gstring(filters))),
                   NULL, error) &&
           db_commit_auto(&tx, error);
}

static bool
note_end(const FeedOut *feed, Db *db, int64_t now_us, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    return tx != NULL &&
           db_exec(tx, SQL("UPDATE feed_download SET ended_at_us = $2, listings = $3 WHERE id = $1"),
                   DB_ARGS(db_int(feed->id), db_int(now_us), db_int(feed->position)), NULL, error) &&
           db_commit_auto(&tx, error);
}

/* False for a listing that no token can hold: its URL is too long. */
static bool
link_of(FeedOut *feed, const Listing *listing, int64_t now_us, GString *to)
{
    ClickToken token = {
        .search_id = feed->id,
        .issued_at_us = now_us,
        .confirmed_at_us = listing->confirmed_at_us,
        .position = feed->position + 1,
        .source = listing->source,
        .listing_id = listing->id,
        .url = listing->url,
        .bid = listing->has_bid ? listing->bid : (Money){0},
    };

    g_string_printf(to, "%s/c/", feed->spec.base_url);
    return token_sealer_seal(&feed->sealer, &token, to);
}

static void
write_listing(FeedOut *feed, const Listing *listing, int64_t now_us, GString *to)
{
    const Source *source = source_set_find(feed->spec.sources, listing->source);
    g_autoptr(GString) url = g_string_new(NULL);

    if (source_price_until_us(source, listing->confirmed_at_us) < now_us || !link_of(feed, listing, now_us, url))
        return;
    feed->position++;
    feed_format_item(feed->ask.format,
                     &(FeedItem){.listing = listing,
                                 .url = str_of_gstring(url),
                                 .partner = source_partner(source),
                                 .attribution = source_attribution(source)},
                     to);
}

/* ret_last: there are no more. */
static bool
write_some(FeedOut *feed, Db *db, int64_t now_us, GString *to, bool *ret_last, GError **error)
{
    Question question = search_query_question(&feed->ask.query);
    Listing *listings;
    size_t count;
    Str cursor;

    *ret_last = true;
    if (feed->names->len == 1)
        return true;
    arena_reset(feed->arena);
    question.cursor = str_of_gstring(feed->cursor);
    if (!index_search(db, &question, (const char *const *)feed->names->pdata, PIECE_LISTINGS, now_us, feed->arena,
                      &listings, &count, &cursor, error))
        return false;
    for (size_t i = 0; i < count; i++)
        write_listing(feed, &listings[i], now_us, to);
    *ret_last = cursor.at == NULL;
    g_string_assign(feed->cursor, "");
    str_append(feed->cursor, cursor);
    return true;
}

bool
feed_out_next(FeedOut *feed, Db *db, GString *to, bool *ret_last, GError **error)
{
    int64_t now_us = clock_now_us(feed->spec.clock);
    GString *plain = feed->gzip != NULL ? g_string_truncate(feed->plain, 0) : to;
    bool last;

    if (feed->id == ID_NONE) {
        if (!note_begin(feed, db, now_us, error))
            return false;
        feed_format_begin(feed->ask.format, feed->spec.base_url, now_us, plain);
    }
    if (!write_some(feed, db, now_us, plain, &last, error))
        return false;
    if (last && !note_end(feed, db, now_us, error))
        return false;
    if (last)
        feed_format_end(feed->ask.format, plain);
    if (feed->gzip != NULL)
        gzip_writer_add(feed->gzip, str_of_gstring(plain), last, to);
    *ret_last = last;
    return true;
}
