#include "search/rank.h"

#include "listings/text.h"

/* What a visitor came for weighs most. Revenue decides between listings that serve the visitor equally. */
const RankRule RANK_RULE = {
    .relevance = 50,
    .place = 20,
    .freshness = 15,
    .revenue = 15,
    .in_a_row = 3,
    .half_fresh_days = 14,
    .half_value_micros = 500000,
    .unknown_freshness = 300,
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

static int64_t
relevance_of(const RankQuery *query, const Listing *listing, Arena *scratch)
{
    Str title, company, category, snippet;
    int64_t sum = 0;

    if (query->keywords.count == 0)
        return RANK_PART_LIMIT;
    title = text_fold(scratch, listing->title);
    company = text_fold(scratch, listing->company);
    category = text_fold(scratch, listing->category);
    snippet = text_fold(scratch, listing->snippet);
    for (size_t i = 0; i < query->keywords.count; i++) {
        Str word = query->keywords.items[i];

        if (has_word(title, word))
            sum += IN_TITLE;
        else if (has_word(company, word))
            sum += IN_COMPANY;
        else if (has_word(category, word))
            sum += IN_CATEGORY;
        else if (has_word(snippet, word))
            sum += IN_SNIPPET;
    }
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
    int64_t age_hours, half_hours = rule->half_fresh_days * 24;

    if (listing->posted_at_us == TIMESTAMP_NONE)
        return rule->unknown_freshness;
    age_hours = listing->posted_at_us >= now_us ? 0 : (now_us - listing->posted_at_us) / US_PER_HOUR;
    return RANK_PART_LIMIT * half_hours / (half_hours + age_hours);
}

RankScore
rank_score(const RankRule *rule, const RankQuery *query, const Merged *merged, int64_t now_us, Arena *scratch)
{
    int64_t value = MIN(merged->value, INT64_C(1000) * MICROS_PER_UNIT);
    RankScore score = {
        .relevance = relevance_of(query, merged->listing, scratch),
        .place = place_of(query, merged->listing, scratch),
        .freshness = freshness_of(rule, merged->listing, now_us),
        .revenue = RANK_PART_LIMIT * value / (value + rule->half_value_micros),
    };

    score.score = score.relevance * rule->relevance + score.place * rule->place + score.freshness * rule->freshness +
                  score.revenue * rule->revenue;
    return score;
}

typedef struct {
    Merged merged;
    int64_t score;
    size_t next; /* of the same source, in order; SIZE_MAX for none */
} Scored;

static int
compare(const void *left, const void *right)
{
    const Scored *a = left, *b = right;
    int order;

    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    if (a->merged.value != b->merged.value)
        return a->merged.value > b->merged.value ? -1 : 1;
    order = str_compare(a->merged.listing->source, b->merged.listing->source);
    return order != 0 ? order : str_compare(a->merged.listing->id, b->merged.listing->id);
}

/* Chains the scored listings of each source; returns the head of each chain. */
static GArray *
chain_sources(Scored *scored, size_t count)
{
    GArray *heads = g_array_new(FALSE, FALSE, sizeof(size_t));

    for (size_t i = count; i-- > 0;) {
        guint h;

        scored[i].next = SIZE_MAX;
        for (h = 0; h < heads->len; h++) {
            size_t *head = &g_array_index(heads, size_t, h);

            if (str_equal(scored[*head].merged.listing->source, scored[i].merged.listing->source)) {
                scored[i].next = *head;
                *head = i;
                break;
            }
        }
        if (h == heads->len)
            g_array_append_val(heads, i);
    }
    return heads;
}

/* The chain with the best head, but for `tired` where another has one; UINT_MAX when all are empty. */
static guint
best_chain(const GArray *heads, guint tired)
{
    guint best = G_MAXUINT;

    for (guint h = 0; h < heads->len; h++) {
        size_t head = g_array_index(heads, size_t, h);

        if (head != SIZE_MAX && h != tired && (best == G_MAXUINT || head < g_array_index(heads, size_t, best)))
            best = h;
    }
    if (best == G_MAXUINT && tired != G_MAXUINT && g_array_index(heads, size_t, tired) != SIZE_MAX)
        return tired;
    return best;
}

static void
spread_sources(const RankRule *rule, Scored *scored, size_t count, Merged *ret_merged)
{
    g_autoptr(GArray) heads = chain_sources(scored, count);
    guint last = G_MAXUINT;
    unsigned run = 0;

    for (size_t i = 0; i < count; i++) {
        guint chain = best_chain(heads, run >= rule->in_a_row ? last : G_MAXUINT);
        size_t *head = &g_array_index(heads, size_t, chain);

        ret_merged[i] = scored[*head].merged;
        *head = scored[*head].next;
        run = chain == last ? run + 1 : 1;
        last = chain;
    }
}

void
rank_sort(const RankRule *rule, const RankQuery *query, Merged *merged, size_t count, int64_t now_us)
{
    g_autoptr(Arena) scratch = arena_new(16384);
    g_autofree Scored *scored = g_new(Scored, count);

    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        scored[i] = (Scored){merged[i], rank_score(rule, query, &merged[i], now_us, scratch).score, SIZE_MAX};
        arena_reset(scratch);
    }
    qsort(scored, count, sizeof *scored, compare);
    spread_sources(rule, scored, count, merged);
}
