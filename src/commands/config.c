#include "commands/config.h"

#include "api/cors.h"
#include "store/node_lease.h"

static const YamlKey SANDBOX_KEYS[] = {
    {.name = "enabled",
     .type = YAML_BOOLEAN,
     .default_text = "false",
     .help = "Run the simulated partners and use their definitions. The flag --sandbox sets it."},
    {.name = "port",
     .type = YAML_INTEGER,
     .default_text = "8090",
     .min = 0,
     .max = 65535,
     .help = "Loopback port of the simulated partners."},
    {.name = "seed",
     .type = YAML_INTEGER,
     .default_text = "1",
     .min = 0,
     .max = INT64_MAX,
     .help = "Decides catalogue and earnings: the same seed, the same partners."},
    {.name = "lag",
     .type = YAML_DURATION,
     .default_text = "5s",
     .help = "How long after a click the first report shows it; later stages are multiples."},
    {.name = "url",
     .type = YAML_TEXT,
     .help = "Where the simulated partners are, when another process runs them. Default: this one, on its port."},
    {.name = NULL},
};

static const YamlKey ALERT_KEYS[] = {
    {.name = "webhook",
     .type = YAML_TEXT,
     .help = "URL that gets a POST with JSON for each alert. Default: the secret WEIR_ALERT_WEBHOOK."},
    {.name = "smtp",
     .type = YAML_TEXT,
     .help = "smtp://HOST:PORT or smtps://HOST:PORT, with USER@ for a login by the secret WEIR_SMTP_PASSWORD."},
    {.name = "mail_from", .type = YAML_TEXT, .help = "Sender of mailed alerts."},
    {.name = "mail_to", .type = YAML_TEXT, .help = "Who gets them; several with commas."},
    {.name = NULL},
};

static const YamlKey KEYS[] = {
    {.name = "listen",
     .type = YAML_TEXT,
     .default_text = "127.0.0.1:8080",
     .help = "Address and port of the HTTP API, as HOST:PORT. Port 0 takes any free one."},
    {.name = "work_listen",
     .type = YAML_TEXT,
     .help = "Where weir work tells how it is (/livez, /readyz, /healthz, /metrics), as HOST:PORT. Default: nowhere. "
             "weir run tells it beside its API."},
    {.name = "public_url",
     .type = YAML_TEXT,
     .help = "How visitors reach the API; click links start with it. Default: http:// and the listen address."},
    {.name = "data", .type = YAML_TEXT, .default_text = "data", .help = "Folder of everything the process writes."},
    {.name = "database",
     .type = YAML_TEXT,
     .help = "sqlite:PATH or postgresql://... . Default: weir.db in the data folder."},
    {.name = "sources",
     .type = YAML_TEXT,
     .help = "Folder of source definitions. Default: sources beside the program, or /usr/share/weir/sources."},
    {.name = "parameters",
     .type = YAML_ANY,
     .help = "Values for the parameters of sources, as source: {parameter: value}."},
    {.name = "instances",
     .type = YAML_ANY,
     .help = "More instances of definitions, as source: {instance: {parameter: value}}."},
    {.name = "secrets",
     .type = YAML_TEXT,
     .help = "Folder with one file for each secret. The environment comes first."},
    {.name = "node",
     .type = YAML_INTEGER,
     .default_text = "0",
     .min = 0,
     .max = NODE_LEASE_FIRST - 1,
     .help = "Number of this process in its ids, different on each process that shares a database. 0: one of 256 and "
             "above is "
             "leased there."},
    {.name = "http_threads",
     .type = YAML_INTEGER,
     .default_text = "2",
     .min = 1,
     .max = 256,
     .help = "Threads that answer HTTP."},
    {.name = "search_threads",
     .type = YAML_INTEGER,
     .default_text = "2",
     .min = 1,
     .max = 256,
     .help = "Threads that ask partners."},
    {.name = "database_threads",
     .type = YAML_INTEGER,
     .default_text = "2",
     .min = 1,
     .max = 256,
     .help = "Threads, each with a connection, that read the database for the API."},
    {.name = "work_threads",
     .type = YAML_INTEGER,
     .default_text = "2",
     .min = 1,
     .max = 256,
     .help = "Threads that run tasks."},
    {.name = "task_lease",
     .type = YAML_DURATION,
     .default_text = "60s",
     .help = "A worker that is not heard of for so long has lost its task to another. At least 1s."},
    {.name = "token_lifetime", .type = YAML_DURATION, .default_text = "7d", .help = "How long a click link works."},
    {.name = "drain",
     .type = YAML_DURATION,
     .default_text = "0s",
     .help =
         "How long requests are still taken after SIGTERM, while /readyz already says 503: as long as a load balancer "
         "needs to see it. Needless where one tries the next server when this one refuses."},
    {.name = "stop_within",
     .type = YAML_DURATION,
     .default_text = "25s",
     .help =
         "How long after SIGTERM and drain the request tier may need to answer what is under way and to ship events; "
         "who holds a connection for longer is cut off. Keep it below what the supervisor waits before it kills."},
    {.name = "log_level", .type = YAML_TEXT, .default_text = "info", .help = "error, warn, info or debug."},
    {.name = "trusted_proxies",
     .type = YAML_TEXTS,
     .help = "Addresses or ranges whose X-Forwarded-For is believed. Loopback always is."},
    {.name = "robots_list",
     .type = YAML_TEXT,
     .help =
         "File with a list of robots whose clicks don't count either, as COUNTER's COUNTER_Robots_list.json. Default: "
         "none; crawler-user-agents is compiled in."},
    {.name = "api_keys",
     .type = YAML_TEXTS,
     .help = "What is answered only to who shows an API key (weir key): search, feed, operations. Default: nothing."},
    {.name = "api_key_limit",
     .type = YAML_TEXT,
     .default_text = "none",
     .help = "How often each key may ask that has no limit of its own (weir key limit): REQUESTS/TIME, as 600/1m, or "
             "none. Each process counts by itself."},
    {.name = "cors_origins",
     .type = YAML_TEXTS,
     .help = "Origins whose pages may read the API in a browser, as https://HOST, or *. Default: only its own."},
    {.name = "allow_private_hosts",
     .type = YAML_BOOLEAN,
     .default_text = "false",
     .help = "Let sources live on private addresses. Only for tests and intranets."},
    {.name = "alerts", .type = YAML_RECORD, .nested = ALERT_KEYS, .help = "Who is told of alerts, beside the log."},
    {.name = "answers",
     .type = YAML_RECORD,
     .nested = ANSWER_LIMIT_KEYS,
     .help = "Limits of what a partner answers to one search."},
    {.name = "overload",
     .type = YAML_RECORD,
     .nested = OVERLOAD_KEYS,
     .help = "What is answered 503 when there is too much to do, so that the rest is answered in time."},
    {.name = "ranking",
     .type = YAML_RECORD,
     .nested = RANKING_KEYS,
     .help = "What stands first in the answer to a search: weights of the parts of a listing's score, and how sources "
             "are mixed (api.md)."},
    {.name = "cache",
     .type = YAML_RECORD,
     .nested = CACHE_KEYS,
     .help = "Answers of partners, and of the index, that are kept for whoever asks the same."},
    {.name = "warehouse",
     .type = YAML_RECORD,
     .nested = WAREHOUSE_KEYS,
     .help = "Where searches, clicks and money are exported for analysis."},
    {.name = "retention",
     .type = YAML_RECORD,
     .nested = RETENTION_KEYS,
     .help = "How long what is kept; 0s: for ever. Reports, money and what earned it are never removed."},
    {.name = "sandbox", .type = YAML_RECORD, .nested = SANDBOX_KEYS, .help = "The simulated partners."},
    {.name = NULL},
};

void
config_write_reference(GString *to)
{
    yaml_schema_write_markdown(KEYS, to);
}

/* The flag, or the file's value, or the default; a copy in the config's arena; NULL when there is none of them. */
static const char *
text_value(Config *config, const char *flag, const YamlNode *map, const char *key)
{
    return arena_strdup(config->arena, flag != NULL ? str_of(flag) : yaml_get_text(map, KEYS, key));
}

static unsigned
count_value(const YamlNode *map, const char *key)
{
    return (unsigned)yaml_get_integer(map, KEYS, key);
}

/* Without a value for a text that is in the file, a mistake is told at the top of it. */
static const YamlNode *
place_of(const YamlNode *map, const char *key)
{
    const YamlNode *node = yaml_find(map, key);

    return node != NULL ? node : map;
}

static void
take_address(Config *config, const char *key, const char *text, const YamlNode *map, YamlMistakes *mistakes,
             const char **ret_host, uint16_t *ret_port)
{
    const char *colon = strrchr(text, ':');
    int64_t port;

    if (colon == NULL || !str_to_int64(str_of(colon + 1), &port) || port < 0 || port > 65535) {
        yaml_mistake(mistakes, place_of(map, key), key, "\"%s\" is not HOST:PORT, such as 127.0.0.1:8080", text);
        return;
    }
    *ret_host = arena_strdup(config->arena, (Str){text, (size_t)(colon - text)});
    *ret_port = (uint16_t)port;
}

static void
take_addresses(Config *config, const ConfigFlags *flags, const YamlNode *map, YamlMistakes *mistakes)
{
    const char *work = text_value(config, NULL, map, "work_listen");

    take_address(config, "listen", text_value(config, flags->listen, map, "listen"), map, mistakes,
                 &config->listen_host, &config->listen_port);
    if (work != NULL)
        take_address(config, "work_listen", work, map, mistakes, &config->work_listen_host, &config->work_listen_port);
}

static void
take_tasks(Config *config, const YamlNode *map, YamlMistakes *mistakes)
{
    config->work_threads = count_value(map, "work_threads");
    config->task_lease_us = yaml_get_duration_us(map, KEYS, "task_lease");
    if (config->task_lease_us < US_PER_SECOND)
        yaml_mistake(mistakes, place_of(map, "task_lease"), "task_lease", "is less than 1s");
}

static void
take_proxies(Config *config, const YamlNode *map, YamlMistakes *mistakes)
{
    const YamlNode *node = yaml_find(map, "trusted_proxies");
    const char *const *texts = node == NULL ? NULL : yaml_texts(node, config->arena);
    size_t count = texts == NULL ? 0 : g_strv_length((GStrv)texts);

    config->trusted_proxies = ARENA_ARRAY(config->arena, AddressRange, count + 1);
    for (size_t i = 0; i < count; i++) {
        g_autoptr(GError) error = NULL;

        if (address_range_parse(str_of(texts[i]), &config->trusted_proxies[config->trusted_proxy_count], &error))
            config->trusted_proxy_count++;
        else
            yaml_mistake(mistakes, node, "trusted_proxies", "%s", error->message);
    }
}

static void
take_key_scopes(Config *config, const YamlNode *map, YamlMistakes *mistakes)
{
    const YamlNode *node = yaml_find(map, "api_keys");
    const char *const *names = node == NULL ? NULL : yaml_texts(node, config->arena);

    for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
        ApiScope scope = api_scope_parse(str_of(names[i]));

        config->key_scopes |= scope;
        if (scope == API_SCOPE_NONE)
            yaml_mistake(mistakes, node, "api_keys", "\"%s\" is not search, feed or operations", names[i]);
    }
}

static void
take_key_limit(Config *config, const YamlNode *map, YamlMistakes *mistakes)
{
    g_autoptr(GError) error = NULL;
    KeyLimit limit;

    if (!key_limit_parse(yaml_get_text(map, KEYS, "api_key_limit"), &limit, &error))
        yaml_mistake(mistakes, place_of(map, "api_key_limit"), "api_key_limit", "%s", error->message);
    else if (limit.kind == KEY_LIMIT_DEFAULT)
        yaml_mistake(mistakes, place_of(map, "api_key_limit"), "api_key_limit",
                     "is the default itself: say none, or a limit");
    else
        config->key_limit = limit.rate;
}

static void
take_origins(Config *config, const YamlNode *map, YamlMistakes *mistakes)
{
    const YamlNode *node = yaml_find(map, "cors_origins");

    config->cors_origins = node == NULL ? NULL : yaml_texts(node, config->arena);
    for (size_t i = 0; config->cors_origins != NULL && config->cors_origins[i] != NULL; i++)
        if (!cors_origin_is_valid(str_of(config->cors_origins[i])))
            yaml_mistake(mistakes, node, "cors_origins", "\"%s\" is not *, or like https://www.example.com",
                         config->cors_origins[i]);
}

static void
take_sandbox(Config *config, const ConfigFlags *flags, const YamlNode *map)
{
    const YamlNode *sandbox = yaml_find(map, "sandbox");

    config->sandbox = flags->sandbox || yaml_get_boolean(sandbox, SANDBOX_KEYS, "enabled");
    config->sandbox_port = (uint16_t)yaml_get_integer(sandbox, SANDBOX_KEYS, "port");
    config->sandbox_seed = (uint64_t)yaml_get_integer(sandbox, SANDBOX_KEYS, "seed");
    config->sandbox_lag_us = yaml_get_duration_us(sandbox, SANDBOX_KEYS, "lag");
    config->sandbox_url = arena_strdup(config->arena, yaml_get_text(sandbox, SANDBOX_KEYS, "url"));
}

static void
take_alerts(Config *config, const YamlNode *map, YamlMistakes *mistakes)
{
    const YamlNode *alerts = yaml_find(map, "alerts");

    config->alert_webhook = arena_strdup(config->arena, yaml_get_text(alerts, ALERT_KEYS, "webhook"));
    config->alert_smtp = arena_strdup(config->arena, yaml_get_text(alerts, ALERT_KEYS, "smtp"));
    config->alert_mail_from = arena_strdup(config->arena, yaml_get_text(alerts, ALERT_KEYS, "mail_from"));
    config->alert_mail_to = arena_strdup(config->arena, yaml_get_text(alerts, ALERT_KEYS, "mail_to"));
    if (config->alert_webhook != NULL && !g_str_has_prefix(config->alert_webhook, "http://") &&
        !g_str_has_prefix(config->alert_webhook, "https://"))
        yaml_mistake(mistakes, yaml_find(alerts, "webhook"), "webhook", "must begin with https:// or http://");
    if (config->alert_smtp == NULL)
        return;
    if (!g_str_has_prefix(config->alert_smtp, "smtp://") && !g_str_has_prefix(config->alert_smtp, "smtps://"))
        yaml_mistake(mistakes, yaml_find(alerts, "smtp"), "smtp", "must begin with smtp:// or smtps://");
    if (config->alert_mail_from == NULL || config->alert_mail_to == NULL)
        yaml_mistake(mistakes, alerts, "smtp", "needs mail_from and mail_to");
}

/* The first of the places, given from the program's own folder, that is there; NULL when none is. */
static const char *
find_beside_program(const char *const *places, size_t count, Arena *arena)
{
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = program == NULL ? g_strdup(".") : g_path_get_dirname(program);

    for (size_t i = 0; i < count; i++) {
        g_autofree char *candidate = g_canonicalize_filename(places[i], folder);

        if (g_file_test(candidate, G_FILE_TEST_EXISTS))
            return arena_strdup(arena, str_of(candidate));
    }
    return NULL;
}

/* In a build tree (build/weir), or where a package puts it. */
static const char *
default_sources(Arena *arena)
{
    const char *const places[] = {"../sources", "sources", "../share/weir/sources"};
    const char *found = find_beside_program(places, G_N_ELEMENTS(places), arena);

    return found != NULL ? found : "/usr/share/weir/sources";
}

static const char *
default_duckdb(Arena *arena)
{
    const char *const places[] = {"../web/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so",
                                  "../lib/weir/libduckdb.so", "../lib/libduckdb.so"};
    const char *found = find_beside_program(places, G_N_ELEMENTS(places), arena);

    return found != NULL ? found : "/usr/lib/weir/libduckdb.so";
}

/* Each is of a definition that there is; what it says is checked when that is loaded. */
static void
check_instances(const Config *config, YamlMistakes *mistakes)
{
    const YamlNode *instances = config->instances;

    if (instances != NULL && instances->kind != YAML_MAPPING) {
        yaml_mistake(mistakes, instances, "instances", "is not a mapping of source: {instance: {parameter: value}}");
        return;
    }
    for (size_t i = 0; instances != NULL && i < instances->count; i++) {
        const YamlNode *key = instances->pairs[i].key;
        g_autofree char *file = g_strdup_printf("%s.yaml", key->text.at);
        g_autofree char *path = g_build_filename(config->sources, file, NULL);

        if (!g_file_test(path, G_FILE_TEST_EXISTS))
            yaml_mistake(mistakes, key, "instances", "there is no definition %s", path);
    }
}

static void
config_take(Config *config, const ConfigFlags *flags, const YamlNode *map, YamlMistakes *mistakes)
{
    const char *level = text_value(config, NULL, map, "log_level");

    take_addresses(config, flags, map, mistakes);
    take_proxies(config, map, mistakes);
    take_key_scopes(config, map, mistakes);
    take_key_limit(config, map, mistakes);
    take_origins(config, map, mistakes);
    take_alerts(config, map, mistakes);
    config->search_limits = search_limits_take(yaml_find(map, "answers"));
    config->admission = admission_rule_take(yaml_find(map, "overload"));
    ranking_config_take(&config->ranking, yaml_find(map, "ranking"), mistakes);
    cache_config_take(&config->cache, yaml_find(map, "cache"), config->arena, mistakes);
    warehouse_config_take(&config->warehouse, yaml_find(map, "warehouse"), config->arena, mistakes);
    retention_take(&config->retention, yaml_find(map, "retention"), mistakes);
    take_sandbox(config, flags, map);
    config->public_url = text_value(config, NULL, map, "public_url");
    config->data = text_value(config, flags->data, map, "data");
    config->database_url = text_value(config, NULL, map, "database");
    config->sources = text_value(config, flags->sources, map, "sources");
    config->secrets = text_value(config, NULL, map, "secrets");
    config->robots_list = text_value(config, NULL, map, "robots_list");
    config->parameters = yaml_find(map, "parameters");
    config->instances = yaml_find(map, "instances");
    config->node = yaml_get_integer(map, KEYS, "node");
    config->http_threads = count_value(map, "http_threads");
    config->search_threads = count_value(map, "search_threads");
    config->database_threads = count_value(map, "database_threads");
    take_tasks(config, map, mistakes);
    config->token_lifetime_us = yaml_get_duration_us(map, KEYS, "token_lifetime");
    config->drain_us = yaml_get_duration_us(map, KEYS, "drain");
    config->stop_within_us = yaml_get_duration_us(map, KEYS, "stop_within");
    config->allow_private_hosts = yaml_get_boolean(map, KEYS, "allow_private_hosts");
    if (!log_level_parse(str_of(level), &config->log_level))
        yaml_mistake(mistakes, place_of(map, "log_level"), "log_level", "\"%s\" is not error, warn, info or debug",
                     level);
    if (config->parameters != NULL && config->parameters->kind != YAML_MAPPING)
        yaml_mistake(mistakes, config->parameters, "parameters", "is not a mapping of source: {parameter: value}");
}

static void
config_fill(Config *config)
{
    Arena *arena = config->arena;

    if (config->public_url == NULL) {
        bool any = strcmp(config->listen_host, "0.0.0.0") == 0 || strcmp(config->listen_host, "::") == 0 ||
                   strcmp(config->listen_host, "127.0.0.1") == 0;

        config->public_url =
            arena_printf(arena, "http://%s:%u", any ? "localhost" : config->listen_host, config->listen_port).at;
    }
    if (config->database_url == NULL)
        config->database_url = arena_printf(arena, "sqlite:%s/weir.db", config->data).at;
    if (config->sources == NULL)
        config->sources = default_sources(arena);
    if (config->warehouse.duckdb == NULL)
        config->warehouse.duckdb = default_duckdb(arena);
    if (config->sandbox_url == NULL)
        config->sandbox_url = arena_printf(arena, "http://127.0.0.1:%u", config->sandbox_port).at;
}

Config *
config_load(const ConfigFlags *flags, GError **error)
{
    g_autoptr(Config) config = g_new0(Config, 1);
    g_auto(YamlMistakes) mistakes;
    const YamlNode *map;

    yaml_mistakes_init(&mistakes);
    config->arena = arena_new(16 * 1024);
    map = flags->file != NULL ? yaml_load(flags->file, config->arena, &mistakes)
                              : yaml_parse(STR(""), "(defaults)", config->arena, &mistakes);
    if (map != NULL) {
        yaml_check(map, KEYS, &mistakes);
        if (mistakes.count == 0)
            config_take(config, flags, map, &mistakes);
    }
    if (mistakes.count == 0) {
        config_fill(config);
        check_instances(config, &mistakes);
    }
    if (!yaml_mistakes_none(&mistakes, error))
        return NULL;
    return g_steal_pointer(&config);
}

void
config_free(Config *config)
{
    if (config == NULL)
        return;
    arena_free(config->arena);
    g_free(config);
}
