#include "tracking/click_store.h"

#include "tracking/store_text.h"

#define COLUMNS                                                                                                        \
    "id, at_us, search_id, position, source, listing_id, bid_micros, bid_currency, flags, sub_id, visitor_hash, "      \
    "user_agent_family"

bool
click_add(DbTx *tx, const ClickEvent *event, GError **error)
{
    g_autoptr(Arena) arena = arena_new(1024);

    return db_exec(tx,
                   SQL("INSERT INTO click (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
                       "ON CONFLICT (id) DO NOTHING"),
                   DB_ARGS(db_int(event->id), db_int(event->at_us), db_int(event->search_id), db_int(event->position),
                           db_text(store_text(event->source, arena)), db_text(store_text(event->listing_id, arena)),
                           db_int(event->bid.micros), db_cstr(event->bid.currency.code), db_int(event->flags),
                           db_text(store_text(event->sub_id, arena)), db_text(store_text(event->visitor_hash, arena)),
                           db_text(store_text(event->user_agent_family, arena))),
                   NULL, error);
}

/* The current row; texts live as long as the row. */
static ClickEvent
click_get(const DbRows *rows)
{
    ClickEvent click = {
        .id = db_get_int(rows, 0),
        .at_us = db_get_int(rows, 1),
        .search_id = db_get_int(rows, 2),
        .position = (uint32_t)db_get_int(rows, 3),
        .source = db_get_text(rows, 4),
        .listing_id = db_get_text(rows, 5),
        .bid = {.micros = db_get_int(rows, 6)},
        .flags = (unsigned)db_get_int(rows, 8),
        .sub_id = db_get_text(rows, 9),
        .visitor_hash = db_get_text(rows, 10),
        .user_agent_family = db_get_text(rows, 11),
    };

    /* "" is no currency and stays so. */
    currency_parse(db_get_text(rows, 7), &click.bid.currency);
    return click;
}

static void
click_keep(ClickEvent *click, Arena *arena)
{
    Str *const texts[] = {&click->source, &click->listing_id, &click->sub_id, &click->visitor_hash,
                          &click->user_agent_family};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        *texts[i] = arena_str(arena, *texts[i]);
}

/* Counts up to two rows; *ret_click is the first of them. */
static bool
click_read_one(DbRows *rows, Arena *arena, ClickEvent *ret_click, int *ret_count, GError **error)
{
    int count = 0;

    while (count < 2 && db_next(rows, error)) {
        if (count++ > 0)
            continue;
        *ret_click = click_get(rows);
        click_keep(ret_click, arena);
    }
    if (db_has_failed(rows))
        return false;
    *ret_count = count;
    return true;
}

bool
click_find(DbTx *tx, Id id, Arena *arena, ClickEvent *ret_click, GError **error)
{
    g_autoptr(DbRows) rows =
        db_query(tx, SQL("SELECT " COLUMNS " FROM click WHERE id = $1"), DB_ARGS(db_int(id)), error);
    char text[ID_TEXT_SIZE];
    int count = 0;

    if (rows == NULL || !click_read_one(rows, arena, ret_click, &count, error))
        return false;
    if (count == 0)
        return weir_fail(error, WEIR_ERROR_NOT_FOUND, "no click %s", id_format(id, text));
    return true;
}

bool
click_find_by_sub_id(DbTx *tx, Str source, Str sub_id, Arena *arena, ClickEvent *ret_click, GError **error)
{
    g_autoptr(DbRows) rows = NULL;
    Str given = store_text(sub_id, arena), sent = given;
    char text[ID_TEXT_SIZE];
    ClickEvent click = {0};
    int count = 0;
    Id id;

    /* As it was sent: in capitals, without the letters that look like digits. */
    if (id_parse(sub_id, &id))
        sent = str_of(id_format(id, text));
    rows =
        db_query(tx, SQL("SELECT " COLUMNS " FROM click WHERE source = $1 AND sub_id IN ($2, $3) ORDER BY id LIMIT 2"),
                 DB_ARGS(db_text(store_text(source, arena)), db_text(given), db_text(sent)), error);
    if (rows == NULL || !click_read_one(rows, arena, &click, &count, error))
        return false;
    if (count == 0)
        return weir_fail(error, WEIR_ERROR_NOT_FOUND, "no click of %.*s with sub-id \"%.*s\"", STR_FORMAT(source),
                         STR_FORMAT(sub_id));
    if (count > 1)
        return weir_fail(error, WEIR_ERROR_CONFLICT, "several clicks of %.*s with sub-id \"%.*s\"", STR_FORMAT(source),
                         STR_FORMAT(sub_id));
    *ret_click = click;
    return true;
}

bool
clicks_of_search(DbTx *tx, Id search_id, bool (*each)(void *data, const ClickEvent *click), void *data, GError **error)
{
    g_autoptr(DbRows) rows = db_query(tx, SQL("SELECT " COLUMNS " FROM click WHERE search_id = $1 ORDER BY id"),
                                      DB_ARGS(db_int(search_id)), error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        ClickEvent click = click_get(rows);

        if (!each(data, &click))
            return true;
    }
    return !db_has_failed(rows);
}
