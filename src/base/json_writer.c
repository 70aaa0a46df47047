#include "base/json_writer.h"

#include "base/id.h"
#include "base/timestamp.h"

#include <math.h>

static void
json_separate(JsonWriter *json)
{
    if (json->comma)
        g_string_append_c(json->to, ',');
    json->comma = true;
}

static void
json_open(JsonWriter *json, char bracket)
{
    json_separate(json);
    g_string_append_c(json->to, bracket);
    json->comma = false;
}

static void
json_close(JsonWriter *json, char bracket)
{
    g_string_append_c(json->to, bracket);
    json->comma = true;
}

void
json_begin_object(JsonWriter *json)
{
    json_open(json, '{');
}

void
json_end_object(JsonWriter *json)
{
    json_close(json, '}');
}

void
json_begin_array(JsonWriter *json)
{
    json_open(json, '[');
}

void
json_end_array(JsonWriter *json)
{
    json_close(json, ']');
}

static bool
is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\';
}

static void
append_escaped(GString *to, unsigned char c)
{
    switch (c) {
    case '"':
        g_string_append_len(to, "\\\"", 2);
        break;
    case '\\':
        g_string_append_len(to, "\\\\", 2);
        break;
    case '\n':
        g_string_append_len(to, "\\n", 2);
        break;
    case '\t':
        g_string_append_len(to, "\\t", 2);
        break;
    case '\r':
        g_string_append_len(to, "\\r", 2);
        break;
    default:
        g_string_append_printf(to, "\\u%04x", c);
    }
}

static void
append_valid(GString *to, Str text)
{
    size_t from = 0;

    for (size_t i = 0; i < text.size; i++) {
        if (is_plain((unsigned char)text.at[i]))
            continue;
        str_append(to, str_slice(text, from, i));
        append_escaped(to, (unsigned char)text.at[i]);
        from = i + 1;
    }
    str_append(to, str_slice(text, from, text.size));
}

/* Whether all of eight bytes are ASCII and need no escape: below, each test sets the high bit of a byte that fails it. */
static bool
are_plain(const char *eight)
{
    const uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
    uint64_t bytes, quotes, slashes;

    memcpy(&bytes, eight, sizeof bytes);
    quotes = bytes ^ ones * '"';
    slashes = bytes ^ ones * '\\';
    return ((bytes | (bytes - ones * 0x20) | (quotes - ones) | (slashes - ones)) & highs) == 0;
}

/* How far it goes into a text as it is: most texts are ASCII without anything to escape, all the way. */
static size_t
plain_size(Str text)
{
    size_t i = 0;

    while (text.size - i >= 8 && are_plain(text.at + i))
        i += 8;
    while (i < text.size && is_plain((unsigned char)text.at[i]) && (unsigned char)text.at[i] < 0x80)
        i++;
    return i;
}

static void
append_quoted(GString *to, Str text)
{
    size_t plain = plain_size(text);

    g_string_append_c(to, '"');
    str_append(to, str_slice(text, 0, plain));
    text = str_slice(text, plain, text.size);
    while (text.size > 0) {
        const char *end;

        if (g_utf8_validate_len(text.at, text.size, &end)) {
            append_valid(to, text);
            break;
        }
        append_valid(to, (Str){text.at, (size_t)(end - text.at)});
        /* A NUL is valid JSON text once escaped; g_utf8_validate_len stops at it. */
        g_string_append(to, *end == '\0' ? "\\u0000" : "\xef\xbf\xbd");
        text = str_slice(text, (size_t)(end - text.at) + 1, text.size);
    }
    g_string_append_c(to, '"');
}

void
json_members(JsonWriter *json, Str members)
{
    json_separate(json);
    str_append(json->to, members);
}

void
json_key(JsonWriter *json, const char *key)
{
    json_separate(json);
    append_quoted(json->to, str_of(key));
    g_string_append_c(json->to, ':');
    json->comma = false;
}

void
json_text(JsonWriter *json, Str text)
{
    if (text.at == NULL) {
        json_null(json);
        return;
    }
    json_separate(json);
    append_quoted(json->to, text);
}

void
json_int(JsonWriter *json, int64_t value)
{
    json_separate(json);
    str_append_int(json->to, value);
}

void
json_bool(JsonWriter *json, bool value)
{
    json_raw(json, value ? STR("true") : STR("false"));
}

void
json_null(JsonWriter *json)
{
    json_raw(json, STR("null"));
}

void
json_double(JsonWriter *json, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    if (!isfinite(value)) {
        json_null(json);
        return;
    }
    g_ascii_formatd(text, sizeof text, "%.6f", value);
    for (size_t end = strlen(text); end > 1 && (text[end - 1] == '0' || text[end - 1] == '.'); end--) {
        bool dot = text[end - 1] == '.';

        text[end - 1] = '\0';
        if (dot)
            break;
    }
    json_raw(json, str_of(text));
}

void
json_raw(JsonWriter *json, Str text)
{
    json_separate(json);
    str_append(json->to, text);
}

void
json_member_text(JsonWriter *json, const char *key, Str text)
{
    json_key(json, key);
    json_text(json, text);
}

void
json_member_int(JsonWriter *json, const char *key, int64_t value)
{
    json_key(json, key);
    json_int(json, value);
}

void
json_member_bool(JsonWriter *json, const char *key, bool value)
{
    json_key(json, key);
    json_bool(json, value);
}

void
json_member_text_if(JsonWriter *json, const char *key, Str text)
{
    if (!str_is_empty(text))
        json_member_text(json, key, text);
}

void
json_member_money(JsonWriter *json, const char *key, int64_t micros, Currency currency)
{
    char amount[MONEY_TEXT_SIZE];

    json_key(json, key);
    json_begin_object(json);
    json_member_text(json, "amount", str_of(money_format(micros, amount)));
    json_member_text(json, "currency", str_of(currency.code));
    json_end_object(json);
}

void
json_member_time(JsonWriter *json, const char *key, int64_t us)
{
    char text[TIMESTAMP_TEXT_SIZE];

    json_member_text(json, key, us == TIMESTAMP_NONE ? STR_NONE : str_of(timestamp_format(us, text)));
}

void
json_member_id(JsonWriter *json, const char *key, int64_t id)
{
    char text[ID_TEXT_SIZE];

    json_member_text(json, key, id == ID_NONE ? STR_NONE : str_of(id_format(id, text)));
}
