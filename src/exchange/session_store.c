#include "exchange/session_store.h"

typedef struct {
    bool leading; /* somebody is fetching */
    char *token, *cookies;
    uint64_t generation; /* of the last session that was put */
    int64_t until_us;    /* monotonic; of the session */
    AnswerStatus failure;
    char *message;
    int64_t failed_until_us; /* monotonic */
    GQueue waits;            /* of SessionWait, while somebody leads */
} Entry;

struct SessionStore {
    const Clock *clock;
    GMutex mutex;
    GHashTable *entries; /* key -> Entry */
};

struct SessionWait {
    SessionStore *store;
    char *key;
    Loop *loop;
    void (*told)(void *data, const SessionNews *news);
    void *data;
    bool posted, cancelled; /* posted: under the mutex; cancelled: on the loop's thread */
    SessionNews news;       /* with texts of its own */
    char *token, *cookies, *message;
};

static void
entry_free(gpointer data)
{
    Entry *entry = data;

    g_assert(g_queue_is_empty(&entry->waits));
    g_free(entry->token);
    g_free(entry->cookies);
    g_free(entry->message);
    g_free(entry);
}

SessionStore *
session_store_new(const Clock *clock)
{
    SessionStore *store = g_new0(SessionStore, 1);

    store->clock = clock;
    g_mutex_init(&store->mutex);
    store->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, entry_free);
    return store;
}

void
session_store_free(SessionStore *store)
{
    if (store == NULL)
        return;
    g_hash_table_unref(store->entries);
    g_mutex_clear(&store->mutex);
    g_free(store);
}

static Entry *
entry_of(SessionStore *store, const char *key)
{
    Entry *entry = g_hash_table_lookup(store->entries, key);

    if (entry == NULL) {
        entry = g_new0(Entry, 1);
        g_queue_init(&entry->waits);
        g_hash_table_insert(store->entries, g_strdup(key), entry);
    }
    return entry;
}

static void
wait_free(SessionWait *wait)
{
    g_free(wait->key);
    g_free(wait->token);
    g_free(wait->cookies);
    g_free(wait->message);
    g_free(wait);
}

static void
on_posted(void *data)
{
    SessionWait *wait = data;

    if (!wait->cancelled)
        wait->told(wait->data, &wait->news);
    wait_free(wait);
}

/* Under the mutex: fixes what is told and sends it to the loop that waits. */
static void
deliver(SessionWait *wait, const Entry *entry, SessionTurn turn)
{
    wait->token = g_strdup(entry->token);
    wait->cookies = g_strdup(entry->cookies);
    wait->message = g_strdup(entry->message);
    wait->news = (SessionNews){.turn = turn,
                               .session = {str_of(wait->token), str_of(wait->cookies)},
                               .generation = entry->generation,
                               .status = entry->failure,
                               .message = wait->message};
    wait->posted = true;
    loop_post(wait->loop, on_posted, wait);
}

SessionWait *
session_ask(SessionStore *store, const char *key, Loop *loop, void (*told)(void *data, const SessionNews *news),
            void *data)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&store->mutex);
    int64_t now_us = clock_monotonic_us(store->clock);
    Entry *entry = entry_of(store, key);
    SessionWait *wait = g_new0(SessionWait, 1);

    *wait = (SessionWait){.store = store, .key = g_strdup(key), .loop = loop, .told = told, .data = data};
    if (entry->until_us > now_us) {
        deliver(wait, entry, SESSION_READY);
    } else if (entry->leading) {
        g_queue_push_tail(&entry->waits, wait);
    } else if (entry->failed_until_us > now_us) {
        deliver(wait, entry, SESSION_FAILED);
    } else {
        entry->leading = true;
        deliver(wait, entry, SESSION_LEAD);
    }
    return wait;
}

/* Under the mutex. */
static void
hand_on(Entry *entry)
{
    SessionWait *next = g_queue_pop_head(&entry->waits);

    entry->leading = next != NULL;
    if (next != NULL)
        deliver(next, entry, SESSION_LEAD);
}

void
session_cancel(SessionWait *wait)
{
    SessionStore *store = wait->store;
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&store->mutex);
    Entry *entry = entry_of(store, wait->key);

    if (!wait->posted) {
        g_queue_remove(&entry->waits, wait);
        wait_free(wait);
        return;
    }
    wait->cancelled = true; /* the post frees it */
    if (wait->news.turn == SESSION_LEAD)
        hand_on(entry);
}

/* Under the mutex: the leader has ended, and everybody hears how. */
static void
tell_all(Entry *entry, SessionTurn turn)
{
    SessionWait *wait;

    entry->leading = false;
    while ((wait = g_queue_pop_head(&entry->waits)) != NULL)
        deliver(wait, entry, turn);
}

static void
replace_text(char **text, const char *value)
{
    g_free(*text);
    *text = g_strdup(value);
}

void
session_put(SessionStore *store, const char *key, Session session, int64_t lifetime_us)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&store->mutex);
    g_autofree char *token = str_dup(session.token), *cookies = str_dup(session.cookies);
    Entry *entry = entry_of(store, key);

    replace_text(&entry->token, token);
    replace_text(&entry->cookies, cookies);
    entry->generation++;
    entry->until_us = clock_monotonic_us(store->clock) + lifetime_us;
    tell_all(entry, SESSION_READY);
}

void
session_fail(SessionStore *store, const char *key, AnswerStatus status, const char *message, int64_t retry_after_us)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&store->mutex);
    Entry *entry = entry_of(store, key);
    int64_t hold_us = status == ANSWER_CREDENTIAL ? SESSION_REFUSED_HOLD_US : SESSION_FAILED_HOLD_US;

    g_assert(status != ANSWER_OK);
    entry->failure = status;
    replace_text(&entry->message, message);
    entry->failed_until_us = clock_monotonic_us(store->clock) + MAX(retry_after_us, hold_us);
    tell_all(entry, SESSION_FAILED);
}

void
session_abandon(SessionStore *store, const char *key)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&store->mutex);

    hand_on(entry_of(store, key));
}

void
session_forget(SessionStore *store, const char *key, uint64_t generation)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&store->mutex);
    Entry *entry = entry_of(store, key);

    if (entry->generation == generation)
        entry->until_us = 0;
}
