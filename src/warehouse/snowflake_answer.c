#include "warehouse/snowflake_answer.h"

#include "stream/reader.h"

enum { CODE, SQL_STATE, MESSAGE, HANDLE, HANDLES, ROW_COUNT, PARTITIONS, COLUMNS, DOCUMENT_PATHS };

static const char *const DOCUMENT[DOCUMENT_PATHS] = {
    [CODE] = "code",
    [SQL_STATE] = "sqlState",
    [MESSAGE] = "message",
    [HANDLE] = "statementHandle",
    [HANDLES] = "statementHandles[*]",
    [ROW_COUNT] = "resultSetMetaData.numRows",
    [PARTITIONS] = "resultSetMetaData.partitionInfo[*].rowCount",
    [COLUMNS] = "resultSetMetaData.rowType[*].name",
};

typedef struct {
    SnowflakeAnswer *answer;
    Arena *arena;
    const char *fault; /* why it stopped */
} Reading;

static bool
on_row(void *data, const Record *record)
{
    Reading *reading = data;
    SnowflakeAnswer *answer = reading->answer;
    const Values *cells = &record->fields[0];

    if (answer->width == 0)
        answer->width = cells->count;
    if (record->truncated)
        reading->fault = "a cell is longer than 1 MiB";
    else if (cells->count == 0 || cells->count != answer->width)
        reading->fault = "its rows have different numbers of cells";
    else if (answer->cells->len / answer->width >= SNOWFLAKE_ROWS_LIMIT)
        reading->fault = "it has more than " G_STRINGIFY(SNOWFLAKE_ROWS_LIMIT) " rows";
    for (size_t i = 0; i < cells->count && reading->fault == NULL; i++) {
        Str cell = cells->values[i].kind == VALUE_NULL ? STR_NONE : arena_str(reading->arena, cells->values[i].text);

        g_array_append_val(answer->cells, cell);
    }
    return reading->fault == NULL;
}

static Str
first_text(Reader *reader, size_t path, Arena *arena)
{
    Values values = reader_document(reader, path);

    return values.count > 0 ? arena_str(arena, values.values[0].text) : STR_NONE;
}

static Str *
all_texts(Reader *reader, size_t path, Arena *arena, size_t *ret_count)
{
    Values values = reader_document(reader, path);
    Str *texts = ARENA_ARRAY(arena, Str, values.count + 1);

    for (size_t i = 0; i < values.count; i++)
        texts[i] = arena_str(arena, values.values[i].text);
    *ret_count = values.count;
    return texts;
}

static void
take_document(Reader *reader, Arena *arena, SnowflakeAnswer *answer)
{
    answer->code = first_text(reader, CODE, arena);
    answer->sql_state = first_text(reader, SQL_STATE, arena);
    answer->message = first_text(reader, MESSAGE, arena);
    answer->handle = first_text(reader, HANDLE, arena);
    answer->handles = all_texts(reader, HANDLES, arena, &answer->handle_count);
    answer->columns = all_texts(reader, COLUMNS, arena, &answer->column_count);
    answer->partition_count = reader_document(reader, PARTITIONS).count;
    answer->row_count = -1;
    if (!str_to_int64(first_text(reader, ROW_COUNT, arena), &answer->row_count))
        answer->row_count = -1;
}

bool
snowflake_answer_read(const CloudAnswer *from, Arena *arena, SnowflakeAnswer *answer, GError **error)
{
    g_autoptr(Path) rows = path_parse(STR("data[*]"), NULL);
    g_autoptr(Path) all = path_parse(STR("."), NULL);
    const Path *fields[] = {all}, *document[DOCUMENT_PATHS];
    Reading reading = {.answer = answer, .arena = arena};
    ReaderSpec spec = {.format = STREAM_JSON, .records = rows, .fields = fields, .field_count = 1};
    ReaderEvents events = {.record = on_row};
    g_autoptr(Reader) reader = NULL;
    g_autoptr(GError) cause = NULL;
    bool whole;

    for (size_t i = 0; i < DOCUMENT_PATHS; i++)
        document[i] = path_parse(str_of(DOCUMENT[i]), NULL);
    spec.document = document;
    spec.document_count = DOCUMENT_PATHS;
    answer->status = from->status;
    answer->width = 0;
    reader = reader_new(&spec, &events, &reading);
    whole = reader_push(reader, str_of_gstring(from->body), &cause) && reader_finish(reader, &cause);
    take_document(reader, arena, answer);
    g_clear_pointer(&reader, reader_free);
    for (size_t i = 0; i < DOCUMENT_PATHS; i++)
        path_free((Path *)document[i]);
    if (whole || (from->status != 200 && from->status != 202))
        return true;
    if (reading.fault != NULL)
        return weir_fail(error, WEIR_ERROR_LIMIT, "the answer of Snowflake is refused: %s", reading.fault);
    return weir_fail(error, WEIR_ERROR_BROKEN, "the answer of Snowflake can't be read: %s", cause->message);
}

/* What Snowflake says by number, and what a person should look at. */
typedef struct {
    const char *code;
    WeirError error;
    const char *hint;
} Known;

static const Known KNOWN[] = {
    {"390144", WEIR_ERROR_INVALID,
     "; check the account (without region and cloud), the user, its RSA_PUBLIC_KEY, and this machine's clock"},
    {"391903", WEIR_ERROR_INVALID, "; a proxy may have taken the User-Agent away"},
    {"391908", WEIR_ERROR_LIMIT, "; the result is too large"},
    {"391911", WEIR_ERROR_INVALID, "; this statement may not be sent by the SQL API"},
    {"000008", WEIR_ERROR_INVALID, "; the number of statements is not what was announced"},
    {"000630", WEIR_ERROR_TIMEOUT, "; a timeout of the user or warehouse is shorter than ours"},
};

static const Known *
known_of(const SnowflakeAnswer *answer)
{
    static const Known STATUSES[] = {
        {"401", WEIR_ERROR_INVALID, "; the token is refused"},
        {"403", WEIR_ERROR_INVALID, "; the SQL API or the network policy of the account does not allow it"},
        {"404", WEIR_ERROR_NOT_FOUND, ""},
        {"408", WEIR_ERROR_TIMEOUT, "; Snowflake ended the statements, none of them stays"},
        {"429", WEIR_ERROR_UNAVAILABLE, ""},
        {"500", WEIR_ERROR_TIMEOUT, "; the statements may have been executed"},
        {"502", WEIR_ERROR_UNAVAILABLE, ""},
        {"503", WEIR_ERROR_UNAVAILABLE, ""},
        {"504", WEIR_ERROR_UNAVAILABLE, ""},
    };
    static const Known OTHER = {"", WEIR_ERROR_INVALID, ""};
    char status[16];

    for (size_t i = 0; i < G_N_ELEMENTS(KNOWN); i++)
        if (str_is(answer->code, KNOWN[i].code))
            return &KNOWN[i];
    g_snprintf(status, sizeof status, "%d", answer->status);
    for (size_t i = 0; i < G_N_ELEMENTS(STATUSES); i++)
        if (g_str_equal(status, STATUSES[i].code))
            return &STATUSES[i];
    return &OTHER;
}

bool
snowflake_answer_check(const SnowflakeAnswer *answer, GError **error)
{
    const Known *known = known_of(answer);
    Str message = str_slice(answer->message, 0, 500);

    if (answer->status == 200 || answer->status == 202)
        return true;
    return weir_fail(error, known->error, "Snowflake answered %d%s%.*s%s%.*s%s", answer->status,
                     str_is_empty(answer->code) ? "" : " ", STR_FORMAT(answer->code), str_is_empty(message) ? "" : ": ",
                     STR_FORMAT(message), known->hint);
}
