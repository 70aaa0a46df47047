/*
 * Watch: what a search tells while it goes on, to whoever listens.
 *
 *     begun ──> kept answers ──> a piece of an answer ──> ... ──> nothing for a second ──> the rest, and the answer
 *
 * A listing is told once, when it first stands on the page as that would be if the search ended now. Its position is the
 * order of telling, and its token says so: it is shown from then on, whatever comes. So the event of the search has all
 * that were told, in that order, and the page at the end is made of them, put into its own order. When more comes than is
 * told within a pause, only what stands on the page afterwards is told.
 */
#pragma once

#include "search/fanout.h"
#include "search/merge.h"

typedef struct Watch Watch;

/* NULL when the receiver does not want to be told. */
Watch *watch_new(Search *search, const SearchReceiver *receiver, void *data);
void watch_free(Watch *watch);

/* All that follows does nothing without a watch. Tells that the search has begun. */
void watch_begin(Watch *watch);
/* Something has come: it is told soon. */
void watch_note(Watch *watch);
/* Tells what has come since: before the search's answers are put together, as long as they can be compared. */
void watch_tell_rest(Watch *watch);
/* Tells what of the page is not told yet, and the rows; then no more. */
void watch_end(Watch *watch);
/* What was told, in that order; NULL without a watch. Of a search that ended since nobody listened: what has reached who did. */
const AnsweredListing *watch_told(const Watch *watch, size_t *ret_count);
