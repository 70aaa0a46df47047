/*
 * Report page: the window and page that a report call asks for, loaded from the click book.
 */
#pragma once

#include "sandbox/call.h"
#include "sandbox/report.h"

typedef struct {
    GArray *clicks; /* of SandboxClick: rows point into it */
    GArray *rows;   /* of ReportRow: this page's */
    int64_t number, total, pages;
} ReportPage;

/* Reads the window from the query parameters named (a day, RFC 3339 or seconds; the upper one may be absent) and the
 * parameter "page" where page_size is not 0. False with the refusal in reply. */
bool report_page_load(const Call *call, const char *since_name, const char *until_name, int64_t page_size,
                      ReportPage *page, Reply *reply);
void report_page_clear(ReportPage *page);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ReportPage, report_page_clear)

/* All clicks of the call's network up to now, with the question about them; NULL with 500 in reply. */
GArray *report_ask_load(const Call *call, ReportAsk *ret_ask, Reply *reply);
