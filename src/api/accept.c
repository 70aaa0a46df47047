#include "api/accept.h"

#include "net/http.h"

#define WEIGHT_MAX 1000
/* So many ranges are looked at: no honest client has more. */
#define RANGES_LIMIT 64

/* "0", "0.5", "1.000": in thousandths. False for what is no weight. */
static bool
weight_parse(Str text, int *ret_weight)
{
    int weight, scale = WEIGHT_MAX / 10;

    if (text.size == 0 || text.size > 5 || (text.at[0] != '0' && text.at[0] != '1') ||
        (text.size > 1 && text.at[1] != '.'))
        return false;
    weight = (text.at[0] - '0') * WEIGHT_MAX;
    for (size_t i = 2; i < text.size; i++, scale /= 10) {
        if (!g_ascii_isdigit(text.at[i]))
            return false;
        weight += (text.at[i] - '0') * scale;
    }
    *ret_weight = weight;
    return weight <= WEIGHT_MAX;
}

/* How closely a range says the type: 3 by name, 2 by its first half, 1 any; 0 not at all. */
static int
closeness(Str range, Str type)
{
    ptrdiff_t slash = str_find_char(type, '/');

    g_assert(slash > 0);
    if (str_equal_ignoring_case(range, type))
        return 3;
    if (str_is(range, "*/*"))
        return 1;
    return range.size == (size_t)slash + 2 && range.at[slash + 1] == '*' &&
                   str_equal_ignoring_case(str_slice(range, 0, (size_t)slash + 1),
                                           str_slice(type, 0, (size_t)slash + 1))
               ? 2
               : 0;
}

/* Of what the header says of one type. */
static int
weight_of(Str header, Str type)
{
    int best = 0, weight = 0;

    for (int i = 0; i < RANGES_LIMIT && header.at != NULL; i++) {
        Str element = str_cut(&header, ','), rest = element, text = http_header_parameter(element, "q");
        int close = closeness(str_trim(str_cut(&rest, ';')), type), given = WEIGHT_MAX;

        if (close <= best || (text.at != NULL && !weight_parse(text, &given)))
            continue;
        best = close;
        weight = given;
    }
    return weight;
}

size_t
accept_choose(Str header, const char *const *types, size_t count)
{
    size_t chosen = SIZE_MAX;
    int greatest = 0;

    if (str_is_empty(str_trim(header)))
        return 0;
    for (size_t i = 0; i < count; i++) {
        int weight = weight_of(header, str_of(types[i]));

        if (weight > greatest) {
            greatest = weight;
            chosen = i;
        }
    }
    return chosen;
}
