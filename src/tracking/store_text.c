#include "tracking/store_text.h"

Str
store_text(Str text, Arena *arena)
{
    g_autofree char *valid = NULL;

    if (text.size == 0 || g_utf8_validate_len(text.at, text.size, NULL))
        return text;
    valid = g_utf8_make_valid(text.at, (gssize)text.size);
    return arena_str(arena, str_of(valid));
}
