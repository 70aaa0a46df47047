/* Loading the rules that say what an answer means. */
#include "sources/definition.h"

static bool
parse_rule_status(Str text, AnswerStatus *ret_status)
{
    static const struct {
        const char *name;
        AnswerStatus status;
    } NAMES[] = {{"credential", ANSWER_CREDENTIAL},
                 {"quota", ANSWER_QUOTA},
                 {"transient", ANSWER_TRANSIENT},
                 {"permanent", ANSWER_PERMANENT},
                 {"empty", ANSWER_EMPTY}};

    for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++) {
        if (str_is(text, NAMES[i].name)) {
            *ret_status = NAMES[i].status;
            return true;
        }
    }
    return false;
}

const int64_t *
definition_load_statuses(DefinitionLoader *loader, const YamlNode *map, const char *key, int64_t least,
                         size_t *ret_count)
{
    const YamlNode *node = yaml_find(map, key);
    const char *const *texts = yaml_texts(node, loader->arena);
    size_t count = 0;
    int64_t *statuses;

    while (texts[count] != NULL)
        count++;
    statuses = ARENA_ARRAY(loader->arena, int64_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        if (!str_to_int64(str_of(texts[i]), &statuses[i]) || statuses[i] < least || statuses[i] > 599)
            yaml_mistake(loader->mistakes, node, key, "\"%s\" is no HTTP status from %" G_GINT64_FORMAT " to 599",
                         texts[i], least);
    }
    *ret_count = count;
    return statuses;
}

static void
load_missing(DefinitionLoader *loader, const YamlNode *node, Operation *operation, AnswerRule *rule)
{
    rule->missing = definition_load_path(loader, node, "missing", &operation->presence);
    if (rule->missing >= 0 && !path_has_names_only(operation->presence.paths->pdata[rule->missing]))
        yaml_mistake(loader->mistakes, yaml_find(node, "missing"), "missing", "must be a path of names only");
}

static const char *
load_name(DefinitionLoader *loader, const YamlNode *node, const char *key)
{
    Str name = yaml_get_text(node, RULE_KEYS, key);

    return name.at == NULL ? NULL : arena_strdup(loader->arena, name);
}

/* A rule that asks for nothing would always hold; equals must know what it compares. */
static void
check_rule(DefinitionLoader *loader, const YamlNode *node, const AnswerRule *rule)
{
    if (rule->status_count == 0 && rule->path < 0 && rule->missing < 0 && rule->header == NULL &&
        rule->content_type.at == NULL && rule->contains.at == NULL)
        yaml_mistake(loader->mistakes, node, "errors",
                     "a rule needs status, path, missing, header, content_type or contains");
    if (rule->path >= 0 && rule->header != NULL)
        yaml_mistake(loader->mistakes, node, "errors", "a rule looks at a path or at a header, not at both");
    if ((rule->equals.at != NULL || rule->not_equals.at != NULL) && rule->path < 0 && rule->header == NULL)
        yaml_mistake(loader->mistakes, node, "errors", "equals and not_equals need path or header");
}

static void
load_rule(DefinitionLoader *loader, const YamlNode *node, Operation *operation, AnswerRule *rule)
{
    Str is = yaml_get_text(node, RULE_KEYS, "is");

    rule->path = definition_load_path(loader, node, "path", &operation->document);
    rule->message = definition_load_path(loader, node, "message", &operation->document);
    load_missing(loader, node, operation, rule);
    rule->header = load_name(loader, node, "header");
    rule->content_type = yaml_get_text(node, RULE_KEYS, "content_type");
    rule->equals = yaml_get_text(node, RULE_KEYS, "equals");
    rule->not_equals = yaml_get_text(node, RULE_KEYS, "not_equals");
    rule->contains = yaml_get_text(node, RULE_KEYS, "contains");
    rule->wait_us = yaml_get_duration_us(node, RULE_KEYS, "wait");
    rule->wait_header = load_name(loader, node, "wait_header");
    rule->statuses = definition_load_statuses(loader, node, "status", 100, &rule->status_count);
    if (is.at != NULL && !parse_rule_status(is, &rule->is))
        yaml_mistake(loader->mistakes, node, "is",
                     "must be credential, quota, transient, permanent or empty, not \"%.*s\"", STR_FORMAT(is));
    check_rule(loader, node, rule);
}

void
definition_load_rules(DefinitionLoader *loader, const YamlNode *errors, Operation *operation)
{
    AnswerRule *rules;

    if (errors == NULL || errors->kind != YAML_SEQUENCE)
        return;
    rules = ARENA_ARRAY(loader->arena, AnswerRule, errors->count + 1);
    for (size_t i = 0; i < errors->count; i++) {
        if (errors->items[i]->kind == YAML_MAPPING)
            load_rule(loader, errors->items[i], operation, &rules[operation->rule_count++]);
    }
    operation->rules = rules;
}
