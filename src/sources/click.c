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

Str
source_click_url(const Source *source, Str url, Str sub_id, const Question *visitor, Arena *arena)
{
    static const Question NOBODY = {.since_us = TIMESTAMP_NONE, .until_us = TIMESTAMP_NONE};
    Ask ask = {.question = visitor != NULL ? visitor : &NOBODY,
               .source = source->name,
               .parameters = source->parameters,
               .now_us = TIMESTAMP_NONE};
    ptrdiff_t fragment = str_find_char(url, '#');
    g_autoptr(GString) clicked = g_string_sized_new(url.size + 64);

    str_append(clicked, fragment < 0 ? url : str_slice(url, 0, (size_t)fragment));
    if (fits(source->slot, sub_id))
        append_pair(clicked, source->slot.parameter, sub_id);
    for (size_t i = 0; i < source->click_append.count; i++) {
        Str value = template_expand(source->click_append.items[i].value, &ask, arena, NULL);

        if (value.at != NULL)
            append_pair(clicked, source->click_append.items[i].name, value);
    }
    if (fragment >= 0)
        str_append(clicked, str_slice(url, (size_t)fragment, url.size));
    return arena_str(arena, str_of_gstring(clicked));
}
