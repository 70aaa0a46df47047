/*
 * Base64url: bytes as text that fits into a URL (RFC 4648, section 5), without padding.
 *
 * For what is no secret: libsodium's takes ten times as long, so that its time tells nothing of one.
 */
#pragma once

#include "base/str.h"

/* Characters of so many bytes. */
#define BASE64URL_SIZE(bytes) (((size_t)(bytes)*4 + 2) / 3)

/* Writes BASE64URL_SIZE(size) characters and no NUL. */
void base64url_write(char *text, const uint8_t *bytes, size_t size);
void base64url_append(GString *to, const uint8_t *bytes, size_t size);
/* False for what is no base64url, not the one way to write its bytes, or more than limit bytes. */
bool base64url_read(Str text, uint8_t *to, size_t limit, size_t *ret_size) G_GNUC_WARN_UNUSED_RESULT;
