/*
 * Object store: where exported files end up. An object is written once, under a key that nobody else uses, and never
 * changed: so a put that is repeated after a crash is harmless, whoever repeats it.
 *
 * A store is one file with one const table of functions; it begins with the struct below.
 */
#pragma once

#include "base/error.h"

typedef struct ObjectStore ObjectStore;

typedef struct {
    const char *name; /* "folder", "s3" */
    /* Puts the file at path under key unless it is there. sha256: of the file, 64 hexadecimal digits in lower case.
     * *ret_added: false when the same object was there already. CONFLICT when another one was. The object is durable
     * when this returns true. */
    bool (*put)(ObjectStore *store, const char *key, const char *path, const char *sha256, bool *ret_added,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
    /* The object as a file at path, which is replaced. NOT_FOUND without it, CONFLICT when its content is another. */
    bool (*get)(ObjectStore *store, const char *key, const char *sha256, const char *path,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
    void (*free)(ObjectStore *store);
} ObjectStoreType;

struct ObjectStore {
    const ObjectStoreType *type;
};

static inline void
object_store_free(ObjectStore *store)
{
    if (store != NULL)
        store->type->free(store);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ObjectStore, object_store_free)

/* Objects as files below folder, which is made when it is missing. */
ObjectStore *folder_store_new(const char *folder);
