#include "warehouse/s3.h"

#include "warehouse/s3_answer.h"
#include "warehouse/sigv4.h"

#define CALL_TIMEOUT_US  (30 * US_PER_SECOND)
#define PUT_TIMEOUT_US   (10 * US_PER_MINUTE) /* 64 MiB at 1 Mbit/s */
#define GET_TIMEOUT_US   (30 * US_PER_MINUTE)
#define ANSWER_LIMIT     (UINT64_C(4) << 20) /* 1,000 keys of 1,024 bytes, encoded, with what stands around them */
#define GET_LIMIT        (UINT64_C(5) << 40) /* S3's largest object */
#define LIST_PAGES_LIMIT 10000               /* ten million keys: more than a warehouse of ours ever holds */

/* What a call says, besides method and key. */
typedef struct {
    const char *method, *key;
    const char *query; /* "" for none */
    HttpHeader headers[5];
    size_t header_count;
    Str body;
    const char *sha256; /* of the body */
    int64_t timeout_us;
    uint64_t limit_bytes;
} Question;

static bool
bucket_is_valid(const char *bucket)
{
    size_t size = strlen(bucket);

    if (size < 3 || size > 63 || !g_ascii_isalnum(bucket[0]) || !g_ascii_isalnum(bucket[size - 1]))
        return false;
    for (size_t i = 0; i < size; i++)
        if (!g_ascii_islower(bucket[i]) && !g_ascii_isdigit(bucket[i]) && bucket[i] != '-' && bucket[i] != '.')
            return false;
    return strstr(bucket, "..") == NULL;
}

static bool
text_is_present(const char *text)
{
    return text != NULL && *text != '\0';
}

bool
s3_config_check(const S3Config *config, GError **error)
{
    const char *endpoint = config->endpoint, *host = endpoint != NULL ? strstr(endpoint, "://") : NULL;

    if (config->bucket == NULL || !bucket_is_valid(config->bucket))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%s\" is no name of a bucket (3 to 63 of a-z, 0-9, - and .)",
                         config->bucket != NULL ? config->bucket : "");
    if (!text_is_present(config->region))
        return weir_fail(error, WEIR_ERROR_INVALID, "bucket %s needs its region", config->bucket);
    if (!text_is_present(config->access_key) || !text_is_present(config->secret_key))
        return weir_fail(error, WEIR_ERROR_INVALID, "bucket %s needs an access key and its secret", config->bucket);
    if (endpoint != NULL && ((!g_str_has_prefix(endpoint, "https://") && !g_str_has_prefix(endpoint, "http://")) ||
                             host[3] == '\0' || strpbrk(host + 3, "/?#@ ") != NULL))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%s\" is no endpoint: http(s)://HOST[:PORT], without path",
                         endpoint);
    return true;
}

/* A segment that is "." or ".." would be resolved on the way, and then not be what was signed. */
static bool
key_check(const char *key, GError **error)
{
    Str rest = str_of(key);

    if (rest.size == 0 || rest.size > S3_KEY_LIMIT_BYTES || !g_utf8_validate(key, -1, NULL))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%.100s\" is no key: 1 to %d bytes of UTF-8", key,
                         S3_KEY_LIMIT_BYTES);
    while (rest.at != NULL) {
        Str segment = str_cut(&rest, '/');

        if (str_is(segment, ".") || str_is(segment, ".."))
            return weir_fail(error, WEIR_ERROR_INVALID, "key \"%s\" has a segment that paths resolve", key);
    }
    return true;
}

/* The address of a key, or of the bucket when key is NULL. */
static char *
url_of(const S3Config *config, const char *key, const char *query)
{
    g_autofree char *regional = g_strdup_printf("https://s3.%s.amazonaws.com", config->region);
    const char *endpoint = config->endpoint != NULL ? config->endpoint : regional;
    const char *host = strstr(endpoint, "://") + 3;
    g_autoptr(GString) url = g_string_new_len(endpoint, host - endpoint);
    Str rest = str_of(key);

    if (config->path_style)
        g_string_append_printf(url, "%s/%s", host, config->bucket);
    else
        g_string_append_printf(url, "%s.%s", config->bucket, host);
    if (rest.at == NULL)
        g_string_append_c(url, '/');
    while (rest.at != NULL) {
        g_string_append_c(url, '/');
        http_encode_query(url, str_cut(&rest, '/')); /* '=' and '+', too, as they are signed */
    }
    if (*query != '\0')
        g_string_append_printf(url, "?%s", query);
    return g_string_free(g_steal_pointer(&url), FALSE);
}

static bool
s3_call(const S3Config *config, const Cloud *cloud, const Question *question, const CloudSink *sink, Arena *arena,
        CloudAnswer *ret_answer, GError **error)
{
    g_autofree char *url = NULL;
    SigV4 how = {.access_key = config->access_key,
                 .secret_key = config->secret_key,
                 .session_token = config->session_token,
                 .region = config->region,
                 .service = "s3",
                 .now_us = clock_now_us(cloud->timers->clock),
                 .content_sha256 = true};
    HttpRequest request = {.method = question->method,
                           .headers = {question->headers, question->header_count},
                           .body = question->body,
                           .timeout_us = question->timeout_us,
                           .body_limit_bytes = question->limit_bytes};
    SigV4Signed with;

    if (!s3_config_check(config, error) || (question->key != NULL && !key_check(question->key, error)))
        return false;
    url = url_of(config, question->key, question->query);
    request.url = url;
    if (!sigv4_sign(&how, &request, question->sha256, arena, &with, error))
        return false;
    request.headers = with.headers;
    return cloud_call(cloud, "S3", &request, sink, arena, ret_answer, error);
}

/* "<what> s3://bucket/key: ..." in front of the message. */
static bool
fail_at(const S3Config *config, const char *what, const char *key, GError **error)
{
    return weir_fail_within(error, "%s s3://%s/%s", what, config->bucket, key);
}

bool
s3_head(const S3Config *config, const Cloud *cloud, const char *key, S3Object *ret_object, GError **error)
{
    Question question = {.method = "HEAD",
                         .key = key,
                         .query = "",
                         .headers = {{STR("x-amz-checksum-mode"), STR("ENABLED")}},
                         .header_count = 1,
                         .sha256 = SIGV4_EMPTY_SHA256,
                         .timeout_us = CALL_TIMEOUT_US,
                         .limit_bytes = GET_LIMIT}; /* the size it tells is the object's */
    g_autoptr(Arena) arena = arena_new(4096);
    g_auto(CloudAnswer) answer = {0};

    if (!s3_call(config, cloud, &question, NULL, arena, &answer, error) || !s3_answer_check(&answer, error) ||
        !s3_answer_object(&answer, ret_object, error))
        return fail_at(config, "HEAD", key, error);
    return true;
}

/* Whether what is there is what was to be put. NOT_FOUND when nothing is. */
static bool
same_object_check(const S3Config *config, const Cloud *cloud, const char *key, size_t size, const char *sha256,
                  GError **error)
{
    S3Object object;

    if (!s3_head(config, cloud, key, &object, error))
        return false;
    if (object.size_bytes != (int64_t)size || (*object.sha256 != '\0' && !g_str_equal(object.sha256, sha256)))
        return weir_fail(
            error, WEIR_ERROR_CONFLICT,
            "s3://%s/%s is taken by other content: %" G_GINT64_FORMAT " bytes, SHA-256 %s; ours has %zu, %s",
            config->bucket, key, object.size_bytes, *object.sha256 != '\0' ? object.sha256 : "unknown", size, sha256);
    return true;
}

static bool
put(const S3Config *config, const Cloud *cloud, const char *key, Str bytes, const char *content_type,
    const char *sha256, bool *ret_taken, GError **error)
{
    g_autoptr(Arena) arena = arena_new(4096);
    Question question = {.method = "PUT",
                         .key = key,
                         .query = "",
                         .headers = {{STR("content-type"), str_of(content_type)},
                                     {STR("if-none-match"), STR("*")},
                                     {STR("x-amz-checksum-sha256"), s3_checksum_of_hex(sha256, arena)},
                                     {STR("x-amz-meta-sha256"), str_of(sha256)}},
                         .header_count = 4,
                         .body = bytes,
                         .sha256 = sha256,
                         .timeout_us = PUT_TIMEOUT_US,
                         .limit_bytes = ANSWER_LIMIT};
    g_auto(CloudAnswer) answer = {0};

    if (!s3_call(config, cloud, &question, NULL, arena, &answer, error))
        return fail_at(config, "PUT", key, error);
    if (answer.status != 412 && !s3_answer_check(&answer, error))
        return fail_at(config, "PUT", key, error);
    *ret_taken = answer.status == 412;
    return true;
}

bool
s3_put_if_absent(const S3Config *config, const Cloud *cloud, const char *key, Str bytes, const char *content_type,
                 bool *ret_put, GError **error)
{
    g_autofree char *sha256 = NULL;
    g_autoptr(GError) missing = NULL;
    g_autoptr(GError) gone = NULL;
    bool taken;

    if (bytes.size > (size_t)S3_PUT_LIMIT_BYTES)
        return weir_fail(error, WEIR_ERROR_LIMIT,
                         "s3://%s/%s would have %zu bytes; one PUT takes at most %" G_GINT64_FORMAT, config->bucket,
                         key, bytes.size, S3_PUT_LIMIT_BYTES);
    if (bytes.at == NULL)
        bytes = STR("");
    sha256 = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes.at, bytes.size);
    if (same_object_check(config, cloud, key, bytes.size, sha256, &missing)) {
        *ret_put = false;
        return true;
    }
    if (weir_error_code(missing) != WEIR_ERROR_NOT_FOUND) {
        g_propagate_error(error, g_steal_pointer(&missing));
        return false;
    }
    if (!put(config, cloud, key, bytes, content_type, sha256, &taken, error))
        return false;
    if (taken && !same_object_check(config, cloud, key, bytes.size, sha256, &gone)) {
        if (weir_error_code(gone) == WEIR_ERROR_NOT_FOUND)
            return weir_fail(error, WEIR_ERROR_CONFLICT, "s3://%s/%s was there and is gone", config->bucket, key);
        g_propagate_error(error, g_steal_pointer(&gone));
        return false;
    }
    *ret_put = !taken;
    return true;
}

bool
s3_put_file_if_absent(const S3Config *config, const Cloud *cloud, const char *key, const char *path,
                      const char *content_type, bool *ret_put, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, &cause);

    if (file == NULL)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s", cause->message);
    return s3_put_if_absent(config, cloud, key, (Str){g_mapped_file_get_contents(file), g_mapped_file_get_length(file)},
                            content_type, ret_put, error);
}

bool
s3_get(const S3Config *config, const Cloud *cloud, const char *key, const CloudSink *sink, GError **error)
{
    Question question = {.method = "GET",
                         .key = key,
                         .query = "",
                         .sha256 = SIGV4_EMPTY_SHA256,
                         .timeout_us = GET_TIMEOUT_US,
                         .limit_bytes = GET_LIMIT};
    g_autoptr(Arena) arena = arena_new(4096);
    g_auto(CloudAnswer) answer = {0};

    if (!s3_call(config, cloud, &question, sink, arena, &answer, error) || !s3_answer_check(&answer, error))
        return fail_at(config, "GET", key, error);
    return true;
}

/* One page. *ret_next: where the next one begins; NULL after the last. */
static bool
list_page(const S3Config *config, const Cloud *cloud, const char *prefix, const char *token, S3ListFn each, void *data,
          char **ret_next, GError **error)
{
    g_autoptr(GString) query = g_string_new("");
    g_autoptr(Arena) arena = arena_new(4096);
    g_auto(CloudAnswer) answer = {0};
    Question question = {
        .method = "GET", .sha256 = SIGV4_EMPTY_SHA256, .timeout_us = CALL_TIMEOUT_US, .limit_bytes = ANSWER_LIMIT};

    if (token != NULL) {
        g_string_append(query, "continuation-token=");
        http_encode_query(query, str_of(token));
        g_string_append_c(query, '&');
    }
    g_string_append(query, "encoding-type=url&list-type=2&prefix=");
    http_encode_query(query, str_of(prefix));
    question.query = query->str;
    return s3_call(config, cloud, &question, NULL, arena, &answer, error) && s3_answer_check(&answer, error) &&
           s3_answer_list(&answer, each, data, ret_next, error);
}

bool
s3_list(const S3Config *config, const Cloud *cloud, const char *prefix, S3ListFn each, void *data, GError **error)
{
    g_autofree char *token = NULL;

    for (unsigned page = 0; page < LIST_PAGES_LIMIT; page++) {
        char *next = NULL;

        if (!list_page(config, cloud, prefix, token, each, data, &next, error))
            return fail_at(config, "list", prefix, error);
        g_free(token);
        token = next;
        if (token == NULL)
            return true;
    }
    return weir_fail(error, WEIR_ERROR_LIMIT, "s3://%s/%s has more than %d pages of keys", config->bucket, prefix,
                     LIST_PAGES_LIMIT);
}
