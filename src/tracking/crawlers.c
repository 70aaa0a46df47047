#include "tracking/crawlers.h"

#include "tracking/crawler_table.h"

#define PAIRS 65536
#define NONE  (-1)

typedef struct {
    Str *texts;
    int *next;        /* the next text with the same first two bytes; NONE ends */
    int first[PAIRS]; /* by the first two bytes */
    GPtrArray *regexes;
} Crawlers;

static size_t
pair_at(const char *bytes)
{
    return (size_t)(unsigned char)bytes[0] << 8 | (unsigned char)bytes[1];
}

static GPtrArray *
regexes_compile(void)
{
    GPtrArray *regexes = g_ptr_array_new();

    for (size_t i = 0; CRAWLER_REGEXES[i] != NULL; i++) {
        g_autoptr(GError) error = NULL;
        /* RAW: a user agent need not be UTF-8. */
        GRegex *regex = g_regex_new(CRAWLER_REGEXES[i], G_REGEX_RAW | G_REGEX_OPTIMIZE, 0, &error);

        if (regex == NULL)
            g_error("crawlers: the list's pattern %s: %s", CRAWLER_REGEXES[i], error->message);
        g_ptr_array_add(regexes, regex);
    }
    return regexes;
}

static Crawlers *
crawlers_new(void)
{
    Crawlers *crawlers = g_new0(Crawlers, 1);
    size_t count = 0;

    while (CRAWLER_TEXTS[count] != NULL)
        count++;
    crawlers->texts = g_new(Str, count);
    crawlers->next = g_new(int, count);
    for (size_t i = 0; i < PAIRS; i++)
        crawlers->first[i] = NONE;
    for (size_t i = 0; i < count; i++) {
        int *first = &crawlers->first[pair_at(CRAWLER_TEXTS[i])];

        crawlers->texts[i] = str_of(CRAWLER_TEXTS[i]);
        crawlers->next[i] = *first;
        *first = (int)i;
    }
    crawlers->regexes = regexes_compile();
    return crawlers;
}

static const Crawlers *
crawlers_get(void)
{
    static const Crawlers *crawlers;

    if (g_once_init_enter(&crawlers))
        g_once_init_leave(&crawlers, crawlers_new());
    return crawlers;
}

static bool
has_text(const Crawlers *crawlers, Str user_agent)
{
    for (size_t at = 0; at + 1 < user_agent.size; at++) {
        Str rest = str_slice(user_agent, at, user_agent.size);

        for (int i = crawlers->first[pair_at(rest.at)]; i != NONE; i = crawlers->next[i])
            if (str_starts_with(rest, crawlers->texts[i]))
                return true;
    }
    return false;
}

static bool
has_beginning(Str user_agent)
{
    for (size_t i = 0; CRAWLER_BEGINNINGS[i] != NULL; i++)
        if (str_starts_with(user_agent, str_of(CRAWLER_BEGINNINGS[i])))
            return true;
    return false;
}

bool
crawler_is_known(Str user_agent)
{
    const Crawlers *crawlers = crawlers_get();

    if (has_text(crawlers, user_agent) || has_beginning(user_agent))
        return true;
    for (size_t i = 0; i < crawlers->regexes->len && user_agent.size > 0; i++)
        if (g_regex_match_full(crawlers->regexes->pdata[i], user_agent.at, (gssize)user_agent.size, 0, 0, NULL, NULL))
            return true;
    return false;
}
