/*
 * A Cloud on fakes: answers from a script, time that passes by itself while something waits.
 */
#pragma once

#include "support/fake_client.h"
#include "warehouse/cloud.h"

/* 2026-11-24T10:00:00Z */
#define CLOUD_TEST_NOW_US (INT64_C(1795514400) * US_PER_SECOND)

typedef struct {
    FakeClock clock;
    FakeLoop *loop;
    FakeClient *client;
    Cloud cloud;
} CloudTest;

/* Adds a test that gets fresh fakes, and in the end has no call left open. */
void cloud_test_add(const char *path, void (*test)(CloudTest *test));
/* The next answer to requests of method to URLs that begin so; given once. */
void cloud_test_answer(CloudTest *test, const char *method, const char *url, int status, const char *body);
/* The same with a header. */
void cloud_test_answer_with(CloudTest *test, const char *method, const char *url, int status, HttpHeaders headers,
                            const char *body);
/* No answer: the outcome instead. */
void cloud_test_no_answer(CloudTest *test, const char *method, const char *url, HttpOutcome outcome);
/* "METHOD url" of request i. */
void assert_asked(const CloudTest *test, size_t i, const char *method_and_url);
/* Whether a line "name: value" of request i's headers begins so. */
bool has_header(const CloudTest *test, size_t i, const char *line);
