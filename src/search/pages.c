#include "search/pages.h"

Pages *
pages_new(SourceSet *set, Id id, int64_t first_page)
{
    Pages *pages = g_new0(Pages, 1);

    pages->refs = 1;
    pages->set = source_set_ref(set);
    pages->arena = arena_new(8192);
    pages->list = g_array_new(FALSE, FALSE, sizeof(Merged));
    pages->replies = g_ptr_array_new_with_free_func((GDestroyNotify)source_reply_unref);
    pages->progress = g_array_new(FALSE, FALSE, sizeof(SourceProgress));
    pages->ends = g_array_new(FALSE, FALSE, sizeof(size_t));
    pages->seen = seen_keys_new();
    pages->id = id;
    pages->first_page = pages->source_page = first_page;
    pages->bytes = sizeof(Pages) + arena_held_bytes(pages->arena);
    return pages;
}

Pages *
pages_ref(Pages *pages)
{
    pages->refs++;
    return pages;
}

void
pages_unref(Pages *pages)
{
    if (pages == NULL || --pages->refs > 0)
        return;
    pages_unref(pages->copied_from);
    if (pages->shown != NULL)
        g_array_unref(pages->shown);
    seen_keys_free(pages->seen);
    g_array_unref(pages->ends);
    g_array_unref(pages->progress);
    g_ptr_array_unref(pages->replies);
    g_array_unref(pages->list);
    arena_free(pages->arena);
    source_set_unref(pages->set);
    g_free(pages);
}

Pages *
pages_copy(Pages *pages, Id id)
{
    Pages *copy = pages_new(pages->set, id, pages->first_page);

    copy->copied_from = pages_ref(pages);
    g_array_append_vals(copy->list, pages->list->data, pages->list->len);
    g_array_append_vals(copy->progress, pages->progress->data, pages->progress->len);
    g_array_append_vals(copy->ends, pages->ends->data, pages->ends->len);
    seen_keys_free(copy->seen);
    copy->seen = seen_keys_copy(pages->seen);
    copy->unread = pages->unread;
    copy->bytes = pages->bytes;
    return copy;
}

Pages *
pages_rebuild(SourceSet *set, const PageCursor *cursor)
{
    Pages *pages = pages_new(set, cursor->pages, cursor->page);

    pages->source_page = 1;
    pages->shown = g_array_sized_new(FALSE, FALSE, sizeof(ShownKeys), (guint)cursor->shown_count);
    g_array_append_vals(pages->shown, cursor->shown, (guint)cursor->shown_count);
    for (size_t i = 0; i < cursor->shown_count; i++) {
        seen_keys_add_part(pages->seen, SEEN_ID, cursor->shown[i].id);
        if (cursor->shown[i].position != 0)
            seen_keys_add_part(pages->seen, SEEN_POSITION, cursor->shown[i].position);
    }
    pages->bytes += cursor->shown_count * 8 * sizeof(ShownKeys);
    return pages;
}

const ShownKeys *
pages_shown_keys(const Pages *pages, size_t end, size_t *ret_count, Arena *arena)
{
    size_t before = pages->shown == NULL ? 0 : pages->shown->len;
    ShownKeys *keys = ARENA_ARRAY(arena, ShownKeys, MAX(before + end, 1));

    if (before > 0)
        memcpy(keys, pages->shown->data, before * sizeof *keys);
    for (size_t i = 0; i < end; i++) {
        const Merged *merged = &g_array_index(pages->list, Merged, i);

        keys[before + i] = shown_keys_of(merged->id, merged->listing, arena);
    }
    *ret_count = before + end;
    return keys;
}

bool
pages_lead_to(const Pages *pages, const PageCursor *cursor, Arena *arena)
{
    int64_t before = cursor->page - pages->first_page; /* pages of theirs */
    const ShownKeys *shown;
    size_t count;

    if (before < 0 || before > pages->ends->len)
        return false;
    shown = pages_shown_keys(pages, before == 0 ? 0 : g_array_index(pages->ends, size_t, before - 1), &count, arena);
    return count == cursor->shown_count && memcmp(shown, cursor->shown, count * sizeof *shown) == 0;
}

const SourceProgress *
pages_progress(const Pages *pages, const Source *source)
{
    for (guint i = 0; i < pages->progress->len; i++) {
        const SourceProgress *progress = &g_array_index(pages->progress, SourceProgress, i);

        if (progress->source == source)
            return progress;
    }
    return NULL;
}

void
pages_keep_reply(Pages *pages, SourceReply *reply)
{
    if (reply->listings->len == 0)
        return;
    g_ptr_array_add(pages->replies, source_reply_ref(reply));
    pages->bytes += source_reply_bytes(reply);
}

void
pages_note_read(Pages *pages, const Source *source, const SourceReply *reply)
{
    SourceProgress *progress;

    if (!source_status_is_answer(reply->status))
        return;
    progress = (SourceProgress *)pages_progress(pages, source);
    if (progress == NULL) {
        SourceProgress fresh = {.source = source};

        g_array_append_val(pages->progress, fresh);
        progress = &g_array_index(pages->progress, SourceProgress, pages->progress->len - 1);
    }
    progress->exhausted = !reply->has_next || reply->listings->len == 0;
    progress->next = question_copy(pages->arena, &reply->next);
}

void
pages_append(Pages *pages, const Merged *merged, size_t count)
{
    if (count > 0)
        g_array_append_vals(pages->list, merged, (guint)count);
    pages->bytes += count * (sizeof(Merged) + 4 * sizeof(Fingerprint));
}

size_t
pages_shown(const Pages *pages)
{
    return pages->ends->len == 0 ? 0 : g_array_index(pages->ends, size_t, pages->ends->len - 1);
}

size_t
pages_begin(const Pages *pages, int64_t page, int64_t per_page)
{
    size_t index = (size_t)(page - pages->first_page), shown = pages->ends->len, begin = 0;

    if (index > 0 && shown > 0)
        begin = g_array_index(pages->ends, size_t, MIN(index, shown) - 1);
    if (index > shown)
        begin += (index - shown) * (size_t)per_page;
    return begin;
}

void
pages_slice(const Pages *pages, int64_t page, int64_t per_page, size_t *ret_begin, size_t *ret_end)
{
    size_t index = (size_t)(page - pages->first_page), shown = pages->ends->len;
    size_t begin = pages_begin(pages, page, per_page);

    *ret_begin = MIN(begin, pages->list->len);
    *ret_end =
        index < shown ? g_array_index(pages->ends, size_t, index) : MIN(begin + (size_t)per_page, pages->list->len);
}

bool
pages_have(const Pages *pages, int64_t page, int64_t per_page)
{
    size_t begin, end;

    pages_slice(pages, page, per_page, &begin, &end);
    return (size_t)(page - pages->first_page) < pages->ends->len || end - begin == (size_t)per_page;
}

void
pages_fix(Pages *pages, int64_t page, int64_t per_page)
{
    for (int64_t each = pages->first_page + pages->ends->len; each <= page; each++) {
        size_t begin, end;

        pages_slice(pages, each, per_page, &begin, &end);
        g_array_append_val(pages->ends, end);
    }
}

bool
pages_have_more(const Pages *pages, int64_t page, int64_t per_page)
{
    size_t begin, end;

    pages_slice(pages, page, per_page, &begin, &end);
    if (begin == end && pages->spent && !pages->unread)
        return false;
    if (end < pages->list->len || pages->unread)
        return true;
    for (guint i = 0; i < pages->progress->len; i++)
        if (!g_array_index(pages->progress, SourceProgress, i).exhausted)
            return true;
    return false;
}

/* A kept set of pages. */
typedef struct {
    char *key;
    Pages *pages;
    int64_t touched_us; /* monotonic */
    GList *place;
} Kept;

struct PageStore {
    const Clock *clock;
    GHashTable *kept; /* key -> Kept */
    GQueue used;      /* of Kept, last touched first */
    size_t bytes, limit_bytes;
    int64_t lifetime_us;
};

PageStore *
page_store_new(const Clock *clock, size_t limit_bytes, int64_t lifetime_us)
{
    PageStore *store = g_new0(PageStore, 1);

    store->clock = clock;
    store->kept = g_hash_table_new(g_str_hash, g_str_equal);
    g_queue_init(&store->used);
    store->limit_bytes = limit_bytes;
    store->lifetime_us = lifetime_us;
    return store;
}

static size_t
own_bytes(const Kept *kept)
{
    return sizeof(Kept) + strlen(kept->key);
}

static void
count_bytes(PageStore *store, Pages *pages, size_t bytes)
{
    store->bytes = store->bytes - pages->kept_bytes + bytes;
    pages->kept_bytes = bytes;
}

static void
forget(PageStore *store, Kept *kept)
{
    g_hash_table_remove(store->kept, kept->key);
    g_queue_delete_link(&store->used, kept->place);
    store->bytes -= own_bytes(kept);
    if (--kept->pages->kept == 0)
        count_bytes(store, kept->pages, 0);
    pages_unref(kept->pages);
    g_free(kept->key);
    g_free(kept);
}

void
page_store_free(PageStore *store)
{
    if (store == NULL)
        return;
    while (!g_queue_is_empty(&store->used))
        forget(store, g_queue_peek_head(&store->used));
    g_hash_table_unref(store->kept);
    g_free(store);
}

static void
forget_old(PageStore *store)
{
    int64_t before_us = clock_monotonic_us(store->clock) - store->lifetime_us;
    Kept *kept;

    while ((kept = g_queue_peek_tail(&store->used)) != NULL &&
           (kept->touched_us <= before_us || store->bytes > store->limit_bytes))
        forget(store, kept);
}

Pages *
page_store_find(PageStore *store, Str key)
{
    Kept *kept;

    forget_old(store);
    kept = g_hash_table_lookup(store->kept, key.at);
    return kept != NULL ? pages_ref(kept->pages) : NULL;
}

Str
page_store_key(Id id, Arena *arena)
{
    char text[ID_TEXT_SIZE];

    return arena_printf(arena, "pages %s", id_format(id, text));
}

void
page_store_keep(PageStore *store, Str key, Pages *pages)
{
    Kept *kept = g_hash_table_lookup(store->kept, key.at);

    pages_ref(pages);
    if (kept != NULL)
        forget(store, kept);
    kept = g_new0(Kept, 1);
    kept->key = str_dup(key);
    kept->pages = pages;
    kept->touched_us = clock_monotonic_us(store->clock);
    g_queue_push_head(&store->used, kept);
    kept->place = store->used.head;
    g_hash_table_insert(store->kept, kept->key, kept);
    store->bytes += own_bytes(kept);
    pages->kept++;
    count_bytes(store, pages, pages->bytes); /* they grow with each page */
    forget_old(store);
}
