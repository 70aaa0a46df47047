/*
 * A line travels in two steps: log_event_fields() hands GLib the event and its fields, already rendered as JSON
 * members; the writer adds what every line has. So a line written before log_open(), or under a test, still reaches
 * GLib's default writer, and a warning of another library comes out as one of our lines.
 */
#include "ops/log.h"

#include "base/json_writer.h"
#include "base/timestamp.h"

#include <errno.h>
#include <unistd.h>

#define LINE_LIMIT_BYTES 16384
/* Kept free for what ends a line: ,"cut":true}\n */
#define LINE_END_BYTES 16
/* Kept free for level, service and timestamp. */
#define LINE_FRAME_BYTES 768
/* For what an event says itself; its members leave a quarter to the message. */
#define CONTENT_LIMIT_BYTES (LINE_LIMIT_BYTES - LINE_FRAME_BYTES - LINE_END_BYTES)
#define MEMBERS_LIMIT_BYTES (CONTENT_LIMIT_BYTES / 4 * 3)

static struct {
    int fd;
    LogLevel level;
    char *service;
    const Clock *clock;
} log_target = {.fd = -1};

static const char *const LEVEL_NAMES[] = {"error", "warn", "info", "debug"};

bool
log_level_parse(Str text, LogLevel *ret_level)
{
    for (size_t i = 0; i < G_N_ELEMENTS(LEVEL_NAMES); i++)
        if (str_is(text, LEVEL_NAMES[i])) {
            *ret_level = (LogLevel)i;
            return true;
        }
    return false;
}

/* Adds a member if the text stays within limit; otherwise as much of it as surely fits. False when it was cut. */
static bool
add_text(JsonWriter *json, const char *key, Str text, size_t limit)
{
    JsonWriter before = *json;
    size_t before_size = json->to->len, key_size, room;

    json_member_text(json, key, text);
    if (json->to->len <= limit)
        return true;
    g_string_truncate(json->to, before_size);
    *json = before;
    key_size = strlen(key) + sizeof(",\"\":\"\"");
    if (before_size + key_size >= limit)
        return false;
    room = (limit - before_size - key_size) / 6; /* one byte is at most \u001f */
    if (room > 0)
        json_member_text(json, key, str_slice(text, 0, MIN(room, text.size)));
    return false;
}

static bool
add_field(JsonWriter *json, const LogField *field, size_t limit)
{
    if (field->kind == LOG_FIELD_TEXT)
        return add_text(json, field->key, field->text, limit);
    if (json->to->len + strlen(field->key) + 32 > limit)
        return false;
    json_member_int(json, field->key, field->number);
    return true;
}

static GLogLevelFlags
glib_level(LogLevel level)
{
    /* MESSAGE for errors and warnings too: GLib may be told to abort on its own CRITICAL and WARNING, and does so in
     * every test, but an event that we report is no bug. */
    switch (level) {
    case LOG_LEVEL_ERROR:
    case LOG_LEVEL_WARN:
        return G_LOG_LEVEL_MESSAGE;
    case LOG_LEVEL_INFO:
        return G_LOG_LEVEL_INFO;
    case LOG_LEVEL_DEBUG:
        return G_LOG_LEVEL_DEBUG;
    }
    g_assert_not_reached();
}

void
log_event_fields(LogLevel level, const char *event, const char *message, const LogField *fields, size_t count)
{
    static const char *const PRIORITIES[] = {"3", "4", "6", "7"};
    g_autoptr(GString) members = NULL;
    JsonWriter json;
    bool whole = true;

    if (log_target.fd >= 0 && level > log_target.level)
        return;
    members = g_string_sized_new(256);
    json = json_writer(members);
    json_member_text(&json, "event", str_slice(str_of(event), 0, 128));
    for (size_t i = 0; i < count; i++)
        whole = add_field(&json, &fields[i], MEMBERS_LIMIT_BYTES) && whole;
    if (!whole)
        json_member_bool(&json, "cut", true);
    g_assert(members->len <= MEMBERS_LIMIT_BYTES + LINE_END_BYTES);
    {
        const GLogField parts[] = {
            {"MESSAGE", message, -1},           {"PRIORITY", PRIORITIES[level], -1},
            {"GLIB_DOMAIN", G_LOG_DOMAIN, -1},  {"WEIR_LEVEL", LEVEL_NAMES[level], -1},
            {"WEIR_MEMBERS", members->str, -1},
        };

        g_log_structured_array(glib_level(level), parts, G_N_ELEMENTS(parts));
    }
}

static Str
part_find(const GLogField *parts, gsize count, const char *key)
{
    for (gsize i = 0; i < count; i++)
        if (strcmp(parts[i].key, key) == 0)
            return parts[i].length < 0 ? str_of(parts[i].value) : (Str){parts[i].value, (size_t)parts[i].length};
    return STR_NONE;
}

static LogLevel
level_of(GLogLevelFlags flags, const GLogField *parts, gsize count)
{
    LogLevel level;

    if (log_level_parse(part_find(parts, count, "WEIR_LEVEL"), &level))
        return level;
    if (flags & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
        return LOG_LEVEL_ERROR;
    if (flags & G_LOG_LEVEL_WARNING)
        return LOG_LEVEL_WARN;
    return (flags & (G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO)) ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG;
}

/* "2026-11-24T05:06:07.008Z": always with milliseconds, so that lines sort as text. */
static void
add_timestamp(JsonWriter *json)
{
    char text[TIMESTAMP_TEXT_SIZE], whole[TIMESTAMP_TEXT_SIZE + 8];
    int64_t now_us = clock_now_us(log_target.clock);
    int64_t fraction_us = ((now_us % US_PER_SECOND) + US_PER_SECOND) % US_PER_SECOND;

    timestamp_format(now_us - fraction_us, text);
    g_snprintf(whole, sizeof(whole), "%.19s.%03dZ", text, (int)(fraction_us / US_PER_MS));
    json_member_text(json, "timestamp", str_of(whole));
}

/* One write a line, so that lines of several processes on one pipe do not mix. A log that cannot be written is not
 * worth stopping for. */
static void
line_write(const GString *line)
{
    ssize_t written;

    do
        written = write(log_target.fd, line->str, line->len);
    while (written < 0 && errno == EINTR);
}

static GLogWriterOutput
write_line(GLogLevelFlags flags, const GLogField *parts, gsize count, gpointer unused G_GNUC_UNUSED)
{
    LogLevel level = level_of(flags, parts, count);
    Str members = part_find(parts, count, "WEIR_MEMBERS"), domain = part_find(parts, count, "GLIB_DOMAIN");
    g_autoptr(GString) line = NULL;
    JsonWriter json;
    bool whole;

    if (level > log_target.level)
        return G_LOG_WRITER_HANDLED;
    line = g_string_sized_new(512);
    json = json_writer(line);
    json_begin_object(&json);
    json_member_text(&json, "level", str_of(LEVEL_NAMES[level]));
    whole = add_text(&json, "message", part_find(parts, count, "MESSAGE"), CONTENT_LIMIT_BYTES - members.size);
    json_member_text(&json, "service", str_of(log_target.service));
    add_timestamp(&json);
    if (members.size > 0) {
        g_string_append_c(line, ',');
        str_append(line, members);
    } else {
        json_member_text(&json, "library", str_slice(domain, 0, 64));
    }
    if (!whole && str_find(members, STR("\"cut\":true")) < 0)
        json_member_bool(&json, "cut", true);
    json_end_object(&json);
    g_string_append_c(line, '\n');
    line_write(line);
    return G_LOG_WRITER_HANDLED;
}

void
log_open(int fd, LogLevel level, const char *service, const Clock *clock)
{
    g_assert(log_target.fd < 0 && fd >= 0);
    g_assert(strlen(service) <= 64);
    log_target.fd = fd;
    log_target.level = level;
    log_target.service = g_strdup(service);
    log_target.clock = clock;
    g_log_set_writer_func(write_line, NULL, NULL);
}
