/*
 * Addresses that a request to a partner must never reach: ours. A partner chooses where its URLs, redirects and names
 * lead; it must not choose our own network (SSRF).
 *
 * The ranges are those of the IANA special-purpose address registries for IPv4 and IPv6 that are not globally
 * reachable, and multicast. An IPv6 address that carries an IPv4 one is judged by that.
 */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

/* True also for an address of an unknown family. */
bool address_is_private(const struct sockaddr *address);
/* The same for an address as text; true for what is none. */
bool address_text_is_private(const char *text);
