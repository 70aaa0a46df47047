#include "stream/want.h"

#include "stream/path_steps.h"

void
want_trie_init(WantTrie *trie, bool ignore_case)
{
    *trie = (WantTrie){.arena = arena_new(4096), .ignore_case = ignore_case, .deep_names = g_ptr_array_new()};
    trie->root = ARENA_NEW(trie->arena, Want);
    trie->deep_value = (Want){.value = true, .everything = true, .items_limit = UINT64_MAX};
    trie->deep_container = (Want){.everything = true, .items_limit = UINT64_MAX};
}

void
want_trie_clear(WantTrie *trie)
{
    g_clear_pointer(&trie->deep_names, g_ptr_array_unref);
    g_clear_pointer(&trie->arena, arena_free);
}

static Want *
want_get_child(WantTrie *trie, Want *parent, Str name)
{
    Want **end = &parent->children;

    for (; *end != NULL; end = &(*end)->next)
        if (path_name_equal((*end)->name, name, trie->ignore_case))
            return *end;
    *end = ARENA_NEW(trie->arena, Want);
    (*end)->name = arena_str(trie->arena, name);
    return *end;
}

void
want_trie_add_member(WantTrie *trie, Str name)
{
    Want *child = want_get_child(trie, trie->root, name);

    child->value = true;
    child->items_limit = UINT64_MAX;
    trie->root->items_limit = UINT64_MAX;
}

static void
trie_add_deep(WantTrie *trie, Want *from, const PathStep *steps, size_t count)
{
    from->everything = true;
    from->items_limit = UINT64_MAX;
    if (count == 0) {
        trie->deep_all = true;
        from->value = true;
    }
    for (size_t i = 0; i < count; i++) {
        if (steps[i].kind != STEP_MEMBER && steps[i].kind != STEP_FILTER)
            continue;
        g_ptr_array_add(trie->deep_names, ARENA_NEW(trie->arena, Str));
        *(Str *)g_ptr_array_index(trie->deep_names, trie->deep_names->len - 1) = arena_str(trie->arena, steps[i].name);
    }
}

/* Items past the number that the only selector names need not be kept. */
static uint64_t
items_limit_at(const Path *path, size_t at)
{
    bool is_only;

    if (at >= path->step_count || path->steps[at].kind != STEP_INDEX || path->steps[at].index < 0)
        return UINT64_MAX;
    is_only = at + 1 == path->step_count || !path_step_selects(&path->steps[at + 1]);
    return is_only ? (uint64_t)path->steps[at].index + 1 : UINT64_MAX;
}

Want *
want_trie_add(WantTrie *trie, const Path *path)
{
    Want *want = trie->root;
    bool has_names_only = true;

    want->items_limit = MAX(want->items_limit, items_limit_at(path, 0));
    for (size_t i = 0; i < path->step_count; i++) {
        const PathStep *step = &path->steps[i];

        /* Of any member all is kept that is named behind it, on whatever level. */
        if (step->kind == STEP_DEEP || step->kind == STEP_ANY) {
            trie_add_deep(trie, want, step + 1, path->step_count - i - 1);
            return NULL;
        }
        has_names_only = has_names_only && step->kind == STEP_MEMBER;
        if (step->kind == STEP_MEMBER) {
            want = want_get_child(trie, want, step->name);
            want->items_limit = MAX(want->items_limit, items_limit_at(path, i + 1));
        } else if (step->kind == STEP_FILTER) {
            Want *compared = want_get_child(trie, want, step->name);

            compared->value = true;
            compared->items_limit = UINT64_MAX;
        }
    }
    want->value = true;
    return has_names_only ? want : NULL;
}

void
want_trie_add_presence(WantTrie *trie, const Path *path)
{
    Want *want = trie->root;

    for (size_t i = 0; i < path->step_count; i++)
        if (path->steps[i].kind == STEP_MEMBER)
            want = want_get_child(trie, want, path->steps[i].name);
    want->value = true;
}

static bool
is_deep_name(const WantTrie *trie, Str name)
{
    if (trie->deep_all)
        return true;
    for (guint i = 0; i < trie->deep_names->len; i++)
        if (path_name_equal(*(const Str *)g_ptr_array_index(trie->deep_names, i), name, trie->ignore_case))
            return true;
    return false;
}

static void
want_complete(WantTrie *trie, Want *want)
{
    want->recent = want->children;
    for (Want *child = want->children; child != NULL; child = child->next) {
        if (want->everything) {
            child->everything = true;
            child->items_limit = UINT64_MAX;
            child->value = child->value || is_deep_name(trie, child->name);
        }
        want_complete(trie, child);
    }
}

void
want_trie_complete(WantTrie *trie)
{
    want_complete(trie, trie->root);
}

bool
want_trie_is_empty(const WantTrie *trie)
{
    return trie->root->children == NULL && !trie->root->value && !trie->root->everything;
}

static Want *
want_search(const WantTrie *trie, Want *from, const Want *end, Str name)
{
    for (Want *want = from; want != end; want = want->next)
        if (want->name.size == name.size && path_name_equal(want->name, name, trie->ignore_case))
            return want;
    return NULL;
}

bool
want_has_child(const WantTrie *trie, const Want *parent, Str name)
{
    return want_search(trie, parent->children, NULL, name) != NULL;
}

Want *
want_find(WantTrie *trie, Want *parent, Str name)
{
    Want *found = want_search(trie, parent->recent, NULL, name);

    if (found == NULL)
        found = want_search(trie, parent->children, parent->recent, name);
    if (found != NULL) {
        parent->recent = found->next != NULL ? found->next : parent->children;
        return found;
    }
    if (!parent->everything)
        return NULL;
    return is_deep_name(trie, name) ? &trie->deep_value : &trie->deep_container;
}
