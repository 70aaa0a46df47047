/*
 * Details: the second step of a source: each listing of an answer is asked about, a few at a time.
 *
 *     details_add ──> waits ──> asked ──> completed ──┐
 *          │            └── the partner has had enough ──┤──> told, once for each listing
 *          └── beyond the limit of the definition ──────┘
 *     details_close ──> when all are told: drained
 *
 * A detail that fails costs only itself: the listing stays as the first step said it. All on one loop's thread.
 */
#pragma once

#include "exchange/exchange.h"

/* The most listings that wait at once; more are told as they are. */
#define DETAILS_WAITING_LIMIT 20000

typedef struct Details Details;

typedef struct {
    SourceSet *set;             /* as in ExchangeSpec */
    const Operation *operation; /* of the first step; its operation_detail() is asked */
    const Question *question;   /* of the first step; must outlive the details */
    int64_t patience_us;        /* for the source's limits, each */
    /* The listing with its detail, or as it was; tag: as given to details_add(). Texts live during the call. */
    void (*told)(void *data, size_t tag, const Listing *listing);
    /* A field that could not be read, as in AnswerEvents; may be NULL. */
    void (*rejected)(void *data, uint64_t row, bool dropped, const char *field, const char *reason, Str text);
    /* After details_close(), when nothing waits any more; the details may be freed from within. */
    void (*drained)(void *data);
    void *data;
} DetailsSpec;

Details *details_new(Exchanges *exchanges, const DetailsSpec *spec);
/* Ends what is under way; nobody is told any more. NULL is allowed. */
void details_free(Details *details);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Details, details_free)
/* The listing is copied. May tell it at once. */
void details_add(Details *details, size_t tag, const Listing *listing);
/* No more will come. drained is called from the loop, or, when nothing waits, from within. */
void details_close(Details *details);
/* How many listings got no detail, and why the last did not ("" when all did). */
uint64_t details_missed(const Details *details, const char **ret_reason);
