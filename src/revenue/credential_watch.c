#include "revenue/credential_watch.h"

#include "quality/credential_store.h"

typedef struct {
    char *key, *source, *message;
    bool refused; /* else it is well again */
} Finding;

static void
finding_clear(void *data)
{
    Finding *finding = data;

    g_free(finding->key);
    g_free(finding->source);
    g_free(finding->message);
}

static void
on_row(void *data, const CredentialRow *row)
{
    Finding finding = {.source = str_dup(row->source), .refused = row->refused};

    finding.key = g_strconcat("credential:", finding.source, NULL);
    if (row->refused)
        finding.message = g_strdup_printf("%s refuses our key (%.*s): renew it, and load the definitions again",
                                          finding.source, STR_FORMAT(row->message));
    else
        finding.message = g_strdup_printf("%s takes our key again", finding.source);
    g_array_append_val((GArray *)data, finding);
}

static bool
apply(DbTx *tx, const AlertTelling *telling, const Finding *finding, int64_t now_us, GError **error)
{
    bool changed;

    if (!finding->refused)
        return alert_resolve(tx, telling, finding->key, finding->message, now_us, &changed, error);
    return alert_raise(tx, telling,
                       &(AlertSpec){.key = finding->key,
                                    .kind = CREDENTIAL_ALERT_KIND,
                                    .source = finding->source,
                                    .message = finding->message,
                                    .details = "{}"},
                       now_us, &changed, error);
}

bool
credential_watch(Db *db, const AlertTelling *telling, int64_t now_us, GError **error)
{
    g_autoptr(GArray) findings = g_array_new(FALSE, FALSE, sizeof(Finding));
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    g_array_set_clear_func(findings, finding_clear);
    if (tx == NULL || !credential_store_list(tx, on_row, findings, error))
        return false;
    for (guint i = 0; i < findings->len; i++)
        if (!apply(tx, telling, &g_array_index(findings, Finding, i), now_us, error))
            return false;
    return db_commit_auto(&tx, error);
}
