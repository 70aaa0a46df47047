#include "tracking/spool_group.h"

#define PAGES_LOOKED_AT 64

typedef struct {
    SpoolRow row; /* owns its bytes */
    char *reason;
} SpoolPoison;

static void
poison_free(gpointer data)
{
    SpoolPoison *poison = data;

    g_free((char *)poison->row.bytes.at);
    g_free(poison->reason);
    g_free(poison);
}

SpoolGroup *
spool_group_new(void)
{
    SpoolGroup *group = g_new0(SpoolGroup, 1);

    group->bytes = g_string_new(NULL);
    group->waiters = g_array_new(FALSE, FALSE, sizeof(SpoolWaiter));
    group->pages = g_array_new(FALSE, FALSE, sizeof(Id));
    group->poison = g_ptr_array_new_with_free_func(poison_free);
    return group;
}

void
spool_group_free(SpoolGroup *group)
{
    g_string_free(group->bytes, TRUE);
    g_array_unref(group->waiters);
    g_array_unref(group->pages);
    g_ptr_array_unref(group->poison);
    g_free(group);
}

void
spool_group_add(SpoolGroup *group, const SpoolRow *row, int64_t seq, SpoolWaiter waiter)
{
    spool_row_write(row, group->bytes);
    group->of_kind[spool_kind_number(row->kind)]++;
    group->events++;
    group->last_seq = seq;
    if (waiter.durable != NULL)
        g_array_append_val(group->waiters, waiter);
}

bool
spool_group_note_page(SpoolGroup *group, Id page_id)
{
    /* The newest is the likeliest, and beyond some dozens it is better written twice than looked for. */
    for (guint i = group->pages->len; i > 0 && i + PAGES_LOOKED_AT > group->pages->len; i--)
        if (g_array_index(group->pages, Id, i - 1) == page_id)
            return false;
    g_array_append_val(group->pages, page_id);
    return true;
}

void
spool_group_add_poison(SpoolGroup *group, const SpoolRow *row, const char *reason)
{
    SpoolPoison *poison = g_new(SpoolPoison, 1);
    /* One byte more, so that bytes of an empty event are not absent: it can't be read, but it can be kept. */
    char *bytes = g_malloc(row->bytes.size + 1);

    if (row->bytes.size > 0)
        memcpy(bytes, row->bytes.at, row->bytes.size);
    *poison = (SpoolPoison){.row = *row, .reason = g_strdup(reason)};
    poison->row.bytes.at = bytes;
    g_ptr_array_add(group->poison, poison);
}

bool
spool_group_is_empty(const SpoolGroup *group)
{
    return group->events == 0 && group->poison->len == 0 && group->forget_seq == 0;
}

void
spool_group_take(SpoolGroup *to, SpoolGroup *from)
{
    SpoolGroup events = *from;

    g_assert(to->events == 0);
    from->bytes = to->bytes;
    from->waiters = to->waiters;
    from->pages = to->pages;
    to->bytes = events.bytes;
    to->waiters = events.waiters;
    to->pages = events.pages;
    to->events = events.events;
    to->last_seq = events.last_seq;
    memcpy(to->of_kind, events.of_kind, sizeof to->of_kind);
    from->events = 0;
    memset(from->of_kind, 0, sizeof from->of_kind);
    to->forget_seq = MAX(to->forget_seq, from->forget_seq);
    from->forget_seq = 0;
    while (from->poison->len > 0)
        g_ptr_array_add(to->poison, g_ptr_array_steal_index(from->poison, 0));
}

bool
spool_group_write(const SpoolGroup *group, DbTx *tx, int64_t now_us, GError **error)
{
    if (group->events > 0 &&
        !spool_file_add(tx, group->last_seq, (int64_t)group->events, str_of_gstring(group->bytes), error))
        return false;
    for (guint i = 0; i < group->poison->len; i++) {
        const SpoolPoison *poison = group->poison->pdata[i];

        if (!spool_file_quarantine(tx, &poison->row, poison->reason, now_us, error))
            return false;
    }
    return group->forget_seq == 0 || spool_file_forget(tx, group->forget_seq, error);
}

void
spool_group_settle(SpoolGroup *group, const GError *error)
{
    for (guint i = 0; i < group->waiters->len; i++) {
        const SpoolWaiter *waiter = &g_array_index(group->waiters, SpoolWaiter, i);

        waiter->durable(waiter->data, error);
    }
    g_array_set_size(group->waiters, 0);
    g_array_set_size(group->pages, 0);
    g_string_truncate(group->bytes, 0);
    group->events = 0;
    memset(group->of_kind, 0, sizeof group->of_kind);
    if (error != NULL)
        return;
    g_ptr_array_set_size(group->poison, 0);
    group->forget_seq = 0;
}
