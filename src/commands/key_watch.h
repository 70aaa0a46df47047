/*
 * Key watch: a thread that looks every few seconds which API keys hold.
 *
 * They are copied to a file. With the database away those hold that held when it was last there, over starts too.
 */
#pragma once

#include "api/key_book.h"

typedef struct KeyWatch KeyWatch;
/* Has looked once when it returns. database_url and book must outlive the watch; takes copy_path. */
KeyWatch *key_watch_start(const char *database_url, char *copy_path, KeyBook *book);
/* NULL is allowed. */
void key_watch_stop(KeyWatch *watch);
