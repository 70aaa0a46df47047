#include "revenue/format_watch.h"

#include "base/json_writer.h"
#include "quality/drift.h"
#include "quality/mapping_store.h"
#include "revenue/finding.h"

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
    finding.is_well = field->drift == DRIFT_NONE;
    g_array_append_val(findings, finding);
}

bool
format_watch(Db *db, const AlertTelling *telling, int64_t now_us, GError **error)
{
    g_autoptr(GArray) findings = findings_new();
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    return tx != NULL && mapping_store_sweep(tx, now_us, error) && drift_check(tx, now_us, on_field, findings, error) &&
           findings_tell(findings, FORMAT_ALERT_KIND, tx, telling, now_us, error) && db_commit_auto(&tx, error);
}
