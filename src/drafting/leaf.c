#include "drafting/leaf.h"

#include "listings/text.h"
#include "stream/reader.h"

#define NAME_LIMIT_BYTES  120
#define INNER_LIMIT_BYTES ((size_t)64 * 1024)
#define INNER_TREE_BYTES  ((size_t)2 * 1024 * 1024)

void
leaves_init(Leaves *leaves, Arena *arena)
{
    *leaves =
        (Leaves){.arena = arena, .items = g_ptr_array_new(), .by_path = g_hash_table_new(g_str_hash, g_str_equal)};
}

void
leaves_clear(Leaves *leaves)
{
    if (leaves->items == NULL)
        return;
    for (guint i = 0; i < leaves->items->len; i++) {
        Leaf *leaf = leaves->items->pdata[i];

        g_array_unref(leaf->values);
        g_array_unref(leaf->firsts);
    }
    g_clear_pointer(&leaves->items, g_ptr_array_unref);
    g_clear_pointer(&leaves->by_path, g_hash_table_unref);
}

/* ---- names ---- */

static bool
needs_quotes(Str name)
{
    for (size_t i = 0; i < name.size; i++) {
        unsigned char c = (unsigned char)name.at[i];

        if (c < 0x80 && !g_ascii_isalnum((char)c) && strchr("_:-", (char)c) == NULL)
            return true;
    }
    return str_is(name, "or");
}

bool
path_add_member(GString *path, Str name)
{
    bool is_attribute =
        name.size > 1 && str_starts_with(name, STR("@")) && !needs_quotes(str_slice(name, 1, name.size));

    if (name.size == 0 || name.size > NAME_LIMIT_BYTES || str_find_char(name, '"') >= 0 ||
        str_find_char(name, '\\') >= 0)
        return false;
    for (size_t i = 0; i < name.size; i++)
        if (g_ascii_iscntrl(name.at[i]))
            return false;
    if (path->len > 0 && !is_attribute)
        g_string_append_c(path, '.');
    if (!is_attribute && needs_quotes(name))
        g_string_append_printf(path, "\"%.*s\"", STR_FORMAT(name));
    else
        str_append(path, name);
    return true;
}

const char *
name_fold(Str name, Arena *arena)
{
    g_autoptr(GString) folded = g_string_new(NULL);
    Str text = text_fold(arena, name);

    for (size_t i = 0; i < text.size; i++)
        if (!g_ascii_isspace(text.at[i]) && text.at[i] != '_')
            g_string_append_c(folded, text.at[i]);
    return arena_str(arena, str_of_gstring(folded)).at;
}

/* ---- collecting ---- */

typedef struct {
    Leaves *leaves;
    Columns columns;
    const GPtrArray *skip;
    guint skipped; /* of those, which come in their order */
    GString *path;
    const char *inner; /* of the JSON text that is looked into; NULL: none */
    const char *key, *parent;
    unsigned depth;
} Walk;

static Leaf *
find_leaf(Walk *walk)
{
    Leaves *leaves = walk->leaves;
    g_autofree char *path = walk->inner != NULL ? g_strdup_printf("%s | json('%s')", walk->inner, walk->path->str)
                                                : g_strdup(walk->path->len > 0 ? walk->path->str : ".");
    Leaf *leaf = g_hash_table_lookup(leaves->by_path, path);

    if (leaf != NULL || leaves->items->len >= LEAF_COUNT_LIMIT)
        return leaf;
    leaf = ARENA_NEW(leaves->arena, Leaf);
    *leaf = (Leaf){.path = arena_strdup(leaves->arena, str_of(path)),
                   .key = walk->key,
                   .parent = walk->parent,
                   .depth = walk->depth + (walk->inner != NULL ? 1 : 0),
                   .values = g_array_new(FALSE, FALSE, sizeof(Str)),
                   .firsts = g_array_new(FALSE, FALSE, sizeof(Str))};
    g_hash_table_insert(leaves->by_path, (char *)leaf->path, leaf);
    g_ptr_array_add(leaves->items, leaf);
    return leaf;
}

static void
leaf_take(Walk *walk, Str text)
{
    Leaf *leaf = find_leaf(walk);
    bool is_first;

    if (leaf == NULL || str_is_blank(text))
        return;
    is_first = leaf->record != walk->leaves->records;
    leaf->record = walk->leaves->records;
    leaf->in_record = is_first ? 1 : leaf->in_record + 1;
    leaf->most = MAX(leaf->most, leaf->in_record);
    leaf->filled += is_first;
    if (is_first)
        g_array_append_val(leaf->firsts, text);
    if (leaf->values->len < LEAF_VALUES_LIMIT)
        g_array_append_val(leaf->values, text);
}

static void walk_node(Walk *walk, const Node *node);

static bool
is_json(Str text)
{
    text = str_trim(text);
    return text.size > 2 && text.size <= INNER_LIMIT_BYTES &&
           ((text.at[0] == '{' && text.at[text.size - 1] == '}') || (text.at[0] == '[' && text.at[1] == '{'));
}

/* Texts of a tree that goes must live on. */
static void
keep_texts(Node *node, Arena *arena)
{
    node->value.text = arena_str(arena, node->value.text);
    node->name = arena_str(arena, node->name);
    for (Node *child = node->first; child != NULL; child = child->next)
        keep_texts(child, arena);
}

static void
walk_json(Walk *walk, Str text)
{
    static const ReaderEvents NO_EVENTS = {NULL, NULL};
    g_autoptr(Path) everything = path_parse(STR("**"), NULL);
    const Path *const paths[] = {everything};
    const ReaderSpec spec = {.format = STREAM_JSON,
                             .compression = STREAM_COMPRESSION_NONE,
                             .charset = "UTF-8",
                             .document = paths,
                             .document_count = 1,
                             .limits = {.record_bytes = INNER_TREE_BYTES, .depth = LEAF_DEPTH_LIMIT}};
    g_autoptr(Reader) reader = reader_new(&spec, &NO_EVENTS, NULL);
    g_autoptr(GString) path = g_string_new(NULL);
    Walk inner = *walk;
    Node *root;

    if (!reader_push(reader, text, NULL) || !reader_finish(reader, NULL))
        return;
    root = (Node *)(uintptr_t)reader_document_tree(reader);
    keep_texts(root, walk->leaves->arena);
    inner.inner = walk->path->str;
    inner.path = path;
    inner.columns = (Columns){0};
    walk_node(&inner, root);
}

static void
walk_member(Walk *walk, const Node *node, Str name)
{
    size_t length = walk->path->len;
    const char *key = walk->key, *parent = walk->parent;

    if (walk->depth < LEAF_DEPTH_LIMIT && !str_starts_with(name, STR("@xmlns")) && path_add_member(walk->path, name)) {
        walk->parent = key;
        walk->key = name_fold(name, walk->leaves->arena);
        walk->depth++;
        walk_node(walk, node);
        walk->depth--;
    }
    walk->key = key;
    walk->parent = parent;
    g_string_truncate(walk->path, length);
}

/* An item of a record that is a list: by its column's name, else by its number. */
static void
walk_cell(Walk *walk, const Node *node, size_t at)
{
    size_t length = walk->path->len;

    if (walk->columns.count > 0) {
        if (at < walk->columns.count)
            walk_member(walk, node, walk->columns.names[at]);
        return;
    }
    g_string_append_printf(walk->path, "[%" G_GSIZE_FORMAT "]", at);
    walk->depth++;
    walk_node(walk, node);
    walk->depth--;
    g_string_truncate(walk->path, length);
}

static void
walk_node(Walk *walk, const Node *node)
{
    bool is_row = walk->depth == 0 && walk->inner == NULL && node->kind == NODE_LIST;
    size_t at = 0;

    if (walk->skip != NULL && walk->skipped < walk->skip->len && node == walk->skip->pdata[walk->skipped]) {
        walk->skipped++;
        return;
    }
    if (walk->leaves->items->len >= LEAF_COUNT_LIMIT && node->kind != NODE_SCALAR)
        return;
    if (node->has_value && (node->kind == NODE_SCALAR || !str_is_blank(node->value.text))) {
        if (walk->inner == NULL && node->value.kind == VALUE_TEXT && is_json(node->value.text))
            walk_json(walk, node->value.text);
        leaf_take(walk, node->value.kind == VALUE_NULL ? STR_NONE : node->value.text);
    }
    for (const Node *child = node->first; child != NULL; child = child->next, at++) {
        if (is_row)
            walk_cell(walk, child, at);
        else if (node->kind == NODE_LIST)
            walk_node(walk, child);
        else
            walk_member(walk, child, child->name);
    }
}

void
leaves_add_record(Leaves *leaves, const Node *record, Columns columns, const GPtrArray *skip)
{
    g_autoptr(GString) path = g_string_new(NULL);
    Walk walk = {.leaves = leaves, .columns = columns, .skip = skip, .path = path, .key = "", .parent = ""};

    if (leaves->records >= LEAF_RECORDS_LIMIT)
        return;
    leaves->records++;
    walk_node(&walk, record);
}
