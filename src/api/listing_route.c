/*
 * GET /v1/listings/{id}: one stored listing.
 */
#include "api/listing_json.h"
#include "api/routes.h"
#include "feeds/index.h"

static void
answer_listing(Api *api G_GNUC_UNUSED, HttpExchange *exchange, Db *db)
{
    g_autoptr(GError) error = NULL;
    JsonWriter json;
    Listing listing;

    if (!index_find(db, http_exchange_segment(exchange, "id"), http_exchange_arena(exchange), &listing, &error)) {
        respond_error(exchange, error);
        return;
    }
    json = json_answer();
    json_begin_object(&json);
    json_listing_members(&json, &listing, true);
    json_end_object(&json);
    respond_json(exchange, 200, &json);
}

void
route_listing(HttpExchange *exchange, void *data)
{
    route_with_db(data, exchange, answer_listing);
}
