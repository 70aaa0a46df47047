/*
 * Channels: the ways in which an alert reaches people. Each is one const table.
 *
 * A notice is delivered by a task that tries again until it is; what was delivered is recorded and not sent again. Only
 * when a process ends between sending and recording may a notice come twice: so each carries an id of its own, by which
 * a receiver can tell.
 */
#pragma once

#include "net/http_client.h"
#include "revenue/alert.h"

/* Where alerts go; NULL: not there. */
typedef struct {
    const char *webhook; /* URL that gets a POST with JSON */
    const char *smtp;    /* smtp://host:port or smtps://; with user@ when it wants a login */
    const char *smtp_password;
    const char *mail_from, *mail_to; /* to: several with commas */
    const char *base_url;            /* ours, for links */
} AlertRoutes;

typedef struct {
    const AlertRoutes *routes;
    const Clock *clock;
    HttpClient *client;
    void (*run_until)(void *loop, const bool *done); /* runs the client's loop */
    void *loop;
} AlertSender;

typedef struct {
    const char *id;    /* "0AB.../opened": the same whenever it is sent */
    const char *event; /* "opened" or "resolved" */
    const char *message;
    Alert alert; /* as it stands now */
} AlertNotice;

typedef struct {
    const char *name;
    bool (*is_configured)(const AlertRoutes *routes);
    /* INVALID: it will never take this one. All else may pass. */
    bool (*send)(const AlertSender *sender, const AlertNotice *notice, GError **error);
} AlertChannel;

extern const AlertChannel ALERT_CHANNEL_LOG, ALERT_CHANNEL_WEBHOOK, ALERT_CHANNEL_MAIL;

/* The names of those that are configured, NULL-terminated; free with g_free(). */
const char **alert_channels(const AlertRoutes *routes);

/* Sends the notice that a task's key names, unless that was done before. A resolution waits for the opening of its
 * alert: UNAVAILABLE until that was delivered. */
bool alert_deliver(Db *db, const AlertSender *sender, Str key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
