/* Loading the second step: what is asked about each listing of an answer. */
#include "sources/definition.h"

#define DETAIL_LIMIT_SEARCH 20

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
    detail->relative_to = operation;
    detail->hosts = yaml_texts(yaml_find(map, "hosts"), loader->arena);
    operation->detail = detail;
    operation->detail_limit = yaml_get_integer(map, DETAIL_KEYS, "limit");
    if (operation->detail_limit == 0 && operation->kind == OPERATION_SEARCH)
        operation->detail_limit = DETAIL_LIMIT_SEARCH;
    operation->detail_concurrency = (unsigned)yaml_get_integer(map, DETAIL_KEYS, "concurrency");
    loader->scope.item = true;
    definition_load_request(loader, map, detail);
    definition_load_answer(loader, map, detail);
    definition_load_fields(loader, map, detail);
    loader->scope.item = false;
    definition_finish_reader(detail);
}
