#include "listings/address.h"

#include "base/arena.h"

#define NUMBER_DIGITS 5
#define HEX_DIGITS    24 /* a UUID has 32, MongoDB's ids have 24 */

/* Parameters that say where a visitor comes from, in small letters. */
static bool
follows_visitors(Str name)
{
    static const char *const NAMES[] = {"ref",   "referrer", "src", "source",     "gh_src", "iis",   "iisn",
                                        "gclid", "fbclid",   "sid", "trackingid", "trk",    "refid", "campaign"};

    if (name.size >= 4 && str_equal_ignoring_case(str_slice(name, 0, 4), STR("utm_")))
        return true;
    if (name.size >= 12 && str_equal_ignoring_case(str_slice(name, 0, 12), STR("lever-source")))
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++) {
        if (str_equal_ignoring_case(name, str_of(NAMES[i])))
            return true;
    }
    return false;
}

static Str
without_ending(Str path)
{
    static const char *const ENDINGS[] = {"/", "/apply", "/application"};

    for (size_t i = 0; i < G_N_ELEMENTS(ENDINGS);) {
        Str ending = str_of(ENDINGS[i]);

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

static gint
compare_texts(gconstpointer a, gconstpointer b)
{
    return str_compare(*(const Str *)a, *(const Str *)b);
}

/* The query's parameters in order of the alphabet, without those that follow visitors. */
static void
append_query(GString *address, Str query)
{
    g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(Str));

    while (query.size > 0) {
        Str parameter = str_cut(&query, '&');
        ptrdiff_t equals = str_find_char(parameter, '=');

        if (parameter.size > 0 &&
            !follows_visitors(str_slice(parameter, 0, equals < 0 ? parameter.size : (size_t)equals)))
            g_array_append_val(kept, parameter);
    }
    g_array_sort(kept, compare_texts);
    for (guint i = 0; i < kept->len; i++) {
        g_string_append_c(address, '&');
        str_append(address, g_array_index(kept, Str, i));
    }
}

bool
fingerprint_of_address(Str url, Fingerprint *ret_fingerprint)
{
    g_autoptr(GString) address = g_string_sized_new(url.size + 1);
    ptrdiff_t scheme = str_find(url, STR("://"));
    Str rest, path, host;
    size_t host_size;

    if (scheme < 0)
        return false;
    rest = str_slice(url, (size_t)scheme + 3, url.size);
    rest = str_cut(&rest, '#');
    path = str_cut(&rest, '?');
    host = str_cut(&path, '/');
    str_append(address, host);
    g_string_ascii_down(address);
    host_size = address->len;
    g_string_append_c(address, '/');
    str_append(address, without_ending(path));
    append_query(address, rest);
    if (!names_one_posting(str_slice(str_of_gstring(address), host_size, address->len)))
        return false;
    *ret_fingerprint = fingerprint_of_id(STR("address"), str_of_gstring(address));
    return true;
}
