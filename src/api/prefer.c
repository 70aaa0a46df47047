#include "api/prefer.h"

/* A preference without its parameters, value unquoted: " wait = \"5\" ; x" is 5. Commas within quotes don't occur in a
 * number, so what they break apart is none. */
static bool
wait_of(Str preference, int64_t *ret_s)
{
    Str value = str_cut(&preference, ';'), name;

    name = str_trim(str_cut(&value, '='));
    if (name.size != strlen("wait") || g_ascii_strncasecmp(name.at, "wait", name.size) != 0 || value.at == NULL)
        return false;
    value = str_trim(value);
    if (value.size >= 2 && value.at[0] == '"' && value.at[value.size - 1] == '"')
        value = str_slice(value, 1, value.size - 1);
    return str_to_int64(value, ret_s) && *ret_s > 0;
}

int64_t
prefer_wait_s(Str header)
{
    int64_t wait_s;

    while (header.at != NULL)
        if (wait_of(str_cut(&header, ','), &wait_s))
            return wait_s;
    return -1;
}
