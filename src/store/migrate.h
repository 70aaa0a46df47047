/*
 * Migrations: numbered SQL files, compiled into the binary, applied in order, each once and in one transaction.
 *
 * A file is one text for both engines. Four words are translated: BIGINT and BYTEA become INTEGER and BLOB on SQLite,
 * TABLE_OPTIONS becomes STRICT there and nothing on PostgreSQL. A block that must differ stands between lines
 * "-- sqlite:", "-- postgres:" and "-- both:".
 */
#pragma once

#include "base/clock.h"
#include "store/db.h"

/* Brings the database to the newest version; safe from several processes at once. ret_applied (may be NULL): how many
 * ran now. INVALID when the database has migrations newer than this program. A message names file and line. */
bool migrate(Db *db, const Clock *clock, int *ret_applied, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The version of the database: the highest number among the files applied, 0 for none. */
bool migrate_version(Db *db, int *ret_version, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    int number;
    const char *name; /* the file's */
    const char *text;
} Migration;

/* migrate() with another list, in order of number, instead of the files compiled in. */
bool migrate_from(Db *db, const Clock *clock, const Migration *migrations, size_t count, int *ret_applied,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What one engine gets to see of a file, with every line where it was. */
char *migrate_translate(const char *text, DbEngine engine) G_GNUC_WARN_UNUSED_RESULT;
