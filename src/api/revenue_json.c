#include "api/revenue_json.h"

#include "base/timestamp.h"

static const char *const BY_NAMES[] = {"source", "day", "hour", "client", "country", "query"};

void
revenue_json_begin(RevenueJson *out, SummaryBy by, int64_t since_us, int64_t until_us, GString *to)
{
    *out = (RevenueJson){.json = json_writer(to), .by = by};
    json_begin_object(&out->json);
    json_member_text(&out->json, "group_by", str_of(BY_NAMES[by]));
    json_member_time(&out->json, "since", since_us);
    json_member_time(&out->json, "until", until_us);
    json_key(&out->json, "rows");
    json_begin_array(&out->json);
}

static void
write_ratio(JsonWriter *json, const char *key, const char *ratio)
{
    json_member_text(json, key, ratio[0] == '\0' ? STR_NONE : str_of(ratio));
}

static void
write_amounts(JsonWriter *json, const SummaryAmount *amounts, size_t count)
{
    json_key(json, "earnings");
    json_begin_array(json);
    for (size_t i = 0; i < count; i++) {
        int64_t earned;

        json_begin_object(json);
        json_member_text(json, "currency", str_of(amounts[i].currency.code));
        if (money_add(amounts[i].attributed_micros, amounts[i].unattributed_micros, &earned))
            json_member_money(json, "earned", earned, amounts[i].currency);
        json_member_money(json, "attributed", amounts[i].attributed_micros, amounts[i].currency);
        json_member_money(json, "unattributed", amounts[i].unattributed_micros, amounts[i].currency);
        json_key(json, "rpc");
        if (amounts[i].rpc[0] == '\0') {
            json_null(json);
        } else {
            json_begin_object(json);
            json_member_text(json, "amount", str_of(amounts[i].rpc));
            json_member_text(json, "currency", str_of(amounts[i].currency.code));
            json_end_object(json);
        }
        json_end_object(json);
    }
    json_end_array(json);
}

static void
write_counts(JsonWriter *json, int64_t searches, int64_t shown, int64_t clicks, int64_t counted, const char *ctr)
{
    if (searches >= 0)
        json_member_int(json, "searches", searches);
    json_member_int(json, "impressions", shown);
    json_member_int(json, "clicks", counted);
    json_member_int(json, "clicks_gross", clicks);
    write_ratio(json, "ctr", ctr);
}

static SummaryAmount *
total_of(RevenueJson *out, Currency currency)
{
    for (size_t i = 0; i < out->amount_count; i++)
        if (currency_equal(out->amounts[i].currency, currency))
            return &out->amounts[i];
    if (out->amount_count == G_N_ELEMENTS(out->amounts))
        return NULL;
    out->amounts[out->amount_count] = (SummaryAmount){.currency = currency};
    return &out->amounts[out->amount_count++];
}

void
revenue_json_row(void *data, const SummaryRow *row)
{
    RevenueJson *out = data;

    json_begin_object(&out->json);
    json_member_text(&out->json, "key", row->group);
    write_counts(&out->json, row->searches, row->shown, row->clicks, row->counted_clicks, row->ctr);
    write_amounts(&out->json, row->amounts, row->amount_count);
    json_end_object(&out->json);
    out->searches += row->searches;
    out->shown += row->shown;
    out->clicks += row->clicks;
    out->counted_clicks += row->counted_clicks;
    for (size_t i = 0; i < row->amount_count; i++) {
        SummaryAmount *total = total_of(out, row->amounts[i].currency);

        if (total == NULL ||
            !money_add(total->attributed_micros, row->amounts[i].attributed_micros, &total->attributed_micros) ||
            !money_add(total->unattributed_micros, row->amounts[i].unattributed_micros, &total->unattributed_micros))
            g_assert_not_reached();
    }
}

void
revenue_json_end(RevenueJson *out)
{
    char ctr[SUMMARY_RATIO_SIZE];

    json_end_array(&out->json);
    json_key(&out->json, "totals");
    json_begin_object(&out->json);
    for (size_t i = 0; i < out->amount_count; i++) {
        SummaryAmount *total = &out->amounts[i];
        int64_t earned;

        if (money_add(total->attributed_micros, total->unattributed_micros, &earned))
            summary_ratio(earned, out->counted_clicks, total->rpc);
    }
    summary_ratio(out->counted_clicks * MICROS_PER_UNIT, out->shown, ctr);
    /* One search shows listings of many sources and stands in the row of each: their sum would count it many times. */
    write_counts(&out->json, out->by == SUMMARY_BY_SOURCE ? -1 : out->searches, out->shown, out->clicks,
                 out->counted_clicks, ctr);
    write_amounts(&out->json, out->amounts, out->amount_count);
    json_end_object(&out->json);
    json_end_object(&out->json);
}
