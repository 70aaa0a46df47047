/* Loading parameters and secrets: what the file, an instance and the configuration say of them. */
#include "sources/definition.h"

static void
disable(Source *source, const char *need)
{
    source->disabled = source->disabled == NULL ? arena_printf(source->arena, "needs %s", need).at
                                                : arena_printf(source->arena, "%s, %s", source->disabled, need).at;
}

/* The value that wins: the configuration's, the instance's, the default. */
static const char *
parameter_value(const SourceSetSpec *spec, Source *source, const YamlPair *pair, const YamlNode *instance)
{
    const char *name = pair->key->text.at;
    const char *set = spec->parameter != NULL ? spec->parameter(spec->data, source->name, name) : NULL;
    const YamlNode *own = yaml_find(instance, name);

    if (set != NULL)
        return arena_strdup(source->arena, str_of(set));
    if (own != NULL && own->kind == YAML_SCALAR)
        return arena_strdup(source->arena, own->text);
    return arena_strdup(source->arena, yaml_get_text(pair->value, PARAMETER_KEYS, "default"));
}

/* A value "${NAME}" stands where secrets do, and is one: the address that a partner gives us may hold a key. */
static void
resolve_secret(const SourceSetSpec *spec, Source *source, Parameter *parameter)
{
    Str text = str_of(parameter->value), variable;
    const char *name, *value;

    if (!str_starts_with(text, STR("${")) || !str_ends_with(text, STR("}")))
        return;
    variable = str_slice(text, 2, text.size - 1);
    name = arena_strdup(source->arena, variable);
    value = spec->secret != NULL ? spec->secret(spec->data, name) : NULL;
    parameter->secret = true;
    parameter->value = value != NULL && *value != '\0' ? arena_strdup(source->arena, str_of(value)) : NULL;
    if (parameter->value == NULL)
        disable(source, name);
}

/* The number of pairs of a mapping; anything else has been complained about. */
static size_t
count_pairs(DefinitionLoader *loader, const char *key)
{
    const YamlNode *map = yaml_find(loader->root, key);

    if (map != NULL && map->kind != YAML_MAPPING)
        yaml_mistake(loader->mistakes, map, key, "must be a map of names to values");
    return map != NULL && map->kind == YAML_MAPPING ? map->count : 0;
}

/* Returns the parameters with room behind them for `values`. */
Parameter *
definition_load_parameters(DefinitionLoader *loader, const SourceSetSpec *spec, const YamlNode *instance)
{
    const YamlNode *map = yaml_find(loader->root, "parameters");
    size_t count = count_pairs(loader, "parameters");
    Source *source = loader->source;
    Parameter *parameters = ARENA_ARRAY(source->arena, Parameter, count + count_pairs(loader, "values") + 1);

    for (size_t i = 0; i < count; i++) {
        const YamlPair *pair = &map->pairs[i];
        Parameter *parameter = &parameters[i];

        parameter->name = pair->key->text.at;
        parameter->one_of = yaml_texts(yaml_find(pair->value, "one_of"), source->arena);
        parameter->value = parameter_value(spec, source, pair, instance);
        resolve_secret(spec, source, parameter);
        if (parameter->value != NULL && parameter->one_of[0] != NULL &&
            !g_strv_contains(parameter->one_of, parameter->value))
            yaml_mistake(loader->mistakes, pair->value, parameter->name, "\"%s\" is not among its one_of",
                         parameter->secret ? "***" : parameter->value);
        if (parameter->value == NULL && !parameter->secret && yaml_get_boolean(pair->value, PARAMETER_KEYS, "required"))
            disable(source, arena_printf(source->arena, "parameter %s", parameter->name).at);
    }
    source->parameters = (Parameters){parameters, count};
    return parameters;
}

/* What an instance may say beside its parameters. */
static const char *const INSTANCE_WORDS[] = {"secrets", "countries", NULL};

/* The secrets of an instance are called as in the file, and stand in variables of their own. */
static void
check_instance_secrets(DefinitionLoader *loader, const YamlNode *secrets)
{
    const char *const *names = yaml_texts(yaml_find(loader->root, "secrets"), loader->arena);

    if (secrets != NULL && secrets->kind != YAML_MAPPING) {
        yaml_mistake(loader->mistakes, secrets, "secrets", "must be a map of the file's secrets to variables");
        return;
    }
    for (size_t i = 0; secrets != NULL && i < secrets->count; i++) {
        const YamlNode *key = secrets->pairs[i].key;

        if (!g_strv_contains(names, key->text.at))
            yaml_mistake(loader->mistakes, key, key->text.at, "is none of the secrets");
    }
}

void
definition_check_instance(DefinitionLoader *loader, const YamlNode *instance)
{
    const YamlNode *map = yaml_find(loader->root, "parameters");

    if (instance != NULL && instance->kind != YAML_MAPPING) {
        yaml_mistake(loader->mistakes, instance, "instances", "must be a map of parameters to values");
        return;
    }
    for (size_t i = 0; instance != NULL && i < instance->count; i++) {
        const YamlNode *key = instance->pairs[i].key;

        if (yaml_find(map, key->text.at) == NULL && !g_strv_contains(INSTANCE_WORDS, key->text.at))
            yaml_mistake(loader->mistakes, key, key->text.at, "is none of the parameters, nor secrets or countries");
    }
    check_instance_secrets(loader, yaml_find(instance, "secrets"));
}

/* The environment variable in which a secret of the file stands. */
static const char *
secret_variable(const YamlNode *instance, const char *name, Arena *arena)
{
    const YamlNode *own = yaml_find(yaml_find(instance, "secrets"), name);

    return own != NULL && own->kind == YAML_SCALAR ? arena_strdup(arena, own->text) : name;
}

void
definition_load_secrets(DefinitionLoader *loader, const SourceSetSpec *spec, const YamlNode *instance)
{
    Source *source = loader->source;
    const char **values;
    size_t count = 0;

    source->secret_names = yaml_texts(yaml_find(loader->root, "secrets"), source->arena);
    while (source->secret_names[count] != NULL)
        count++;
    values = ARENA_ARRAY(source->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        const char *variable = secret_variable(instance, source->secret_names[i], source->arena);
        const char *value = spec->secret != NULL ? spec->secret(spec->data, variable) : NULL;

        values[i] = value != NULL && *value != '\0' ? arena_strdup(source->arena, str_of(value)) : NULL;
        if (values[i] == NULL)
            disable(source, variable);
    }
    source->secret_values = values;
    source->secret_count = count;
}
