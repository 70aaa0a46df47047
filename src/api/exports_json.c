#include "api/exports_json.h"

static void
write_delivery(JsonWriter *json, const DeliveryStatus *delivery)
{
    json_begin_object(json);
    json_member_text(json, "destination", delivery->destination);
    json_member_text(json, "address", delivery->address);
    json_member_text(json, "state", str_of(delivery_state_name(delivery->state)));
    json_member_int(json, "behind", delivery->behind);
    json_member_int(json, "files", delivery->files);
    json_member_int(json, "rows", delivery->rows);
    json_member_int(json, "bytes", delivery->bytes);
    json_member_time(json, "delivered_at", delivery->delivered_at_us);
    json_member_time(json, "complete_at", delivery->complete_at_us);
    json_member_time(json, "failed_at", delivery->failed_at_us);
    json_member_text(json, "error", delivery->error);
    json_end_object(json);
}

static void
write_last(JsonWriter *json, const TableStatus *status)
{
    json_key(json, "last");
    if (status->last_id == 0) {
        json_null(json);
        return;
    }
    json_begin_object(json);
    json_member_int(json, "export", status->last_id);
    json_member_text(json, "key", status->last_key);
    json_member_int(json, "rows", status->last_rows);
    json_member_int(json, "bytes", status->last_bytes);
    json_member_time(json, "written_at", status->last_at_us);
    json_end_object(json);
}

static void
write_table(void *data, const TableStatus *status)
{
    JsonWriter *json = data;

    json_begin_object(json);
    json_member_text(json, "table", str_of(status->table->name));
    json_member_int(json, "watermark", status->watermark);
    json_member_int(json, "waiting_late", status->waiting_late);
    json_member_int(json, "files", status->files);
    json_member_int(json, "rows", status->rows);
    json_member_int(json, "bytes", status->bytes);
    write_last(json, status);
    json_member_time(json, "failed_at", status->failed_at_us);
    json_member_text(json, "error", status->error);
    json_key(json, "destinations");
    json_begin_array(json);
    for (size_t i = 0; i < status->delivery_count; i++)
        write_delivery(json, &status->deliveries[i]);
    json_end_array(json);
    json_end_object(json);
}

bool
exports_json(JsonWriter *json, DbTx *tx, GError **error)
{
    json_begin_array(json);
    if (!export_status(tx, write_table, json, error))
        return false;
    json_end_array(json);
    return true;
}
