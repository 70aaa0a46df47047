/*
 * What the route files share: the api's state, and their handlers, which api.c lists in one table.
 */
#pragma once

#include "api/api.h"
#include "api/assets.h"
#include "api/problem.h"
#include "base/json_writer.h"

struct Api {
    ApiSpec spec;
    HttpServer *server;
    DbWorkers *workers;
    ClickWindow *clicks_seen;
    Assets *assets;
    int64_t started_at_us;
    gint draining;
    gint feeds_open;   /* consumers that are taking the feed */
    gint streams_open; /* clients that are taking a search's events */
};

/* One file a resource. data is the Api. */
void route_search(HttpExchange *exchange, void *data);
void route_click(HttpExchange *exchange, void *data);
void route_listing(HttpExchange *exchange, void *data);
void route_feed(HttpExchange *exchange, void *data);
void route_sources(HttpExchange *exchange, void *data);
void route_revenue(HttpExchange *exchange, void *data);
void route_reconciliation(HttpExchange *exchange, void *data);
void route_alerts(HttpExchange *exchange, void *data);
void route_alert_acknowledge(HttpExchange *exchange, void *data);
void route_exports(HttpExchange *exchange, void *data);
void route_postback(HttpExchange *exchange, void *data);
void route_tasks(HttpExchange *exchange, void *data);
void route_trace(HttpExchange *exchange, void *data);
void route_livez(HttpExchange *exchange, void *data);
void route_readyz(HttpExchange *exchange, void *data);
void route_healthz(HttpExchange *exchange, void *data);
void route_metrics(HttpExchange *exchange, void *data);
void route_page(HttpExchange *exchange, void *data);
void route_not_found(HttpExchange *exchange, void *data);

/* Runs fn on a database worker; answers 503 itself when there is no room or no database. */
typedef void (*DbRoute)(Api *api, HttpExchange *exchange, Db *db);
void route_with_db(Api *api, HttpExchange *exchange, DbRoute fn);

/* Writes the members of an answer's object, as tx shows them. */
typedef bool (*DbMembers)(JsonWriter *json, DbTx *tx, const void *query, GError **error);
/* Answers with what members writes, read in one transaction and kept by nobody; or with its error. */
void respond_read(HttpExchange *exchange, Db *db, DbMembers members, const void *query);

/* Starts and sends an answer in JSON; the writer's text is the server's after respond_json(). */
JsonWriter json_answer(void);
void respond_json(HttpExchange *exchange, int status, JsonWriter *json);

/* The address of who asks, in the exchange's arena. */
Str exchange_client_address(const Api *api, HttpExchange *exchange);
/* A query parameter as a moment: RFC 3339 or a day. fallback_us when not given. False after answering 400. */
bool exchange_time(HttpExchange *exchange, const char *name, int64_t fallback_us, int64_t *ret_us);
/* Gives each parameter to set(). False when one is wrong: then it has been answered, by its name. */
bool exchange_take_query(HttpExchange *exchange, bool (*set)(void *to, Str name, Str value, GError **error), void *to);
/* Answers with an error of a search's or feed's query, of which an INVALID one begins with its parameter: "sources: ...". */
void respond_query_error(HttpExchange *exchange, const GError *error);
/* Whether a page of another site made a browser send this. For what changes something: who may see our pages is settled
 * before us, and their browser would act in their name for any page they look at. */
bool exchange_is_cross_site(HttpExchange *exchange);
