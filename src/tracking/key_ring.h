/*
 * Key ring: where the keys of click tokens come from, and how new ones take the place of old ones.
 *
 *     (made) ──KEY_RING_SETTLE_US──> seals, and opens ──a newer one seals──> opens ──token lifetime──> may be retired
 *
 * All nodes share one ring, the setting "token_keys" of the database; the first node that finds none makes the first
 * key. Each node keeps a copy in its data folder (mode 0600), so that it starts, and answers clicks, with the database
 * down. A new key only opens at first: nodes look at the ring more often than that takes, so that all know it before one of
 * them seals with it.
 *
 * Text: "root SECRET" where keys were rotated, then one line a key, newest first: "ID KEY" or "ID KEY MADE-AT" (seconds);
 * secrets are 64 hexadecimal digits.
 */
#pragma once

#include "store/db.h"
#include "tracking/token.h"

#define KEY_RING_SECRET_BYTES 32
#define KEY_RING_SETTLE_US    (2 * US_PER_MINUTE)

/* INVALID with the line that is wrong; never shows a key. In the order of the text. */
bool key_ring_parse(Str text, TokenKeyRing *ret_ring, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void key_ring_format(const TokenKeyRing *ring, GString *to);

/* The ring of the database, made when there is none; safe from several nodes at once. */
bool key_ring_load(Db *db, Random *random, TokenKeyRing *ret_ring, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The ring of the database at database_url, with a copy kept in the file copy_path; that copy when the database is down. */
bool key_ring_open(const char *database_url, const char *copy_path, Random *random, TokenKeyRing *ret_ring,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Keeps the copy. */
bool key_ring_save(const TokenKeyRing *ring, const char *copy_path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same keys with the one first that seals now: the newest that has settled. */
TokenKeyRing key_ring_at(const TokenKeyRing *ring, int64_t now_us);

/* Adds a key; ret_id: which. LIMIT when there are too many: retire one first. CONFLICT when the newest has not settled yet. */
bool key_ring_rotate(DbTx *tx, Random *random, int64_t now_us, uint8_t *ret_id,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* When nothing sealed by a key can be opened any more, as tokens live no longer than lifetime_us: INT64_MAX while it seals or is
 * yet to. ring as loaded. */
int64_t key_ring_spent_us(const TokenKeyRing *ring, uint8_t id, int64_t lifetime_us, int64_t now_us);
/* Takes a key out: from now on its links are refused. NOT_FOUND when there is none; CONFLICT when it seals. */
bool key_ring_retire(DbTx *tx, uint8_t id, int64_t now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A secret for another purpose ("visitor"), the same on all nodes; it stays the same when keys are rotated. */
void key_ring_secret(const TokenKeyRing *ring, const char *purpose, uint8_t to[KEY_RING_SECRET_BYTES]);
