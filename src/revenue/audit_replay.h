/*
 * The first half of an audit: reports are read again and must give the revisions that are stored.
 */
#pragma once

#include "revenue/audit.h"

typedef struct {
    DbTx *tx;
    const LineFormats *formats;
    void (*found)(void *data, const char *rule, const char *text);
    void *data;
    AuditResult result;
} Audit;

/* Notes a difference. */
void audit_found(Audit *audit, const char *rule, const char *format, ...) G_GNUC_PRINTF(3, 4);
bool audit_replay(Audit *audit, GError **error) G_GNUC_WARN_UNUSED_RESULT;
