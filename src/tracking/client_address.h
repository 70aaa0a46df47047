/*
 * Client address: who really asks, when proxies stand between.
 *
 * X-Forwarded-For is written by anybody; only what a proxy we trust appended is believed. So the list is read from its
 * end, as long as each address is a trusted one; the first that is not is the client.
 */
#pragma once

#include "base/error.h"
#include "base/str.h"

typedef struct {
    uint8_t bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
} Address;

/* "1.2.3.4" or "2001:db8::1", also with a port: "1.2.3.4:80", "[2001:db8::1]:443". */
bool address_parse(Str text, Address *ret_address);
bool address_is_ipv4(const Address *address);

typedef struct {
    Address address;
    unsigned bits; /* leading bits that count, of 128 */
} AddressRange;

/* "10.0.0.0/8" or one address. INVALID with the text. */
bool address_range_parse(Str text, AddressRange *ret_range, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool address_range_has(const AddressRange *range, const Address *address);

/* The client's address as text: peer itself, or a part of forwarded_for (may be absent). Loopback is always trusted. */
Str client_address(Str peer, Str forwarded_for, const AddressRange *trusted, size_t trusted_count);
