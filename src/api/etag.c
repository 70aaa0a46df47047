#include "api/etag.h"

#include "net/http_accept.h"

#include <sodium.h>

#define HASH_BYTES 16 /* the least that libsodium makes */

void
etag_of(Str bytes, char to[ETAG_SIZE])
{
    uint8_t hash[HASH_BYTES];
    char hex[2 * HASH_BYTES + 1];

    G_STATIC_ASSERT(ETAG_SIZE >= sizeof hex + strlen("W/\"\""));
    crypto_generichash(hash, sizeof hash, (const unsigned char *)bytes.at, bytes.size, NULL, 0);
    g_snprintf(to, ETAG_SIZE, "W/\"%s\"", sodium_bin2hex(hex, sizeof hex, hash, sizeof hash));
}

bool
etag_answers(HttpExchange *exchange, const char *etag)
{
    http_exchange_set_header(exchange, "ETag", etag);
    if (!http_has_tag(http_exchange_header(exchange, "If-None-Match"), str_of(etag)))
        return false;
    http_exchange_respond(exchange, 304, NULL, NULL);
    return true;
}
