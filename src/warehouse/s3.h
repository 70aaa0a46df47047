/*
 * S3: a bucket, over the HttpClient interface, each call run until it is done. AWS's, or any service of that protocol.
 *
 *     HEAD key ──> there: compare
 *         └──────> not there: PUT with If-None-Match: * ──> 200: put
 *                                                   └─────> 412: somebody was faster: HEAD and compare
 *
 * An object is never replaced: its key holds the digest of its content, and putting it again is no error. Where a
 * service knows no conditional PUT, the first HEAD still keeps a second run from writing.
 *
 * Nothing is retried here; the code of the error says whether the task should. UNAVAILABLE: no connection, 429, 5xx,
 * SlowDown; TIMEOUT: no answer, the object may be there; CONFLICT: another PUT of that key is going on (409), or the
 * object there has other content; INVALID: refused for good (keys, clock, bucket, name); NOT_FOUND: no such object.
 *
 * Rules: Amazon S3 API reference (PutObject, HeadObject, GetObject, ListObjectsV2, "Error responses").
 */
#pragma once

#include "warehouse/cloud.h"

/* One PUT; a larger file is a LIMIT error. The export keeps its files below. */
#define S3_PUT_LIMIT_BYTES (INT64_C(64) << 20)
#define S3_KEY_LIMIT_BYTES 1024

/* Texts must outlive the Cloud's use of it. */
typedef struct {
    const char *endpoint; /* "http://127.0.0.1:4568"; NULL: AWS's for the region */
    const char *region;   /* "eu-central-1" */
    const char *bucket;
    bool path_style; /* the bucket stands in the path, not in the host's name */
    const char *access_key, *secret_key;
    const char *session_token; /* NULL: none */
} S3Config;

/* INVALID with what is wrong: a name that is no bucket's, an endpoint that is no address. */
bool s3_config_check(const S3Config *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    int64_t size_bytes;
    char sha256[65]; /* lower-case hex; "" when the service does not tell */
} S3Object;

/* Puts the bytes unless the key is taken. *ret_put is false when the same content was there already. */
bool s3_put_if_absent(const S3Config *config, const Cloud *cloud, const char *key, Str bytes, const char *content_type,
                      bool *ret_put, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same of a file, which is mapped, not read. INVALID: it can't be opened. */
bool s3_put_file_if_absent(const S3Config *config, const Cloud *cloud, const char *key, const char *path,
                           const char *content_type, bool *ret_put, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool s3_head(const S3Config *config, const Cloud *cloud, const char *key, S3Object *ret_object,
             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The content, piece by piece. When it fails, pieces may have been given. */
bool s3_get(const S3Config *config, const Cloud *cloud, const char *key, const CloudSink *sink,
            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Valid during the call. False stops the listing, which is no error. */
typedef bool (*S3ListFn)(void *data, Str key, int64_t size_bytes);
/* The keys that begin with prefix, in order, page after page. */
bool s3_list(const S3Config *config, const Cloud *cloud, const char *prefix, S3ListFn each, void *data,
             GError **error) G_GNUC_WARN_UNUSED_RESULT;
