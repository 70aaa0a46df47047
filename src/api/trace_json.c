#include "api/trace_json.h"

#include "tracking/event.h"

static const char *
flag_name(unsigned flag)
{
    switch ((ClickFlag)flag) {
    case CLICK_BOT:
        return "bot";
    case CLICK_PREFETCH:
        return "prefetch";
    case CLICK_NOT_GET:
        return "not_get";
    case CLICK_DUPLICATE:
        return "duplicate";
    case CLICK_REPEAT:
        return "repeat";
    case CLICK_PREVIEW:
        return "preview";
    case CLICK_ROBOTS_LIST:
        return "robots_list";
    }
    return "unknown";
}

static void
write_search(JsonWriter *json, const TraceSearch *search)
{
    json_begin_object(json);
    json_member_id(json, "search_id", search->id);
    json_member_time(json, "at", search->at_us);
    json_member_int(json, "took_ms", search->took_us / 1000);
    json_member_text_if(json, "q", search->keywords);
    json_member_text_if(json, "location", search->location);
    json_member_text_if(json, "country", search->country);
    json_member_text_if(json, "mode", search->mode);
    json_member_text_if(json, "client", search->client);
    json_member_bool(json, "partial", search->partial);
    json_member_int(json, "shown_count", search->shown_count);
    json_key(json, "shown");
    json_raw(json, str_is_empty(search->shown) ? STR("[]") : search->shown);
    json_key(json, "sources");
    json_raw(json, str_is_empty(search->sources) ? STR("[]") : search->sources);
    json_end_object(json);
}

static void
write_click(JsonWriter *json, const TraceClick *click)
{
    json_begin_object(json);
    json_member_id(json, "click_id", click->id);
    json_member_time(json, "at", click->at_us);
    json_member_id(json, "search_id", click->search_id);
    json_member_int(json, "position", click->position);
    json_member_text(json, "source", click->source);
    json_member_text(json, "listing", click->listing_id);
    json_member_text_if(json, "sub_id", click->sub_id);
    if (click->bid.currency.code[0] != '\0')
        json_member_money(json, "bid", click->bid.micros, click->bid.currency);
    json_member_bool(json, "counted", click->flags == 0);
    json_key(json, "flags");
    json_begin_array(json);
    for (unsigned flag = 1; flag <= CLICK_ROBOTS_LIST; flag <<= 1)
        if ((click->flags & flag) != 0)
            json_text(json, str_of(flag_name(flag)));
    json_end_array(json);
    json_end_object(json);
}

static void
write_revision(JsonWriter *json, const TraceRevision *r)
{
    json_begin_object(json);
    json_member_int(json, "rev", r->rev);
    json_member_text(json, "status", r->status);
    json_member_money(json, "amount", r->amount_micros, r->currency);
    json_member_money(json, "earned", r->earned_micros, r->currency);
    json_member_time(json, "event_at", r->event_at_us);
    json_member_time(json, "recorded_at", r->recorded_at_us);
    json_member_text_if(json, "sub_id", r->sub_id);
    json_member_text_if(json, "original_key", r->original_key);
    json_key(json, "report");
    json_begin_object(json);
    json_member_int(json, "id", r->report_id);
    json_member_text(json, "kind", r->report_kind);
    json_member_text(json, "origin", r->report_origin);
    json_member_time(json, "received_at", r->report_received_at_us);
    json_member_int(json, "part", r->part);
    json_member_int(json, "row", r->row);
    json_end_object(json);
    json_end_object(json);
}

static void
write_entry(JsonWriter *json, const TraceEntry *e)
{
    json_begin_object(json);
    json_member_text(json, "account", e->account);
    json_member_money(json, "amount", e->amount_micros, e->currency);
    json_member_text(json, "reason", e->reason);
    json_member_text_if(json, "rung", e->rung);
    json_member_time(json, "effective_at", e->effective_at_us);
    json_member_id(json, "click_id", e->click_id);
    json_member_id(json, "search_id", e->search_id);
    json_end_object(json);
}

static void
write_line(JsonWriter *json, const TraceLine *line)
{
    json_begin_object(json);
    json_member_text(json, "source", line->source);
    json_member_text(json, "kind", line->kind);
    json_member_text(json, "key", line->key);
    json_key(json, "revisions");
    json_begin_array(json);
    for (size_t i = 0; i < line->revision_count; i++)
        write_revision(json, &line->revisions[i]);
    json_end_array(json);
    json_key(json, "entries");
    json_begin_array(json);
    for (size_t i = 0; i < line->entry_count; i++)
        write_entry(json, &line->entries[i]);
    json_end_array(json);
    json_end_object(json);
}

void
json_trace(JsonWriter *json, const Trace *trace)
{
    json_begin_object(json);
    json_member_text(json, "of", str_of(trace->start));
    json_key(json, "searches");
    json_begin_array(json);
    for (size_t i = 0; i < trace->search_count; i++)
        write_search(json, &trace->searches[i]);
    json_end_array(json);
    json_key(json, "clicks");
    json_begin_array(json);
    for (size_t i = 0; i < trace->click_count; i++)
        write_click(json, &trace->clicks[i]);
    json_end_array(json);
    json_key(json, "lines");
    json_begin_array(json);
    for (size_t i = 0; i < trace->line_count; i++)
        write_line(json, &trace->lines[i]);
    json_end_array(json);
    json_member_bool(json, "truncated", trace->truncated);
    json_end_object(json);
}
