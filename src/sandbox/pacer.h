/*
 * Pacer: replies that must wait, so that a slow or hanging network holds no thread of the server.
 */
#pragma once

#include "base/loop.h"

typedef struct Pacer Pacer;

/* Starts the thread that calls what is due. */
Pacer *pacer_start(void);
/* Calls fn once after that time, or at once when the pacer stops or has stopped. From any thread. */
void pacer_call_after(Pacer *pacer, int64_t after_us, LoopFn fn, void *data);
/* Calls whatever still waits and ends the thread. */
void pacer_stop(Pacer *pacer);
/* After it was stopped, when nobody calls any more. NULL is allowed. */
void pacer_free(Pacer *pacer);
