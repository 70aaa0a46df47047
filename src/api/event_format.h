/*
 * Events on the wire: one after the other, each with a name and a JSON object. No I/O.
 *
 *     text/event-stream (WHATWG HTML, 9.2)        application/x-ndjson
 *
 *     event: listing                              {"event":"listing","id":"0SAVRSB400000.1","data":{"position":1,...}}
 *     id: 0SAVRSB400000.1
 *     data: {"position":1,...}
 *
 * JSON as it is written here has no line break within, so that an event's data is one line in both.
 */
#pragma once

#include "base/json_writer.h"

typedef enum { EVENT_FORMAT_SSE, EVENT_FORMAT_NDJSON } EventFormat;

const char *event_format_content_type(EventFormat format);
/* "sse", "ndjson" */
const char *event_format_name(EventFormat format);

/* Says how long a client that lost its connection waits before it asks again; nothing in NDJSON, which has no word for
 * it. */
void event_write_retry(EventFormat format, int64_t retry_ms, GString *to);
/* Begins an event; members of its object are to follow. id: what a client that asks again shows as Last-Event-ID, without
 * line breaks; absent: it keeps the last one. */
JsonWriter event_begin(EventFormat format, const char *name, Str id, GString *to);
void event_end(EventFormat format, JsonWriter *json);
/* Shows that the connection stands: a comment, or an event "heartbeat" where there are no comments. */
void event_write_heartbeat(EventFormat format, GString *to);
