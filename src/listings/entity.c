#include "listings/entity.h"

#define ENTITY_SIZE_LIMIT 12 /* "&thetasym;" is the longest of HTML 4 */

typedef struct {
    const char *name;
    gunichar character;
} Entity;

/* Sorted by name (capitals first), for bsearch. Source: HTML 4.01, section 24, as far as job texts use it. */
static const Entity ENTITIES[] = {
    {"AElig", 0xC6},   {"Aacute", 0xC1},   {"Acirc", 0xC2},   {"Agrave", 0xC0},   {"Aring", 0xC5},  {"Atilde", 0xC3},
    {"Auml", 0xC4},    {"Ccedil", 0xC7},   {"ETH", 0xD0},     {"Eacute", 0xC9},   {"Ecirc", 0xCA},  {"Egrave", 0xC8},
    {"Euml", 0xCB},    {"Iacute", 0xCD},   {"Icirc", 0xCE},   {"Igrave", 0xCC},   {"Iuml", 0xCF},   {"Ntilde", 0xD1},
    {"OElig", 0x152},  {"Oacute", 0xD3},   {"Ocirc", 0xD4},   {"Ograve", 0xD2},   {"Oslash", 0xD8}, {"Otilde", 0xD5},
    {"Ouml", 0xD6},    {"Scaron", 0x160},  {"THORN", 0xDE},   {"Uacute", 0xDA},   {"Ucirc", 0xDB},  {"Ugrave", 0xD9},
    {"Uuml", 0xDC},    {"Yacute", 0xDD},   {"Yuml", 0x178},   {"aacute", 0xE1},   {"acirc", 0xE2},  {"acute", 0xB4},
    {"aelig", 0xE6},   {"agrave", 0xE0},   {"amp", '&'},      {"apos", '\''},     {"aring", 0xE5},  {"atilde", 0xE3},
    {"auml", 0xE4},    {"bdquo", 0x201E},  {"brvbar", 0xA6},  {"bull", 0x2022},   {"ccedil", 0xE7}, {"cedil", 0xB8},
    {"cent", 0xA2},    {"copy", 0xA9},     {"curren", 0xA4},  {"dagger", 0x2020}, {"deg", 0xB0},    {"divide", 0xF7},
    {"eacute", 0xE9},  {"ecirc", 0xEA},    {"egrave", 0xE8},  {"emsp", 0x2003},   {"ensp", 0x2002}, {"eth", 0xF0},
    {"euml", 0xEB},    {"euro", 0x20AC},   {"frac12", 0xBD},  {"frac14", 0xBC},   {"frac34", 0xBE}, {"ge", 0x2265},
    {"gt", '>'},       {"hellip", 0x2026}, {"iacute", 0xED},  {"icirc", 0xEE},    {"iexcl", 0xA1},  {"igrave", 0xEC},
    {"iquest", 0xBF},  {"iuml", 0xEF},     {"laquo", 0xAB},   {"ldquo", 0x201C},  {"le", 0x2264},   {"lsaquo", 0x2039},
    {"lsquo", 0x2018}, {"lt", '<'},        {"macr", 0xAF},    {"mdash", 0x2014},  {"micro", 0xB5},  {"middot", 0xB7},
    {"nbsp", 0xA0},    {"ndash", 0x2013},  {"ne", 0x2260},    {"not", 0xAC},      {"ntilde", 0xF1}, {"oacute", 0xF3},
    {"ocirc", 0xF4},   {"oelig", 0x153},   {"ograve", 0xF2},  {"ordf", 0xAA},     {"ordm", 0xBA},   {"oslash", 0xF8},
    {"otilde", 0xF5},  {"ouml", 0xF6},     {"para", 0xB6},    {"permil", 0x2030}, {"plusmn", 0xB1}, {"pound", 0xA3},
    {"quot", '"'},     {"raquo", 0xBB},    {"rarr", 0x2192},  {"rdquo", 0x201D},  {"reg", 0xAE},    {"rsaquo", 0x203A},
    {"rsquo", 0x2019}, {"sbquo", 0x201A},  {"scaron", 0x161}, {"sect", 0xA7},     {"shy", 0xAD},    {"sup1", 0xB9},
    {"sup2", 0xB2},    {"sup3", 0xB3},     {"szlig", 0xDF},   {"thinsp", 0x2009}, {"thorn", 0xFE},  {"tilde", 0x2DC},
    {"times", 0xD7},   {"trade", 0x2122},  {"uacute", 0xFA},  {"ucirc", 0xFB},    {"ugrave", 0xF9}, {"uml", 0xA8},
    {"uuml", 0xFC},    {"yacute", 0xFD},   {"yen", 0xA5},     {"yuml", 0xFF},     {"zwj", 0x200D},  {"zwnj", 0x200C},
};

static int
compare_bytes(const void *key, const void *entity)
{
    const Str *name = key;
    const char *other = ((const Entity *)entity)->name;
    int order = strncmp(name->at, other, name->size);

    return order != 0 ? order : name->size < strlen(other) ? -1 : 0;
}

/* "38" or "x26", without "&#" and ";". 0 when it names no character. */
static gunichar
numeric_character(Str digits)
{
    bool hexadecimal = digits.size > 1 && (digits.at[0] == 'x' || digits.at[0] == 'X');
    gunichar character = 0;

    if (digits.size == 0 || digits.size > 8)
        return 0;
    for (size_t i = hexadecimal ? 1 : 0; i < digits.size; i++) {
        int digit = hexadecimal ? g_ascii_xdigit_value(digits.at[i]) : g_ascii_digit_value(digits.at[i]);

        if (digit < 0)
            return 0;
        character = character * (hexadecimal ? 16 : 10) + (gunichar)digit;
        if (character > 0x10FFFF)
            return 0;
    }
    return character != 0 && g_unichar_validate(character) ? character : 0;
}

size_t
entity_decode(Str text, GString *to)
{
    ptrdiff_t end = str_find_char(str_slice(text, 0, ENTITY_SIZE_LIMIT), ';');
    const Entity *entity;
    gunichar character;
    Str name;

    if (end < 2 || text.at[0] != '&')
        return 0;
    name = str_slice(text, 1, (size_t)end);
    if (name.at[0] == '#') {
        character = numeric_character(str_slice(name, 1, name.size));
    } else {
        entity = bsearch(&name, ENTITIES, G_N_ELEMENTS(ENTITIES), sizeof(Entity), compare_bytes);
        character = entity != NULL ? entity->character : 0;
    }
    if (character == 0)
        return 0;
    g_string_append_unichar(to, character);
    return (size_t)end + 1;
}
