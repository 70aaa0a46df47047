/*
 * Unpack: zlib's inflate within bounds, for the formats that are made of it (inflate.c: gzip, zip.c: zip).
 *
 * What comes out is counted against what went in and against a limit before anybody gets it, so that a bomb is refused
 * long before it is held.
 */
#pragma once

#include "base/error.h"
#include "base/str.h"

#include <zlib.h>

typedef bool (*ByteSink)(void *data, Str bytes, GError **error);

typedef struct {
    const char *format;   /* for messages */
    uint64_t limit_bytes; /* of what comes out; 0: none */
    ByteSink sink;
    void *data;
    uint64_t in_bytes, out_bytes; /* so far, of all streams; the caller adds to in_bytes what it reads itself */
    z_stream zlib;                /* with the buffer, only once something packed was seen: most answers are plain */
    Bytef *out;
} Unpack;

void unpack_clear(Unpack *unpack);
/* Begins a stream; window_bits as zlib's inflateInit2() wants them. */
void unpack_begin(Unpack *unpack, int window_bits);
/* Takes of bytes what belongs to the stream, and gives what it holds, also when it then turns out to be damaged. */
bool unpack_take(Unpack *unpack, Str *bytes, bool *ret_has_ended, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Gives bytes that are not packed. */
bool unpack_copy(Unpack *unpack, Str bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
