#include "revenue/format_watch.h"

#include "base/json_writer.h"
#include "quality/drift.h"
#include "quality/mapping_store.h"

typedef struct {
    char *key, *source, *message, *details;
    bool dropped; /* else it is well again */
} Finding;

static void
finding_clear(void *data)
{
    Finding *finding = data;

    g_free(finding->key);
    g_free(finding->source);
    g_free(finding->message);
    g_free(finding->details);
}

static void
write_rate(JsonWriter *json, const char *key, FillRate rate)
{
    json_key(json, key);
    json_begin_object(json);
    json_member_int(json, "seen", rate.seen);
    json_member_int(json, "filled", rate.filled);
    json_end_object(json);
}

static char *
details_of(const FieldDrift *field)
{
    GString *text = g_string_new(NULL);
    JsonWriter json = json_writer(text);

    json_begin_object(&json);
    json_member_text(&json, "operation", field->operation);
    json_member_text(&json, "field", field->field);
    write_rate(&json, "history", field->history);
    write_rate(&json, "recent", field->recent);
    json_end_object(&json);
    return g_string_free(text, FALSE);
}

static int64_t
percent(FillRate rate)
{
    return rate.seen == 0 ? 0 : (rate.filled * 100 + rate.seen / 2) / rate.seen;
}

static char *
message_of(const FieldDrift *field)
{
    const char *of = str_is(field->field, "record") ? "answers" : "records";

    if (field->drift == DRIFT_NONE)
        return g_strdup_printf("%.*s %.*s: %.*s is there again in %" G_GINT64_FORMAT " %% of the last %" G_GINT64_FORMAT
                               " %s",
                               STR_FORMAT(field->source), STR_FORMAT(field->operation), STR_FORMAT(field->field),
                               percent(field->recent), field->recent.seen, of);
    return g_strdup_printf(
        "%.*s %.*s: %.*s was there in %" G_GINT64_FORMAT " %% of %" G_GINT64_FORMAT " %s, and is in %" G_GINT64_FORMAT
        " %% of the last %" G_GINT64_FORMAT ": the partner's format may have changed; see weir source quarantine %.*s",
        STR_FORMAT(field->source), STR_FORMAT(field->operation), STR_FORMAT(field->field), percent(field->history),
        field->history.seen, of, percent(field->recent), field->recent.seen, STR_FORMAT(field->source));
}

static void
on_field(void *data, const FieldDrift *field)
{
    GArray *findings = data;
    Finding finding;

    /* Too little was seen: what stands stays. */
    if (field->drift == DRIFT_UNKNOWN)
        return;
    finding.key = g_strdup_printf("format:%.*s/%.*s/%.*s", STR_FORMAT(field->source), STR_FORMAT(field->operation),
                                  STR_FORMAT(field->field));
    finding.source = str_dup(field->source);
    finding.message = message_of(field);
    finding.details = details_of(field);
    finding.dropped = field->drift == DRIFT_DROPPED;
    g_array_append_val(findings, finding);
}

static void
on_alert(void *data, const Alert *alert)
{
    if (str_is(alert->kind, FORMAT_ALERT_KIND))
        g_hash_table_add(data, str_dup(alert->key));
}

static bool
apply(DbTx *tx, const AlertTelling *telling, const Finding *finding, GHashTable *open, int64_t now_us, GError **error)
{
    bool changed;

    if (finding->dropped)
        return alert_raise(tx, telling,
                           &(AlertSpec){.key = finding->key,
                                        .kind = FORMAT_ALERT_KIND,
                                        .source = finding->source,
                                        .message = finding->message,
                                        .details = finding->details},
                           now_us, &changed, error);
    return !g_hash_table_contains(open, finding->key) ||
           alert_resolve(tx, telling, finding->key, finding->message, now_us, &changed, error);
}

bool
format_watch(Db *db, const AlertTelling *telling, int64_t now_us, GError **error)
{
    g_autoptr(GArray) findings = g_array_new(FALSE, FALSE, sizeof(Finding));
    g_autoptr(GHashTable) open = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    g_array_set_clear_func(findings, finding_clear);
    if (tx == NULL || !mapping_store_sweep(tx, now_us, error) || !drift_check(tx, now_us, on_field, findings, error) ||
        !alert_list(tx, true, INT64_MAX, on_alert, open, error))
        return false;
    for (guint i = 0; i < findings->len; i++)
        if (!apply(tx, telling, &g_array_index(findings, Finding, i), open, now_us, error))
            return false;
    return db_commit_auto(&tx, error);
}
