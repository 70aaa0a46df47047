/* Loading what is asked: URL, query, headers, bodies and credentials. */
#include "sources/definition.h"

#define BODY_DEPTH_LIMIT 12

static const Template *
load_template(DefinitionLoader *loader, const YamlNode *node, const char *key)
{
    return template_of_node(node, key, &loader->scope, loader->arena, loader->mistakes);
}

void
assignments_add(GArray *assignments, const char *name, const Template *value)
{
    Assignment assignment = {name, value};

    if (value != NULL)
        g_array_append_val(assignments, assignment);
}

const Template *
definition_load_template(DefinitionLoader *loader, const YamlNode *map, const char *key)
{
    const YamlNode *node = yaml_find(map, key);

    return node == NULL ? NULL : load_template(loader, node, key);
}

Assignments
definition_load_assignments(DefinitionLoader *loader, const YamlNode *map, const char *key)
{
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(Assignment));

    if (map == NULL)
        return (Assignments){NULL, 0};
    if (map->kind != YAML_MAPPING) {
        yaml_mistake(loader->mistakes, map, key, "must be a map of names to values");
        return (Assignments){NULL, 0};
    }
    for (size_t i = 0; i < map->count; i++) {
        const char *name = map->pairs[i].key->text.at;
        const YamlNode *value = map->pairs[i].value;

        if (value->kind != YAML_SEQUENCE) {
            assignments_add(found, name, load_template(loader, value, name));
            continue;
        }
        for (size_t j = 0; j < value->count; j++)
            assignments_add(found, name, load_template(loader, value->items[j], name));
    }
    return (Assignments){arena_items(loader->arena, found), found->len};
}

static bool
is_raw_json(const YamlNode *node)
{
    int64_t micros;

    if (!node->plain)
        return false;
    return node->text.at == NULL || str_is(node->text, "true") || str_is(node->text, "false") ||
           money_parse(node->text, NUMBER_STYLE_PLAIN, &micros, NULL);
}

static BodyNode *load_body(DefinitionLoader *loader, const YamlNode *node, unsigned depth);

static void
load_body_items(DefinitionLoader *loader, const YamlNode *node, BodyNode *body, unsigned depth)
{
    body->items = ARENA_ARRAY(loader->arena, const BodyNode *, node->count + 1);
    body->names = ARENA_ARRAY(loader->arena, const char *, node->count + 1);
    for (size_t i = 0; i < node->count; i++) {
        const YamlNode *item = node->kind == YAML_MAPPING ? node->pairs[i].value : node->items[i];
        const BodyNode *loaded = load_body(loader, item, depth + 1);

        if (loaded == NULL)
            continue;
        if (node->kind == YAML_MAPPING)
            body->names[body->count] = node->pairs[i].key->text.at;
        body->items[body->count++] = loaded;
    }
}

/* A map whose "by" is a placeholder chooses a value; any other map is an object of the body. */
static bool
is_choice(const YamlNode *node)
{
    const YamlNode *by = yaml_find(node, "by");

    return by != NULL && by->kind == YAML_SCALAR && str_starts_with(by->text, STR("{"));
}

static BodyNode *
load_body(DefinitionLoader *loader, const YamlNode *node, unsigned depth)
{
    BodyNode *body = ARENA_NEW(loader->arena, BodyNode);

    if (depth > BODY_DEPTH_LIMIT) {
        yaml_mistake(loader->mistakes, node, "json", "is nested too deeply");
        return NULL;
    }
    if (node->kind == YAML_SCALAR && is_raw_json(node)) {
        body->kind = BODY_RAW;
        body->raw = node->text.at != NULL ? node->text : STR("null");
    } else if (node->kind == YAML_SCALAR || is_choice(node)) {
        body->kind = BODY_TEXT;
        body->text = load_template(loader, node, "json");
        if (body->text == NULL)
            return NULL;
    } else {
        body->kind = node->kind == YAML_MAPPING ? BODY_MAP : BODY_LIST;
        load_body_items(loader, node, body, depth);
    }
    return body;
}

static const YamlKey GRAPHQL_KEYS[] = {
    {.name = "query", .type = YAML_TEXT, .required = true},
    {.name = "variables", .type = YAML_ANY},
    {.name = NULL},
};

/* The query's own braces are no placeholders: what changes goes into the variables. */
static BodyNode *
load_graphql(DefinitionLoader *loader, const YamlNode *node)
{
    const YamlNode *query = yaml_find(node, "query"), *variables = yaml_find(node, "variables");
    BodyNode *body = ARENA_NEW(loader->arena, BodyNode), *text = ARENA_NEW(loader->arena, BodyNode);

    yaml_check(node, GRAPHQL_KEYS, loader->mistakes);
    if (query == NULL || query->kind != YAML_SCALAR)
        return NULL;
    *text = (BodyNode){.kind = BODY_LITERAL, .raw = query->text};
    *body = (BodyNode){.kind = BODY_MAP,
                       .names = ARENA_ARRAY(loader->arena, const char *, 2),
                       .items = ARENA_ARRAY(loader->arena, const BodyNode *, 2)};
    body->names[0] = "query";
    body->items[body->count++] = text;
    if (variables == NULL)
        return body;
    body->names[1] = "variables";
    body->items[1] = load_body(loader, variables, 1);
    body->count += body->items[1] != NULL;
    return body;
}

static const Template *
load_xml(DefinitionLoader *loader, const YamlNode *node)
{
    g_autoptr(GError) error = NULL;
    const Template *template = NULL;

    if (node->kind != YAML_SCALAR)
        yaml_mistake(loader->mistakes, node, "xml", "must be a text");
    else if ((template = template_parse(node->text, TEMPLATE_XML, &loader->scope, loader->arena, &error)) == NULL)
        yaml_mistake(loader->mistakes, node, "xml", "%s", error->message);
    return template;
}

/* At most one of json, graphql, form and xml, and only where something is posted. */
static void
load_request_body(DefinitionLoader *loader, const YamlNode *node, Operation *operation)
{
    static const char *const KINDS[] = {"json", "graphql", "form", "xml"};
    const YamlNode *json = yaml_find(node, "json"), *graphql = yaml_find(node, "graphql"),
                   *xml = yaml_find(node, "xml"), *first = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(KINDS); i++) {
        const YamlNode *body = yaml_find(node, KINDS[i]);

        if (body != NULL && first != NULL)
            yaml_mistake(loader->mistakes, body, KINDS[i], "json, graphql, form and xml exclude each other");
        if (body != NULL && yaml_find(node, "post") == NULL)
            yaml_mistake(loader->mistakes, body, KINDS[i], "needs post");
        first = first == NULL ? body : first;
    }
    operation->form = definition_load_assignments(loader, yaml_find(node, "form"), "form");
    if (xml != NULL)
        operation->xml = load_xml(loader, xml);
    if (json != NULL)
        operation->body = load_body(loader, json, 0);
    if (graphql != NULL)
        operation->body = load_graphql(loader, graphql);
}

void
definition_load_url(DefinitionLoader *loader, const YamlNode *node, const char *key, Operation *operation)
{
    g_autoptr(GError) error = NULL;

    if (!str_starts_with(node->text, STR("https://")) && !str_starts_with(node->text, STR("http://")) &&
        !str_starts_with(node->text, STR("{")) && !str_starts_with(node->text, STR("${"))) {
        yaml_mistake(loader->mistakes, node, key, "must begin with https:// or http://, not \"%.*s\"",
                     STR_FORMAT(str_slice(node->text, 0, 60)));
        return;
    }
    operation->url = template_parse(node->text, TEMPLATE_URL, &loader->scope, loader->arena, &error);
    if (operation->url == NULL)
        yaml_mistake(loader->mistakes, node, key, "%s", error->message);
}

static void
load_method(DefinitionLoader *loader, const YamlNode *node, Operation *operation)
{
    const YamlNode *get = yaml_find(node, "get"), *post = yaml_find(node, "post");
    bool upload = yaml_get_boolean(node, OPERATION_KEYS, "upload");

    if (get != NULL && post != NULL)
        yaml_mistake(loader->mistakes, post, "post", "get and post exclude each other");
    else if (get == NULL && post == NULL && !upload)
        yaml_mistake(loader->mistakes, node, "get", "get or post is missing");
    else if ((get != NULL && get->kind == YAML_SCALAR) || (post != NULL && post->kind == YAML_SCALAR)) {
        operation->method = get != NULL ? "GET" : "POST";
        definition_load_url(loader, get != NULL ? get : post, get != NULL ? "get" : "post", operation);
    }
}

void
definition_load_request(DefinitionLoader *loader, const YamlNode *node, Operation *operation)
{
    /* First, since what a login gives may be named anywhere in the request. */
    definition_load_auth(loader, node, operation);
    load_method(loader, node, operation);
    operation->query = definition_load_assignments(loader, yaml_find(node, "query"), "query");
    operation->headers = definition_load_assignments(loader, yaml_find(node, "headers"), "headers");
    load_request_body(loader, node, operation);
    loader->scope.token = false;
}
