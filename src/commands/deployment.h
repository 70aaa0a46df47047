/*
 * Deployment: what every command works on: configuration, store, sources, and the machine's own clock and chance,
 * which are taken here and handed down.
 */
#pragma once

#include "base/id.h"
#include "base/random.h"
#include "commands/config.h"
#include "exchange/exchange.h"
#include "ops/metrics.h"
#include "sources/source.h"
#include "store/db.h"

typedef struct Node Node; /* see commands/node.h */

typedef struct {
    Config *config;
    const Clock *clock;
    Random *random;
    IdMint mint;
    Node *node; /* who keeps the mint's number; NULL: by chance, or of the configuration */
    Metrics *metrics;
    SourceSet *sources; /* as loaded last; where it may be reloaded: deployment_sources() */
    GMutex sources_mutex;
    ExchangeShared *exchange; /* what all that asks partners shares */
    GMutex secrets_mutex;
    GHashTable *secrets; /* read from files so far */
} Deployment;

/* Loads the configuration and the sources, and makes the data folder. */
Deployment *deployment_open(const ConfigFlags *flags, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void deployment_close(Deployment *deployment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Deployment, deployment_close)

/* A new connection to the database, brought to the newest version first. */
Db *deployment_db(Deployment *deployment, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The definitions anew from their files, for check and reload. */
SourceSet *deployment_load_sources(const Deployment *deployment, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The definitions in use, referenced for the caller. From any thread. */
SourceSet *deployment_sources(Deployment *deployment);
/* Reads them again; when they have a mistake, those in use stay. */
bool deployment_reload_sources(Deployment *deployment, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A secret by its name: of the environment, else of the secrets folder; NULL when there is none. Holds as long as the
 * deployment. From any thread. */
const char *deployment_secret(Deployment *deployment, const char *name);
/* PATH in the data folder; freed with g_free(). */
char *deployment_path(const Deployment *deployment, const char *name);
