#include "listings/language.h"

#include "listings/language_cld2.h"
#include "stream/utf8.h"

/* Fewer letters are a title, whose English words stand in every language. */
static const int LETTER_BYTES_MIN = 60;
#define TITLE_BYTES    80
#define CODE_BYTES_MAX 16 /* zh-Hant-TW has ten */

static bool
are_all(Str part, size_t size, bool (*is_one)(char c))
{
    for (size_t i = 0; i < part.size; i++)
        if (!is_one(part.at[i]))
            return false;
    return part.size == size;
}

static bool
is_letter(char c)
{
    return g_ascii_isalpha(c);
}

static bool
is_digit(char c)
{
    return g_ascii_isdigit(c);
}

static bool
is_script(Str part)
{
    return are_all(part, 4, is_letter);
}

static bool
is_region(Str part)
{
    return are_all(part, 2, is_letter) || are_all(part, 3, is_digit);
}

/* Languages are written small, regions in capitals, scripts with one (RFC 5646, 2.1.1). */
static void
append_part(GString *code, Str part)
{
    bool is_first = code->len == 0;

    if (!is_first)
        g_string_append_c(code, '-');
    for (size_t i = 0; i < part.size; i++) {
        bool is_capital = !is_first && (part.size < 4 || i == 0);

        g_string_append_c(code, is_capital ? g_ascii_toupper(part.at[i]) : g_ascii_tolower(part.at[i]));
    }
}

Str
language_parse(Str text, Arena *arena)
{
    g_autoptr(GString) code = NULL;
    char plain[CODE_BYTES_MAX];
    Str rest = str_trim(text), part;

    if (str_is_empty(rest) || rest.size > sizeof(plain))
        return STR_NONE;
    code = g_string_new(NULL);
    for (size_t i = 0; i < rest.size; i++)
        plain[i] = rest.at[i] == '_' ? '-' : rest.at[i];
    rest.at = plain;
    part = str_cut(&rest, '-');
    if (!are_all(part, 2, is_letter) && !are_all(part, 3, is_letter))
        return STR_NONE;
    append_part(code, part);
    part = str_cut(&rest, '-');
    if (is_script(part)) {
        append_part(code, part);
        part = str_cut(&rest, '-');
    }
    if (is_region(part)) {
        append_part(code, part);
        part = str_cut(&rest, '-');
    }
    return str_is_empty(part) && str_is_empty(rest) ? arena_str(arena, str_of_gstring(code)) : STR_NONE;
}

/* CLD2's codes that ISO 639 has given up, and those that are no languages: jokes, and scripts without one. */
static Str
standard_code(const char *code)
{
    static const struct {
        const char *old, *code;
    } RENAMED[] = {{"iw", "he"}, {"jw", "jv"}, {"sr-ME", "sr"}};
    static const char *const NONE[] = {"un", "xx", "tlh", "zzb", "zze", "zzh", "zzp"};

    for (size_t i = 0; i < G_N_ELEMENTS(RENAMED); i++)
        if (strcmp(code, RENAMED[i].old) == 0)
            return str_of(RENAMED[i].code);
    for (size_t i = 0; i < G_N_ELEMENTS(NONE); i++)
        if (str_starts_with(str_of(code), str_of(NONE[i])))
            return STR_NONE;
    return str_of(code);
}

/* The country as the end of its web addresses. */
static const char *
domain_of(Str country, char domain[3])
{
    if (country.size != 2)
        return NULL;
    if (str_equal_ignoring_case(country, STR("GB")))
        country = STR("uk");
    domain[0] = g_ascii_tolower(country.at[0]);
    domain[1] = g_ascii_tolower(country.at[1]);
    domain[2] = '\0';
    return domain;
}

Str
language_detect(Str title, Str text, Str country)
{
    char looked_at[LANGUAGE_TEXT_BYTES], domain[3];
    Str head = utf8_cut(title, TITLE_BYTES), body = utf8_cut(text, sizeof(looked_at) - head.size - 1);
    LanguageGuess guess;

    if (head.size > 0)
        memcpy(looked_at, head.at, head.size);
    looked_at[head.size] = '\n';
    if (body.size > 0)
        memcpy(looked_at + head.size + 1, body.at, body.size);
    guess = language_guess(looked_at, head.size + 1 + body.size, domain_of(country, domain));
    return guess.is_reliable && guess.letter_bytes >= LETTER_BYTES_MIN ? standard_code(guess.code) : STR_NONE;
}

Str
listing_language(const Listing *listing)
{
    Str text = listing->description.at != NULL ? listing->description : listing->snippet;

    return listing->language.at != NULL ? listing->language : language_detect(listing->title, text, listing->country);
}
