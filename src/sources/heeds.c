/*
 * Which words of a question a partner is told. Nothing in a definition says so: a word is heeded if the request is another
 * with it than without, whatever templates, computed values and bodies it goes through.
 */
#include "sources/definition.h"

/* A request as one text; absent when it can't be made. */
static Str
request_text(const Operation *operation, const Question *question, Arena *arena)
{
    const Session session = {.token = STR("token")};
    FakeClock clock; /* stands still, so that moments and signatures are the same */
    HttpRequest request;
    g_autoptr(GString) text = g_string_new(NULL);

    fake_clock_init(&clock, 0);
    if (!operation_request(operation, question, &session, &clock.clock, arena, &request, NULL))
        return STR_NONE;
    g_string_append_printf(text, "%s %s\n%.*s\n", request.method, request.url, STR_FORMAT(request.body));
    for (size_t i = 0; i < request.headers.count; i++)
        g_string_append_printf(text, "%.*s: %.*s\n", STR_FORMAT(request.headers.items[i].name),
                               STR_FORMAT(request.headers.items[i].value));
    return arena_str(arena, str_of_gstring(text));
}

static Question
whole_question(const Source *source)
{
    const char *country = source->countries != NULL && source->countries[0] != NULL ? source->countries[0] : "US";

    return (Question){
        .keywords = STR("nurse"),
        .location = STR("Springfield"),
        .country = str_of(country),
        .has_position = true,
        .latitude = 39.8,
        .longitude = -89.6,
        .radius_km = 25,
        .remote = true,
        .page = 1,
        .per_page = 10,
        .posted_within_days = 7,
        .salary_min_micros = INT64_C(50000) * MICROS_PER_UNIT,
        .employment_types = EMPLOYMENT_FULL_TIME,
        .user_ip = STR("192.0.2.1"),
        .user_agent = STR("Mozilla/5.0"),
        .page_url = STR("https://feed.example/"),
        .since_us = TIMESTAMP_NONE,
        .until_us = TIMESTAMP_NONE,
        .part = 1,
    };
}

static Question
without(const Question *whole, QuestionWord word)
{
    Question less = *whole;

    switch (word) {
    case WORD_KEYWORDS:
        less.keywords = STR_NONE;
        break;
    case WORD_LOCATION:
        less.location = STR_NONE;
        less.has_position = false;
        break;
    case WORD_COUNTRY:
        less.country = STR_NONE;
        break;
    case WORD_RADIUS:
        less.radius_km = 0;
        break;
    case WORD_REMOTE:
        less.remote = false;
        break;
    case WORD_PAGE:
        less.page = 2;
        break;
    case WORD_POSTED_WITHIN:
        less.posted_within_days = 0;
        break;
    case WORD_SALARY_MIN:
        less.salary_min_micros = 0;
        break;
    case WORD_EMPLOYMENT_TYPE:
        less.employment_types = 0;
        break;
    }
    return less;
}

/* What Weir looks at itself, in answers of partners that don't. */
static unsigned
filtered(const Operation *operation)
{
    return ((operation->filters & FILTER_KEYWORDS) != 0 ? WORD_KEYWORDS : 0) |
           ((operation->filters & FILTER_LOCATION) != 0 ? WORD_LOCATION : 0) |
           ((operation->filters & FILTER_COUNTRY) != 0 ? WORD_COUNTRY : 0) |
           ((operation->filters & FILTER_REMOTE) != 0 ? WORD_REMOTE : 0);
}

unsigned
operation_find_heeds(const Operation *operation)
{
    g_autoptr(Arena) arena = arena_new(4096);
    const Source *source = operation->source;
    Question whole = whole_question(source);
    Str told = request_text(operation, &whole, arena);
    unsigned heeds = filtered(operation);

    if (told.at == NULL) /* nothing is known, so nothing is held against it */
        return WORDS_ALL;
    for (unsigned word = 1; word < WORDS_ALL; word <<= 1) {
        Question less = without(&whole, (QuestionWord)word);

        if (!str_equal(request_text(operation, &less, arena), told))
            heeds |= word;
    }
    /* A partner of one country needs not be told which. One that gives its pages' addresses is told by them. */
    if (source->countries != NULL && source->countries[0] != NULL && source->countries[1] == NULL)
        heeds |= WORD_COUNTRY;
    if (operation->pages.by == PAGES_CURSOR || operation->pages.by == PAGES_NEXT_LINK)
        heeds |= WORD_PAGE;
    return heeds;
}
