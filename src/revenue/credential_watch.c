#include "revenue/credential_watch.h"

#include "quality/credential_store.h"
#include "revenue/finding.h"

static void
on_row(void *data, const CredentialRow *row)
{
    GArray *findings = data;
    Finding finding = {.source = str_dup(row->source), .details = g_strdup("{}"), .is_well = !row->refused};

    finding.key = g_strconcat("credential:", finding.source, NULL);
    if (row->refused)
        finding.message = g_strdup_printf("%s refuses our key (%.*s): renew it, and load the definitions again",
                                          finding.source, STR_FORMAT(row->message));
    else
        finding.message = g_strdup_printf("%s takes our key again", finding.source);
    g_array_append_val(findings, finding);
}

bool
credential_watch(Db *db, const AlertTelling *telling, int64_t now_us, GError **error)
{
    g_autoptr(GArray) findings = findings_new();
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    return tx != NULL && credential_store_list(tx, on_row, findings, error) &&
           findings_tell(findings, CREDENTIAL_ALERT_KIND, tx, telling, now_us, error) && db_commit_auto(&tx, error);
}
