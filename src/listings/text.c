#include "listings/text.h"

#include <utf8proc.h>

#include "listings/entity.h"
#include "listings/scan.h"

/* A snippet is rather cut within a longer word than before it. */
#define WORD_BYTES 40

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
    static const Str WORDS[] = {{"null", 4}, {"null,", 5},     {"n/a", 3}, {"none", 4},          {"#n/a", 4},
                                {"-", 1},    {"undefined", 9}, {"nan", 3}, {"not specified", 13}};

    if (text.size > 13)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++) {
        if (WORDS[i].size == text.size && str_equal_ignoring_case(text, WORDS[i]))
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

/* The size of what stands at the front and is clean already: words with single blanks between them. */
static size_t
clean_size(Str text)
{
    size_t clean = 0, size;

    while (clean < text.size) {
        size_t at = clean > 0 && text.at[clean] == ' ' ? clean + 1 : clean;
        Str rest = str_slice(text, at, text.size);

        size = scan_words(rest);
        if (size == 0) {
            int32_t c = next_character(rest, &size);

            if (c < 0x80 || is_blank(c) || is_invisible(c))
                break;
        }
        clean = at + size;
    }
    return clean;
}

Str
text_clean(Arena *arena, Str text)
{
    g_autoptr(GString) clean = NULL;
    bool blank_owed = false;

    text = str_trim(text);
    /* Most is, and then nothing is copied. */
    if (clean_size(text) == text.size)
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
            size = MAX(size, clean_size(str_slice(text, i, text.size)));
            g_string_append_len(clean, text.at + i, (gssize)size);
        }
    }
    if (clean->len == 0 || says_nothing(str_of_gstring(clean)))
        return STR_NONE;
    return arena_str(arena, str_of_gstring(clean));
}

/* The last blank before end, not far from it; end when there is none or the cut at end is between words anyway. */
static size_t
find_word_end(Str text, size_t end)
{
    size_t size;

    if (end == 0 || is_blank(next_character(str_slice(text, end, text.size), &size)))
        return end;
    for (size_t at = end - 1; at > 0 && end - at < WORD_BYTES; at--) {
        if (is_blank(next_character(str_slice(text, at, text.size), &size)))
            return at;
    }
    return end;
}

/* That many characters, when they are clean as they stand: the rest of a long text need not be. Else all, cleaned. */
static Str
clean_beginning(Arena *arena, Str text, size_t chars)
{
    Str head = text.size > chars ? str_slice(text, 0, scan_character(text, chars)) : text;

    return head.size < text.size && clean_size(head) == head.size ? head : text_clean(arena, text);
}

Str
text_snippet(Arena *arena, Str text, size_t chars)
{
    size_t end;

    text = clean_beginning(arena, text, chars + 1);
    if (text.size <= chars)
        return text;
    end = scan_character(text, MAX(chars, (size_t)1) - 1); /* leaves room for the ellipsis */
    if (chars > 0 && end + scan_character(str_slice(text, end, text.size), 1) == text.size)
        return text;
    return ARENA_JOIN(arena, str_trim(str_slice(text, 0, find_word_end(text, end))), STR("…"));
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

/* The ASCII at the front of text, folded; returns how much that was. */
static size_t
fold_ascii_run(GString *to, Str text)
{
    size_t size = to->len, run = scan_ascii(text);

    g_string_set_size(to, size + run);
    scan_fold_ascii(to->str, &size, str_slice(text, 0, run));
    g_string_truncate(to, size);
    return run;
}

static void
fold_character(GString *to, int32_t c)
{
    utf8proc_int32_t parts[32];
    int boundary = UTF8PROC_BOUNDCLASS_START;
    utf8proc_ssize_t count = utf8proc_decompose_char(
        c, parts, G_N_ELEMENTS(parts), UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD, &boundary);

    for (utf8proc_ssize_t i = 0; i < MIN(count, (utf8proc_ssize_t)G_N_ELEMENTS(parts)); i++)
        append_folded(to, parts[i]);
}

static Str
without_last_blank(Str folded)
{
    folded.size -= folded.size > 0 && folded.at[folded.size - 1] == ' ';
    return folded;
}

Str
text_fold(Arena *arena, Str text)
{
    char *to = arena_alloc(arena, text.size + 1);
    size_t size = 0, done = scan_fold_ascii(to, &size, text);
    g_autoptr(GString) folded = NULL;

    if (done == text.size)
        return without_last_blank((Str){to, size});
    folded = g_string_new_len(to, (gssize)size);
    text = str_slice(text, done, text.size);
    while (text.size > 0) {
        size_t used = fold_ascii_run(folded, text);

        if (used == 0) {
            int32_t c = next_character(text, &used);

            if (c >= 0)
                fold_character(folded, c);
        }
        text = str_slice(text, used, text.size);
    }
    return arena_str(arena, without_last_blank(str_of_gstring(folded)));
}

bool
text_has_word(Str folded, Str word)
{
    for (size_t from = 0; word.size > 0;) {
        ptrdiff_t at = str_find(str_slice(folded, from, folded.size), word);
        size_t begin = from + (size_t)at, end = begin + word.size;

        if (at < 0)
            return false;
        if ((begin == 0 || folded.at[begin - 1] == ' ') && (end == folded.size || folded.at[end] == ' '))
            return true;
        from = end;
    }
    return false;
}

bool
text_has_words(Str text, Str words)
{
    ARENA_ON_STACK(arena, 1024);
    Str folded = text.at == NULL ? STR("") : text_fold(arena, text), rest = text_fold(arena, words);

    while (!str_is_empty(rest))
        if (!text_has_word(folded, str_cut(&rest, ' ')))
            return false;
    return true;
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

    if (scan_ascii(text) == text.size)
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
