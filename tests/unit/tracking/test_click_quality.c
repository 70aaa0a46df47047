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
    return click_request_flags(&(ClickRequest){.method = STR("GET"), .user_agent = str_of(user_agent)});
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

    g_assert_true(g_file_get_contents(path, &json, NULL, NULL));
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

    g_assert_cmpuint(click_request_flags(&request), ==, CLICK_NOT_GET);
    request.method = STR("GET");
    g_assert_cmpuint(click_request_flags(&request), ==, 0);
}

static void
a_prefetch_does_not_count(void)
{
    const ClickRequest plain = {.method = STR("GET"), .user_agent = STR(CHROME)};
    ClickRequest request = plain;

    request.sec_purpose = STR("prefetch;prerender");
    g_assert_cmpuint(click_request_flags(&request), ==, CLICK_PREFETCH);
    request = plain;
    request.purpose = STR("Prefetch");
    g_assert_cmpuint(click_request_flags(&request), ==, CLICK_PREFETCH);
    request = plain;
    request.x_moz = STR("prefetch");
    g_assert_cmpuint(click_request_flags(&request), ==, CLICK_PREFETCH);
    request = plain;
    request.x_purpose = STR("preview");
    g_assert_cmpuint(click_request_flags(&request), ==, CLICK_PREFETCH);
    request = plain;
    request.purpose = STR("navigate");
    g_assert_cmpuint(click_request_flags(&request), ==, 0);
}

static void
an_endless_user_agent_is_looked_at_in_part(void)
{
    g_autofree char *text = g_malloc(1000000);

    memset(text, 'x', 1000000);
    memcpy(text + 999000, "Googlebot/", 10);
    g_assert_cmpuint(click_request_flags(&(ClickRequest){.method = STR("GET"), .user_agent = {text, 1000000}}), ==, 0);
    memcpy(text + 500, "Googlebot/", 10);
    g_assert_cmpuint(click_request_flags(&(ClickRequest){.method = STR("GET"), .user_agent = {text, 1000000}}), ==,
                     CLICK_BOT);
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
