/* The first byte is the length of the snippet; the rest goes through all that cleans, reads and folds text. */
#include "listings/country.h"
#include "listings/html.h"
#include "listings/listing.h"
#include "listings/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
check_utf8(Str text)
{
    g_assert(text.at == NULL || g_utf8_validate_len(text.at, text.size, NULL));
}

static void
check_clean(Arena *arena, Str text)
{
    Str clean = text_clean(arena, text), again = text_clean(arena, clean);

    check_utf8(clean);
    g_assert((clean.at == NULL) == (again.at == NULL) && str_equal(clean, again));
    g_assert(clean.at == NULL || clean.size > 0);
}

static void
check_snippet(Arena *arena, Str text, size_t chars)
{
    Str snippet = text_snippet(arena, text, chars);

    check_utf8(snippet);
    g_assert((size_t)g_utf8_strlen(snippet.at != NULL ? snippet.at : "", (gssize)snippet.size) <= MAX(chars, 1));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    g_autoptr(Arena) arena = arena_new(4096);
    Str text = {(const char *)bytes + 1, size - 1}, repaired;
    char country[3];

    if (size == 0)
        return 0;
    check_clean(arena, text);
    check_clean(arena, text_of_html(arena, text));
    check_utf8(text_of_html(arena, text));
    check_snippet(arena, text, bytes[0]);
    check_utf8(text_fold(arena, text));
    if (g_utf8_validate_len(text.at, text.size, NULL)) {
        check_utf8(text_decode_entities(arena, text));
        check_utf8(html_sanitise(arena, text));
    }
    if (text_repair_double_utf8(arena, text, &repaired))
        check_utf8(repaired);
    g_assert(employment_type_parse(text) < EMPLOYMENT_OTHER * 2);
    g_assert(period_parse(text) <= PERIOD_YEAR && remote_parse(text) <= REMOTE_YES);
    if (country_parse(text, country))
        g_assert(strlen(country) == 2 && g_ascii_isupper(country[0]) && g_ascii_isupper(country[1]));
    return 0;
}
