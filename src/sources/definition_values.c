/* Loading `values`: what is computed from the question, the parameters and the secrets. */
#include "sources/definition.h"

#include "sources/computed.h"

static const struct {
    const char *name;
    GChecksumType type;
} SUMS[] = {{"md5", G_CHECKSUM_MD5},
            {"sha1", G_CHECKSUM_SHA1},
            {"sha256", G_CHECKSUM_SHA256},
            {"sha384", G_CHECKSUM_SHA384},
            {"sha512", G_CHECKSUM_SHA512}};

/* The map of a signature has a text; any other is a choice. */
static bool
is_signature(const YamlNode *node)
{
    return node->kind == YAML_MAPPING && yaml_find(node, "by") == NULL;
}

static void
load_sum(DefinitionLoader *loader, const YamlNode *node, const char *key, ComputedKind kind, Computed *computed)
{
    Str name = yaml_get_text(node, VALUE_KEYS, key);

    if (name.at == NULL)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(SUMS); i++) {
        if (str_is(name, SUMS[i].name)) {
            computed->kind = kind;
            computed->checksum = SUMS[i].type;
            return;
        }
    }
    yaml_mistake(loader->mistakes, yaml_find(node, key), key, "must be md5, sha1, sha256, sha384 or sha512");
}

static void
load_form(DefinitionLoader *loader, const YamlNode *node, Computed *computed)
{
    static const struct {
        const char *name;
        ComputedForm form;
    } FORMS[] = {{"hex", COMPUTED_HEX},
                 {"HEX", COMPUTED_HEX_UPPER},
                 {"base64", COMPUTED_BASE64},
                 {"base64url", COMPUTED_BASE64URL}};
    Str name = yaml_get_text(node, VALUE_KEYS, "as");

    for (size_t i = 0; i < G_N_ELEMENTS(FORMS); i++) {
        if (str_is(name, FORMS[i].name)) {
            computed->form = FORMS[i].form;
            return;
        }
    }
    yaml_mistake(loader->mistakes, yaml_find(node, "as"), "as", "must be hex, HEX, base64 or base64url");
}

static void
load_pairs(DefinitionLoader *loader, const YamlNode *node, Computed *computed)
{
    Str pairs = yaml_get_text(node, VALUE_KEYS, "pairs");

    computed->between = arena_str(loader->arena, yaml_get_text(node, VALUE_KEYS, "between"));
    computed->join = arena_str(loader->arena, yaml_get_text(node, VALUE_KEYS, "join"));
    computed->encoded = yaml_get_boolean(node, VALUE_KEYS, "encoded");
    if (str_is(pairs, "query"))
        computed->pairs = PAIRS_QUERY;
    else if (str_is(pairs, "form"))
        computed->pairs = PAIRS_FORM;
    else if (pairs.at != NULL)
        yaml_mistake(loader->mistakes, yaml_find(node, "pairs"), "pairs", "must be query or form");
}

static void
load_signature(DefinitionLoader *loader, const YamlNode *node, Computed *computed)
{
    const YamlNode *hash = yaml_find(node, "hash"), *hmac = yaml_find(node, "hmac");

    yaml_check(node, VALUE_KEYS, loader->mistakes);
    load_pairs(loader, node, computed);
    load_form(loader, node, computed);
    load_sum(loader, node, "hash", COMPUTED_HASH, computed);
    load_sum(loader, node, "hmac", COMPUTED_HMAC, computed);
    loader->scope.pairs = computed->pairs != PAIRS_NONE;
    computed->text = definition_load_template(loader, node, "text");
    loader->scope.pairs = false;
    computed->key = definition_load_template(loader, node, "key");
    if (hash != NULL && hmac != NULL)
        yaml_mistake(loader->mistakes, hmac, "hmac", "hash and hmac exclude each other");
    else if ((hmac != NULL) != (yaml_find(node, "key") != NULL))
        yaml_mistake(loader->mistakes, node, "key", "hmac and key need each other");
}

static bool
name_is_free(const DefinitionLoader *loader, const char *name)
{
    int variable;

    return !variable_find(str_of(name), loader->scope.parameters, &variable);
}

void
definition_load_values(DefinitionLoader *loader, Parameter *parameters)
{
    static const char *const ANYTHING[] = {NULL};
    const YamlNode *map = yaml_find(loader->root, "values");

    for (size_t i = 0; map != NULL && map->kind == YAML_MAPPING && i < map->count; i++) {
        const char *name = map->pairs[i].key->text.at;
        const YamlNode *node = map->pairs[i].value;
        size_t count = loader->scope.parameters.count;
        Computed *computed = ARENA_NEW(loader->arena, Computed);

        computed->variable = VARIABLE_PARAMETER + (int)count;
        if (!name_is_free(loader, name))
            yaml_mistake(loader->mistakes, map->pairs[i].key, name, "is a placeholder already");
        if (is_signature(node))
            load_signature(loader, node, computed);
        else
            computed->text = template_of_node(node, name, &loader->scope, loader->arena, loader->mistakes);
        parameters[count] = (Parameter){.name = name, .one_of = ANYTHING, .computed = computed};
        loader->scope.parameters = (Parameters){parameters, count + 1};
    }
    loader->source->parameters = loader->scope.parameters;
}
