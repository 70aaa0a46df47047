/*
 * Postbacks: one line, pushed by the partner's server when a conversion happens or changes.
 *
 * A postback is a report of one line, kept and booked like any other, in the partner's words as a URL-encoded form:
 *
 *     key=T1&sub_id=0DBRK...&amount=1.25&currency=USD&status=approved&at=2026-11-24T05:06:07Z&original_key=T0
 *
 * key, amount and currency are demanded; status is "approved" when absent. The same postback again changes nothing.
 * It speaks of the line that the source's report will list under the same key: that one confirms or corrects it, and
 * the conversion counts once.
 */
#pragma once

#include "revenue/import.h"

#define POSTBACK_SIZE_LIMIT 8192

/* line_kind: name of the report that will list the transaction; NULL when the source has none. form: without secrets
 * and signatures, which the caller has checked and taken out. INVALID names the field that is wrong. */
bool postback_record(Db *db, const Clock *clock, const LineFormats *formats, const char *source, const char *line_kind,
                     Str form, ReportSummary *ret_summary, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads a stored postback: for LineFormats. */
LineReader *postback_reader_new(const LineEvents *events, void *data);
