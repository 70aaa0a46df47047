#include "listings/near.h"

#include "listings/fingerprint.h"
#include "listings/text.h"

#define TEXT_BYTES     1200 /* holds NEAR_TEXT_WORDS words */
#define TEXT_WORDS_MIN 12   /* shorter texts say too little to tell two positions apart */

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

static void
sketch_title(NearSketch *sketch, const Listing *listing, Arena *arena)
{
    Str rest = text_fold(arena, listing->title);
    Str place = text_fold(arena, arena_printf(arena, "%.*s %.*s %.*s", STR_FORMAT(listing->location),
                                              STR_FORMAT(listing->city), STR_FORMAT(listing->region)));

    while (rest.size > 0 && sketch->title_count < NEAR_TITLE_WORDS) {
        Str word = str_cut(&rest, ' ');
        uint64_t rank = ranks_of(word);
        unsigned season = season_of(word);

        sketch->ranks |= rank;
        sketch->seasons |= season;
        sketch->years |= year_of(word);
        if (rank == 0 && season == 0 && !text_has_word(STR(FILLERS), word) && !is_reference(word) &&
            !text_has_word(place, word) && !text_has_word(sketch->company, word))
            sketch->title[sketch->title_count++] = str_hash(stem(word));
    }
    qsort(sketch->title, sketch->title_count, sizeof sketch->title[0], compare_hashes);
}

static void
sketch_text(NearSketch *sketch, const Listing *listing, Arena *arena)
{
    Str text = !str_is_empty(listing->description) ? listing->description : listing->snippet;
    Str rest = text_fold(arena, str_slice(text, 0, TEXT_BYTES));
    uint64_t before = 0;

    while (rest.size > 0 && sketch->text_count < NEAR_TEXT_WORDS) {
        uint64_t hash = str_hash(str_cut(&rest, ' '));

        if (before != 0)
            sketch->text[sketch->text_count++] = before * 31 + hash;
        before = hash;
    }
}

NearSketch
near_sketch(const Listing *listing, Arena *arena)
{
    NearSketch sketch = {
        .company = company_normalise(arena, listing->company),
        .city = listing->city,
        .region = listing->region,
        .country = listing->country,
        .is_remote = listing->remote == REMOTE_YES,
    };

    sketch_title(&sketch, listing, arena);
    sketch_text(&sketch, listing, arena);
    return sketch;
}

uint64_t
near_bucket(const Listing *listing)
{
    g_autoptr(Arena) arena = NULL;
    Str rest;

    if (str_is_empty(listing->company))
        return 0;
    arena = arena_new(512);
    rest = company_normalise(arena, listing->company);
    return rest.size == 0 ? 0 : str_hash(str_cut(&rest, ' '));
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
compare_places(const NearSketch *a, const NearSketch *b)
{
    if (contradict(a->country, b->country) || contradict(a->city, b->city) || contradict(a->region, b->region) ||
        a->is_remote != b->is_remote)
        return PLACES_DIFFER;
    if (!str_is_empty(a->city) && !str_is_empty(b->city))
        return PLACES_SAME;
    return a->is_remote && str_equal(a->country, b->country) ? PLACES_SAME : PLACES_MAY_BE_ONE;
}

/* Sets of which both say something, and nothing in common. */
static bool
exclude(unsigned a, unsigned b)
{
    return a != 0 && b != 0 && (a & b) == 0;
}

static size_t
count_common_words(const NearSketch *a, const NearSketch *b)
{
    size_t common = 0, i = 0, j = 0;

    while (i < a->title_count && j < b->title_count) {
        common += a->title[i] == b->title[j];
        if (a->title[i] <= b->title[j])
            i++;
        else
            j++;
    }
    return common;
}

/* Whether most of the shorter beginning stands in the longer one. */
static bool
texts_alike(const NearSketch *a, const NearSketch *b)
{
    const NearSketch *shorter = a->text_count < b->text_count ? a : b, *longer = shorter == a ? b : a;
    size_t common = 0;

    if (shorter->text_count < TEXT_WORDS_MIN)
        return false;
    for (size_t i = 0; i < shorter->text_count; i++) {
        for (size_t j = 0; j < longer->text_count; j++) {
            if (shorter->text[i] == longer->text[j]) {
                common++;
                break;
            }
        }
    }
    return common * 10 >= (size_t)shorter->text_count * 7;
}

/* Three of five words of both titles together. */
static bool
titles_alike(size_t common, size_t all)
{
    return common > 0 && common * 5 >= all * 3;
}

bool
near_same(const NearSketch *a, const NearSketch *b)
{
    Places places;
    size_t common, all;

    if (!same_company(a->company, b->company) || a->ranks != b->ranks || a->title_count == 0 || b->title_count == 0)
        return false;
    places = compare_places(a, b);
    if (places == PLACES_DIFFER || exclude(a->seasons, b->seasons) || exclude(a->years, b->years))
        return false;
    common = count_common_words(a, b);
    all = (size_t)a->title_count + b->title_count - common;
    if (common == all && places == PLACES_SAME)
        return true;
    return titles_alike(common, all) && texts_alike(a, b);
}
