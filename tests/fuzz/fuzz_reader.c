#include "fuzz_reader.h"

#define FIELDS_MAX 16

typedef struct {
    uint64_t records, rejected, hash;
    bool ok;
} Outcome;

static void
mix(Outcome *outcome, uint64_t value)
{
    outcome->hash = (outcome->hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
}

static bool
on_record(void *data, const Record *record)
{
    Outcome *outcome = data;

    for (size_t i = 0; i < record->field_count; i++) {
        mix(outcome, record->fields[i].count);
        for (size_t j = 0; j < record->fields[i].count; j++) {
            Str text = record->fields[i].values[j].text;

            g_assert(text.at == NULL || g_utf8_validate_len(text.at, text.size, NULL) || memchr(text.at, 0, text.size));
            mix(outcome, str_hash(text));
        }
    }
    mix(outcome, record->position);
    return true;
}

static void
on_rejected(void *data, uint64_t number, uint64_t position, const char *reason G_GNUC_UNUSED, Str text)
{
    Outcome *outcome = data;

    g_assert(g_utf8_validate_len(text.at, text.size, NULL));
    mix(outcome, number ^ position);
    outcome->rejected++;
}

static Outcome
read_bytes(const ReaderSpec *spec, Str bytes, size_t step)
{
    static const ReaderEvents EVENTS = {on_record, on_rejected};
    Outcome outcome = {.ok = true};
    g_autoptr(Reader) reader = reader_new(spec, &EVENTS, &outcome);
    g_autoptr(GError) error = NULL;

    while (outcome.ok && bytes.size > 0) {
        size_t size = step == 0 ? bytes.size : 1 + (unsigned char)bytes.at[0] % step;

        outcome.ok = reader_push(reader, str_slice(bytes, 0, size), &error);
        bytes = str_slice(bytes, size, bytes.size);
    }
    outcome.ok = outcome.ok && reader_finish(reader, &error);
    g_assert(outcome.ok == (error == NULL));
    g_assert(error == NULL || g_utf8_validate(error->message, -1, NULL));
    for (size_t i = 0; i < spec->document_count; i++)
        mix(&outcome, reader_document(reader, i).count);
    outcome.records = reader_record_count(reader);
    return outcome;
}

void
fuzz_reader(ReaderSpec *spec, const char *records, const char *const *fields, const uint8_t *bytes, size_t size)
{
    Path *paths[FIELDS_MAX];
    Path *record_path = records != NULL ? path_parse(str_of(records), NULL) : NULL;
    Str text = {(const char *)bytes, size};
    Outcome whole, pieces;

    spec->records = record_path;
    spec->fields = (const Path *const *)paths;
    for (spec->field_count = 0; fields[spec->field_count] != NULL; spec->field_count++)
        paths[spec->field_count] = path_parse(str_of(fields[spec->field_count]), NULL);
    spec->document = spec->fields;
    spec->document_count = 1;
    spec->limits = (ReaderLimits){.record_bytes = 20000, .text_bytes = 20, .field_values = 50, .depth = 12};
    whole = read_bytes(spec, text, 0);
    pieces = read_bytes(spec, text, 7);
    g_assert(whole.ok == pieces.ok && whole.records == pieces.records && whole.rejected == pieces.rejected &&
             whole.hash == pieces.hash);
    for (size_t i = 0; i < spec->field_count; i++)
        path_free(paths[i]);
    path_free(record_path);
}
