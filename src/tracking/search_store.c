#include "tracking/search_store.h"

#include "base/json_writer.h"
#include "tracking/store_text.h"

static void
shown_write(const ShownListing *listings, size_t count, GString *to)
{
    JsonWriter json = json_writer(to);

    json_begin_array(&json);
    for (size_t i = 0; i < count; i++) {
        const ShownListing *shown = &listings[i];

        json_begin_object(&json);
        json_member_text(&json, "source", shown->source);
        json_member_text(&json, "listing_id", shown->listing_id);
        json_member_text(&json, "title", shown->title);
        if (shown->bid.currency.code[0] != '\0')
            json_member_money(&json, "bid", shown->bid.micros, shown->bid.currency);
        json_end_object(&json);
    }
    json_end_array(&json);
}

bool
search_add(DbTx *tx, const SearchEvent *event, GError **error)
{
    g_autoptr(Arena) arena = arena_new(1024);
    g_autoptr(GString) shown = event->page_id == ID_NONE ? g_string_new(NULL) : NULL;

    if (shown != NULL)
        shown_write(event->shown, event->shown_count, shown);
    /* JSON that we wrote is good text already. */
    return db_exec(
        tx,
        SQL("INSERT INTO search (id, at_us, keywords, location, country, mode, client, took_us, partial, "
            "shown_count, shown, sources, page_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
            "ON CONFLICT (id) DO NOTHING"),
        DB_ARGS(db_int(event->id), db_int(event->at_us), db_text(store_text(event->keywords, arena)),
                db_text(store_text(event->location, arena)), db_text(store_text(event->country, arena)),
                db_text(store_text(event->mode, arena)), db_text(store_text(event->client, arena)),
                db_int(event->took_us), db_int(event->partial), db_int((int64_t)event->shown_count),
                db_text(shown != NULL ? str_of_gstring(shown) : STR("[]")), db_text(store_text(event->sources, arena)),
                event->page_id == ID_NONE ? db_null() : db_int(event->page_id)),
        NULL, error);
}

bool
search_page_add(DbTx *tx, const PageEvent *event, GError **error)
{
    g_autoptr(Arena) arena = arena_new(1024);
    g_autoptr(GString) shown = g_string_new(NULL);

    shown_write(event->shown, event->shown_count, shown);
    return db_exec(tx,
                   SQL("INSERT INTO search_page (id, made_at_us, shown, sources) VALUES ($1, $2, $3, $4) "
                       "ON CONFLICT (id) DO NOTHING"),
                   DB_ARGS(db_int(event->id), db_int(event->made_at_us), db_text(str_of_gstring(shown)),
                           db_text(store_text(event->sources, arena))),
                   NULL, error);
}

bool
search_find(DbTx *tx, Id id, Arena *arena, SearchRecord *ret_search, GError **error)
{
    g_autoptr(DbRows) rows = db_query(tx,
                                      SQL("SELECT at_us, keywords, location, country, mode, client, took_us, partial, "
                                          "shown_count, COALESCE(p.shown, s.shown), COALESCE(p.sources, s.sources) "
                                          "FROM search s LEFT JOIN search_page p ON p.id = s.page_id WHERE s.id = $1"),
                                      DB_ARGS(db_int(id)), error);
    char text[ID_TEXT_SIZE];

    if (rows == NULL)
        return false;
    if (!db_next(rows, error))
        return !db_has_failed(rows) && weir_fail(error, WEIR_ERROR_NOT_FOUND, "no search %s", id_format(id, text));
    *ret_search = (SearchRecord){.event = {.id = id,
                                           .at_us = db_get_int(rows, 0),
                                           .keywords = arena_str(arena, db_get_text(rows, 1)),
                                           .location = arena_str(arena, db_get_text(rows, 2)),
                                           .country = arena_str(arena, db_get_text(rows, 3)),
                                           .mode = arena_str(arena, db_get_text(rows, 4)),
                                           .client = arena_str(arena, db_get_text(rows, 5)),
                                           .took_us = db_get_int(rows, 6),
                                           .partial = db_get_int(rows, 7) != 0,
                                           .shown_count = (size_t)db_get_int(rows, 8),
                                           .sources = arena_str(arena, db_get_text(rows, 10))},
                                 .shown = arena_str(arena, db_get_text(rows, 9))};
    return true;
}

bool
search_count(DbTx *tx, int64_t since_us, int64_t until_us, int64_t *ret_count, GError **error)
{
    return db_query_int(tx, SQL("SELECT COUNT(*) FROM search WHERE at_us >= $1 AND at_us < $2"),
                        DB_ARGS(db_int(since_us), db_int(until_us)), ret_count, error);
}
