/*
 * Stopper: how a process is asked to end, or to read its files again.
 *
 * The first SIGTERM or SIGINT asks: what waits wakes up, and what runs long looks at stopper_is_stopping(). A second
 * one insists: the process ends at once with exit code 1. Nothing that was promised is lost then either (the spool
 * is durable before it answers), it is only less polite.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Takes over SIGTERM, SIGINT and SIGHUP, and ignores SIGPIPE and SIGXFSZ: a peer that left, and a file that may not grow,
 * are errors of write(). Call once, from commands/, before other threads start. */
void stopper_install(void);
/* Blocks until the process is asked to end, at once when it was, for at most wait_us, or until SIGHUP comes. True when it
 * is asked to end. From any number of threads. */
bool stopper_wait_for(int64_t wait_us);
/* Whether SIGHUP came since the last time this was asked. */
bool stopper_take_reload(void);
bool stopper_is_stopping(void);
/* Asks the process to end as the first signal would. */
void stopper_ask(void);
