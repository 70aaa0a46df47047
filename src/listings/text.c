#include "listings/text.h"

#include <utf8proc.h>

#include "listings/entity.h"

Str
text_decode_entities(Arena *arena, Str text)
{
    g_autoptr(GString) decoded = NULL;

    if (str_find_char(text, '&') < 0)
        return text;
    decoded = g_string_sized_new(text.size);
    for (size_t i = 0; i < text.size;) {
        size_t used = text.at[i] == '&' ? entity_decode(str_slice(text, i, text.size), decoded) : 0;

        if (used == 0)
            g_string_append_c(decoded, text.at[i]);
        i += MAX(used, (size_t)1);
    }
    return arena_str(arena, str_of_gstring(decoded));
}

/* Words that stand for nothing when they stand alone. */
static bool
says_nothing(Str text)
{
    static const char *const WORDS[] = {"null",      "null,", "n/a", "none",         "#n/a",
                                        "undefined", "nan",   "-",   "not specified"};

    for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++) {
        if (str_equal_ignoring_case(text, str_of(WORDS[i])))
            return true;
    }
    return false;
}

/* The character at the front as code point, and its size in *ret_size; -1 (size 1) for a byte that is not UTF-8. */
static int32_t
next_character(Str text, size_t *ret_size)
{
    utf8proc_int32_t character;
    utf8proc_ssize_t size;

    if (text.size > 0 && (unsigned char)text.at[0] < 0x80) {
        *ret_size = 1;
        return text.at[0];
    }
    size = utf8proc_iterate((const utf8proc_uint8_t *)text.at, (utf8proc_ssize_t)text.size, &character);
    *ret_size = size < 1 ? 1 : (size_t)size;
    return size < 1 ? -1 : character;
}

/* White space and what is written invisibly: NBSP, the spaces of U+2000, zero width, direction marks, BOM. */
static bool
is_blank(int32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static bool
is_invisible(int32_t c)
{
    return c < ' ' || c == 0x7F || (c >= 0x80 && c < 0xA0 && c != 0x85) || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF || c == 0xAD;
}

/* Whether text is clean already: plain ASCII, single blanks inside only. Most is, and then nothing is copied. */
static bool
is_clean_ascii(Str text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.at[i];

        if (c < ' ' || c > 0x7E || (c == ' ' && (i == 0 || i + 1 == text.size || text.at[i - 1] == ' ')))
            return false;
    }
    return true;
}

static bool
is_visible_ascii(char c)
{
    return c > ' ' && c < 0x7F;
}

/* The size of what stands at the front and is clean already: ASCII words with single blanks between them. Most of a text
 * is, and is copied in one go. */
static size_t
clean_ascii_size(Str text)
{
    size_t size = 0;

    while (size < text.size &&
           (is_visible_ascii(text.at[size]) || (text.at[size] == ' ' && size > 0 && text.at[size - 1] != ' ')))
        size++;
    return size > 0 && text.at[size - 1] == ' ' ? size - 1 : size;
}

Str
text_clean(Arena *arena, Str text)
{
    g_autoptr(GString) clean = NULL;
    bool blank_owed = false;

    if (is_clean_ascii(text))
        return str_is_empty(text) || says_nothing(text) ? STR_NONE : text;
    clean = g_string_sized_new(text.size);
    for (size_t i = 0, size; i < text.size; i += size) {
        int32_t c = next_character(str_slice(text, i, text.size), &size);

        if (is_blank(c)) {
            blank_owed = clean->len > 0;
        } else if (c < 0) {
            g_string_append(clean, "\xEF\xBF\xBD");
        } else if (!is_invisible(c)) {
            if (blank_owed)
                g_string_append_c(clean, ' ');
            blank_owed = false;
            size = MAX(size, clean_ascii_size(str_slice(text, i, text.size)));
            g_string_append_len(clean, text.at + i, (gssize)size);
        }
    }
    if (clean->len == 0 || says_nothing(str_of_gstring(clean)))
        return STR_NONE;
    return arena_str(arena, str_of_gstring(clean));
}

Str
text_snippet(Arena *arena, Str text, size_t chars)
{
    size_t at = 0, count = 0, word_end = 0, hard_end = 0, size;

    for (; at < text.size; at += size, count++) {
        if (count + 1 == chars)
            hard_end = at; /* leaves room for the ellipsis */
        if (count == chars)
            break;
        if (is_blank(next_character(str_slice(text, at, text.size), &size)) && count < chars)
            word_end = at;
    }
    if (at >= text.size)
        return text;
    if (word_end > 0 && word_end < hard_end && hard_end - word_end < 40)
        hard_end = word_end;
    return arena_printf(arena, "%.*s…", STR_FORMAT(str_trim(str_slice(text, 0, hard_end))));
}

/* Letters and digits stay; marks vanish; the rest separates words. '+' and '#' stay too: "C++" is not "C". */
static void
append_folded(GString *to, int32_t c)
{
    utf8proc_category_t category = utf8proc_category(c);
    utf8proc_uint8_t bytes[4];

    if (category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME)
        return;
    if ((category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
        (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO) || category == UTF8PROC_CATEGORY_MC ||
        c == '+' || c == '#') {
        utf8proc_ssize_t size = utf8proc_encode_char(c, bytes);

        g_string_append_len(to, (const char *)bytes, size);
    } else if (to->len > 0 && to->str[to->len - 1] != ' ' && !is_invisible(c) && c != '\'' && c != 0x2019) {
        g_string_append_c(to, ' ');
    }
}

static Str
fold_ascii(Arena *arena, Str text)
{
    char *to = arena_alloc(arena, text.size + 1);
    size_t size = 0;

    for (size_t i = 0; i < text.size; i++) {
        char c = g_ascii_tolower(text.at[i]);

        if (g_ascii_isalnum(c) || c == '+' || c == '#')
            to[size++] = c;
        else if (c != '\'' && size > 0 && to[size - 1] != ' ')
            to[size++] = ' ';
    }
    if (size > 0 && to[size - 1] == ' ')
        size--;
    return (Str){to, size};
}

static bool
is_ascii(Str text)
{
    for (size_t i = 0; i < text.size; i++) {
        if ((unsigned char)text.at[i] >= 0x80)
            return false;
    }
    return true;
}

Str
text_fold(Arena *arena, Str text)
{
    g_autoptr(GString) folded = NULL;

    if (is_ascii(text))
        return fold_ascii(arena, text);
    folded = g_string_sized_new(text.size);
    for (size_t i = 0, size; i < text.size; i += size) {
        utf8proc_int32_t parts[32];
        int32_t c = next_character(str_slice(text, i, text.size), &size);
        int boundary = UTF8PROC_BOUNDCLASS_START;
        utf8proc_ssize_t count =
            c < 0 ? 0
                  : utf8proc_decompose_char(c, parts, G_N_ELEMENTS(parts),
                                            UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD, &boundary);

        for (utf8proc_ssize_t j = 0; j < MIN(count, (utf8proc_ssize_t)G_N_ELEMENTS(parts)); j++)
            append_folded(folded, parts[j]);
    }
    if (folded->len > 0 && folded->str[folded->len - 1] == ' ')
        g_string_truncate(folded, folded->len - 1);
    return arena_str(arena, str_of_gstring(folded));
}

/* The byte that a character stood for when UTF-8 was read as Windows-1252; -1 when it stood for none. */
static int
byte_of_mojibake(int32_t c)
{
    /* Windows-1252's characters for 0x80 to 0x9F; 0 where it has none. Source: Unicode's CP1252.TXT. */
    static const uint16_t WINDOWS_1252[32] = {
        0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
    };

    if (c >= 0 && c < 0x100)
        return c;
    for (int i = 0; i < 32; i++) {
        if (c > 0 && WINDOWS_1252[i] == c)
            return 0x80 + i;
    }
    return -1;
}

bool
text_repair_double_utf8(Arena *arena, Str text, Str *ret_repaired)
{
    g_autoptr(GString) bytes = NULL;

    if (is_ascii(text))
        return false;
    bytes = g_string_sized_new(text.size);
    for (size_t i = 0, size; i < text.size; i += size) {
        int byte = byte_of_mojibake(next_character(str_slice(text, i, text.size), &size));

        if (byte < 0)
            return false;
        g_string_append_c(bytes, (char)byte);
    }
    if (!g_utf8_validate(bytes->str, (gssize)bytes->len, NULL))
        return false;
    *ret_repaired = arena_str(arena, str_of_gstring(bytes));
    return true;
}
