#include "listings/address.h"

#include "base/arena.h"

#define NUMBER_DIGITS 5
#define HEX_DIGITS    24 /* a UUID has 32, MongoDB's ids have 24 */

/* Parameters that say where a visitor comes from, in small letters. */
static bool
follows_visitors(Str name)
{
    static const Str NAMES[] = {STR("ref"),        STR("referrer"), STR("src"),   STR("source"),  STR("gh_src"),
                                STR("iis"),        STR("iisn"),     STR("gclid"), STR("fbclid"),  STR("sid"),
                                STR("trackingid"), STR("trk"),      STR("refid"), STR("campaign")};

    if (name.size >= 4 && str_equal_ignoring_case(str_slice(name, 0, 4), STR("utm_")))
        return true;
    if (name.size >= 12 && str_equal_ignoring_case(str_slice(name, 0, 12), STR("lever-source")))
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++) {
        if (str_equal_ignoring_case(name, NAMES[i]))
            return true;
    }
    return false;
}

static Str
without_ending(Str path)
{
    static const Str ENDINGS[] = {STR("/"), STR("/apply"), STR("/application")};

    for (size_t i = 0; i < G_N_ELEMENTS(ENDINGS);) {
        Str ending = ENDINGS[i];

        if (path.size > ending.size &&
            str_equal_ignoring_case(str_slice(path, path.size - ending.size, path.size), ending)) {
            path.size -= ending.size;
            i = 0;
        } else {
            i++;
        }
    }
    return path;
}

static bool
names_one_posting(Str address)
{
    size_t digits = 0, hex = 0;

    for (size_t i = 0; i < address.size; i++) {
        char c = address.at[i];

        digits = g_ascii_isdigit(c) ? digits + 1 : 0;
        hex = g_ascii_isxdigit(c) ? hex + 1 : c == '-' ? hex : 0;
        if (digits >= NUMBER_DIGITS || hex >= HEX_DIGITS)
            return true;
    }
    return false;
}

static int
compare_texts(const void *a, const void *b)
{
    return str_compare(*(const Str *)a, *(const Str *)b);
}

/* The query's parameters in order of the alphabet, without those that follow visitors; returns how many. */
static size_t
read_parameters(Str query, Arena *arena, Str **ret_parameters)
{
    size_t count = 0, most = 1;
    Str *kept;

    for (size_t i = 0; i < query.size; i++)
        most += query.at[i] == '&';
    kept = ARENA_ARRAY(arena, Str, most);
    while (query.size > 0) {
        Str parameter = str_cut(&query, '&');
        ptrdiff_t equals = str_find_char(parameter, '=');

        if (parameter.size > 0 &&
            !follows_visitors(str_slice(parameter, 0, equals < 0 ? parameter.size : (size_t)equals)))
            kept[count++] = parameter;
    }
    qsort(kept, count, sizeof *kept, compare_texts);
    *ret_parameters = kept;
    return count;
}

static Str
small_letters(Str text, Arena *arena)
{
    char *small = arena_alloc(arena, text.size + 1);

    for (size_t i = 0; i < text.size; i++)
        small[i] = g_ascii_tolower(text.at[i]);
    return (Str){small, text.size};
}

bool
fingerprint_of_address(Str url, Fingerprint *ret_fingerprint)
{
    ARENA_ON_STACK(arena, 2048);
    ptrdiff_t scheme = str_find(url, STR("://"));
    Str rest, path, host, address, *parameters, *parts;
    size_t count;

    if (scheme < 0)
        return false;
    rest = str_slice(url, (size_t)scheme + 3, url.size);
    rest = str_cut(&rest, '#');
    path = str_cut(&rest, '?');
    host = small_letters(str_cut(&path, '/'), arena);
    count = read_parameters(rest, arena, &parameters);
    parts = ARENA_ARRAY(arena, Str, 3 + 2 * count);
    parts[0] = host;
    parts[1] = STR("/");
    parts[2] = without_ending(path);
    for (size_t i = 0; i < count; i++) {
        parts[3 + 2 * i] = STR("&");
        parts[4 + 2 * i] = parameters[i];
    }
    address = arena_join(arena, parts, 3 + 2 * count);
    if (!names_one_posting(str_slice(address, host.size, address.size)))
        return false;
    *ret_fingerprint = fingerprint_of_text(address);
    return true;
}
