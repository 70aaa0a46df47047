#include "net/http_accept.h"

#define WEIGHT_MAX 1000

/* "0", "1", or with up to three digits behind a point. -1: neither. */
static int
weight_parse(Str text)
{
    int weight = 0, unit = WEIGHT_MAX;

    if (text.size == 0 || text.size > 5 || (text.at[0] != '0' && text.at[0] != '1') ||
        (text.size > 1 && text.at[1] != '.'))
        return -1;
    for (size_t i = 0; i < text.size; i++) {
        if (i == 1)
            continue;
        if (!g_ascii_isdigit(text.at[i]))
            return -1;
        weight += (text.at[i] - '0') * unit;
        unit /= 10;
    }
    return weight <= WEIGHT_MAX ? weight : -1;
}

/* The weight among an item's parameters; all when it has none. */
static int
weight_of(Str parameters)
{
    while (parameters.at != NULL) {
        Str value = str_trim(str_cut(&parameters, ';')), name = str_cut(&value, '=');

        if (str_equal_ignoring_case(str_trim(name), STR("q")))
            return MAX(weight_parse(str_trim(value)), 0);
    }
    return WEIGHT_MAX;
}

/* How narrowly range holds name: 3 is name itself, 2 its type, 1 all; 0: not at all. */
static int
narrowness(Str range, Str name)
{
    ptrdiff_t slash = str_find_char(name, '/');

    if (str_equal_ignoring_case(range, name))
        return 3;
    if (slash >= 0 && str_ends_with(range, STR("/*")) &&
        str_equal_ignoring_case(str_slice(range, 0, range.size - 2), str_slice(name, 0, (size_t)slash)))
        return 2;
    return str_is(range, "*") || str_is(range, "*/*") ? 1 : 0;
}

int
http_weight(Str list, Str name)
{
    int weight = HTTP_WEIGHT_NONE, narrowest = 0;

    while (list.at != NULL) {
        Str parameters = str_cut(&list, ','), range = str_trim(str_cut(&parameters, ';'));
        int narrow = narrowness(range, name);

        if (narrow <= narrowest)
            continue;
        narrowest = narrow;
        weight = weight_of(parameters);
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
