#include "commands/record_story.h"

#include "commands/command.h"
#include "commands/listing_fields.h"

#define VALUES_SHOWN 5
#define VALUE_BYTES  160

typedef struct {
    const char *field;
    unsigned depth;
    Str what, values; /* values: as JSON texts between commas */
    size_t count;
    const char *mistake;
} ExplainedStep;

struct RecordStory {
    const Operation *operation;
    uint64_t number;
    Arena *arena;
    GArray *steps;       /* of ExplainedStep */
    GHashTable *results; /* the record's fields, as they became */
    bool is_skipped, is_filtered;
    Listing listing; /* copied */
    bool has_listing;
};

RecordStory *
record_story_new(const Operation *operation, uint64_t number, Arena *arena)
{
    RecordStory *story = g_new0(RecordStory, 1);

    story->operation = operation;
    story->number = number;
    story->arena = arena;
    story->steps = g_array_new(FALSE, FALSE, sizeof(ExplainedStep));
    story->results = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return story;
}

void
record_story_free(RecordStory *story)
{
    if (story == NULL)
        return;
    g_array_unref(story->steps);
    g_hash_table_unref(story->results);
    g_free(story);
}

const Listing *
record_story_listing(const RecordStory *story)
{
    return story->has_listing ? &story->listing : NULL;
}

/* ---- what happens to the record ---- */

static void
on_step(void *data, const char *field, unsigned depth, Str what, const Str *values, size_t count, const char *mistake)
{
    RecordStory *story = data;
    g_autoptr(GString) text = g_string_new(NULL);
    JsonWriter json = json_writer(text);
    ExplainedStep step = {field,    depth, arena_str(story->arena, what),
                          STR_NONE, count, mistake != NULL ? arena_strdup(story->arena, str_of(mistake)) : NULL};

    for (size_t i = 0; i < MIN(count, VALUES_SHOWN); i++) {
        size_t size = values[i].size;
        Str value = operation_redact(story->operation, values[i], story->arena);

        if (size > VALUE_BYTES)
            value = arena_printf(story->arena, "%.*s... (%" G_GSIZE_FORMAT " bytes)",
                                 STR_FORMAT(str_slice(value, 0, VALUE_BYTES)), size);
        json_text(&json, value);
    }
    step.values = arena_str(story->arena, str_of_gstring(text));
    g_array_append_val(story->steps, step);
}

static void
on_skipped(void *data)
{
    ((RecordStory *)data)->is_skipped = true;
}

static void
note_result(void *data, const char *field, Str text)
{
    RecordStory *story = data;
    const char *before = g_hash_table_lookup(story->results, field);
    Str hidden = operation_redact(story->operation, text, story->arena);

    g_hash_table_insert(story->results, g_strdup(field),
                        before != NULL ? g_strdup_printf("%s, %.*s", before, STR_FORMAT(hidden)) : str_dup(hidden));
}

static void
on_mapped(void *data, const Listing *listing, bool is_kept)
{
    RecordStory *story = data;

    story->is_filtered = !is_kept;
    listing_each_field(listing, story->arena, note_result, story);
    if (!str_is_empty(listing->description))
        note_result(story, "description", listing->description);
    story->listing = listing_copy(story->arena, listing);
    story->has_listing = true;
}

void
record_story_follow(RecordStory *story, Answer *answer)
{
    static const ExplainEvents EVENTS = {on_step, on_skipped, on_mapped};

    answer_explain(answer, story->number, &EVENTS, story);
}

/* ---- telling it ---- */

/* What a field of a definition is called in a listing. */
static const char *
result_of(const RecordStory *story, const char *field)
{
    if (strcmp(field, "latitude") == 0 || strcmp(field, "longitude") == 0)
        field = "position";
    else if (strcmp(field, "salary.currency") == 0)
        field = g_hash_table_contains(story->results, "salary.min") ? "salary.min" : "salary.max";
    else if (g_str_has_prefix(field, "bid."))
        field = "bid";
    return g_hash_table_lookup(story->results, field);
}

/* Why a field has no value: the first step after which nothing was left. */
static const char *
reason_of(const RecordStory *story, guint first, guint end, Arena *arena)
{
    bool had_values = false;

    for (guint i = first; i < end; i++) {
        const ExplainedStep *step = &g_array_index(story->steps, ExplainedStep, i);

        if (step->mistake != NULL)
            return step->mistake;
        if (had_values && step->count == 0 && step->what.at[0] == '|')
            return arena_printf(arena, "nothing is left after %.*s", STR_FORMAT(step->what)).at;
        had_values = had_values || step->count > 0;
    }
    return had_values ? "what came out is no value for this field; the losses say why" : "the record has nothing there";
}

/* Calls fn for each field of the record with its steps. */
static void
each_explained(const RecordStory *story, void (*fn)(const RecordStory *story, guint first, guint end, void *data),
               void *data)
{
    for (guint first = 0, end; first < story->steps->len; first = end) {
        const char *field = g_array_index(story->steps, ExplainedStep, first).field;

        end = first;
        while (end < story->steps->len && g_array_index(story->steps, ExplainedStep, end).field == field)
            end++;
        fn(story, first, end, data);
    }
}

static void
add_rows(const RecordStory *story, guint first, guint end, void *data)
{
    TextTable *table = data;
    const char *field = g_array_index(story->steps, ExplainedStep, first).field, *result = result_of(story, field);

    for (guint i = first; i < end; i++) {
        const ExplainedStep *step = &g_array_index(story->steps, ExplainedStep, i);

        text_table_add(table, str_of(i == first ? field : ""));
        text_table_printf(table, "%*s%.*s", (int)step->depth * 2, "", STR_FORMAT(step->what));
        if (step->mistake != NULL)
            text_table_printf(table, "lost: %s", step->mistake);
        else
            text_table_printf(table, "%.*s%s", STR_FORMAT(step->count > 0 ? step->values : STR("-")),
                              step->count > VALUES_SHOWN ? ", ..." : "");
    }
    text_table_add(table, STR(""));
    text_table_add(table, STR("=>"));
    if (result != NULL)
        text_table_printf(table, "%.*s%s", (int)MIN(strlen(result), (size_t)VALUE_BYTES), result,
                          strlen(result) > VALUE_BYTES ? "..." : "");
    else
        text_table_printf(table, "empty: %s", reason_of(story, first, end, story->arena));
}

static const char *
fate_of(const RecordStory *story)
{
    if (story->steps->len == 0)
        return "there is no such record";
    if (story->is_skipped)
        return "passed over by skip_if";
    if (story->is_filtered)
        return "left out: it has not the words that were asked for, which the partner ignores";
    return story->has_listing ? "a listing" : "dropped, as told above";
}

void
record_story_print(const RecordStory *story)
{
    static const char *const HEADS[] = {"FIELD", "STEP", "VALUE", NULL};
    g_autoptr(TextTable) table = text_table_new(HEADS);

    command_print("\nrecord %" G_GUINT64_FORMAT "     %s\n\n", story->number, fate_of(story));
    each_explained(story, add_rows, table);
    command_print_table(table, "--record N tells another one");
}

static void
write_explained(const RecordStory *story, guint first, guint end, void *data)
{
    JsonWriter *json = data;
    const char *field = g_array_index(story->steps, ExplainedStep, first).field, *result = result_of(story, field);

    json_begin_object(json);
    json_member_text(json, "field", str_of(field));
    json_key(json, "steps");
    json_begin_array(json);
    for (guint i = first; i < end; i++) {
        const ExplainedStep *step = &g_array_index(story->steps, ExplainedStep, i);

        json_begin_object(json);
        json_member_text(json, "step", step->what);
        json_member_int(json, "depth", step->depth);
        json_key(json, "values");
        json_raw(json, arena_printf(story->arena, "[%.*s]", STR_FORMAT(step->values)));
        json_member_int(json, "count", (int64_t)step->count);
        json_member_text_if(json, "lost", str_of(step->mistake));
        json_end_object(json);
    }
    json_end_array(json);
    json_member_text(json, "value", str_of(result));
    if (result == NULL)
        json_member_text(json, "empty_because", str_of(reason_of(story, first, end, story->arena)));
    json_end_object(json);
}

void
record_story_write(const RecordStory *story, JsonWriter *json)
{
    json_begin_object(json);
    json_member_int(json, "number", (int64_t)story->number);
    json_member_text(json, "became", str_of(fate_of(story)));
    json_key(json, "fields");
    json_begin_array(json);
    each_explained(story, write_explained, json);
    json_end_array(json);
    json_end_object(json);
}
