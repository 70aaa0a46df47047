/* The cache and its rule of lifetimes alone; test_cache.c is about searches that use them. */
#include "base/random.h"
#include "search/answer_lifetime.h"
#include "search/cache_status.h"

static SourceReply *
reply_of(SourceStatus status, size_t bytes)
{
    SourceReply *reply = source_reply_new();

    reply->status = status;
    if (bytes > 0)
        arena_alloc(reply->arena, bytes);
    return reply;
}

static void
keep(AnswerCache *cache, const char *key, SourceStatus status, AnswerLifetime lifetime, int64_t now_us)
{
    g_autoptr(SourceReply) reply = reply_of(status, 0);

    answer_cache_keep(cache, str_of(key), reply, lifetime, now_us);
}

static const AnswerLifetime MINUTE = {.fresh_us = US_PER_MINUTE};
static const AnswerLifetime ALL = {
    .fresh_us = US_PER_MINUTE, .stale_us = 2 * US_PER_MINUTE, .stale_error_us = 5 * US_PER_MINUTE};

/* ---- states ---- */

static void
an_answer_is_fresh_then_stale_then_a_fallback_then_gone(void)
{
    g_autoptr(AnswerCache) cache = answer_cache_new(1 << 20, NULL);
    KeptAnswer kept;

    keep(cache, "a", SOURCE_OK, ALL, 0);
    kept = answer_cache_find(cache, STR("a"), US_PER_MINUTE - 1);
    g_assert_cmpint(kept.state, ==, KEPT_FRESH);
    g_assert_cmpint(kept.ttl_us, ==, 1);
    g_assert_false(kept.may_ask);
    kept = answer_cache_find(cache, STR("a"), US_PER_MINUTE);
    g_assert_cmpint(kept.state, ==, KEPT_STALE);
    g_assert_cmpint(kept.ttl_us, ==, 0);
    g_assert_true(kept.may_ask);
    g_assert_cmpint(answer_cache_find(cache, STR("a"), 3 * US_PER_MINUTE - 1).state, ==, KEPT_STALE);
    kept = answer_cache_find(cache, STR("a"), 3 * US_PER_MINUTE);
    g_assert_cmpint(kept.state, ==, KEPT_FALLBACK);
    g_assert_cmpint(kept.ttl_us, ==, -2 * US_PER_MINUTE);
    g_assert_cmpint(answer_cache_find(cache, STR("a"), 6 * US_PER_MINUTE - 1).state, ==, KEPT_FALLBACK);
    g_assert_cmpint(answer_cache_find(cache, STR("a"), 6 * US_PER_MINUTE).state, ==, KEPT_NONE);
    g_assert_cmpuint(answer_cache_bytes(cache), ==, 0);
}

static void
a_failure_does_not_take_an_answers_place_but_puts_off_asking_again(void)
{
    g_autoptr(AnswerCache) cache = answer_cache_new(1 << 20, NULL);
    const AnswerLifetime moment = {.fresh_us = US_PER_SECOND};
    KeptAnswer kept;

    keep(cache, "a", SOURCE_OK, ALL, 0);
    keep(cache, "a", SOURCE_TIMEOUT, moment, 4 * US_PER_MINUTE);
    kept = answer_cache_find(cache, STR("a"), 4 * US_PER_MINUTE + 1);
    g_assert_cmpint(kept.reply->status, ==, SOURCE_OK);
    g_assert_cmpint(kept.state, ==, KEPT_STALE);
    g_assert_false(kept.may_ask);
    kept = answer_cache_find(cache, STR("a"), 4 * US_PER_MINUTE + US_PER_SECOND);
    g_assert_cmpint(kept.state, ==, KEPT_FALLBACK);
    g_assert_true(kept.may_ask);
    keep(cache, "a", SOURCE_TIMEOUT, moment, 6 * US_PER_MINUTE);
    kept = answer_cache_find(cache, STR("a"), 6 * US_PER_MINUTE);
    g_assert_cmpint(kept.state, ==, KEPT_FRESH);
    g_assert_cmpint(kept.reply->status, ==, SOURCE_TIMEOUT);
    keep(cache, "a", SOURCE_OK, MINUTE, 6 * US_PER_MINUTE);
    g_assert_cmpint(answer_cache_find(cache, STR("a"), 6 * US_PER_MINUTE).reply->status, ==, SOURCE_OK);
}

static void
an_answer_that_may_not_be_kept_ends_the_one_before_it_and_a_failure_does_not(void)
{
    g_autoptr(AnswerCache) cache = answer_cache_new(1 << 20, NULL);
    const AnswerLifetime none = {0};

    keep(cache, "a", SOURCE_OK, MINUTE, 0);
    keep(cache, "a", SOURCE_CREDENTIAL, none, 1);
    g_assert_cmpint(answer_cache_find(cache, STR("a"), 2).state, ==, KEPT_FRESH);
    keep(cache, "a", SOURCE_OK, none, 3);
    g_assert_cmpint(answer_cache_find(cache, STR("a"), 4).state, ==, KEPT_NONE);
}

static void
a_reply_greater_than_the_cache_is_not_kept_and_costs_nobody_the_place(void)
{
    g_autoptr(AnswerCache) cache = answer_cache_new(100000, NULL);
    g_autoptr(SourceReply) huge = reply_of(SOURCE_OK, 200000);

    keep(cache, "a", SOURCE_OK, MINUTE, 0);
    answer_cache_keep(cache, STR("b"), huge, MINUTE, 0);
    g_assert_cmpint(answer_cache_find(cache, STR("a"), 1).state, ==, KEPT_FRESH);
    g_assert_cmpint(answer_cache_find(cache, STR("b"), 1).state, ==, KEPT_NONE);
}

static void
keys_are_told_apart_by_all_their_bytes(void)
{
    g_autoptr(AnswerCache) cache = answer_cache_new(1 << 20, NULL);
    g_autoptr(SourceReply) reply = reply_of(SOURCE_OK, 0);

    answer_cache_keep(cache, STR("a\0b"), reply, MINUTE, 0);
    g_assert_cmpint(answer_cache_find(cache, STR("a\0c"), 1).state, ==, KEPT_NONE);
    g_assert_cmpint(answer_cache_find(cache, STR("a"), 1).state, ==, KEPT_NONE);
    g_assert_cmpint(answer_cache_find(cache, STR("a\0b"), 1).state, ==, KEPT_FRESH);
}

static void
questions_that_are_asked_once_do_not_push_out_the_one_that_is_asked_often(void)
{
    g_autoptr(AnswerCache) cache = answer_cache_new(10 * 20000, NULL);

    keep(cache, "often", SOURCE_OK, MINUTE, 0);
    for (int i = 0; i < 1000; i++) {
        g_autofree char *key = g_strdup_printf("once-%d", i);

        g_assert_cmpint(answer_cache_find(cache, STR("often"), i).state, ==, KEPT_FRESH);
        keep(cache, key, SOURCE_OK, MINUTE, i);
        g_assert_cmpuint(answer_cache_bytes(cache), <=, 10 * 20000);
    }
}

/* ---- the cache beside a model ---- */

#define KEYS        12
#define MODEL_BYTES (5 * 18000)

typedef struct {
    int key;
    SourceStatus status;
    size_t size;
    int64_t fresh_us, stale_us, gone_us, quiet_us;
    bool marked;
} ModelEntry;

/* SIEVE as its paper tells it, over an array: the newest last, the hand an index. */
typedef struct {
    ModelEntry entries[KEYS];
    int count, hand;
    size_t bytes;
} Model;

static void
model_remove(Model *model, int i)
{
    model->bytes -= model->entries[i].size;
    memmove(&model->entries[i], &model->entries[i + 1], (size_t)(model->count - i - 1) * sizeof(ModelEntry));
    model->count--;
    if (model->hand > i)
        model->hand--;
    if (model->hand >= model->count)
        model->hand = 0;
}

static int
model_find(Model *model, int key, int64_t now_us)
{
    for (int i = 0; i < model->count; i++)
        if (model->entries[i].key == key) {
            if (model->entries[i].gone_us > now_us)
                return i;
            model_remove(model, i);
            return -1;
        }
    return -1;
}

static void
model_evict(Model *model, int64_t now_us)
{
    while (model->entries[model->hand].marked && model->entries[model->hand].gone_us > now_us) {
        model->entries[model->hand].marked = false;
        model->hand = (model->hand + 1) % model->count;
    }
    model_remove(model, model->hand);
}

static void
model_keep(Model *model, int key, SourceStatus status, size_t size, AnswerLifetime life, int64_t now_us)
{
    int i = model_find(model, key, now_us);
    bool answer = source_status_is_answer(status), marked = false;

    if (i >= 0 && !answer && source_status_is_answer(model->entries[i].status)) {
        model->entries[i].quiet_us = now_us + life.fresh_us;
        return;
    }
    if (life.fresh_us == 0 && !answer)
        return;
    if (i >= 0) {
        marked = model->entries[i].marked;
        model_remove(model, i);
    }
    if (life.fresh_us == 0 || size > MODEL_BYTES)
        return;
    while (model->bytes + size > MODEL_BYTES)
        model_evict(model, now_us);
    model->entries[model->count++] = (ModelEntry){key,
                                                  status,
                                                  size,
                                                  now_us + life.fresh_us,
                                                  now_us + life.fresh_us + life.stale_us,
                                                  now_us + life.fresh_us + MAX(life.stale_us, life.stale_error_us),
                                                  0,
                                                  marked};
    model->bytes += size;
}

static void
assert_same(Model *model, AnswerCache *cache, int key, int64_t now_us)
{
    g_autofree char *name = g_strdup_printf("key-%02d", key);
    KeptAnswer kept = answer_cache_find(cache, str_of(name), now_us);
    int i = model_find(model, key, now_us);
    ModelEntry *entry = i < 0 ? NULL : &model->entries[i];

    if (entry == NULL) {
        g_assert_cmpint(kept.state, ==, KEPT_NONE);
        return;
    }
    entry->marked = true;
    g_assert_cmpint(kept.reply->status, ==, entry->status);
    g_assert_cmpint(kept.ttl_us, ==, entry->fresh_us - now_us);
    if (now_us < entry->fresh_us)
        g_assert_cmpint(kept.state, ==, KEPT_FRESH);
    else if (now_us < entry->stale_us || now_us < entry->quiet_us)
        g_assert_cmpint(kept.state, ==, KEPT_STALE);
    else
        g_assert_cmpint(kept.state, ==, KEPT_FALLBACK);
    g_assert_cmpint(kept.may_ask, ==, now_us >= entry->fresh_us && now_us >= entry->quiet_us);
}

static void
whatever_is_kept_and_looked_for_the_cache_does_as_the_model(void)
{
    static const SourceStatus STATUSES[] = {SOURCE_OK, SOURCE_OK, SOURCE_EMPTY, SOURCE_TIMEOUT, SOURCE_CREDENTIAL};
    SeededRandom seeded;
    Random *random = &seeded.random;

    seeded_random_init(&seeded, 2711);
    for (int run = 0; run < 300; run++) {
        g_autoptr(AnswerCache) cache = answer_cache_new(MODEL_BYTES, NULL);
        Model model = {0};
        int64_t now_us = 0;

        for (int step = 0; step < 200; step++) {
            int key = (int)random_below(random, KEYS);
            g_autofree char *name = g_strdup_printf("key-%02d", key);

            now_us += (int64_t)random_below(random, 3);
            if (random_below(random, 2) == 0) {
                AnswerLifetime life = {(int64_t)random_below(random, 20), (int64_t)random_below(random, 20),
                                       (int64_t)random_below(random, 40)};
                SourceStatus status = STATUSES[random_below(random, G_N_ELEMENTS(STATUSES))];
                g_autoptr(SourceReply) reply = reply_of(status, random_below(random, 60000));
                g_autoptr(AnswerCache) alone = answer_cache_new(SIZE_MAX, NULL);
                size_t size;

                /* What it costs is the cache's own business: ask one that has room. */
                answer_cache_keep(alone, str_of(name), reply, MINUTE, 0);
                size = answer_cache_bytes(alone);
                answer_cache_keep(cache, str_of(name), reply, life, now_us);
                model_keep(&model, key, status, size, life, now_us);
            } else {
                assert_same(&model, cache, key, now_us);
            }
            g_assert_cmpuint(answer_cache_bytes(cache), ==, model.bytes);
            g_assert_cmpuint(answer_cache_bytes(cache), <=, MODEL_BYTES);
        }
    }
}

/* ---- lifetimes ---- */

static const CacheRule RULE = {
    .unsaid = {.fresh_us = US_PER_MINUTE, .stale_us = US_PER_MINUTE, .stale_error_us = US_PER_HOUR},
    .index = {.fresh_us = 30 * US_PER_SECOND, .stale_us = US_PER_MINUTE},
    .empty_us = 10 * US_PER_SECOND,
    .failure_us = 2 * US_PER_SECOND,
};

static const char *
no_secret(void *data, const char *name)
{
    (void)data;
    (void)name;
    return NULL;
}

static SourceSet *
load_definitions(void)
{
    g_autofree char *directory = g_build_filename(g_getenv("WEIR_ROOT"), "tests/unit/search/definitions", NULL);
    GError *error = NULL;
    SourceSet *set = source_set_load(&(SourceSetSpec){.directory = directory, .secret = no_secret}, &error);

    g_assert_no_error(error);
    return set;
}

static void
assert_lifetime(const SourceSet *set, const char *source, SourceStatus status, int64_t limit_us, int64_t fresh_us,
                int64_t stale_us, int64_t error_us)
{
    g_autoptr(SourceReply) reply = reply_of(status, 0);
    AnswerLifetime lifetime;

    reply->keep_limit_us = limit_us;
    lifetime = answer_lifetime(&RULE, source == NULL ? NULL : source_set_find(set, str_of(source)), reply);
    g_assert_cmpint(lifetime.fresh_us, ==, fresh_us);
    g_assert_cmpint(lifetime.stale_us, ==, stale_us);
    g_assert_cmpint(lifetime.stale_error_us, ==, error_us);
}

static void
the_terms_say_how_long_and_the_configuration_where_they_are_silent(void)
{
    g_autoptr(SourceSet) set = load_definitions();

    assert_lifetime(set, "kept", SOURCE_OK, -1, US_PER_HOUR, 0, 0);
    assert_lifetime(set, "steady", SOURCE_OK, -1, 10 * US_PER_MINUTE, 5 * US_PER_MINUTE, US_PER_HOUR);
    assert_lifetime(set, "alpha", SOURCE_OK, -1, US_PER_MINUTE, US_PER_MINUTE, US_PER_HOUR);
    assert_lifetime(set, NULL, SOURCE_OK, -1, 30 * US_PER_SECOND, US_PER_MINUTE, 0);
    assert_lifetime(set, "unkept", SOURCE_OK, -1, 0, 0, 0);
    assert_lifetime(set, "unkept", SOURCE_EMPTY, -1, 0, 0, 0);
    assert_lifetime(set, "unkept", SOURCE_TIMEOUT, -1, 0, 0, 0);
    g_assert_false(answer_may_be_kept(&RULE, source_set_find(set, STR("unkept"))));
    g_assert_true(answer_may_be_kept(&RULE, source_set_find(set, STR("alpha"))));
}

static void
cache_control_bounds_what_no_terms_allow(void)
{
    g_autoptr(SourceSet) set = load_definitions();

    assert_lifetime(set, "alpha", SOURCE_OK, 0, 0, 0, 0);
    assert_lifetime(set, "alpha", SOURCE_OK, 20 * US_PER_SECOND, 20 * US_PER_SECOND, 0, 0);
    assert_lifetime(set, "alpha", SOURCE_OK, US_PER_DAY, US_PER_MINUTE, 0, 0);
    assert_lifetime(set, "kept", SOURCE_OK, 0, US_PER_HOUR, 0, 0);
}

static void
nothing_found_is_kept_a_while_and_a_failure_a_moment(void)
{
    g_autoptr(SourceSet) set = load_definitions();

    assert_lifetime(set, "steady", SOURCE_EMPTY, -1, 10 * US_PER_SECOND, 0, 0);
    assert_lifetime(set, "alpha", SOURCE_EMPTY, 3 * US_PER_SECOND, 3 * US_PER_SECOND, 0, 0);
    assert_lifetime(set, "steady", SOURCE_MALFORMED, -1, 2 * US_PER_SECOND, 0, 0);
    /* These hold the source back as a whole, and that is no failure of the partner. */
    assert_lifetime(set, "steady", SOURCE_CREDENTIAL, -1, 0, 0, 0);
    assert_lifetime(set, "steady", SOURCE_QUOTA, -1, 0, 0, 0);
    assert_lifetime(set, "steady", SOURCE_LATE, -1, 0, 0, 0);
    assert_lifetime(set, "steady", SOURCE_SKIPPED, -1, 0, 0, 0);
}

static Str
key_of(const SourceSet *set, const char *source, const char *ip, int64_t page, Arena *arena)
{
    Question question = {.user_ip = str_of(ip), .page = page};

    return answer_key(source_set_find(set, str_of(source)), (StrList){NULL, 0}, STR("nurse"), &question, arena);
}

static void
visitors_share_answers_where_the_terms_allow_keeping_them(void)
{
    g_autoptr(SourceSet) set = load_definitions();
    g_autoptr(Arena) arena = arena_new(4096);

    g_assert_true(
        str_equal(key_of(set, "kept", "203.0.113.1", 1, arena), key_of(set, "kept", "203.0.113.2", 1, arena)));
    g_assert_false(
        str_equal(key_of(set, "alpha", "203.0.113.1", 1, arena), key_of(set, "alpha", "203.0.113.2", 1, arena)));
    g_assert_false(
        str_equal(key_of(set, "unkept", "203.0.113.1", 1, arena), key_of(set, "unkept", "203.0.113.2", 1, arena)));
    g_assert_false(str_equal(key_of(set, "kept", NULL, 1, arena), key_of(set, "kept", NULL, 2, arena)));
    g_assert_false(str_equal(key_of(set, "kept", NULL, 1, arena), key_of(set, "steady", NULL, 1, arena)));
}

/* ---- Cache-Status ---- */

static void
assert_status(const char *word, const AnsweredSource *sources, size_t count, const char *expected)
{
    g_autoptr(Arena) arena = arena_new(1024);
    SearchAnswer answer = {.cache = word, .sources = sources, .source_count = count};

    g_assert_cmpstr(cache_status_write(&answer, arena).at, ==, expected);
}

static void
cache_status_says_what_the_cache_did(void)
{
    const AnsweredSource hit = {.cache = CACHE_HIT, .ttl_us = 540 * US_PER_SECOND},
                         sooner = {.cache = CACHE_HIT, .ttl_us = 60 * US_PER_SECOND},
                         stale = {.cache = CACHE_STALE, .ttl_us = -20 * US_PER_SECOND}, miss = {.cache = CACHE_MISS},
                         joined = {.cache = CACHE_MISS, .collapsed = true}, skipped = {.cache = CACHE_UNUSED};

    assert_status("hit", (const AnsweredSource[]){hit, skipped, sooner}, 3, "weir; hit; ttl=60");
    assert_status("stale", (const AnsweredSource[]){hit, stale}, 2, "weir; hit; ttl=-20; detail=stale");
    assert_status("miss", (const AnsweredSource[]){miss, joined}, 2, "weir; fwd=uri-miss");
    assert_status("miss", (const AnsweredSource[]){joined, skipped}, 2, "weir; fwd=uri-miss; collapsed");
    assert_status("partial", (const AnsweredSource[]){hit, stale, miss}, 3, "weir; fwd=partial; detail=\"2 of 3\"");
    assert_status("page", (const AnsweredSource[]){skipped}, 1, "weir; hit; detail=page");
    assert_status("miss", (const AnsweredSource[]){skipped}, 1, "weir; detail=\"nothing was asked\"");
}

#define TEST(name) g_test_add_func("/search/answer_cache/" #name, name)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(an_answer_is_fresh_then_stale_then_a_fallback_then_gone);
    TEST(a_failure_does_not_take_an_answers_place_but_puts_off_asking_again);
    TEST(an_answer_that_may_not_be_kept_ends_the_one_before_it_and_a_failure_does_not);
    TEST(a_reply_greater_than_the_cache_is_not_kept_and_costs_nobody_the_place);
    TEST(keys_are_told_apart_by_all_their_bytes);
    TEST(questions_that_are_asked_once_do_not_push_out_the_one_that_is_asked_often);
    TEST(whatever_is_kept_and_looked_for_the_cache_does_as_the_model);
    TEST(the_terms_say_how_long_and_the_configuration_where_they_are_silent);
    TEST(cache_control_bounds_what_no_terms_allow);
    TEST(nothing_found_is_kept_a_while_and_a_failure_a_moment);
    TEST(visitors_share_answers_where_the_terms_allow_keeping_them);
    TEST(cache_status_says_what_the_cache_did);
    return g_test_run();
}
