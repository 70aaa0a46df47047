/*
 * Alerts: what a person should look at, told once when it begins and once when it is over.
 *
 *     (nothing) ──raise──> OPEN ──acknowledge──> ACKNOWLEDGED
 *                           │  <─raise─┐ again: only seen     │
 *                           └──────────┴──resolve─────────────┴──> RESOLVED
 *
 * The key says what it is about: until it is resolved, raising it again only renews when it was last seen. What opens or
 * resolves it also writes, in the same transaction, one notice for each channel and the task that delivers it.
 */
#pragma once

#include "base/id.h"
#include "store/db.h"

#define ALERT_TASK_KIND "alert.notify"

typedef struct {
    const char *key, *kind;
    const char *source, *day; /* may be NULL */
    const char *message;      /* a sentence */
    const char *details;      /* a JSON object */
} AlertSpec;

/* Whom to tell. */
typedef struct {
    IdMint *mint;
    const char *const *channels; /* names, NULL-terminated: see revenue/alert_channel.h */
} AlertTelling;

/* ret_opened: it did not stand already. */
bool alert_raise(DbTx *tx, const AlertTelling *telling, const AlertSpec *spec, int64_t now_us, bool *ret_opened,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* ret_resolved: there was one. */
bool alert_resolve(DbTx *tx, const AlertTelling *telling, const char *key, const char *message, int64_t now_us,
                   bool *ret_resolved, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Somebody looks after it. NOT_FOUND when there is none, CONFLICT when it is not open any more. */
bool alert_acknowledge(DbTx *tx, Id id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Texts live during the call that gives it. */
typedef struct {
    Id id;
    Str key, kind, source, day, message, details, state;   /* source and day may be absent */
    int64_t opened_at_us, last_seen_at_us, resolved_at_us; /* TIMESTAMP_NONE while it stands */
} Alert;

/* The newest first; live_only: those that are not resolved. */
bool alert_list(DbTx *tx, bool live_only, int64_t limit, void (*each)(void *data, const Alert *alert), void *data,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* One alert; NOT_FOUND when there is none. */
bool alert_load(DbTx *tx, Id id, void (*each)(void *data, const Alert *alert), void *data,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
