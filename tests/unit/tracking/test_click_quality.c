#include "tracking/click_quality.h"

#include <stdio.h>

#include "tracking/crawlers.h"

#define CHROME                                                                                                         \
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"

static const struct {
    const char *user_agent, *family;
} BROWSERS[] = {
    {CHROME, "Chrome"},
    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 "
     "Safari/605.1.15",
     "Safari"},
    {"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox"},
    {CHROME " Edg/131.0.0.0", "Edge"},
    {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
     "Mobile/15E148 Safari/604.1",
     "Safari"},
    {"Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 "
     "Chrome/121.0.0.0 Mobile Safari/537.36",
     "Samsung Internet"},
    {"Mozilla/5.0 (Linux; Android 13; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile "
     "Safari/537.36",
     "Chrome"},
    {CHROME " OPR/115.0.0.0", "Opera"},
    {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "CriOS/129.0.6668.69 Mobile/15E148 Safari/604.1",
     "Chrome"},
    {"Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer"},
    {"Mozilla/5.0 (iPad; CPU OS 16_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/131.0 "
     "Mobile/15E148 Safari/605.1.15",
     "Firefox"},
    {"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36",
     "Chrome"},
    {CHROME " Vivaldi/6.9", "Vivaldi"},
    {"Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0", "Firefox"},
};

static unsigned
flags_of(const char *user_agent)
{
    return click_request_flags(&(ClickRequest){.method = STR("GET"), .user_agent = str_of(user_agent)}, NULL);
}

static void
a_browser_s_click_counts(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(BROWSERS); i++) {
        Str family = user_agent_family(str_of(BROWSERS[i].user_agent), 0);

        g_test_message("%s", BROWSERS[i].user_agent);
        g_assert_cmpuint(flags_of(BROWSERS[i].user_agent), ==, 0);
        g_assert_cmpstr(family.at, ==, BROWSERS[i].family);
    }
}

/* Reads one JSON string from its opening quote; moves *at behind it. Enough for a list whose form is known. */
static char *
json_string(const char **at)
{
    GString *text = g_string_new(NULL);
    const char *p = *at + 1;

    for (; *p != '"'; p++) {
        if (*p != '\\') {
            g_string_append_c(text, *p);
        } else if (*++p == 'u') {
            g_autofree char *digits = g_strndup(p + 1, 4);

            g_string_append_unichar(text, (gunichar)g_ascii_strtoull(digits, NULL, 16));
            p += 4;
        } else {
            g_string_append_c(text, *p == 'n' ? '\n' : *p == 't' ? '\t' : *p);
        }
    }
    *at = p + 1;
    return g_string_free(text, FALSE);
}

static void
every_crawler_that_the_list_has_seen_is_flagged(void)
{
    g_autofree char *path =
        g_build_filename(g_getenv("WEIR_ROOT"), "web/node_modules/crawler-user-agents/crawler-user-agents.json", NULL);
    g_autofree char *json = NULL;
    int seen = 0, missed = 0;

    if (!g_file_get_contents(path, &json, NULL, NULL)) {
        g_test_skip("npm ci in web/ has not been run");
        return;
    }
    for (const char *at = strstr(json, "\"instances\""); at != NULL; at = strstr(at, "\"instances\"")) {
        for (at = strchr(at, '[') + 1; *at != ']';) {
            g_autofree char *user_agent = NULL;

            if (*at != '"') {
                at++;
                continue;
            }
            user_agent = json_string(&at);
            seen++;
            if ((flags_of(user_agent) & CLICK_BOT) == 0) {
                missed++;
                g_test_message("missed: %s", user_agent);
            }
        }
    }
    g_test_message("crawlers: %d of %d known user agents flagged", seen - missed, seen);
    g_assert_cmpint(seen, >, 2000);
    g_assert_cmpint(missed, ==, 0);
}

/* Reads the JSON list of texts at path below the project, or skips the test. */
static GStrv
json_texts(const char *path)
{
    g_autofree char *whole = g_build_filename(g_getenv("WEIR_ROOT"), path, NULL);
    g_autoptr(GStrvBuilder) texts = g_strv_builder_new();
    g_autofree char *json = NULL;

    if (!g_file_get_contents(whole, &json, NULL, NULL)) {
        g_test_skip("npm ci in tests/ has not been run");
        return NULL;
    }
    for (const char *at = strchr(json, '"'); at != NULL; at = strchr(at, '"')) {
        g_autofree char *text = json_string(&at);

        g_strv_builder_add(texts, text);
    }
    return g_strv_builder_end(texts);
}

/* The hundred user agents that a public service sees most often, and the most frequent of desktops and phones. */
static void
no_common_browser_is_flagged(void)
{
    static const char *const LISTS[] = {"index", "desktop", "mobile"};
    size_t seen = 0, flagged = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(LISTS); i++) {
        g_autofree char *path = g_strdup_printf("tests/node_modules/top-user-agents/src/%s.json", LISTS[i]);
        g_auto(GStrv) agents = json_texts(path);

        if (agents == NULL)
            return;
        for (size_t k = 0; agents[k] != NULL; k++) {
            seen++;
            if (flags_of(agents[k]) != 0) {
                flagged++;
                g_test_message("flagged: %s", agents[k]);
            }
        }
    }
    g_test_message("browsers: %zu of %zu common user agents flagged", flagged, seen);
    g_assert_cmpuint(seen, >=, 100);
    g_assert_cmpuint(flagged, ==, 0);
}

/* Browsers within apps name the app, whose own name is that of its preview as well. */
static void
a_click_in_an_app_s_browser_counts(void)
{
    static const char *const AGENTS[] = {
        "Mozilla/5.0 (Linux; Android 13; SM-A536B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
        "Chrome/120.0.6099.43 Mobile Safari/537.36 Viber/21.5.0.3",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
        "Viber/21.6",
        "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
        "Chrome/124.0.0.0 Mobile Safari/537.36 WhatsApp/2.24.8.78 A",
        "Mozilla/5.0 (Linux; Android 12; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.0.0 "
        "Mobile Safari/537.36 KAKAOTALK/10.5.1 (INAPP)",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
        "Safari Line/14.2.0/IAB",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
        "[FBAN/FBIOS;FBAV/450.0.0.38.108;FBDV/iPhone14,5;FBSN/iOS;FBSV/17.4]",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
        "Instagram 320.0.0.42.101 (iPhone14,5; iOS 17_4; en_US; scale=3.00; 1170x2532)",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
        "[LinkedInApp]/9.29.5",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
        "Twitter for iPhone/10.30",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
        "[Pinterest/iOS]",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
        "Snapchat/12.80.0.40 (like Safari/8617.2.4.10.8, panda)",
        "Mozilla/5.0 (Linux; Android 13; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 "
        "Mobile "
        "Safari/537.36 MMWEBID/2247 MicroMessenger/8.0.44 NetType/WIFI Language/zh_CN",
        "Mozilla/5.0 (Linux; Android 11; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.0.0 "
        "Mobile "
        "Safari/537.36 Tumblr/33.5.0.110",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "GSA/310.0.623486526 Mobile/15E148 Safari/604.1",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(AGENTS); i++) {
        g_test_message("%s", AGENTS[i]);
        g_assert_cmpuint(flags_of(AGENTS[i]), ==, 0);
    }
}

static void
no_user_agent_at_all_is_a_bot(void)
{
    g_assert_cmpuint(flags_of(NULL), ==, CLICK_BOT);
    g_assert_cmpuint(flags_of(""), ==, CLICK_BOT);
    g_assert_cmpuint(flags_of("  "), ==, CLICK_BOT);
    g_assert_cmpstr(user_agent_family(STR_NONE, CLICK_BOT).at, ==, "none");
}

static void
a_link_preview_is_a_bot_and_a_preview(void)
{
    static const char *const PREVIEWS[] = {
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Twitterbot/1.0",
        "WhatsApp/2.23.20.0",
        "TelegramBot (like TwitterBot)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
        "Viber",
        "Viber/20.3.0.1 CFNetwork/1485 Darwin/23.1.0",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) ViberUrlDownloader",
        "facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984",
        "facebookexternalhit/1.1;line-poker/1.0",
        "http.rb/5.1.1 (Mastodon/4.2.0; +https://social.example/)",
        "Tumblr/14.0.835.186",
        "Mozilla/5.0 (compatible; SnapURLPreview/1.0; +https://www.snapchat.com)",
        /* What Apple's Messages shows a link with. */
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 "
        "Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(PREVIEWS); i++) {
        g_assert_cmpuint(flags_of(PREVIEWS[i]), ==, CLICK_BOT | CLICK_PREVIEW);
        g_assert_cmpstr(user_agent_family(str_of(PREVIEWS[i]), CLICK_BOT).at, ==, "bot");
    }
}

static void
a_search_engine_s_crawler_is_a_bot_but_no_preview(void)
{
    g_assert_cmpuint(flags_of("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"), ==,
                     CLICK_BOT);
    g_assert_cmpuint(flags_of("curl/8.5.0"), ==, CLICK_BOT);
}

static void
only_get_counts(void)
{
    ClickRequest request = {.method = STR("HEAD"), .user_agent = STR(CHROME)};

    g_assert_cmpuint(click_request_flags(&request, NULL), ==, CLICK_NOT_GET);
    request.method = STR("GET");
    g_assert_cmpuint(click_request_flags(&request, NULL), ==, 0);
}

static void
a_prefetch_does_not_count(void)
{
    const ClickRequest plain = {.method = STR("GET"), .user_agent = STR(CHROME)};
    ClickRequest request = plain;

    request.sec_purpose = STR("prefetch;prerender");
    g_assert_cmpuint(click_request_flags(&request, NULL), ==, CLICK_PREFETCH);
    request = plain;
    request.sec_purpose = STR("prefetch;anonymous-client-ip");
    g_assert_cmpuint(click_request_flags(&request, NULL), ==, CLICK_PREFETCH);
    request.sec_purpose = STR("prerender");
    g_assert_cmpuint(click_request_flags(&request, NULL), ==, CLICK_PREFETCH);
    request = plain;
    request.purpose = STR("Prefetch");
    g_assert_cmpuint(click_request_flags(&request, NULL), ==, CLICK_PREFETCH);
    request = plain;
    request.x_moz = STR("prefetch");
    g_assert_cmpuint(click_request_flags(&request, NULL), ==, CLICK_PREFETCH);
    request = plain;
    request.x_purpose = STR("preview");
    g_assert_cmpuint(click_request_flags(&request, NULL), ==, CLICK_PREFETCH);
    request = plain;
    request.purpose = STR("navigate");
    g_assert_cmpuint(click_request_flags(&request, NULL), ==, 0);
}

static void
an_endless_user_agent_is_looked_at_in_part(void)
{
    g_autofree char *text = g_malloc(1000000);

    memset(text, 'x', 1000000);
    memcpy(text + 999000, "Googlebot/", 10);
    g_assert_cmpuint(click_request_flags(&(ClickRequest){.method = STR("GET"), .user_agent = {text, 1000000}}, NULL),
                     ==, 0);
    memcpy(text + 500, "Googlebot/", 10);
    g_assert_cmpuint(click_request_flags(&(ClickRequest){.method = STR("GET"), .user_agent = {text, 1000000}}, NULL),
                     ==, CLICK_BOT);
}

static void
advance_s(FakeClock *clock, int64_t seconds)
{
    fake_clock_advance_us(clock, seconds * US_PER_SECOND);
}

static unsigned
click(ClickWindow *window, const char *visitor, const char *listing)
{
    return click_window_flags(window, str_of(visitor), STR("acme"), str_of(listing));
}

/* The vectors of COUNTER's audit: :00 and :29 are one action, :00 and :35 two. */
static void
two_clicks_within_thirty_seconds_are_one(void)
{
    FakeClock clock;
    g_autoptr(ClickWindow) window = NULL;

    fake_clock_init(&clock, 0);
    window = click_window_new(&clock.clock, 1000);
    g_assert_cmpuint(click(window, "v", "1"), ==, 0);
    advance_s(&clock, 29);
    g_assert_cmpuint(click(window, "v", "1"), ==, CLICK_DUPLICATE);
    advance_s(&clock, 30);
    g_assert_cmpuint(click(window, "v", "1"), ==, CLICK_DUPLICATE);
    advance_s(&clock, 35);
    g_assert_cmpuint(click(window, "v", "1"), ==, CLICK_REPEAT);
}

static void
a_click_counts_again_an_hour_after_the_last_that_counted(void)
{
    FakeClock clock;
    g_autoptr(ClickWindow) window = NULL;

    fake_clock_init(&clock, 0);
    window = click_window_new(&clock.clock, 1000);
    g_assert_cmpuint(click(window, "v", "1"), ==, 0);
    advance_s(&clock, 2400);
    g_assert_cmpuint(click(window, "v", "1"), ==, CLICK_REPEAT);
    advance_s(&clock, 1201);
    g_assert_cmpuint(click(window, "v", "1"), ==, 0);
    advance_s(&clock, 60);
    g_assert_cmpuint(click(window, "v", "1"), ==, CLICK_REPEAT);
}

static void
another_visitor_source_or_listing_is_another_click(void)
{
    FakeClock clock;
    g_autoptr(ClickWindow) window = NULL;

    fake_clock_init(&clock, 0);
    window = click_window_new(&clock.clock, 1000);
    g_assert_cmpuint(click(window, "v", "1"), ==, 0);
    g_assert_cmpuint(click(window, "w", "1"), ==, 0);
    g_assert_cmpuint(click(window, "v", "2"), ==, 0);
    g_assert_cmpuint(click_window_flags(window, STR("v"), STR("other"), STR("1")), ==, 0);
    /* The same letters, cut elsewhere. */
    g_assert_cmpuint(click_window_flags(window, STR("va"), STR("cme"), STR("1")), ==, 0);
    g_assert_cmpuint(click(window, "v", "1"), ==, CLICK_DUPLICATE);
}

static void
a_full_window_forgets_the_oldest_and_keeps_the_newest(void)
{
    FakeClock clock;
    g_autoptr(ClickWindow) window = NULL;
    char visitor[16];

    fake_clock_init(&clock, 0);
    window = click_window_new(&clock.clock, 64);
    for (int i = 0; i < 100000; i++) {
        g_snprintf(visitor, sizeof visitor, "%d", i);
        g_assert_cmpuint(click(window, visitor, "1"), ==, 0);
        fake_clock_advance_us(&clock, 1);
        g_assert_cmpuint(click(window, visitor, "1"), ==, CLICK_DUPLICATE);
        fake_clock_advance_us(&clock, 1);
    }
    g_assert_cmpuint(click(window, "0", "1"), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/click_quality/" G_STRINGIFY(name), name)
    ADD(a_browser_s_click_counts);
    ADD(every_crawler_that_the_list_has_seen_is_flagged);
    ADD(no_common_browser_is_flagged);
    ADD(a_click_in_an_app_s_browser_counts);
    ADD(no_user_agent_at_all_is_a_bot);
    ADD(a_link_preview_is_a_bot_and_a_preview);
    ADD(a_search_engine_s_crawler_is_a_bot_but_no_preview);
    ADD(only_get_counts);
    ADD(a_prefetch_does_not_count);
    ADD(an_endless_user_agent_is_looked_at_in_part);
    ADD(two_clicks_within_thirty_seconds_are_one);
    ADD(a_click_counts_again_an_hour_after_the_last_that_counted);
    ADD(another_visitor_source_or_listing_is_another_click);
    ADD(a_full_window_forgets_the_oldest_and_keeps_the_newest);
    return g_test_run();
}
