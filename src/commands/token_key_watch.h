/*
 * Token key watch: a thread that looks now and then which keys of click tokens hold, so that keys are rotated without a
 * restart.
 *
 * Each two seconds, whatever tokens come: nobody can make it look more often with tokens of keys that there are not. With
 * the database away, the keys of before hold; where the copy can't be written, the new ones hold all the same.
 */
#pragma once

#include "commands/deployment.h"
#include "tracking/token.h"

typedef struct TokenKeyWatch TokenKeyWatch;
/* ring: the process's first, in the order of the text; it is replaced by newer ones. Everything must outlive the watch; takes
 * copy_path. */
TokenKeyWatch *token_key_watch_start(Deployment *deployment, TokenKeyRing *ring, char *copy_path);
/* NULL is allowed. */
void token_key_watch_stop(TokenKeyWatch *watch);
