/* Loading a definition file into sources. */
#include "sources/definition.h"

#include "base/clock.h"

#define DEFINITION_SUFFIX ".yaml"
#define NAME_LIMIT_BYTES  64

void
source_free(Source *source)
{
    if (source == NULL)
        return;
    operation_free(source->search);
    operation_free(source->feed);
    operation_free(source->totals);
    for (size_t i = 0; i < source->report_count; i++)
        operation_free(source->reports[i]);
    /* The source itself is in its arena. */
    arena_free(source->arena);
}

static bool
is_name(Str name)
{
    if (str_is_empty(name) || name.size > NAME_LIMIT_BYTES)
        return false;
    for (size_t i = 0; i < name.size; i++) {
        if (!g_ascii_islower(name.at[i]) && !g_ascii_isdigit(name.at[i]) && name.at[i] != '-')
            return false;
    }
    return true;
}

static void
check_name(DefinitionLoader *loader, const char *path)
{
    const YamlNode *node = yaml_find(loader->root, "source");
    g_autofree char *file = g_path_get_basename(path);

    if (node == NULL || node->kind != YAML_SCALAR)
        return;
    if (!is_name(node->text))
        yaml_mistake(loader->mistakes, node, "source", "\"%.*s\" is no name: a-z, 0-9 and - are allowed",
                     STR_FORMAT(node->text));
    if (g_str_has_suffix(file, DEFINITION_SUFFIX))
        file[strlen(file) - strlen(DEFINITION_SUFFIX)] = '\0';
    if (!str_is(node->text, file))
        yaml_mistake(loader->mistakes, node, "source", "must be the file's name, %s", file);
}

/* ---- parameters and secrets ---- */

static bool
is_one_of(const char *value, const char *const *allowed)
{
    if (allowed[0] == NULL)
        return true;
    for (; *allowed != NULL; allowed++) {
        if (strcmp(value, *allowed) == 0)
            return true;
    }
    return false;
}

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
static Parameter *
load_parameters(DefinitionLoader *loader, const SourceSetSpec *spec, const YamlNode *instance)
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
        if (parameter->value != NULL && !is_one_of(parameter->value, parameter->one_of))
            yaml_mistake(loader->mistakes, pair->value, parameter->name, "\"%s\" is not among its one_of",
                         parameter->value);
        if (parameter->value == NULL && yaml_get_boolean(pair->value, PARAMETER_KEYS, "required"))
            disable(source, arena_printf(source->arena, "parameter %s", parameter->name).at);
    }
    source->parameters = (Parameters){parameters, count};
    return parameters;
}

static void
check_instance(DefinitionLoader *loader, const YamlNode *instance)
{
    const YamlNode *map = yaml_find(loader->root, "parameters");

    for (size_t i = 0; instance != NULL && i < instance->count; i++) {
        if (yaml_find(map, instance->pairs[i].key->text.at) == NULL)
            yaml_mistake(loader->mistakes, instance->pairs[i].key, instance->pairs[i].key->text.at,
                         "is none of the parameters");
    }
}

static void
load_secrets(DefinitionLoader *loader, const SourceSetSpec *spec)
{
    Source *source = loader->source;
    const char **values;
    size_t count = 0;

    source->secret_names = yaml_texts(yaml_find(loader->root, "secrets"), source->arena);
    while (source->secret_names[count] != NULL)
        count++;
    values = ARENA_ARRAY(source->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        const char *value = spec->secret != NULL ? spec->secret(spec->data, source->secret_names[i]) : NULL;

        values[i] = value != NULL && *value != '\0' ? arena_strdup(source->arena, str_of(value)) : NULL;
        if (values[i] == NULL)
            disable(source, source->secret_names[i]);
    }
    source->secret_values = values;
    source->secret_count = count;
}

/* ---- the rest of the head ---- */

static bool
parse_limit(Str text, RateLimit *ret_limit)
{
    static const struct {
        const char *name;
        int64_t us;
    } WINDOWS[] = {{"second", US_PER_SECOND}, {"minute", US_PER_MINUTE}, {"hour", US_PER_HOUR},
                   {"day", US_PER_DAY},       {"week", 7 * US_PER_DAY},  {"month", 30 * US_PER_DAY}};
    Str window = text, count = str_cut(&window, '/');

    if (!str_to_int64(count, &ret_limit->count) || ret_limit->count < 1)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(WINDOWS); i++) {
        if (str_is(window, WINDOWS[i].name)) {
            ret_limit->window_us = WINDOWS[i].us;
            return true;
        }
    }
    return yaml_duration_parse(window, &ret_limit->window_us) && ret_limit->window_us > 0;
}

/* The text of a budget may hold a key, so that only its hash is kept. */
static void
load_budget(DefinitionLoader *loader)
{
    static const Question NOTHING = {.since_us = TIMESTAMP_NONE, .until_us = TIMESTAMP_NONE};
    const YamlNode *node = yaml_find(loader->root, "budget");
    Source *source = loader->source;
    Ask ask = {.question = &NOTHING, .source = source->name, .parameters = source->parameters};
    g_autofree char *sum = NULL;
    const Template *template;
    Str text;

    source->budget = source->name;
    if (node == NULL)
        return;
    ask.now_us = TIMESTAMP_NONE;
    template = template_of_node(node, "budget", &loader->scope, loader->arena, loader->mistakes);
    if (template == NULL)
        return;
    text = template_expand(template, &ask, loader->arena, NULL);
    if (str_is_empty(text)) {
        yaml_mistake(loader->mistakes, node, "budget", "is empty without a question");
        return;
    }
    sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text.at, text.size);
    source->budget = arena_printf(loader->arena, "budget %s", sum).at;
}

static void
load_limits(DefinitionLoader *loader)
{
    const YamlNode *node = yaml_find(loader->root, "limits");
    const char *const *texts = yaml_texts(node, loader->arena);
    RateLimit *limits;
    size_t count = 0;

    while (texts[count] != NULL)
        count++;
    limits = ARENA_ARRAY(loader->arena, RateLimit, count + 1);
    for (size_t i = 0; i < count; i++) {
        if (!parse_limit(str_of(texts[i]), &limits[i]))
            yaml_mistake(loader->mistakes, node, "limits", "\"%s\" is no limit such as 25/minute or 1/5s", texts[i]);
    }
    loader->source->concurrency = (unsigned)yaml_get_integer(loader->root, DEFINITION_KEYS, "concurrency");
    load_budget(loader);
    loader->source->limits = limits;
    loader->source->limit_count = count;
}

static void
load_countries(DefinitionLoader *loader)
{
    const YamlNode *node = yaml_find(loader->root, "countries");
    const char *const *countries = yaml_texts(node, loader->arena);

    for (size_t i = 0; countries[i] != NULL; i++) {
        if (strlen(countries[i]) != 2 || !g_ascii_isupper(countries[i][0]) || !g_ascii_isupper(countries[i][1]))
            yaml_mistake(loader->mistakes, node, "countries", "\"%s\" is no ISO code of two capitals", countries[i]);
    }
    loader->source->countries = countries;
}

static void
load_terms(DefinitionLoader *loader)
{
    const YamlNode *terms = yaml_find(loader->root, "terms");
    Source *source = loader->source;

    source->attribution = arena_strdup(loader->arena, yaml_get_text(terms, TERMS_KEYS, "attribution"));
    source->cache_us = yaml_get_duration_us(terms, TERMS_KEYS, "cache");
    source->store = yaml_get_boolean(terms, TERMS_KEYS, "store");
    source->syndicate = yaml_get_boolean(terms, TERMS_KEYS, "syndicate");
}

static void
load_bid(DefinitionLoader *loader, const YamlNode *click)
{
    Str rest = yaml_get_text(click, CLICK_KEYS, "bid"), amount;

    if (rest.at == NULL)
        return;
    amount = str_cut(&rest, ' ');
    if (!money_parse(amount, NUMBER_STYLE_PLAIN, &loader->source->default_bid.micros, NULL) ||
        !currency_parse(rest, &loader->source->default_bid.currency))
        yaml_mistake(loader->mistakes, yaml_find(click, "bid"), "bid", "must be such as 0.10 USD");
}

static void
load_slot(DefinitionLoader *loader, const YamlNode *subid)
{
    SubIdSlot *slot = &loader->source->slot;
    int64_t letters = yaml_get_integer(subid, SUBID_KEYS, "letters_and_digits");
    int64_t digits = yaml_get_integer(subid, SUBID_KEYS, "digits");

    if ((letters > 0) == (digits > 0)) {
        yaml_mistake(loader->mistakes, subid, "subid", "must say one of letters_and_digits and digits");
        return;
    }
    slot->has_slot = true;
    slot->parameter = arena_strdup(loader->arena, yaml_get_text(subid, SUBID_KEYS, "query"));
    slot->digits_only = digits > 0;
    slot->length_limit = (size_t)(digits > 0 ? digits : letters);
}

static void
load_click(DefinitionLoader *loader)
{
    const YamlNode *click = yaml_find(loader->root, "click");

    if (click == NULL || click->kind != YAML_MAPPING)
        return;
    load_bid(loader, click);
    if (yaml_find(click, "subid") != NULL)
        load_slot(loader, yaml_find(click, "subid"));
    loader->source->click_append = definition_load_assignments(loader, yaml_find(click, "append"), "append");
}

static void
load_operations(DefinitionLoader *loader)
{
    const YamlNode *search = yaml_find(loader->root, "search"), *feed = yaml_find(loader->root, "feed"),
                   *reports = yaml_find(loader->root, "reports"), *totals = yaml_find(loader->root, "totals");
    Source *source = loader->source;

    if (search != NULL && search->kind == YAML_MAPPING)
        source->search = definition_load_operation(loader, search, OPERATION_SEARCH, "search");
    if (feed != NULL && feed->kind == YAML_MAPPING)
        source->feed = definition_load_operation(loader, feed, OPERATION_FEED, "feed");
    if (totals != NULL && totals->kind == YAML_MAPPING)
        source->totals = definition_load_operation(loader, totals, OPERATION_TOTALS, "totals");
    if (totals != NULL && reports == NULL)
        yaml_mistake(loader->mistakes, totals, "totals", "have nothing to be compared with: reports is missing");
    if (search == NULL && feed == NULL && reports == NULL)
        yaml_mistake(loader->mistakes, loader->root, "search", "search, feed or reports is missing");
    if (reports == NULL || reports->kind != YAML_MAPPING)
        return;
    source->reports = ARENA_ARRAY(loader->arena, Operation *, reports->count + 1);
    for (size_t i = 0; i < reports->count; i++) {
        if (reports->pairs[i].value->kind == YAML_MAPPING)
            source->reports[source->report_count++] = definition_load_operation(
                loader, reports->pairs[i].value, OPERATION_REPORT, reports->pairs[i].key->text.at);
    }
}

/* ---- files ---- */

/* A copy of all nodes would be wasted: each source parses the file into its own arena and keeps the nodes it uses. */
static Source *
load_source(const char *path, const SourceSetSpec *spec, size_t instance_index, YamlMistakes *mistakes)
{
    Arena *arena = arena_new(16384);
    Source *source = ARENA_NEW(arena, Source);
    DefinitionLoader loader = {.source = source, .arena = arena, .mistakes = mistakes};
    const YamlNode *instances, *instance = NULL;
    Parameter *parameters;

    source->arena = arena;
    loader.root = yaml_load(path, arena, mistakes);
    if (loader.root == NULL || loader.root->kind != YAML_MAPPING) {
        if (loader.root != NULL)
            yaml_mistake(mistakes, loader.root, NULL, "must be a map of keys");
        return source;
    }
    yaml_check(loader.root, DEFINITION_KEYS, mistakes);
    check_name(&loader, path);
    source->name = arena_strdup(arena, yaml_get_text(loader.root, DEFINITION_KEYS, "source"));
    instances = yaml_find(loader.root, "instances");
    if (instances != NULL && instances->kind == YAML_MAPPING && instance_index < instances->count) {
        instance = instances->pairs[instance_index].value;
        source->name = arena_printf(arena, "%s-%s", source->name, instances->pairs[instance_index].key->text.at).at;
        check_instance(&loader, instance);
        if (!is_name(str_of(source->name)))
            yaml_mistake(mistakes, instances->pairs[instance_index].key, "instances",
                         "\"%s\" is no name: a-z, 0-9 and - are allowed", source->name);
    }
    source->partner = arena_strdup(arena, yaml_get_text(loader.root, DEFINITION_KEYS, "partner"));
    source->docs = arena_strdup(arena, yaml_get_text(loader.root, DEFINITION_KEYS, "docs"));
    source->private_hosts = yaml_get_boolean(loader.root, DEFINITION_KEYS, "private_hosts");
    load_secrets(&loader, spec);
    parameters = load_parameters(&loader, spec, instance);
    loader.scope = (TemplateScope){
        .parameters = source->parameters, .secret_names = source->secret_names, .secret_values = source->secret_values};
    definition_load_values(&loader, parameters);
    load_limits(&loader);
    load_countries(&loader);
    load_terms(&loader);
    load_click(&loader);
    load_operations(&loader);
    return source;
}

/* How many instances the file has; 1 when it has none. */
static size_t
count_instances(const char *path, YamlMistakes *mistakes)
{
    g_autoptr(Arena) arena = arena_new(16384);
    YamlMistakes unheard;
    const YamlNode *root, *instances;
    size_t count = 1;

    yaml_mistakes_init(&unheard);
    root = yaml_load(path, arena, &unheard);
    instances = yaml_find(root, "instances");
    if (instances != NULL && (instances->kind != YAML_MAPPING || instances->count == 0))
        yaml_mistake(mistakes, instances, "instances", "must be a map of names to parameters");
    else if (instances != NULL)
        count = instances->count;
    yaml_mistakes_clear(&unheard);
    return count;
}

void
definition_load(const char *path, const SourceSetSpec *spec, GPtrArray *sources, YamlMistakes *mistakes)
{
    unsigned before = mistakes->count;
    size_t count = count_instances(path, mistakes);

    /* The mistakes of the first instance are those of the others. */
    for (size_t i = 0; i < count && mistakes->count == before; i++)
        g_ptr_array_add(sources, load_source(path, spec, i, mistakes));
}
