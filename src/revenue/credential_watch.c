#include "revenue/credential_watch.h"

#include "quality/credential_store.h"
#include "revenue/finding.h"

typedef struct {
    const SourceSet *sources;
    GArray *findings;
} Look;

static void
on_row(void *data, const CredentialRow *row)
{
    Look *look = data;
    const Source *source = source_set_find(look->sources, row->source);
    bool asked = source != NULL && source_disabled(source) == NULL;
    Finding finding = {.source = str_dup(row->source), .details = g_strdup("{}"), .is_well = !asked || !row->refused};

    finding.key = g_strconcat("credential:", finding.source, NULL);
    if (!asked)
        finding.message = g_strdup_printf("%s is not asked any more", finding.source);
    else if (row->refused)
        finding.message = g_strdup_printf("%s refuses our key (%.*s): renew it, and load the definitions again",
                                          finding.source, STR_FORMAT(row->message));
    else
        finding.message = g_strdup_printf("%s takes our key again", finding.source);
    g_array_append_val(look->findings, finding);
}

bool
credential_watch(Db *db, const SourceSet *sources, const AlertTelling *telling, int64_t now_us, GError **error)
{
    g_autoptr(GArray) findings = findings_new();
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    Look look = {sources, findings};

    return tx != NULL && credential_store_list(tx, on_row, &look, error) &&
           findings_tell(findings, CREDENTIAL_ALERT_KIND, tx, telling, now_us, error) && db_commit_auto(&tx, error);
}
