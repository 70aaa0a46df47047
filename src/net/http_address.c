#include "net/http_address.h"

#include <arpa/inet.h>
#include <glib.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#define V4(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static const struct {
    uint32_t prefix;
    unsigned bits;
} PRIVATE_V4[] = {
    {V4(0, 0, 0, 0), 8},       /* this network */
    {V4(10, 0, 0, 0), 8},      /* private use */
    {V4(100, 64, 0, 0), 10},   /* shared, carrier NAT */
    {V4(127, 0, 0, 0), 8},     /* loopback */
    {V4(169, 254, 0, 0), 16},  /* link-local, cloud metadata */
    {V4(172, 16, 0, 0), 12},   /* private use */
    {V4(192, 0, 0, 0), 24},    /* protocol assignments */
    {V4(192, 0, 2, 0), 24},    /* documentation */
    {V4(192, 168, 0, 0), 16},  /* private use */
    {V4(198, 18, 0, 0), 15},   /* benchmarking */
    {V4(198, 51, 100, 0), 24}, /* documentation */
    {V4(203, 0, 113, 0), 24},  /* documentation */
    {V4(224, 0, 0, 0), 4},     /* multicast */
    {V4(240, 0, 0, 0), 4},     /* reserved, broadcast */
};

static const struct {
    uint8_t prefix[16];
    unsigned bits;
} PRIVATE_V6[] = {
    {{0}, 96},                                  /* unspecified, loopback, IPv4-compatible */
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48}, /* translation within a network */
    {{0x01, 0x00}, 64},                         /* discard */
    {{0x20, 0x01, 0x00, 0x00}, 23},             /* protocol assignments, Teredo */
    {{0x20, 0x01, 0x0d, 0xb8}, 32},             /* documentation */
    {{0x3f, 0xff, 0x00, 0x00}, 20},             /* documentation */
    {{0x5f, 0x00}, 16},                         /* segment routing */
    {{0xfc, 0x00}, 7},                          /* unique local */
    {{0xfe, 0x80}, 10},                         /* link-local */
    {{0xfe, 0xc0}, 10},                         /* site-local */
    {{0xff, 0x00}, 8},                          /* multicast */
};

/* Where IPv6 addresses carry an IPv4 one. */
static const struct {
    uint8_t prefix[16];
    unsigned bits, at;
} CARRIERS[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 12}, /* IPv4-mapped */
    {{0x00, 0x64, 0xff, 0x9b}, 96, 12},                   /* NAT64 */
    {{0x20, 0x02}, 16, 2},                                /* 6to4 */
};

static bool
v4_is_private(uint32_t address)
{
    for (size_t i = 0; i < G_N_ELEMENTS(PRIVATE_V4); i++)
        if ((address ^ PRIVATE_V4[i].prefix) >> (32 - PRIVATE_V4[i].bits) == 0)
            return true;
    return false;
}

static bool
has_prefix(const uint8_t *address, const uint8_t *prefix, unsigned bits)
{
    unsigned bytes = bits / 8, rest = bits % 8;

    return memcmp(address, prefix, bytes) == 0 && (rest == 0 || (address[bytes] ^ prefix[bytes]) >> (8 - rest) == 0);
}

static bool
v6_is_private(const uint8_t *address)
{
    for (size_t i = 0; i < G_N_ELEMENTS(CARRIERS); i++)
        if (has_prefix(address, CARRIERS[i].prefix, CARRIERS[i].bits)) {
            const uint8_t *v4 = address + CARRIERS[i].at;

            return v4_is_private(V4(v4[0], v4[1], v4[2], v4[3]));
        }
    for (size_t i = 0; i < G_N_ELEMENTS(PRIVATE_V6); i++)
        if (has_prefix(address, PRIVATE_V6[i].prefix, PRIVATE_V6[i].bits))
            return true;
    return false;
}

bool
address_is_private(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return v4_is_private(ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
    if (address->sa_family == AF_INET6)
        return v6_is_private(((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr);
    return true;
}

bool
address_text_is_private(const char *text)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, text, &v4) == 1)
        return v4_is_private(ntohl(v4.s_addr));
    if (inet_pton(AF_INET6, text, &v6) == 1)
        return v6_is_private(v6.s6_addr);
    return true; /* with a zone, so link-local; or no address */
}
