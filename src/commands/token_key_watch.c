#include "commands/token_key_watch.h"

#include "ops/log.h"
#include "ops/periodic.h"
#include "tracking/key_ring.h"

#define EVERY_US (2 * US_PER_SECOND)

G_STATIC_ASSERT(10 * EVERY_US < KEY_RING_SETTLE_US);

struct TokenKeyWatch {
    Deployment *deployment;
    TokenKeyRing *first;
    TokenKeyRing known; /* as the database, or the copy, says */
    char *copy_path;
    Db *db; /* NULL: to be opened */
    bool is_copied;
    bool failing, copy_failing;
    Periodic *thread;
};

static bool
is_same(const TokenKeyRing *a, const TokenKeyRing *b)
{
    g_autoptr(GString) one = g_string_new(NULL), other = g_string_new(NULL);

    key_ring_format(a, one);
    key_ring_format(b, other);
    return g_string_equal(one, other);
}

/* Links of the others are followed whether there is a copy or not; it is for a start without the database. */
static void
copy(TokenKeyWatch *watch)
{
    g_autoptr(GError) error = NULL;

    watch->is_copied = key_ring_save(&watch->known, watch->copy_path, &error);
    if (!watch->is_copied && !watch->copy_failing)
        log_event(LOG_LEVEL_WARN, "token_keys.not_copied",
                  "it is tried again; a start without the database knows older keys", LOG_ERROR(error));
    watch->copy_failing = !watch->is_copied;
}

/* What the database says; copied when it is news. */
static void
learn(TokenKeyWatch *watch)
{
    g_autoptr(GError) error = NULL;
    TokenKeyRing ring;
    bool failing;

    if (watch->db == NULL)
        watch->db = db_open(watch->deployment->config->database_url, &error);
    failing = watch->db == NULL || !key_ring_load(watch->db, watch->deployment->random, &ring, &error);
    if (failing && !watch->failing)
        log_event(LOG_LEVEL_WARN, "token_keys.unread", "the keys of before hold until the database is there again",
                  LOG_ERROR(error));
    watch->failing = failing;
    if (!failing && !is_same(&ring, &watch->known)) {
        watch->known = ring;
        watch->is_copied = false;
    }
    if (!watch->is_copied)
        copy(watch);
}

/* Lets the ring hold that holds at this moment: a key that was new may have settled. */
static void
publish(const TokenKeyWatch *watch)
{
    TokenKeyRing ring = key_ring_at(&watch->known, clock_now_us(watch->deployment->clock));

    if (is_same(&ring, token_key_ring_now(watch->first)))
        return;
    token_key_ring_replace(watch->first, &ring);
    log_event(LOG_LEVEL_INFO, "token_keys.changed", "links are made with this key, and those of the others work",
              LOG_INT("key", ring.keys[0].id), LOG_INT("keys", (int64_t)ring.count));
}

static int64_t
look(void *data)
{
    TokenKeyWatch *watch = data;

    learn(watch);
    publish(watch);
    return EVERY_US;
}

TokenKeyWatch *
token_key_watch_start(Deployment *deployment, TokenKeyRing *ring, char *copy_path)
{
    TokenKeyWatch *watch = g_new0(TokenKeyWatch, 1);

    watch->deployment = deployment;
    watch->first = ring;
    watch->known = *ring;
    watch->is_copied = true; /* or read from the copy */
    watch->copy_path = copy_path;
    publish(watch);
    watch->thread = periodic_start("token-keys", EVERY_US, look, watch);
    return watch;
}

void
token_key_watch_stop(TokenKeyWatch *watch)
{
    if (watch == NULL)
        return;
    periodic_stop(watch->thread);
    if (watch->db != NULL)
        db_close(watch->db);
    g_free(watch->copy_path);
    g_free(watch);
}
