/* Private to this room: what exchange.c and login.c know of a loop's exchanges. */
#pragma once

#include "exchange/exchange.h"

struct Exchanges {
    Loop *loop;
    HttpClient *client;
    ExchangeShared *shared;
    bool allow_private_hosts;
    GQueue logins; /* of Login, under way */
};

/* The name of an operation's login: equal for equal requests, and no secret can be read from it. Freed with g_free().
 * NULL with an error when the request cannot be made. */
char *login_key(const Operation *operation, GError **error);
/* Makes the login of the operation as the leader of its key, and tells the session store how it ended. */
void login_start(Exchanges *exchanges, SourceSet *set, const Operation *operation, const char *key);
void logins_stop(Exchanges *exchanges);
