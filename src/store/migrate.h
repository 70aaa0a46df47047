/*
 * Migrations: numbered SQL files, compiled into the binary, applied in order, each once and in one transaction.
 *
 * A file is one text for both engines. Four words are translated: BIGINT and BYTEA become INTEGER and BLOB on SQLite,
 * TABLE_OPTIONS becomes STRICT there and nothing on PostgreSQL. A block that must differ stands between lines
 * "-- sqlite:", "-- postgres:" and "-- both:".
 */
#pragma once

#include "store/db.h"

/* Brings the database to the newest version; safe from several processes at once. ret_applied: how many ran now. */
bool migrate(Db *db, int *ret_applied, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The version of the database: the number of the last file applied, 0 for none. */
bool migrate_version(Db *db, int *ret_version, GError **error) G_GNUC_WARN_UNUSED_RESULT;
