#include "api/event_format.h"

const char *
event_format_content_type(EventFormat format)
{
    return format == EVENT_FORMAT_SSE ? "text/event-stream" : "application/x-ndjson";
}

const char *
event_format_name(EventFormat format)
{
    return format == EVENT_FORMAT_SSE ? "sse" : "ndjson";
}

void
event_write_retry(EventFormat format, int64_t retry_ms, GString *to)
{
    if (format == EVENT_FORMAT_SSE)
        g_string_append_printf(to, "retry: %" G_GINT64_FORMAT "\n\n", retry_ms);
}

JsonWriter
event_begin(EventFormat format, const char *name, Str id, GString *to)
{
    JsonWriter json = json_writer(to);

    g_assert(str_find_char(id, '\n') < 0 && str_find_char(id, '\r') < 0);
    if (format == EVENT_FORMAT_SSE) {
        g_string_append_printf(to, "event: %s\n", name);
        if (id.at != NULL)
            g_string_append_printf(to, "id: %.*s\n", STR_FORMAT(id));
        g_string_append(to, "data: ");
    } else {
        json_begin_object(&json);
        json_member_text(&json, "event", str_of(name));
        json_member_text_if(&json, "id", id);
        json_key(&json, "data");
    }
    json_begin_object(&json);
    return json;
}

void
event_end(EventFormat format, JsonWriter *json)
{
    json_end_object(json);
    if (format == EVENT_FORMAT_NDJSON)
        json_end_object(json);
    g_string_append(json->to, format == EVENT_FORMAT_SSE ? "\n\n" : "\n");
}

void
event_write_heartbeat(EventFormat format, GString *to)
{
    g_string_append(to, format == EVENT_FORMAT_SSE ? ":\n\n" : "{\"event\":\"heartbeat\"}\n");
}
