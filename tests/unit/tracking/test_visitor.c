#include "tracking/visitor.h"

#include "tracking/client_address.h"
#include "tracking/sub_id.h"

static const uint8_t SECRET[VISITOR_SECRET_BYTES] = {1, 2, 3};

static char *
hash_at(int64_t now_us, const char *address, const char *user_agent)
{
    char to[VISITOR_HASH_TEXT_SIZE];

    return str_dup(visitor_hash(SECRET, now_us, str_of(address), str_of(user_agent), to));
}

static bool
is_same(const char *address, const char *other)
{
    g_autofree char *a = hash_at(0, address, "ua"), *b = hash_at(0, other, "ua");

    return strcmp(a, b) == 0;
}

static void
neighbours_in_a_network_are_one_visitor(void)
{
    g_assert_true(is_same("192.0.2.1", "192.0.2.254"));
    g_assert_false(is_same("192.0.2.1", "192.0.3.1"));
    g_assert_true(is_same("2001:db8:1:2::3", "2001:db8:1:ffff::9"));
    g_assert_false(is_same("2001:db8:1::1", "2001:db8:2::1"));
    g_assert_true(is_same("::ffff:192.0.2.7", "192.0.2.1"));
    g_assert_true(is_same("nonsense", ""));
}

static void
another_agent_or_day_is_another_visitor(void)
{
    g_autofree char *a = hash_at(0, "192.0.2.1", "ua"), *b = hash_at(0, "192.0.2.1", "ub"),
                    *late = hash_at(US_PER_DAY - 1, "192.0.2.1", "ua"), *next = hash_at(US_PER_DAY, "192.0.2.1", "ua");

    g_assert_cmpuint(strlen(a), ==, 32);
    g_assert_cmpstr(a, !=, b);
    g_assert_cmpstr(a, ==, late);
    g_assert_cmpstr(a, !=, next);
}

static void
assert_client(const char *expected, const char *peer, const char *forwarded_for)
{
    AddressRange trusted[2];
    Str client;

    g_assert_true(address_range_parse(STR("10.0.0.0/8"), &trusted[0], NULL));
    g_assert_true(address_range_parse(STR("2001:db8:ffff::/48"), &trusted[1], NULL));
    client = client_address(str_of(peer), str_of(forwarded_for), trusted, G_N_ELEMENTS(trusted));
    g_test_message("%s, %s", peer, forwarded_for);
    g_assert_true(str_is(client, expected));
}

static void
only_a_trusted_proxy_s_word_is_believed(void)
{
    assert_client("198.51.100.7", "198.51.100.7", NULL);
    assert_client("198.51.100.7", "198.51.100.7", "192.0.2.1");
    assert_client("192.0.2.1", "127.0.0.1", "192.0.2.1");
    assert_client("192.0.2.1", "::1", "192.0.2.1");
    assert_client("192.0.2.1", "10.1.2.3", "192.0.2.1");
    assert_client("192.0.2.1", "127.0.0.1", "203.0.113.66, 192.0.2.1, 10.9.9.9 ,2001:db8:ffff:1::2");
    assert_client("10.1.2.3", "127.0.0.1", "10.1.2.3");
    assert_client("127.0.0.1", "127.0.0.1", NULL);
    assert_client("127.0.0.1", "127.0.0.1", "192.0.2.1, unknown");
    assert_client("127.0.0.1", "127.0.0.1", "");
    assert_client("127.0.0.1", "127.0.0.1", ",,,");
    assert_client("192.0.2.1:5000", "127.0.0.1", "192.0.2.1:5000");
    assert_client("[2001:db8::1]:443", "127.0.0.1", "1.1.1.1, [2001:db8::1]:443");
    assert_client("11.0.0.1", "11.0.0.1", "192.0.2.1");
}

static void
a_range_that_is_none_is_named(void)
{
    static const char *const WRONG[] = {"", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "10.0.0.0/-1", "x/8"};
    AddressRange range;
    Address address;

    for (size_t i = 0; i < G_N_ELEMENTS(WRONG); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(address_range_parse(str_of(WRONG[i]), &range, &error));
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, WRONG[i]));
    }
    g_assert_true(address_range_parse(STR("192.0.2.128/25"), &range, NULL));
    g_assert_true(address_parse(STR("192.0.2.200"), &address));
    g_assert_true(address_range_has(&range, &address));
    g_assert_true(address_parse(STR("192.0.2.100"), &address));
    g_assert_false(address_range_has(&range, &address));
}

static void
a_sub_id_fits_its_slot(void)
{
    SeededRandom random;
    FakeClock clock;
    IdMint mint;
    char to[SUB_ID_TEXT_SIZE];
    Id id, found;
    int64_t number;

    seeded_random_init(&random, 1);
    fake_clock_init(&clock, INT64_C(1800000000000000));
    id_mint_init(&mint, &clock.clock, 511);
    id = id_mint(&mint);
    g_assert_true(sub_id_make(false, 13, id, &random.random, to));
    g_assert_true(id_parse(str_of(to), &found));
    g_assert_cmpint(found, ==, id);
    g_assert_false(sub_id_make(false, 12, id, &random.random, to));

    g_assert_true(sub_id_make(true, 19, id, &random.random, to));
    g_assert_true(str_to_int64(str_of(to), &number));
    g_assert_cmpint(number, ==, id);

    g_assert_true(sub_id_make(true, 15, id, &random.random, to));
    g_assert_cmpuint(strlen(to), ==, 15);
    g_assert_cmpuint(strspn(to, "0123456789"), ==, 15);
    g_assert_true(str_starts_with(str_of(to), STR("222163200"))); /* 1800000000 - 1577836800 */
    g_assert_false(sub_id_make(true, 14, id, &random.random, to));

    g_assert_true(sub_id_make(true, 19, INT64_MAX, &random.random, to));
    g_assert_cmpstr(to, ==, "9223372036854775807");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/visitor/neighbours_in_a_network_are_one_visitor", neighbours_in_a_network_are_one_visitor);
    g_test_add_func("/visitor/another_agent_or_day_is_another_visitor", another_agent_or_day_is_another_visitor);
    g_test_add_func("/visitor/only_a_trusted_proxy_s_word_is_believed", only_a_trusted_proxy_s_word_is_believed);
    g_test_add_func("/visitor/a_range_that_is_none_is_named", a_range_that_is_none_is_named);
    g_test_add_func("/visitor/a_sub_id_fits_its_slot", a_sub_id_fits_its_slot);
    return g_test_run();
}
