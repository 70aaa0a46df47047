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

/* ---- the head ---- */

/* The text of a budget may hold a key, so that only its hash is kept. */
static void
load_budget(DefinitionLoader *loader)
{
    static const Question NOTHING = {.since_us = TIMESTAMP_NONE, .until_us = TIMESTAMP_NONE};
    const YamlNode *node = yaml_find(loader->root, "budget");
    Source *source = loader->source;
    Ask ask = {
        .question = &NOTHING, .source = source->name, .parameters = source->parameters, .now_us = TIMESTAMP_NONE};
    g_autofree char *sum = NULL;
    const Template *template;
    Str text;

    source->budget = source->name;
    template = definition_load_template(loader, loader->root, "budget");
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
        if (!rate_limit_parse(str_of(texts[i]), &limits[i]))
            yaml_mistake(loader->mistakes, node, "limits", "\"%s\" is no limit such as 25/minute or 1/5s", texts[i]);
    }
    loader->source->concurrency = (unsigned)yaml_get_integer(loader->root, DEFINITION_KEYS, "concurrency");
    load_budget(loader);
    loader->source->limits = limits;
    loader->source->limit_count = count;
}

static void
load_countries(DefinitionLoader *loader, const YamlNode *instance)
{
    const YamlNode *own = yaml_find(instance, "countries");
    const YamlNode *node = own != NULL ? own : yaml_find(loader->root, "countries");
    const char *const *countries = yaml_texts(node, loader->arena);

    for (size_t i = 0; countries[i] != NULL; i++) {
        if (strlen(countries[i]) != 2 || !g_ascii_isupper(countries[i][0]) || !g_ascii_isupper(countries[i][1]))
            yaml_mistake(loader->mistakes, node, "countries", "\"%s\" is no ISO code of two capitals", countries[i]);
    }
    loader->source->countries = countries;
}

static CacheTerms
load_cache_terms(DefinitionLoader *loader, const YamlNode *terms)
{
    CacheTerms cache = {
        .said = yaml_find(terms, "cache") != NULL,
        .fresh_us = yaml_get_duration_us(terms, TERMS_KEYS, "cache"),
        .stale_us = yaml_get_duration_us(terms, TERMS_KEYS, "stale"),
        .stale_error_us = yaml_get_duration_us(terms, TERMS_KEYS, "stale_if_error"),
    };

    if (cache.fresh_us == 0 && (cache.stale_us > 0 || cache.stale_error_us > 0))
        yaml_mistake(loader->mistakes, terms, "terms",
                     "stale and stale_if_error are of an answer that is kept: say cache");
    return cache;
}

static void
load_status(DefinitionLoader *loader)
{
    static const char *const STATUSES[] = {"documented", "recorded", "needs-account", NULL};
    const YamlNode *node = yaml_find(loader->root, "status");

    loader->source->status = arena_strdup(loader->arena, yaml_get_text(loader->root, DEFINITION_KEYS, "status"));
    if (loader->source->status != NULL && !g_strv_contains(STATUSES, loader->source->status))
        yaml_mistake(loader->mistakes, node, "status", "must be documented, recorded or needs-account");
}

static void
load_repeat(DefinitionLoader *loader, const YamlNode *terms)
{
    static const char *const WORDS[] = {[REPEAT_NEVER] = "never", [REPEAT_RETRY] = "retry", [REPEAT_HEDGE] = "hedge"};
    Str word = yaml_get_text(terms, TERMS_KEYS, "repeat");

    loader->source->says_repeat = word.at != NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++)
        if (str_is(word, WORDS[i])) {
            loader->source->repeat = (OperationRepeat)i;
            return;
        }
    if (word.at != NULL)
        yaml_mistake(loader->mistakes, yaml_find(terms, "repeat"), "repeat",
                     "must be never, retry or hedge, not \"%.*s\"", STR_FORMAT(word));
}

static void
load_terms(DefinitionLoader *loader)
{
    const YamlNode *terms = yaml_find(loader->root, "terms");
    Source *source = loader->source;

    source->attribution = arena_strdup(loader->arena, yaml_get_text(terms, TERMS_KEYS, "attribution"));
    source->attribution_url = arena_strdup(loader->arena, yaml_get_text(terms, TERMS_KEYS, "attribution_url"));
    source->nofollow = yaml_get_boolean(terms, TERMS_KEYS, "nofollow");
    source->noindex = yaml_get_boolean(terms, TERMS_KEYS, "noindex");
    source->not_to = yaml_texts(yaml_find(terms, "not_to"), loader->arena);
    source->cache = load_cache_terms(loader, terms);
    load_repeat(loader, terms);
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
        yaml_mistake(loader->mistakes, yaml_find(click, "bid"), "bid", "must be such as 0.10 USD, not \"%.*s\"",
                     STR_FORMAT(yaml_get_text(click, CLICK_KEYS, "bid")));
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
    slot->macro = arena_strdup(loader->arena, yaml_get_text(subid, SUBID_KEYS, "macro"));
    if ((slot->parameter != NULL) == (slot->macro != NULL))
        yaml_mistake(loader->mistakes, subid, "subid", "must say one of query and macro");
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
    loader->scope.click = true;
    loader->source->click_append = definition_load_assignments(loader, yaml_find(click, "append"), "append");
    loader->source->click_macros = definition_load_assignments(loader, yaml_find(click, "macros"), "macros");
    loader->scope.click = false;
    loader->source->click_lifetime_us = yaml_get_duration_us(click, CLICK_KEYS, "lifetime");
}

/* A feed is stored, and its listings are clicked until it is pulled again. */
static void
check_terms(DefinitionLoader *loader, const YamlNode *feed)
{
    const Source *source = loader->source;

    if (source->feed == NULL)
        return;
    if (!source->store)
        yaml_mistake(loader->mistakes, feed, "feed", "is stored, which terms.store forbids");
    if (source->click_lifetime_us > 0 && source->feed->every_us > source->click_lifetime_us)
        yaml_mistake(loader->mistakes, yaml_find(feed, "every"), "every",
                     "is longer than click.lifetime: clicks would not be paid");
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
    check_terms(loader, feed);
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

/* The instances of a file: its own, and those that the configuration adds. */
typedef struct {
    const YamlPair *pairs[2];
    size_t counts[2];
} Instances;

static size_t
instance_count(const Instances *instances)
{
    return instances->counts[0] + instances->counts[1];
}

static const YamlPair *
instance_at(const Instances *instances, size_t i)
{
    return i < instances->counts[0] ? &instances->pairs[0][i] : &instances->pairs[1][i - instances->counts[0]];
}

static Instances
find_instances(const YamlNode *root, const SourceSetSpec *spec, YamlMistakes *mistakes)
{
    const YamlNode *name = yaml_find(root, "source");
    const YamlNode *from[2] = {yaml_find(root, "instances"), NULL};
    Instances instances = {0};

    if (spec->instances != NULL && name != NULL && name->kind == YAML_SCALAR)
        from[1] = spec->instances(spec->data, name->text.at);
    for (size_t i = 0; i < G_N_ELEMENTS(from); i++) {
        if (from[i] != NULL && (from[i]->kind != YAML_MAPPING || from[i]->count == 0)) {
            yaml_mistake(mistakes, from[i], "instances", "must be a map of names to parameters");
        } else if (from[i] != NULL) {
            instances.pairs[i] = from[i]->pairs;
            instances.counts[i] = from[i]->count;
        }
    }
    return instances;
}

static void
begin_instance(DefinitionLoader *loader, const YamlPair *pair)
{
    Source *source = loader->source;

    source->name = arena_printf(loader->arena, "%s-%s", source->name, pair->key->text.at).at;
    definition_check_instance(loader, pair->value);
    if (!is_name(str_of(source->name)))
        yaml_mistake(loader->mistakes, pair->key, "instances", "\"%s\" is no name: a-z, 0-9 and - are allowed",
                     source->name);
}

/* Of what a file says, whatever its comments and spaces. */
static uint64_t
hash_node(const YamlNode *node, uint64_t seed)
{
    uint64_t hash = seed * 31 + (uint64_t)node->kind;

    if (node->kind == YAML_SCALAR)
        hash = hash * 31 + str_hash(node->text);
    for (size_t i = 0; node->kind == YAML_SEQUENCE && i < node->count; i++)
        hash = hash_node(node->items[i], hash);
    for (size_t i = 0; node->kind == YAML_MAPPING && i < node->count; i++)
        hash = hash_node(node->pairs[i].value, hash_node(node->pairs[i].key, hash));
    return hash;
}

static uint64_t
revision_of(const DefinitionLoader *loader)
{
    uint64_t hash = hash_node(loader->root, str_hash(str_of(loader->source->name)));

    for (size_t i = 0; i < loader->source->parameters.count; i++)
        hash = hash * 31 + str_hash(str_of(loader->source->parameters.items[i].value));
    return hash;
}

/* A copy of all nodes would be wasted: each source parses the file into its own arena and keeps the nodes it uses.
 * *ret_count becomes the number of its instances. */
static Source *
load_source(const char *path, const SourceSetSpec *spec, size_t instance_index, YamlMistakes *mistakes,
            size_t *ret_count)
{
    Arena *arena = arena_new(16384);
    Source *source = ARENA_NEW(arena, Source);
    DefinitionLoader loader = {.source = source, .arena = arena, .mistakes = mistakes};
    const YamlNode *instance = NULL;
    Instances instances;
    Parameter *parameters;

    source->arena = arena;
    *ret_count = 0;
    loader.root = yaml_load(path, arena, mistakes);
    if (loader.root == NULL || loader.root->kind != YAML_MAPPING) {
        if (loader.root != NULL)
            yaml_mistake(mistakes, loader.root, NULL, "must be a map of keys");
        return source;
    }
    yaml_check(loader.root, DEFINITION_KEYS, mistakes);
    check_name(&loader, path);
    source->definition = arena_strdup(arena, yaml_get_text(loader.root, DEFINITION_KEYS, "source"));
    source->name = source->definition;
    instances = find_instances(loader.root, spec, mistakes);
    *ret_count = instance_count(&instances);
    if (instance_index < *ret_count) {
        instance = instance_at(&instances, instance_index)->value;
        begin_instance(&loader, instance_at(&instances, instance_index));
    }
    source->partner = arena_strdup(arena, yaml_get_text(loader.root, DEFINITION_KEYS, "partner"));
    source->docs = arena_strdup(arena, yaml_get_text(loader.root, DEFINITION_KEYS, "docs"));
    load_status(&loader);
    source->private_hosts = yaml_get_boolean(loader.root, DEFINITION_KEYS, "private_hosts");
    definition_load_secrets(&loader, spec, instance);
    parameters = definition_load_parameters(&loader, spec, instance);
    loader.scope = (TemplateScope){
        .parameters = source->parameters, .secret_names = source->secret_names, .secret_values = source->secret_values};
    definition_load_values(&loader, parameters);
    load_limits(&loader);
    load_countries(&loader, instance);
    load_terms(&loader);
    load_click(&loader);
    load_operations(&loader);
    source->revision = revision_of(&loader);
    return source;
}

void
definition_load(const char *path, const SourceSetSpec *spec, GPtrArray *sources, YamlMistakes *mistakes)
{
    unsigned before = mistakes->count;
    size_t i = 0, count;

    /* The mistakes of the first instance are those of the others. */
    do
        g_ptr_array_add(sources, load_source(path, spec, i, mistakes, &count));
    while (++i < count && mistakes->count == before);
}
