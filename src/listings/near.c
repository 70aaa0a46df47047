#include "listings/near.h"

#include "listings/text.h"

#define TITLE_WORDS    24
#define TEXT_WORDS     80
#define TEXT_BYTES     1200 /* holds TEXT_WORDS words */
#define TEXT_WORDS_MIN 12   /* shorter texts say too little to tell two positions apart */

struct NearTitle {
    uint64_t words[TITLE_WORDS]; /* hashes of those that tell, sorted */
    size_t count;
    uint64_t ranks;          /* set of those that the title names */
    unsigned seasons, years; /* sets; years from 2020 on */
};

struct NearText {
    uint64_t pairs[TEXT_WORDS]; /* hashes of pairs of words of the text's beginning, in order */
    size_t count;
};

typedef struct NearTitle NearTitle;
typedef struct NearText NearText;

/* "engineering" and "engineer", "sales" and "sale" are one word in a title. */
static Str
stem(Str word)
{
    static const char *const ENDINGS[] = {"ing", "s"};

    for (size_t i = 0; i < G_N_ELEMENTS(ENDINGS); i++) {
        Str ending = str_of(ENDINGS[i]);

        if (word.size > ending.size + 3 && str_ends_with(word, ending))
            return str_slice(word, 0, word.size - ending.size);
    }
    return word;
}

/* Words that do not tell one title from another, folded. */
static const char FILLERS[] =
    " m w d f x h i n e r in at for the a an and or of to with de la le du des et und im fur der die das en el "
    "y full time part fulltime parttime vollzeit teilzeit remote hybrid onsite homeoffice home office all "
    "genders cdi cdd permanent contract new program programme position opportunity "
    "season campus us usa uk co op ";

/* What makes two positions of one title different ones. Words of one row mean the same. */
static const char *const RANKS[] = {
    " junior jr jnr graduate entry debutant ",
    " senior sr snr ",
    " lead teamlead ",
    " principal ",
    " staff ",
    " head ",
    " chief ",
    " director directeur direktor ",
    " manager ",
    " assistant ",
    " associate ",
    " intern internship trainee praktikant praktikum stage stagiaire werkstudent apprentice alternance ",
    " deputy vice ",
    " ii 2 ",
    " iii 3 ",
    " iv 4 ",
    " executive ",
    " supervisor ",
    " night nights ",
    " weekend weekends ",
};

/* "REF12345", "40213", "2026": a number of the partner's or the employer's own, or a year. */
static bool
is_reference(Str word)
{
    size_t digits = 0;

    for (size_t i = 0; i < word.size; i++)
        digits += g_ascii_isdigit(word.at[i]);
    return digits >= 3;
}

static uint64_t
ranks_of(Str word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(RANKS); i++) {
        if (text_has_word(str_of(RANKS[i]), word))
            return UINT64_C(1) << i;
    }
    return 0;
}

static unsigned
season_of(Str word)
{
    static const char *const SEASONS[] = {" spring ", " summer ", " fall autumn ", " winter "};

    for (size_t i = 0; i < G_N_ELEMENTS(SEASONS); i++) {
        if (text_has_word(str_of(SEASONS[i]), word))
            return 1U << i;
    }
    return 0;
}

static unsigned
year_of(Str word)
{
    int64_t year;

    return word.size == 4 && str_to_int64(word, &year) && year >= 2020 && year < 2052 ? 1U << (year - 2020) : 0;
}

static int
compare_hashes(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static const NearTitle *
title_of(NearSketch *sketch)
{
    const Listing *listing = sketch->listing;
    NearTitle *title = sketch->title;
    Str rest, place;

    if (title != NULL)
        return title;
    title = sketch->title = ARENA_NEW(sketch->arena, NearTitle);
    rest = text_fold(sketch->arena, listing->title);
    place = text_fold(sketch->arena,
                      ARENA_JOIN(sketch->arena, listing->location, STR(" "), listing->city, STR(" "), listing->region));
    while (rest.size > 0 && title->count < TITLE_WORDS) {
        Str word = str_cut(&rest, ' ');
        uint64_t rank = ranks_of(word);
        unsigned season = season_of(word);

        title->ranks |= rank;
        title->seasons |= season;
        title->years |= year_of(word);
        if (rank == 0 && season == 0 && !text_has_word(STR(FILLERS), word) && !is_reference(word) &&
            !text_has_word(place, word) && !text_has_word(sketch->company, word))
            title->words[title->count++] = str_hash(stem(word));
    }
    qsort(title->words, title->count, sizeof title->words[0], compare_hashes);
    return title;
}

static const NearText *
text_of(NearSketch *sketch)
{
    const Listing *listing = sketch->listing;
    NearText *text = sketch->text;
    uint64_t before = 0;
    Str whole, rest;

    if (text != NULL)
        return text;
    text = sketch->text = ARENA_NEW(sketch->arena, NearText);
    whole = !str_is_empty(listing->description) ? listing->description : listing->snippet;
    rest = text_fold(sketch->arena, str_slice(whole, 0, TEXT_BYTES));
    while (rest.size > 0 && text->count < TEXT_WORDS) {
        uint64_t hash = str_hash(str_cut(&rest, ' '));

        if (before != 0)
            text->pairs[text->count++] = before * 31 + hash;
        before = hash;
    }
    return text;
}

NearSketch
near_sketch(const Listing *listing, Str company, Arena *arena)
{
    NearSketch sketch = {.listing = listing, .arena = arena, .company = company};

    if (company.size > 0)
        sketch.bucket = str_hash(str_cut(&company, ' '));
    return sketch;
}

/* "acme" and "acme robotics" may be one; "acme" and "acmeon" are not. */
static bool
same_company(Str a, Str b)
{
    Str shorter = a.size < b.size ? a : b, longer = a.size < b.size ? b : a;

    return shorter.size > 0 && str_starts_with(longer, shorter) &&
           (longer.size == shorter.size || longer.at[shorter.size] == ' ');
}

typedef enum { PLACES_DIFFER, PLACES_MAY_BE_ONE, PLACES_SAME } Places;

static bool
contradict(Str a, Str b)
{
    return !str_is_empty(a) && !str_is_empty(b) && !str_equal(a, b);
}

static Places
compare_places(const Listing *a, const Listing *b)
{
    bool a_is_remote = a->remote == REMOTE_YES, b_is_remote = b->remote == REMOTE_YES;

    if (contradict(a->country, b->country) || contradict(a->city, b->city) || contradict(a->region, b->region) ||
        a_is_remote != b_is_remote)
        return PLACES_DIFFER;
    if (!str_is_empty(a->city) && !str_is_empty(b->city))
        return PLACES_SAME;
    return a_is_remote && str_equal(a->country, b->country) ? PLACES_SAME : PLACES_MAY_BE_ONE;
}

/* Sets of which both say something, and nothing in common. */
static bool
exclude(unsigned a, unsigned b)
{
    return a != 0 && b != 0 && (a & b) == 0;
}

static size_t
count_common_words(const NearTitle *a, const NearTitle *b)
{
    size_t common = 0, i = 0, j = 0;

    while (i < a->count && j < b->count) {
        common += a->words[i] == b->words[j];
        if (a->words[i] <= b->words[j])
            i++;
        else
            j++;
    }
    return common;
}

/* Whether most of the shorter beginning stands in the longer one. */
static bool
texts_alike(const NearText *a, const NearText *b)
{
    const NearText *shorter = a->count < b->count ? a : b, *longer = shorter == a ? b : a;
    size_t common = 0;

    if (shorter->count < TEXT_WORDS_MIN)
        return false;
    for (size_t i = 0; i < shorter->count; i++) {
        for (size_t j = 0; j < longer->count; j++) {
            if (shorter->pairs[i] == longer->pairs[j]) {
                common++;
                break;
            }
        }
    }
    return common * 10 >= shorter->count * 7;
}

/* Three of five words of both titles together. */
static bool
titles_alike(size_t common, size_t all)
{
    return common > 0 && common * 5 >= all * 3;
}

bool
near_same(NearSketch *a, NearSketch *b)
{
    const NearTitle *x, *y;
    size_t common, all;
    Places places;

    if (!same_company(a->company, b->company))
        return false;
    places = compare_places(a->listing, b->listing);
    if (places == PLACES_DIFFER)
        return false;
    x = title_of(a);
    y = title_of(b);
    if (x->ranks != y->ranks || x->count == 0 || y->count == 0 || exclude(x->seasons, y->seasons) ||
        exclude(x->years, y->years))
        return false;
    common = count_common_words(x, y);
    all = x->count + y->count - common;
    if (common == all && places == PLACES_SAME)
        return true;
    return titles_alike(common, all) && texts_alike(text_of(a), text_of(b));
}
