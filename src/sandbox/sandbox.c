#include "sandbox/sandbox.h"

#include "sandbox/control.h"

#define BODY_LIMIT_BYTES 65536
#define STOP_GRACE_US    (2 * US_PER_SECOND)
#define SERVER_THREADS   8

struct Sandbox {
    SandboxWorld world;
    Catalogue *catalogue;
    const Clock *clock;
    Faults *faults;
    Pacer *pacer;
    HttpServer *server;
};

/* One thing that a network answers. The second segment of the path tells which. */
typedef struct {
    NetworkNumber network;
    const char *name;
    CallHandler handler;
} Operation;

static const Operation OPERATIONS[] = {
    {ALDER, "search", alder_search},        {ALDER, "report", alder_report},
    {BIRCH, "search", birch_search},        {BIRCH, "report.csv", birch_report},
    {CEDAR, "search", cedar_search},        {CEDAR, "report.xml", cedar_report},
    {DOGWOOD, "feed.xml.gz", dogwood_feed}, {DOGWOOD, "report.xml", dogwood_report},
    {ELM, "export.csv", elm_export},        {ELM, "report.csv", elm_report},
    {FIR, "listings", fir_listings},        {FIR, "report", fir_report},
    {GINKGO, "board", ginkgo_board},        {GINKGO, "report", ginkgo_report},
};

static Call
call_of(const Sandbox *sandbox, HttpExchange *exchange)
{
    Str host = http_exchange_header(exchange, "Host");
    Arena *arena = http_exchange_arena(exchange);
    Call call = {.world = &sandbox->world, .exchange = exchange};

    call.base = str_is_empty(host) ? "http://127.0.0.1" : arena_printf(arena, "http://%.*s", STR_FORMAT(host)).at;
    call.now_us = clock_now_us(sandbox->clock) + click_book_shift_us(sandbox->world.book);
    call.network = network_find(call_segment(&call, 0));
    return call;
}

static Reply
reply_new(void)
{
    return (Reply){.status = 200, .content_type = "text/plain; charset=utf-8", .body = g_string_new(NULL)};
}

/* A keyword "fault:garbage" in any parameter hits this one request. */
static void
find_fault_word(void *data, Str name G_GNUC_UNUSED, Str value)
{
    Fault *fault = data;

    if (str_starts_with(value, STR("fault:")))
        fault_parse(str_slice(value, strlen("fault:"), value.size), fault);
}

static void
handle_operation(HttpExchange *exchange, void *data)
{
    Sandbox *sandbox = data;
    Call call = call_of(sandbox, exchange);
    Str name = call_segment(&call, 1);
    Reply reply = reply_new();
    Fault fault = faults_get(sandbox->faults, call.network);

    http_exchange_each_query(exchange, find_fault_word, &fault);
    for (size_t i = 0; i < G_N_ELEMENTS(OPERATIONS); i++)
        if (OPERATIONS[i].network == network_number(call.network) && str_is(name, OPERATIONS[i].name))
            OPERATIONS[i].handler(&call, &reply);
    fault_send(fault, faults_latency_us(sandbox->faults, call.network), sandbox->pacer, exchange, &reply);
}

static void
handle_plain(HttpExchange *exchange, void *data, CallHandler handler)
{
    Sandbox *sandbox = data;
    Call call = call_of(sandbox, exchange);
    Reply reply = reply_new();

    if (call.network == NULL && !str_is(call_segment(&call, 0), "control"))
        reply_text(&reply, 404, "text/plain", "no such network\n");
    else
        handler(&call, &reply);
    /* Totals are of the network's API, which may be broken; its site and /control never are. */
    if (call.network != NULL && handler == network_totals)
        fault_send(faults_get(sandbox->faults, call.network), faults_latency_us(sandbox->faults, call.network),
                   sandbox->pacer, exchange, &reply);
    else
        fault_send(FAULT_NONE, 0, sandbox->pacer, exchange, &reply);
}

static void
handle_click(HttpExchange *exchange, void *data)
{
    handle_plain(exchange, data, network_click);
}

static void
handle_totals(HttpExchange *exchange, void *data)
{
    handle_plain(exchange, data, network_totals);
}

static void
handle_books(HttpExchange *exchange, void *data)
{
    handle_plain(exchange, data, control_books);
}

static void
handle_advance(HttpExchange *exchange, void *data)
{
    handle_plain(exchange, data, control_advance);
}

static void
handle_discrepancy(HttpExchange *exchange, void *data)
{
    handle_plain(exchange, data, control_discrepancy);
}

static void
handle_condition(HttpExchange *exchange, void *data)
{
    Sandbox *sandbox = data;
    Call call = call_of(sandbox, exchange);
    Reply reply = reply_new();

    if (str_is(call_segment(&call, 1), "faults"))
        control_faults(&call, sandbox->faults, &reply);
    else
        control_latency(&call, sandbox->faults, &reply);
    fault_send(FAULT_NONE, 0, sandbox->pacer, exchange, &reply);
}

static void
handle_unknown(HttpExchange *exchange, void *data)
{
    Sandbox *sandbox = data;
    Reply reply = reply_new();

    if (http_exchange_wrong_method(exchange))
        reply_text(&reply, 405, "text/plain", "Method Not Allowed\n");
    else
        reply_text(&reply, 404, "text/plain",
                   "Weir's sandbox: simulated partner networks. See src/sandbox/README.md.\n");
    fault_send(FAULT_NONE, 0, sandbox->pacer, exchange, &reply);
}

static const HttpRoute ROUTES[] = {
    {.method = "GET", .path = "/alder/search/{country}/{page}", .handler = handle_operation},
    {.method = "GET", .path = "/alder/report", .handler = handle_operation},
    {.method = "POST",
     .path = "/birch/search/{key}",
     .handler = handle_operation,
     .body_limit_bytes = BODY_LIMIT_BYTES},
    {.method = "GET", .path = "/birch/report.csv", .handler = handle_operation},
    {.method = "GET", .path = "/cedar/search", .handler = handle_operation},
    {.method = "GET", .path = "/cedar/report.xml", .handler = handle_operation},
    {.method = "GET", .path = "/dogwood/feed.xml.gz", .handler = handle_operation},
    {.method = "GET", .path = "/dogwood/report.xml", .handler = handle_operation},
    {.method = "GET", .path = "/elm/export.csv", .handler = handle_operation},
    {.method = "GET", .path = "/elm/report.csv", .handler = handle_operation},
    {.method = "GET", .path = "/fir/listings", .handler = handle_operation},
    {.method = "GET", .path = "/fir/report", .handler = handle_operation},
    {.method = "GET", .path = "/ginkgo/board", .handler = handle_operation},
    {.method = "GET", .path = "/ginkgo/report", .handler = handle_operation},
    {.method = "GET", .path = "/control/books", .handler = handle_books},
    {.method = "POST", .path = "/control/advance", .handler = handle_advance},
    {.method = "POST", .path = "/control/discrepancy/{network}", .handler = handle_discrepancy},
    {.method = "POST", .path = "/control/faults/{network}", .handler = handle_condition},
    {.method = "POST", .path = "/control/latency/{network}", .handler = handle_condition},
    {.method = "GET", .path = "/{network}/click/{listing}", .handler = handle_click},
    {.method = "GET", .path = "/{network}/totals", .handler = handle_totals},
};

static ClickBook *
open_book(const char *data_path, GError **error)
{
    g_autofree char *url = NULL;

    if (data_path == NULL)
        return click_book_open("sqlite::memory:", error);
    if (g_str_has_prefix(data_path, "sqlite:"))
        return click_book_open(data_path, error);
    url = g_strconcat("sqlite:", data_path, NULL);
    return click_book_open(url, error);
}

Sandbox *
sandbox_start(const SandboxSpec *spec, GError **error)
{
    g_autoptr(Sandbox) sandbox = g_new0(Sandbox, 1);
    HttpServerSpec server = {.host = spec->host != NULL ? spec->host : "127.0.0.1",
                             .port = spec->port,
                             .threads = SERVER_THREADS,
                             .routes = ROUTES,
                             .route_count = G_N_ELEMENTS(ROUTES),
                             .not_found = handle_unknown,
                             .data = sandbox,
                             .clock = spec->clock,
                             .metrics = spec->metrics};

    g_assert(spec->lag_us >= 0);
    sandbox->clock = spec->clock;
    sandbox->world = (SandboxWorld){.seed = spec->seed, .lag_us = spec->lag_us};
    sandbox->world.book = open_book(spec->data_path, error);
    if (sandbox->world.book == NULL)
        return NULL;
    sandbox->catalogue = catalogue_new(spec->seed);
    sandbox->world.catalogue = sandbox->catalogue;
    sandbox->faults = faults_new();
    sandbox->pacer = pacer_start();
    sandbox->server = http_server_start(&server, error);
    if (sandbox->server == NULL)
        return NULL;
    return g_steal_pointer(&sandbox);
}

uint16_t
sandbox_port(const Sandbox *sandbox)
{
    return http_server_port(sandbox->server);
}

void
sandbox_stop(Sandbox *sandbox)
{
    if (sandbox == NULL)
        return;
    /* The pacer first: what still hangs is answered, so that the server need not wait for it. */
    if (sandbox->pacer != NULL)
        pacer_stop(sandbox->pacer);
    if (sandbox->server != NULL) {
        http_server_stop(sandbox->server, STOP_GRACE_US);
        http_server_free(sandbox->server);
    }
    pacer_free(sandbox->pacer);
    faults_free(sandbox->faults);
    catalogue_free(sandbox->catalogue);
    click_book_close(sandbox->world.book);
    g_free(sandbox);
}
