#include "tracking/click_quality.h"

#include "tracking/crawlers.h"

typedef struct {
    const char *text; /* in the user agent, in lower case */
    const char *family;
} AgentFamily;

/* First match wins: a browser names those whose engine it shares as well. */
static const AgentFamily FAMILIES[] = {
    {"edg/", "Edge"},
    {"edga/", "Edge"},
    {"edgios/", "Edge"},
    {"opr/", "Opera"},
    {"samsungbrowser/", "Samsung Internet"},
    {"yabrowser/", "Yandex"},
    {"vivaldi/", "Vivaldi"},
    {"fxios/", "Firefox"},
    {"firefox/", "Firefox"},
    {"crios/", "Chrome"},
    {"chrome/", "Chrome"},
    {"trident/", "Internet Explorer"},
    {"msie ", "Internet Explorer"},
    {"safari/", "Safari"},
    {"applewebkit/", "WebView"},
};

/* Lower case, cut at the limit. */
static Str
user_agent_fold(Str user_agent, char to[USER_AGENT_LIMIT])
{
    size_t size = MIN(user_agent.size, USER_AGENT_LIMIT);

    for (size_t i = 0; i < size; i++)
        to[i] = g_ascii_tolower(user_agent.at[i]);
    return (Str){to, size};
}

/* "prefetch", or "prefetch;prerender", or "a, prefetch": the header is a list of words with parameters. */
static bool
has_word(Str value, const char *word)
{
    size_t size = strlen(word);

    for (size_t at = 0; at + size <= value.size; at++)
        if (str_equal_ignoring_case(str_slice(value, at, at + size), str_of(word)))
            return true;
    return false;
}

static bool
is_prefetch(const ClickRequest *request)
{
    return has_word(request->sec_purpose, "prefetch") || has_word(request->sec_purpose, "prerender") ||
           has_word(request->purpose, "prefetch") || has_word(request->purpose, "prerender") ||
           has_word(request->purpose, "preview") || has_word(request->x_purpose, "preview") ||
           has_word(request->x_purpose, "prefetch") || has_word(request->x_moz, "prefetch");
}

unsigned
click_request_flags(const ClickRequest *request, const AgentList *robots)
{
    Str user_agent = str_slice(request->user_agent, 0, USER_AGENT_LIMIT);
    char bytes[USER_AGENT_LIMIT];
    Str folded = user_agent_fold(user_agent, bytes);
    unsigned flags = 0;

    if (!str_is(request->method, "GET"))
        flags |= CLICK_NOT_GET;
    if (is_prefetch(request))
        flags |= CLICK_PREFETCH;
    if (robots != NULL && agent_list_has(robots, folded))
        flags |= CLICK_ROBOTS_LIST;
    if (crawler_is_preview(folded))
        flags |= CLICK_PREVIEW | CLICK_BOT;
    else if (str_is_empty(str_trim(user_agent)) || crawler_is_known(user_agent))
        flags |= CLICK_BOT;
    return flags;
}

Str
user_agent_family(Str user_agent, unsigned flags)
{
    char bytes[USER_AGENT_LIMIT];
    Str folded = user_agent_fold(user_agent, bytes);

    if (str_is_empty(str_trim(folded)))
        return STR("none");
    if ((flags & (CLICK_BOT | CLICK_ROBOTS_LIST)) != 0)
        return STR("bot");
    for (size_t i = 0; i < G_N_ELEMENTS(FAMILIES); i++)
        if (str_find(folded, str_of(FAMILIES[i].text)) >= 0)
            return str_of(FAMILIES[i].family);
    return STR("other");
}
