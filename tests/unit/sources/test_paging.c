/* How a source is gone through: what each answer says of the next page, and what ends it. */
#include "support.h"

#define HEAD   "source: x\npartner: X\n"
#define FIELDS "  listing: {title: t, url: u, id: i}\n"

static const Operation *
search_of(SourceSet *set)
{
    return source_search(source_set_at(set, 0));
}

static SourceSet *
load(const char *pages, const char *answer)
{
    g_autofree char *yaml =
        g_strdup_printf(HEAD "search:\n  get: https://x.example/\n  query: {o: '{offset}'}\n  pages: %s\n  answer: %s\n"
                             "  listing: {title: t, url: u, id: i}\n",
                        pages, answer);

    return load_text("x", yaml);
}

/* Records with the ids from..to. */
static char *
records(int from, int to)
{
    GString *text = g_string_new("{\"jobs\": [");

    for (int i = from; i <= to; i++)
        g_string_append_printf(text, "%s{\"t\": \"T\", \"u\": \"https://x.example/%d\", \"i\": %d}",
                               i > from ? "," : "", i, i);
    g_string_append(text, "]}");
    return g_string_free(text, FALSE);
}

/* The answer to a question, with one header. */
static bool
answer_of(const Operation *operation, const Question *question, HttpHeader header, const char *body, Question *ret_next,
          Arena *arena)
{
    static const AnswerEvents NO_EVENTS = {0};
    FakeClock clock;
    g_autoptr(Answer) answer = NULL;
    bool more;

    fake_clock_init(&clock, 0);
    answer = answer_new(operation, question, &clock.clock, &NO_EVENTS, NULL);
    answer_head(answer, 200, (HttpHeaders){&header, 1});
    g_assert_true(answer_push(answer, str_of(body)));
    (void)answer_finish(answer, true, NULL);
    more = answer_next(answer, ret_next);
    if (more)
        ret_next->cursor = arena_str(arena, ret_next->cursor);
    return more;
}

static const HttpHeader NO_HEADER = {{"X-Nothing", 9}, {"", 0}};

static void
bounds_end_the_pages(void)
{
    static const struct {
        const char *pages, *answer, *body;
        int64_t page;
        bool more;
    } CASES[] = {
        {"{by: page, size: 2}", "{json: 'jobs[*]'}", NULL, 1, true},
        {"{by: page, size: 3}", "{json: 'jobs[*]'}", NULL, 1, false},
        {"{by: page, size: 2, limit: 4}", "{json: 'jobs[*]'}", NULL, 3, true},
        {"{by: page, size: 2, limit: 4}", "{json: 'jobs[*]'}", NULL, 4, false},
        {"{by: offset, size: 2, max_offset: 6}", "{json: 'jobs[*]'}", NULL, 3, true},
        {"{by: offset, size: 2, max_offset: 5}", "{json: 'jobs[*]'}", NULL, 3, false},
        {"{by: page, size: 2, total_pages: pages}", "{json: 'jobs[*]'}", "\"pages\": 3", 2, true},
        {"{by: page, size: 2, total_pages: pages}", "{json: 'jobs[*]'}", "\"pages\": \"3\"", 3, false},
        {"{by: page, size: 2, total_pages: pages}", "{json: 'jobs[*]'}", "\"pages\": 0", 3, true},
        {"{by: page, size: 2}", "{json: 'jobs[*]', total: n}", "\"n\": 5", 3, false},
        {"{by: page, size: 2}", "{json: 'jobs[*]', total: n}", "\"n\": 0", 3, true},
        {"{by: cursor, complete: done}", "{json: 'jobs[*]', next: max}", "\"max\": 7, \"done\": false", 1, true},
        {"{by: cursor, complete: done}", "{json: 'jobs[*]', next: max}", "\"max\": 7, \"done\": true", 1, false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(SourceSet) set = load(CASES[i].pages, CASES[i].answer);
        g_autofree char *two = records(1, 2);
        g_autoptr(GString) body = g_string_new(two);
        g_autoptr(Arena) arena = arena_new(4096);
        Question question = QUESTION_NONE, next;

        if (CASES[i].body != NULL) {
            g_string_truncate(body, body->len - 1);
            g_string_append_printf(body, ", %s}", CASES[i].body);
        }
        question.page = CASES[i].page;
        if (answer_of(search_of(set), &question, NO_HEADER, body->str, &next, arena) != CASES[i].more)
            g_error("%s, page %d", CASES[i].pages, (int)CASES[i].page);
    }
}

static void
headers_tell_the_next_page_and_the_total(void)
{
    static const struct {
        const char *pages, *name, *value, *cursor;
    } CASES[] = {
        {"{by: next_link, next_header: Link}", "link",
         "<https://x.example/?p=1>; rel=\"prev\", </?p=3>; title=\"a, b\"; rel=\"next\"", "/?p=3"},
        {"{by: next_link, next_header: Link}", "Link", "<https://x.example/?p=1>; rel=prev", NULL},
        {"{by: next_link, next_header: Link}", "Link", "garbage>;<", NULL},
        {"{by: next_link, next_header: Link}", "Link", "", NULL},
        {"{by: cursor, next_header: X-Next}", "X-Next", " abc ", "abc"},
        {"{by: offset, size: 2, total_header: Content-Range}", "Content-Range", "items 0-1/172", ""},
        {"{by: offset, size: 2, total_header: Content-Range}", "Content-Range", "items 0-1/2", NULL},
        {"{by: offset, size: 2, total_header: Content-Range}", "Content-Range", "items 0-1/*", ""},
        {"{by: offset, size: 2, total_header: X-Total}", "x-total", "2", NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(SourceSet) set = load(CASES[i].pages, "{json: 'jobs[*]'}");
        g_autofree char *two = records(1, 2);
        g_autoptr(Arena) arena = arena_new(4096);
        Question question = QUESTION_NONE, next = QUESTION_NONE;
        HttpHeader header = {str_of(CASES[i].name), str_of(CASES[i].value)};
        bool more = answer_of(search_of(set), &question, header, two, &next, arena);

        g_assert_cmpint(more, ==, CASES[i].cursor != NULL);
        if (more && *CASES[i].cursor != '\0')
            g_assert_true(str_is(next.cursor, CASES[i].cursor));
    }
}

/* Pages as a partner serves them, each by its first and last id, until nothing follows. */
static unsigned
count_pages(const int (*pages)[2], size_t count, bool last_again)
{
    g_autoptr(SourceSet) set = load("{by: page, size: 2}", "{json: 'jobs[*]'}");
    g_autoptr(Arena) arena = arena_new(4096);
    Question question = QUESTION_NONE;
    unsigned asked = 0;
    bool more = true;

    while (more && asked < 20) {
        size_t i = asked < count ? asked : last_again ? count - 1 : 0;
        g_autofree char *body = records(pages[i][0], pages[i][1]);
        Question next;

        more = answer_of(search_of(set), &question, NO_HEADER, body, &next, arena);
        question = more ? next : question;
        asked++;
    }
    return asked;
}

static void
a_page_that_is_served_again_is_the_last(void)
{
    static const int PAGES[][2] = {{1, 2}, {3, 4}, {5, 6}};

    g_assert_cmpuint(count_pages(PAGES, 3, false), ==, 4); /* the first again, as Workday does */
    g_assert_cmpuint(count_pages(PAGES, 3, true), ==, 4);  /* the last again */
    g_assert_cmpuint(count_pages(PAGES, 1, false), ==, 2); /* a page parameter that is ignored */
}

static void
long_times_are_walked_through_in_windows(void)
{
    g_autoptr(SourceSet) set =
        load_text("x", HEAD "reports:\n  default:\n    get: https://x.example/\n    mode: mutable\n"
                            "    query: {a: '{since|date}', b: '{until|date}', p: '{page}'}\n"
                            "    pages: {by: page, size: 1, window: 31d}\n"
                            "    answer: {json: '[*]'}\n    line: {key: k, amount: a, currency: = USD}\n");
    const Operation *report = source_report(source_set_at(set, 0), 0);
    static const struct {
        const char *url, *body;
    } EXCHANGES[] = {
        {"https://x.example/?a=2026-01-01&b=2026-01-31&p=1", "[{\"k\": 1, \"a\": 1}]"},
        {"https://x.example/?a=2026-01-01&b=2026-01-31&p=2", "[]"},
        {"https://x.example/?a=2026-02-01&b=2026-03-03&p=1", "[]"},
        {"https://x.example/?a=2026-03-04&b=2026-03-10&p=1", "[{\"k\": 2, \"a\": 1}]"},
        {"https://x.example/?a=2026-03-04&b=2026-03-10&p=2", "[]"},
    };
    g_autoptr(Arena) arena = arena_new(4096);
    Question question = QUESTION_NONE, next;

    g_assert_true(timestamp_parse(STR("2026-01-01T00:00:00Z"), NULL, &question.since_us, NULL));
    g_assert_true(timestamp_parse(STR("2026-03-10T23:59:59.999999Z"), NULL, &question.until_us, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(EXCHANGES); i++) {
        g_autoptr(GError) error = NULL;
        HttpRequest request;
        FakeClock clock;
        bool more;

        fake_clock_init(&clock, 0);
        g_assert_true(operation_request(report, &question, NULL, &clock.clock, arena, &request, &error));
        g_assert_cmpstr(request.url, ==, EXCHANGES[i].url);
        more = answer_of(report, &question, NO_HEADER, EXCHANGES[i].body, &next, arena);
        g_assert_cmpint(more, ==, i + 1 < G_N_ELEMENTS(EXCHANGES));
        question = next;
    }
}

static void
mistakes_of_pages_are_told(void)
{
    static const struct {
        const char *pages, *mistake;
    } CASES[] = {
        {"{size: 3}", ":5: by: is missing"},
        {"{by: page, window: 31d}", ":5: window: only reports and totals ask for a time"},
        {"{by: page, next_header: Link}", ":5: next_header: needs by: next_link or cursor"},
        {"{by: cursor}", ": next: is missing: pages go by cursor or next_link"},
        {"{by: page, complete: 'a['}", ":5: complete: "},
        {"{by: offset}", ":5: size: is missing: an offset needs it"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml = g_strdup_printf(HEAD "search:\n  get: https://x.example/\n  pages: %s\n"
                                                     "  answer: {json: 'jobs[*]'}\n" FIELDS,
                                                CASES[i].pages);

        assert_mistake(yaml, CASES[i].mistake);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sources/bounds_end_the_pages", bounds_end_the_pages);
    g_test_add_func("/sources/headers_tell_the_next_page_and_the_total", headers_tell_the_next_page_and_the_total);
    g_test_add_func("/sources/a_page_that_is_served_again_is_the_last", a_page_that_is_served_again_is_the_last);
    g_test_add_func("/sources/long_times_are_walked_through_in_windows", long_times_are_walked_through_in_windows);
    g_test_add_func("/sources/mistakes_of_pages_are_told", mistakes_of_pages_are_told);
    return g_test_run();
}
