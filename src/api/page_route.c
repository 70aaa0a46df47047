/*
 * GET /, /dashboard, /operations, /web/{file}: the pages, compiled into the binary. They read the same public API as everyone else.
 * GET /openapi.json: that API, described.
 */
#include "api/routes.h"

#include "web_assets.h"

#include <gio/gio.h>

/* What the pages may load: their own files, and connections to their own server. */
#define CONTENT_POLICY                                                                                                 \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "   \
    "form-action 'self'; frame-ancestors 'none'"

static const char *
content_type(Str file)
{
    if (str_ends_with(file, STR(".html")))
        return "text/html; charset=utf-8";
    if (str_ends_with(file, STR(".js")))
        return "text/javascript; charset=utf-8";
    if (str_ends_with(file, STR(".css")))
        return "text/css; charset=utf-8";
    if (str_ends_with(file, STR(".json")))
        return "application/json";
    return "image/svg+xml";
}

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
    Arena *arena = http_exchange_arena(exchange);
    Str path = http_exchange_path(exchange);
    Str file = file_of(path, http_exchange_segment(exchange, "file"));
    Str name = arena_printf(arena, "/weir/web/%.*s", STR_FORMAT(file));
    g_autoptr(GBytes) bytes =
        g_resource_lookup_data(web_assets_get_resource(), name.at, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    gsize size;
    const char *content;

    if (bytes == NULL) {
        route_not_found(exchange, data);
        return;
    }
    content = g_bytes_get_data(bytes, &size);
    http_exchange_set_header(exchange, "Cache-Control", "no-cache");
    http_exchange_set_header(exchange, "Content-Security-Policy", CONTENT_POLICY);
    http_exchange_set_header(exchange, "X-Content-Type-Options", "nosniff");
    /* The resource is part of the program: its bytes outlive every exchange. */
    http_exchange_respond_static(exchange, 200, content_type(file), (Str){content, size});
}
