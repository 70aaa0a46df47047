/*
 * Asking: a running sandbox for a test, and a small blocking HTTP/1.0 client. 1.0, so that nothing is chunked and the
 * answer is what stands between the head and the end of the connection.
 */
#pragma once

#include "base/clock.h"
#include "sandbox/sandbox.h"

#include <glib.h>

typedef struct {
    Sandbox *sandbox;
    FakeClock clock;
    uint16_t port;
} Running;

/* 2026-11-24T12:00:00Z, seed 7, a lag of a minute, clicks in memory. */
void running_start(Running *running);
void running_stop(Running *running);

typedef struct {
    int status; /* 0: no answer */
    char *head;
    GString *body;
} Answered;

/* headers: "Name: value\r\n..." or "". body may be NULL. Waits at most wait_s for each piece. */
Answered ask(const Running *running, const char *method, const char *target, const char *headers, const char *body,
             int wait_s);
Answered ask_get(const Running *running, const char *target, const char *headers);
void answered_clear(Answered *answered);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Answered, answered_clear)
