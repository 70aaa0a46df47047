/*
 * Faults: how a simulated network misbehaves, and for how long.
 *
 * A fault is set for one network or for all, by POST /control/faults/{network}?fault=NAME&for_s=N, or for one request by
 * a keyword like "fault:garbage". Clicks and /control are never hit: a partner's broken API does not break its site.
 */
#pragma once

#include "sandbox/call.h"
#include "sandbox/pacer.h"

typedef enum {
    FAULT_NONE,
    FAULT_500,
    FAULT_429,       /* with Retry-After: 2 */
    FAULT_HANG,      /* no answer for two minutes, then 504 */
    FAULT_RESET,     /* the connection breaks off after some bytes */
    FAULT_DRIP,      /* the right answer, a byte at a time */
    FAULT_ENDLESS,   /* well-formed beginning of an answer that never ends */
    FAULT_GARBAGE,   /* 200, the right type, random bytes */
    FAULT_HTML,      /* 200 with a page for people */
    FAULT_TRUNCATED, /* half of the right answer */
} Fault;

/* False for an unknown name. "none" is one. */
bool fault_parse(Str name, Fault *ret_fault);

typedef struct Faults Faults;

Faults *faults_new(void);
void faults_free(Faults *faults);
/* for_us: from now on the monotonic clock; 0: until it is set anew. */
void faults_set(Faults *faults, const Network *network, Fault fault, int64_t for_us);
/* Every answer of the network then comes so much later. */
void faults_set_latency(Faults *faults, const Network *network, int64_t latency_us);
Fault faults_get(Faults *faults, const Network *network);
int64_t faults_latency_us(Faults *faults, const Network *network);

/* Sends the reply as the fault deforms it; takes what reply holds. */
void fault_send(Fault fault, int64_t latency_us, Pacer *pacer, HttpExchange *exchange, Reply *reply);
