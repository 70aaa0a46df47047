/*
 * Shared store: values under keys that several processes share and anybody may lose, as an interface. net/redis_store.h
 * is the real one; tests have their own.
 *
 * It never makes anybody wait for long: a get is answered within the store's own time limit, and while the store is
 * away it is not even asked. All on one loop's thread.
 */
#pragma once

#include "base/str.h"

typedef struct SharedStore SharedStore;
typedef struct SharedGet SharedGet;

/* value: absent when it is not there, or did not come in time; valid during the call. */
typedef void (*SharedFoundFn)(void *data, Str value);

typedef struct {
    SharedGet *(*get)(SharedStore *store, Str key, SharedFoundFn found, void *data);
    void (*cancel)(SharedStore *store, SharedGet *get);
    void (*set)(SharedStore *store, Str key, Str value, int64_t lifetime_us);
} SharedStoreOps;

struct SharedStore {
    const SharedStoreOps *ops;
};

/* Calls found once, but not from within. NULL: it can't be asked just now, and found is not called. */
static inline SharedGet *
shared_store_get(SharedStore *store, Str key, SharedFoundFn found, void *data)
{
    return store->ops->get(store, key, found, data);
}

/* found is not called any more. */
static inline void
shared_store_cancel(SharedStore *store, SharedGet *get)
{
    store->ops->cancel(store, get);
}

/* Keeps a copy of value for lifetime_us, if it can; nobody is told. */
static inline void
shared_store_set(SharedStore *store, Str key, Str value, int64_t lifetime_us)
{
    store->ops->set(store, key, value, lifetime_us);
}
