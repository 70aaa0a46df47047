#include "stream/charset_name.h"

#include <iconv.h>

const char CHARSET_UTF8[] = "UTF-8";
const char CHARSET_LATIN[] = "windows-1252";

static bool
is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (g_ascii_strcasecmp(name, *names) == 0)
            return true;
    return false;
}

const char *
charset_canonical_name(const char *name)
{
    static const char *const UTF8_NAMES[] = {"utf-8", "utf8", "us-ascii", "ascii", NULL};
    static const char *const LATIN_NAMES[] = {"iso-8859-1", "iso8859-1", "iso_8859-1",  "latin1", "latin-1",
                                              "l1",         "cp1252",    CHARSET_LATIN, NULL};

    if (is_one_of(name, UTF8_NAMES))
        return CHARSET_UTF8;
    if (is_one_of(name, LATIN_NAMES))
        return CHARSET_LATIN;
    return g_ascii_strcasecmp(name, "utf-16") == 0 ? "UTF-16LE" : name;
}

size_t
charset_unit_bytes(const char *name)
{
    if (g_ascii_strncasecmp(name, "utf-16", 6) == 0 || g_ascii_strncasecmp(name, "ucs-2", 5) == 0)
        return 2;
    if (g_ascii_strncasecmp(name, "utf-32", 6) == 0 || g_ascii_strncasecmp(name, "ucs-4", 5) == 0)
        return 4;
    return 1;
}

bool
charset_is_known(const char *name)
{
    iconv_t iconv;

    if (*name == '\0' || name[strspn(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_.:")] != '\0')
        return false;
    iconv = iconv_open(CHARSET_UTF8, charset_canonical_name(name));
    if (iconv != (iconv_t)-1)
        iconv_close(iconv);
    return iconv != (iconv_t)-1;
}

const char *
charset_of_mark(Str head, size_t *ret_size)
{
    static const struct {
        Str mark;
        const char *name;
    } MARKS[] = {
        {{"\xef\xbb\xbf", 3}, "utf-8"}, {{"\xff\xfe\0\0", 4}, "UTF-32LE"}, {{"\0\0\xfe\xff", 4}, "UTF-32BE"},
        {{"\xff\xfe", 2}, "UTF-16LE"},  {{"\xfe\xff", 2}, "UTF-16BE"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++) {
        if (!str_starts_with(head, MARKS[i].mark))
            continue;
        *ret_size = MARKS[i].mark.size;
        return MARKS[i].name;
    }
    return NULL;
}

/* Text begins with two characters of ASCII in every format we read, so that zeros betray UTF-16. */
const char *
charset_of_zeros(Str head)
{
    if (head.size < CHARSET_ZEROS_BYTES)
        return NULL;
    if (head.at[0] != 0 && head.at[1] == 0 && head.at[2] != 0 && head.at[3] == 0)
        return "UTF-16LE";
    if (head.at[0] == 0 && head.at[1] != 0 && head.at[2] == 0 && head.at[3] != 0)
        return "UTF-16BE";
    return NULL;
}

char *
charset_of_declaration(Str head)
{
    Str rest = str_trim(head), value;
    ptrdiff_t end, at;
    char quote;

    if (!str_starts_with(rest, STR("<?xml")) || (end = str_find(rest, STR("?>"))) < 0)
        return NULL;
    rest = str_slice(rest, 0, (size_t)end);
    at = str_find(rest, STR("encoding"));
    if (at < 0)
        return NULL;
    rest = str_trim(str_slice(rest, (size_t)at + strlen("encoding"), rest.size));
    if (!str_starts_with(rest, STR("=")))
        return NULL;
    rest = str_trim(str_slice(rest, 1, rest.size));
    if (rest.size == 0 || (rest.at[0] != '"' && rest.at[0] != '\''))
        return NULL;
    quote = rest.at[0];
    rest = str_slice(rest, 1, rest.size);
    value = str_cut(&rest, quote);
    /* A declaration that could be read byte by byte is not written in UTF-16, whatever it says. */
    if (str_is_empty(value) || (value.size >= 6 && str_equal_ignoring_case(str_slice(value, 0, 6), STR("utf-16"))))
        return NULL;
    return str_dup(value);
}
