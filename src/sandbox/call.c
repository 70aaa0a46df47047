#include "sandbox/call.h"

#include "base/timestamp.h"

void
reply_json(Reply *reply, int status)
{
    reply->status = status;
    reply->content_type = "application/json";
}

void
reply_text(Reply *reply, int status, const char *content_type, const char *text)
{
    reply->status = status;
    reply->content_type = content_type;
    g_string_append(reply->body, text);
}

Str
call_query(const Call *call, const char *name)
{
    return http_exchange_query(call->exchange, name);
}

bool
call_query_int(const Call *call, const char *name, int64_t fallback, int64_t from, int64_t to, int64_t *ret_value)
{
    Str text = call_query(call, name);
    int64_t value = fallback;

    if (!str_is_empty(text) && !str_to_int64(text, &value))
        return false;
    if (value < from || value > to)
        return false;
    *ret_value = value;
    return true;
}

bool
call_has_query(const Call *call, const char *name, const char *expected)
{
    return str_is(call_query(call, name), expected);
}

bool
call_has_header(const Call *call, const char *name, const char *expected)
{
    return str_is(http_exchange_header(call->exchange, name), expected);
}

bool
call_has_bearer(const Call *call, const char *token)
{
    g_autofree char *expected = g_strconcat("Bearer ", token, NULL);

    return call_has_header(call, "Authorization", expected);
}

bool
call_has_basic(const Call *call, const char *user, const char *password)
{
    g_autofree char *pair = g_strconcat(user, ":", password, NULL);
    g_autofree char *encoded = g_base64_encode((const guchar *)pair, strlen(pair));
    g_autofree char *expected = g_strconcat("Basic ", encoded, NULL);

    return call_has_header(call, "Authorization", expected);
}

Str
call_segment(const Call *call, size_t i)
{
    Str rest = http_exchange_path(call->exchange);

    str_cut(&rest, '/');
    while (i-- > 0 && rest.at != NULL)
        str_cut(&rest, '/');
    return rest.at == NULL ? STR_NONE : str_cut(&rest, '/');
}

bool
call_query_moment(const Call *call, const char *name, bool upper, int64_t fallback_us, int64_t *ret_us)
{
    Str text = call_query(call, name);
    int64_t seconds;

    if (str_is_empty(text)) {
        *ret_us = fallback_us;
        return true;
    }
    if (text.size > 7 && str_to_int64(text, &seconds) && ABS(seconds) < INT64_C(100000000000)) {
        *ret_us = seconds * US_PER_SECOND;
        return true;
    }
    if (!timestamp_parse(text, NULL, ret_us, NULL))
        return false;
    if (upper && text.size == 10)
        *ret_us += US_PER_DAY;
    return true;
}

void
xml_append_element(GString *to, const char *name, const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text, -1);

    g_string_append_printf(to, "<%s>%s</%s>", name, escaped, name);
}

void
xml_append_cdata(GString *to, const char *name, const char *text)
{
    g_assert(strstr(text, "]]>") == NULL);
    g_string_append_printf(to, "<%s><![CDATA[%s]]></%s>", name, text, name);
}

void
amount_append(GString *to, int64_t micros, char decimal_mark)
{
    char text[MONEY_TEXT_SIZE], *point;

    money_format(micros, text);
    point = strchr(text, '.');
    if (point != NULL)
        *point = decimal_mark;
    g_string_append(to, text);
}

char *
posting_text(const Posting *posting, void (*append)(const Posting *posting, GString *to))
{
    GString *text = g_string_new(NULL);

    append(posting, text);
    return g_string_free(text, FALSE);
}

char *
moment_text(int64_t us, const char *format)
{
    g_autoptr(GDateTime) moment = g_date_time_new_from_unix_utc(us / US_PER_SECOND);

    return g_date_time_format(moment, format);
}
