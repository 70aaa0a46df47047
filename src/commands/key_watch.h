/*
 * Key watch: a thread that looks every few seconds which API keys hold.
 *
 * With the database away those hold that held when it was last there.
 */
#pragma once

#include "api/key_book.h"

typedef struct KeyWatch KeyWatch;
/* Has looked once when it returns. Everything must outlive the watch. */
KeyWatch *key_watch_start(const char *database_url, KeyBook *book);
/* NULL is allowed. */
void key_watch_stop(KeyWatch *watch);
