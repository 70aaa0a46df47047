#include "stream/ancestors.h"

#include "stream/keeper.h"

struct Ancestors {
    GPtrArray *paths;   /* of Path, borrowed */
    GPtrArray *keepers; /* of Keeper, the outermost first; kept for the next object at that place */
    size_t open;        /* of them in use */
    bool ignore_case, is_full;
    size_t bytes_limit, text_limit;
    unsigned depth_limit;
};

static void
keeper_free(gpointer data)
{
    keeper_clear(data);
    g_free(data);
}

Ancestors *
ancestors_new(const ReaderLimits *limits, bool ignore_case)
{
    Ancestors *ancestors = g_new0(Ancestors, 1);
    size_t share = limits->record_bytes / ANCESTOR_SHARE;

    *ancestors = (Ancestors){.paths = g_ptr_array_new(),
                             .keepers = g_ptr_array_new_with_free_func(keeper_free),
                             .ignore_case = ignore_case,
                             .bytes_limit = share,
                             .text_limit = MIN(limits->text_bytes, share / 2),
                             .depth_limit = limits->depth + 1};
    return ancestors;
}

void
ancestors_free(Ancestors *ancestors)
{
    if (ancestors == NULL)
        return;
    g_ptr_array_unref(ancestors->paths);
    g_ptr_array_unref(ancestors->keepers);
    g_free(ancestors);
}

void
ancestors_add(Ancestors *ancestors, const Path *path)
{
    g_assert(ancestors->keepers->len == 0);
    g_ptr_array_add(ancestors->paths, (gpointer)path);
}

static Keeper *
keeper_at(const Ancestors *ancestors, size_t i)
{
    return g_ptr_array_index(ancestors->keepers, i);
}

/* All of them keep what any path asks of any ancestor: which one an object will be is known only at the record. */
static void
add_keeper(Ancestors *ancestors)
{
    Keeper *keeper = g_new(Keeper, 1);

    keeper_init(keeper, ancestors->ignore_case, ancestors->bytes_limit, ancestors->text_limit, ancestors->depth_limit);
    for (guint i = 0; i < ancestors->paths->len; i++)
        want_trie_add(&keeper->wants, g_ptr_array_index(ancestors->paths, i));
    want_trie_complete(&keeper->wants);
    g_ptr_array_add(ancestors->keepers, keeper);
}

void
ancestors_open(Ancestors *ancestors, Str name, NodeKind kind, bool leads)
{
    for (size_t i = 0; i < ancestors->open; i++)
        keeper_open(keeper_at(ancestors, i), name, kind);
    if (!leads || kind == NODE_LIST)
        return;
    if (ancestors->open == ancestors->keepers->len)
        add_keeper(ancestors);
    keeper_reset(keeper_at(ancestors, ancestors->open));
    keeper_open(keeper_at(ancestors, ancestors->open), STR_NONE, kind);
    ancestors->open++;
}

void
ancestors_scalar(Ancestors *ancestors, Str name, Value value)
{
    for (size_t i = 0; i < ancestors->open; i++) {
        keeper_scalar(keeper_at(ancestors, i), name, value);
        ancestors->is_full |= keeper_at(ancestors, i)->is_full;
    }
}

void
ancestors_text(Ancestors *ancestors, Str text)
{
    for (size_t i = 0; i < ancestors->open; i++) {
        keeper_text(keeper_at(ancestors, i), text);
        ancestors->is_full |= keeper_at(ancestors, i)->is_full;
    }
}

void
ancestors_close(Ancestors *ancestors)
{
    for (size_t i = 0; i < ancestors->open; i++)
        keeper_close(keeper_at(ancestors, i));
    if (ancestors->open > 0 && keeper_at(ancestors, ancestors->open - 1)->depth == 0)
        ancestors->open--;
}

bool
ancestors_wants_text(const Ancestors *ancestors)
{
    for (size_t i = 0; i < ancestors->open; i++)
        if (keeper_wants_text(keeper_at(ancestors, i)))
            return true;
    return false;
}

void
ancestors_reset(Ancestors *ancestors)
{
    ancestors->open = 0;
}

bool
ancestors_check(const Ancestors *ancestors, GError **error)
{
    if (!ancestors->is_full)
        return true;
    return weir_fail(error, WEIR_ERROR_LIMIT,
                     "values asked for around a record take more than %" G_GSIZE_FORMAT " bytes",
                     ancestors->bytes_limit);
}

const Node *
ancestors_root(const Ancestors *ancestors, unsigned up, bool *truncated)
{
    const Keeper *keeper;

    g_assert(up > 0);
    if (up > ancestors->open)
        return NULL;
    keeper = keeper_at(ancestors, ancestors->open - up);
    *truncated = *truncated || keeper->truncated;
    return keeper->root;
}
