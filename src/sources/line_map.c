/* From a record to a line of a report. Money is never guessed: a line whose amount, currency or status cannot be read is
 * rejected with its row. */
#include "sources/field.h"

#include "listings/text.h"

const char *
report_status_find(Str text)
{
    static const char *const STATUSES[] = {"pending", "approved", "reversed", "paid"};

    for (size_t i = 0; i < G_N_ELEMENTS(STATUSES); i++) {
        if (str_is(text, STATUSES[i]))
            return STATUSES[i];
    }
    return NULL;
}

static bool
map_status(FieldReader *reader, const LineMap *map, ReportLine *line)
{
    const char *status;
    Str text;

    line->status = STR("pending");
    if (map->status == NULL)
        return true;
    reader->context.mistake = NULL;
    text =
        text_clean(reader->context.arena, expression_text(map->status, reader->record, reader->ask, &reader->context));
    if (text.at == NULL && reader->context.mistake != NULL)
        return field_reject(reader, true, "status", "status", "%s", reader->context.mistake);
    status = report_status_find(text);
    if (status == NULL)
        return field_reject(reader, true, "status", "status", "\"%.*s\" is none of " REPORT_STATUSES,
                            STR_FORMAT(str_slice(text, 0, 40)));
    line->status = str_of(status);
    return true;
}

static bool
map_amount(FieldReader *reader, const LineMap *map, ReportLine *line)
{
    bool bad = false;

    if (!field_money(reader, map->amount, "amount", &line->amount_micros, &bad))
        return bad ? false : field_reject(reader, true, "amount", "missing", "there is none");
    line->currency = field_currency(reader, map->currency, "currency");
    if (line->currency.code[0] == '\0')
        return field_reject(reader, true, "currency", "missing", "there is none");
    return true;
}

/* A count of clicks or impressions; -1 when absent. Thousands may be grouped as the partner groups them. */
static int64_t
map_count(FieldReader *reader, const Expression *expression, const char *field)
{
    int64_t micros;

    if (!field_money(reader, expression, field, &micros, NULL))
        return -1;
    if (micros < 0 || micros % MICROS_PER_UNIT != 0) {
        field_reject(reader, false, field, "number", "is no count");
        return -1;
    }
    return micros / MICROS_PER_UNIT;
}

static Str
moment_word(Arena *arena, int64_t us)
{
    char text[TIMESTAMP_TEXT_SIZE];

    return us == TIMESTAMP_NONE ? STR("") : arena_str(arena, str_of(timestamp_format(us, text)));
}

/* All that was mapped, each field behind a unit separator, which no cleaned text holds. */
static Str
canonical(Arena *arena, const ReportLine *line)
{
    char money[MONEY_TEXT_SIZE];

    return arena_printf(
        arena,
        "%.*s\x1f%.*s\x1f%.*s\x1f%.*s\x1f%s\x1f%s\x1f%.*s\x1f%.*s\x1f%.*s\x1f%.*s\x1f%" G_GINT64_FORMAT
        "\x1f%" G_GINT64_FORMAT "\x1f%.*s",
        STR_FORMAT(line->key), STR_FORMAT(line->original_key), STR_FORMAT(line->sub_id), STR_FORMAT(line->status),
        money_format(line->amount_micros, money), line->currency.code,
        STR_FORMAT(moment_word(arena, line->event_at_us)), STR_FORMAT(moment_word(arena, line->click_at_us)),
        STR_FORMAT(moment_word(arena, line->validated_at_us)), STR_FORMAT(moment_word(arena, line->version_at_us)),
        line->clicks, line->impressions, STR_FORMAT(line->description));
}

bool
line_map_record(const Operation *operation, const Ask *ask, const Record *record, Arena *arena,
                const AnswerEvents *events, void *data, ReportLine *ret_line)
{
    FieldReader reader = field_reader(operation, ask, record, arena, events, data);
    const LineMap *map = &operation->line;
    ReportLine line = {.row = record->number, .position = record->position};

    line.key = field_clean(&reader, map->key, "key");
    if (line.key.at == NULL && operation->mode != REPORT_APPEND)
        return field_reject(&reader, true, "key", "missing", "there is none");
    if (!map_status(&reader, map, &line) || !map_amount(&reader, map, &line))
        return false;
    line.original_key = field_clean(&reader, map->original_key, "original_key");
    line.sub_id = field_clean(&reader, map->sub_id, "sub_id");
    line.event_at_us = field_moment(&reader, map->event_at, "event_at");
    line.click_at_us = field_moment(&reader, map->click_at, "click_at");
    line.validated_at_us = field_moment(&reader, map->validated_at, "validated_at");
    line.version_at_us = field_moment(&reader, map->version_at, "version_at");
    line.clicks = map_count(&reader, map->clicks, "clicks");
    line.impressions = map_count(&reader, map->impressions, "impressions");
    line.description = field_clean(&reader, map->description, "description");
    line.canonical = canonical(arena, &line);
    *ret_line = line;
    return true;
}
