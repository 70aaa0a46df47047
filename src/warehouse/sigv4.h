/*
 * SigV4: AWS Signature Version 4 over a request, as a function of nothing but its arguments.
 *
 *     request ──> canonical request ──> string to sign ──> signature ──> Authorization header, or query parameters
 *                                            ^
 *                          day, region and service (the scope) and the secret key
 *
 * Rules: AWS General Reference, "Signing AWS API requests". S3 differs: its path is signed as it stands in the URL,
 * neither encoded again nor normalised, and x-amz-content-sha256 is always sent. Only the S3 client uses this, the
 * other rules are here because the published vectors exercise them.
 */
#pragma once

#include "net/http.h"

typedef struct {
    const char *access_key, *secret_key;
    const char *session_token; /* NULL: none */
    const char *region, *service;
    int64_t now_us;
    bool encode_path;    /* the path is percent-encoded (again) before signing; not for S3 */
    bool normalise_path; /* "." , ".." and empty segments are resolved before signing; not for S3 */
    bool content_sha256; /* sends x-amz-content-sha256; always for S3 */
} SigV4;

/* All in the arena. */
typedef struct {
    Str canonical_request, string_to_sign, signature;
    HttpHeaders headers; /* the request's own, and those that sign it; the request's as they were for a signed query */
    Str url;             /* with the signature for a signed query; as it was otherwise */
} SigV4Signed;

/* The SHA-256 of nothing. */
#define SIGV4_EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* Signs in headers. payload_sha256: of the body, lower-case hex. All headers of the request are signed; Host is taken
 * from the URL when it is not among them. WEIR_ERROR_INVALID: the URL is none. */
bool sigv4_sign(const SigV4 *how, const HttpRequest *request, const char *payload_sha256, Arena *arena,
                SigV4Signed *ret_signed, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Signs in the query: a URL that anybody may use for expires_s seconds. */
bool sigv4_presign(const SigV4 *how, const HttpRequest *request, const char *payload_sha256, int64_t expires_s,
                   Arena *arena, SigV4Signed *ret_signed, GError **error) G_GNUC_WARN_UNUSED_RESULT;
