/* The transform that reads JSON which a partner wrote into a text. */
#include "sources/transform_type.h"

#include "stream/reader.h"

#define INNER_LIMIT_BYTES ((uint64_t)1 << 20)

bool
transform_prepare_json(Transform *t, Arena *arena, GError **error)
{
    g_autoptr(Path) path = path_parse(t->arguments[0].value, error);

    if (path == NULL)
        return false;
    t->path = path_copy(path, arena);
    return true;
}

typedef struct {
    Arena *arena;
    GArray *found; /* of Str */
} JsonSearch;

static bool
on_record(void *data, const Record *record)
{
    JsonSearch *search = data;

    for (size_t i = 0; i < record->fields[0].count; i++) {
        Str text = arena_str(search->arena, record->fields[0].values[i].text);

        if (!str_is_empty(str_trim(text)))
            g_array_append_val(search->found, text);
    }
    return true;
}

static bool
search_json(const Transform *t, Str text, JsonSearch *search)
{
    static const ReaderEvents EVENTS = {.record = on_record};
    const ReaderSpec spec = {
        .format = STREAM_JSON,
        .compression = STREAM_COMPRESSION_NONE,
        .charset = "UTF-8",
        .fields = &t->path,
        .field_count = 1,
        .limits = {.input_bytes = INNER_LIMIT_BYTES},
    };
    g_autoptr(Reader) reader = reader_new(&spec, &EVENTS, search);

    return reader_push(reader, text, NULL) && reader_finish(reader, NULL);
}

Texts
transform_json(const Transform *t, TransformContext *context, Texts in)
{
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(Str));
    JsonSearch search = {context->arena, found};

    for (size_t i = 0; i < in.count; i++)
        if (!search_json(t, in.items[i], &search))
            transform_fail(context, "JSON", in.items[i]);
    return (Texts){arena_items(context->arena, found), found->len};
}
