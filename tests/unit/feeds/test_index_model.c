/* Whatever is asked, both engines find what looking at every listing finds, in the same order. */
#include "feeds/index_terms.h"
#include "feeds/shelf.h"

#include <math.h>

#define LISTINGS  4000
#define QUESTIONS 150
#define WORDS     12
#define COMPANIES 5
#define CITIES    6
#define COUNTRIES 3

/* A listing as the test knows it: small numbers instead of texts. */
typedef struct {
    unsigned words;             /* set of word numbers */
    int company, city, country; /* country: -1 unknown */
    int64_t minutes_old;        /* -1: it does not say */
    int64_t pay;                /* a year; 0: it does not say */
    bool remote, part_time, has_position, expired;
    double latitude, longitude;
} Fact;

static const char *const WORD[WORDS] = {"baker", "cook",  "driver", "farmer",  "guard", "hunter",
                                        "clerk", "miner", "nurse",  "painter", "rider", "tailor"};
static const char *const COMPANY[COMPANIES] = {"Alpha Works", "Beta Works", "Gamma", "Delta", "Omega Delta"};
static const char *const CITY[CITIES] = {"Xabu", "Xecu Bay", "Xidu", "Xofu Bay", "Xugu", "Xyhu"};
static const char *const COUNTRY[COUNTRIES] = {"US", "DE", "FR"};

typedef struct {
    Shelf shelf;
    Random *random;
    Fact facts[LISTINGS];
} World;

static unsigned
below(World *world, unsigned limit)
{
    return (unsigned)random_below(world->random, limit);
}

/* Word n is in one of 2^n listings, but that the last is only in old ones, and in many of those. */
static unsigned
make_words(World *world, int64_t minutes_old)
{
    unsigned words = 0;

    for (unsigned i = 0; i < WORDS - 1; i++)
        if (below(world, 1u << i) == 0)
            words |= 1u << i;
    return minutes_old > 300 * 1440 && below(world, 3) > 0 ? words | 1u << (WORDS - 1) : words;
}

/* A third are of one week, the rest of two years; no two of one minute. */
static Fact
make_fact(World *world, int number)
{
    bool recent = below(world, 3) == 0;
    int64_t minutes_old = recent ? number * 2 : 20000 + number * 250;
    Fact fact = {
        .words = make_words(world, minutes_old),
        .company = (int)below(world, COMPANIES),
        .city = (int)below(world, CITIES),
        .country = (int)below(world, COUNTRIES + 1) - 1,
        .minutes_old = minutes_old,
        .pay = below(world, 2) == 0 ? 0 : 20000 + below(world, 100000),
        .remote = below(world, 4) == 0,
        .part_time = below(world, 3) == 0,
        .has_position = below(world, 4) > 0,
        .expired = below(world, 20) == 0,
    };

    fact.latitude = 40 + fact.city * 2 + (double)below(world, 1000) / 1000;
    fact.longitude = 170 + fact.city * 4 + (double)below(world, 1000) / 1000; /* over the date line */
    if (fact.longitude > 180)
        fact.longitude -= 360;
    return fact;
}

static void
append_listing(const Fact *fact, int number, GString *feed)
{
    char posted[TIMESTAMP_TEXT_SIZE];

    timestamp_format(SHELF_BEGINS_US - fact->minutes_old * US_PER_MINUTE, posted);
    g_string_append_printf(
        feed,
        "{\"id\": \"%d\", \"title\": \"Wanted\", \"url\": \"https://x.example/%d\", \"posted\": \"%s\", "
        "\"company\": \"%s\", \"location\": \"%s\", \"description\": \"for",
        number, number, posted, COMPANY[fact->company], CITY[fact->city]);
    for (int i = 0; i < WORDS; i++)
        if (fact->words & 1u << i)
            g_string_append_printf(feed, " %s", WORD[i]);
    g_string_append_printf(feed, "\", \"type\": \"%s\"", fact->part_time ? "part time" : "full time");
    if (fact->country >= 0)
        g_string_append_printf(feed, ", \"country\": \"%s\"", COUNTRY[fact->country]);
    if (fact->pay > 0)
        g_string_append_printf(feed, ", \"pay\": %" G_GINT64_FORMAT, fact->pay);
    if (fact->remote)
        g_string_append(feed, ", \"remote\": \"remote\"");
    if (fact->has_position)
        g_string_append_printf(feed, ", \"latitude\": \"%.3f\", \"longitude\": \"%.3f\"", fact->latitude,
                               fact->longitude);
    if (fact->expired) /* between the pull and the search */
        g_string_append_printf(feed, ", \"expires\": \"2026-09-21T14:30:00Z\"");
    g_string_append(feed, "}");
}

static void
stock(World *world, DbTest *test)
{
    g_autoptr(GString) feed = g_string_new("{\"items\": [");
    FeedSummary summary;

    shelf_init(&world->shelf, test);
    world->random = &world->shelf.random.random;
    for (int i = 0; i < LISTINGS; i++) {
        world->facts[i] = make_fact(world, i);
        g_string_append(feed, i > 0 ? "," : "");
        append_listing(&world->facts[i], i, feed);
    }
    g_string_append(feed, "]}");
    g_assert_true(shelf_pull_text(&world->shelf, str_of_gstring(feed), true, &summary));
    g_assert_cmpint(summary.added, ==, LISTINGS);
}

/* ---- questions ---- */

static Str
some_words(World *world)
{
    Str text = STR("");

    for (unsigned i = 0; i <= below(world, 3); i++)
        text = arena_printf(world->shelf.arena, "%.*s %s", STR_FORMAT(text), WORD[below(world, WORDS)]);
    return text;
}

static Str
some_name(World *world, const char *const *names, unsigned count)
{
    g_auto(GStrv) words = g_strsplit(names[below(world, count)], " ", -1);
    unsigned which = below(world, 3);

    return arena_str(world->shelf.arena, str_of(which == 0 ? words[g_strv_length(words) - 1] : words[0]));
}

static void
ask_for_terms(World *world, Question *q)
{
    if (below(world, 4) == 0)
        q->country = str_of(COUNTRY[below(world, COUNTRIES)]);
    if (below(world, 5) == 0)
        q->remote = true;
    if (below(world, 5) == 0)
        q->employment_types = EMPLOYMENT_PART_TIME;
    if (below(world, 5) == 0)
        q->salary_min_micros = (int64_t)(10000 + below(world, 120000)) * MICROS_PER_UNIT;
    if (below(world, 4) == 0)
        q->posted_within_days = 1 + below(world, 30);
}

static Question
some_question(World *world)
{
    Question q = {.keywords = STR_NONE};
    const Fact *somewhere = &world->facts[below(world, LISTINGS)];

    if (below(world, 5) > 0)
        q.keywords = some_words(world);
    if (below(world, 4) == 0)
        q.company = some_name(world, COMPANY, COMPANIES);
    if (below(world, 4) == 0)
        q.location = some_name(world, CITY, CITIES);
    if (below(world, 4) == 0) {
        q.has_position = true;
        q.latitude = somewhere->latitude;
        q.longitude = somewhere->longitude;
        q.radius_km = 10 + below(world, 500);
    }
    ask_for_terms(world, &q);
    return q;
}

/* ---- the model ---- */

static bool
has_words(const char *text, Str words)
{
    g_auto(GStrv) has = g_strsplit(text, " ", -1);

    while (!str_is_empty(words)) {
        g_autofree char *word = str_dup(str_cut(&words, ' '));

        if (*word != '\0' && !g_strv_contains((const gchar *const *)has, word))
            return false;
    }
    return true;
}

static bool
is_wanted_work(const Fact *fact, const Question *q)
{
    for (Str rest = q->keywords; !str_is_empty(rest);) {
        Str word = str_cut(&rest, ' ');

        for (int i = 0; i < WORDS; i++)
            if (str_is(word, WORD[i]) && !(fact->words & 1u << i))
                return false;
    }
    return has_words(COMPANY[fact->company], q->company) && (!q->remote || fact->remote) &&
           (q->employment_types == 0 || fact->part_time) && fact->pay * MICROS_PER_UNIT >= q->salary_min_micros &&
           (q->posted_within_days == 0 || fact->minutes_old <= q->posted_within_days * 1440 - 60);
}

static bool
is_there(const Fact *fact, const Question *q)
{
    const Circle circle = {q->latitude, q->longitude, (double)q->radius_km};

    if (q->country.at != NULL && fact->country >= 0 && !str_is(q->country, COUNTRY[fact->country]))
        return false;
    if (!q->has_position)
        return has_words(CITY[fact->city], q->location);
    if (!fact->has_position)
        return !str_is_empty(q->location) && has_words(CITY[fact->city], q->location);
    return circle_holds(&circle, fact->latitude, fact->longitude);
}

static gint
compare_ages(gconstpointer a, gconstpointer b)
{
    const Fact *x = *(const Fact *const *)a, *y = *(const Fact *const *)b;

    return x->minutes_old < y->minutes_old ? -1 : x->minutes_old > y->minutes_old;
}

/* The ids of what is found, each with a blank behind. */
static GString *
looked_through(World *world, const Question *q)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    GString *ids = g_string_new(NULL);

    for (int i = 0; i < LISTINGS; i++)
        if (!world->facts[i].expired && is_wanted_work(&world->facts[i], q) && is_there(&world->facts[i], q))
            g_ptr_array_add(found, &world->facts[i]);
    g_ptr_array_sort(found, compare_ages);
    for (guint i = 0; i < found->len; i++)
        g_string_append_printf(ids, "%td ", (const Fact *)found->pdata[i] - world->facts);
    return ids;
}

static GString *
asked(World *world, Question q)
{
    GString *ids = g_string_new(NULL);
    size_t limit = 1 + below(world, 150);

    do {
        g_autofree char *page = shelf_search(&world->shelf, &q, limit, &q.cursor);

        g_string_append_printf(ids, "%s%s", page, *page != '\0' ? " " : "");
    } while (q.cursor.at != NULL);
    return ids;
}

static void
an_index_finds_what_looking_at_every_listing_finds(DbTest *test)
{
    g_autofree World *world = g_new0(World, 1);

    stock(world, test);
    for (int i = 0; i < QUESTIONS; i++) {
        Question q = some_question(world);
        g_autoptr(GString) expected = looked_through(world, &q);
        g_autoptr(GString) found = asked(world, q);

        if (strcmp(found->str, expected->str) != 0)
            g_error("question %d, \"%.*s\" at \"%.*s\" in \"%.*s\": found \"%s\" instead of \"%s\"", i,
                    STR_FORMAT(q.keywords), STR_FORMAT(q.company), STR_FORMAT(q.location), found->str, expected->str);
    }
    shelf_clear(&world->shelf);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("feeds", an_index_finds_what_looking_at_every_listing_finds);
    return db_test_run();
}
