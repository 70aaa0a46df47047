/*
 * Admission: which requests are taken when there are too many. Rules without I/O.
 *
 *                          rest        searches      clicks     supervision
 *     open requests        half        three quarters    all    always taken       of the limit
 *     searches wait        target      from 4 targets on, all the more of them     -
 *
 * A click is money that was earned already, and needs little; a feed or a page can be fetched later.
 */
#pragma once

#include "base/random.h"

#include <stdbool.h>

typedef enum { REQUEST_SUPERVISION, REQUEST_CLICK, REQUEST_SEARCH, REQUEST_REST } RequestClass;
/* "click", "search", "rest". */
const char *request_class_name(RequestClass request_class);

typedef struct {
    unsigned open_limit;    /* requests under way */
    int64_t delay_limit_us; /* how long searches may wait for their turn */
} AdmissionRule;

/* NULL: it is taken. Else why not: "open" or "delay". open: requests under way, itself included; delay_us: how long
 * searches wait for their turn just now. */
const char *admission_refuses(const AdmissionRule *rule, RequestClass request_class, unsigned open, int64_t delay_us,
                              Random *random);
