#include "base/clock.h"
#include "sandbox/network.h"

#define NOW_US (INT64_C(1795521600) * US_PER_SECOND)

static void
the_same_seed_and_index_give_the_same_posting(void)
{
    for (uint32_t i = 0; i < 500; i++) {
        Posting a = posting_make(7, i), b = posting_make(7, i);
        g_autoptr(GString) x = g_string_new(NULL), y = g_string_new(NULL);

        posting_append_description(&a, x);
        posting_append_description(&b, y);
        g_assert_cmpstr(x->str, ==, y->str);
        g_assert_cmpint(a.bid_micros, ==, b.bid_micros);
    }
    g_assert_cmpuint(posting_make(7, 1).hash, !=, posting_make(8, 1).hash);
}

static void
every_text_is_utf8_and_every_date_is_past(void)
{
    for (uint32_t i = 0; i < 2000; i++) {
        Posting posting = posting_make(3, i);
        g_autoptr(GString) text = g_string_new(NULL);

        posting_append_title(&posting, text);
        posting_append_company(&posting, text);
        posting_append_place(&posting, text);
        posting_append_snippet(&posting, text);
        posting_append_description(&posting, text);
        g_assert_true(g_utf8_validate(text->str, (gssize)text->len, NULL));
        g_assert_cmpint(posting_posted_at_us(&posting, NOW_US), <=, NOW_US);
        g_assert_cmpint(posting_posted_at_us(&posting, NOW_US), >, NOW_US - 32 * US_PER_DAY);
        g_assert_cmpint(posting.salary_from, <=, posting.salary_to);
        g_assert_cmpint(posting.bid_micros, >, 0);
    }
}

static void
every_network_carries_hundreds_and_many_are_shared(void)
{
    g_autoptr(Catalogue) catalogue = catalogue_new(7);
    CatalogueAsk all = {.limit = 1};
    int shared = 0;

    for (unsigned n = 0; n < CATALOGUE_NETWORKS; n++)
        g_assert_cmpint(catalogue_search(catalogue, n, &all, NULL, NULL), >, 500);
    for (uint32_t i = 0; i < CATALOGUE_SIZE; i++)
        if (__builtin_popcount(posting_make(7, i).networks) > 1)
            shared++;
    g_assert_cmpint(shared, >, CATALOGUE_SIZE / 5);
}

static void
take_index(void *data, const Posting *posting)
{
    g_array_append_val((GArray *)data, posting->index);
}

static void
pages_together_are_the_whole_without_repeats(void)
{
    g_autoptr(Catalogue) catalogue = catalogue_new(7);
    g_autoptr(GArray) whole = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_autoptr(GArray) paged = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    CatalogueAsk ask = {.limit = CATALOGUE_SIZE};
    int64_t total = catalogue_search(catalogue, CEDAR, &ask, take_index, whole);

    g_assert_cmpint(total, ==, whole->len);
    for (ask.limit = 17, ask.skip = 0; ask.skip < total; ask.skip += ask.limit)
        g_assert_cmpint(catalogue_search(catalogue, CEDAR, &ask, take_index, paged), ==, total);
    g_assert_cmpuint(paged->len, ==, whole->len);
    g_assert_true(memcmp(whole->data, paged->data, whole->len * sizeof(uint32_t)) == 0);
}

static void
check_nurse_in_leeds(void *data G_GNUC_UNUSED, const Posting *posting)
{
    g_assert_cmpstr(posting->trade->title, ==, "Registered Nurse");
    g_assert_cmpstr(posting->city->name, ==, "Leeds");
}

static void
words_and_places_filter_whatever_their_case(void)
{
    g_autoptr(Catalogue) catalogue = catalogue_new(7);
    CatalogueAsk ask = {.keywords = STR("  NURSE registered"), .location = STR("leeds, UK"), .limit = 1000};
    CatalogueAsk accents = {.location = STR("MÜNCHEN")}, nothing = {.keywords = STR("zookeeper")};
    int64_t found = 0;

    for (unsigned n = 0; n < CATALOGUE_NETWORKS; n++)
        found += catalogue_search(catalogue, n, &ask, check_nurse_in_leeds, NULL);
    g_assert_cmpint(found, >, 0);
    g_assert_cmpint(catalogue_search(catalogue, ALDER, &accents, NULL, NULL), >, 0);
    g_assert_cmpint(catalogue_search(catalogue, ALDER, &nothing, NULL, NULL), ==, 0);
}

static void
a_listing_id_leads_back_to_its_posting_and_others_to_nothing(void)
{
    for (unsigned n = 0; n < CATALOGUE_NETWORKS; n++) {
        for (uint32_t i = 0; i < 4200; i += 41) {
            g_autofree char *id = g_strdup_printf("%" G_GUINT64_FORMAT, network_listing_id(&NETWORKS[n], i));
            uint32_t index = 0;

            g_assert_true(network_listing_index(&NETWORKS[n], str_of(id), &index));
            g_assert_cmpuint(index, ==, i);
        }
    }
    for (const char *const *bad = (const char *const[]){"", "-1", "12x", "99999999999999999999", "1", NULL}; *bad;
         bad++) {
        uint32_t index;

        g_assert_false(network_listing_index(&NETWORKS[ALDER], str_of(*bad), &index));
    }
}

static void
a_sub_id_is_kept_only_where_it_fits(void)
{
    g_assert_true(network_keeps_sub_id(&NETWORKS[ALDER], STR("0ABCDEF12345")));
    g_assert_false(network_keeps_sub_id(&NETWORKS[ALDER], STR("with blank")));
    g_assert_true(network_keeps_sub_id(&NETWORKS[BIRCH], STR("123456789012345")));
    g_assert_false(network_keeps_sub_id(&NETWORKS[BIRCH], STR("1234567890123456")));
    g_assert_false(network_keeps_sub_id(&NETWORKS[BIRCH], STR("12AB")));
    g_assert_false(network_keeps_sub_id(&NETWORKS[BIRCH], STR("")));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(fn) g_test_add_func("/sandbox/" #fn, fn)
    ADD(the_same_seed_and_index_give_the_same_posting);
    ADD(every_text_is_utf8_and_every_date_is_past);
    ADD(every_network_carries_hundreds_and_many_are_shared);
    ADD(pages_together_are_the_whole_without_repeats);
    ADD(words_and_places_filter_whatever_their_case);
    ADD(a_listing_id_leads_back_to_its_posting_and_others_to_nothing);
    ADD(a_sub_id_is_kept_only_where_it_fits);
    return g_test_run();
}
