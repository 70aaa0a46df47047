/* What processes share: the bytes, and what searches do with them. */
#include "engine_fixture.h"

#include "search/shared_answer.h"

static const CallLimits LIMITS = {.listings = 20, .memory_bytes = 1 << 20};
static const Question QUESTION = {.keywords = STR("nurse"), .page = 1, .per_page = 5};

/* ---- the bytes ---- */

static Str
some_text(Random *random, Arena *arena)
{
    static const char *const TEXTS[] = {"", "Krankenpfleger (m/w/d)", "\xe4\xbd\xa0\xe5\xa5\xbd", "a\nb\"c\\", "x"};

    return random_below(random, 4) == 0 ? STR_NONE : arena_str(arena, str_of(TEXTS[random_below(random, 5)]));
}

static Listing
some_listing(Random *random, Arena *arena, int number)
{
    Listing listing = {
        .source = STR("kept"),
        .id = arena_printf(arena, "%d", number),
        .title = arena_printf(arena, "Title %d", number),
        .company = some_text(random, arena),
        .location = some_text(random, arena),
        .city = some_text(random, arena),
        .region = some_text(random, arena),
        .country = STR("DE"),
        .has_position = random_below(random, 2) == 0,
        .latitude = -51.25,
        .longitude = 0.1,
        .remote = (Remote)random_below(random, 4),
        .employment_types = (unsigned)random_below(random, 256),
        .salary = {.has_min = true, .min_micros = 12, .max_micros = -5, .currency = {"EUR"}, .period = PERIOD_YEAR},
        .posted_at_us = random_below(random, 2) == 0 ? TIMESTAMP_NONE : START_US,
        .expires_at_us = TIMESTAMP_NONE,
        .snippet = some_text(random, arena),
        .description = some_text(random, arena),
        .category = some_text(random, arena),
        .url = arena_printf(arena, "https://kept.example/%d", number),
        .has_bid = random_below(random, 2) == 0,
        .bid = {150000, {"USD"}},
        .confirmed_at_us = START_US - (int64_t)random_below(random, US_PER_DAY),
    };

    listing.salary.text = some_text(random, arena);
    listing.language = STR("de");
    listing.salary.predicted = random_below(random, 2) == 0;
    return listing;
}

static SourceReply *
some_reply(Random *random, int count)
{
    SourceReply *reply = source_reply_new();

    reply->status = count > 0 ? SOURCE_OK : SOURCE_EMPTY;
    reply->has_next = random_below(random, 2) == 0;
    reply->next = QUESTION;
    reply->next.page = 2;
    reply->next.cursor = some_text(random, reply->arena);
    reply->next.page_before = UINT64_MAX;
    for (int i = 0; i < count; i++) {
        Listing listing = some_listing(random, reply->arena, i);

        source_reply_add(reply, &listing);
    }
    return reply;
}

static void
assert_same_text(Str a, Str b)
{
    g_assert_cmpint(a.at == NULL, ==, b.at == NULL);
    g_assert_true(str_equal(a, b));
}

static void
assert_same_listing(const Listing *a, const Listing *b)
{
    assert_same_text(a->source, b->source);
    assert_same_text(a->id, b->id);
    assert_same_text(a->title, b->title);
    assert_same_text(a->company, b->company);
    assert_same_text(a->location, b->location);
    assert_same_text(a->city, b->city);
    assert_same_text(a->region, b->region);
    assert_same_text(a->country, b->country);
    assert_same_text(a->snippet, b->snippet);
    assert_same_text(a->description, b->description);
    assert_same_text(a->category, b->category);
    assert_same_text(a->url, b->url);
    assert_same_text(a->salary.text, b->salary.text);
    assert_same_text(a->language, b->language);
    g_assert_cmpint(a->has_position, ==, b->has_position);
    g_assert_cmpfloat(a->latitude, ==, b->latitude);
    g_assert_cmpfloat(a->longitude, ==, b->longitude);
    g_assert_cmpint(a->remote, ==, b->remote);
    g_assert_cmpuint(a->employment_types, ==, b->employment_types);
    g_assert_cmpint(a->salary.has_min, ==, b->salary.has_min);
    g_assert_cmpint(a->salary.has_max, ==, b->salary.has_max);
    g_assert_cmpint(a->salary.min_micros, ==, b->salary.min_micros);
    g_assert_cmpint(a->salary.max_micros, ==, b->salary.max_micros);
    g_assert_cmpint(a->salary.period, ==, b->salary.period);
    g_assert_cmpint(a->salary.predicted, ==, b->salary.predicted);
    g_assert_true(currency_equal(a->salary.currency, b->salary.currency));
    g_assert_cmpint(a->posted_at_us, ==, b->posted_at_us);
    g_assert_cmpint(a->expires_at_us, ==, b->expires_at_us);
    g_assert_cmpint(a->confirmed_at_us, ==, b->confirmed_at_us);
    g_assert_cmpint(a->has_bid, ==, b->has_bid);
    g_assert_cmpint(a->bid.micros, ==, b->bid.micros);
    g_assert_true(currency_equal(a->bid.currency, b->bid.currency));
}

static void
what_is_written_is_read_as_it_was(void)
{
    g_autoptr(SourceSet) set = fixture_load_definitions();
    const Source *kept = source_set_find(set, STR("kept"));
    SeededRandom seeded;

    seeded_random_init(&seeded, 31);
    for (int run = 0; run < 300; run++) {
        g_autoptr(SourceReply) reply = some_reply(&seeded.random, run % 21);
        g_autoptr(GString) bytes = g_string_new(NULL);
        g_autoptr(SourceReply) back = NULL;
        int64_t fresh_us = 0;

        shared_answer_write(reply, START_US, US_PER_MINUTE, bytes);
        back = shared_answer_read(str_of_gstring(bytes), kept, &QUESTION, &LIMITS, START_US + US_PER_SECOND, &fresh_us);
        g_assert_nonnull(back);
        g_assert_cmpint(fresh_us, ==, 59 * US_PER_SECOND);
        g_assert_cmpint(back->status, ==, reply->status);
        g_assert_cmpint(back->has_next, ==, reply->has_next);
        if (reply->has_next) {
            g_assert_cmpint(back->next.page, ==, 2);
            g_assert_true(back->next.page_before == UINT64_MAX);
            assert_same_text(back->next.cursor, reply->next.cursor);
            assert_same_text(back->next.keywords, QUESTION.keywords);
        }
        g_assert_cmpuint(back->listings->len, ==, reply->listings->len);
        for (guint i = 0; i < back->listings->len; i++)
            assert_same_listing(g_ptr_array_index(back->listings, i), g_ptr_array_index(reply->listings, i));
    }
}

static SourceReply *
read_at(const Source *source, Str bytes, int64_t now_us)
{
    int64_t fresh_us;

    return shared_answer_read(bytes, source, &QUESTION, &LIMITS, now_us, &fresh_us);
}

static void
what_is_old_too_large_or_beyond_the_terms_is_no_answer(void)
{
    g_autoptr(SourceSet) set = fixture_load_definitions();
    const Source *kept = source_set_find(set, STR("kept"));
    const CallLimits few = {.listings = 2, .memory_bytes = 1 << 20}, small = {.listings = 20, .memory_bytes = 100};
    g_autoptr(GString) bytes = g_string_new(NULL), longer = g_string_new(NULL);
    g_autoptr(SourceReply) reply = NULL, ahead = NULL;
    SeededRandom seeded;
    int64_t fresh_us;

    seeded_random_init(&seeded, 32);
    reply = some_reply(&seeded.random, 3);
    shared_answer_write(reply, START_US, US_PER_HOUR, bytes);
    g_assert_null(read_at(kept, str_of_gstring(bytes), START_US + US_PER_HOUR));
    g_assert_null(shared_answer_read(str_of_gstring(bytes), kept, &QUESTION, &few, START_US, &fresh_us));
    g_assert_null(shared_answer_read(str_of_gstring(bytes), kept, &QUESTION, &small, START_US, &fresh_us));
    ahead = read_at(kept, str_of_gstring(bytes), START_US - US_PER_DAY);
    g_assert_nonnull(ahead);
    shared_answer_write(reply, START_US, US_PER_HOUR + 1, longer);
    g_assert_null(read_at(kept, str_of_gstring(longer), START_US));
}

static void
bytes_that_were_cut_changed_or_made_up_break_nothing(void)
{
    g_autoptr(SourceSet) set = fixture_load_definitions();
    const Source *kept = source_set_find(set, STR("kept"));
    SeededRandom seeded;
    Random *random = &seeded.random;

    seeded_random_init(&seeded, 33);
    for (int run = 0; run < 3000; run++) {
        g_autoptr(SourceReply) reply = some_reply(random, run % 4), back = NULL, cut = NULL;
        g_autoptr(GString) bytes = g_string_new(NULL);

        shared_answer_write(reply, START_US, US_PER_MINUTE, bytes);
        cut = read_at(kept, (Str){bytes->str, random_below(random, bytes->len)}, START_US);
        g_assert_null(cut);
        for (uint64_t i = 0, count = 1 + random_below(random, 4); i < count; i++)
            bytes->str[random_below(random, bytes->len)] = (char)random_below(random, 256);
        back = read_at(kept, str_of_gstring(bytes), START_US);
        for (guint i = 0; back != NULL && i < back->listings->len; i++) {
            const Listing *listing = g_ptr_array_index(back->listings, i);

            g_assert_true(source_reply_takes(listing));
            g_assert_true(g_utf8_validate_len(listing->title.at, listing->title.size, NULL));
        }
    }
}

static void
keys_are_short_and_differ(void)
{
    char one[SHARED_KEY_SIZE], two[SHARED_KEY_SIZE];
    Str a = shared_answer_key(STR("kept\nnurse"), one), b = shared_answer_key(STR("kept\nnurses"), two);

    g_assert_true(str_starts_with(a, STR("weir:2:")));
    g_assert_cmpuint(a.size, ==, 47);
    g_assert_false(str_equal(a, b));
    g_assert_cmpint(str_find(a, STR("nurse")), <, 0);
}

/* ---- searches ---- */

/* A store of which the test decides whether, and when, it answers. */
typedef struct {
    SharedStore base; /* first */
    FakeLoop *loop;
    GHashTable *values; /* key -> GString */
    bool away, silent;
    int64_t delay_us;
    int gets, sets;
} FakeStore;

struct SharedGet {
    FakeStore *store;
    char *key;
    SharedFoundFn found;
    void *data;
    LoopTimer *timer;
};

static void
tell(void *data)
{
    g_autofree SharedGet *get = data;
    g_autofree char *key = get->key;
    const GString *value = get->store->silent ? NULL : g_hash_table_lookup(get->store->values, key);

    get->found(get->data, value == NULL ? STR_NONE : str_of_gstring(value));
}

static SharedGet *
fake_get(SharedStore *base, Str key, SharedFoundFn found, void *data)
{
    FakeStore *store = (FakeStore *)base;
    SharedGet *get;

    if (store->away)
        return NULL;
    store->gets++;
    get = g_new0(SharedGet, 1);
    *get = (SharedGet){store, str_dup(key), found, data, NULL};
    get->timer = loop_timer_start(fake_loop_base(store->loop), store->delay_us, tell, get);
    return get;
}

static void
fake_cancel(SharedStore *base, SharedGet *get)
{
    loop_timer_stop(fake_loop_base(((FakeStore *)base)->loop), get->timer);
    g_free(get->key);
    g_free(get);
}

static void
free_gstring(gpointer text)
{
    g_string_free(text, TRUE);
}

static void
fake_set(SharedStore *base, Str key, Str value, int64_t lifetime_us)
{
    FakeStore *store = (FakeStore *)base;

    g_assert_cmpint(lifetime_us, >, 0);
    store->sets++;
    g_hash_table_replace(store->values, str_dup(key), g_string_new_len(value.at, (gssize)value.size));
}

static const SharedStoreOps STORE_OPS = {fake_get, fake_cancel, fake_set};

/* Two processes with one store; time is each one's own. */
typedef struct {
    FakeStore stores[2];
    EngineFixture engines[2];
} Pair;

static void
pair_set_up(Pair *pair, gconstpointer unused)
{
    GHashTable *values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_gstring);

    (void)unused;
    for (int i = 0; i < 2; i++) {
        FakeStore *store = &pair->stores[i];
        EngineParts parts = {.shared = &store->base, .background = {.questions = 2}};

        *store = (FakeStore){.base = {&STORE_OPS}, .values = values, .delay_us = US_PER_MS};
        engine_fixture_set_up(&pair->engines[i], &parts);
        store->loop = pair->engines[i].loop;
        fixture_listings(&pair->engines[i], "kept", 0, "1|Nurse|Acme|0.10", 30);
        fixture_listings(&pair->engines[i], "alpha", 0, "1|Cook|Acme|0.10", 30);
    }
}

static void
pair_tear_down(Pair *pair, gconstpointer unused)
{
    for (int i = 0; i < 2; i++)
        engine_fixture_tear_down(&pair->engines[i], unused);
    g_hash_table_unref(pair->stores[0].values);
}

static void
one_process_gives_what_another_was_answered(Pair *pair, gconstpointer unused)
{
    EngineFixture *one = &pair->engines[0], *two = &pair->engines[1];
    Caught *caught;

    (void)unused;
    fixture_answer(one, "sources=kept");
    g_assert_cmpint(pair->stores[0].sets, ==, 1);
    fake_loop_advance_us(two->loop, US_PER_MINUTE);
    caught = fixture_answer(two, "sources=kept&mode=fastest");
    g_assert_cmpstr(caught->ids->str, ==, "kept:1 ");
    g_assert_cmpint(caught_source(caught, "kept")->cache, ==, CACHE_HIT);
    g_assert_cmpint(caught_source(caught, "kept")->ttl_us, >, 58 * US_PER_MINUTE);
    g_assert_cmpint(caught_source(caught, "kept")->ttl_us, <, 60 * US_PER_MINUTE);
    g_assert_cmpuint(fake_client_request_count(two->client), ==, 0);
    g_assert_cmpint(pair->stores[1].sets, ==, 0);
    /* From now on it has its own, as long as the other's was good. */
    fixture_answer(two, "sources=kept");
    g_assert_cmpint(pair->stores[1].gets, ==, 1);
    fake_loop_advance_us(two->loop, 59 * US_PER_MINUTE + US_PER_SECOND);
    g_assert_cmpint(caught_source(fixture_answer(two, "sources=kept"), "kept")->cache, ==, CACHE_MISS);
}

static void
without_an_answer_of_the_store_the_partner_is_asked(Pair *pair, gconstpointer unused)
{
    EngineFixture *one = &pair->engines[0];
    Caught *caught;

    (void)unused;
    pair->stores[0].silent = true;
    pair->stores[0].delay_us = 10 * US_PER_MS;
    caught = fixture_answer(one, "sources=kept");
    g_assert_cmpint(caught->done_us, ==, 40 * US_PER_MS);
    g_assert_cmpint(caught_source(caught, "kept")->cache, ==, CACHE_MISS);
    assert_status(caught, "kept", SOURCE_OK);
    pair->stores[0].away = true;
    caught = fixture_answer(one, "sources=kept&q=other");
    g_assert_cmpint(caught->done_us, ==, 30 * US_PER_MS);
    g_assert_cmpint(pair->stores[0].gets, ==, 1);
}

static void
rubbish_in_the_store_is_no_answer(Pair *pair, gconstpointer unused)
{
    EngineFixture *one = &pair->engines[0], *two = &pair->engines[1];
    GHashTableIter iter;
    gpointer value;

    (void)unused;
    fixture_answer(one, "sources=kept");
    g_hash_table_iter_init(&iter, pair->stores[0].values);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        g_string_truncate(value, 20);
    g_assert_cmpint(caught_source(fixture_answer(two, "sources=kept"), "kept")->cache, ==, CACHE_MISS);
    g_assert_cmpuint(fake_client_request_count(two->client), ==, 1);
}

static void
only_what_terms_allow_keeping_for_all_is_shared(Pair *pair, gconstpointer unused)
{
    EngineFixture *one = &pair->engines[0];

    (void)unused;
    fixture_answer(one, "sources=alpha");
    fixture_failure(one, "kept", 500, HTTP_OUTCOME_ANSWERED, 1);
    fixture_answer(one, "sources=kept");
    g_assert_cmpint(pair->stores[0].sets, ==, 0);
    g_assert_cmpint(pair->stores[0].gets, ==, 1);
}

static void
a_search_whose_time_is_over_does_not_wait_for_the_store(Pair *pair, gconstpointer unused)
{
    EngineFixture *one = &pair->engines[0];
    Caught *caught;

    (void)unused;
    pair->stores[0].delay_us = US_PER_SECOND;
    caught = fixture_answer(one, "sources=kept&timeout_ms=100");
    assert_status(caught, "kept", SOURCE_LATE);
    g_assert_cmpint(caught->done_us, <, 100 * US_PER_MS);
    g_assert_true(search_engine_stop(one->engine, 0));
    fake_loop_run(one->loop);
    g_assert_cmpuint(fake_loop_timer_count(one->loop), ==, 0);
}

static void
a_source_that_can_not_be_asked_after_all_is_skipped_with_the_reason(Pair *pair, gconstpointer unused)
{
    EngineFixture *one = &pair->engines[0];
    Caught *first, *second;

    (void)unused;
    fixture_failure(one, "kept", 401, HTTP_OUTCOME_ANSWERED, 0);
    pair->stores[0].delay_us = 5 * US_PER_MS;
    first = fixture_search(one, "sources=kept&q=a");
    fake_loop_advance_us(one->loop, 4 * US_PER_MS);
    second = fixture_search(one, "sources=kept&q=b");
    fake_loop_advance_us(one->loop, US_PER_SECOND);
    assert_status(first, "kept", SOURCE_CREDENTIAL);
    assert_status(second, "kept", SOURCE_SKIPPED);
    g_assert_true(second->answer.partial);
    g_assert_cmpuint(fake_client_request_count(one->client), ==, 1);
}

#define TEST(name)      g_test_add_func("/search/shared/" #name, name)
#define PAIR_TEST(name) g_test_add("/search/shared/" #name, Pair, NULL, pair_set_up, name, pair_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(what_is_written_is_read_as_it_was);
    TEST(what_is_old_too_large_or_beyond_the_terms_is_no_answer);
    TEST(bytes_that_were_cut_changed_or_made_up_break_nothing);
    TEST(keys_are_short_and_differ);
    PAIR_TEST(one_process_gives_what_another_was_answered);
    PAIR_TEST(without_an_answer_of_the_store_the_partner_is_asked);
    PAIR_TEST(rubbish_in_the_store_is_no_answer);
    PAIR_TEST(only_what_terms_allow_keeping_for_all_is_shared);
    PAIR_TEST(a_search_whose_time_is_over_does_not_wait_for_the_store);
    PAIR_TEST(a_source_that_can_not_be_asked_after_all_is_skipped_with_the_reason);
    return g_test_run();
}
