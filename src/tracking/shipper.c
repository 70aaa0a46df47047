#include "tracking/shipper.h"

#include "tracking/click_store.h"
#include "tracking/search_store.h"

struct Shipper {
    char *database_url;
    Db *db; /* NULL until it could be opened */
};

Shipper *
shipper_new(const char *database_url)
{
    Shipper *shipper = g_new0(Shipper, 1);

    shipper->database_url = g_strdup(database_url);
    return shipper;
}

void
shipper_free(Shipper *shipper)
{
    if (shipper == NULL)
        return;
    if (shipper->db != NULL)
        db_close(shipper->db);
    g_free(shipper->database_url);
    g_free(shipper);
}

static bool
add_event(DbTx *tx, const SpoolRow *row, Arena *arena, GError **error)
{
    SearchEvent search;
    ClickEvent click;
    PageEvent page;

    switch (row->kind) {
    case EVENT_SEARCH:
        return event_read_search(row->bytes, arena, &search, error) && search_add(tx, &search, error);
    case EVENT_PAGE:
        return event_read_page(row->bytes, arena, &page, error) && search_page_add(tx, &page, error);
    case EVENT_CLICK:
        return event_read_click(row->bytes, &click, error) && click_add(tx, &click, error);
    }
    return weir_fail(error, WEIR_ERROR_INVALID, "event: kind %d is not known", (int)row->kind);
}

static bool
ship_rows(Shipper *shipper, const SpoolRow *rows, size_t count, Arena *arena, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(shipper->db, DB_WRITE, error);

    if (tx == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!add_event(tx, &rows[i], arena, error))
            return false;
    return db_commit_auto(&tx, error);
}

static void
reason_free(gpointer reason)
{
    g_clear_error((GError **)&reason);
}

/* INVALID is the event's fault. BROKEN may be (a bug of ours that only it meets) or may be everything's (a table is
 * missing): it is the event's only if others go through. */
static bool
ship_one_by_one(Shipper *shipper, const SpoolRow *rows, size_t count, Arena *arena,
                void (*poison)(void *data, const SpoolRow *row, const char *reason), void *data, GError **error)
{
    g_autoptr(GPtrArray) reasons = g_ptr_array_new_with_free_func(reason_free);
    const GError *broken = NULL;
    size_t shipped = 0;

    for (size_t i = 0; i < count; i++) {
        GError *failure = NULL;

        if (ship_rows(shipper, &rows[i], 1, arena, &failure)) {
            g_ptr_array_add(reasons, NULL);
            shipped++;
            continue;
        }
        if (weir_error_code(failure) != WEIR_ERROR_INVALID && weir_error_code(failure) != WEIR_ERROR_BROKEN) {
            g_propagate_error(error, failure);
            return false;
        }
        g_ptr_array_add(reasons, failure);
        if (weir_error_code(failure) == WEIR_ERROR_BROKEN)
            broken = failure;
    }
    if (broken != NULL && shipped == 0) {
        g_propagate_error(error, g_error_copy(broken));
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const GError *reason = reasons->pdata[i];

        if (reason != NULL)
            poison(data, &rows[i], reason->message);
    }
    return true;
}

bool
shipper_ship(Shipper *shipper, const SpoolRow *rows, size_t count, Arena *arena,
             void (*poison)(void *data, const SpoolRow *row, const char *reason), void *data, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (shipper->db == NULL)
        shipper->db = db_open(shipper->database_url, error);
    if (shipper->db == NULL)
        return false;
    if (ship_rows(shipper, rows, count, arena, &failure))
        return true;
    if (weir_error_code(failure) == WEIR_ERROR_INVALID || weir_error_code(failure) == WEIR_ERROR_BROKEN)
        return ship_one_by_one(shipper, rows, count, arena, poison, data, error);
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}
