#include "stream/field_finder.h"

#include "stream/path_eval.h"
#include "stream/path_steps.h"

static void
plan_ancestor(FieldFinder *finder, const ReaderLimits *limits, const Path *path)
{
    if (finder->ancestors == NULL)
        finder->ancestors = ancestors_new(limits, finder->spec->xml_ignore_case);
    ancestors_add(finder->ancestors, path);
}

void
field_finder_init(FieldFinder *finder, const ReaderSpec *spec, const ReaderLimits *limits, Keeper *record,
                  Keeper *document)
{
    *finder = (FieldFinder){.spec = spec,
                            .values_limit = limits->field_values,
                            .record = record,
                            .document = document,
                            .wants = g_new0(const Want *, spec->field_count + 1),
                            .fields = g_new0(Values, spec->field_count + 1),
                            .of_item = g_new0(bool, spec->field_count + 1),
                            .rests = g_new0(size_t, spec->field_count + 1),
                            .matches = g_array_new(FALSE, FALSE, sizeof(Value)),
                            .items = g_ptr_array_new()};
    for (size_t i = 0; i < spec->field_count; i++) {
        const Path *path = spec->fields[i];

        if (path->up > 0)
            plan_ancestor(finder, limits, path);
        else if (path->from_document)
            want_trie_add(&document->wants, path);
        else
            finder->wants[i] = want_trie_add(&record->wants, path);
        if (spec->for_each != NULL)
            finder->of_item[i] = path_leads_on(path, spec->for_each, &finder->rests[i]);
    }
    if (spec->for_each != NULL)
        want_trie_add(&record->wants, spec->for_each);
}

void
field_finder_clear(FieldFinder *finder)
{
    ancestors_free(finder->ancestors);
    g_free(finder->wants);
    g_free(finder->fields);
    g_free(finder->of_item);
    g_free(finder->rests);
    g_array_unref(finder->matches);
    g_ptr_array_unref(finder->items);
}

static PathMatches
begin_matches(FieldFinder *finder)
{
    g_array_set_size(finder->matches, 0);
    return (PathMatches){
        .ignore_case = finder->spec->xml_ignore_case, .limit = finder->values_limit, .values = finder->matches};
}

static Values
end_matches(const FieldFinder *finder, const PathMatches *matches, Arena *arena, bool *cut)
{
    *cut = *cut || matches->cut;
    return (Values){arena_items(arena, finder->matches), finder->matches->len};
}

Values
field_finder_eval(FieldFinder *finder, const Path *path, const Node *root, Arena *arena, bool *cut)
{
    PathMatches matches = begin_matches(finder);

    path_eval(path, root, &matches);
    return end_matches(finder, &matches, arena, cut);
}

/* Where a path begins. */
static const Node *
root_of(const FieldFinder *finder, const Path *path, bool *cut)
{
    if (path->up > 0)
        return ancestors_root(finder->ancestors, path->up, cut);
    return path->from_document ? finder->document->root : finder->record->root;
}

static void
find_items(FieldFinder *finder, bool *cut)
{
    PathMatches matches = begin_matches(finder);

    g_ptr_array_set_size(finder->items, 0);
    matches.nodes = finder->items;
    path_eval(finder->spec->for_each, finder->record->root, &matches);
    *cut = *cut || matches.cut;
}

void
field_finder_find(FieldFinder *finder, bool *cut)
{
    if (finder->spec->for_each != NULL)
        find_items(finder, cut);
    for (size_t i = 0; i < finder->spec->field_count; i++) {
        const Path *path = finder->spec->fields[i];

        if (finder->of_item[i] && finder->items->len > 0)
            continue;
        finder->fields[i] =
            finder->wants[i] != NULL
                ? keeper_values(finder->record, finder->wants[i], finder->values_limit, cut)
                : field_finder_eval(finder, path, root_of(finder, path, cut), finder->record->arena, cut);
    }
}

void
field_finder_find_item(FieldFinder *finder, size_t item, bool *cut)
{
    const Node *node = g_ptr_array_index(finder->items, item);

    for (size_t i = 0; i < finder->spec->field_count; i++) {
        PathMatches matches;

        if (!finder->of_item[i])
            continue;
        matches = begin_matches(finder);
        path_eval_rest(finder->spec->fields[i], finder->rests[i], node, &matches);
        finder->fields[i] = end_matches(finder, &matches, finder->record->arena, cut);
    }
}
