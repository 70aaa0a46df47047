#include "listings/normalise.h"

static Listing
listing_at(const char *location, const char *country)
{
    return (Listing){.title = STR("Baker"), .location = str_of(location), .country = str_of(country)};
}

static void
a_place_gives_city_region_country_and_position(void)
{
    g_autoptr(Arena) arena = arena_new(1024);
    Listing listing = listing_at("Austin, TX", NULL);

    listing_normalise(arena, NULL, &listing);
    g_assert_true(str_is(listing.city, "Austin"));
    g_assert_true(str_is(listing.region, "Texas"));
    g_assert_true(str_is(listing.country, "US"));
    g_assert_true(str_is(listing.location, "Austin, TX"));
    g_assert_true(listing.has_position);
    g_assert_cmpfloat_with_epsilon(listing.latitude, 30.27, 0.1);
}

static void
what_the_partner_says_stands(void)
{
    g_autoptr(Arena) arena = arena_new(1024);
    Listing listing = listing_at("Cambridge", "US");

    listing.has_position = true;
    listing.latitude = 42.5;
    listing.longitude = -71.5;
    listing_normalise(arena, NULL, &listing);
    g_assert_true(str_is(listing.country, "US"));
    g_assert_true(str_is(listing.region, "Massachusetts"));
    g_assert_cmpfloat(listing.latitude, ==, 42.5);
}

static void
a_place_that_is_none_changes_nothing(void)
{
    g_autoptr(Arena) arena = arena_new(1024);
    Listing listing = listing_at("Multiple locations", NULL);

    listing_normalise(arena, NULL, &listing);
    g_assert_null(listing.city.at);
    g_assert_null(listing.country.at);
    g_assert_false(listing.has_position);
    listing = listing_at(NULL, "DE");
    listing_normalise(arena, NULL, &listing);
    g_assert_true(str_is(listing.country, "DE"));
}

static void
the_place_tells_the_currency_of_the_pay(void)
{
    g_autoptr(Arena) arena = arena_new(1024);
    Listing listing = listing_at("Toronto, Canada", NULL);

    listing.salary.text = STR("$80k - $95k");
    listing_normalise(arena, NULL, &listing);
    g_assert_cmpstr(listing.salary.currency.code, ==, "CAD");
    g_assert_cmpint(listing.salary.min_micros, ==, INT64_C(80000) * MICROS_PER_UNIT);
    listing = listing_at("Leeds, UK", NULL);
    listing.salary = (Salary){.has_min = true, .min_micros = INT64_C(30000) * MICROS_PER_UNIT};
    listing_normalise(arena, NULL, &listing);
    g_assert_cmpstr(listing.salary.currency.code, ==, "GBP");
    g_assert_cmpint(listing.salary.period, ==, PERIOD_YEAR);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/listings/a_place_gives_city_region_country_and_position",
                    a_place_gives_city_region_country_and_position);
    g_test_add_func("/listings/what_the_partner_says_stands", what_the_partner_says_stands);
    g_test_add_func("/listings/a_place_that_is_none_changes_nothing", a_place_that_is_none_changes_nothing);
    g_test_add_func("/listings/the_place_tells_the_currency_of_the_pay", the_place_tells_the_currency_of_the_pay);
    return g_test_run();
}
