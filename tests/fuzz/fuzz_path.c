/* A path before the first zero, a JSON document behind it. */
#include "stream/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool
on_record(void *data G_GNUC_UNUSED, const Record *record)
{
    return record->number < 1000;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const ReaderEvents EVENTS = {on_record, NULL};
    Str rest = {(const char *)bytes, size};
    Str text = size > 0 ? str_cut(&rest, '\0') : STR("");
    g_autoptr(GError) error = NULL;
    g_autoptr(Path) path = path_parse(text, &error);
    const Path *paths[1] = {path};

    g_assert((path == NULL) == (error != NULL));
    for (int as_records = 0; path != NULL && rest.at != NULL && as_records < 2; as_records++) {
        ReaderSpec spec = {.records = as_records != 0 ? path : NULL,
                           .fields = paths,
                           .field_count = 1,
                           .document = paths,
                           .document_count = 1};
        g_autoptr(Reader) reader = reader_new(&spec, &EVENTS, NULL);

        if (reader_push(reader, rest, NULL) && reader_finish(reader, NULL))
            g_assert(reader_document(reader, 0).count <= 10000);
    }
    return 0;
}
