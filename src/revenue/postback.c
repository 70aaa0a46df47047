#include "revenue/postback.h"

#include "base/timestamp.h"
#include "net/http.h"

typedef enum {
    FIELD_KEY,
    FIELD_SUB_ID,
    FIELD_AMOUNT,
    FIELD_CURRENCY,
    FIELD_STATUS,
    FIELD_AT,
    FIELD_ORIGINAL_KEY,
    FIELDS,
} Field;

static const char *const NAMES[FIELDS] = {
    [FIELD_KEY] = "key",
    [FIELD_SUB_ID] = "sub_id",
    [FIELD_AMOUNT] = "amount",
    [FIELD_CURRENCY] = "currency",
    [FIELD_STATUS] = "status",
    [FIELD_AT] = "at",
    [FIELD_ORIGINAL_KEY] = "original_key",
};

typedef struct {
    LineReader reader;
    const LineEvents *events;
    void *data;
    GString *form;
} PostbackReader;

static bool
postback_push(LineReader *base, Str bytes)
{
    PostbackReader *reader = (PostbackReader *)base;

    if (bytes.size > POSTBACK_SIZE_LIMIT - MIN(reader->form->len, (gsize)POSTBACK_SIZE_LIMIT)) {
        g_string_set_size(reader->form, POSTBACK_SIZE_LIMIT + 1);
        return false;
    }
    g_string_append_len(reader->form, bytes.at, (gssize)bytes.size);
    return true;
}

static bool
decode(Str text, Arena *arena, const char *name, Str *ret_text, GError **error)
{
    g_autoptr(GString) decoded = g_string_new(NULL);

    if (!http_decode(text, true, decoded))
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: a bad %%XX escape", name);
    if (memchr(decoded->str, '\0', decoded->len) != NULL || !g_utf8_validate_len(decoded->str, decoded->len, NULL))
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: not valid UTF-8", name);
    *ret_text = arena_str(arena, str_trim(str_of_gstring(decoded)));
    return true;
}

/* Fields of other names are kept in the report and mean nothing here. */
static bool
split(Str form, Arena *arena, Str fields[FIELDS], GError **error)
{
    while (form.at != NULL) {
        Str value = str_cut(&form, '&'), name = str_cut(&value, '=');

        for (int i = 0; i < FIELDS; i++) {
            if (!str_is(name, NAMES[i]))
                continue;
            if (fields[i].at != NULL)
                return weir_fail(error, WEIR_ERROR_INVALID, "%s: given twice", NAMES[i]);
            if (!decode(value.at == NULL ? STR("") : value, arena, NAMES[i], &fields[i], error))
                return false;
        }
    }
    return true;
}

static bool
make_line(const Str fields[FIELDS], ReportLine *line, GError **error)
{
    *line = (ReportLine){
        .key = fields[FIELD_KEY],
        .original_key = fields[FIELD_ORIGINAL_KEY],
        .sub_id = fields[FIELD_SUB_ID],
        .status = str_is_empty(fields[FIELD_STATUS]) ? STR("approved") : fields[FIELD_STATUS],
        .event_at_us = TIMESTAMP_NONE,
        .click_at_us = TIMESTAMP_NONE,
        .validated_at_us = TIMESTAMP_NONE,
        .version_at_us = TIMESTAMP_NONE,
        .clicks = -1,
        .impressions = -1,
        .row = 1,
    };
    if (str_is_empty(line->key))
        return weir_fail(error, WEIR_ERROR_INVALID, "key: missing");
    if (str_is_empty(fields[FIELD_AMOUNT]))
        return weir_fail(error, WEIR_ERROR_INVALID, "amount: missing");
    if (!money_parse(fields[FIELD_AMOUNT], NUMBER_STYLE_PLAIN, &line->amount_micros, error))
        return weir_fail_within(error, "amount");
    if (!currency_parse(fields[FIELD_CURRENCY], &line->currency))
        return weir_fail(error, WEIR_ERROR_INVALID, "currency: \"%.*s\" is no code of three letters",
                         STR_FORMAT(str_slice(fields[FIELD_CURRENCY], 0, 40)));
    if (!str_is_empty(fields[FIELD_AT]) && !timestamp_parse(fields[FIELD_AT], NULL, &line->event_at_us, error))
        return weir_fail_within(error, "at");
    return true;
}

static bool
postback_finish(LineReader *base, GError **error)
{
    PostbackReader *reader = (PostbackReader *)base;
    g_autoptr(Arena) arena = arena_new(2048);
    Str fields[FIELDS] = {STR_NONE};
    ReportLine line;
    LineFault fault;

    if (reader->form->len > POSTBACK_SIZE_LIMIT)
        return weir_fail(error, WEIR_ERROR_INVALID, "a postback of more than %d bytes", POSTBACK_SIZE_LIMIT);
    if (!split(str_of_gstring(reader->form), arena, fields, error) || !make_line(fields, &line, error))
        return false;
    /* The partner waits for an answer: it is told what is wrong, where a row of a file would go to the quarantine. */
    fault = line_check(&line, arena);
    if (fault.reason != NULL)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: %.*s", fault.field, STR_FORMAT(fault.text));
    reader->events->line(reader->data, &line);
    return true;
}

static void
postback_free(LineReader *base)
{
    PostbackReader *reader = (PostbackReader *)base;

    g_string_free(reader->form, TRUE);
    g_free(reader);
}

LineReader *
postback_reader_new(const LineEvents *events, void *data)
{
    PostbackReader *reader = g_new0(PostbackReader, 1);

    reader->reader = (LineReader){.push = postback_push, .finish = postback_finish, .free = postback_free};
    reader->events = events;
    reader->data = data;
    reader->form = g_string_new(NULL);
    return &reader->reader;
}

bool
postback_record(Db *db, const Clock *clock, const LineFormats *formats, const char *source, const char *line_kind,
                Str form, ReportSummary *ret_summary, GError **error)
{
    ReportImportSpec spec = {
        .db = db,
        .clock = clock,
        .formats = formats,
        .source = source,
        .kind = REPORT_KIND_POSTBACK,
        .line_kind = line_kind,
        .origin = "postback",
        .since_us = TIMESTAMP_NONE,
        .until_us = TIMESTAMP_NONE,
    };
    g_autoptr(ReportImport) import = report_import_begin(&spec, error);

    return import != NULL && report_import_push(import, form, error) &&
           report_import_finish(import, ret_summary, error);
}
