#include "commands/source_quarantine.h"

#include "base/json_writer.h"
#include "commands/command.h"
#include "quality/mapping_store.h"

/* Losses are counted over so long. */
#define LOSSES_US (14 * US_PER_DAY)

/* ---- for a person ---- */

/* What is wrong with the charset is told of an answer, not of a record, and takes letters, not fields. */
static bool
is_of_charset(Str field)
{
    return str_is(field, "charset");
}

static void
print_loss(void *data, const LossRow *row)
{
    TextTable *table = data;

    text_table_printf(table, "%" G_GINT64_FORMAT, row->lost);
    text_table_add(table, row->operation);
    text_table_add(table, row->field);
    text_table_add(table, row->reason);
    text_table_add(table, str_of(row->dropped                ? "record dropped"
                                 : is_of_charset(row->field) ? "letters may be lost"
                                                             : "field left out"));
}

static void
print_record(void *data, const QuarantineRow *row)
{
    char when[TIMESTAMP_TEXT_SIZE];
    const char *outcome = row->dropped ? "dropped" : is_of_charset(row->field) ? "kept" : "kept without a field";

    (void)data;
    command_print("\n%s  %.*s, %s\n%.*s\n", command_moment_text(row->recorded_at_us, when), STR_FORMAT(row->operation),
                  outcome, STR_FORMAT(row->text));
    if (!str_is_empty(row->raw))
        command_print("%.*s\n", STR_FORMAT(row->raw));
}

static bool
print_all(DbTx *tx, const Source *source, int64_t since_us, int64_t limit, GError **error)
{
    static const char *const HEADS[] = {">LOST", "OF", "FIELD", "REASON", "SO THAT", NULL};
    g_autoptr(TextTable) table = text_table_new(HEADS);
    Str name = str_of(source_name(source));

    if (!mapping_losses(tx, name, since_us, print_loss, table, error))
        return false;
    command_print_table(table, "nothing was lost in two weeks");
    return mapping_quarantine(tx, name, limit, print_record, NULL, error);
}

/* ---- for a program ---- */

static void
write_loss(void *data, const LossRow *row)
{
    JsonWriter *json = data;

    json_begin_object(json);
    json_member_text(json, "operation", row->operation);
    json_member_text(json, "field", row->field);
    json_member_text(json, "reason", row->reason);
    json_member_bool(json, "dropped", row->dropped);
    json_member_int(json, "lost", row->lost);
    json_member_time(json, "last_hour", row->last_hour_us);
    json_end_object(json);
}

static void
write_record(void *data, const QuarantineRow *row)
{
    JsonWriter *json = data;

    json_begin_object(json);
    json_member_id(json, "id", row->id);
    json_member_time(json, "recorded_at", row->recorded_at_us);
    json_member_text(json, "operation", row->operation);
    json_member_text(json, "field", row->field);
    json_member_text(json, "reason", row->reason);
    json_member_bool(json, "dropped", row->dropped);
    json_member_int(json, "row", row->row);
    json_member_text(json, "text", row->text);
    json_member_text(json, "raw", row->raw);
    json_end_object(json);
}

static bool
write_all(DbTx *tx, const Source *source, int64_t since_us, int64_t limit, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    JsonWriter json = json_writer(text);
    Str name = str_of(source_name(source));

    json_begin_object(&json);
    json_member_text(&json, "source", name);
    json_key(&json, "losses");
    json_begin_array(&json);
    if (!mapping_losses(tx, name, since_us, write_loss, &json, error))
        return false;
    json_end_array(&json);
    json_key(&json, "records");
    json_begin_array(&json);
    if (!mapping_quarantine(tx, name, limit, write_record, &json, error))
        return false;
    json_end_array(&json);
    json_end_object(&json);
    g_print("%s\n", text->str);
    return true;
}

bool
source_quarantine(Deployment *deployment, const Source *source, int64_t limit, bool as_json, GError **error)
{
    g_autoptr(Db) db = deployment_db(deployment, error);
    g_autoptr(DbTx) tx = db == NULL ? NULL : db_begin(db, DB_READ, error);
    int64_t since_us = clock_now_us(deployment->clock) - LOSSES_US;

    if (tx == NULL)
        return false;
    return as_json ? write_all(tx, source, since_us, limit, error) : print_all(tx, source, since_us, limit, error);
}
