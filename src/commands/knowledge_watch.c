#include "commands/knowledge_watch.h"

#include "ops/log.h"
#include "ops/periodic.h"

#define EVERY_US US_PER_MINUTE

struct KnowledgeWatch {
    char *path;
    SearchEngine *engine;
    Metrics *metrics;
    bool failing;
    Periodic *thread;
};

static int64_t
save(void *data)
{
    KnowledgeWatch *watch = data;
    g_autoptr(GError) error = NULL;
    bool ok = search_engine_save(watch->engine, watch->path, &error);

    metric_add(watch->metrics, METRIC_KNOWLEDGE, ok ? "saved" : "not_saved", NULL, 1);
    if (!ok && !watch->failing)
        log_event(LOG_LEVEL_WARN, "knowledge.not_saved", "it is tried again; a restart would know less of sources",
                  LOG_ERROR(error));
    watch->failing = !ok;
    return EVERY_US;
}

static void
load(const KnowledgeWatch *watch)
{
    g_autoptr(GError) error = NULL;
    const char *result = "loaded";

    if (!search_engine_load(watch->engine, watch->path, &error))
        result = weir_error_code(error) == WEIR_ERROR_NOT_FOUND ? "none" : "unreadable";
    metric_add(watch->metrics, METRIC_KNOWLEDGE, result, NULL, 1);
    if (error != NULL && weir_error_code(error) != WEIR_ERROR_NOT_FOUND)
        log_event(LOG_LEVEL_WARN, "knowledge.unreadable", "searches begin to learn of sources anew", LOG_ERROR(error));
}

KnowledgeWatch *
knowledge_watch_start(char *path, SearchEngine *engine, Metrics *metrics)
{
    KnowledgeWatch *watch = g_new0(KnowledgeWatch, 1);

    watch->path = path;
    watch->engine = engine;
    watch->metrics = metrics;
    load(watch);
    watch->thread = periodic_start("knowledge", EVERY_US, save, watch);
    return watch;
}

void
knowledge_watch_stop(KnowledgeWatch *watch)
{
    if (watch == NULL)
        return;
    periodic_stop(watch->thread);
    save(watch);
    g_free(watch->path);
    g_free(watch);
}
