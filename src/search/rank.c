#include "search/rank.h"

#include "listings/text.h"

/* What a visitor came for weighs most. Revenue decides between listings that serve the visitor equally. */
const RankRule RANK_RULE = {
    .relevance = 50,
    .place = 20,
    .freshness = 15,
    .revenue = 15,
    .half_fresh_us = 14 * US_PER_DAY,
    .unknown_freshness = 300,
    .half_value_micros = 500000,
    .spread = {.window = 10, .most = 6, .repeat = 2000},
};

/* How much a word counts by where it stands, of 1000. */
#define IN_TITLE    1000
#define IN_COMPANY  700
#define IN_CATEGORY 500
#define IN_SNIPPET  400

#define WORDS_LIMIT 32

static StrList
words_of(Str text, Arena *arena)
{
    Str folded = text_fold(arena, text);
    Str *items = ARENA_ARRAY(arena, Str, WORDS_LIMIT);
    size_t count = 0;

    while (folded.at != NULL && count < WORDS_LIMIT) {
        Str word = str_cut(&folded, ' ');

        if (!str_is_empty(word))
            items[count++] = word;
    }
    return (StrList){items, count};
}

RankQuery
rank_query(const SearchQuery *query, Arena *arena)
{
    return (RankQuery){words_of(query->keywords, arena), words_of(query->location, arena), query->remote};
}

/* Whether a word of folded text begins with word: "engineer" is found in "engineering". */
static bool
has_word(Str folded, Str word)
{
    size_t from = 0;

    while (from < folded.size) {
        ptrdiff_t at = str_find(str_slice(folded, from, folded.size), word);

        if (at < 0)
            return false;
        from += (size_t)at;
        if (from == 0 || folded.at[from - 1] == ' ')
            return true;
        from++;
    }
    return false;
}

/* The texts of a listing in which words are looked for, the weightiest first. Folded when a word is not found before. */
typedef struct {
    int64_t weight;
    Str text, folded;
} Field;

static int64_t
weight_of_word(Field *fields, size_t count, Str word, Arena *scratch)
{
    for (size_t i = 0; i < count; i++) {
        Field *field = &fields[i];

        if (field->text.at != NULL) {
            field->folded = text_fold(scratch, field->text);
            field->text = STR_NONE;
        }
        if (has_word(field->folded, word))
            return field->weight;
    }
    return 0;
}

static int64_t
relevance_of(const RankQuery *query, const Listing *listing, Arena *scratch)
{
    Field fields[] = {
        {IN_TITLE, listing->title, STR_NONE},
        {IN_COMPANY, listing->company, STR_NONE},
        {IN_CATEGORY, listing->category, STR_NONE},
        {IN_SNIPPET, listing->snippet, STR_NONE},
    };
    int64_t sum = 0;

    if (query->keywords.count == 0)
        return RANK_PART_LIMIT;
    for (size_t i = 0; i < query->keywords.count; i++)
        sum += weight_of_word(fields, G_N_ELEMENTS(fields), query->keywords.items[i], scratch);
    return sum / (int64_t)query->keywords.count;
}

static int64_t
place_of(const RankQuery *query, const Listing *listing, Arena *scratch)
{
    Str place;
    int64_t found = 0;

    if (listing->remote == REMOTE_YES && (query->remote || query->location.count == 0))
        return RANK_PART_LIMIT;
    if (query->location.count == 0)
        return query->remote ? 0 : RANK_PART_LIMIT;
    place = text_fold(scratch, listing->location);
    for (size_t i = 0; i < query->location.count; i++)
        found += has_word(place, query->location.items[i]);
    return RANK_PART_LIMIT * found / (int64_t)query->location.count;
}

static int64_t
freshness_of(const RankRule *rule, const Listing *listing, int64_t now_us)
{
    int64_t age_hours, half_hours = rule->half_fresh_us / US_PER_HOUR;

    if (listing->posted_at_us == TIMESTAMP_NONE)
        return rule->unknown_freshness;
    age_hours = listing->posted_at_us >= now_us ? 0 : (now_us - listing->posted_at_us) / US_PER_HOUR;
    return RANK_PART_LIMIT * half_hours / (half_hours + age_hours);
}

/* Beyond, more makes no difference; below, nothing overflows. */
#define VALUE_LIMIT (INT64_C(1000) * MICROS_PER_UNIT)

static int64_t
revenue_of(const RankRule *rule, int64_t value)
{
    value = CLAMP(value, 0, VALUE_LIMIT);
    return RANK_PART_LIMIT * value / (value + rule->half_value_micros);
}

ListingScore
rank_score(const RankRule *rule, const RankQuery *query, const Merged *merged, int64_t now_us, Arena *scratch)
{
    ListingScore score = {
        .relevance = (int32_t)(rule->relevance * relevance_of(query, merged->listing, scratch)),
        .place = (int32_t)(rule->place * place_of(query, merged->listing, scratch)),
        .freshness = (int32_t)(rule->freshness * freshness_of(rule, merged->listing, now_us)),
        .revenue = (int32_t)(rule->revenue * revenue_of(rule, merged->value)),
    };

    score.total = score.relevance + score.place + score.freshness + score.revenue;
    return score;
}

static int
compare(const void *left, const void *right)
{
    const Merged *a = left, *b = right;
    int order;

    if (a->score.total != b->score.total)
        return a->score.total > b->score.total ? -1 : 1;
    if (a->value != b->value)
        return a->value > b->value ? -1 : 1;
    order = str_compare(a->listing->source, b->listing->source);
    return order != 0 ? order : str_compare(a->listing->id, b->listing->id);
}

/* Of listings in the order of their points. */
static void
spread(const SpreadRule *rule, Merged *merged, size_t fixed, size_t count)
{
    g_autofree SpreadItem *items = g_new(SpreadItem, count);
    g_autofree Merged *by_points = g_memdup2(merged, count * sizeof *merged);

    for (size_t i = 0; i < count; i++)
        items[i] = (SpreadItem){merged[i].listing->source, merged[i].score.total, 0, i};
    spread_sort(rule, items, fixed, count);
    for (size_t i = fixed; i < count; i++) {
        merged[i] = by_points[items[i].from];
        merged[i].score.by_points = (uint32_t)items[i].from + 1;
        merged[i].score.repeats = items[i].repeats;
        merged[i].score.total += items[i].repeats;
    }
}

void
rank_sort(const RankRule *rule, const RankQuery *query, Merged *merged, size_t fixed, size_t count, int64_t now_us)
{
    g_autoptr(Arena) scratch = NULL;

    if (count == fixed)
        return;
    scratch = arena_new(16384);
    for (size_t i = fixed; i < count; i++) {
        merged[i].score = rank_score(rule, query, &merged[i], now_us, scratch);
        arena_reset(scratch);
    }
    qsort(merged + fixed, count - fixed, sizeof *merged, compare);
    spread(&rule->spread, merged, fixed, count);
}
