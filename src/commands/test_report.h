/*
 * Test report: what weir source test tells, step by step, as lines for a person or as one JSON object for a program.
 *
 *     request ──> answer ──> listings, losses ──> one record field by field ──> how many had each field ──> status
 *
 * There is one for the list and, where a definition has a second step, one for the detail. Secrets are hidden.
 */
#pragma once

#include "commands/deployment.h"
#include "sources/explain.h"

typedef struct TestReport TestReport;

/* record: which one is told field by field, from 1. */
TestReport *test_report_new(const Operation *operation, uint64_t record, bool as_json);
void test_report_free(TestReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TestReport, test_report_free)

/* The answer that events and explanations are of; before its first bytes. */
Answer *test_report_open(TestReport *report, const Question *question, const Clock *clock);
void test_report_request(TestReport *report, const HttpRequest *request, const Session *session);
/* why: in a few words */
void test_report_not_asked(TestReport *report, const char *status, const char *why);
void test_report_head(TestReport *report, int status, HttpHeaders headers);
void test_report_from_file(TestReport *report, const char *path);
/* False when nothing more need be read. */
bool test_report_body(TestReport *report, Str bytes);
void test_report_broke_off(TestReport *report, const char *outcome, const char *message);
/* The end. refusal: ANSWER_OK when it was asked. */
AnswerStatus test_report_end(TestReport *report, bool complete, AnswerStatus refusal);
/* The listing of the record that was told, else the first one; NULL when there was none. */
const Listing *test_report_listing(const TestReport *report);
uint64_t test_report_record_count(const TestReport *report);
/* Its JSON object; "" unless as_json. */
Str test_report_json(const TestReport *report);
