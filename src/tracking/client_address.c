#include "tracking/client_address.h"

#include <arpa/inet.h>

#define IPV4_BITS_BEFORE 96

static const uint8_t IPV4_PREFIX[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* Without brackets and port. */
static Str
host_part(Str text)
{
    ptrdiff_t end;

    if (str_starts_with(text, STR("["))) {
        end = str_find_char(text, ']');
        return end < 0 ? STR_NONE : str_slice(text, 1, (size_t)end);
    }
    end = str_find_char(text, ':');
    /* One colon is a port; several are IPv6. */
    if (end >= 0 && str_find_char(str_slice(text, (size_t)end + 1, text.size), ':') < 0)
        return str_slice(text, 0, (size_t)end);
    return text;
}

bool
address_parse(Str text, Address *ret_address)
{
    Str host = host_part(str_trim(text));
    char copy[INET6_ADDRSTRLEN];
    Address address;

    if (host.size == 0 || host.size >= sizeof copy || memchr(host.at, '\0', host.size) != NULL)
        return false;
    memcpy(copy, host.at, host.size);
    copy[host.size] = '\0';
    if (inet_pton(AF_INET, copy, address.bytes + sizeof IPV4_PREFIX) == 1)
        memcpy(address.bytes, IPV4_PREFIX, sizeof IPV4_PREFIX);
    else if (inet_pton(AF_INET6, copy, address.bytes) != 1)
        return false;
    *ret_address = address;
    return true;
}

bool
address_is_ipv4(const Address *address)
{
    return memcmp(address->bytes, IPV4_PREFIX, sizeof IPV4_PREFIX) == 0;
}

bool
address_range_parse(Str text, AddressRange *ret_range, GError **error)
{
    Str rest = text, base = str_cut(&rest, '/');
    AddressRange range;
    int64_t bits;
    bool ipv4;

    if (!address_parse(base, &range.address))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" is not an address or a range like 10.0.0.0/8",
                         STR_FORMAT(text));
    ipv4 = address_is_ipv4(&range.address);
    bits = ipv4 ? 32 : 128;
    if (rest.at != NULL && (!str_to_int64(rest, &bits) || bits < 0 || bits > (ipv4 ? 32 : 128)))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\": the length after / must be 0 to %d", STR_FORMAT(text),
                         ipv4 ? 32 : 128);
    range.bits = (unsigned)bits + (ipv4 ? IPV4_BITS_BEFORE : 0);
    *ret_range = range;
    return true;
}

bool
address_range_has(const AddressRange *range, const Address *address)
{
    unsigned whole = range->bits / 8, rest = range->bits % 8;
    unsigned mask = rest == 0 ? 0 : 0xffu << (8 - rest) & 0xffu;

    if (memcmp(range->address.bytes, address->bytes, whole) != 0)
        return false;
    return rest == 0 || ((range->address.bytes[whole] ^ address->bytes[whole]) & mask) == 0;
}

static bool
is_loopback(const Address *address)
{
    static const uint8_t IPV6_LOOPBACK[16] = {[15] = 1};

    if (address_is_ipv4(address))
        return address->bytes[sizeof IPV4_PREFIX] == 127;
    return memcmp(address->bytes, IPV6_LOOPBACK, sizeof IPV6_LOOPBACK) == 0;
}

static bool
is_trusted(const Address *address, const AddressRange *trusted, size_t count)
{
    if (is_loopback(address))
        return true;
    for (size_t i = 0; i < count; i++)
        if (address_range_has(&trusted[i], address))
            return true;
    return false;
}

/* The last entry of a comma-separated list, which loses it. */
static Str
cut_last(Str *rest)
{
    size_t at = rest->size;
    Str last;

    while (at > 0 && rest->at[at - 1] != ',')
        at--;
    last = str_trim(str_slice(*rest, at, rest->size));
    *rest = str_slice(*rest, 0, at == 0 ? 0 : at - 1);
    return last;
}

Str
client_address(Str peer, Str forwarded_for, const AddressRange *trusted, size_t trusted_count)
{
    Str client = peer;
    Address address;

    while (address_parse(client, &address) && is_trusted(&address, trusted, trusted_count) && forwarded_for.size > 0) {
        Str before = cut_last(&forwarded_for);

        /* A proxy that wrote something else ("unknown") tells us no more than itself. */
        if (!address_parse(before, &address))
            break;
        client = before;
    }
    return client;
}
