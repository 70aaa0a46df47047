#include "listings/place.h"

#include "listings/place_table.h"
#include "listings/text.h"

#define TEXT_LIMIT_BYTES 400
#define PARTS_LIMIT      8
#define ALTERNATIVES     4
#define DOMINANCE        3 /* a name is unambiguous when the biggest city has so many times the people of the next */
#define KNOWN_PEOPLE     15000  /* smaller places are believed only with their region or country beside them */
#define PREFIX_PEOPLE    100000 /* "Berlin Mitte" is believed to be Berlin */

/* What stands between commas: what it may mean. */
typedef struct {
    Str key;
    PlaceRows cities, regions;
    char country[3];
} Part;

typedef struct {
    Arena *arena;
    Str country; /* what is known already, or absent */
    Part parts[PARTS_LIMIT];
    size_t count;
} Reading;

typedef struct {
    const City *city, *rival; /* rival: the next biggest with the same score, elsewhere */
    int score;
} Choice;

/* Words that say nothing of the place, after place_key(). */
static const char FILLERS[] =
    " remote remotely hybrid hybride hibrido onsite site on in within based from home office homeoffice teletravail "
    "teletrabajo remoto greater grand metro metropolitan area region county central downtown city of arrondissement "
    "cedex "
    "only anywhere possible work the la stadt kreis landkreis province provincia state ";

static bool
has_digit(Str word)
{
    for (size_t i = 0; i < word.size; i++) {
        if (g_ascii_isdigit(word.at[i]))
            return true;
    }
    return false;
}

/* The key without words that hold a digit (postcodes, house numbers), and without fillers when asked. */
static Str
drop_words(Arena *arena, Str key, bool fillers)
{
    g_autoptr(GString) left = g_string_sized_new(key.size + 1);

    while (key.size > 0) {
        Str word = str_cut(&key, ' ');

        if (has_digit(word) || (fillers && text_has_word(STR(FILLERS), word)))
            continue;
        if (left->len > 0)
            g_string_append_c(left, ' ');
        str_append(left, word);
    }
    return arena_str(arena, str_of_gstring(left));
}

/* Looks up what a key may mean; false when it means nothing. */
static bool
look_up(Str key, Part *part)
{
    *part = (Part){.key = key};
    if (key.size == 0)
        return false;
    part->cities = place_cities(key);
    part->regions = place_regions(key);
    place_country(key, part->country);
    return part->cities.count > 0 || part->regions.count > 0 || part->country[0] != '\0';
}

static void
add_part(Reading *reading, const Part *part)
{
    if (reading->count < PARTS_LIMIT)
        reading->parts[reading->count++] = *part;
}

/* "austin tx", "san francisco california": a city with its region or country behind it. */
static bool
add_city_with_suffix(Reading *reading, Str key)
{
    for (size_t i = key.size; i-- > 1;) {
        Part city, suffix;

        if (key.at[i] != ' ' || !look_up(str_slice(key, i + 1, key.size), &suffix) ||
            (suffix.regions.count == 0 && suffix.country[0] == '\0') || !look_up(str_slice(key, 0, i), &city))
            continue;
        add_part(reading, &city);
        add_part(reading, &suffix);
        return true;
    }
    return false;
}

/* "berlin mitte": a big city with a quarter behind it. */
static void
add_city_with_quarter(Reading *reading, Str key)
{
    for (size_t i = key.size; i-- > 1;) {
        Part city;

        if (key.at[i] != ' ' || !look_up(str_slice(key, 0, i), &city) || city.cities.count == 0 ||
            place_city(city.cities.rows[0])->population < PREFIX_PEOPLE)
            continue;
        add_part(reading, &city);
        return;
    }
}

static void
read_part(Reading *reading, Str text)
{
    Str key = drop_words(reading->arena, place_key(reading->arena, text), false);
    Str bare;
    Part part;

    if (look_up(key, &part)) {
        add_part(reading, &part);
        return;
    }
    bare = drop_words(reading->arena, key, true);
    if (look_up(bare, &part))
        add_part(reading, &part);
    else if (!add_city_with_suffix(reading, bare))
        add_city_with_quarter(reading, bare);
}

/* Where a part ends: at , ; ( ) : > and at a dash between blanks. Returns the separator's size, or 0. */
static size_t
separator_at(Str text, size_t i)
{
    static const char *const DASHES[] = {" - ", " – ", " — ", " · ", "–", "—", "·"};

    if (strchr(",;():>[]", text.at[i]) != NULL && text.at[i] != '\0')
        return 1;
    for (size_t k = 0; k < G_N_ELEMENTS(DASHES); k++) {
        if (str_starts_with(str_slice(text, i, text.size), str_of(DASHES[k])))
            return strlen(DASHES[k]);
    }
    return 0;
}

static void
read_parts(Reading *reading, Str text)
{
    size_t from = 0;

    for (size_t i = 0; i < text.size;) {
        size_t size = separator_at(text, i);

        if (size > 0) {
            read_part(reading, str_slice(text, from, i));
            from = i + size;
        }
        i += MAX(size, 1);
    }
    read_part(reading, str_slice(text, from, text.size));
}

static bool
in_country(const char *country, Str wanted)
{
    return wanted.size != 2 || memcmp(country, wanted.at, 2) == 0;
}

static bool
names_region_of(const Part *part, const City *city)
{
    for (size_t i = 0; i < part->regions.count; i++) {
        if (city->region != NO_REGION && part->regions.rows[i] == city->region)
            return true;
    }
    return false;
}

static bool
has_city_in(const Part *part, const char *country)
{
    for (size_t i = 0; i < part->cities.count; i++) {
        if (memcmp(place_city(part->cities.rows[i])->country, country, 2) == 0)
            return true;
    }
    return false;
}

/* Cities that are their countries: the country's name alone means them. */
static bool
is_city_state(const char *country)
{
    return strstr("SG MC HK MO GI VA", country) != NULL;
}

/* Whether part is the name of a region of the city's country which the city does not lie in. */
static bool
names_other_region(const Part *part, const City *city)
{
    for (size_t i = 0; i < part->regions.count; i++) {
        if (memcmp(place_region(part->regions.rows[i])->country, city->country, 2) == 0)
            return !names_region_of(part, city);
    }
    return false;
}

/* How well the other parts fit a city that part names; -1 when one contradicts. */
static int
score_of(const Reading *reading, const Part *part, const City *city)
{
    int score = 0;
    bool in_named_region = false;

    for (const Part *other = reading->parts; other < reading->parts + reading->count; other++) {
        if (other == part)
            continue;
        in_named_region = in_named_region || names_region_of(other, city);
        if (names_region_of(other, city) ||
            (other->country[0] != '\0' && memcmp(other->country, city->country, 2) == 0))
            score++;
        else if ((other->regions.count > 0 || other->country[0] != '\0') && !has_city_in(other, city->country))
            return -1;
    }
    if (!in_named_region && names_other_region(part, city))
        return -1;
    if (score > 0)
        return score;
    /* A name that is a country's, or a region's that is elsewhere, is not the city's. */
    if (part->country[0] != '\0' && part->key.size > 2)
        return is_city_state(part->country) && memcmp(part->country, city->country, 2) == 0 ? 0 : -1;
    if (part->regions.count > 0 && !names_region_of(part, city))
        return -1;
    return reading->country.size != 2 && city->population < KNOWN_PEOPLE ? -1 : 0;
}

static bool
same_place(const City *a, const City *b)
{
    return memcmp(a->country, b->country, 2) == 0 && a->region == b->region;
}

static void
consider(Choice *choice, const City *city, int score)
{
    if (score < 0)
        return;
    if (choice->city == NULL || score > choice->score) {
        *choice = (Choice){.city = city, .score = score};
        return;
    }
    if (score < choice->score)
        return;
    if (city->population > choice->city->population) {
        const City *old = choice->city;

        choice->city = city;
        city = old;
    }
    if (!same_place(city, choice->city) && (choice->rival == NULL || city->population > choice->rival->population))
        choice->rival = city;
}

/* The city that the parts mean. Parts that name different cities are a list, of which the biggest is taken. */
static Choice
choose_city(const Reading *reading)
{
    Choice best = {.city = NULL};

    for (size_t i = 0; i < reading->count; i++) {
        const Part *part = &reading->parts[i];
        Choice choice = {.city = NULL};

        for (size_t j = 0; j < part->cities.count; j++) {
            const City *city = place_city(part->cities.rows[j]);

            if (in_country(city->country, reading->country))
                consider(&choice, city, score_of(reading, part, city));
        }
        if (choice.city != NULL && (best.city == NULL || choice.score > best.score ||
                                    (choice.score == best.score && choice.city->population > best.city->population)))
            best = choice;
    }
    return best;
}

static void
set_country(Place *place, const char *country)
{
    place->country[0] = country[0];
    place->country[1] = country[1];
    place->country[2] = '\0';
}

static bool
use_city(const Choice *choice, Place *place)
{
    const City *city = choice->city;
    bool ambiguous = choice->rival != NULL && city->population / DOMINANCE < choice->rival->population;
    const Region *region = place_region(city->region);

    if (ambiguous && memcmp(city->country, choice->rival->country, 2) != 0)
        return false;
    place->city = place_name(city->name);
    set_country(place, city->country);
    if (ambiguous)
        return true;
    if (region != NULL)
        place->region = place_name(region->name);
    place->has_position = true;
    place->latitude = city->latitude_e5 / 1e5;
    place->longitude = city->longitude_e5 / 1e5;
    return true;
}

/* Whether part is a country in words ("Mexico"), whatever else it may be ("Georgia" in the USA is none). */
static bool
names_country(const Reading *reading, const Part *part)
{
    return part->country[0] != '\0' && part->key.size > 2 && in_country(part->country, reading->country);
}

/* The one region that the parts name, within the country that they name or that is known. */
static bool
use_region(const Reading *reading, const char *country, Place *place)
{
    const Region *found = NULL;

    for (size_t i = 0; i < reading->count; i++) {
        if (names_country(reading, &reading->parts[i]))
            continue;
        for (size_t j = 0; j < reading->parts[i].regions.count; j++) {
            const Region *region = place_region(reading->parts[i].regions.rows[j]);

            if (!in_country(region->country, str_of(country)) || region == found)
                continue;
            if (found != NULL)
                return false;
            found = region;
        }
    }
    if (found == NULL)
        return false;
    place->region = place_name(found->name);
    set_country(place, found->country);
    return true;
}

/* Whether a code is one of the regions that are written by their codes alone: "CA" may be California or Canada. */
static bool
is_usual_region_code(const Part *part)
{
    for (size_t i = 0; i < part->regions.count; i++) {
        if (strstr("US CA AU", (char[3]){place_region(part->regions.rows[i])->country[0],
                                         place_region(part->regions.rows[i])->country[1], '\0'}) != NULL)
            return true;
    }
    return false;
}

/* The country that the parts name in words, or by a code that means nothing else. */
static const char *
named_country(const Reading *reading)
{
    for (size_t i = reading->count; i-- > 0;) {
        const Part *part = &reading->parts[i];

        if (names_country(reading, part) || (part->country[0] != '\0' && !is_usual_region_code(part)))
            return part->country;
    }
    return "";
}

static bool
parse_one(Arena *arena, Str text, Str country, Place *place)
{
    Reading *reading = ARENA_NEW(arena, Reading);
    const char *named;
    Choice choice;

    *reading = (Reading){.arena = arena, .country = country};
    read_parts(reading, text);
    choice = choose_city(reading);
    if (choice.city != NULL && use_city(&choice, place))
        return true;
    named = named_country(reading);
    if (country.size == 2)
        named = arena_strdup(arena, country);
    if (use_region(reading, named, place))
        return true;
    if (named[0] == '\0' || reading->count == 0)
        return false;
    set_country(place, named);
    return true;
}

/* Cuts *rest at the first of the texts that separate one place from another. */
static Str
cut_alternative(Str *rest)
{
    static const char *const SEPARATORS[] = {"/", ";", "|", "\n", "<br", " or ", " oder ", " ou "};
    Str text = *rest;
    ptrdiff_t first = -1;
    size_t size = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(SEPARATORS); i++) {
        ptrdiff_t at = str_find(text, str_of(SEPARATORS[i]));

        if (at >= 0 && (first < 0 || at < first)) {
            first = at;
            size = strlen(SEPARATORS[i]);
        }
    }
    *rest = first < 0 ? STR_NONE : str_slice(text, (size_t)first + size, text.size);
    return first < 0 ? text : str_slice(text, 0, (size_t)first);
}

bool
place_parse(Str text, Str country, Place *ret_place)
{
    ARENA_ON_STACK(arena, 8192);
    bool found = false;

    text = str_slice(text, 0, TEXT_LIMIT_BYTES);
    if (str_is_empty(text))
        return false;
    for (int i = 0; i < ALTERNATIVES && text.size > 0; i++) {
        Place place = {.country = ""};

        if (!parse_one(arena, cut_alternative(&text), country, &place) || (found && place.city.at == NULL))
            continue;
        *ret_place = place;
        if (place.city.at != NULL)
            return true;
        found = true;
    }
    return found;
}
