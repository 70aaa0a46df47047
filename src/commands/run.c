/*
 * weir run, serve, work, sandbox: the processes that stay.
 */
#include "api/api.h"
#include "commands/command.h"
#include "commands/reloading.h"
#include "ops/stopper.h"
#include "sandbox/sandbox.h"

#include <unistd.h>

typedef enum { ROLE_REQUEST = 1, ROLE_WORK = 2, ROLE_SANDBOX = 4 } Roles;

typedef struct {
    Deployment *deployment;
    Sandbox *sandbox;
    RequestTier *request;
    WorkTier *work;
    Api *supervision; /* of a background tier alone */
} Running;

#define STOP_GRACE_US (5 * US_PER_SECOND)

/* Stops from the outside inwards, in the opposite order of starting. */
static void
running_clear(Running *running)
{
    if (running->request != NULL)
        request_tier_stop(running->request);
    if (running->supervision != NULL)
        api_drain(running->supervision);
    work_tier_stop(running->work);
    api_stop(running->supervision, STOP_GRACE_US);
    sandbox_stop(running->sandbox);
    deployment_close(running->deployment);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Running, running_clear)

static bool
start_sandbox(Running *running, GError **error)
{
    Deployment *d = running->deployment;
    g_autofree char *path = deployment_path(d, "sandbox.db");

    running->sandbox = sandbox_start(&(SandboxSpec){.host = "127.0.0.1",
                                                    .port = d->config->sandbox_port,
                                                    .data_path = path,
                                                    .seed = d->config->sandbox_seed,
                                                    .clock = d->clock,
                                                    .lag_us = d->config->sandbox_lag_us,
                                                    .metrics = d->metrics},
                                     error);
    return running->sandbox != NULL;
}

/* Beside a request tier it is not needed: that tells the same. */
static bool
start_supervision(Running *running, GError **error)
{
    Deployment *d = running->deployment;

    running->supervision = api_start(&(ApiSpec){.host = d->config->work_listen_host,
                                                .port = d->config->work_listen_port,
                                                .threads = 1,
                                                .clock = d->clock,
                                                .metrics = d->metrics,
                                                .database_url = d->config->database_url,
                                                .database_threads = 1},
                                     error);
    return running->supervision != NULL;
}

static uint16_t
port_of(const Running *running)
{
    if (running->request != NULL)
        return request_tier_port(running->request);
    if (running->supervision != NULL)
        return api_port(running->supervision);
    return running->sandbox != NULL ? sandbox_port(running->sandbox) : 0;
}

static bool
start(Running *running, unsigned roles, GError **error)
{
    Deployment *d = running->deployment;

    if ((roles & ROLE_SANDBOX) != 0 && !start_sandbox(running, error))
        return false;
    if ((roles & ROLE_WORK) != 0 && (running->work = work_tier_start(d, error)) == NULL)
        return false;
    if ((roles & ROLE_REQUEST) != 0 && (running->request = request_tier_start(d, error)) == NULL)
        return false;
    if (roles == ROLE_WORK && d->config->work_listen_host != NULL && !start_supervision(running, error))
        return false;
    log_event(LOG_LEVEL_INFO, "weir.started", "ready; SIGTERM ends it",
              LOG_TEXT("url", running->request != NULL ? d->config->public_url : ""), LOG_INT("port", port_of(running)),
              LOG_TEXT("database", g_str_has_prefix(d->config->database_url, "sqlite:") ? "sqlite" : "postgresql"),
              LOG_INT("sources", source_set_count(d->sources)));
    return true;
}

/* A person at a terminal reads a sentence; the log is for programs. */
static void
greet(const Running *running)
{
    if (running->request == NULL || !isatty(STDERR_FILENO))
        return;
    g_printerr("Weir is at http://%s:%u (search), /dashboard and /operations. Ctrl-C stops it.\n",
               running->deployment->config->listen_host, request_tier_port(running->request));
}

static int
run_roles(int argc, char **argv, unsigned roles, const char *summary)
{
    g_auto(ConfigFlags) flags = {0};
    g_auto(Running) running = {0};
    g_autoptr(GError) error = NULL;

    if (!flags_read(&argc, &argv, "", summary, NULL, &flags))
        return EXIT_USAGE;
    stopper_install();
    if ((running.deployment = deployment_open(&flags, &error)) == NULL)
        return command_fail(error);
    log_open(STDERR_FILENO, running.deployment->config->log_level, "weir", running.deployment->clock);
    if (roles == (ROLE_REQUEST | ROLE_WORK) && running.deployment->config->sandbox)
        roles |= ROLE_SANDBOX;
    if (!start(&running, roles, &error))
        return command_fail(error);
    greet(&running);
    reloading_run(running.deployment, running.request, running.work);
    log_event(LOG_LEVEL_INFO, "weir.stopping", "asked to stop; answering what is under way", LOG_INT("roles", roles));
    return EXIT_DONE;
}

int
command_run(int argc, char **argv)
{
    return run_roles(argc, argv, ROLE_REQUEST | ROLE_WORK,
                     "Runs both tiers in one process. With --sandbox also simulated partners, so that the whole loop "
                     "runs without credentials.");
}

int
command_serve(int argc, char **argv)
{
    return run_roles(argc, argv, ROLE_REQUEST, "Runs the request tier: searches, clicks, postbacks, pages.");
}

int
command_work(int argc, char **argv)
{
    return run_roles(argc, argv, ROLE_WORK, "Runs the background tier: feeds, revenue, schedules.");
}

int
command_sandbox(int argc, char **argv)
{
    return run_roles(argc, argv, ROLE_SANDBOX, "Runs simulated partner networks alone, on the sandbox's port.");
}
