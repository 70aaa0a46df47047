/* Places as partners write them. The expected values were looked up by hand; the texts resemble what real feeds hold. */
#include "listings/place.h"

#include "listings/place_table.h"

typedef struct {
    const char *text, *known, *city;
    const char *region; /* NULL: and the city's position is not known either; "": only the region is not */
    const char *country;
} Case;

static const Case CASES[] = {
    /* a name alone */
    {"Berlin", NULL, "Berlin", "State of Berlin", "DE"},
    {"LONDON", NULL, "London", "England", "GB"},
    {"  São Paulo ", NULL, "São Paulo", "São Paulo", "BR"},
    {"Zürich", NULL, "Zürich", "Zurich", "CH"},
    {"Zuerich", NULL, "Zürich", "Zurich", "CH"},
    {"Lodz", NULL, "Łódź", "Łódź Voivodeship", "PL"},
    /* other languages */
    {"München", NULL, "Munich", "Bavaria", "DE"},
    {"Muenchen", NULL, "Munich", "Bavaria", "DE"},
    {"Wien", NULL, "Vienna", "Vienna", "AT"},
    {"Cologne", NULL, "Köln", "North Rhine-Westphalia", "DE"},
    {"Varsovie", NULL, "Warsaw", "Mazovia", "PL"},
    {"Lisboa", NULL, "Lisbon", "Lisbon", "PT"},
    /* with region or country */
    {"Austin, TX", NULL, "Austin", "Texas", "US"},
    {"Paris, Texas", NULL, "Paris", "Texas", "US"},
    {"Paris, France", NULL, "Paris", "Île-de-France", "FR"},
    {"London, ON", NULL, "London", "Ontario", "CA"},
    {"London, Ontario, Canada", NULL, "London", "Ontario", "CA"},
    {"San Francisco, CA", NULL, "San Francisco", "California", "US"},
    {"Toronto, CA", NULL, "Toronto", "Ontario", "CA"},
    {"Cambridge, MA", NULL, "Cambridge", "Massachusetts", "US"},
    {"Cambridge, UK", NULL, "Cambridge", "England", "GB"},
    {"New York, NY", NULL, "New York City", "New York", "US"},
    {"New York, New York, United States", NULL, "New York City", "New York", "US"},
    {"Washington, DC", NULL, "Washington, D.C.", "District of Columbia", "US"},
    {"St. Louis, MO", NULL, "St. Louis", "Missouri", "US"},
    {"Saint Louis, Missouri", NULL, "St. Louis", "Missouri", "US"},
    {"Portland, Maine", NULL, "Portland", "Maine", "US"},
    {"Atlanta, Georgia", NULL, "Atlanta", "Georgia", "US"},
    {"München, Bayern", NULL, "Munich", "Bavaria", "DE"},
    {"Sydney, New South Wales, Australia", NULL, "Sydney", "New South Wales", "AU"},
    {"Luxembourg, Luxembourg", NULL, "Luxembourg", "Luxembourg", "LU"},
    {"Bangalore, Karnataka, India", NULL, "Bengaluru", "Karnataka", "IN"},
    /* without a comma */
    {"Austin TX", NULL, "Austin", "Texas", "US"},
    {"Seattle Washington", NULL, "Seattle", "Washington", "US"},
    {"Berlin Mitte", NULL, "Berlin", "State of Berlin", "DE"},
    /* postcodes and brackets */
    {"75008 Paris", NULL, "Paris", "Île-de-France", "FR"},
    {"Lyon (69)", NULL, "Lyon", "Auvergne-Rhône-Alpes", "FR"},
    {"10115 Berlin, Germany", NULL, "Berlin", "State of Berlin", "DE"},
    {"Toulouse - 31", NULL, "Toulouse", "Occitanie", "FR"},
    {"Chicago, IL 60601", NULL, "Chicago", "Illinois", "US"},
    {"Paris 8e arrondissement", NULL, "Paris", "Île-de-France", "FR"},
    {"London (Hybrid)", NULL, "London", "England", "GB"},
    /* several: the first */
    {"Berlin, DE; Paris, FR", NULL, "Berlin", "State of Berlin", "DE"},
    {"Lyon; Marseille", NULL, "Lyon", "Auvergne-Rhône-Alpes", "FR"},
    /* remote */
    {"Remote - Toronto, Canada", NULL, "Toronto", "Ontario", "CA"},
    {"Remote, US", NULL, NULL, NULL, "US"},
    {"US - Remote", NULL, NULL, NULL, "US"},
    {"Remote in USA", NULL, NULL, NULL, "US"},
    {"Remote (Germany)", NULL, NULL, NULL, "DE"},
    {"Home office, Deutschland", NULL, NULL, NULL, "DE"},
    /* areas */
    {"Greater London", NULL, "London", "England", "GB"},
    {"Greater Boston Area", NULL, "Boston", "Massachusetts", "US"},
    /* regions and countries alone */
    {"California", NULL, NULL, "California", "US"},
    {"California, USA", NULL, NULL, "California", "US"},
    {"Ontario", NULL, NULL, "Ontario", "CA"},
    {"Bayern", NULL, NULL, "Bavaria", "DE"},
    {"Germany", NULL, NULL, NULL, "DE"},
    {"Deutschland", NULL, NULL, NULL, "DE"},
    {"Mexico", NULL, NULL, NULL, "MX"},
    {"Singapore", NULL, "Singapore", "", "SG"},
    /* several places: the first */
    {"London / Berlin", NULL, "London", "England", "GB"},
    {"California; San Mateo, CA; United States", NULL, "San Mateo", "California", "US"},
    {"Canada; United States", NULL, NULL, NULL, "CA"},
    {"NYC; SF", NULL, "New York City", "New York", "US"},
    {"Remote; Madrid", NULL, "Madrid", "Madrid", "ES"},
    {"Boston, MA<br>Austin, TX", NULL, "Boston", "Massachusetts", "US"},
    /* what is known already decides */
    {"Cambridge", "US", "Cambridge", "Massachusetts", "US"},
    {"Cambridge", "GB", "Cambridge", "England", "GB"},
    {"Paris", "US", "Paris", NULL, "US"},
    {"Georgia", "US", NULL, "Georgia", "US"},
    {"CA", "US", NULL, "California", "US"},
    {"Reading", "GB", "Reading", "England", "GB"},
    {"Toronto", "DE", NULL, NULL, "DE"},
    /* two cities of one name in one country: the city, but not where */
    {"Springfield", NULL, "Springfield", NULL, "US"},
};

static const char *const NO_PLACES[] = {
    "",        " ",         "Remote", "Anywhere", "Worldwide", "22022",       "Multiple Locations",
    "Various", "Cambridge", "CA",     "N/A",      "???",       "Head Office", ",,,",
    "()",      "Hybrid",    "Sales",
};

static void
assert_text(Str got, const char *wanted, const char *text)
{
    if (wanted == NULL ? got.at != NULL : !str_is(got, wanted)) {
        g_test_message("%s: \"%.*s\" instead of \"%s\"", text, STR_FORMAT(got), wanted != NULL ? wanted : "(nothing)");
        g_test_fail();
    }
}

static void
texts_become_places(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const Case *c = &CASES[i];
        Place place = {.country = ""};
        bool found = place_parse(str_of(c->text), str_of(c->known), &place);

        assert_text(found ? STR("found") : STR_NONE, "found", c->text);
        assert_text(place.city, c->city, c->text);
        assert_text(place.region, c->region != NULL && c->region[0] == '\0' ? NULL : c->region, c->text);
        assert_text(str_of(place.country), c->country, c->text);
        if (place.has_position != (c->city != NULL && c->region != NULL))
            assert_text(STR("position"), "none", c->text);
    }
}

static void
texts_that_name_no_place_are_not_guessed_at(void)
{
    Place place;

    for (size_t i = 0; i < G_N_ELEMENTS(NO_PLACES); i++)
        assert_text(place_parse(str_of(NO_PLACES[i]), STR_NONE, &place) ? place.city : STR_NONE, NULL, NO_PLACES[i]);
}

static void
cities_are_where_they_are(void)
{
    Place place;

    g_assert_true(place_parse(STR("Berlin"), STR_NONE, &place));
    g_assert_cmpfloat_with_epsilon(place.latitude, 52.52, 0.05);
    g_assert_cmpfloat_with_epsilon(place.longitude, 13.41, 0.05);
    g_assert_true(place_parse(STR("Sydney"), STR_NONE, &place));
    g_assert_cmpfloat_with_epsilon(place.latitude, -33.87, 0.05);
    g_assert_cmpfloat_with_epsilon(place.longitude, 151.21, 0.05);
}

/* The table's keys are made by a script, the keys that are looked up by C: this holds them to one rule. */
static void
each_city_of_the_table_is_found_by_its_own_name(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    size_t missing = 0;

    g_assert_cmpuint(place_city_count(), >, 100000);
    for (uint32_t row = 0; row < place_city_count(); row++) {
        PlaceRows found = place_cities(place_key(arena, place_name(place_city(row)->name)));
        bool is_found = found.count == G_N_ELEMENTS(found.rows); /* of very common names only the biggest are kept */

        for (size_t i = 0; i < found.count; i++)
            is_found = is_found || found.rows[i] == row;
        if (!is_found && missing++ < 5)
            g_test_message("not found: %.*s", STR_FORMAT(place_name(place_city(row)->name)));
        arena_reset(arena);
    }
    g_assert_cmpuint(missing, ==, 0);
}

static void
any_bytes_are_read_without_harm(void)
{
    static const char TEXT[] = "Lo\xC3ndon,\xFF(St. ,Ber\0lin/\xE2\x80 - Paris;75\xC3\xA9 TX";
    Place place;

    for (size_t from = 0; from < sizeof TEXT; from++) {
        for (size_t to = from; to < sizeof TEXT; to++) {
            bool found = place_parse((Str){TEXT + from, to - from}, STR_NONE, &place);

            g_assert_true(!found || strlen(place.country) == 2);
        }
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/listings/texts_become_places", texts_become_places);
    g_test_add_func("/listings/texts_that_name_no_place_are_not_guessed_at",
                    texts_that_name_no_place_are_not_guessed_at);
    g_test_add_func("/listings/cities_are_where_they_are", cities_are_where_they_are);
    g_test_add_func("/listings/each_city_of_the_table_is_found_by_its_own_name",
                    each_city_of_the_table_is_found_by_its_own_name);
    g_test_add_func("/listings/any_bytes_are_read_without_harm", any_bytes_are_read_without_harm);
    return g_test_run();
}
