/*
 * The least that importing a feed can cost: zlib, expat and SQLite in one loop, without Weir.
 *
 * usage: bench_bare_import DATABASE FEED.xml.gz
 *
 * It writes into the tables of an empty Weir database, so columns, indexes and full text are the same, and commits as
 * Weir does. It does nothing else: no look-up whether a listing is known, no HTML to text, no dates, no amounts, no
 * folding of words but to lower case, no limits, no errors but the end.
 */
#include <ctype.h>
#include <expat.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define TEXT_SIZE 8192
#define BATCH     2000
#define PIECE     (64 * 1024)

enum { TITLE, DATE, REFERENCE, URL, COMPANY, CITY, STATE, COUNTRY, TYPE, SALARY, CATEGORY, DESCRIPTION, FIELDS };

static const char *const NAMES[FIELDS] = {"title", "date",    "referencenumber", "url",    "company",  "city",
                                          "state", "country", "jobtype",         "salary", "category", "description"};

typedef struct {
    sqlite3 *db;
    sqlite3_stmt *listing, *seen, *index, *terms, *words;
    int field; /* being read; -1: none */
    size_t size[FIELDS];
    char text[FIELDS][TEXT_SIZE];
    int64_t number;
} Import;

static void
need(bool done, const char *what)
{
    if (done)
        return;
    fprintf(stderr, "bare_import: %s\n", what);
    exit(1);
}

static void
run(Import *import, const char *sql)
{
    need(sqlite3_exec(import->db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
}

static void
bind_text(sqlite3_stmt *statement, int column, const char *text, size_t size)
{
    need(sqlite3_bind_text(statement, column, text, (int)size, SQLITE_TRANSIENT) == SQLITE_OK, "bind");
}

static void
bind_field(Import *import, int column, int field)
{
    bind_text(import->listing, column, import->text[field], import->size[field]);
}

static void
bind_words(Import *import)
{
    static const int SEARCHED[] = {TITLE, COMPANY, CATEGORY, CITY, STATE, DESCRIPTION};
    char words[6 * (TEXT_SIZE + 1)];
    size_t size = 0;

    for (size_t i = 0; i < sizeof SEARCHED / sizeof *SEARCHED; i++) {
        for (size_t at = 0; at < import->size[SEARCHED[i]]; at++)
            words[size++] = (char)tolower((unsigned char)import->text[SEARCHED[i]][at]);
        words[size++] = ' ';
    }
    bind_text(import->terms, 2, words, size);
    bind_text(import->words, 2, words, size);
}

static void
step(sqlite3_stmt *statement)
{
    need(sqlite3_step(statement) == SQLITE_DONE, "step");
    sqlite3_reset(statement);
}

static void
store(Import *import)
{
    static const int COLUMNS[] = {REFERENCE, TITLE,       COMPANY,     CITY,     COUNTRY,
                                  SALARY,    DESCRIPTION, DESCRIPTION, CATEGORY, URL};

    if (import->number % BATCH == 0)
        run(import, "BEGIN IMMEDIATE");
    import->number++;
    sqlite3_bind_int64(import->listing, 1, import->number);
    for (size_t i = 0; i < sizeof COLUMNS / sizeof *COLUMNS; i++)
        bind_field(import, (int)i + 2, COLUMNS[i]);
    step(import->listing);
    sqlite3_bind_int64(import->index, 1, import->number);
    sqlite3_bind_int64(import->terms, 1, import->number);
    sqlite3_bind_int64(import->words, 1, import->number);
    bind_words(import);
    step(import->index);
    step(import->terms);
    step(import->words);
    sqlite3_bind_int64(import->seen, 1, import->number);
    step(import->seen);
    if (import->number % BATCH == 0)
        run(import, "COMMIT");
}

static void XMLCALL
on_start(void *data, const char *name, const char **attributes)
{
    Import *import = data;

    (void)attributes;
    import->field = -1;
    for (int i = 0; i < FIELDS; i++)
        if (strcmp(name, NAMES[i]) == 0)
            import->field = i;
    if (strcmp(name, "job") == 0)
        memset(import->size, 0, sizeof import->size);
}

static void XMLCALL
on_end(void *data, const char *name)
{
    Import *import = data;

    import->field = -1;
    if (strcmp(name, "job") == 0)
        store(import);
}

static void XMLCALL
on_text(void *data, const char *text, int size)
{
    Import *import = data;
    size_t *filled;

    if (import->field < 0)
        return;
    filled = &import->size[import->field];
    need(*filled + (size_t)size <= TEXT_SIZE, "a text is too long");
    memcpy(import->text[import->field] + *filled, text, (size_t)size);
    *filled += (size_t)size;
}

static void
open_database(Import *import, const char *path)
{
    need(sqlite3_open(path, &import->db) == SQLITE_OK, path);
    run(import, "PRAGMA journal_mode = WAL");
    run(import, "PRAGMA synchronous = FULL");
    run(import, "PRAGMA foreign_keys = ON");
    run(import, "PRAGMA trusted_schema = ON");
    need(sqlite3_prepare_v2(
             import->db,
             "INSERT INTO listing (number, public_id, source, partner_id, title, company, location, country, "
             "remote, employment_types, salary_min_micros, salary_max_micros, salary_currency, "
             "salary_period, salary_predicted, salary_text, posted_at_us, snippet, description, category, "
             "url, content_hash, first_seen_us, changed_at_us) VALUES (?1, 'public-id-' || "
             "?2, 'bare', ?2, ?3, ?4, ?5, ?6, 0, 1, 50000000000, 60000000000, 'USD', 5, 0, ?7, "
             "1793606400000000, substr(?8, 1, 300), ?9, ?10, ?11, ?1 * 7919, "
             "1793606400000000, 1793606400000000)",
             -1, &import->listing, NULL) == SQLITE_OK,
         sqlite3_errmsg(import->db));
    need(sqlite3_prepare_v2(import->db,
                            "INSERT INTO listing_index (fresh, number, source, salary_year_micros) "
                            "VALUES (?1, ?1, 'bare', 60000000000)",
                            -1, &import->index, NULL) == SQLITE_OK,
         sqlite3_errmsg(import->db));
    need(sqlite3_prepare_v2(import->db,
                            "INSERT INTO listing_terms (number, fresh, words, marks) "
                            "VALUES (?1, ?1, ?2, '_sbare _r0 _cus _e1 _d1 _y15 _fa _pb')",
                            -1, &import->terms, NULL) == SQLITE_OK,
         sqlite3_errmsg(import->db));
    need(sqlite3_prepare_v2(import->db,
                            "INSERT INTO listing_text (rowid, words, marks) "
                            "VALUES (?1, ?2, '_sbare _r0 _cus _e1 _d1 _y15 _fa _pb')",
                            -1, &import->words, NULL) == SQLITE_OK,
         sqlite3_errmsg(import->db));
    need(sqlite3_prepare_v2(import->db,
                            "INSERT INTO listing_seen (number, source, pull_id, absences) VALUES (?1, 'bare', 1, 0)",
                            -1, &import->seen, NULL) == SQLITE_OK,
         sqlite3_errmsg(import->db));
}

static void
read_feed(Import *import, const char *path)
{
    XML_Parser parser = XML_ParserCreate(NULL);
    gzFile file = gzopen(path, "rb");
    static char piece[PIECE];
    int got;

    need(file != NULL && parser != NULL, path);
    XML_SetUserData(parser, import);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    while ((got = gzread(file, piece, PIECE)) > 0)
        need(XML_Parse(parser, piece, got, 0) == XML_STATUS_OK, "not XML");
    need(got == 0 && XML_Parse(parser, "", 0, 1) == XML_STATUS_OK, "the feed ends too early");
    gzclose(file);
    XML_ParserFree(parser);
}

int
main(int argc, char **argv)
{
    static Import import = {.field = -1};

    need(argc == 3, "usage: bench_bare_import DATABASE FEED.xml.gz");
    open_database(&import, argv[1]);
    read_feed(&import, argv[2]);
    if (import.number % BATCH != 0)
        run(&import, "COMMIT");
    sqlite3_finalize(import.listing);
    sqlite3_finalize(import.seen);
    sqlite3_finalize(import.index);
    sqlite3_finalize(import.terms);
    sqlite3_finalize(import.words);
    sqlite3_close(import.db);
    printf("%lld\n", (long long)import.number);
    return 0;
}
