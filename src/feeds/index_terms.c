#include "feeds/index_terms.h"

#include "listings/salary.h"
#include "listings/text.h"

#include <math.h>

#define WORDS_LIMIT_BYTES (128 * 1024) /* nobody searches for what stands behind so much */
#define MARKED_WORDS      32           /* of a company or place */
#define ASKED_WORDS       16
#define KM_PER_DEGREE     111.2
#define EARTH_RADIUS_KM   6371.0
#define CELLS_LIMIT       24
#define YEAR_STEPS        40 /* 2^40 units in a year is more than anybody earns in any currency */

/* Degrees on a side. */
static const double CELL_SIZES[] = {0.25, 2, 16};

/* Folded words, with what the engines' tokenisers would take for punctuation spelt out: C++ and C# are no C. */
static Str
fold_words(Arena *arena, Str text)
{
    Str folded = text_fold(arena, text.at == NULL ? STR("") : text);
    g_autoptr(GString) spelt = NULL;

    if (str_find_char(folded, '+') < 0 && str_find_char(folded, '#') < 0)
        return folded;
    spelt = g_string_sized_new(folded.size + 64);
    for (size_t i = 0; i < folded.size; i++)
        if (folded.at[i] == '+')
            g_string_append(spelt, "plus");
        else if (folded.at[i] == '#')
            g_string_append(spelt, "sharp");
        else
            g_string_append_c(spelt, folded.at[i]);
    return arena_str(arena, str_of_gstring(spelt));
}

int64_t
index_fresh_floor(int64_t us)
{
    return MAX(us / US_PER_MINUTE, 0) * INDEX_KEYS_PER_MINUTE;
}

int64_t
index_fresh(int64_t posted_us, int64_t first_seen_us)
{
    return index_fresh_floor(posted_us == TIMESTAMP_NONE ? first_seen_us - UNDATED_AGE_DAYS * US_PER_DAY
                                                         : MIN(posted_us, first_seen_us));
}

static int
block_bits(int level)
{
    return INDEX_BLOCK_BITS + 2 * level;
}

/* As index_write.c has PostgreSQL write it. */
void
index_block_mark(int64_t fresh, int level, char *to)
{
    g_snprintf(to, INDEX_BLOCK_MARK_SIZE, "_t%dx%" G_GINT64_FORMAT, level, fresh >> block_bits(level));
}

int64_t
index_block_begin(int64_t fresh, int level)
{
    return fresh >> block_bits(level) << block_bits(level);
}

Str
index_words(const Listing *l, Arena *arena)
{
    Str description = l->description.at != NULL ? l->description : l->snippet;
    Str all = ARENA_JOIN(arena, l->title, STR(" "), l->company, STR(" "), l->category, STR(" "), l->location, STR(" "),
                         l->city, STR(" "), l->region, STR(" "), description);

    if (all.size > WORDS_LIMIT_BYTES)
        all.size = (size_t)(g_utf8_find_prev_char(all.at, all.at + WORDS_LIMIT_BYTES) - all.at);
    return fold_words(arena, all);
}

/* ---- marks of a listing ---- */

static void
mark_words(GString *marks, char kind, Str text, Arena *arena)
{
    Str rest = fold_words(arena, text);

    for (int i = 0; i < MARKED_WORDS && !str_is_empty(rest); i++) {
        Str word = str_cut(&rest, ' ');

        g_string_append_printf(marks, " _%c%.*s", kind, STR_FORMAT(word));
    }
}

static int
year_step(int64_t year_micros)
{
    int64_t units = year_micros / MICROS_PER_UNIT;

    return units < 1 ? 0 : MIN(63 - __builtin_clzll((uint64_t)units), YEAR_STEPS);
}

static int
cells_around(int level)
{
    return (int)ceil(360 / CELL_SIZES[level]);
}

static int
cell_y(int level, double latitude)
{
    return (int)floor((CLAMP(latitude, -90, 90) + 90) / CELL_SIZES[level]);
}

/* Beyond the date line it goes on from the other side. */
static int
cell_x(int level, double longitude)
{
    double turned = fmod(longitude + 180, 360);

    return (int)floor((turned < 0 ? turned + 360 : turned) / CELL_SIZES[level]);
}

static void
mark_position(GString *marks, const Listing *l)
{
    if (!l->has_position || !isfinite(l->latitude) || !isfinite(l->longitude))
        return;
    for (int level = 0; level < (int)G_N_ELEMENTS(CELL_SIZES); level++)
        g_string_append_printf(marks, " _g%dx%dx%d", level, cell_y(level, l->latitude), cell_x(level, l->longitude));
}

Str
index_marks(const Listing *l, Arena *arena)
{
    g_autoptr(GString) marks = g_string_new(NULL);
    int64_t low_micros, year_micros;

    g_string_append_printf(marks, "_s%.*s _r%d", STR_FORMAT(l->source), (int)l->remote);
    if (l->country.size == 2)
        g_string_append_printf(marks, " _c%c%c", g_ascii_tolower(l->country.at[0]), g_ascii_tolower(l->country.at[1]));
    else
        g_string_append(marks, " _c0");
    for (unsigned type = EMPLOYMENT_FULL_TIME; type <= EMPLOYMENT_OTHER; type <<= 1)
        if (l->employment_types & type)
            g_string_append_printf(marks, " _e%u", type);
    if (l->posted_at_us != TIMESTAMP_NONE)
        g_string_append(marks, " _d1");
    if (salary_annual(&l->salary, &low_micros, &year_micros))
        g_string_append_printf(marks, " _y%d", year_step(year_micros));
    mark_words(marks, 'f', l->company, arena);
    mark_words(marks, 'p', l->location, arena);
    mark_words(marks, 'p', l->city, arena);
    mark_words(marks, 'p', l->region, arena);
    mark_position(marks, l);
    return arena_str(arena, str_of_gstring(marks));
}

/* ---- circles ---- */

static double
radians(double degrees)
{
    return degrees * G_PI / 180;
}

/* The haversine formula, which is exact to half a per cent on this flattened earth. */
bool
circle_holds(const Circle *circle, double latitude, double longitude)
{
    double across = sin(radians(latitude - circle->latitude) / 2);
    double along = sin(radians(longitude - circle->longitude) / 2);
    double h = across * across + cos(radians(latitude)) * cos(radians(circle->latitude)) * along * along;

    return 2 * EARTH_RADIUS_KM * asin(sqrt(MIN(h, 1))) <= circle->radius_km;
}

typedef struct {
    int level, y_first, y_last, x_first, x_count;
} Cells;

static Cells
cells_at(const Circle *circle, int level)
{
    double up = circle->radius_km / KM_PER_DEGREE;
    double shrunk = cos(radians(circle->latitude));
    double sine = sin(circle->radius_km / EARTH_RADIUS_KM);
    /* A circle that holds a pole goes all around. */
    double aside = shrunk <= sine ? 180 : asin(sine / shrunk) * 180 / G_PI;
    int around = cells_around(level);
    Cells cells = {.level = level,
                   .y_first = cell_y(level, circle->latitude - up),
                   .y_last = cell_y(level, circle->latitude + up),
                   .x_first = cell_x(level, circle->longitude - aside)};

    /* It may begin in the midst of a cell, and the last cell around may be a narrower one. */
    cells.x_count = MIN((int)ceil(2 * aside / CELL_SIZES[level]) + 2, around);
    return cells;
}

static Cells
cells_covering(const Circle *circle)
{
    Cells cells = {0};

    for (int level = 0; level < (int)G_N_ELEMENTS(CELL_SIZES); level++) {
        cells = cells_at(circle, level);
        if ((cells.y_last - cells.y_first + 1) * cells.x_count <= CELLS_LIMIT)
            break;
    }
    return cells;
}

/* ---- what a question looks for ---- */

/* All groups must be met, and one word of each. For SQLite they are one text, for PostgreSQL one each. */
typedef struct {
    GString *text;
    DbEngine engine;
    Arena *arena;
    bool in_group;
    Str groups[INDEX_GROUPS];
    size_t group_count;
} Match;

static void
match_term(Match *match, Str word, bool all)
{
    const char *between = match->engine == DB_ENGINE_SQLITE ? (all ? " AND " : " OR ") : (all ? " & " : " | ");
    char quote = match->engine == DB_ENGINE_SQLITE ? '"' : '\'';

    if (match->in_group)
        g_string_append(match->text, between);
    g_string_append_printf(match->text, "%c%.*s%c", quote, STR_FORMAT(word), quote);
    match->in_group = true;
}

static void
match_begin(Match *match)
{
    g_string_append(match->text, match->text->len > 0 ? " AND (" : "(");
    match->in_group = false;
}

static void
match_end(Match *match)
{
    g_string_append_c(match->text, ')');
    if (match->engine == DB_ENGINE_SQLITE)
        return;
    g_assert(match->group_count < INDEX_GROUPS);
    match->groups[match->group_count++] = arena_str(match->arena, str_of_gstring(match->text));
    g_string_truncate(match->text, 0);
}

static void match_mark(Match *match, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void
match_mark(Match *match, const char *format, ...)
{
    g_autofree char *mark = NULL;
    va_list args;

    va_start(args, format);
    mark = g_strdup_vprintf(format, args);
    va_end(args);
    match_term(match, str_of(mark), false);
}

/* The folded words, each with what stands before a mark of its kind; "" for a plain word. */
static void
match_words(Match *match, const char *before, Str folded)
{
    for (int i = 0; i < ASKED_WORDS && !str_is_empty(folded); i++) {
        Str word = str_cut(&folded, ' ');
        g_autofree char *mark = g_strdup_printf("%s%.*s", before, STR_FORMAT(word));

        match_term(match, str_of(mark), true);
    }
}

static void
match_all_words(Match *match, const char *before, Str folded)
{
    if (str_is_empty(folded))
        return;
    match_begin(match);
    match_words(match, before, folded);
    match_end(match);
}

/* "Austin, TX" means Austin first of all: its state is spelt in too many ways to demand it. */
static Str
place_name(const Question *q, Arena *arena)
{
    ptrdiff_t comma = str_find_char(q->location, ',');
    Str name = comma > 0 ? str_slice(q->location, 0, (size_t)comma) : q->location;

    return fold_words(arena, name);
}

static void
match_place(Match *match, const Question *q, const Circle *circle, Arena *arena)
{
    Str name = place_name(q, arena);
    Cells cells;

    if (circle == NULL) {
        match_all_words(match, "_p", name);
        return;
    }
    cells = cells_covering(circle);
    match_begin(match);
    for (int y = cells.y_first; y <= cells.y_last; y++)
        for (int x = 0; x < cells.x_count; x++)
            match_mark(match, "_g%dx%dx%d", cells.level, y, (cells.x_first + x) % cells_around(cells.level));
    if (!str_is_empty(name)) {
        g_string_append(match->text, match->engine == DB_ENGINE_SQLITE ? " OR (" : " | (");
        match->in_group = false;
        match_words(match, "_p", name);
        g_string_append_c(match->text, ')');
    }
    match_end(match);
}

static void
match_terms(Match *match, const Question *q)
{
    if (q->country.size == 2) {
        match_begin(match);
        match_mark(match, "_c%c%c", g_ascii_tolower(q->country.at[0]), g_ascii_tolower(q->country.at[1]));
        match_mark(match, "_c0"); /* may be anywhere */
        match_end(match);
    }
    if (q->remote) {
        match_begin(match);
        match_mark(match, "_r%d", (int)REMOTE_YES);
        match_end(match);
    }
    if (q->employment_types != 0) {
        match_begin(match);
        for (unsigned type = EMPLOYMENT_FULL_TIME; type <= EMPLOYMENT_OTHER; type <<= 1)
            if (q->employment_types & type)
                match_mark(match, "_e%u", type);
        match_end(match);
    }
    if (q->posted_within_days > 0) {
        match_begin(match);
        match_mark(match, "_d1");
        match_end(match);
    }
    if (q->salary_min_micros > 0) {
        match_begin(match);
        for (int step = year_step(q->salary_min_micros); step <= YEAR_STEPS; step++)
            match_mark(match, "_y%d", step);
        match_end(match);
    }
}

static void
match_sources(Match *match, const char *const *sources)
{
    if (sources == NULL || sources[0] == NULL || g_strv_length((char **)sources) > INDEX_SOURCES_AS_MARKS)
        return;
    match_begin(match);
    for (; *sources != NULL; sources++)
        match_mark(match, "_s%s", *sources);
    match_end(match);
}

static IndexMatch
match_finish(const Match *match, Str words)
{
    IndexMatch finished = {.words = words, .group_count = match->group_count};

    if (match->engine == DB_ENGINE_SQLITE)
        finished.words = arena_str(match->arena, str_of_gstring(match->text));
    memcpy(finished.groups, match->groups, sizeof finished.groups);
    return finished;
}

/* As many words as are asked for at most. */
static Str
first_words(Str folded)
{
    Str rest = folded;

    for (int i = 0; i < ASKED_WORDS && !str_is_empty(rest); i++)
        (void)str_cut(&rest, ' ');
    return str_is_empty(rest) ? folded : str_slice(folded, 0, folded.size - rest.size - 1);
}

IndexMatch
index_match(const Question *q, const Circle *circle, const char *const *sources, DbEngine engine, Arena *arena)
{
    g_autoptr(GString) text = g_string_new(NULL);
    Match match = {.text = text, .engine = engine, .arena = arena};
    Str words = first_words(fold_words(arena, q->keywords));

    if (engine == DB_ENGINE_SQLITE)
        match_all_words(&match, "", words);
    match_all_words(&match, "_f", fold_words(arena, q->company));
    match_place(&match, q, circle, arena);
    match_terms(&match, q);
    match_sources(&match, sources);
    return match_finish(&match, words);
}
