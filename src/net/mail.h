/*
 * Mail: one plain text message to an SMTP server, on the calling thread.
 */
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "base/str.h"

#define MAIL_TIMEOUT_US (20 * US_PER_SECOND)

typedef struct {
    const char *server;         /* smtp://host:port (STARTTLS when offered) or smtps://host:port; user@ for a login */
    const char *password;       /* NULL when none is needed */
    const char *from;           /* an address */
    const char *to;             /* addresses, with commas between */
    const char *subject, *text; /* UTF-8 */
    const char *id; /* makes the Message-ID: the same for the same message, so that mailers may drop a repetition */
    int64_t sent_at_us;
} Mail;

/* INVALID: the server refuses it for good, or an address is none. UNAVAILABLE and TIMEOUT may pass. */
bool mail_send(const Mail *mail, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The message as it is sent, for tests: headers, an empty line, the text in base64. */
void mail_write(const Mail *mail, GString *to);
