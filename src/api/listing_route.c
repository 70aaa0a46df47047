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
    char etag[ETAG_SIZE];
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
    etag_of(str_of_gstring(json.to), etag);
    http_exchange_set_header(exchange, "Cache-Control", "private, no-cache");
    if (etag_answers(exchange, etag))
        g_string_free(json.to, TRUE);
    else
        respond_json(exchange, 200, &json);
}

void
route_listing(HttpExchange *exchange, void *data)
{
    route_with_db(data, exchange, answer_listing);
}
