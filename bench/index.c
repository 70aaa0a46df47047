/*
 * What a search of the stored listings costs, by kind of question, beside ranking all matches.
 *
 * usage: bench_index DATABASE_URL LISTINGS QUESTIONS
 *
 * Fills an empty, migrated database with made listings through the code of a pull, in batches of a thousand, unless it
 * has some. Then it asks: for each kind of question one line "name p50 p95 p50 p95 found", times in microseconds, first
 * of the wall clock, then of CPU of this process and PostgreSQL's backend; found is the mean number of listings. The words of texts are
 * spread as words are (the n-th most frequent one n times as rare as the first); all of it follows from one seed.
 */
#include "base/random.h"
#include "feeds/index.h"
#include "feeds/listing_store.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define NOW_US     (INT64_C(1793606400) * US_PER_SECOND)
#define BATCH      1000
#define WORDS      60000
#define TEXT_WORDS 70
#define TRADES     400
#define COMPANIES  20000
#define CITIES     300
#define DAYS       60
#define LIMIT      20
#define MONTH_AGO  30

typedef struct {
    Db *db;
    SeededRandom seeded;
    Random *random;
    FakeClock clock;
    IdMint mint;
    Arena *arena;
    int backend; /* PostgreSQL's process; 0: SQLite */
} Bench;

static void
need(bool done, GError *const *error)
{
    if (done)
        return;
    fprintf(stderr, "bench_index: %s\n", (*error)->message);
    exit(1);
}

/* The n-th is n times as rare as the first, from 0. */
static unsigned
by_frequency(Bench *bench, unsigned count)
{
    double u = (double)random_below(bench->random, 1000000) / 1000000;

    return (unsigned)MIN(exp(u * log(count)) - 1, count - 1);
}

/* A word that Porter's stemmer leaves alone, unlike any other number's. */
static Str
word(Bench *bench, const char *kind, unsigned number)
{
    static const char SYLLABLES[] = "bacodifuga"
                                    "kelomapiru"
                                    "tovazu";
    g_autoptr(GString) text = g_string_new(kind);

    do {
        g_string_append_len(text, SYLLABLES + 2 * (number % 13), 2);
        number /= 13;
    } while (number > 0);
    g_string_append_c(text, 'k');
    return arena_str(bench->arena, str_of_gstring(text));
}

static double
city_latitude(unsigned city)
{
    return 25 + (double)(city * 37 % 240) / 10;
}

static double
city_longitude(unsigned city)
{
    return -122 + (double)(city * 61 % 500) / 10;
}

static Str
text_of(Bench *bench, int64_t age_us)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (int i = 0; i < TEXT_WORDS; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? " " : "", word(bench, "w", by_frequency(bench, WORDS)).at);
    if (age_us > MONTH_AGO * US_PER_DAY && random_below(bench->random, 3) == 0)
        g_string_append(text, " bygonek");
    return arena_str(bench->arena, str_of_gstring(text));
}

static Listing
listing_of(Bench *bench, int64_t number)
{
    unsigned city = by_frequency(bench, CITIES), company = by_frequency(bench, COMPANIES);
    int64_t age_us = (int64_t)random_below(bench->random, DAYS * 1440) * US_PER_MINUTE;
    int64_t pay = 20000 + (int64_t)random_below(bench->random, 150000);
    Str description = text_of(bench, age_us);

    return (Listing){
        .source = arena_printf(bench->arena, "feed-%u", by_frequency(bench, 40)),
        .id = arena_printf(bench->arena, "%" G_GINT64_FORMAT, number),
        .title = arena_printf(bench->arena, "%s %s", word(bench, "level", by_frequency(bench, 12)).at,
                              word(bench, "trade", by_frequency(bench, TRADES)).at),
        .company = word(bench, "company", company),
        .location = arena_printf(bench->arena, "%s, US", word(bench, "city", city).at),
        .country = STR("US"),
        .has_position = true,
        .latitude = city_latitude(city) + (double)random_below(bench->random, 1000) / 5000,
        .longitude = city_longitude(city) + (double)random_below(bench->random, 1000) / 5000,
        .remote = random_below(bench->random, 10) == 0 ? REMOTE_YES : REMOTE_UNKNOWN,
        .employment_types = random_below(bench->random, 8) == 0 ? EMPLOYMENT_PART_TIME : EMPLOYMENT_FULL_TIME,
        .salary = {.has_min = number % 3 == 0,
                   .min_micros = pay * MICROS_PER_UNIT,
                   .currency = {"USD"},
                   .period = PERIOD_YEAR},
        .posted_at_us = number % 10 == 0 ? TIMESTAMP_NONE : NOW_US - age_us,
        .expires_at_us = TIMESTAMP_NONE,
        .snippet = description,
        .description = description,
        .url = arena_printf(bench->arena, "https://ads.example.com/%" G_GINT64_FORMAT, number),
    };
}

/* ---- CPU ---- */

/* Of PostgreSQL's backend, as the kernel's scheduler counts it. */
static int64_t
backend_cpu_us(const Bench *bench)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/schedstat", bench->backend);
    g_autofree char *text = NULL;

    if (bench->backend == 0 || !g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    return g_ascii_strtoll(text, NULL, 10) / 1000;
}

static int64_t
clock_us(clockid_t which)
{
    struct timespec now;

    clock_gettime(which, &now);
    return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

static int64_t
cpu_us(const Bench *bench)
{
    return clock_us(CLOCK_PROCESS_CPUTIME_ID) + backend_cpu_us(bench);
}

/* ---- filling ---- */

static void
put_batch(Bench *bench, int64_t first, int64_t count)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(bench->db, DB_WRITE, &error);
    g_autoptr(IndexBatch) index = index_batch_new();
    StoredOutcome outcome;
    bool clashed;

    need(tx != NULL, &error);
    for (int64_t i = first; i < first + count; i++) {
        Listing listing = listing_of(bench, i);

        need(listing_store_put(tx, &listing, 1, &bench->mint, NOW_US, index, &outcome, &clashed, &error), &error);
    }
    need(index_batch_write(index, tx, &error) && db_commit_auto(&tx, &error), &error);
    arena_reset(bench->arena);
}

static void
fill(Bench *bench, int64_t listings)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    int64_t made_us = cpu_us(bench), wall_us = clock_us(CLOCK_MONOTONIC);

    for (int64_t i = 0; i < listings; i += BATCH) {
        (void)listing_of(bench, i);
        arena_reset(bench->arena);
    }
    made_us = (cpu_us(bench) - made_us) * BATCH;
    int64_t started_us = cpu_us(bench);

    for (int64_t i = 0; i < listings; i += BATCH)
        put_batch(bench, i, MIN(BATCH, listings - i));
    tx = db_begin(bench->db, DB_WRITE, &error);
    need(tx != NULL && index_settle(tx, &error) && db_commit_auto(&tx, &error), &error);
    printf("insertion %.1f %.1f\n", (double)(cpu_us(bench) - started_us - made_us) / (double)listings,
           (double)(clock_us(CLOCK_MONOTONIC) - wall_us) / (double)listings);
}

/* ---- asking ---- */

typedef Question (*Ask)(Bench *bench);

static Question
everything(Bench *bench G_GNUC_UNUSED)
{
    return (Question){0};
}

static Question
common(Bench *bench)
{
    return (Question){.keywords = word(bench, "trade", (unsigned)random_below(bench->random, 8))};
}

static Question
everywhere(Bench *bench)
{
    return (Question){.keywords = word(bench, "w", (unsigned)random_below(bench->random, 10))};
}

static Question
middling(Bench *bench)
{
    return (Question){.keywords = word(bench, "w", 300 + (unsigned)random_below(bench->random, 1700))};
}

static Question
rare(Bench *bench)
{
    return (Question){.keywords = word(bench, "w", 30000 + (unsigned)random_below(bench->random, 30000))};
}

static Question
absent(Bench *bench)
{
    return (Question){.keywords = word(bench, "nothing", (unsigned)random_below(bench->random, 1000))};
}

static Question
two(Bench *bench, Question first, Question second)
{
    first.keywords = arena_printf(bench->arena, "%.*s %.*s", STR_FORMAT(first.keywords), STR_FORMAT(second.keywords));
    return first;
}

static Question
two_common(Bench *bench)
{
    return two(bench, common(bench), everywhere(bench));
}

static Question
common_and_rare(Bench *bench)
{
    return two(bench, common(bench), rare(bench));
}

/* No listing has two trades: both are common, and nothing has both. */
static Question
common_apart(Bench *bench)
{
    return two(bench, (Question){.keywords = word(bench, "trade", 0)},
               (Question){.keywords = word(bench, "trade", 1 + (unsigned)random_below(bench->random, 4))});
}

static Question
common_long_ago(Bench *bench G_GNUC_UNUSED)
{
    return (Question){.keywords = STR("bygonek")};
}

static Question
at_company(Bench *bench)
{
    Question q = everywhere(bench);

    q.company = word(bench, "company", by_frequency(bench, COMPANIES));
    return q;
}

static Question
with_terms(Bench *bench)
{
    Question q = common(bench);

    q.remote = true;
    q.employment_types = EMPLOYMENT_PART_TIME;
    q.salary_min_micros = (40000 + (int64_t)random_below(bench->random, 100000)) * MICROS_PER_UNIT;
    q.posted_within_days = 7;
    return q;
}

static Question
in_city(Bench *bench)
{
    Question q = common(bench);

    q.location = word(bench, "city", (unsigned)random_below(bench->random, CITIES));
    return q;
}

static Question
around_city(Bench *bench)
{
    Question q = common(bench);
    unsigned city = (unsigned)random_below(bench->random, CITIES);

    q.location = word(bench, "city", city);
    q.has_position = true;
    q.latitude = city_latitude(city) + 0.1;
    q.longitude = city_longitude(city) + 0.1;
    q.radius_km = 25;
    return q;
}

static Question
far_around_city(Bench *bench)
{
    Question q = around_city(bench);

    q.radius_km = 500;
    return q;
}

static Question
rare_around_city(Bench *bench)
{
    Question q = around_city(bench);

    q.keywords = rare(bench).keywords;
    return q;
}

static int
compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

/* What each question took. */
typedef struct {
    int64_t *wall_us, *cpu_us;
    int64_t count;
    size_t found;
} Times;

static Times
times_new(int64_t count)
{
    return (Times){g_new(int64_t, count), g_new(int64_t, count), count, 0};
}

static void
report(const char *name, Times *times)
{
    int64_t *const both[] = {times->wall_us, times->cpu_us};

    printf("%s", name);
    for (int i = 0; i < 2; i++) {
        qsort(both[i], (size_t)times->count, sizeof *both[i], compare_times);
        printf(" %" G_GINT64_FORMAT " %" G_GINT64_FORMAT, both[i][times->count / 2], both[i][times->count * 95 / 100]);
        g_free(both[i]);
    }
    printf(" %.1f\n", (double)times->found / (double)times->count);
    fflush(stdout);
}

static void
measure(Bench *bench, const char *name, Ask ask, int64_t rounds)
{
    Times times = times_new(rounds);

    for (int64_t i = 0; i < rounds; i++) {
        g_autoptr(GError) error = NULL;
        Question question = ask(bench);
        int64_t started_us = clock_us(CLOCK_MONOTONIC), spent_us = cpu_us(bench);
        Listing *listings;
        size_t count;
        Str cursor;

        need(index_search(bench->db, &question, NULL, LIMIT, NOW_US, bench->arena, &listings, &count, &cursor, &error),
             &error);
        times.wall_us[i] = clock_us(CLOCK_MONOTONIC) - started_us;
        times.cpu_us[i] = cpu_us(bench) - spent_us;
        times.found += count;
        arena_reset(bench->arena);
    }
    report(name, &times);
}

/* What one writes first: the best of all matches. */
static void
measure_ranking(Bench *bench, const char *name, Ask ask, int64_t rounds)
{
    static const Sql RANKED = {
        .sqlite = "SELECT rowid FROM listing_text WHERE listing_text MATCH $1 ORDER BY rank LIMIT 20",
        .postgres = "SELECT number FROM listing_index WHERE terms @@ plainto_tsquery('weir', $1) "
                    "ORDER BY ts_rank(terms, plainto_tsquery('weir', $1)) DESC LIMIT 20",
    };
    Times times = times_new(rounds);

    for (int64_t i = 0; i < rounds; i++) {
        g_autoptr(GError) error = NULL;
        Question question = ask(bench);
        int64_t started_us = clock_us(CLOCK_MONOTONIC), spent_us = cpu_us(bench);
        g_autoptr(DbTx) tx = db_begin(bench->db, DB_READ, &error);
        g_autoptr(DbRows) rows = db_query(tx, RANKED, DB_ARGS(db_text(question.keywords)), &error);

        need(rows != NULL, &error);
        while (db_next(rows, &error))
            times.found++;
        times.wall_us[i] = clock_us(CLOCK_MONOTONIC) - started_us;
        times.cpu_us[i] = cpu_us(bench) - spent_us;
        arena_reset(bench->arena);
    }
    report(name, &times);
}

static const struct {
    const char *name;
    Ask ask;
} KINDS[] = {
    {"no_words", everything},
    {"word_of_a_trade", common},
    {"word_of_most_texts", everywhere},
    {"middling_word", middling},
    {"rare_word", rare},
    {"absent_word", absent},
    {"two_common_words", two_common},
    {"common_and_rare_word", common_and_rare},
    {"common_words_never_together", common_apart},
    {"word_of_old_listings", common_long_ago},
    {"word_at_company", at_company},
    {"word_remote_part_time_pay_age", with_terms},
    {"word_in_city", in_city},
    {"word_25_km_around_city", around_city},
    {"word_500_km_around_city", far_around_city},
    {"rare_word_25_km_around_city", rare_around_city},
};

static void
open_bench(Bench *bench, const char *url)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    int64_t pid;

    *bench = (Bench){.arena = arena_new(1024 * 1024), .db = db_open(url, &error)};
    need(bench->db != NULL, &error);
    seeded_random_init(&bench->seeded, 7);
    bench->random = &bench->seeded.random;
    fake_clock_init(&bench->clock, NOW_US);
    id_mint_init(&bench->mint, &bench->clock.clock, 1);
    if (db_engine(bench->db) == DB_ENGINE_SQLITE)
        return;
    tx = db_begin(bench->db, DB_READ, &error);
    need(tx != NULL && db_query_int(tx, SQL("SELECT pg_backend_pid()"), DB_NO_ARGS, &pid, &error), &error);
    bench->backend = (int)pid;
}

static int64_t
stored(Bench *bench)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(bench->db, DB_READ, &error);
    int64_t count = 0;

    need(tx != NULL && db_query_int(tx, SQL("SELECT COUNT(*) FROM listing_index"), DB_NO_ARGS, &count, &error), &error);
    return count;
}

int
main(int argc, char **argv)
{
    Bench bench;
    int64_t rounds;

    if (argc != 4 || !str_to_int64(str_of(argv[3]), &rounds)) {
        fprintf(stderr, "usage: bench_index DATABASE_URL LISTINGS QUESTIONS\n");
        return 2;
    }
    setlocale(LC_ALL, "C.UTF-8");
    open_bench(&bench, argv[1]);
    if (stored(&bench) == 0)
        fill(&bench, g_ascii_strtoll(argv[2], NULL, 10));
    for (size_t i = 0; i < G_N_ELEMENTS(KINDS); i++)
        measure(&bench, KINDS[i].name, KINDS[i].ask, rounds);
    measure_ranking(&bench, "peer:word_of_a_trade", common, MIN(rounds, 20));
    measure_ranking(&bench, "peer:word_of_most_texts", everywhere, MIN(rounds, 20));
    measure_ranking(&bench, "peer:rare_word", rare, rounds);
    db_close(bench.db);
    arena_free(bench.arena);
    return 0;
}
