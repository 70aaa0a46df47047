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
reconciliation_source_json(JsonWriter *json, const Operation *totals)
{
    GTimeZone *zone = operation_zone(totals);
    TotalsTolerance tolerance = operation_tolerance(totals);
    char amount[MONEY_TEXT_SIZE], percent[MONEY_TEXT_SIZE];

    money_format(tolerance.absolute_micros, amount);
    money_format(tolerance.relative_percent_micros, percent);
    json_begin_object(json);
    json_member_text(json, "source", str_of(source_name(operation_source(totals))));
    json_member_text(json, "zone", zone == NULL ? STR("UTC") : str_of(g_time_zone_get_identifier(zone)));
    json_member_int(json, "maturity_ms", tolerance.maturity_us / US_PER_MS);
    json_member_int(json, "every_ms", operation_every_us(totals) / US_PER_MS);
    json_key(json, "tolerance");
    json_begin_object(json);
    json_member_text(json, "amount", str_of(amount));
    json_member_text(json, "percent", str_of(percent));
    json_end_object(json);
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
