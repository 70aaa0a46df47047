#include "tracking/robots_list.h"

#include "stream/reader.h"

#define FILE_LIMIT_BYTES    (2 * 1024 * 1024)
#define PATTERN_LIMIT       20000
#define PATTERN_LIMIT_BYTES 1000

typedef struct {
    RobotsList *list;
    GError *error; /* the first one */
} Reading;

/* "2017-08-08" and "2010/01/01" alike. */
static void
note_date(RobotsList *list, Str date)
{
    g_autofree char *text = str_dup(date);

    if (text == NULL)
        return;
    g_strdelimit(text, "/", '-');
    if (list->version == NULL || strcmp(text, list->version) > 0) {
        g_free(list->version);
        list->version = g_steal_pointer(&text);
    }
}

static bool
on_record(void *data, const Record *record)
{
    Reading *reading = data;
    const Values *pattern = &record->fields[0], *date = &record->fields[1];

    if (pattern->count != 1 || pattern->values[0].kind != VALUE_TEXT)
        weir_fail(&reading->error, WEIR_ERROR_INVALID, "entry %" G_GUINT64_FORMAT " has no \"pattern\"",
                  record->number);
    else if (agent_list_size(reading->list->agents) >= PATTERN_LIMIT)
        weir_fail(&reading->error, WEIR_ERROR_LIMIT, "more than %d patterns", PATTERN_LIMIT);
    else if (pattern->values[0].text.size > PATTERN_LIMIT_BYTES)
        weir_fail(&reading->error, WEIR_ERROR_LIMIT,
                  "the pattern of entry %" G_GUINT64_FORMAT " has more than %d bytes", record->number,
                  PATTERN_LIMIT_BYTES);
    else if (agent_list_add(reading->list->agents, pattern->values[0].text, &reading->error) && date->count == 1)
        note_date(reading->list, date->values[0].text);
    return reading->error == NULL;
}

static bool
patterns_read(RobotsList *list, Str text, GError **error)
{
    static const ReaderEvents EVENTS = {.record = on_record};
    g_autoptr(Path) records = path_parse(STR("[*]"), NULL);
    g_autoptr(Path) pattern = path_parse(STR("pattern"), NULL);
    g_autoptr(Path) date = path_parse(STR("last_changed"), NULL);
    const Path *const fields[] = {pattern, date};
    const ReaderSpec spec = {.format = STREAM_JSON,
                             .compression = STREAM_COMPRESSION_NONE,
                             .charset = "UTF-8",
                             .records = records,
                             .fields = fields,
                             .field_count = G_N_ELEMENTS(fields)};
    Reading reading = {.list = list};
    g_autoptr(Reader) reader = reader_new(&spec, &EVENTS, &reading);
    g_autoptr(GError) cause = NULL;
    bool is_whole = reader_push(reader, text, &cause) && reader_finish(reader, &cause);

    if (reading.error != NULL) {
        g_propagate_error(error, reading.error);
        return false;
    }
    if (!is_whole) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return false;
    }
    return agent_list_size(list->agents) > 0 ||
           weir_fail(error, WEIR_ERROR_INVALID, "no list of entries with a \"pattern\"");
}

static bool
text_load(const char *path, char **ret_text, size_t *ret_size, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autofree char *text = NULL;
    size_t size;

    if (!g_file_get_contents(path, &text, &size, &cause))
        return weir_fail(error, WEIR_ERROR_UNAVAILABLE, "%s", cause->message);
    if (size > FILE_LIMIT_BYTES)
        return weir_fail(error, WEIR_ERROR_LIMIT, "more than %d MB", FILE_LIMIT_BYTES / 1024 / 1024);
    *ret_text = g_steal_pointer(&text);
    *ret_size = size;
    return true;
}

RobotsList *
robots_list_load(const char *path, GError **error)
{
    g_autoptr(RobotsList) list = g_new0(RobotsList, 1);
    g_autofree char *text = NULL;
    size_t size = 0;

    list->name = g_path_get_basename(path);
    if (g_str_has_suffix(list->name, ".json"))
        list->name[strlen(list->name) - strlen(".json")] = '\0';
    list->agents = agent_list_new(true);
    if (!text_load(path, &text, &size, error) || !patterns_read(list, (Str){text, size}, error)) {
        weir_fail_within(error, "the list of robots %s", path);
        return NULL;
    }
    if (list->version == NULL)
        list->version = g_strdup("undated");
    return g_steal_pointer(&list);
}

void
robots_list_free(RobotsList *list)
{
    if (list == NULL)
        return;
    g_free(list->name);
    g_free(list->version);
    agent_list_free(list->agents);
    g_free(list);
}
