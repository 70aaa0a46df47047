#include "net/http.h"

Str
http_header_find(HttpHeaders headers, const char *name)
{
    Str wanted = str_of(name);

    for (size_t i = 0; i < headers.count; i++)
        if (str_equal_ignoring_case(headers.items[i].name, wanted))
            return headers.items[i].value;
    return STR_NONE;
}

Str
http_unquote(Str value)
{
    value = str_trim(value);
    if (value.size >= 2 && value.at[0] == '"' && value.at[value.size - 1] == '"')
        value = str_slice(value, 1, value.size - 1);
    return value;
}

Str
http_header_parameter(Str value, const char *name)
{
    str_cut(&value, ';');
    while (!str_is_empty(value)) {
        Str text = str_cut(&value, ';');

        if (!str_equal_ignoring_case(str_trim(str_cut(&text, '=')), str_of(name)))
            continue;
        return http_unquote(text);
    }
    return STR_NONE;
}

/* The seconds of a directive's value, quoted or not; 0 when it can't be read. */
static int64_t
directive_us(Str value)
{
    int64_t seconds;

    if (!str_to_int64(http_unquote(value), &seconds) || seconds < 0)
        return 0;
    return MIN(seconds, INT32_MAX) * US_PER_SECOND;
}

int64_t
http_keep_limit_us(HttpHeaders headers)
{
    int64_t max_age_us = -1, shared_us = -1;

    for (size_t i = 0; i < headers.count; i++) {
        Str rest = headers.items[i].value;

        if (!str_equal_ignoring_case(headers.items[i].name, STR("Cache-Control")))
            continue;
        while (rest.at != NULL) {
            Str value = str_cut(&rest, ','), name = str_trim(str_cut(&value, '='));

            if (str_equal_ignoring_case(name, STR("no-store")) || str_equal_ignoring_case(name, STR("no-cache")) ||
                str_equal_ignoring_case(name, STR("private")))
                return 0;
            if (str_equal_ignoring_case(name, STR("max-age")))
                max_age_us = directive_us(value);
            else if (str_equal_ignoring_case(name, STR("s-maxage")))
                shared_us = directive_us(value);
        }
    }
    return shared_us >= 0 ? shared_us : max_age_us;
}

/* Keeps what RFC 3986 calls unreserved, and the characters in keep. */
static void
append_encoded(GString *to, Str text, const char *keep)
{
    static const char HEX[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.at[i];

        if (g_ascii_isalnum(c) || (c != '\0' && strchr("-._~", c) != NULL) || (c != '\0' && strchr(keep, c) != NULL)) {
            g_string_append_c(to, (char)c);
            continue;
        }
        g_string_append_c(to, '%');
        g_string_append_c(to, HEX[c >> 4]);
        g_string_append_c(to, HEX[c & 15]);
    }
}

void
http_encode_query(GString *to, Str text)
{
    append_encoded(to, text, "");
}

void
http_encode_segment(GString *to, Str text)
{
    /* "." and ".." would be taken for steps in the tree even when encoded; a client can't send them as a segment. */
    append_encoded(to, text, "!$&'()*+,;=:@");
}

size_t
http_origin_size(Str url)
{
    ptrdiff_t scheme = str_find(url, STR("://"));
    size_t at = scheme < 0 ? 0 : (size_t)scheme + 3;

    while (at < url.size && strchr("/?#", url.at[at]) == NULL)
        at++;
    return at;
}

bool
http_decode(Str text, bool form, GString *to)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (c == '%') {
            int high, low;

            if (text.size - i < 3)
                return false;
            high = g_ascii_xdigit_value(text.at[i + 1]);
            low = g_ascii_xdigit_value(text.at[i + 2]);
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (form && c == '+') {
            c = ' ';
        }
        g_string_append_c(to, c);
    }
    return true;
}
