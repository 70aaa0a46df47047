#include "commands/node.h"

#include "ops/log.h"
#include "ops/periodic.h"
#include "store/node_lease.h"

#define RENEW_US   US_PER_HOUR
#define RETRY_US   (10 * US_PER_SECOND)
#define FILE_LIMIT 1024

struct Node {
    Deployment *deployment;
    char *path; /* where the lease is remembered; NULL: nowhere, and it is given back at the end */
    bool has_lease;
    NodeLease lease;
    Periodic *keeper;
};

static void
remember(const Node *node)
{
    g_autofree char *text = node_lease_format(&node->lease);
    g_autoptr(GError) error = NULL;

    if (node->path != NULL && !g_file_set_contents(node->path, text, -1, &error))
        log_event(LOG_LEVEL_WARN, "node.file", "a start without the database will not know its number",
                  LOG_ERROR(error));
}

static bool
lease_new(Node *node, Db *db, GError **error)
{
    Deployment *d = node->deployment;

    if (!node_lease_take(db, d->clock, d->random, &node->lease, error))
        return false;
    node->has_lease = true;
    id_mint_move(&d->mint, node->lease.number);
    remember(node);
    return true;
}

/* Renews what we have; where another has it by now, or we had none, takes a new one. */
static bool
lease_keep(Node *node, GError **error)
{
    Deployment *d = node->deployment;
    g_autoptr(Db) db = db_open(d->config->database_url, error);
    g_autoptr(GError) failure = NULL;

    if (db == NULL)
        return false;
    if (!node->has_lease)
        return lease_new(node, db, error);
    if (node_lease_renew(db, d->clock, &node->lease, &failure))
        return true;
    if (weir_error_code(failure) != WEIR_ERROR_CONFLICT) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    log_event(LOG_LEVEL_WARN, "node.lost", "minting ids under another number from now on", LOG_ERROR(failure));
    return lease_new(node, db, error);
}

static int64_t
keep(void *data)
{
    return lease_keep(data, NULL) ? RENEW_US : RETRY_US;
}

static Node *
node_new(Deployment *deployment, char *path)
{
    Node *node = g_new0(Node, 1);

    node->deployment = deployment;
    node->path = path;
    return node;
}

static void
node_start(Node *node)
{
    bool is_leased = node->has_lease && node->lease.until_us > 0;

    node->deployment->node = node;
    node->keeper = periodic_start("node", is_leased ? RENEW_US : RETRY_US, keep, node);
}

static void
node_free(Node *node)
{
    g_free(node->path);
    g_free(node);
}

bool
node_take(Deployment *deployment, GError **error)
{
    Node *node;

    if (deployment->config->node > 0 || deployment->node != NULL)
        return true;
    node = node_new(deployment, NULL);
    if (!lease_keep(node, error)) {
        node_free(node);
        return false;
    }
    node_start(node);
    return true;
}

static void
recall(Node *node)
{
    g_autofree char *text = NULL;
    gsize size;

    if (!g_file_get_contents(node->path, &text, &size, NULL) || size > FILE_LIMIT ||
        !node_lease_parse((Str){text, size}, &node->lease))
        return;
    node->has_lease = true;
    id_mint_move(&node->deployment->mint, node->lease.number);
}

void
node_take_when_possible(Deployment *deployment)
{
    g_autoptr(GError) error = NULL;
    Node *node;

    if (deployment->config->node > 0 || deployment->node != NULL)
        return;
    node = node_new(deployment, deployment_path(deployment, "node"));
    recall(node);
    if (!lease_keep(node, &error))
        log_event(LOG_LEVEL_WARN, "node.waits", "the number for ids is leased when the database answers",
                  LOG_INT("node", deployment->mint.node), LOG_ERROR(error));
    node_start(node);
}

void
node_stop(Node *node)
{
    g_autoptr(Db) db = NULL;

    if (node == NULL)
        return;
    periodic_stop(node->keeper);
    if (node->path == NULL)
        db = db_open(node->deployment->config->database_url, NULL);
    /* What can't be given back now ends by itself. */
    if (db != NULL && !node_lease_release(db, &node->lease, NULL))
        log_event(LOG_LEVEL_DEBUG, "node.kept", "the number for ids is free again when its lease ends",
                  LOG_INT("node", node->lease.number));
    node_free(node);
}
