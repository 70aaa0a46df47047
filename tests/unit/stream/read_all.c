#include "stream/read_all.h"

#include "base/random.h"

#include <zlib.h>

static size_t
parse_paths(const char *text, Path **paths)
{
    g_auto(GStrv) words =
        g_strsplit(text != NULL ? text : "", text != NULL && strchr(text, '\n') != NULL ? "\n" : " ", -1);
    size_t count = 0;

    for (char **word = words; *word != NULL; word++) {
        g_autoptr(GError) error = NULL;

        if (**word == '\0')
            continue;
        g_assert_cmpuint(count, <, FIELDS_MAX);
        paths[count] = path_parse(str_of(*word), &error);
        g_assert_no_error(error);
        count++;
    }
    return count;
}

Plan *
plan_new(StreamFormat format, const char *records, const char *fields, const char *document)
{
    Plan *plan = g_new0(Plan, 1);

    plan->spec.format = format;
    if (records != NULL)
        parse_paths(records, &plan->records);
    plan->spec.records = plan->records;
    plan->spec.field_count = parse_paths(fields, plan->fields);
    plan->spec.fields = (const Path *const *)plan->fields;
    plan->spec.document_count = parse_paths(document, plan->document);
    plan->spec.document = (const Path *const *)plan->document;
    return plan;
}

void
plan_free(Plan *plan)
{
    path_free(plan->records);
    path_free(plan->for_each);
    for (size_t i = 0; i < FIELDS_MAX; i++) {
        path_free(plan->fields[i]);
        path_free(plan->document[i]);
    }
    g_free(plan);
}

static void
write_values(GString *to, Values values)
{
    if (values.count == 0)
        g_string_append_c(to, '-');
    for (size_t i = 0; i < values.count; i++) {
        if (i > 0)
            g_string_append_c(to, ',');
        if (values.values[i].kind == VALUE_NULL)
            g_string_append_c(to, '~');
        else
            str_append(to, values.values[i].text);
    }
}

static bool
on_record(void *data, const Record *record)
{
    Reading *reading = data;

    for (size_t i = 0; i < record->field_count; i++) {
        if (i > 0)
            g_string_append_c(reading->records, '|');
        write_values(reading->records, record->fields[i]);
    }
    g_string_append_c(reading->records, '\n');
    reading->last_position = record->position;
    reading->any_truncated |= record->truncated;
    return reading->stop_after == 0 || record->number < reading->stop_after;
}

static void
on_rejected(void *data, uint64_t number, uint64_t position, const char *reason, Str text)
{
    Reading *reading = data;

    g_string_append_printf(reading->rejected, "%" G_GUINT64_FORMAT " %s: %.*s\n", number, reason, STR_FORMAT(text));
    g_string_append_printf(reading->reasons, "%" G_GUINT64_FORMAT " %s %" G_GUINT64_FORMAT "\n", number, reason,
                           position);
    reading->rejected_count++;
}

static bool
push_pieces(Reader *reader, Str bytes, int piece, uint64_t seed, GError **error)
{
    SeededRandom random;

    seeded_random_init(&random, seed);
    while (bytes.size > 0) {
        size_t size = bytes.size;

        if (piece != 0)
            size = piece > 0 ? (size_t)piece : (size_t)random_below(&random.random, (uint64_t)-piece) + 1;
        if (!reader_push(reader, str_slice(bytes, 0, size), error))
            return false;
        bytes = str_slice(bytes, size, bytes.size);
    }
    return reader_finish(reader, error);
}

static Reading *
read_all(const Plan *plan, Str bytes, int piece, uint64_t seed, uint64_t stop_after)
{
    static const ReaderEvents EVENTS = {on_record, on_rejected};
    Reading *reading = g_new0(Reading, 1);
    g_autoptr(Reader) reader = reader_new(&plan->spec, &EVENTS, reading);
    bool ok;

    if (plan->sent_charset != NULL)
        g_assert_true(reader_note_charset(reader, str_of(plan->sent_charset)));
    reading->stop_after = stop_after;
    reading->records = g_string_new(NULL);
    reading->rejected = g_string_new(NULL);
    reading->reasons = g_string_new(NULL);
    reading->document = g_string_new(NULL);
    ok = push_pieces(reader, bytes, piece, seed, &reading->error);
    g_assert_true(ok == (reading->error == NULL));
    for (size_t i = 0; i < plan->spec.document_count; i++) {
        write_values(reading->document, reader_document(reader, i));
        g_string_append_c(reading->document, '\n');
    }
    reading->record_count = reader_record_count(reader);
    reading->replaced = reader_replaced_count(reader);
    return reading;
}

Reading *
read_in_pieces(const Plan *plan, Str bytes, int piece, uint64_t seed)
{
    return read_all(plan, bytes, piece, seed, 0);
}

Reading *
read_whole(const Plan *plan, Str bytes)
{
    return read_all(plan, bytes, 0, 0, 0);
}

void
reading_free(Reading *reading)
{
    g_string_free(reading->records, TRUE);
    g_string_free(reading->rejected, TRUE);
    g_string_free(reading->reasons, TRUE);
    g_string_free(reading->document, TRUE);
    g_clear_error(&reading->error);
    g_free(reading);
}

void
assert_read(const Plan *plan, Str bytes, const char *records)
{
    g_autoptr(Reading) reading = read_whole(plan, bytes);

    g_assert_no_error(reading->error);
    g_assert_cmpstr(reading->records->str, ==, records);
    assert_same_in_pieces(plan, bytes);
}

void
assert_fails(const Plan *plan, Str bytes, WeirError code, const char *message_part)
{
    g_autoptr(Reading) reading = read_whole(plan, bytes);

    g_assert_error(reading->error, WEIR_ERROR, (int)code);
    if (strstr(reading->error->message, message_part) == NULL)
        g_error("\"%s\" is not in the message: %s", message_part, reading->error->message);
}

static void
assert_same(const Reading *a, const Reading *b)
{
    g_assert_cmpstr(a->records->str, ==, b->records->str);
    g_assert_cmpstr(a->reasons->str, ==, b->reasons->str);
    g_assert_cmpstr(a->document->str, ==, b->document->str);
    g_assert_cmpuint(a->record_count, ==, b->record_count);
    g_assert_cmpuint(a->last_position, ==, b->last_position);
    g_assert_true(a->any_truncated == b->any_truncated);
    g_assert_true((a->error == NULL) == (b->error == NULL));
    /* What stands behind an error is decoded when it came in the same piece. */
    if (a->error == NULL)
        g_assert_cmpuint(a->replaced, ==, b->replaced);
}

void
assert_same_in_pieces(const Plan *plan, Str bytes)
{
    static const int PIECES[] = {1, -3, -64, -5000, -200000};
    g_autoptr(Reading) whole = read_whole(plan, bytes);

    for (size_t i = 0; i < G_N_ELEMENTS(PIECES); i++) {
        g_autoptr(Reading) pieces = read_in_pieces(plan, bytes, PIECES[i], 4711 + i);

        assert_same(whole, pieces);
    }
}

GString *
shared_file(const char *name)
{
    g_autofree char *path = g_build_filename(g_getenv("WEIR_ROOT"), "..", "shared", name, NULL);
    g_autofree char *text = NULL;
    gsize size;

    if (g_file_get_contents(path, &text, &size, NULL))
        return g_string_new_len(text, (gssize)size);
    g_test_skip("the shared data are not here");
    return NULL;
}

GString *
gzip_of(Str bytes)
{
    z_stream zlib = {.next_in = (Bytef *)(uintptr_t)bytes.at, .avail_in = (uInt)bytes.size};
    GString *out = g_string_new(NULL);
    int result;

    g_assert_cmpint(deflateInit2(&zlib, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), ==, Z_OK);
    do {
        Bytef buffer[16384];

        zlib.next_out = buffer;
        zlib.avail_out = sizeof(buffer);
        result = deflate(&zlib, Z_FINISH);
        g_string_append_len(out, (const char *)buffer, (gssize)(sizeof(buffer) - zlib.avail_out));
    } while (result == Z_OK);
    g_assert_cmpint(result, ==, Z_STREAM_END);
    deflateEnd(&zlib);
    return out;
}
