#include "support.h"

#include "base/yaml.h"

#include <glib/gstdio.h>

void
collected_clear(Collected *collected)
{
    g_clear_pointer(&collected->listings, g_array_unref);
    g_clear_pointer(&collected->lines, g_array_unref);
    g_clear_pointer(&collected->rejected, g_ptr_array_unref);
    g_clear_pointer(&collected->arena, arena_free);
}

static const char *
secret_value(void *data, const char *name)
{
    g_autofree char *value =
        g_strconcat(g_str_has_suffix(name, "_URL") ? "https://secret.example/" : "SECRET-", name, NULL);

    (void)data;
    return g_intern_string(value);
}

SourceSet *
load_with_secrets(const char *directory, GError **error)
{
    g_autofree char *path = g_build_filename(g_getenv("WEIR_ROOT"), directory, NULL);
    SourceSetSpec spec = {.directory = path, .secret = secret_value};

    return source_set_load(&spec, error);
}

static const YamlNode *
instances_of(void *data, const char *source)
{
    return yaml_find(data, source);
}

SourceSet *
load_project_sources(GError **error)
{
    g_autofree char *definitions = g_build_filename(g_getenv("WEIR_ROOT"), "sources", NULL);
    g_autofree char *instances = g_build_filename(g_getenv("WEIR_ROOT"), "tests/sources/instances.yaml", NULL);
    g_autoptr(Arena) arena = arena_new(4096);
    g_auto(YamlMistakes) mistakes;
    SourceSetSpec spec = {.directory = definitions, .secret = secret_value, .instances = instances_of};

    yaml_mistakes_init(&mistakes);
    if (g_file_test(instances, G_FILE_TEST_EXISTS))
        spec.data = (void *)yaml_load(instances, arena, &mistakes);
    g_assert_cmpstr(mistakes.text->str, ==, "");
    return source_set_load(&spec, error);
}

SourceSet *
load_as(const SourceSetSpec *spec, const char *name, const char *yaml, GError **error)
{
    g_autofree char *directory = g_dir_make_tmp("weir-test-XXXXXX", NULL);
    g_autofree char *file = g_strconcat(name, ".yaml", NULL);
    g_autofree char *path = g_build_filename(directory, file, NULL);
    SourceSetSpec here = *spec;
    SourceSet *set;

    here.directory = directory;
    g_assert_true(g_file_set_contents(path, yaml, -1, NULL));
    set = source_set_load(&here, error);
    g_unlink(path);
    g_rmdir(directory);
    return set;
}

static const SourceSetSpec ALL_SECRETS = {.secret = secret_value};

SourceSet *
load_text(const char *name, const char *yaml)
{
    g_autoptr(GError) error = NULL;
    SourceSet *set = load_as(&ALL_SECRETS, name, yaml, &error);

    g_assert_no_error(error);
    return set;
}

char *
mistakes_of(const char *name, const char *yaml)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SourceSet) set = load_as(&ALL_SECRETS, name, yaml, &error);

    g_assert_null(set);
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    return g_strdup(error->message);
}

void
assert_mistake(const char *yaml, const char *words)
{
    g_autofree char *mistakes = mistakes_of("x", yaml);

    if (strstr(mistakes, words) == NULL)
        g_error("expected %s\n     got %s", words, mistakes);
}

static bool
on_listing(void *data, const Listing *listing)
{
    Collected *collected = data;
    Listing copy = listing_copy(collected->arena, listing);

    g_array_append_val(collected->listings, copy);
    return true;
}

static bool
on_line(void *data, const ReportLine *line)
{
    Collected *collected = data;
    ReportLine copy = *line;

    copy.key = arena_str(collected->arena, line->key);
    copy.original_key = arena_str(collected->arena, line->original_key);
    copy.sub_id = arena_str(collected->arena, line->sub_id);
    copy.status = arena_str(collected->arena, line->status);
    copy.description = arena_str(collected->arena, line->description);
    copy.canonical = arena_str(collected->arena, line->canonical);
    g_array_append_val(collected->lines, copy);
    return true;
}

static void
on_rejected(void *data, uint64_t row, bool dropped, const char *field, const char *reason, Str text)
{
    Collected *collected = data;

    (void)row;
    collected->dropped += dropped;
    g_ptr_array_add(collected->rejected,
                    g_strdup_printf("%s %s %s: %.*s", field, reason, dropped ? "dropped" : "kept", STR_FORMAT(text)));
}

static void
push_all(Answer *answer, Str bytes, SeededRandom *random)
{
    for (size_t at = 0; at < bytes.size;) {
        size_t size = random == NULL ? bytes.size : 1 + (size_t)random_below(&random->random, 4096);

        if (!answer_push(answer, str_slice(bytes, at, at + size)))
            return;
        at += size;
    }
}

Collected
collect_at(const Operation *operation, const Question *question, int64_t now_us, int status, HttpHeaders headers,
           Str bytes, bool complete, SeededRandom *random)
{
    static const AnswerEvents EVENTS = {.listing = on_listing, .line = on_line, .rejected = on_rejected};
    Collected collected = {
        .arena = arena_new(65536),
        .listings = g_array_new(FALSE, FALSE, sizeof(Listing)),
        .lines = g_array_new(FALSE, FALSE, sizeof(ReportLine)),
        .rejected = g_ptr_array_new_with_free_func(g_free),
    };
    FakeClock clock;
    Answer *answer;

    fake_clock_init(&clock, now_us);
    answer = answer_new(operation, question, &clock.clock, &EVENTS, &collected);
    if (status != 0)
        answer_head(answer, status, headers);
    push_all(answer, bytes, random);
    collected.status = answer_finish(answer, complete, &collected.message);
    collected.message = arena_str(collected.arena, collected.message);
    collected.total = answer_total(answer);
    collected.has_next = answer_next(answer, &collected.next);
    if (collected.has_next)
        collected.next.cursor = arena_str(collected.arena, collected.next.cursor);
    memcpy(collected.seen, answer_tally(answer)->seen, sizeof collected.seen);
    memcpy(collected.filled, answer_tally(answer)->filled, sizeof collected.filled);
    answer_free(answer);
    return collected;
}

char *
check_expression(const char *expression, const char *record, const char *expected)
{
    bool is_map = g_str_has_prefix(expression, "{by:") || g_str_has_prefix(expression, "{format:");
    g_autofree char *yaml = g_strdup_printf("source: x\npartner: X\nparameters: {board: {default: acme}}\nfeed:\n"
                                            "  get: https://x.example/\n  zone: Europe/Paris\n  answer: {json: '[*]'}\n"
                                            "  listing:\n    title: = T\n    url: = https://x.example/\n"
                                            "    description:%s\n      %s\n",
                                            is_map ? "" : " >-", expression);
    g_autofree char *document = g_strdup_printf("[%s]", record);
    g_autoptr(SourceSet) set = load_text("x", yaml);
    Question question = QUESTION_NONE;
    g_auto(Collected) collected = {0};
    g_autofree char *actual = NULL;

    question.country = STR("GB");
    collected = collect(source_feed(source_set_at(set, 0)), &question, 0, str_of(document), true, NULL);
    g_assert_cmpint(collected.status, ==, ANSWER_OK);
    actual = str_dup(g_array_index(collected.listings, Listing, 0).description);
    g_test_message("%s", expression);
    g_assert_cmpstr(actual, ==, expected);
    return g_strdup(collected.rejected->len > 0 ? collected.rejected->pdata[0] : "");
}

Collected
collect(const Operation *operation, const Question *question, int status, Str bytes, bool complete,
        SeededRandom *random)
{
    return collect_at(operation, question, COLLECTED_AT_US, status, (HttpHeaders){NULL, 0}, bytes, complete, random);
}

const Listing *
listing_at(const Collected *collected, guint i)
{
    g_assert_cmpuint(i, <, collected->listings->len);
    return &g_array_index(collected->listings, Listing, i);
}

void
assert_text(Str actual, const char *expected)
{
    g_autofree char *copy = str_dup(actual);

    g_assert_cmpstr(copy, ==, expected);
}

char *
read_project_file(const char *path, gsize *ret_size)
{
    g_autofree char *full = g_build_filename(g_getenv("WEIR_ROOT"), path, NULL);
    char *bytes;

    return g_file_get_contents(full, &bytes, ret_size, NULL) ? bytes : NULL;
}
