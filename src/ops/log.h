/*
 * Log: one JSON object a line, with the keys that winston writes (level, message, service, timestamp), so that what
 * read the old platform's logs reads ours. Carried by GLib's structured logging, whose writer we set once.
 *
 * A line names an event ("feed.pulled") and says in its message what happened and what comes next. Only the place
 * that decides what to do about an error logs it. Secrets never reach a field: see sources/secrets.
 */
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "base/str.h"

typedef enum { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG } LogLevel;

typedef struct {
    const char *key;
    enum { LOG_FIELD_TEXT, LOG_FIELD_INT } kind;
    Str text;
    int64_t number;
} LogField;

#define LOG_TEXT(name, value) ((LogField){.key = (name), .kind = LOG_FIELD_TEXT, .text = str_of(value)})
#define LOG_STR(name, value)  ((LogField){.key = (name), .kind = LOG_FIELD_TEXT, .text = (value)})
#define LOG_INT(name, value)  ((LogField){.key = (name), .kind = LOG_FIELD_INT, .number = (int64_t)(value)})
#define LOG_ERROR(error)      ((LogField){.key = "error", .kind = LOG_FIELD_TEXT, .text = str_of((error)->message)})

/* Sends lines of level and above to fd, with the clock's time. Call once, from commands/, before other threads start;
 * earlier lines take GLib's default way (to standard error; debug lines nowhere). Lines of other libraries that log
 * through GLib come out in the same form, without event. */
void log_open(int fd, LogLevel level, const char *service, const Clock *clock);
/* "error", "warn", "info" or "debug". */
bool log_level_parse(Str text, LogLevel *ret_level);

/* Writes one line: log_event(LOG_LEVEL_INFO, "feed.pulled", "the feed is stored", LOG_TEXT("source", name)). At least
 * one field. A line is cut at 16 KiB. From any thread. */
#define log_event(level, event, message, ...)                                                                          \
    log_event_fields((level), (event), (message), (const LogField[]){__VA_ARGS__},                                     \
                     sizeof((const LogField[]){__VA_ARGS__}) / sizeof(LogField))
void log_event_fields(LogLevel level, const char *event, const char *message, const LogField *fields, size_t count);
