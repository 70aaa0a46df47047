#include "revenue/finding.h"

static void
finding_clear(void *data)
{
    Finding *finding = data;

    g_free(finding->key);
    g_free(finding->source);
    g_free(finding->message);
    g_free(finding->details);
}

GArray *
findings_new(void)
{
    GArray *findings = g_array_new(FALSE, FALSE, sizeof(Finding));

    g_array_set_clear_func(findings, finding_clear);
    return findings;
}

static void
on_alert(void *standing, const Alert *alert)
{
    g_hash_table_add(standing, str_dup(alert->key));
}

static bool
tell(const Finding *finding, const char *kind, GHashTable *standing, DbTx *tx, const AlertTelling *telling,
     int64_t now_us, GError **error)
{
    bool changed;

    if (finding->is_well)
        return !g_hash_table_contains(standing, finding->key) ||
               alert_resolve(tx, telling, finding->key, finding->message, now_us, &changed, error);
    return alert_raise(tx, telling,
                       &(AlertSpec){.key = finding->key,
                                    .kind = kind,
                                    .source = finding->source,
                                    .message = finding->message,
                                    .details = finding->details},
                       now_us, &changed, error);
}

bool
findings_tell(const GArray *findings, const char *kind, DbTx *tx, const AlertTelling *telling, int64_t now_us,
              GError **error)
{
    g_autoptr(GHashTable) standing = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    if (!alert_list(tx, true, INT64_MAX, on_alert, standing, error))
        return false;
    for (guint i = 0; i < findings->len; i++)
        if (!tell(&g_array_index(findings, Finding, i), kind, standing, tx, telling, now_us, error))
            return false;
    return true;
}
