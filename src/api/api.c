#include "api/cors.h"
#include "api/key_guard.h"
#include "api/query_guard.h"
#include "api/routes.h"

#define CLICKS_REMEMBERED (1 << 18)
#define DB_QUEUE_LIMIT    256
#define POSTBACK_LIMIT    (64 * 1024)
/* Less fits one packet of a network, however it is written. */
#define GZIP_FROM_BYTES 1400

/* The first ones are for who supervises a process of any tier. */
#define SUPERVISION_ROUTES 4

static const HttpRoute ROUTES[] = {
    {"GET", "/livez", route_livez, 0},
    {"GET", "/readyz", route_readyz, 0},
    {"GET", "/healthz", route_healthz, 0},
    {"GET", "/metrics", route_metrics, 0},
    {"GET", "/v1/search", route_search, 0},
    {"GET", "/c/{token}", route_click, 0},
    {"GET", "/v1/listings/{id}", route_listing, 0},
    {"GET", "/v1/feed.ndjson", route_feed, 0},
    {"GET", "/v1/feed.xml", route_feed, 0},
    {"GET", "/v1/feed.csv", route_feed, 0},
    {"GET", "/v1/sources", route_sources, 0},
    {"GET", "/v1/revenue", route_revenue, 0},
    {"GET", "/v1/tasks", route_tasks, 0},
    {"GET", "/v1/reconciliation", route_reconciliation, 0},
    {"GET", "/v1/alerts", route_alerts, 0},
    {"POST", "/v1/alerts/{id}/acknowledge", route_alert_acknowledge, 0},
    {"GET", "/v1/exports", route_exports, 0},
    {"GET", "/v1/trace/{id}", route_trace, 0},
    {"GET", "/v1/postback/{source}", route_postback, 0},
    {"POST", "/v1/postback/{source}", route_postback, POSTBACK_LIMIT},
    {"GET", "/", route_page, 0},
    {"GET", "/dashboard", route_page, 0},
    {"GET", "/operations", route_page, 0},
    {"GET", "/openapi.json", route_page, 0},
    {"GET", "/web/{file}", route_page, 0},
};

static RequestClass
class_of(const HttpRoute *route)
{
    if (route < ROUTES + SUPERVISION_ROUTES)
        return REQUEST_SUPERVISION;
    if (route->handler == route_click || route->handler == route_postback)
        return REQUEST_CLICK;
    return route->handler == route_search ? REQUEST_SEARCH : REQUEST_REST;
}

#define PARAMETERS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_PARAMETERS   ((const char *const[]){NULL})

/* What a key must open, and what may be asked in the query; without that the route looks for itself. Clicks and postbacks
 * show tokens and secrets of their own, and partners add to their queries; pages have no data in them. */
typedef struct {
    HttpHandler handler;
    ApiScope scope;
    const char *const *parameters;
} RouteRule;
static const RouteRule RULES[] = {
    {route_search, API_SCOPE_SEARCH, NULL},
    {route_listing, API_SCOPE_SEARCH, NO_PARAMETERS},
    {route_sources, API_SCOPE_SEARCH, NO_PARAMETERS},
    {route_feed, API_SCOPE_FEED, NULL},
    {route_revenue, API_SCOPE_OPERATIONS, PARAMETERS("group_by", "since", "until")},
    {route_tasks, API_SCOPE_OPERATIONS, PARAMETERS("state", "kind", "failing", "limit")},
    {route_reconciliation, API_SCOPE_OPERATIONS, PARAMETERS("since")},
    {route_alerts, API_SCOPE_OPERATIONS, PARAMETERS("state")},
    {route_alert_acknowledge, API_SCOPE_OPERATIONS, NO_PARAMETERS},
    {route_exports, API_SCOPE_OPERATIONS, NO_PARAMETERS},
    {route_trace, API_SCOPE_OPERATIONS, NO_PARAMETERS},
};

static const RouteRule *
rule_of(const HttpRoute *route)
{
    static const RouteRule NONE = {.scope = API_SCOPE_NONE};

    for (size_t i = 0; i < G_N_ELEMENTS(RULES); i++)
        if (RULES[i].handler == route->handler)
            return &RULES[i];
    return &NONE;
}

static bool
may_ask(const Api *api, HttpExchange *exchange, const RouteRule *rule)
{
    if ((api->spec.key_scopes & rule->scope) != 0 &&
        !key_guard_lets_in(api->spec.keys, exchange, rule->scope, api->spec.metrics))
        return false;
    return rule->parameters == NULL || query_guard_lets_in(exchange, rule->parameters);
}

static bool
admit(HttpExchange *exchange, const HttpRoute *route, unsigned open, void *data)
{
    Api *api = data;
    RequestClass request_class = class_of(route);
    const RouteRule *rule = rule_of(route);
    const char *reason;

    if (request_class == REQUEST_SUPERVISION)
        return true;
    if (rule->scope != API_SCOPE_NONE)
        cors_mark(api->spec.cors_origins, exchange);
    reason = admission_refuses(&api->spec.admission, request_class, open,
                               search_engine_queue_delay_us(api->spec.engine), api->spec.random);
    if (reason == NULL)
        return may_ask(api, exchange, rule);
    metric_add(api->spec.metrics, METRIC_REQUESTS_REFUSED, request_class_name(request_class), reason, 1);
    respond_problem(exchange, 503, NULL, "There is more to do than can be done just now. Try again in a moment.");
    return false;
}

Api *
api_start(const ApiSpec *spec, GError **error)
{
    Api *api = g_new0(Api, 1);

    api->spec = *spec;
    api->started_at_us = clock_now_us(spec->clock);
    api->workers = db_workers_new(spec->database_url, spec->database_threads, DB_QUEUE_LIMIT);
    if (spec->engine != NULL) {
        api->assets = assets_new();
        api->clicks_seen = click_window_new(spec->clock, CLICKS_REMEMBERED);
    }
    api->server = http_server_start(
        &(HttpServerSpec){.host = spec->host,
                          .port = spec->port,
                          .threads = spec->threads,
                          .routes = ROUTES,
                          .route_count = spec->engine != NULL ? G_N_ELEMENTS(ROUTES) : SUPERVISION_ROUTES,
                          .not_found = route_not_found,
                          .admit = admit,
                          .data = api,
                          .clock = spec->clock,
                          .metrics = spec->metrics,
                          .gzip_from_bytes = GZIP_FROM_BYTES},
        error);
    if (api->server == NULL) {
        api_stop(api, 0);
        return NULL;
    }
    return api;
}

uint16_t
api_port(const Api *api)
{
    return http_server_port(api->server);
}

void
api_drain(Api *api)
{
    g_atomic_int_set(&api->draining, 1);
}

void
api_quiesce(Api *api, int64_t grace_us)
{
    http_server_quiesce(api->server, grace_us);
}

void
api_stop(Api *api, int64_t grace_us)
{
    if (api == NULL)
        return;
    api_drain(api);
    if (api->server != NULL)
        http_server_stop(api->server, grace_us);
    db_workers_free(api->workers);
    http_server_free(api->server);
    click_window_free(api->clicks_seen);
    assets_free(api->assets);
    g_free(api);
}

void
route_not_found(HttpExchange *exchange, void *data)
{
    const Api *api = data;

    if (cors_answers_preflight(api->spec.cors_origins, exchange))
        return;
    if (http_exchange_wrong_method(exchange))
        respond_problem(exchange, 405, NULL, "This resource does not take that method.");
    else
        respond_problem(exchange, 404, NULL, "There is nothing at this address.");
}

typedef struct {
    Api *api;
    HttpExchange *exchange;
    DbRoute fn;
} DbRequest;

static void
db_request_run(Db *db, const GError *error, void *data)
{
    g_autofree DbRequest *request = data;

    if (db == NULL)
        respond_error(request->exchange, error);
    else
        request->fn(request->api, request->exchange, db);
}

void
route_with_db(Api *api, HttpExchange *exchange, DbRoute fn)
{
    DbRequest *request = g_new(DbRequest, 1);

    *request = (DbRequest){api, exchange, fn};
    if (db_workers_run(api->workers, db_request_run, request))
        return;
    g_free(request);
    respond_problem(exchange, 503, NULL, "Too many requests wait for the database. Try again in a moment.");
}

JsonWriter
json_answer(void)
{
    return json_writer(g_string_sized_new(4096));
}

void
respond_json(HttpExchange *exchange, int status, JsonWriter *json)
{
    http_exchange_respond(exchange, status, "application/json", g_steal_pointer(&json->to));
}

void
respond_read(HttpExchange *exchange, Db *db, DbMembers members, const void *query)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, &error);
    JsonWriter json;

    if (tx == NULL) {
        respond_error(exchange, error);
        return;
    }
    json = json_answer();
    json_begin_object(&json);
    if (!members(&json, tx, query, &error)) {
        g_string_free(json.to, TRUE);
        respond_error(exchange, error);
        return;
    }
    json_end_object(&json);
    http_exchange_set_header(exchange, "Cache-Control", "no-store");
    respond_json(exchange, 200, &json);
}

Str
exchange_client_address(const Api *api, HttpExchange *exchange)
{
    return client_address(str_of(http_exchange_peer(exchange)), http_exchange_header(exchange, "X-Forwarded-For"),
                          api->spec.trusted_proxies, api->spec.trusted_proxy_count);
}

bool
exchange_time(HttpExchange *exchange, const char *name, int64_t fallback_us, int64_t *ret_us)
{
    Str text = http_exchange_query(exchange, name);
    g_autoptr(GError) error = NULL;

    *ret_us = fallback_us;
    if (str_is_empty(text) || timestamp_parse(text, NULL, ret_us, &error))
        return true;
    respond_problem(exchange, 400, name, error->message);
    return false;
}

typedef struct {
    HttpExchange *exchange;
    bool (*set)(void *to, Str name, Str value, GError **error);
    void *to;
    const char *wrong; /* the first parameter that is wrong; NULL: none yet */
    GError *error;
} QueryTaker;

static void
take_parameter(void *data, Str name, Str value)
{
    QueryTaker *taker = data;

    if (taker->wrong == NULL && !taker->set(taker->to, name, value, &taker->error))
        taker->wrong = arena_strdup(http_exchange_arena(taker->exchange), name);
}

bool
exchange_take_query(HttpExchange *exchange, bool (*set)(void *to, Str name, Str value, GError **error), void *to)
{
    QueryTaker taker = {.exchange = exchange, .set = set, .to = to};

    http_exchange_each_query(exchange, take_parameter, &taker);
    if (taker.wrong == NULL)
        return true;
    respond_problem(exchange, 400, taker.wrong, taker.error->message);
    g_error_free(taker.error);
    return false;
}

void
respond_query_error(HttpExchange *exchange, const GError *error)
{
    Str rest = str_of(error->message), name = str_cut(&rest, ':');
    const SearchParameter *parameter = search_parameter_find(name);

    /* What a parameter names and is there no more: an old cursor. */
    if (parameter != NULL && weir_error_code(error) == WEIR_ERROR_NOT_FOUND)
        respond_problem(exchange, 410, parameter->name, error->message);
    else
        respond_field_error(exchange, parameter == NULL ? NULL : parameter->name, error);
}

bool
exchange_is_cross_site(HttpExchange *exchange)
{
    Str site = http_exchange_header(exchange, "Sec-Fetch-Site"), origin = http_exchange_header(exchange, "Origin");
    ptrdiff_t scheme_end = str_find(origin, STR("://"));

    if (!str_is_empty(site))
        return !str_is(site, "same-origin") && !str_is(site, "none");
    /* Browsers say the former only where they trust the connection. Programs say neither. */
    if (str_is_empty(origin))
        return false;
    return scheme_end < 0 || !str_equal_ignoring_case(str_slice(origin, (size_t)scheme_end + 3, origin.size),
                                                      http_exchange_header(exchange, "Host"));
}
