/*
 * Str: text that is only looked at. A slice never owns its bytes and need not end in NUL.
 *
 * A slice with at == NULL is absent; a slice with size == 0 and at != NULL is empty text.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const char *at;
    size_t size;
} Str;

#define STR(literal) ((Str){(literal), sizeof(literal) - 1})
#define STR_NONE     ((Str){NULL, 0})
/* For printf: "%.*s", STR_FORMAT(s) */
#define STR_FORMAT(s) (int)MIN((s).size, (size_t)G_MAXINT), ((s).at != NULL ? (s).at : "")

/* The slice over a C string; absent for NULL. */
static inline Str
str_of(const char *text)
{
    return text == NULL ? STR_NONE : (Str){text, strlen(text)};
}

static inline Str
str_of_gstring(const GString *text)
{
    return (Str){text->str, text->len};
}

static inline bool
str_is_empty(Str s)
{
    return s.size == 0;
}

static inline bool
str_equal(Str a, Str b)
{
    return a.size == b.size && (a.size == 0 || (a.at[0] == b.at[0] && memcmp(a.at, b.at, a.size) == 0));
}

static inline bool
str_is(Str s, const char *text)
{
    return str_equal(s, str_of(text));
}

static inline bool
str_starts_with(Str s, Str prefix)
{
    return s.size >= prefix.size && str_equal((Str){s.at, prefix.size}, prefix);
}

/* Whether there is nothing but ASCII white space. */
static inline bool
str_is_blank(Str s)
{
    while (s.size > 0 && g_ascii_isspace(s.at[s.size - 1]))
        s.size--;
    return s.size == 0;
}

/* From offset from up to, not including, to; both are clamped to the slice. */
static inline Str
str_slice(Str s, size_t from, size_t to)
{
    if (s.at == NULL)
        return s;
    to = MIN(to, s.size);
    from = MIN(from, to);
    return (Str){s.at + from, to - from};
}

/* Compares as bytes; shorter first when one is the beginning of the other. <0, 0, >0 */
int str_compare(Str a, Str b);
/* ASCII letters only; other bytes must be equal. */
bool str_equal_ignoring_case(Str a, Str b);
bool str_ends_with(Str s, Str suffix);
/* Without ASCII white space at either end. */
Str str_trim(Str s);
/* Index of the first such byte or text, or -1. */
ptrdiff_t str_find_char(Str s, char c);
ptrdiff_t str_find(Str s, Str needle);
/* Cuts *rest at the first separator: returns what was before it and moves *rest behind it.
 * Without separator returns all and makes *rest absent. */
Str str_cut(Str *rest, char separator);
/* A whole decimal int64 with optional sign, no space, nothing else around it. */
bool str_to_int64(Str s, int64_t *ret_value);
/* In decimal, a few times as fast as printf. */
void str_append_int(GString *to, int64_t value);
/* A NUL-terminated copy, freed with g_free(). NULL for an absent slice. */
char *str_dup(Str s);
/* FNV-1a 64, for tables and fingerprints that never leave the process. */
uint64_t str_hash(Str s);
/* For a GHashTable whose keys are Str *. */
guint str_key_hash(gconstpointer key);
gboolean str_key_equal(gconstpointer a, gconstpointer b);
void str_append(GString *to, Str s);
