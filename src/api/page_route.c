/*
 * GET /, /dashboard, /operations, /web/{file}: the pages, compiled into the binary. They read the same public API as everyone else.
 * GET /openapi.json: that API, described.
 */
#include "api/routes.h"

/* The file that is shown at an address; named: its {file} */
static Str
file_of(Str path, Str named)
{
    static const struct {
        const char *path;
        Str file;
    } FILES[] = {{"/", STR("index.html")},
                 {"/dashboard", STR("dashboard.html")},
                 {"/operations", STR("operations.html")},
                 {"/openapi.json", STR("openapi.json")}};

    for (size_t i = 0; i < G_N_ELEMENTS(FILES); i++)
        if (str_is(path, FILES[i].path))
            return FILES[i].file;
    return named;
}

void
route_page(HttpExchange *exchange, void *data)
{
    const Api *api = data;

    if (!assets_respond(api->assets, exchange,
                        file_of(http_exchange_path(exchange), http_exchange_segment(exchange, "file"))))
        route_not_found(exchange, data);
}
