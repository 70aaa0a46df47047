/* The second step: each listing of an answer is asked about. */
#include "exchange/details.h"
#include "partner.h"

#define HEAD "source: x\npartner: X\nsecrets: [KEY]\n"
#define FEED                                                                                                           \
    "feed:\n  get: https://x.example/jobs\n  answer: {json: 'jobs[*]'}\n"                                              \
    "  listing: {id: id, title: title, url: url, company: company}\n"                                                  \
    "  detail:\n    get: 'https://x.example/job/{item_id|base64url}'\n    answer: {json: .}\n"                         \
    "    listing: {description: text, company: company}\n"

typedef struct {
    Partner partner;
    GString *told; /* "tag:company:description " each */
    bool drained;
    size_t most_at_once;
} Fixture;

static void
on_told(void *data, size_t tag, const Listing *listing)
{
    Fixture *f = data;

    f->most_at_once = MAX(f->most_at_once, fake_client_open_count(f->partner.client));
    g_assert_true(str_starts_with(listing->url, STR("https://x.example/view/")));
    g_string_append_printf(f->told, "%" G_GSIZE_FORMAT ":%.*s:%.*s ", tag, STR_FORMAT(listing->company),
                           STR_FORMAT(listing->description));
}

static void
on_drained(void *data)
{
    ((Fixture *)data)->drained = true;
}

static void
fixture_init(Fixture *f, const char *yaml)
{
    *f = (Fixture){.told = g_string_new(NULL)};
    partner_init(&f->partner, yaml);
}

static void
fixture_clear(Fixture *f)
{
    partner_clear(&f->partner);
    g_string_free(f->told, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fixture, fixture_clear)

static Details *
begin(Fixture *f)
{
    const DetailsSpec spec = {.set = f->partner.set,
                              .operation = source_feed(source_set_at(f->partner.set, 0)),
                              .question = &ANY_QUESTION,
                              .told = on_told,
                              .drained = on_drained,
                              .data = f};

    return details_new(f->partner.exchanges, &spec);
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

static Details *
begin_with(Fixture *f, size_t listings)
{
    Details *details = begin(f);

    for (size_t i = 0; i < listings; i++)
        add(details, i, "id");
    return details;
}

static void
each_listing_is_completed_and_keeps_what_the_detail_leaves_out(void)
{
    g_auto(Fixture) f;
    g_autoptr(Details) details = NULL;
    const char *reason;

    fixture_init(&f, HEAD FEED);
    partner_answers(&f.partner, "https://x.example/job/YS8x", 0, 200,
                    "{\"text\": \"Care\", \"company\": \"Acme Inc\"}");
    partner_answers(&f.partner, "https://x.example/job/Yg", 0, 200, "{\"text\": \"Work\"}");
    partner_answers(&f.partner, "https://x.example/job/Yw", 0, 404, "{\"text\": \"not found\"}");
    details = begin(&f);
    add(details, 0, "a/1");
    add(details, 1, "b");
    add(details, 2, "c");
    details_close(details);
    g_assert_false(f.drained);
    g_assert_true(fake_loop_run_until(f.partner.loop, &f.drained, US_PER_MINUTE));
    g_assert_cmpstr(f.told->str, ==, "0:Acme Inc:Care 1:Acme:Work 2:Acme: ");
    g_assert_cmpuint(details_missed(details, &reason), ==, 1);
    g_assert_nonnull(strstr(reason, "HTTP 404"));
}

static void
only_so_many_are_asked_about_at_once(void)
{
    g_auto(Fixture) f;
    g_autoptr(Details) details = NULL;
    const char *reason;

    fixture_init(&f, HEAD FEED "    concurrency: 3\n    limit: 20\n");
    partner_answers(&f.partner, "https://x.example/job/", 0, 200, "{\"text\": \"T\"}");
    details = begin_with(&f, 30);
    details_close(details);
    g_assert_true(fake_loop_run_until(f.partner.loop, &f.drained, US_PER_MINUTE));
    g_assert_cmpuint(fake_client_request_count(f.partner.client), ==, 20);
    g_assert_cmpuint(f.most_at_once, <=, 3);
    g_assert_cmpuint(details_missed(details, &reason), ==, 10);
    g_assert_cmpstr(reason, ==, "more listings than are asked about");
}

static void
a_partner_that_has_had_enough_is_left_alone(void)
{
    g_auto(Fixture) f;
    g_autoptr(Details) details = NULL;
    const char *reason;

    fixture_init(&f, HEAD FEED "    concurrency: 1\n");
    partner_answers(&f.partner, "https://x.example/job/", 0, 429, "slow down");
    details = begin_with(&f, 5);
    fake_loop_advance_us(f.partner.loop, US_PER_SECOND);
    g_assert_cmpstr(f.told->str, ==, "0:Acme: 1:Acme: 2:Acme: 3:Acme: 4:Acme: ");
    add(details, 5, "id");
    details_close(details);
    g_assert_true(f.drained);
    g_assert_cmpuint(fake_client_request_count(f.partner.client), ==, 1);
    g_assert_cmpuint(details_missed(details, &reason), ==, 6);
}

static void
our_own_limits_end_the_asking_too(void)
{
    g_auto(Fixture) f;
    g_autoptr(Details) details = NULL;
    const char *reason;

    fixture_init(&f, HEAD "limits: [2/hour]\n" FEED);
    partner_answers(&f.partner, "https://x.example/job/", 0, 200, "{\"text\": \"T\"}");
    details = begin_with(&f, 4);
    details_close(details);
    g_assert_true(fake_loop_run_until(f.partner.loop, &f.drained, US_PER_MINUTE));
    g_assert_cmpstr(f.told->str, ==, "2:Acme: 3:Acme: 0:Acme:T 1:Acme:T ");
    g_assert_cmpuint(details_missed(details, &reason), ==, 2);
    g_assert_nonnull(strstr(reason, "is used up"));
}

static void
leaving_in_the_middle_leaves_nothing_behind(void)
{
    g_auto(Fixture) f;
    Details *details;

    fixture_init(&f, HEAD FEED);
    partner_answers(&f.partner, "https://x.example/job/", 0, 200, "{\"text\": \"T\"}");
    details = begin_with(&f, 9);
    fake_loop_advance_us(f.partner.loop, 10);
    details_free(details);
    fake_loop_advance_us(f.partner.loop, US_PER_MINUTE);
    g_assert_cmpstr(f.told->str, ==, "");
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
        {"  query: {q: '{item_id}'}\n", ":7: q: {item_id} has no value here: it is of detail"},
        {"  detail: abc\n", ":7: detail: must be a map"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml =
            g_strdup_printf("source: x\npartner: X\nfeed:\n  get: https://x.example/\n  answer: {json: 'jobs[*]'}\n"
                            "  listing: {title: title, url: url}\n%s",
                            CASES[i].yaml);

        assert_mistake(yaml, CASES[i].mistake);
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
