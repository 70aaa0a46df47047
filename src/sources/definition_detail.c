/* Loading the second step: what is asked about each listing of an answer. */
#include "sources/definition.h"

#define DETAIL_LIMIT_SEARCH 20

/* What a detail does not say itself stays as the first step said it; a listing cannot do without these two. */
static const struct {
    const char *field, *text;
} KEPT[] = {{"title", "= {item_title}"}, {"url", "= {item_url}"}};

static const YamlNode *
new_scalar(Arena *arena, const YamlNode *place, const char *text)
{
    YamlNode *node = ARENA_NEW(arena, YamlNode);

    *node = (YamlNode){
        .kind = YAML_SCALAR, .file = place->file, .line = place->line, .column = place->column, .text = str_of(text)};
    return node;
}

/* The fields as they are written, with the two that are left out. */
static const YamlNode *
complete_fields(DefinitionLoader *loader, const YamlNode *listing)
{
    YamlNode *complete = ARENA_NEW(loader->arena, YamlNode);
    YamlPair *pairs = ARENA_ARRAY(loader->arena, YamlPair, listing->count + G_N_ELEMENTS(KEPT));

    *complete = *listing;
    if (listing->count > 0)
        memcpy(pairs, listing->pairs, listing->count * sizeof *pairs);
    for (size_t i = 0; i < G_N_ELEMENTS(KEPT); i++) {
        if (yaml_find(listing, KEPT[i].field) != NULL)
            continue;
        pairs[complete->count++] = (YamlPair){new_scalar(loader->arena, listing, KEPT[i].field),
                                              new_scalar(loader->arena, listing, KEPT[i].text)};
    }
    complete->pairs = pairs;
    return complete;
}

/* The same mapping with its `listing` completed, which is what the loader of fields looks at. */
static const YamlNode *
with_complete_fields(DefinitionLoader *loader, const YamlNode *node)
{
    YamlNode *copy = ARENA_NEW(loader->arena, YamlNode);
    YamlPair *pairs = ARENA_ARRAY(loader->arena, YamlPair, node->count + 1);

    *copy = *node;
    memcpy(pairs, node->pairs, node->count * sizeof *pairs);
    for (size_t i = 0; i < node->count; i++) {
        if (str_is(pairs[i].key->text, "listing") && pairs[i].value->kind == YAML_MAPPING)
            pairs[i].value = complete_fields(loader, pairs[i].value);
    }
    copy->pairs = pairs;
    return copy;
}

void
definition_load_detail(DefinitionLoader *loader, const YamlNode *node, Operation *operation)
{
    const YamlNode *map = yaml_find(node, "detail");
    Operation *detail;

    if (map == NULL)
        return;
    if (map->kind != YAML_MAPPING || (operation->kind != OPERATION_SEARCH && operation->kind != OPERATION_FEED)) {
        yaml_mistake(loader->mistakes, map, "detail", "must be a map, of a search or feed");
        return;
    }
    yaml_check(map, DETAIL_KEYS, loader->mistakes);
    detail = definition_new_operation(loader, OPERATION_DETAIL, "detail");
    detail->timeout_us = yaml_get_duration_us(map, DETAIL_KEYS, "timeout");
    detail->size_limit_bytes = (uint64_t)yaml_get_integer(map, DETAIL_KEYS, "size_limit_mib") << 20;
    detail->redirects = (unsigned)yaml_get_integer(map, DETAIL_KEYS, "redirects");
    detail->zone = operation->zone != NULL ? g_time_zone_ref(operation->zone) : NULL;
    detail->numbers = operation->numbers;
    operation->detail = detail;
    operation->detail_limit = yaml_get_integer(map, DETAIL_KEYS, "limit");
    if (operation->detail_limit == 0 && operation->kind == OPERATION_SEARCH)
        operation->detail_limit = DETAIL_LIMIT_SEARCH;
    operation->detail_concurrency = (unsigned)yaml_get_integer(map, DETAIL_KEYS, "concurrency");
    loader->scope.item = true;
    definition_load_request(loader, map, detail);
    definition_load_answer(loader, map, detail);
    definition_load_fields(loader, with_complete_fields(loader, map), detail);
    loader->scope.item = false;
    definition_finish_reader(detail);
}
