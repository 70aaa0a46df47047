/* The set of all sources, and what can be asked about one. */
#include "sources/definition.h"

struct SourceSet {
    gint references;
    GPtrArray *sources; /* in order of name */
};

static gint
compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gint
compare_sources(gconstpointer a, gconstpointer b)
{
    return strcmp((*(const Source *const *)a)->name, (*(const Source *const *)b)->name);
}

/* The paths of *.yaml of a folder, in order of name. */
static GPtrArray *
list_files(const char *directory, YamlMistakes *mistakes)
{
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = g_dir_open(directory, 0, &error);
    const char *name;

    if (dir == NULL) {
        yaml_mistake(mistakes, &(YamlNode){.file = directory}, NULL, "%s", error->message);
        return files;
    }
    while ((name = g_dir_read_name(dir)) != NULL) {
        if (g_str_has_suffix(name, ".yaml"))
            g_ptr_array_add(files, g_build_filename(directory, name, NULL));
    }
    g_ptr_array_sort(files, compare_texts);
    return files;
}

static void
check_names(const GPtrArray *sources, YamlMistakes *mistakes)
{
    for (guint i = 1; i < sources->len; i++) {
        const Source *source = sources->pdata[i], *before = sources->pdata[i - 1];

        if (strcmp(source->name, before->name) == 0)
            yaml_mistake(mistakes, &(YamlNode){.file = source->name, .line = 1}, "source",
                         "two definitions have this name");
    }
}

static void
find_heeds(const GPtrArray *sources)
{
    for (guint i = 0; i < sources->len; i++) {
        const Source *source = sources->pdata[i];

        if (source->search != NULL)
            source->search->heeds = source->disabled != NULL ? WORDS_ALL : operation_find_heeds(source->search);
    }
}

SourceSet *
source_set_load(const SourceSetSpec *spec, GError **error)
{
    g_autoptr(SourceSet) set = g_new0(SourceSet, 1);
    g_auto(YamlMistakes) mistakes;

    yaml_mistakes_init(&mistakes);
    set->references = 1;
    set->sources = g_ptr_array_new_with_free_func((GDestroyNotify)source_free);
    if (spec->directory != NULL) {
        g_autoptr(GPtrArray) files = list_files(spec->directory, &mistakes);

        for (guint i = 0; i < files->len; i++)
            definition_load(files->pdata[i], spec, set->sources, &mistakes);
    }
    for (size_t i = 0; spec->more_files != NULL && spec->more_files[i] != NULL; i++)
        definition_load(spec->more_files[i], spec, set->sources, &mistakes);
    if (mistakes.count == 0) {
        g_ptr_array_sort(set->sources, compare_sources);
        check_names(set->sources, &mistakes);
    }
    if (!yaml_mistakes_none(&mistakes, error))
        return NULL;
    find_heeds(set->sources);
    return g_steal_pointer(&set);
}

SourceSet *
source_set_ref(SourceSet *set)
{
    g_atomic_int_inc(&set->references);
    return set;
}

void
source_set_unref(SourceSet *set)
{
    if (set == NULL || !g_atomic_int_dec_and_test(&set->references))
        return;
    g_ptr_array_unref(set->sources);
    g_free(set);
}

size_t
source_set_count(const SourceSet *set)
{
    return set->sources->len;
}

const Source *
source_set_at(const SourceSet *set, size_t i)
{
    g_assert(i < set->sources->len);
    return set->sources->pdata[i];
}

bool
source_set_is_first_of_definition(const SourceSet *set, size_t i)
{
    const char *definition = source_definition(source_set_at(set, i));

    for (size_t before = 0; before < i; before++) {
        if (strcmp(source_definition(source_set_at(set, before)), definition) == 0)
            return false;
    }
    return true;
}

const Source *
source_set_find(const SourceSet *set, Str name)
{
    for (guint i = 0; i < set->sources->len; i++) {
        const Source *source = set->sources->pdata[i];

        if (str_is(name, source->name))
            return source;
    }
    return NULL;
}

const char *
source_name(const Source *source)
{
    return source->name;
}

const char *
source_partner(const Source *source)
{
    return source->partner;
}

const char *
source_docs(const Source *source)
{
    return source->docs;
}

const char *
source_definition(const Source *source)
{
    return source->definition;
}

const char *
source_status(const Source *source)
{
    return source->status;
}

const char *
source_disabled(const Source *source)
{
    return source->disabled;
}

const char *const *
source_countries(const Source *source)
{
    return source->countries;
}

const char *
source_attribution(const Source *source)
{
    return source->attribution;
}

CacheTerms
source_cache_terms(const Source *source)
{
    return source->cache;
}

uint64_t
source_revision(const Source *source)
{
    return source->revision;
}

Money
source_default_bid(const Source *source)
{
    return source->default_bid;
}

const char *
source_attribution_url(const Source *source)
{
    return source->attribution_url;
}

bool
source_wants_follow(const Source *source)
{
    return !source->nofollow;
}

bool
source_forbids_robots(const Source *source)
{
    return source->noindex;
}

int64_t
source_click_lifetime_us(const Source *source)
{
    return source->click_lifetime_us;
}

int64_t
source_price_until_us(const Source *source, int64_t confirmed_at_us)
{
    return source->click_lifetime_us == 0 ? INT64_MAX : confirmed_at_us + source->click_lifetime_us;
}

bool
source_may_syndicate_to(const Source *source, Str consumer)
{
    for (size_t i = 0; source->not_to[i] != NULL; i++) {
        if (str_equal_ignoring_case(consumer, str_of(source->not_to[i])))
            return false;
    }
    return source->syndicate;
}

const char *const *
source_not_to(const Source *source)
{
    return source->not_to;
}

bool
source_may_store(const Source *source)
{
    return source->store;
}

const char *
source_budget(const Source *source)
{
    return source->budget;
}

unsigned
source_concurrency(const Source *source)
{
    return source->concurrency;
}

size_t
source_limit_count(const Source *source)
{
    return source->limit_count;
}

RateLimit
source_limit(const Source *source, size_t i)
{
    g_assert(i < source->limit_count);
    return source->limits[i];
}

const Operation *
source_search(const Source *source)
{
    return source->search;
}

unsigned
operation_heeds(const Operation *operation)
{
    return operation->heeds;
}

const Operation *
source_feed(const Source *source)
{
    return source->feed;
}

const Operation *
source_totals(const Source *source)
{
    return source->totals;
}

size_t
source_report_count(const Source *source)
{
    return source->report_count;
}

const Operation *
source_report(const Source *source, size_t i)
{
    g_assert(i < source->report_count);
    return source->reports[i];
}

const Operation *
source_report_find(const Source *source, Str name)
{
    for (size_t i = 0; i < source->report_count; i++) {
        if (str_is(name, source->reports[i]->name))
            return source->reports[i];
    }
    return NULL;
}

int64_t
operation_timeout_us(const Operation *operation)
{
    return operation->timeout_us;
}

int64_t
operation_every_us(const Operation *operation)
{
    return operation->every_us;
}

int64_t
operation_look_back_days(const Operation *operation)
{
    return operation->look_back_days;
}

TotalsTolerance
operation_tolerance(const Operation *operation)
{
    return operation->tolerance;
}

GTimeZone *
operation_zone(const Operation *operation)
{
    return operation->zone;
}

bool
operation_asks_by_day(const Operation *operation)
{
    return operation->by_day;
}

ReportMode
operation_report_mode(const Operation *operation)
{
    return operation->mode;
}

bool
operation_is_full(const Operation *operation)
{
    return operation->full;
}

OperationRepeat
operation_repeat(const Operation *operation)
{
    const Source *source = operation->source;
    OperationRepeat repeat = source->says_repeat                        ? source->repeat
                             : g_strcmp0(operation->method, "GET") == 0 ? REPEAT_HEDGE
                                                                        : REPEAT_NEVER;

    if (operation->order != NULL)
        return REPEAT_NEVER;
    return operation->detail != NULL ? MIN(repeat, REPEAT_RETRY) : repeat;
}

bool
operation_can_be_asked(const Operation *operation)
{
    return operation->method != NULL;
}

const char *
operation_name(const Operation *operation)
{
    return operation->name;
}

const Source *
operation_source(const Operation *operation)
{
    return operation->source;
}
