#include "api/reconciliation_json.h"

void
reconciliation_json(JsonWriter *json, const Reconciliation *row)
{
    char day[DAY_TEXT_SIZE];

    json_begin_object(json);
    json_member_text(json, "source", row->source);
    json_member_text(json, "day", str_of(day_format(row->day, day)));
    json_member_text(json, "state", str_of(reconcile_state_name(row->state)));
    json_member_money(json, "ours", row->ours_micros, row->currency);
    json_member_money(json, "theirs", row->theirs_micros, row->currency);
    json_member_money(json, "drift", row->drift_micros, row->currency);
    json_member_int(json, "our_clicks", row->our_clicks);
    json_key(json, "their_clicks");
    if (row->their_clicks >= 0)
        json_int(json, row->their_clicks);
    else
        json_null(json);
    json_member_time(json, "compared_at", row->compared_at_us);
    json_end_object(json);
}

void
alert_json(JsonWriter *json, const Alert *alert)
{
    json_begin_object(json);
    json_member_id(json, "alert_id", alert->id);
    json_member_text(json, "key", alert->key);
    json_member_text(json, "kind", alert->kind);
    json_member_text(json, "source", alert->source);
    json_member_text(json, "day", alert->day);
    json_member_text(json, "state", alert->state);
    json_member_text(json, "message", alert->message);
    json_key(json, "details");
    json_raw(json, alert->details);
    json_member_time(json, "opened_at", alert->opened_at_us);
    json_member_time(json, "last_seen_at", alert->last_seen_at_us);
    json_member_time(json, "resolved_at", alert->resolved_at_us);
    json_end_object(json);
}
