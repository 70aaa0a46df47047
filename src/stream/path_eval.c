#include "stream/path_eval.h"

#include "stream/path_steps.h"

typedef struct {
    const PathStep *steps;
    size_t step_count;
    PathMatches *matches;
} Eval;

static void eval_node(Eval *eval, const Node *node, size_t at);

static void
eval_add(Eval *eval, const Node *node)
{
    PathMatches *matches = eval->matches;

    if (node->kind == NODE_LIST) {
        for (const Node *item = node->first; item != NULL; item = item->next)
            eval_add(eval, item);
        return;
    }
    if (matches->nodes != NULL ? node->has_value && node->value.kind == VALUE_NULL : !node->has_value)
        return;
    if (matches->count == matches->limit) {
        matches->cut = true;
        return;
    }
    matches->count++;
    if (matches->nodes != NULL)
        g_ptr_array_add(matches->nodes, (gpointer)node);
    else
        g_array_append_val(matches->values, node->value);
}

static bool
filter_accepts(const PathStep *step, const Node *node, bool ignore_case)
{
    for (const Node *member = node->first; member != NULL; member = member->next) {
        if (!path_name_equal(member->name, step->name, ignore_case))
            continue;
        if (member->has_value && str_equal(member->value.text, step->text))
            return true;
        if (member->kind != NODE_LIST)
            continue;
        for (const Node *item = member->first; item != NULL; item = item->next)
            if (item->has_value && str_equal(item->value.text, step->text))
                return true;
    }
    return false;
}

bool
path_filter_accepts(const Path *path, size_t step, const Node *node, bool ignore_case)
{
    return filter_accepts(&path->steps[step], node, ignore_case);
}

/* The items among which a selector chooses: all members of one name, or the one node; a list stands for its items. */
typedef struct {
    const Node *from; /* the first candidate */
    bool is_single;   /* only it, not what follows */
    Str name;         /* of members; absent: all that follow */
    bool ignore_case;
} Group;

typedef bool (*ItemVisitor)(void *data, const Node *item);

static bool
group_visit(const Group *group, ItemVisitor visit, void *data)
{
    for (const Node *node = group->from; node != NULL; node = group->is_single ? NULL : node->next) {
        if (!group->is_single && !path_name_equal(node->name, group->name, group->ignore_case))
            continue;
        if (node->kind != NODE_LIST) {
            if (!visit(data, node))
                return false;
            continue;
        }
        for (const Node *item = node->first; item != NULL; item = item->next)
            if (!visit(data, item))
                return false;
    }
    return true;
}

static bool
count_item(void *data, const Node *item G_GNUC_UNUSED)
{
    ++*(int64_t *)data;
    return true;
}

typedef struct {
    Eval *eval;
    size_t selector;
    int64_t index; /* wanted, from the beginning */
    int64_t seen;
} Selection;

static bool
select_item(void *data, const Node *item)
{
    Selection *selection = data;
    const PathStep *step = &selection->eval->steps[selection->selector];

    switch (step->kind) {
    case STEP_INDEX:
        if (selection->seen++ != selection->index)
            return true;
        eval_node(selection->eval, item, selection->selector + 1);
        return false;
    case STEP_FILTER:
        if (filter_accepts(step, item, selection->eval->matches->ignore_case))
            eval_node(selection->eval, item, selection->selector + 1);
        return true;
    default:
        eval_node(selection->eval, item, selection->selector + 1);
        return true;
    }
}

static void
eval_selector(Eval *eval, const Group *group, size_t at)
{
    Selection selection = {eval, at, eval->steps[at].index, 0};

    if (eval->steps[at].kind == STEP_INDEX && selection.index < 0) {
        int64_t count = 0;

        group_visit(group, count_item, &count);
        selection.index += count;
        if (selection.index < 0)
            return;
    }
    group_visit(group, select_item, &selection);
}

static void
eval_member(Eval *eval, const Node *node, size_t at)
{
    bool ignore_case = eval->matches->ignore_case;

    if (node->kind == NODE_LIST) {
        for (const Node *item = node->first; item != NULL; item = item->next)
            eval_node(eval, item, at);
        return;
    }
    if (at + 1 < eval->step_count && path_step_selects(&eval->steps[at + 1])) {
        Group group = {node->first, false, eval->steps[at].name, ignore_case};

        eval_selector(eval, &group, at + 1);
        return;
    }
    for (const Node *member = node->first; member != NULL; member = member->next)
        if (path_name_equal(member->name, eval->steps[at].name, ignore_case))
            eval_node(eval, member, at + 1);
}

static void
eval_any(Eval *eval, const Node *node, size_t at)
{
    for (const Node *child = node->first; child != NULL; child = child->next)
        if (node->kind == NODE_LIST || path_step_names(&eval->steps[at], child->name, eval->matches->ignore_case))
            eval_node(eval, child, at + 1);
}

/* ** finds the member on every level below. Members are visited one by one, so that matches stay in document order. */
static void
eval_deep(Eval *eval, const Node *node, size_t at)
{
    bool is_last = at + 1 == eval->step_count, selects;

    if (is_last && node->kind != NODE_LIST)
        eval_add(eval, node);
    selects = at + 2 < eval->step_count && path_step_selects(&eval->steps[at + 2]);
    if (selects && node->kind != NODE_LIST)
        eval_member(eval, node, at + 1);
    for (const Node *child = node->first; child != NULL; child = child->next) {
        if (!is_last && !selects && node->kind != NODE_LIST &&
            path_name_equal(child->name, eval->steps[at + 1].name, eval->matches->ignore_case))
            eval_node(eval, child, at + 2);
        eval_deep(eval, child, at);
    }
}

static void
eval_node(Eval *eval, const Node *node, size_t at)
{
    if (at == eval->step_count) {
        eval_add(eval, node);
    } else if (eval->steps[at].kind == STEP_MEMBER) {
        eval_member(eval, node, at);
    } else if (eval->steps[at].kind == STEP_ANY) {
        eval_any(eval, node, at);
    } else if (eval->steps[at].kind == STEP_DEEP) {
        eval_deep(eval, node, at);
    } else {
        Group group = {node, true, STR_NONE, eval->matches->ignore_case};

        eval_selector(eval, &group, at);
    }
}

void
path_eval_rest(const Path *path, size_t step, const Node *node, PathMatches *matches)
{
    Eval eval = {path->steps, path->step_count, matches};

    eval_node(&eval, node, step);
}

void
path_eval(const Path *path, const Node *root, PathMatches *matches)
{
    if (root != NULL)
        path_eval_rest(path, 0, root, matches);
}

static bool
is_there(const PathStep *steps, size_t count, const Node *node, bool ignore_case)
{
    if (count == 0)
        return !node->has_value || node->value.kind != VALUE_NULL;
    for (const Node *child = node->first; child != NULL; child = child->next) {
        bool is_item = node->kind == NODE_LIST,
             fits = is_item || path_name_equal(child->name, steps->name, ignore_case);

        if (fits && is_there(is_item ? steps : steps + 1, is_item ? count : count - 1, child, ignore_case))
            return true;
    }
    return false;
}

bool
path_is_there(const Path *path, const Node *root, bool ignore_case)
{
    return root != NULL && is_there(path->steps, path->step_count, root, ignore_case);
}
