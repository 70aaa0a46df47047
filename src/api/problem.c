#include "api/problem.h"

#include "base/json_writer.h"
#include "ops/log.h"

static const char *
status_title(int status)
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 406:
        return "Not Acceptable";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 413:
        return "Content Too Large";
    case 415:
        return "Unsupported Media Type";
    case 429:
        return "Too Many Requests";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    default:
        return "Internal Server Error";
    }
}

static int
error_http_status(WeirError code)
{
    switch (code) {
    case WEIR_ERROR_INVALID:
        return 400;
    case WEIR_ERROR_NOT_FOUND:
        return 404;
    case WEIR_ERROR_CONFLICT:
        return 409;
    case WEIR_ERROR_LIMIT:
    case WEIR_ERROR_UNAVAILABLE:
        return 503;
    case WEIR_ERROR_TIMEOUT:
        return 504;
    case WEIR_ERROR_BROKEN:
        break;
    }
    return 500;
}

void
respond_problem(HttpExchange *exchange, int status, const char *field, const char *detail)
{
    GString *body = g_string_new(NULL);
    JsonWriter json = json_writer(body);

    json_begin_object(&json);
    json_member_text(&json, "type", STR("about:blank"));
    json_member_text(&json, "title", str_of(status_title(status)));
    json_member_int(&json, "status", status);
    json_member_text(&json, "detail", str_of(detail));
    if (field != NULL) {
        json_key(&json, "errors");
        json_begin_array(&json);
        json_begin_object(&json);
        json_member_text(&json, "field", str_of(field));
        json_member_text(&json, "message", str_of(detail));
        json_end_object(&json);
        json_end_array(&json);
    }
    json_end_object(&json);
    http_exchange_set_header(exchange, "Cache-Control", "no-store");
    if (status == 503)
        http_exchange_set_header(exchange, "Retry-After", "1");
    http_exchange_respond(exchange, status, "application/problem+json", body);
}

/* What a visitor is told. How our own parts fail is for the log: it names hosts, files and statements. */
static const char *
public_detail(const GError *error)
{
    switch (weir_error_code(error)) {
    case WEIR_ERROR_UNAVAILABLE:
    case WEIR_ERROR_TIMEOUT:
        return "A part of the service does not answer just now. Try again in a moment.";
    case WEIR_ERROR_BROKEN:
        return "Something is broken on our side. It was logged.";
    default:
        return error->message;
    }
}

void
respond_error(HttpExchange *exchange, const GError *error)
{
    respond_field_error(exchange, NULL, error);
}

void
respond_field_error(HttpExchange *exchange, const char *field, const GError *error)
{
    WeirError code = weir_error_code(error);
    const char *detail = public_detail(error);

    if (detail != error->message)
        log_event(LOG_LEVEL_ERROR, "api.failed", "a request was answered with an error", LOG_ERROR(error));
    respond_problem(exchange, error_http_status(code), code == WEIR_ERROR_INVALID ? field : NULL, detail);
}
