#include "commands/reloading.h"

#include "ops/log.h"
#include "ops/stopper.h"

#include <glib/gstdio.h>

#define LOOK_EVERY_US (2 * US_PER_SECOND)

static void
add_file(GChecksum *sum, const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL), *state = NULL;
    GStatBuf file;

    if (g_stat(path, &file) != 0)
        return;
    state =
        g_strdup_printf("%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld %" G_GUINT64_FORMAT "\n", path,
                        (gint64)file.st_size, (gint64)file.st_mtim.tv_sec, file.st_mtim.tv_nsec, (guint64)file.st_ino);
    g_checksum_update(sum, (const guchar *)state, -1);
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
add_folder(GChecksum *sum, const char *folder)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
        if (g_str_has_suffix(name, ".yaml"))
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len; i++)
        add_file(sum, folder, names->pdata[i]);
}

/* What tells one state of the files from another. */
static char *
state_of_files(const Deployment *deployment)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree char *sandbox = g_build_filename(deployment->config->sources, "sandbox", NULL);

    add_folder(sum, deployment->config->sources);
    if (deployment->config->sandbox)
        add_folder(sum, sandbox);
    return g_strdup(g_checksum_get_string(sum));
}

static void
reload(Deployment *deployment, RequestTier *request, WorkTier *work)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SourceSet) sources = NULL;

    if (!deployment_reload_sources(deployment, &error)) {
        metric_add(deployment->metrics, METRIC_DEFINITION_LOADS, "refused", NULL, 1);
        log_event(LOG_LEVEL_ERROR, "definitions.refused", "those in use stay; mend the files and they are read again",
                  LOG_ERROR(error));
        return;
    }
    metric_add(deployment->metrics, METRIC_DEFINITION_LOADS, "loaded", NULL, 1);
    sources = deployment_sources(deployment);
    if (request != NULL)
        request_tier_set_sources(request, sources);
    if (work != NULL && !work_tier_plan(work, &error))
        log_event(LOG_LEVEL_WARN, "schedules.not_planned", "the schedules of before stay; SIGHUP tries again",
                  LOG_ERROR(error));
    log_event(LOG_LEVEL_INFO, "definitions.loaded", "in use from now on",
              LOG_INT("sources", source_set_count(sources)));
}

void
reloading_run(Deployment *deployment, RequestTier *request, WorkTier *work)
{
    g_autofree char *loaded = state_of_files(deployment), *before = g_strdup(loaded);

    while (!stopper_wait_for(LOOK_EVERY_US)) {
        g_autofree char *now = state_of_files(deployment);
        bool settled = strcmp(now, before) == 0 && strcmp(now, loaded) != 0;

        if (stopper_take_reload() || settled) {
            g_free(loaded);
            loaded = g_strdup(now);
            reload(deployment, request, work);
        }
        g_free(before);
        before = g_steal_pointer(&now);
    }
}
