#include "listings/country.h"

#include "listings/place_table.h"

#define NAME_LIMIT_BYTES 80

bool
country_parse(Str text, char *to)
{
    ARENA_ON_STACK(arena, 512);
    char code[3];

    text = str_trim(text);
    if (str_is_empty(text) || text.size > NAME_LIMIT_BYTES)
        return false;
    if (text.size <= sizeof code) {
        for (size_t i = 0; i < text.size; i++)
            code[i] = g_ascii_tolower(text.at[i]);
        return place_country((Str){code, text.size}, to);
    }
    return place_country(place_key(arena, text), to);
}
