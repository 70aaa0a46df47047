#include "tracking/visitor.h"

#include <sodium.h>

#include "tracking/client_address.h"

#define HASH_BYTES      16
#define IPV4_KEPT_BYTES 15 /* of the mapped form: all but the last */
#define IPV6_KEPT_BYTES 6  /* /48 */

G_STATIC_ASSERT(2 * HASH_BYTES + 1 == VISITOR_HASH_TEXT_SIZE);

static int64_t
day_of(int64_t us)
{
    return us / US_PER_DAY - (us % US_PER_DAY < 0);
}

static Address
address_truncate(Str text)
{
    Address address, truncated = {{0}};

    if (address_parse(text, &address))
        memcpy(truncated.bytes, address.bytes, address_is_ipv4(&address) ? IPV4_KEPT_BYTES : IPV6_KEPT_BYTES);
    return truncated;
}

Str
visitor_hash(const uint8_t secret[VISITOR_SECRET_BYTES], int64_t now_us, Str address, Str user_agent, char *to)
{
    int64_t day = day_of(now_us);
    Address truncated = address_truncate(address);
    uint8_t day_key[VISITOR_SECRET_BYTES], hash[HASH_BYTES];
    crypto_generichash_state state;

    crypto_generichash(day_key, sizeof day_key, (const unsigned char *)&day, sizeof day, secret, VISITOR_SECRET_BYTES);
    crypto_generichash_init(&state, day_key, sizeof day_key, sizeof hash);
    crypto_generichash_update(&state, truncated.bytes, sizeof truncated.bytes);
    crypto_generichash_update(&state, (const unsigned char *)user_agent.at, user_agent.size);
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(to, VISITOR_HASH_TEXT_SIZE, hash, sizeof hash);
    return str_of(to);
}
