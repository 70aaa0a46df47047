/*
 * What the tests of revenue share: a report format of their own, and shorthands that fail the test.
 *
 * A row of the format is  key|sub_id|status|amount|currency|event|version|clicks|original_key  with moments in seconds
 * and empty fields for absent ones. A row "!reason" is rejected by the reader; "?" makes the whole report malformed.
 */
#pragma once

#include "base/id.h"
#include "revenue/import.h"
#include "support/db_test.h"

extern const LineFormats TEST_FORMATS;
/* Stands at 2026-11-24 00:00:00 UTC unless moved. */
extern FakeClock test_clock;
#define TEST_DAY_S INT64_C(1795478400)

void revenue_test_migrate(DbTest *test);
void revenue_test_click(DbTest *test, Id id, int64_t at_s, Id search_id, const char *source, const char *sub_id,
                        unsigned flags);
/* Imports text as one report, in pieces of an odd size. */
ReportSummary revenue_test_import(DbTest *test, const char *origin, const char *text);
bool revenue_test_try_import(DbTest *test, const char *origin, const char *text, ReportSummary *ret_summary,
                             GError **error);
/* Earned in an account, from the entries, of source "acme": positive for credits. */
int64_t revenue_test_earned(DbTest *test, const char *account);
/* Fails unless entries balance and follow the current revisions. */
void revenue_test_check_invariants(DbTest *test);
