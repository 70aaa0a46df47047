/*
 * Sandbox: simulated partner networks, so that the whole loop runs on a laptop with no credentials.
 *
 *     search, feed ──> listings with click URLs ──> click (kept in SQLite) ──> earning, by a seeded model ──> reports
 *
 * One HTTP server plays seven networks that differ as real ones do, each under its own path: alder, birch, cedar,
 * dogwood, elm, fir, ginkgo (see network.c). They are strict about credentials and parameters, and misbehave on demand.
 * What they report is a pure function of the clicks stored, the seed and the time, so that every pull can be repeated
 * and GET /control/books can say what is owed to the last millionth. README.md lists the paths.
 */
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "ops/metrics.h"

typedef struct Sandbox Sandbox;

typedef struct {
    const char *host;      /* NULL: 127.0.0.1 */
    uint16_t port;         /* 0: any free one, see sandbox_port() */
    const char *data_path; /* SQLite file for clicks, as path or "sqlite:PATH"; NULL: in memory */
    uint64_t seed;
    const Clock *clock;
    int64_t lag_us;   /* from a click to the first report that shows it; later stages are multiples */
    Metrics *metrics; /* may be NULL */
} SandboxSpec;

/* The spec is copied; clock and metrics must outlive the sandbox. UNAVAILABLE when the address is taken. */
Sandbox *sandbox_start(const SandboxSpec *spec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
uint16_t sandbox_port(const Sandbox *sandbox);
/* Closes the server and frees. NULL is allowed. */
void sandbox_stop(Sandbox *sandbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sandbox, sandbox_stop)
