#include "commands/deployment.h"

#include "commands/node.h"
#include "store/migrate.h"
#include "store/node_lease.h"

#include <errno.h>

#define SECRET_LIMIT 8192

/* The environment first, then a file of that name in the secrets folder, without the line's end. */
const char *
deployment_secret(Deployment *deployment, const char *name)
{
    const char *value = g_getenv(name);
    g_autofree char *path = NULL, *text = NULL;
    const char *known;
    gsize size;

    if (value != NULL && value[0] != '\0')
        return value;
    if (deployment->config->secrets == NULL || strchr(name, '/') != NULL)
        return NULL;
    g_mutex_lock(&deployment->secrets_mutex);
    known = g_hash_table_lookup(deployment->secrets, name);
    g_mutex_unlock(&deployment->secrets_mutex);
    if (known != NULL)
        return known;
    path = g_build_filename(deployment->config->secrets, name, NULL);
    if (!g_file_get_contents(path, &text, &size, NULL) || size > SECRET_LIMIT)
        return NULL;
    g_mutex_lock(&deployment->secrets_mutex);
    known = g_strndup(str_trim(str_of(text)).at, str_trim(str_of(text)).size);
    g_hash_table_replace(deployment->secrets, g_strdup(name), (char *)known);
    g_mutex_unlock(&deployment->secrets_mutex);
    return known;
}

static const char *
find_secret(void *data, const char *name)
{
    return deployment_secret(data, name);
}

static const char *
find_parameter(void *data, const char *source, const char *parameter)
{
    Deployment *deployment = data;
    const Config *config = deployment->config;
    const YamlNode *value = yaml_find(yaml_find(config->parameters, source), parameter);

    if (value != NULL && value->kind == YAML_SCALAR)
        return arena_strdup(config->arena, value->text);
    if (strcmp(parameter, "sandbox_url") == 0)
        return config->sandbox_url;
    return NULL;
}

static const YamlNode *
find_instances(void *data, const char *source)
{
    Deployment *deployment = data;

    return yaml_find(deployment->config->instances, source);
}

/* The simulated partners' definitions live in a folder of their own below the real ones. */
static GPtrArray *
sandbox_files(const Config *config)
{
    GPtrArray *files = g_ptr_array_new_null_terminated(8, g_free, TRUE);
    g_autofree char *folder = g_build_filename(config->sources, "sandbox", NULL);
    g_autoptr(GDir) dir = config->sandbox ? g_dir_open(folder, 0, NULL) : NULL;
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
        if (g_str_has_suffix(name, ".yaml"))
            g_ptr_array_add(files, g_build_filename(folder, name, NULL));
    return files;
}

SourceSet *
deployment_load_sources(const Deployment *deployment, GError **error)
{
    g_autoptr(GPtrArray) files = sandbox_files(deployment->config);
    const SourceSetSpec spec = {
        .directory = deployment->config->sources,
        .more_files = (const char *const *)files->pdata,
        .secret = find_secret,
        .parameter = find_parameter,
        .instances = find_instances,
        .data = (void *)deployment,
    };

    return source_set_load(&spec, error);
}

SourceSet *
deployment_sources(Deployment *deployment)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&deployment->sources_mutex);

    return source_set_ref(deployment->sources);
}

bool
deployment_reload_sources(Deployment *deployment, GError **error)
{
    SourceSet *loaded = deployment_load_sources(deployment, error);
    g_autoptr(SourceSet) old = NULL; /* is let go after the lock */

    if (loaded == NULL)
        return false;
    g_mutex_lock(&deployment->sources_mutex);
    old = deployment->sources;
    deployment->sources = loaded;
    g_mutex_unlock(&deployment->sources_mutex);
    return true;
}

Deployment *
deployment_open(const ConfigFlags *flags, GError **error)
{
    g_autoptr(Deployment) deployment = g_new0(Deployment, 1);

    g_mutex_init(&deployment->secrets_mutex);
    g_mutex_init(&deployment->sources_mutex);
    deployment->secrets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    deployment->clock = clock_system();
    deployment->random = random_system();
    deployment->config = config_load(flags, error);
    if (deployment->config == NULL)
        return NULL;
    deployment->metrics = metrics_new();
    deployment->exchange = exchange_shared_new(deployment->clock, deployment->metrics);
    /* By chance until one is leased (commands/node.h): what mints before has no database that it could meet others in. */
    id_mint_init(&deployment->mint, deployment->clock,
                 deployment->config->node > 0
                     ? (unsigned)deployment->config->node
                     : NODE_LEASE_FIRST + (unsigned)random_below(deployment->random, ID_NODES - NODE_LEASE_FIRST));
    if (g_mkdir_with_parents(deployment->config->data, 0750) != 0) {
        weir_fail(error, WEIR_ERROR_INVALID, "data folder %s: %s", deployment->config->data, g_strerror(errno));
        return NULL;
    }
    deployment->sources = deployment_load_sources(deployment, error);
    if (deployment->sources == NULL)
        return NULL;
    return g_steal_pointer(&deployment);
}

void
deployment_close(Deployment *deployment)
{
    if (deployment == NULL)
        return;
    node_stop(deployment->node);
    if (deployment->sources != NULL)
        source_set_unref(deployment->sources);
    exchange_shared_free(deployment->exchange);
    metrics_free(deployment->metrics);
    config_free(deployment->config);
    g_hash_table_unref(deployment->secrets);
    g_mutex_clear(&deployment->secrets_mutex);
    g_mutex_clear(&deployment->sources_mutex);
    g_free(deployment);
}

Db *
deployment_db(Deployment *deployment, GError **error)
{
    g_autoptr(Db) db = db_open(deployment->config->database_url, error);
    int applied;

    if (db == NULL || !migrate(db, deployment->clock, &applied, error))
        return NULL;
    return g_steal_pointer(&db);
}

char *
deployment_path(const Deployment *deployment, const char *name)
{
    return g_build_filename(deployment->config->data, name, NULL);
}
