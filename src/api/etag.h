/*
 * ETag: by which a client knows whether what it has is still what there is (RFC 9110, section 8.8.3). Ours are weak, as one
 * state may be sent plain or compressed.
 */
#pragma once

#include "net/http_server.h"

#define ETAG_SIZE 40

/* Of what is sent, whatever it says. */
void etag_of(Str bytes, char to[ETAG_SIZE]);
/* Tells the client to ask with it next time. True when it did, and has that already: then it has been answered. */
bool etag_answers(HttpExchange *exchange, const char *etag);
