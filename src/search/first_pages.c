#include "search/first_pages.h"

#define SHOWN_MANY 64

/* One that is found by its key. */
typedef struct {
    Str key; /* owned */
    FirstPage *page;
    size_t bytes;
    GList place;
} Entry;

typedef struct {
    Str visitor_key; /* owned */
    FirstPage *page; /* in use */
} Shown;

struct FirstPages {
    GMutex lock;         /* of all that follows */
    GHashTable *entries; /* &key -> Entry */
    GQueue oldest_last;  /* of Entry */
    GPtrArray *let_go;   /* of FirstPage: found no more, but some may be in use */
    GArray *shown;       /* of Shown */
    size_t bytes, limit_bytes;
};

FirstPages *
first_pages_new(size_t limit_bytes)
{
    FirstPages *pages = g_new0(FirstPages, 1);

    g_mutex_init(&pages->lock);
    pages->entries = g_hash_table_new(str_key_hash, str_key_equal);
    g_queue_init(&pages->oldest_last);
    pages->let_go = g_ptr_array_new();
    pages->shown = g_array_new(FALSE, FALSE, sizeof(Shown));
    pages->limit_bytes = limit_bytes;
    return pages;
}

/* Within the lock. */
static void
let_go(FirstPages *pages, Entry *entry)
{
    g_hash_table_remove(pages->entries, &entry->key);
    g_queue_unlink(&pages->oldest_last, &entry->place);
    pages->bytes -= entry->bytes;
    g_ptr_array_add(pages->let_go, entry->page);
    g_free((char *)entry->key.at);
    g_free(entry);
}

/* Takes out what was let go and nobody uses: it can't be found, so nobody will. Within the lock. */
static GPtrArray *
take_unused(FirstPages *pages)
{
    GPtrArray *unused = g_ptr_array_new_with_free_func((GDestroyNotify)first_page_free);

    for (guint i = pages->let_go->len; i-- > 0;)
        if (!first_page_is_used(pages->let_go->pdata[i]))
            g_ptr_array_add(unused, g_ptr_array_remove_index_fast(pages->let_go, i));
    return unused;
}

void
first_pages_free(FirstPages *pages)
{
    if (pages == NULL)
        return;
    for (guint i = 0; i < pages->shown->len; i++) {
        Shown *shown = &g_array_index(pages->shown, Shown, i);

        first_page_leave(shown->page);
        g_free((char *)shown->visitor_key.at);
    }
    while (!g_queue_is_empty(&pages->oldest_last))
        let_go(pages, g_queue_peek_head(&pages->oldest_last));
    g_ptr_array_unref(take_unused(pages));
    g_assert(pages->let_go->len == 0);
    g_ptr_array_unref(pages->let_go);
    g_array_unref(pages->shown);
    g_hash_table_unref(pages->entries);
    g_mutex_clear(&pages->lock);
    g_free(pages);
}

FirstPage *
first_pages_find(FirstPages *pages, Str key)
{
    FirstPage *page = NULL;
    Entry *entry;

    g_mutex_lock(&pages->lock);
    entry = g_hash_table_lookup(pages->entries, &key);
    if (entry != NULL)
        page = first_page_use(entry->page);
    g_mutex_unlock(&pages->lock);
    return page;
}

void
first_pages_keep(FirstPages *pages, Str key, FirstPage *page)
{
    g_autoptr(GPtrArray) unused = NULL; /* is freed after the lock */
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&pages->lock);
    Entry *entry = g_hash_table_lookup(pages->entries, &key);

    if (entry != NULL)
        let_go(pages, entry);
    entry = g_new0(Entry, 1);
    *entry = (Entry){.key = {str_dup(key), key.size}, .page = page, .place = {.data = entry}};
    entry->bytes = sizeof *entry + key.size + first_page_bytes(page);
    g_hash_table_insert(pages->entries, &entry->key, entry);
    g_queue_push_head_link(&pages->oldest_last, &entry->place);
    pages->bytes += entry->bytes;
    while (pages->bytes > pages->limit_bytes)
        let_go(pages, g_queue_peek_tail(&pages->oldest_last));
    unused = take_unused(pages);
}

bool
first_pages_note_shown(FirstPages *pages, Str visitor_key, FirstPage *page)
{
    Shown shown = {{str_dup(visitor_key), visitor_key.size}, first_page_use(page)};
    bool is_due;

    g_mutex_lock(&pages->lock);
    g_array_append_val(pages->shown, shown);
    is_due = pages->shown->len % SHOWN_MANY == 0;
    g_mutex_unlock(&pages->lock);
    return is_due;
}

void
first_pages_remember(FirstPages *pages, PageStore *store)
{
    g_autoptr(GArray) noted = NULL;

    g_mutex_lock(&pages->lock);
    if (pages->shown->len > 0) {
        noted = pages->shown;
        pages->shown = g_array_sized_new(FALSE, FALSE, sizeof(Shown), SHOWN_MANY);
    }
    g_mutex_unlock(&pages->lock);
    for (guint i = 0; noted != NULL && i < noted->len; i++) {
        Shown *shown = &g_array_index(noted, Shown, i);

        Pages *shown_pages = first_page_pages(shown->page);
        g_autoptr(Arena) arena = arena_new(256);

        page_store_keep(store, page_store_key(shown_pages->id, arena), shown_pages);
        page_store_keep(store, shown->visitor_key, shown_pages);
        first_page_leave(shown->page);
        g_free((char *)shown->visitor_key.at);
    }
}
