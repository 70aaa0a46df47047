#include "listings/fingerprint.h"

#include "base/random.h"
#include "listings/normalise.h"

static Fingerprint
position(const char *title, const char *company, const char *location)
{
    g_autoptr(Arena) arena = arena_new(1024);
    Listing listing = {.title = str_of(title), .company = str_of(company), .location = str_of(location)};
    Fingerprint fingerprint = {0, 0};

    listing_normalise(arena, NULL, &listing);
    g_assert_true(fingerprint_of_position(&listing, company_normalise(arena, listing.company), &fingerprint));
    return fingerprint;
}

static void
assert_same(Fingerprint a, Fingerprint b)
{
    g_assert_true(fingerprint_equal(a, b));
}

static void
the_same_position_is_recognised_in_other_writing(void)
{
    assert_same(position("Chef de Projet (H/F)", "ACME S.A.S", "Évry"),
                position("chef de projet", "Acme s a s", "Evry"));
    assert_same(position("Engineer (m/w/d)", "Acme Robotics GmbH & Co. KG", "Köln"),
                position("Engineer", "Acme Robotics", "Koln"));
    assert_same(position("Recruiter", "NRT Technology Corp.", "Las Vegas, NV"),
                position("Recruiter ", "NRT Technology", "Las Vegas NV"));
    assert_same(position("Baker", "Acme", "Berlin"), position("Baker", "Acme", "10115 Berlin, Germany"));
    assert_same(position("Baker", "Acme", "München"), position("Baker", "Acme", "Munich, DE"));
}

static void
different_positions_stay_apart(void)
{
    Fingerprint one = position("C Developer", "Acme", "Leeds");

    g_assert_false(fingerprint_equal(one, position("C++ Developer", "Acme", "Leeds")));
    g_assert_false(fingerprint_equal(one, position("C Developer", "Acme", "York")));
    g_assert_false(
        fingerprint_equal(position("Baker", "Acme", "London"), position("Baker", "Acme", "London, Ontario")));
    g_assert_false(fingerprint_equal(one, position("C Developer", "Acme Leeds", "")));
    g_assert_false(fingerprint_equal(position("D Developer", "Acme", ""), position("H Developer", "Acme", "")));
    g_assert_false(fingerprint_equal(fingerprint_of_id(STR("ab"), STR("c")), fingerprint_of_id(STR("a"), STR("bc"))));
}

static void
without_company_there_is_no_position_key(void)
{
    g_autoptr(Arena) arena = arena_new(1024);
    Listing listing = {.title = STR("Nurse")};
    Fingerprint fingerprint;

    g_assert_false(fingerprint_of_position(&listing, company_normalise(arena, listing.company), &fingerprint));
    listing.company = STR("Co");
    g_assert_true(fingerprint_of_position(&listing, company_normalise(arena, listing.company), &fingerprint));
}

static void
every_fingerprint_reads_back(void)
{
    SeededRandom random;
    char text[FINGERPRINT_TEXT_SIZE];

    seeded_random_init(&random, 7);
    for (int i = 0; i < 1000; i++) {
        Fingerprint in = {random_u64(&random.random), random_u64(&random.random)}, out;

        g_assert_cmpuint(strlen(fingerprint_format(in, text)), ==, 26);
        g_assert_true(fingerprint_parse(str_of(text), &out));
        assert_same(in, out);
    }
    g_assert_false(fingerprint_parse(STR("ZZZZZZZZZZZZZZZZZZZZZZZZZZ"), &(Fingerprint){0, 0}));
    g_assert_false(fingerprint_parse(STR("00000000000000000000000000U"), &(Fingerprint){0, 0}));
    g_assert_false(fingerprint_parse(STR("0000000000000000000000000U"), &(Fingerprint){0, 0}));
    g_assert_false(fingerprint_parse(STR(""), &(Fingerprint){0, 0}));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/listings/the_same_position_is_recognised_in_other_writing",
                    the_same_position_is_recognised_in_other_writing);
    g_test_add_func("/listings/different_positions_stay_apart", different_positions_stay_apart);
    g_test_add_func("/listings/without_company_there_is_no_position_key", without_company_there_is_no_position_key);
    g_test_add_func("/listings/every_fingerprint_reads_back", every_fingerprint_reads_back);
    return g_test_run();
}
