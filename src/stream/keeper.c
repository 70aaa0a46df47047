#include "stream/keeper.h"

#include "stream/utf8.h"

/* Less than what malloc tidies its heap for when it is freed (64 KB). */
#define BLOCK_BYTES (32 * 1024)

void
keeper_init(Keeper *keeper, bool ignore_case, size_t bytes_limit, size_t text_limit, unsigned depth_limit)
{
    *keeper = (Keeper){.bytes_limit = bytes_limit, .text_limit = text_limit, .depth_limit = depth_limit};
    keeper->arena = arena_new(BLOCK_BYTES);
    keeper->levels = g_new(KeeperLevel, depth_limit + 1);
    want_trie_init(&keeper->wants, ignore_case);
}

void
keeper_clear(Keeper *keeper)
{
    want_trie_clear(&keeper->wants);
    g_clear_pointer(&keeper->levels, g_free);
    g_clear_pointer(&keeper->arena, arena_free);
}

void
keeper_reset(Keeper *keeper)
{
    arena_reset(keeper->arena);
    keeper->root = NULL;
    keeper->tree++;
    keeper->depth = keeper->skipped = 0;
    keeper->truncated = keeper->is_full = false;
}

static Want *
keeper_find_want(Keeper *keeper, Str name)
{
    KeeperLevel *top;

    if (keeper->depth == 0)
        return keeper->wants.root;
    top = &keeper->levels[keeper->depth - 1];
    if (top->node->kind != NODE_LIST)
        return want_find(&keeper->wants, top->want, name);
    return top->items++ < top->items_limit ? top->want : NULL;
}

static bool
keeper_has_room(Keeper *keeper, size_t size)
{
    if (keeper->is_full || arena_used_bytes(keeper->arena) + size + sizeof(Node) > keeper->bytes_limit)
        keeper->is_full = true;
    return !keeper->is_full;
}

static Node *
keeper_add_node(Keeper *keeper, const Want *want, Str name, NodeKind kind)
{
    Node *node = ARENA_NEW(keeper->arena, Node);
    Node *parent = keeper->depth > 0 ? keeper->levels[keeper->depth - 1].node : NULL;

    node->kind = kind;
    if (name.at != NULL)
        node->name = want->name.at != NULL ? want->name : arena_str(keeper->arena, name);
    if (parent == NULL)
        keeper->root = node;
    else if (parent->last == NULL)
        parent->first = node;
    else
        parent->last->next = node;
    if (parent != NULL)
        parent->last = node;
    return node;
}

static void
keeper_note(const Keeper *keeper, Want *want, Node *node)
{
    bool is_first = want->kept_tree != keeper->tree || want->kept == NULL;

    if (is_first)
        want->kept = node;
    else
        want->kept_last->alike = node;
    want->kept_last = node;
    want->kept_count = is_first ? 1 : want->kept_count + 1;
    want->kept_tree = keeper->tree;
}

static void
keeper_set_value(Keeper *keeper, Want *want, Node *node, Value value)
{
    if (value.text.size > keeper->text_limit) {
        value.text = utf8_cut(value.text, keeper->text_limit);
        keeper->truncated = true;
    }
    if (!keeper_has_room(keeper, value.text.size))
        return;
    value.text = arena_str(keeper->arena, value.text);
    node->value = value;
    node->has_value = true;
    keeper_note(keeper, want, node);
}

void
keeper_open(Keeper *keeper, Str name, NodeKind kind)
{
    Want *want;
    bool by_name;

    if (keeper->skipped > 0) {
        keeper->skipped++;
        return;
    }
    want = keeper_find_want(keeper, name);
    if (want == NULL || keeper->depth >= keeper->depth_limit || !keeper_has_room(keeper, name.size)) {
        keeper->skipped = 1;
        return;
    }
    by_name = keeper->depth == 0 || keeper->levels[keeper->depth - 1].node->kind != NODE_LIST;
    keeper->levels[keeper->depth] = (KeeperLevel){.node = keeper_add_node(keeper, want, name, kind),
                                                  .want = want,
                                                  .items_limit = by_name ? want->items_limit : UINT64_MAX};
    keeper->depth++;
}

void
keeper_scalar(Keeper *keeper, Str name, Value value)
{
    Want *want;

    if (keeper->skipped > 0)
        return;
    want = keeper_find_want(keeper, name);
    if (want == NULL || !want->value || !keeper_has_room(keeper, name.size))
        return;
    keeper_set_value(keeper, want, keeper_add_node(keeper, want, name, NODE_SCALAR), value);
}

bool
keeper_wants_text(const Keeper *keeper)
{
    return keeper->skipped == 0 && keeper->depth > 0 && keeper->levels[keeper->depth - 1].want->value;
}

void
keeper_text(Keeper *keeper, Str text)
{
    KeeperLevel *top;

    if (!keeper_wants_text(keeper))
        return;
    top = &keeper->levels[keeper->depth - 1];
    keeper_set_value(keeper, top->want, top->node, (Value){VALUE_TEXT, text});
}

void
keeper_close(Keeper *keeper)
{
    if (keeper->skipped > 0)
        keeper->skipped--;
    else if (keeper->depth > 0)
        keeper->depth--;
}

Values
keeper_values(Keeper *keeper, const Want *want, size_t limit, bool *cut)
{
    size_t count = MIN(want->kept_count, limit);
    const Node *node = want->kept;
    Value *values;

    if (want->kept == NULL || want->kept_tree != keeper->tree)
        return (Values){NULL, 0};
    *cut = *cut || count < want->kept_count;
    if (count == 1)
        return (Values){&node->value, 1};
    values = ARENA_ARRAY(keeper->arena, Value, count);
    for (size_t i = 0; i < count; i++, node = node->alike)
        values[i] = node->value;
    return (Values){values, count};
}
