#include "tracking/crawlers.h"

#include "tracking/agent_list.h"
#include "tracking/crawler_table.h"

/* Patterns of the list that browsers within these apps match too. */
static const char *const APPS[] = {"Viber", "WhatsApp", "Tumblr\\/"};

static const char *const PREVIEWS[] = {
    "facebookexternalhit",
    "meta-externalfetcher",
    "slackbot",
    "slack-imgproxy",
    "twitterbot",
    "^whatsapp/",
    "telegrambot",
    "discordbot",
    "skypeuripreview",
    "linkedinbot",
    "pinterestbot",
    "redditbot",
    "^viber",
    "viberurldownloader",
    "line-poker/",
    "kakaotalk-scrap/",
    "vkshare",
    "mastodon/",
    "cardyb",
    "blueskypreviewbot",
    "iframely",
    "embedly",
    "microsoftpreview/",
    "google-pagerenderer",
    "google web preview",
    "yahoo link preview",
    "bingpreview/",
    "snap url preview",
    "snapurlpreview/",
    "bufferlinkpreviewbot",
    "chatwork linkpreview",
    "^tumblr/",
};

typedef struct {
    AgentList *crawlers, *previews;
} Lists;

static void
add(AgentList *list, const char *pattern)
{
    g_autoptr(GError) error = NULL;

    if (!agent_list_add(list, str_of(pattern), &error))
        g_error("crawlers: %s", error->message);
}

static void
add_crawler(AgentList *list, const char *pattern)
{
    g_autofree char *at_start = g_strconcat("^", pattern, NULL);
    bool is_app = false;

    for (size_t i = 0; i < G_N_ELEMENTS(APPS); i++)
        is_app = is_app || strcmp(pattern, APPS[i]) == 0;
    add(list, is_app ? at_start : pattern);
}

static Lists *
lists_new(void)
{
    Lists *lists = g_new(Lists, 1);

    *lists = (Lists){agent_list_new(false), agent_list_new(true)};
    for (size_t i = 0; CRAWLER_PATTERNS[i] != NULL; i++)
        add_crawler(lists->crawlers, CRAWLER_PATTERNS[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(PREVIEWS); i++)
        add(lists->previews, PREVIEWS[i]);
    return lists;
}

static const Lists *
lists_get(void)
{
    static const Lists *lists;

    if (g_once_init_enter(&lists))
        g_once_init_leave(&lists, lists_new());
    return lists;
}

bool
crawler_is_known(Str user_agent)
{
    return agent_list_has(lists_get()->crawlers, user_agent);
}

bool
crawler_is_preview(Str folded)
{
    return agent_list_has(lists_get()->previews, folded);
}

size_t
crawler_pattern_count(void)
{
    return agent_list_size(lists_get()->crawlers);
}

const char *
crawler_list_version(void)
{
    return CRAWLER_LIST_VERSION;
}
