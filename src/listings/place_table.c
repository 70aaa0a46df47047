/*
 * A key is the hash of a name. A quarter of a million of them share 64 bits, so that a name that is none of them finds one
 * by chance once in 7 * 10^13 times: names themselves are not compared.
 *
 * Layout, little-endian, each part on an 8-byte boundary: header; keys by hash, cities before regions and biggest first;
 * for each value of a hash's upper 16 bits the first key that has it; cities by population; regions; names.
 */
#include "listings/place_table.h"

#include "listings/text.h"

#define BUCKETS 65536

typedef struct {
    char magic[8];
    uint32_t keys, cities, regions, names;
} Header;

typedef enum { KIND_CITY, KIND_REGION, KIND_COUNTRY } Kind;

typedef struct {
    uint64_t hash;
    uint32_t kind, row;
} Key;

extern const unsigned char PLACE_DATA[];

G_STATIC_ASSERT(G_BYTE_ORDER == G_LITTLE_ENDIAN);
G_STATIC_ASSERT(sizeof(Header) == 24 && sizeof(Key) == 16 && sizeof(City) == 24 && sizeof(Region) == 12);

static const Header *
header(void)
{
    return (const Header *)(const void *)PLACE_DATA;
}

static const Key *
keys(void)
{
    return (const Key *)(const void *)(PLACE_DATA + sizeof(Header));
}

static const uint32_t *
buckets(void)
{
    return (const uint32_t *)(const void *)(keys() + header()->keys);
}

static const City *
cities(void)
{
    return (const City *)(const void *)(buckets() + BUCKETS + 2);
}

static const Region *
regions(void)
{
    return (const Region *)(const void *)(cities() + header()->cities);
}

const City *
place_city(uint32_t row)
{
    g_assert(row < header()->cities);
    return cities() + row;
}

const Region *
place_region(uint32_t row)
{
    return row == NO_REGION ? NULL : regions() + row;
}

size_t
place_city_count(void)
{
    return header()->cities;
}

Str
place_name(uint32_t offset)
{
    return str_of((const char *)(regions() + header()->regions) + offset);
}

static PlaceRows
find(Str key, Kind kind)
{
    uint64_t hash = str_hash(key);
    size_t bucket = (size_t)(hash >> 48);
    PlaceRows found = {.count = 0};

    for (uint32_t i = buckets()[bucket]; i < buckets()[bucket + 1] && found.count < G_N_ELEMENTS(found.rows); i++) {
        if (keys()[i].hash == hash && keys()[i].kind == kind)
            found.rows[found.count++] = keys()[i].row;
    }
    return found;
}

PlaceRows
place_cities(Str key)
{
    return find(key, KIND_CITY);
}

PlaceRows
place_regions(Str key)
{
    return find(key, KIND_REGION);
}

bool
place_country(Str key, char *to)
{
    PlaceRows found = find(key, KIND_COUNTRY);

    if (found.count != 1)
        return false;
    to[0] = (char)(found.rows[0] >> 8);
    to[1] = (char)(found.rows[0] & 0xFF);
    to[2] = '\0';
    return true;
}

/* Letters that Unicode does not take apart, as those who have no such key write them. */
static const struct {
    const char *letter, *plain;
} PLAIN_LETTERS[] = {
    {"ł", "l"}, {"ø", "o"}, {"đ", "d"}, {"æ", "ae"}, {"œ", "oe"}, {"ı", "i"}, {"ð", "d"}, {"þ", "th"},
};

static const struct {
    const char *word, *full;
} SHORT_WORDS[] = {{"st", "saint"}, {"ste", "sainte"}, {"ft", "fort"}, {"mt", "mount"}};

static void
append_word(GString *key, Str word)
{
    if (key->len > 0)
        g_string_append_c(key, ' ');
    for (size_t i = 0; i < G_N_ELEMENTS(SHORT_WORDS); i++) {
        if (str_is(word, SHORT_WORDS[i].word)) {
            g_string_append(key, SHORT_WORDS[i].full);
            return;
        }
    }
    g_string_append_len(key, word.at, (gssize)word.size);
}

Str
place_key(Arena *arena, Str name)
{
    Str rest = text_fold(arena, name);
    g_autoptr(GString) key = g_string_sized_new(rest.size + 8);

    while (rest.size > 0)
        append_word(key, str_cut(&rest, ' '));
    for (size_t i = 0; i < G_N_ELEMENTS(PLAIN_LETTERS); i++)
        g_string_replace(key, PLAIN_LETTERS[i].letter, PLAIN_LETTERS[i].plain, 0);
    return arena_str(arena, str_of_gstring(key));
}
