/*
 * Learned: what earlier searches tell of each source: how soon it answers at this hour of the day, how many listings it
 * adds to what others gave, and what its clicks are worth.
 *
 *     calls end ──────────> latency, by hour of day (UTC) and over all      (latency.h)
 *     searches close it ──> new listings of an answer, as a share of a page
 *     its listings ───────> value of a bid; or what its clicks earned, where somebody tells (learned_set_earnings())
 *
 * Little is believed of little: an hour leans on all hours, and these on a guess, until there are answers of their own.
 * Old knowledge fades. Shared by all shards of one engine; does no I/O.
 */
#pragma once

#include "base/money.h"
#include "search/answer.h"
#include "search/latency.h"
#include "search/value.h"
#include "tracking/bytes.h"

/* The name under which the stored listings are known, which are asked as one. */
#define LEARNED_INDEX "stored listings"

typedef struct Learned Learned;

Learned *learned_new(void);
void learned_free(Learned *learned);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Learned, learned_free)

/* A call to a source has ended; at_us: wall clock. Calls that were not made (SOURCE_SKIPPED) and those that only our
 * question or our key made fail tell nothing of it. */
void learned_note_call(Learned *learned, const char *source, SourceStatus status, int64_t took_us, int64_t at_us);
/* An answer brought so many listings that nobody else had, where a page was asked for. */
void learned_note_new(Learned *learned, const char *source, size_t fresh, int64_t per_page);
/* What listings of an answer were worth: the mean of their click_expected(). */
void learned_note_value(Learned *learned, const char *source, int64_t value);

typedef struct {
    char *source;
    int64_t clicks;
    int64_t earned; /* millionths of a US dollar, roughly (value.h) */
    int64_t bids;   /* what was bid for them, roughly; 0: unknown */
} SourceEarnings;
/* What clicks earned of late; replaces what was known. Below LEARNED_CLICKS_ENOUGH clicks the bids count. */
#define LEARNED_CLICKS_ENOUGH 100
void learned_set_earnings(Learned *learned, const SourceEarnings *earnings, size_t count);

/* What is known of the clicks of a source, for click_expected(). */
ClickYield learned_yield(Learned *learned, Str source);

/* What is believed of a source now. */
typedef struct {
    LatencyCurve curve;
    double share_new;  /* new listings of an answer, of a page */
    int64_t value;     /* of a click, millionths of a US dollar, roughly; 0: unknown */
    bool value_earned; /* that is what clicks earned, not what bids say */
    double calls;      /* how many this rests on, faded */
} SourceBelief;
SourceBelief learned_belief(Learned *learned, const char *source, int64_t at_us);

/* Of all sources, for knowledge.h. */
void learned_put(Learned *learned, GString *to);
/* Into what is empty; when it fails, what came is to be forgotten. age_us: since it was written. */
bool learned_get(Learned *learned, BytesReader *from, int64_t age_us) G_GNUC_WARN_UNUSED_RESULT;
void learned_forget(Learned *learned);
