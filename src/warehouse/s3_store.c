#include "warehouse/s3_store.h"

#include "warehouse/file.h"

#include <stdio.h>
#include <unistd.h>

#define CONTENT_TYPE "application/octet-stream"

typedef struct {
    ObjectStore store;
    const S3Config *config;
    const Cloud *cloud;
    char *prefix; /* "" or with '/' at its end */
} S3Store;

static char *
full_key(const ObjectStore *store, const char *key)
{
    return g_strconcat(((const S3Store *)store)->prefix, key, NULL);
}

static bool
s3_store_put(ObjectStore *store, const char *key, const char *path, const char *sha256, bool *ret_added, GError **error)
{
    S3Store *s3 = (S3Store *)store;
    g_autofree char *full = full_key(store, key);

    (void)sha256; /* taken anew, of the bytes that are sent */
    return s3_put_file_if_absent(s3->config, s3->cloud, full, path, CONTENT_TYPE, ret_added, error);
}

/* ---- reading ---- */

/* Bytes on their way from S3 into a file, hashed. */
typedef struct {
    GChecksum *sha256;
    FILE *file;
    bool failed;
} Taking;

static bool
take(void *data, Str bytes)
{
    Taking *taking = data;

    g_checksum_update(taking->sha256, (const guchar *)bytes.at, (gssize)bytes.size);
    taking->failed = fwrite(bytes.at, 1, bytes.size, taking->file) != bytes.size;
    return !taking->failed;
}

/* Reads the whole object, which must have the digest. */
static bool
read_object(const S3Store *s3, const char *full, const char *sha256, FILE *file, GError **error)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    Taking taking = {.sha256 = checksum, .file = file};
    const CloudSink sink = {take, &taking};

    if (!s3_get(s3->config, s3->cloud, full, &sink, error)) {
        if (taking.failed)
            weir_fail_within(error, "the disk did not take all of it");
        return false;
    }
    return strcmp(g_checksum_get_string(checksum), sha256) == 0 ||
           weir_fail(error, WEIR_ERROR_CONFLICT, "s3://%s/%s is there with SHA-256 %s instead of %s",
                     s3->config->bucket, full, g_checksum_get_string(checksum), sha256);
}

static bool
s3_store_get(ObjectStore *store, const char *key, const char *sha256, const char *path, GError **error)
{
    S3Store *s3 = (S3Store *)store;
    g_autofree char *full = full_key(store, key), *part = g_strdup_printf("%s.part", path);
    FILE *file = fopen(part, "wbe");
    bool done;

    if (file == NULL)
        return file_fail(error, "make", part);
    done = read_object(s3, full, sha256, file, error);
    if (fclose(file) != 0 && done)
        done = file_fail(error, "write", part);
    if (!done)
        unlink(part);
    return done && file_sync(part, error) && file_move(part, path, error);
}

static void
s3_store_free(ObjectStore *store)
{
    g_free(((S3Store *)store)->prefix);
    g_free(store);
}

static const ObjectStoreType S3_STORE = {.name = "s3", .put = s3_store_put, .get = s3_store_get, .free = s3_store_free};

ObjectStore *
s3_store_new(const S3Config *config, const Cloud *cloud, const char *prefix)
{
    S3Store *store = g_new0(S3Store, 1);

    store->store.type = &S3_STORE;
    store->config = config;
    store->cloud = cloud;
    store->prefix = prefix == NULL || *prefix == '\0' || g_str_has_suffix(prefix, "/") ? g_strdup(prefix ?: "")
                                                                                       : g_strconcat(prefix, "/", NULL);
    return &store->store;
}
