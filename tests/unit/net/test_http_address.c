#include "net/http_address.h"

#include <glib.h>

static void
our_own_networks_are_private(void)
{
    static const char *const PRIVATE[] = {"0.0.0.0",
                                          "0.1.2.3",
                                          "10.0.0.0",
                                          "10.255.255.255",
                                          "100.64.0.0",
                                          "100.127.255.255",
                                          "127.0.0.1",
                                          "127.255.255.255",
                                          "169.254.169.254",
                                          "172.16.0.0",
                                          "172.31.255.255",
                                          "192.168.0.1",
                                          "192.0.2.1",
                                          "198.18.0.1",
                                          "198.19.255.255",
                                          "224.0.0.1",
                                          "255.255.255.255",
                                          "::",
                                          "::1",
                                          "::127.0.0.1",
                                          "::ffff:10.0.0.1",
                                          "64:ff9b::7f00:1",
                                          "64:ff9b:1::1",
                                          "2002:7f00:1::",
                                          "2001:db8::1",
                                          "2001::1",
                                          "fc00::1",
                                          "fdff::1",
                                          "fe80::1",
                                          "febf::1",
                                          "fec0::1",
                                          "ff02::1",
                                          "fe80::1%lo",
                                          "",
                                          "localhost",
                                          "1.2.3",
                                          "2002:a9fe:a9fe::1"};

    for (size_t i = 0; i < G_N_ELEMENTS(PRIVATE); i++)
        if (!address_text_is_private(PRIVATE[i]))
            g_error("%s is let through", PRIVATE[i]);
}

static void
the_world_is_not(void)
{
    static const char *const PUBLIC[] = {
        "1.1.1.1",        "9.255.255.255",    "11.0.0.0",       "100.63.255.255",  "100.128.0.0",     "126.255.255.255",
        "128.0.0.1",      "169.253.0.1",      "169.255.0.1",    "172.15.255.255",  "172.32.0.0",      "192.167.255.255",
        "192.169.0.1",    "198.17.0.1",       "198.20.0.1",     "223.255.255.255", "2606:4700::1111", "2a00:1450::1",
        "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::", "2001:4860::8888"};

    for (size_t i = 0; i < G_N_ELEMENTS(PUBLIC); i++)
        if (address_text_is_private(PUBLIC[i]))
            g_error("%s is refused", PUBLIC[i]);
}

static void
an_unknown_family_is_private(void)
{
    struct sockaddr unix_address = {.sa_family = AF_UNIX};

    g_assert_true(address_is_private(&unix_address));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/net/address/our_own_networks_are_private", our_own_networks_are_private);
    g_test_add_func("/net/address/the_world_is_not", the_world_is_not);
    g_test_add_func("/net/address/an_unknown_family_is_private", an_unknown_family_is_private);
    return g_test_run();
}
