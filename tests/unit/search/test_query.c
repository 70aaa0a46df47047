#include "search/query.h"

typedef struct {
    Arena *arena;
    SearchQuery query;
} Fixture;

static void
set_up(Fixture *f, gconstpointer unused)
{
    (void)unused;
    f->arena = arena_new(4096);
    search_query_init(&f->query, f->arena);
}

static void
tear_down(Fixture *f, gconstpointer unused)
{
    (void)unused;
    arena_free(f->arena);
}

static void
set_ok(Fixture *f, const char *name, const char *value)
{
    GError *error = NULL;
    bool ok = search_query_set(&f->query, str_of(name), str_of(value), &error);

    g_assert_no_error(error);
    g_assert_true(ok);
}

static void
assert_refused(Fixture *f, const char *name, const char *value, const char *message)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(search_query_set(&f->query, str_of(name), str_of(value), &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==, message);
}

static void
a_query_begins_with_the_defaults(Fixture *f, gconstpointer unused)
{
    (void)unused;
    g_assert_cmpint(f->query.page, ==, 1);
    g_assert_cmpint(f->query.per_page, ==, 20);
    g_assert_cmpint(f->query.mode, ==, SEARCH_BALANCED);
    g_assert_cmpint(f->query.timeout_ms, ==, 0);
    g_assert_null(f->query.keywords.at);
}

static void
every_wrong_value_is_refused_by_name(Fixture *f, gconstpointer unused)
{
    g_autofree char *long_text = g_strnfill(257, 'x');

    (void)unused;
    assert_refused(f, "per_page", "101", "per_page: 101 is not between 1 and 100");
    assert_refused(f, "per_page", "0", "per_page: 0 is not between 1 and 100");
    assert_refused(f, "page", "51", "page: 51 is not between 1 and 50");
    assert_refused(f, "page", "two", "page: \"two\" is not a whole number");
    assert_refused(f, "timeout_ms", "49", "timeout_ms: 49 is not between 50 and 30000");
    assert_refused(f, "mode", "slow", "mode: \"slow\" is none of fastest, balanced, widest");
    assert_refused(f, "country", "USA", "country: \"USA\" is not two letters");
    assert_refused(f, "remote", "maybe", "remote: \"maybe\" is neither true nor false");
    assert_refused(f, "salary_min", "-1", "salary_min: -1 is not between 0 and 10000000");
    assert_refused(f, "employment_type", "full_time,nonsense",
                   "employment_type: \"nonsense\" is no type of employment");
    assert_refused(f, "q", long_text, "q: is longer than 256 bytes");
    assert_refused(f, "q", "\xff", "q: is not UTF-8");
    assert_refused(f, "colour", "red", "\"colour\" is not a parameter of a search");
}

static void
an_empty_value_leaves_the_default(Fixture *f, gconstpointer unused)
{
    (void)unused;
    set_ok(f, "per_page", "");
    set_ok(f, "q", "  ");
    g_assert_cmpint(f->query.per_page, ==, 20);
    g_assert_null(f->query.keywords.at);
}

static void
lists_add_up_without_repeats(Fixture *f, gconstpointer unused)
{
    (void)unused;
    set_ok(f, "sources", "a, b,,a");
    set_ok(f, "sources", "c,b");
    g_assert_cmpuint(f->query.sources.count, ==, 3);
    g_assert_true(str_list_has(f->query.sources, STR("c")));
    g_assert_false(str_list_has(f->query.sources, STR("d")));
    set_ok(f, "employment_type", "full_time");
    set_ok(f, "employment_type", "part_time");
    g_assert_cmpint(f->query.employment_types, ==, EMPLOYMENT_FULL_TIME | EMPLOYMENT_PART_TIME);
}

static void
the_echo_is_the_normal_form(Fixture *f, gconstpointer unused)
{
    g_autoptr(GString) text = g_string_new(NULL);
    JsonWriter json = json_writer(text);

    (void)unused;
    set_ok(f, "q", "  nurse   aide ");
    set_ok(f, "country", "us");
    set_ok(f, "salary_min", "50000.50");
    set_ok(f, "remote", "1");
    set_ok(f, "exclude", "acme");
    search_query_write(&f->query, &json);
    g_assert_cmpstr(text->str, ==,
                    "{\"q\":\"nurse aide\",\"country\":\"US\",\"remote\":true,\"page\":1,\"per_page\":20,"
                    "\"mode\":\"balanced\",\"exclude\":[\"acme\"],\"salary_min\":\"50000.50\"}");
}

static void
equal_questions_have_equal_keys(Fixture *f, gconstpointer unused)
{
    SearchQuery other;
    Str key;
    g_autoptr(GError) error = NULL;

    (void)unused;
    search_query_init(&other, f->arena);
    set_ok(f, "q", "Café Manager");
    set_ok(f, "mode", "fastest");
    g_assert_true(search_query_set(&other, STR("q"), STR("cafe  manager"), &error));
    key = search_query_key(&f->query, f->arena);
    g_assert_true(str_equal(key, search_query_key(&other, f->arena)));
    g_assert_true(search_query_set(&other, STR("country"), STR("DE"), &error));
    g_assert_false(str_equal(key, search_query_key(&other, f->arena)));
}

static void
a_copy_stands_alone(Fixture *f, gconstpointer unused)
{
    g_autoptr(Arena) arena = arena_new(1024);
    SearchQuery copy;

    (void)unused;
    set_ok(f, "q", "nurse");
    set_ok(f, "sources", "a,b");
    copy = search_query_copy(arena, &f->query);
    arena_reset(f->arena);
    memset(arena_alloc(f->arena, 2048), 'x', 2048);
    g_assert_true(str_is(copy.keywords, "nurse"));
    g_assert_true(str_list_has(copy.sources, STR("b")));
}

static void
a_question_says_where_its_place_is_when_that_is_certain(Fixture *f, gconstpointer unused)
{
    static const char *const UNCERTAIN[] = {"", "Texas", "Germany", "Springfield", "Xyzzyville"};
    Question question;

    (void)unused;
    set_ok(f, "location", "Berlin");
    question = search_query_question(&f->query);
    g_assert_true(question.has_position);
    g_assert_cmpfloat_with_epsilon(question.latitude, 52.52, 0.1);
    g_assert_cmpfloat_with_epsilon(question.longitude, 13.41, 0.1);
    set_ok(f, "country", "DE");
    g_assert_true(search_query_question(&f->query).has_position);
    set_ok(f, "country", "FR"); /* there is none */
    g_assert_false(search_query_question(&f->query).has_position);
    for (size_t i = 0; i < G_N_ELEMENTS(UNCERTAIN); i++) {
        SearchQuery query;

        search_query_init(&query, f->arena);
        query.location = str_of(UNCERTAIN[i]);
        g_assert_false(search_query_question(&query).has_position);
    }
}

#define TEST(name) g_test_add("/search/" #name, Fixture, NULL, set_up, name, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(a_query_begins_with_the_defaults);
    TEST(every_wrong_value_is_refused_by_name);
    TEST(an_empty_value_leaves_the_default);
    TEST(lists_add_up_without_repeats);
    TEST(the_echo_is_the_normal_form);
    TEST(equal_questions_have_equal_keys);
    TEST(a_copy_stands_alone);
    TEST(a_question_says_where_its_place_is_when_that_is_certain);
    return g_test_run();
}
