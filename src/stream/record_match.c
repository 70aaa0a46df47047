#include "stream/record_match.h"

#include "stream/path_steps.h"

static uint32_t
bit(size_t i)
{
    return UINT32_C(1) << i;
}

bool
record_match_check(const Path *path, GError **error)
{
    if (path != NULL && path->up > 0)
        return weir_fail(error, WEIR_ERROR_INVALID, "path \"%s\" can't name records: nothing encloses the document",
                         path->text);
    for (size_t i = 0; path != NULL && i < path->step_count; i++) {
        const PathStep *step = &path->steps[i];

        if (step->kind == STEP_INDEX && step->index < 0)
            return weir_fail(error, WEIR_ERROR_INVALID,
                             "path \"%s\" can't name records: the last item is not known while reading", path->text);
        if (step->kind == STEP_FILTER && i + 1 < path->step_count)
            return weir_fail(error, WEIR_ERROR_INVALID,
                             "path \"%s\" can't name records: a filter may stand only at its end", path->text);
    }
    return true;
}

static uint32_t
step_into_item(const Path *path, size_t at, uint64_t item)
{
    if (at == path->step_count)
        return bit(at);
    switch (path->steps[at].kind) {
    case STEP_INDEX:
        return (uint64_t)path->steps[at].index == item ? bit(at + 1) : 0;
    case STEP_ANY:
    case STEP_EACH:
    case STEP_FILTER:
        return bit(at + 1);
    case STEP_MEMBER:
    case STEP_DEEP:
        return bit(at);
    }
    g_assert_not_reached();
}

static uint32_t
step_into_member(const Path *path, size_t at, Str name, bool ignore_case, bool *took_step)
{
    if (at == path->step_count)
        return 0;
    if (path->steps[at].kind == STEP_DEEP)
        return bit(at);
    if (!path_step_names(&path->steps[at], name, ignore_case))
        return 0;
    *took_step = true;
    return bit(at + 1);
}

/* Steps that a node takes by standing where it stands: ** also means no level, and a node that is no list is the only
 * item of its list, or one of several members of its name. */
static uint32_t
step_in_place(const Path *path, uint32_t positions, NodeKind kind, uint64_t ordinal)
{
    for (size_t at = 0; at < path->step_count; at++) {
        const PathStep *step = &path->steps[at];

        if ((positions & bit(at)) == 0)
            continue;
        if (step->kind == STEP_DEEP)
            positions |= bit(at + 1);
        else if (kind != NODE_LIST && (step->kind == STEP_EACH || step->kind == STEP_FILTER))
            positions |= bit(at + 1);
        else if (kind != NODE_LIST && step->kind == STEP_INDEX && (uint64_t)step->index == ordinal)
            positions |= bit(at + 1);
    }
    return positions;
}

RecordLevel
record_match_enter(const Path *path, RecordLevel *parent, Str name, NodeKind kind, bool ignore_case)
{
    RecordLevel level = {.kind = kind};
    uint64_t ordinal = 0;
    bool took_step = false;

    if (parent == NULL) {
        level.positions = bit(0);
    } else {
        uint64_t item = parent->items++;

        for (size_t at = 0; at <= path->step_count && (parent->positions >> at) != 0; at++) {
            if ((parent->positions & bit(at)) == 0)
                continue;
            if (parent->kind == NODE_LIST)
                level.positions |= step_into_item(path, at, item);
            else
                level.positions |= step_into_member(path, at, name, ignore_case, &took_step);
        }
    }
    if (took_step)
        ordinal = parent->matched++;
    level.positions = step_in_place(path, level.positions, kind, ordinal);
    return level;
}

bool
record_match_accepts(const Path *path, const RecordLevel *level)
{
    size_t count = path->step_count;

    if ((level->positions & bit(count)) == 0)
        return false;
    return count == 0 || level->kind != NODE_LIST || path_step_selects(&path->steps[count - 1]) ||
           path->steps[count - 1].kind == STEP_ANY;
}
