#include "base/str.h"

int
str_compare(Str a, Str b)
{
    size_t common = MIN(a.size, b.size);
    int order = common == 0 ? 0 : memcmp(a.at, b.at, common);

    if (order != 0)
        return order;
    return (a.size > b.size) - (a.size < b.size);
}

bool
str_equal_ignoring_case(Str a, Str b)
{
    return a.size == b.size && (a.size == 0 || g_ascii_strncasecmp(a.at, b.at, a.size) == 0);
}

bool
str_ends_with(Str s, Str suffix)
{
    return s.size >= suffix.size && str_equal((Str){s.at + (s.size - suffix.size), suffix.size}, suffix);
}

Str
str_trim(Str s)
{
    while (s.size > 0 && g_ascii_isspace(s.at[0])) {
        s.at++;
        s.size--;
    }
    while (s.size > 0 && g_ascii_isspace(s.at[s.size - 1]))
        s.size--;
    return s;
}

ptrdiff_t
str_find_char(Str s, char c)
{
    const char *found = s.size == 0 ? NULL : memchr(s.at, c, s.size);

    return found == NULL ? -1 : found - s.at;
}

ptrdiff_t
str_find(Str s, Str needle)
{
    const char *found;

    if (needle.size == 0)
        return 0;
    found = s.size == 0 ? NULL : memmem(s.at, s.size, needle.at, needle.size);
    return found == NULL ? -1 : found - s.at;
}

Str
str_cut(Str *rest, char separator)
{
    ptrdiff_t at = str_find_char(*rest, separator);
    Str head = *rest;

    if (at < 0) {
        *rest = STR_NONE;
        return head;
    }
    head.size = (size_t)at;
    *rest = (Str){rest->at + at + 1, rest->size - (size_t)at - 1};
    return head;
}

bool
str_to_int64(Str s, int64_t *ret_value)
{
    bool negative = s.size > 0 && s.at[0] == '-';
    size_t at = s.size > 0 && (s.at[0] == '-' || s.at[0] == '+') ? 1 : 0;
    int64_t value = 0;

    if (at == s.size)
        return false;
    for (; at < s.size; at++) {
        int digit = s.at[at] - '0';

        /* Counted downwards, since the smallest int64 has no positive twin. */
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value))
            return false;
    }
    if (!negative && __builtin_sub_overflow((int64_t)0, value, &value))
        return false;
    *ret_value = value;
    return true;
}

void
str_append_int(GString *to, int64_t value)
{
    char text[20]; /* of the longest, with its sign */
    size_t at = sizeof text;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        text[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        text[--at] = '-';
    g_string_append_len(to, text + at, (gssize)(sizeof text - at));
}

char *
str_dup(Str s)
{
    return s.at == NULL ? NULL : g_strndup(s.at, s.size);
}

uint64_t
str_hash(Str s)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t i = 0; i < s.size; i++)
        hash = (hash ^ (unsigned char)s.at[i]) * 0x100000001b3u;
    return hash;
}

guint
str_key_hash(gconstpointer key)
{
    return (guint)str_hash(*(const Str *)key);
}

gboolean
str_key_equal(gconstpointer a, gconstpointer b)
{
    return str_equal(*(const Str *)a, *(const Str *)b);
}

void
str_append(GString *to, Str s)
{
    if (s.size > 0)
        g_string_append_len(to, s.at, (gssize)s.size);
}
