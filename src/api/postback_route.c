/*
 * GET, POST /v1/postback/{source}: a conversion, told by the partner's server. The secret that we gave the partner stands in
 * the query; what it says is in the query of a GET or the form of a POST.
 */
#include "api/routes.h"
#include "net/http.h"
#include "revenue/postback.h"
#include "revenue/source_formats.h"

#include <sodium.h>

#define FORM_TYPE "application/x-www-form-urlencoded"

typedef struct {
    GString *form;
} FormBuilder;

static void
add_to_form(void *data, Str name, Str value)
{
    GString *form = ((FormBuilder *)data)->form;

    /* The secret is ours, not part of what is kept. */
    if (str_is(name, "secret"))
        return;
    if (form->len > 0)
        g_string_append_c(form, '&');
    http_encode_query(form, name);
    g_string_append_c(form, '=');
    http_encode_query(form, value);
}

static bool
is_form(Str content_type)
{
    Str rest = content_type;

    return str_equal_ignoring_case(str_trim(str_cut(&rest, ';')), STR(FORM_TYPE));
}

static bool
secret_fits(const char *expected, Str given)
{
    return expected != NULL && given.size == strlen(expected) && sodium_memcmp(expected, given.at, given.size) == 0;
}

static void
record_postback(Api *api, HttpExchange *exchange, Db *db)
{
    g_autoptr(SourceSet) sources = search_engine_sources(api->spec.engine);
    const char *source = arena_strdup(http_exchange_arena(exchange), http_exchange_segment(exchange, "source"));
    g_autoptr(GString) query = g_string_new(NULL);
    g_auto(SourceFormats) formats;
    g_autoptr(GError) error = NULL;
    ReportSummary summary;
    bool is_post = strcmp(http_exchange_method(exchange), "POST") == 0;

    http_exchange_each_query(exchange, add_to_form, &(FormBuilder){query});
    source_formats_init(&formats, sources, api->spec.clock);
    if (!postback_record(db, api->spec.clock, &formats.formats, source, source_formats_line_kind(&formats, source),
                         is_post ? http_exchange_body(exchange) : str_of_gstring(query), &summary, &error)) {
        respond_error(exchange, error);
        return;
    }
    report_summary_count(&summary, source, api->spec.metrics);
    http_exchange_respond_static(exchange, 200, "text/plain; charset=utf-8", STR("ok\n"));
}

void
route_postback(HttpExchange *exchange, void *data)
{
    Api *api = data;
    g_autoptr(SourceSet) sources = search_engine_sources(api->spec.engine);
    const Source *source = source_set_find(sources, http_exchange_segment(exchange, "source"));
    Str type = http_exchange_header(exchange, "Content-Type");
    const char *secret =
        source == NULL ? NULL : api->spec.postback_secret(api->spec.postback_data, source_name(source));

    /* Without a secret there are no postbacks: an open door would let anybody write into the ledger. */
    if (!secret_fits(secret, http_exchange_query(exchange, "secret")))
        respond_problem(exchange, 404, NULL, "No postbacks are taken here, or the secret is not the one agreed.");
    else if (!str_is_empty(http_exchange_body(exchange)) && !str_is_empty(type) && !is_form(type))
        respond_problem(exchange, 415, NULL, "A postback is a form: " FORM_TYPE ".");
    else
        route_with_db(api, exchange, record_postback);
}
