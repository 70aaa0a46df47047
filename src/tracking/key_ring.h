/*
 * Key ring: where the keys of click tokens come from.
 *
 * All nodes share one ring, the setting "token_keys" of the database; the first node that finds none makes the first
 * key. Each node keeps a copy in its data folder (mode 0600), so that it starts, and answers clicks, with the database
 * down. Text: one line a key, newest first: "ID KEY", the key in 64 hexadecimal digits.
 */
#pragma once

#include "store/db.h"
#include "tracking/token.h"

#define KEY_RING_SECRET_BYTES 32

/* INVALID with the line that is wrong; never shows a key. */
bool key_ring_parse(Str text, TokenKeyRing *ret_ring, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void key_ring_format(const TokenKeyRing *ring, GString *to);

/* The ring of the database, made when there is none; safe from several nodes at once. */
bool key_ring_load(Db *db, Random *random, TokenKeyRing *ret_ring, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The ring of the database at database_url, with a copy kept in the file copy_path; that copy when the database is down. */
bool key_ring_open(const char *database_url, const char *copy_path, Random *random, TokenKeyRing *ret_ring,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A secret for another purpose ("visitor"), the same on all nodes; it changes with the newest key. */
void key_ring_secret(const TokenKeyRing *ring, const char *purpose, uint8_t to[KEY_RING_SECRET_BYTES]);
