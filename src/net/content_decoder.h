/*
 * Content decoder: a body with Content-Encoding gzip or deflate, undone a little at a time.
 *
 * Whoever reads says when it has had enough for now: 64 KB as received may be 64 MB when inflated, and nobody else would
 * have a turn meanwhile. So a call takes what it needs of the bytes it is given, and fills one buffer. libcurl would
 * inflate all of what it has received at once, and keep in memory what is not wanted yet.
 *
 * Members of gzip one behind another are one body, as in stream/inflate.h. What else stands behind the end is left out.
 */
#pragma once

#include "base/str.h"

#define CONTENT_DECODER_BYTES 16384 /* at most, that come out of one step */

typedef struct ContentDecoder ContentDecoder;

/* The value of Content-Encoding; NULL when that is something else. */
ContentDecoder *content_decoder_new(Str encoding);
/* NULL is allowed. */
void content_decoder_free(ContentDecoder *decoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ContentDecoder, content_decoder_free)
/* Takes of *bytes from the front, and gives what came out, valid until the next step; empty: nothing more is in them.
 * False when they are no such encoding. */
bool content_decoder_step(ContentDecoder *decoder, Str *bytes, Str *ret_out);
/* Whether the stream has come to its end, or not even begun. */
bool content_decoder_is_whole(const ContentDecoder *decoder);
