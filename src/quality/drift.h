/*
 * Drift: a field that a partner used to fill and no longer does. Its name was changed, or the way it is written.
 *
 * A field's share of the last hours is compared with its own share before, so that one that was always rare alarms
 * nobody. In two weeks a change that nobody minded has become the history, and is then no drift any more.
 */
#pragma once

#include "store/db.h"

typedef struct {
    int64_t seen, filled;
} FillRate;

typedef enum {
    DRIFT_UNKNOWN, /* too little was seen */
    DRIFT_NONE,
    DRIFT_DROPPED,
} Drift;

/* Whether recent has fallen below half of history, by more than chance explains. least: how many must have been seen of
 * recent; of history four times as many. */
Drift drift_decide(FillRate history, FillRate recent, int64_t least);

/* How far history goes back, and what counts as recent: the shorter span when it has seen enough, else the longer, in which
 * a feed that comes once a day is seen. */
#define DRIFT_HISTORY_US (14 * US_PER_DAY)
#define DRIFT_SHORT_US   (2 * US_PER_HOUR)
#define DRIFT_LONG_US    (26 * US_PER_HOUR)
/* What must have been seen recently: records, or for "record" answers. */
#define DRIFT_RECORDS INT64_C(50)
#define DRIFT_ANSWERS INT64_C(10)

/* Texts live during the call that gives it. */
typedef struct {
    Str source, operation, field;
    Drift drift;
    FillRate history, recent;
} FieldDrift;

/* Every field of every source that was read within the history. */
bool drift_check(DbTx *tx, int64_t now_us, void (*each)(void *data, const FieldDrift *field), void *data,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
