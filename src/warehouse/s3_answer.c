#include "warehouse/s3_answer.h"

#include "stream/reader.h"

#define SHA256_SIZE 32

Str
s3_checksum_of_hex(const char *sha256, Arena *arena)
{
    guchar digest[SHA256_SIZE];
    g_autofree char *base64 = NULL;

    for (size_t i = 0; i < sizeof digest; i++)
        digest[i] = (guchar)(g_ascii_xdigit_value(sha256[2 * i]) * 16 + g_ascii_xdigit_value(sha256[2 * i + 1]));
    base64 = g_base64_encode(digest, sizeof digest);
    return arena_str(arena, str_of(base64));
}

/* False when it is no SHA-256 in base64: the checksum of an object of many parts ends in "-3". */
static bool
hex_of_checksum(Str checksum, char *to)
{
    g_autofree char *text = str_dup(checksum);
    g_autofree guchar *digest = NULL;
    gsize size = 0;

    if (text == NULL || checksum.size != 44)
        return false;
    digest = g_base64_decode(text, &size);
    if (size != SHA256_SIZE)
        return false;
    for (size_t i = 0; i < size; i++)
        g_snprintf(to + 2 * i, 3, "%02x", digest[i]);
    return true;
}

bool
s3_answer_object(const CloudAnswer *answer, S3Object *ret_object, GError **error)
{
    Str digest = http_header_find(answer->headers, "x-amz-meta-sha256");
    S3Object object = {0};

    if (!str_to_int64(http_header_find(answer->headers, "Content-Length"), &object.size_bytes) || object.size_bytes < 0)
        return weir_fail(error, WEIR_ERROR_BROKEN, "S3 did not tell the size of the object");
    if (!hex_of_checksum(http_header_find(answer->headers, "x-amz-checksum-sha256"), object.sha256) &&
        digest.size == 2 * SHA256_SIZE)
        memcpy(object.sha256, digest.at, digest.size);
    *ret_object = object;
    return true;
}

typedef struct {
    S3ListFn each; /* NULL: keep the first row as an error's code and message */
    void *data;
    bool stopped, bad;
    char *code, *message;
} Reading;

static Str
field(const Record *record, size_t i)
{
    return record->fields[i].count > 0 ? record->fields[i].values[0].text : STR_NONE;
}

static bool
on_record(void *data, const Record *record)
{
    Reading *reading = data;
    g_autoptr(GString) key = g_string_new("");
    int64_t size = 0;

    if (reading->each == NULL) {
        if (reading->code == NULL) {
            reading->code = str_dup(field(record, 0));
            reading->message = str_dup(field(record, 1));
        }
        return true;
    }
    if (!http_decode(field(record, 0), true, key) || !str_to_int64(field(record, 1), &size))
        reading->bad = true;
    else if (!reading->each(reading->data, str_of_gstring(key), size))
        reading->stopped = true;
    return !reading->bad && !reading->stopped;
}

/* Reads the XML of an answer: two fields of each record, and one value of the document. */
static bool
xml_read(const CloudAnswer *answer, const char *const paths[4], Reading *reading, char **ret_value, GError **error)
{
    g_autoptr(Path) records = path_parse(str_of(paths[0]), error);
    g_autoptr(Path) first = path_parse(str_of(paths[1]), error);
    g_autoptr(Path) second = path_parse(str_of(paths[2]), error);
    g_autoptr(Path) value = path_parse(str_of(paths[3]), error);
    const Path *fields[] = {first, second}, *document[] = {value};
    ReaderSpec spec = {.format = STREAM_XML,
                       .records = records,
                       .fields = fields,
                       .field_count = 2,
                       .document = document,
                       .document_count = 1};
    ReaderEvents events = {.record = on_record};
    g_autoptr(Reader) reader = NULL;
    Values found;

    g_assert(records != NULL && first != NULL && second != NULL && value != NULL);
    reader = reader_new(&spec, &events, reading);
    if (!reader_push(reader, str_of_gstring(answer->body), error) || !reader_finish(reader, error))
        return false;
    found = reader_document(reader, 0);
    *ret_value = found.count > 0 ? str_dup(found.values[0].text) : NULL;
    return true;
}

/* What S3 says by code, not by status alone. */
static WeirError
code_of(int status, const char *code)
{
    static const struct {
        const char *name;
        WeirError code;
    } NAMED[] = {
        {"RequestTimeout", WEIR_ERROR_UNAVAILABLE},
        {"SlowDown", WEIR_ERROR_UNAVAILABLE},
        {"ExpiredToken", WEIR_ERROR_INVALID},
        {"NoSuchKey", WEIR_ERROR_NOT_FOUND},
        {"NoSuchBucket", WEIR_ERROR_INVALID},
        {"ConditionalRequestConflict", WEIR_ERROR_CONFLICT},
        {"OperationAborted", WEIR_ERROR_CONFLICT},
        /* The bytes changed on the way; what the task sends next time may arrive whole. */
        {"BadDigest", WEIR_ERROR_UNAVAILABLE},
        {"XAmzContentSHA256Mismatch", WEIR_ERROR_UNAVAILABLE},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(NAMED); i++)
        if (g_str_equal(code, NAMED[i].name))
            return NAMED[i].code;
    if (status == 404)
        return WEIR_ERROR_NOT_FOUND;
    if (status == 409 || status == 412)
        return WEIR_ERROR_CONFLICT;
    return status == 408 || status == 429 || status >= 500 ? WEIR_ERROR_UNAVAILABLE : WEIR_ERROR_INVALID;
}

static const char *
hint_of(int status, const char *code)
{
    if (g_str_equal(code, "RequestTimeTooSkewed"))
        return "; the clock of this machine is wrong";
    if (g_str_equal(code, "SignatureDoesNotMatch"))
        return "; check the secret key and the region";
    if (status == 301 || status == 307)
        return "; the bucket is in another region";
    if (status == 403 && *code == '\0')
        return "; S3 says so of a missing object, too, to a key without s3:ListBucket";
    return "";
}

bool
s3_answer_check(const CloudAnswer *answer, GError **error)
{
    static const char *const PATHS[] = {"Error", "Code", "Message", "Error.RequestId"};
    Reading reading = {0};
    g_autofree char *request_id = NULL;
    g_autofree char *code = NULL;
    g_autofree char *message = NULL;

    if (answer->status == 200)
        return true;
    /* HEAD has no body, and a proxy's error is no XML: then the status has to do. */
    if (answer->body->len > 0)
        (void)!xml_read(answer, PATHS, &reading, &request_id, NULL);
    code = reading.code != NULL ? reading.code : g_strdup("");
    message = reading.message;
    return weir_fail(error, code_of(answer->status, code), "S3 answered %d%s%s%s%.200s%s%s%.64s", answer->status,
                     *code != '\0' ? " " : "", code, message != NULL ? ": " : "", message != NULL ? message : "",
                     hint_of(answer->status, code), request_id != NULL ? "; request " : "",
                     request_id != NULL ? request_id : "");
}

bool
s3_answer_list(const CloudAnswer *answer, S3ListFn each, void *data, char **ret_next, GError **error)
{
    static const char *const PATHS[] = {"ListBucketResult.Contents", "Key", "Size",
                                        "ListBucketResult.NextContinuationToken"};
    Reading reading = {.each = each, .data = data};
    g_autoptr(GError) cause = NULL;
    g_autofree char *next = NULL;

    if (!xml_read(answer, PATHS, &reading, &next, &cause) && !reading.stopped) {
        if (reading.bad)
            return weir_fail(error, WEIR_ERROR_BROKEN, "S3 listed an object without key or size");
        g_propagate_error(error, g_steal_pointer(&cause));
        return false;
    }
    *ret_next = reading.stopped ? NULL : g_steal_pointer(&next);
    return true;
}
