#include "api/prefer.h"

#include "net/http.h"

/* A preference without its parameters, value unquoted: " wait = \"5\" ; x" is 5. Commas within quotes don't occur in a
 * number, so what they break apart is none. */
static bool
wait_of(Str preference, int64_t *ret_s)
{
    Str value = str_cut(&preference, ';'), name = str_trim(str_cut(&value, '='));

    return str_equal_ignoring_case(name, STR("wait")) && str_to_int64(http_unquote(value), ret_s) && *ret_s > 0;
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
