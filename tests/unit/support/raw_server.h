/*
 * A server that knows no HTTP: each connection it accepts gets the bytes of a script, for tests of clients.
 */
#pragma once

#include "base/str.h"

typedef struct RawServer RawServer;

typedef enum {
    RAW_CLOSE,   /* send the answer, close */
    RAW_RESET,   /* send the answer, reset the connection */
    RAW_HANG,    /* send the answer, then wait until the client leaves */
    RAW_ENDLESS, /* send the answer, then repeat `more` until the client leaves */
    RAW_DRIP,    /* send the answer byte by byte */
} RawEnding;

/* Reads a request's head, then answers as told. Loopback, any free port. */
RawServer *raw_server_new(Str answer, RawEnding ending, Str more);
uint16_t raw_server_port(const RawServer *server);
/* Connections that were accepted so far. */
int raw_server_count(const RawServer *server);
void raw_server_free(RawServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RawServer, raw_server_free)
