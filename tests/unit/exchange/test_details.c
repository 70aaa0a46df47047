/* The second step: each listing of an answer is asked about. */
#include "exchange/details.h"
#include "sources/support.h"
#include "support/fake_client.h"

#define HEAD "source: x\npartner: X\nsecrets: [KEY]\n"
#define FEED                                                                                                           \
    "feed:\n  get: https://x.example/jobs\n  answer: {json: 'jobs[*]'}\n"                                              \
    "  listing: {id: id, title: title, url: url, company: company}\n"                                                  \
    "  detail:\n    get: 'https://x.example/job/{item_id|base64url}'\n    answer: {json: .}\n"                         \
    "    listing: {description: text, company: company}\n"

typedef struct {
    FakeClock clock;
    FakeLoop *loop;
    FakeClient *client;
    ExchangeShared *shared;
    Exchanges *exchanges;
    SourceSet *set;
    GString *told; /* "tag:company:description " each */
    bool drained;
    size_t most_at_once;
} Partner;

static const Question ANY = {.page = 1, .part = 1, .since_us = TIMESTAMP_NONE, .until_us = TIMESTAMP_NONE};

static void
on_told(void *data, size_t tag, const Listing *listing)
{
    Partner *partner = data;

    partner->most_at_once = MAX(partner->most_at_once, fake_client_open_count(partner->client));
    g_assert_true(str_starts_with(listing->url, STR("https://x.example/view/")));
    g_string_append_printf(partner->told, "%" G_GSIZE_FORMAT ":%.*s:%.*s ", tag, STR_FORMAT(listing->company),
                           STR_FORMAT(listing->description));
}

static void
on_drained(void *data)
{
    ((Partner *)data)->drained = true;
}

static void
partner_init(Partner *partner, const char *yaml)
{
    *partner = (Partner){.told = g_string_new(NULL)};
    fake_clock_init(&partner->clock, 0);
    partner->loop = fake_loop_new(&partner->clock);
    partner->client = fake_client_new(partner->loop);
    partner->shared = exchange_shared_new(&partner->clock.clock);
    partner->exchanges =
        exchanges_new(fake_loop_base(partner->loop), fake_client_base(partner->client), partner->shared, false);
    partner->set = load_text("x", yaml);
}

static void
partner_clear(Partner *partner)
{
    exchanges_free(partner->exchanges);
    g_assert_cmpuint(fake_client_open_count(partner->client), ==, 0);
    exchange_shared_free(partner->shared);
    fake_client_free(partner->client);
    fake_loop_free(partner->loop);
    source_set_unref(partner->set);
    g_string_free(partner->told, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Partner, partner_clear)

static Details *
begin(Partner *partner)
{
    const DetailsSpec spec = {.set = partner->set,
                              .operation = source_feed(source_set_at(partner->set, 0)),
                              .question = &ANY,
                              .told = on_told,
                              .drained = on_drained,
                              .data = partner};

    return details_new(partner->exchanges, &spec);
}

static void
add(Details *details, size_t tag, const char *id)
{
    g_autofree char *url = g_strdup_printf("https://x.example/view/%s", id);
    const Listing listing = {.source = STR("x"),
                             .id = str_of(id),
                             .title = STR("Nurse"),
                             .url = str_of(url),
                             .company = STR("Acme"),
                             .posted_at_us = TIMESTAMP_NONE,
                             .expires_at_us = TIMESTAMP_NONE};

    details_add(details, tag, &listing);
}

static void
answers(Partner *partner, const char *url, int status, const char *body)
{
    fake_client_answer(partner->client,
                       &(FakeAnswer){.url = url, .status = status, .body = body, .delay_us = US_PER_MS});
}

static void
each_listing_is_completed_and_keeps_what_the_detail_leaves_out(void)
{
    g_auto(Partner) partner;
    g_autoptr(Details) details = NULL;
    const char *reason;

    partner_init(&partner, HEAD FEED);
    answers(&partner, "https://x.example/job/YS8x", 200, "{\"text\": \"Care\", \"company\": \"Acme Inc\"}");
    answers(&partner, "https://x.example/job/Yg", 200, "{\"text\": \"Work\"}");
    answers(&partner, "https://x.example/job/Yw", 404, "{\"text\": \"not found\"}");
    details = begin(&partner);
    add(details, 0, "a/1");
    add(details, 1, "b");
    add(details, 2, "c");
    details_close(details);
    g_assert_false(partner.drained);
    g_assert_true(fake_loop_run_until(partner.loop, &partner.drained, US_PER_MINUTE));
    g_assert_cmpstr(partner.told->str, ==, "0:Acme Inc:Care 1:Acme:Work 2:Acme: ");
    g_assert_cmpuint(details_missed(details, &reason), ==, 1);
    g_assert_nonnull(strstr(reason, "HTTP 404"));
}

static void
only_so_many_are_asked_about_at_once(void)
{
    g_auto(Partner) partner;
    g_autoptr(Details) details = NULL;
    const char *reason;

    partner_init(&partner, HEAD FEED "    concurrency: 3\n    limit: 20\n");
    answers(&partner, "https://x.example/job/", 200, "{\"text\": \"T\"}");
    details = begin(&partner);
    for (size_t i = 0; i < 30; i++)
        add(details, i, "id");
    details_close(details);
    g_assert_true(fake_loop_run_until(partner.loop, &partner.drained, US_PER_MINUTE));
    g_assert_cmpuint(fake_client_request_count(partner.client), ==, 20);
    g_assert_cmpuint(partner.most_at_once, <=, 3);
    g_assert_cmpuint(details_missed(details, &reason), ==, 10);
    g_assert_cmpstr(reason, ==, "more listings than are asked about");
}

static void
a_partner_that_has_had_enough_is_left_alone(void)
{
    g_auto(Partner) partner;
    g_autoptr(Details) details = NULL;
    const char *reason;

    partner_init(&partner, HEAD FEED "    concurrency: 1\n");
    answers(&partner, "https://x.example/job/", 429, "slow down");
    details = begin(&partner);
    for (size_t i = 0; i < 5; i++)
        add(details, i, "id");
    fake_loop_advance_us(partner.loop, US_PER_SECOND);
    g_assert_cmpstr(partner.told->str, ==, "0:Acme: 1:Acme: 2:Acme: 3:Acme: 4:Acme: ");
    add(details, 5, "id");
    details_close(details);
    g_assert_true(partner.drained);
    g_assert_cmpuint(fake_client_request_count(partner.client), ==, 1);
    g_assert_cmpuint(details_missed(details, &reason), ==, 6);
}

static void
our_own_limits_end_the_asking_too(void)
{
    g_auto(Partner) partner;
    g_autoptr(Details) details = NULL;
    const char *reason;

    partner_init(&partner, HEAD "limits: [2/hour]\n" FEED);
    answers(&partner, "https://x.example/job/", 200, "{\"text\": \"T\"}");
    details = begin(&partner);
    for (size_t i = 0; i < 4; i++)
        add(details, i, "id");
    details_close(details);
    g_assert_true(fake_loop_run_until(partner.loop, &partner.drained, US_PER_MINUTE));
    g_assert_cmpstr(partner.told->str, ==, "2:Acme: 3:Acme: 0:Acme:T 1:Acme:T ");
    g_assert_cmpuint(details_missed(details, &reason), ==, 2);
    g_assert_nonnull(strstr(reason, "is used up"));
}

static void
leaving_in_the_middle_leaves_nothing_behind(void)
{
    g_auto(Partner) partner;
    Details *details;

    partner_init(&partner, HEAD FEED);
    answers(&partner, "https://x.example/job/", 200, "{\"text\": \"T\"}");
    details = begin(&partner);
    for (size_t i = 0; i < 9; i++)
        add(details, i, "id");
    fake_loop_advance_us(partner.loop, 10);
    details_free(details);
    fake_loop_advance_us(partner.loop, US_PER_MINUTE);
    g_assert_cmpstr(partner.told->str, ==, "");
}

static void
mistakes_of_a_detail_are_told(void)
{
    static const struct {
        const char *yaml, *mistake;
    } CASES[] = {
        {"  detail: {get: 'https://x.example/{item}', answer: {json: .}, listing: {description: d}}\n",
         ":7: get: unknown placeholder {item}"},
        {"  detail: {get: 'https://x.example/{item_id}', answer: {json: .}}\n", ":7: listing: is missing"},
        {"  detail: {get: 'https://x.example/', answer: {json: .}, listing: {descripton: d}}\n",
         ":7: descripton: unknown field; did you mean description?"},
        {"  query: {q: '{item_id}'}\n", ":7: q: unknown placeholder {item_id}"},
        {"  detail: abc\n", ":7: detail: must be a map"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml =
            g_strdup_printf("source: x\npartner: X\nfeed:\n  get: https://x.example/\n  answer: {json: 'jobs[*]'}\n"
                            "  listing: {title: title, url: url}\n%s",
                            CASES[i].yaml);
        g_autofree char *mistakes = mistakes_of("x", yaml);

        if (strstr(mistakes, CASES[i].mistake) == NULL)
            g_error("expected %s\n     got %s", CASES[i].mistake, mistakes);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/exchange/each_listing_is_completed_and_keeps_what_the_detail_leaves_out",
                    each_listing_is_completed_and_keeps_what_the_detail_leaves_out);
    g_test_add_func("/exchange/only_so_many_are_asked_about_at_once", only_so_many_are_asked_about_at_once);
    g_test_add_func("/exchange/a_partner_that_has_had_enough_is_left_alone",
                    a_partner_that_has_had_enough_is_left_alone);
    g_test_add_func("/exchange/our_own_limits_end_the_asking_too", our_own_limits_end_the_asking_too);
    g_test_add_func("/exchange/leaving_in_the_middle_leaves_nothing_behind",
                    leaving_in_the_middle_leaves_nothing_behind);
    g_test_add_func("/exchange/mistakes_of_a_detail_are_told", mistakes_of_a_detail_are_told);
    return g_test_run();
}
