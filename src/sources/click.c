/* What is added to a partner's URL when it is clicked. Nothing else of it is touched. */
#include "sources/definition.h"

SubIdSlot
source_sub_id_slot(const Source *source)
{
    return source->slot;
}

static void
append_pair(GString *url, const char *name, Str value)
{
    g_string_append_c(url, strchr(url->str, '?') == NULL ? '?' : '&');
    http_encode_query(url, str_of(name));
    g_string_append_c(url, '=');
    http_encode_query(url, value);
}

/* Whether text fits the slot; what does not is never cut, since half an id is none. */
static bool
fits(SubIdSlot slot, Str sub_id)
{
    if (!slot.has_slot || str_is_empty(sub_id) || sub_id.size > slot.length_limit)
        return false;
    for (size_t i = 0; i < sub_id.size; i++) {
        if (slot.digits_only ? !g_ascii_isdigit(sub_id.at[i]) : !g_ascii_isalnum(sub_id.at[i]))
            return false;
    }
    return true;
}

/* Everywhere in the URL, encoded for a query. A macro without a value becomes nothing: partners refuse their own braces. */
static void
replace_macro(GString *url, const char *macro, Str value)
{
    g_autoptr(GString) encoded = g_string_new(NULL);

    http_encode_query(encoded, value);
    g_string_replace(url, macro, encoded->str, 0);
}

static void
replace_macros(const Source *source, const Ask *ask, GString *url, Arena *arena)
{
    if (source->slot.macro != NULL)
        replace_macro(url, source->slot.macro, ask->click_id);
    for (size_t i = 0; i < source->click_macros.count; i++)
        replace_macro(url, source->click_macros.items[i].name,
                      template_expand(source->click_macros.items[i].value, ask, arena, NULL));
}

static void
append_pairs(const Source *source, const Ask *ask, GString *url, Arena *arena)
{
    if (source->slot.parameter != NULL && !str_is_empty(ask->click_id))
        append_pair(url, source->slot.parameter, ask->click_id);
    for (size_t i = 0; i < source->click_append.count; i++) {
        Texts values = template_expand_all(source->click_append.items[i].value, ask, arena, NULL);

        for (size_t j = 0; j < values.count; j++)
            append_pair(url, source->click_append.items[i].name, values.items[j]);
    }
}

Str
source_click_url(const Source *source, Str url, Str sub_id, const Question *visitor, Arena *arena)
{
    static const Question NOBODY = {.since_us = TIMESTAMP_NONE, .until_us = TIMESTAMP_NONE};
    Ask ask = {.question = visitor != NULL ? visitor : &NOBODY,
               .source = source->name,
               .parameters = source->parameters,
               .now_us = TIMESTAMP_NONE,
               .click_id = fits(source->slot, sub_id) ? sub_id : STR_NONE};
    ptrdiff_t fragment = str_find_char(url, '#');
    g_autoptr(GString) clicked = g_string_sized_new(url.size + 64);

    str_append(clicked, fragment < 0 ? url : str_slice(url, 0, (size_t)fragment));
    replace_macros(source, &ask, clicked, arena);
    append_pairs(source, &ask, clicked, arena);
    if (fragment >= 0)
        str_append(clicked, str_slice(url, (size_t)fragment, url.size));
    return arena_str(arena, str_of_gstring(clicked));
}
