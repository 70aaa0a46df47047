#include "listings/place_memo.h"

static const char *const TEXTS[] = {
    "Berlin",         "London",           "Leeds, UK", "Austin, TX",        "nowhere at all", "Remote",
    "Paris / Berlin", "10115 Berlin, DE", "Cambridge", "San José, CA, USA", "Deutschland",    ""};
static const char *const COUNTRIES[] = {NULL, "DE", "US", "GB", "Germany"};

static void
assert_read_alike(PlaceMemo *memo, Str text, Str country)
{
    Place read = {.country = ""}, remembered = {.country = ""};

    g_assert_true(place_memo_parse(memo, text, country, &remembered) == place_parse(text, country, &read));
    g_assert_true(str_equal(remembered.city, read.city));
    g_assert_true(str_equal(remembered.region, read.region));
    g_assert_cmpstr(remembered.country, ==, read.country);
    g_assert_true(remembered.has_position == read.has_position);
    g_assert_cmpfloat(remembered.latitude, ==, read.latitude);
    g_assert_cmpfloat(remembered.longitude, ==, read.longitude);
}

static void
a_place_is_the_same_when_it_is_met_again(void)
{
    g_autoptr(PlaceMemo) memo = place_memo_new();

    for (int round = 0; round < 3; round++)
        for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++)
            for (size_t k = 0; k < G_N_ELEMENTS(COUNTRIES); k++)
                assert_read_alike(memo, str_of(TEXTS[i]), str_of(COUNTRIES[k]));
}

static void
more_places_than_there_is_room_for_push_each_other_out(void)
{
    g_autoptr(PlaceMemo) memo = place_memo_new();

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3000; i++) {
            g_autofree char *text = g_strdup_printf("%d %s", i, TEXTS[i % G_N_ELEMENTS(TEXTS)]);

            assert_read_alike(memo, str_of(text), str_of(COUNTRIES[i % G_N_ELEMENTS(COUNTRIES)]));
        }
    }
}

static void
a_long_text_is_read_as_well(void)
{
    g_autoptr(PlaceMemo) memo = place_memo_new();
    g_autofree char *blanks = g_strnfill(80, ' ');
    g_autofree char *text = g_strconcat("Berlin,", blanks, "Germany", NULL);

    assert_read_alike(memo, str_of(text), STR_NONE);
    assert_read_alike(memo, STR_NONE, STR_NONE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/listings/a_place_is_the_same_when_it_is_met_again", a_place_is_the_same_when_it_is_met_again);
    g_test_add_func("/listings/more_places_than_there_is_room_for_push_each_other_out",
                    more_places_than_there_is_room_for_push_each_other_out);
    g_test_add_func("/listings/a_long_text_is_read_as_well", a_long_text_is_read_as_well);
    return g_test_run();
}
