#include "api/accept.h"

#include "net/http_accept.h"

size_t
accept_choose(Str header, const char *const *types, size_t count)
{
    size_t chosen = SIZE_MAX;
    int greatest = 0;

    if (str_is_empty(str_trim(header)))
        return 0;
    for (size_t i = 0; i < count; i++) {
        int weight = http_weight(header, str_of(types[i]));

        if (weight > greatest) {
            greatest = weight;
            chosen = i;
        }
    }
    return chosen;
}
