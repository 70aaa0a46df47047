/*
 * Source limits: how often a partner lets itself be asked, kept by us before the partner has to.
 *
 * Each limit is a sliding window of buckets. One bucket more than the window holds is counted, so that no span of the
 * window's length ever has more calls than allowed; the price is that a full allowance comes back a bucket late.
 * Sources with the same budget (two instances, one account) are counted together. Counts are this process's own, and a
 * restart forgets them. Shared by all threads.
 */
#pragma once

#include "sources/source.h"

#define RATE_BUCKETS 16

typedef struct {
    int64_t bucket; /* number of the current bucket */
    int64_t counts[RATE_BUCKETS + 1];
} RateWindow;

/* Whether one more call is within limit; forgets what is too old. A window begins zeroed. */
bool rate_window_has_room(RateWindow *window, RateLimit limit, int64_t now_us);
/* Counts a call; after rate_window_has_room() at the same moment. */
void rate_window_add(RateWindow *window);
/* When it is full: how long until the oldest calls in it are forgotten. */
int64_t rate_window_wait_us(const RateWindow *window, RateLimit limit, int64_t now_us);

typedef struct SourceLimits SourceLimits;
SourceLimits *source_limits_new(void);
void source_limits_free(SourceLimits *limits);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SourceLimits, source_limits_free)
/* Takes one call from all limits of a source, or none and LIMIT with the limit that is used up; *ret_wait_us is then how
 * long it is worth waiting before asking again. now_us: monotonic. */
bool source_limits_take(SourceLimits *limits, const Source *source, int64_t now_us, int64_t *ret_wait_us,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What is left of the tightest limit of a source, 0 to 1; 1 without limits. Takes nothing. */
double source_limits_room(SourceLimits *limits, const Source *source, int64_t now_us);
/* How long the partner's last answers say that nobody may ask; 0: at once. */
int64_t source_limits_rest_us(SourceLimits *limits, const Source *source, int64_t now_us);
/* A call that was taken has ended: another may be under way at the same time. */
void source_limits_end(SourceLimits *limits, const Source *source);
/* Counts one more call of a source that is under way: its second try. */
void source_limits_note(SourceLimits *limits, const Source *source, int64_t now_us);
/* The partner says that its quota is used up until then, on the monotonic clock: nobody asks it before. */
void source_limits_rest(SourceLimits *limits, const Source *source, int64_t until_us);
