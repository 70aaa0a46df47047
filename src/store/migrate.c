#include "store/migrate.h"

#include <gio/gio.h>

#define RESOURCE_FOLDER "/weir/migrations/"

/* Made from migrations/ by compile-migrations.sh. */
extern GResource *migrations_get_resource(void);

/* The first statement of each migration: one migrator at a time. BEGIN IMMEDIATE has done it on SQLite already.
 * The number is only "weir" in ASCII; it must never change. */
static const Sql LOCK_SQL = {
    .sqlite = "SELECT 1",
    .postgres = "SELECT 1 FROM pg_advisory_xact_lock(2003134834)",
};

static const Sql CREATE_SQL = {
    .sqlite = "CREATE TABLE IF NOT EXISTS schema_migration "
              "(version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at_us INTEGER NOT NULL) STRICT",
    .postgres = "CREATE TABLE IF NOT EXISTS schema_migration "
                "(version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at_us BIGINT NOT NULL)",
};

static const Sql EXISTS_SQL = {
    .sqlite = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'schema_migration'",
    .postgres = "SELECT COUNT(to_regclass('schema_migration'))",
};

static bool
is_word_byte(char c)
{
    return g_ascii_isalnum(c) || c == '_';
}

static Str
translate_word(Str word, DbEngine engine)
{
    bool sqlite = engine == DB_ENGINE_SQLITE;

    if (str_is(word, "TABLE_OPTIONS"))
        return sqlite ? STR("STRICT") : STR("");
    if (sqlite && str_is(word, "BIGINT"))
        return STR("INTEGER");
    if (sqlite && str_is(word, "BYTEA"))
        return STR("BLOB");
    return word;
}

static void
translate_line(Str line, DbEngine engine, GString *to)
{
    for (size_t at = 0; at < line.size;) {
        size_t end = at;

        while (end < line.size && is_word_byte(line.at[end]))
            end++;
        if (end == at) {
            g_string_append_c(to, line.at[at++]);
            continue;
        }
        str_append(to, translate_word(str_slice(line, at, end), engine));
        at = end;
    }
}

char *
migrate_translate(const char *text, DbEngine engine)
{
    const char *ours = engine == DB_ENGINE_SQLITE ? "-- sqlite:" : "-- postgres:";
    const char *theirs = engine == DB_ENGINE_SQLITE ? "-- postgres:" : "-- sqlite:";
    GString *translated = g_string_new(NULL);
    bool seen = true;

    for (Str rest = str_of(text); rest.at != NULL;) {
        Str line = str_cut(&rest, '\n');
        Str mark = str_trim(line);

        if (str_is(mark, theirs))
            seen = false;
        else if (str_is(mark, ours) || str_is(mark, "-- both:"))
            seen = true;
        else if (seen)
            translate_line(line, engine, translated);
        /* Lines of the other engine stay as empty ones, so that the numbers in messages are those of the file. */
        if (rest.at != NULL)
            g_string_append_c(translated, '\n');
    }
    return g_string_free(translated, FALSE);
}

static bool
read_newest(DbTx *tx, int64_t *ret_newest, GError **error)
{
    return db_query_int(tx, SQL("SELECT COALESCE(MAX(version), 0) FROM schema_migration"), DB_NO_ARGS, ret_newest,
                        error);
}

static bool
check_not_newer(DbTx *tx, int known, GError **error)
{
    int64_t newest;

    if (!read_newest(tx, &newest, error))
        return false;
    if (newest > known)
        return weir_fail(error, WEIR_ERROR_INVALID,
                         "the database is at version %" G_GINT64_FORMAT
                         ", newer than this program, which knows up to %d: run the newer program",
                         newest, known);
    return true;
}

static bool
find_pending(DbTx *tx, const Migration *migrations, size_t count, const Migration **ret_pending, GError **error)
{
    const Migration *pending = NULL;

    for (size_t i = 0; i < count && pending == NULL; i++) {
        int64_t applied;

        if (!db_query_int(tx, SQL("SELECT COUNT(*) FROM schema_migration WHERE version = $1"),
                          DB_ARGS(db_int(migrations[i].number)), &applied, error))
            return false;
        if (applied == 0)
            pending = &migrations[i];
    }
    *ret_pending = pending;
    return true;
}

static bool
apply(DbTx *tx, const Clock *clock, const Migration *migration, GError **error)
{
    g_autofree char *text = migrate_translate(migration->text, db_tx_engine(tx));

    if (!db_exec_script(tx, text, error))
        return weir_fail_within(error, "%s", migration->name);
    return db_exec(tx, SQL("INSERT INTO schema_migration (version, name, applied_at_us) VALUES ($1, $2, $3)"),
                   DB_ARGS(db_int(migration->number), db_cstr(migration->name), db_int(clock_now_us(clock))), NULL,
                   error);
}

/* Applies the first migration the database does not have yet. */
static bool
step(Db *db, const Clock *clock, const Migration *migrations, size_t count, bool *ret_applied, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    const Migration *pending;

    if (tx == NULL || !db_exec(tx, LOCK_SQL, DB_NO_ARGS, NULL, error) ||
        !db_exec(tx, CREATE_SQL, DB_NO_ARGS, NULL, error) ||
        !check_not_newer(tx, count == 0 ? 0 : migrations[count - 1].number, error) ||
        !find_pending(tx, migrations, count, &pending, error))
        return false;
    if (pending != NULL && !apply(tx, clock, pending, error))
        return false;
    if (!db_commit_auto(&tx, error))
        return weir_fail_within(error, "%s", pending != NULL ? pending->name : "commit");
    *ret_applied = pending != NULL;
    return true;
}

/* Whether all of them were applied, and nothing else: then nobody needs the write lock. Every process asks this when it
 * starts, and most find nothing to do. */
static bool
is_up_to_date(Db *db, const Migration *migrations, size_t count, bool *ret_up_to_date, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    int64_t exists, applied = 0, newest = 0;

    if (tx == NULL || !db_query_int(tx, EXISTS_SQL, DB_NO_ARGS, &exists, error) ||
        (exists != 0 && (!db_query_int(tx, SQL("SELECT COUNT(*) FROM schema_migration"), DB_NO_ARGS, &applied, error) ||
                         !read_newest(tx, &newest, error))) ||
        !db_commit_auto(&tx, error))
        return false;
    *ret_up_to_date = count > 0 && applied == (int64_t)count && newest == migrations[count - 1].number;
    return true;
}

bool
migrate_from(Db *db, const Clock *clock, const Migration *migrations, size_t count, int *ret_applied, GError **error)
{
    int total = 0;
    bool up_to_date;

    for (size_t i = 1; i < count; i++)
        g_assert(migrations[i - 1].number < migrations[i].number);
    if (!is_up_to_date(db, migrations, count, &up_to_date, error))
        return weir_fail_within(error, "migration");
    for (bool applied = !up_to_date; applied; total += applied) {
        if (!step(db, clock, migrations, count, &applied, error))
            return weir_fail_within(error, "migration");
    }
    if (ret_applied != NULL)
        *ret_applied = total;
    return true;
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool
migrate(Db *db, const Clock *clock, int *ret_applied, GError **error)
{
    GResource *resource = migrations_get_resource();
    g_auto(GStrv) names = g_resource_enumerate_children(resource, RESOURCE_FOLDER, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    size_t count = names == NULL ? 0 : g_strv_length(names);
    g_autofree Migration *migrations = g_new0(Migration, count);
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

    if (count > 0)
        qsort(names, count, sizeof(*names), compare_names);
    for (size_t i = 0; i < count; i++) {
        g_autofree char *path = g_strconcat(RESOURCE_FOLDER, names[i], NULL);
        g_autoptr(GBytes) bytes = g_resource_lookup_data(resource, path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
        size_t size;
        const char *text = g_bytes_get_data(bytes, &size);

        g_ptr_array_add(texts, g_strndup(text, size));
        /* compile-migrations.sh has seen to it that a name begins with four digits. */
        migrations[i] = (Migration){(int)g_ascii_strtoll(names[i], NULL, 10), names[i], texts->pdata[i]};
    }
    return migrate_from(db, clock, migrations, count, ret_applied, error);
}

bool
migrate_version(Db *db, int *ret_version, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    int64_t exists, newest = 0;

    if (tx == NULL || !db_query_int(tx, EXISTS_SQL, DB_NO_ARGS, &exists, error) ||
        (exists != 0 && !read_newest(tx, &newest, error)) || !db_commit_auto(&tx, error))
        return false;
    *ret_version = (int)newest;
    return true;
}
