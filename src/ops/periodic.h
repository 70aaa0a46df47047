/*
 * Periodic: a thread of its own that does one thing, waits, and does it again, until it is stopped.
 *
 * Waiting is the machine's business: it takes the machine's time, not a Clock's.
 */
#pragma once

#include <stdint.h>

typedef struct Periodic Periodic;

/* Calls fn on the new thread, for the first time after first_us; it says how long to wait, in microseconds, before the next
 * time. name: of the thread. data must live until periodic_stop(). */
Periodic *periodic_start(const char *name, int64_t first_us, int64_t (*fn)(void *data), void *data);
/* Ends the wait; a call that is under way comes to its end first. NULL is allowed. */
void periodic_stop(Periodic *periodic);
