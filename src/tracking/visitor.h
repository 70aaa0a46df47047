/*
 * Visitor: who clicked, so vaguely that it can't be turned back into a person: a keyed hash of the truncated address
 * (IPv4 /24, IPv6 /48) and the user agent, whose key changes each UTC day. The address itself is never kept.
 */
#pragma once

#include "base/clock.h"
#include "base/str.h"

#define VISITOR_SECRET_BYTES   32
#define VISITOR_HASH_TEXT_SIZE 33

/* Writes 32 hexadecimal digits and NUL into to, and returns them. address: see client_address(); one that can't be read
 * counts as one unknown address. */
Str visitor_hash(const uint8_t secret[VISITOR_SECRET_BYTES], int64_t now_us, Str address, Str user_agent, char *to);
