#include "net/http_accept.h"

#include "net/http.h"

#define WEIGHT_MAX 1000
/* So many ranges are looked at: no honest client has more. */
#define RANGES_LIMIT 64

/* "0", "1", or with up to three digits behind a point. False for what is no weight. */
static bool
weight_parse(Str text, int *ret_weight)
{
    int weight, unit = WEIGHT_MAX / 10;

    if (text.size == 0 || text.size > 5 || (text.at[0] != '0' && text.at[0] != '1') ||
        (text.size > 1 && text.at[1] != '.'))
        return false;
    weight = (text.at[0] - '0') * WEIGHT_MAX;
    for (size_t i = 2; i < text.size; i++, unit /= 10) {
        if (!g_ascii_isdigit(text.at[i]))
            return false;
        weight += (text.at[i] - '0') * unit;
    }
    *ret_weight = weight;
    return weight <= WEIGHT_MAX;
}

/* How narrowly range holds name: 3 is name itself, 2 its type, 1 all; 0: not at all. */
static int
narrowness(Str range, Str name)
{
    ptrdiff_t slash = str_find_char(name, '/');

    if (str_equal_ignoring_case(range, name))
        return 3;
    if (str_is(range, slash < 0 ? "*" : "*/*"))
        return 1;
    return slash >= 0 && str_ends_with(range, STR("/*")) &&
                   str_equal_ignoring_case(str_slice(range, 0, range.size - 2), str_slice(name, 0, (size_t)slash))
               ? 2
               : 0;
}

int
http_weight(Str list, Str name)
{
    int weight = HTTP_WEIGHT_NONE, narrowest = 0;

    for (int i = 0; i < RANGES_LIMIT && list.at != NULL; i++) {
        Str item = str_cut(&list, ','), rest = item, text = http_header_parameter(item, "q");
        int narrow = narrowness(str_trim(str_cut(&rest, ';')), name), given = WEIGHT_MAX;

        if (narrow <= narrowest || (text.at != NULL && !weight_parse(text, &given)))
            continue;
        narrowest = narrow;
        weight = given;
    }
    return weight;
}

bool
http_takes_gzip(Str accept_encoding)
{
    int gzip = http_weight(accept_encoding, STR("gzip"));

    return gzip > 0 && gzip >= http_weight(accept_encoding, STR("identity"));
}

static Str
opaque(Str tag)
{
    return str_starts_with(tag, STR("W/")) ? str_slice(tag, 2, tag.size) : tag;
}

bool
http_has_tag(Str if_none_match, Str etag)
{
    Str rest = str_trim(if_none_match);

    if (str_is(rest, "*"))
        return true;
    /* Our tags hold no comma, so one in another's does no harm. */
    while (rest.at != NULL)
        if (str_equal(opaque(str_trim(str_cut(&rest, ','))), opaque(etag)))
            return true;
    return false;
}
