#include "recorded.h"

#define DATA "../shared/data/"

void
recorded_setup(Recorded *f, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;

    (void)unused;
    f->sets[0] = load_project_sources(&error);
    g_assert_no_error(error);
    f->sets[1] = load_with_secrets("tests/sources/definitions", &error);
    g_assert_no_error(error);
}

void
recorded_teardown(Recorded *f, gconstpointer unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(f->sets); i++)
        source_set_unref(f->sets[i]);
}

static const Operation *
operation_of(const Recorded *f, const char *source)
{
    for (size_t i = 0; i < G_N_ELEMENTS(f->sets); i++) {
        const Source *found = source_set_find(f->sets[i], str_of(source));

        if (found != NULL)
            return source_search(found) != NULL ? source_search(found) : source_feed(found);
    }
    g_error("no source %s", source);
}

bool
recorded_read(const Recorded *f, const char *source, const char *file, const Question *question,
              Collected *ret_collected)
{
    g_autofree char *path = g_strconcat(DATA, file, NULL);
    SeededRandom random;
    gsize size;
    g_autofree char *bytes = read_project_file(path, &size);
    Question none = QUESTION_NONE;

    if (bytes == NULL) {
        g_test_skip("the recorded file is not here");
        return false;
    }
    seeded_random_init(&random, size);
    question = question != NULL ? question : &none;
    {
        g_auto(Collected) whole = collect(operation_of(f, source), question, 200, (Str){bytes, size}, true, NULL);

        *ret_collected = collect(operation_of(f, source), question, 200, (Str){bytes, size}, true, &random);
        g_assert_cmpuint(whole.listings->len, ==, ret_collected->listings->len);
        g_assert_cmpuint(whole.rejected->len, ==, ret_collected->rejected->len);
    }
    for (guint i = 0; i < ret_collected->rejected->len; i++)
        g_test_message("%s", (const char *)ret_collected->rejected->pdata[i]);
    g_assert_cmpint(ret_collected->status, ==, ANSWER_OK);
    return true;
}

const Listing *
listing_with_id(const Collected *collected, const char *id)
{
    for (guint i = 0; i < collected->listings->len; i++) {
        if (str_is(listing_at(collected, i)->id, id))
            return listing_at(collected, i);
    }
    g_error("no listing %s", id);
}

void
assert_moment(int64_t us, const char *expected)
{
    char text[TIMESTAMP_TEXT_SIZE];

    g_assert_cmpstr(us == TIMESTAMP_NONE ? "none" : timestamp_format(us, text), ==, expected);
}
