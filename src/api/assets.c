#include "api/assets.h"

#include "net/http_accept.h"
#include "stream/gzip_writer.h"
#include "web_assets.h"

#include <gio/gio.h>

#define FOLDER "/weir/web/"

/* What the pages may load: their own files, and connections to their own server. */
#define CONTENT_POLICY                                                                                                 \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "   \
    "form-action 'self'; frame-ancestors 'none'"

typedef struct {
    Str plain;     /* part of the program */
    GString *gzip; /* NULL when that is no smaller */
    char etag[ETAG_SIZE];
    const char *type;
} Asset;

struct Assets {
    GHashTable *by_name;
};

static const char *
type_of(Str name)
{
    if (str_ends_with(name, STR(".html")))
        return "text/html; charset=utf-8";
    if (str_ends_with(name, STR(".js")))
        return "text/javascript; charset=utf-8";
    if (str_ends_with(name, STR(".css")))
        return "text/css; charset=utf-8";
    if (str_ends_with(name, STR(".json")))
        return "application/json";
    return "image/svg+xml";
}

static Asset *
asset_new(const char *name)
{
    g_autofree char *path = g_strconcat(FOLDER, name, NULL);
    g_autoptr(GBytes) bytes =
        g_resource_lookup_data(web_assets_get_resource(), path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    g_autoptr(GzipWriter) writer = gzip_writer_new();
    g_autoptr(GString) gzip = g_string_new(NULL);
    Asset *asset = g_new0(Asset, 1);
    gsize size;

    /* The resource is part of the program: its bytes outlive every exchange. */
    asset->plain.at = g_bytes_get_data(bytes, &size);
    asset->plain.size = size;
    asset->type = type_of(str_of(name));
    etag_of(asset->plain, asset->etag);
    gzip_writer_add(writer, asset->plain, true, gzip);
    if (gzip->len < asset->plain.size)
        asset->gzip = g_steal_pointer(&gzip);
    return asset;
}

static void
asset_free(void *data)
{
    Asset *asset = data;

    if (asset->gzip != NULL)
        g_string_free(asset->gzip, TRUE);
    g_free(asset);
}

Assets *
assets_new(void)
{
    Assets *assets = g_new0(Assets, 1);
    g_auto(GStrv) names =
        g_resource_enumerate_children(web_assets_get_resource(), FOLDER, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

    assets->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, asset_free);
    for (size_t i = 0; names[i] != NULL; i++)
        g_hash_table_insert(assets->by_name, g_strdup(names[i]), asset_new(names[i]));
    return assets;
}

void
assets_free(Assets *assets)
{
    if (assets == NULL)
        return;
    g_hash_table_unref(assets->by_name);
    g_free(assets);
}

bool
assets_respond(const Assets *assets, HttpExchange *exchange, Str name)
{
    const Asset *asset = g_hash_table_lookup(assets->by_name, arena_strdup(http_exchange_arena(exchange), name));
    bool as_gzip;

    if (asset == NULL)
        return false;
    as_gzip = asset->gzip != NULL && http_takes_gzip(http_exchange_header(exchange, "Accept-Encoding"));
    http_exchange_set_header(exchange, "Cache-Control", "no-cache");
    http_exchange_set_header(exchange, "Content-Security-Policy", CONTENT_POLICY);
    http_exchange_set_header(exchange, "X-Content-Type-Options", "nosniff");
    if (asset->gzip != NULL)
        http_exchange_set_header(exchange, "Vary", "Accept-Encoding");
    if (etag_answers(exchange, asset->etag))
        return true;
    if (as_gzip)
        http_exchange_set_header(exchange, "Content-Encoding", "gzip");
    http_exchange_respond_static(exchange, 200, asset->type, as_gzip ? str_of_gstring(asset->gzip) : asset->plain);
    return true;
}
