#include "drafting/field_words.h"

const char *
draft_field_name(DraftField field)
{
    return FIELD_WORDS[field].name;
}

/* ---- names ---- */

static double
word_score(DraftField field, const char *name)
{
    for (const FieldWord *word = FIELD_WORDS[field].words; word->word != NULL; word++)
        if (strcmp(word->word, name) == 0)
            return word->score;
    return 0;
}

/* Words that say nothing of their own: "offer_title" is a title, and "employment_status_label" a status. */
static double
score_without(DraftField field, const char *name, const char *const *parts, size_t count, bool at_end)
{
    size_t size = strlen(name);
    double best = 0;

    for (size_t i = 0; i < count; i++) {
        size_t part = strlen(parts[i]);
        g_autofree char *rest = size > part ? g_strndup(at_end ? name : name + part, size - part) : NULL;

        if (rest != NULL && (at_end ? g_str_has_suffix(name, parts[i]) : g_str_has_prefix(name, parts[i])))
            best = MAX(best, word_score(field, rest) - 6);
    }
    return best;
}

static bool
is_of_a_place(DraftField field)
{
    return field == DRAFT_COUNTRY || field == DRAFT_LOCATION || field == DRAFT_REGION || field == DRAFT_LATITUDE ||
           field == DRAFT_LONGITUDE;
}

static double
score_of_a_part(DraftField field, const char *name)
{
    static const char *const BEFORE[] = {"job",     "offer",  "offre",    "vacancy", "posting", "position", "listing",
                                         "stellen", "oferta", "vacature", "ad",      "advert",  "cf",       "careers"};
    static const char *const PLACES[] = {"location", "address", "joblocation", "worklocation", "adresse", "lieu"};
    static const char *const BEHIND[] = {"label", "name", "text", "libelle", "value", "title", "list"};
    double score = score_without(field, name, BEFORE, G_N_ELEMENTS(BEFORE), false);

    score = MAX(score, score_without(field, name, BEHIND, G_N_ELEMENTS(BEHIND), true));
    if (is_of_a_place(field))
        score = MAX(score, score_without(field, name, PLACES, G_N_ELEMENTS(PLACES), false));
    return score;
}

static bool
is_avoided(DraftField field, const char *path)
{
    const char *const *avoid = FIELD_WORDS[field].avoid;

    for (size_t i = 0; avoid != NULL && avoid[i] != NULL; i++)
        if (strstr(path, avoid[i]) != NULL)
            return true;
    return false;
}

static bool
is_bare_name(const char *key)
{
    static const char *const BARE[] = {"name", "label", "displayname", "libelle", "value",
                                       "nom",  "title", "term",        "text"};

    for (size_t i = 0; i < G_N_ELEMENTS(BARE); i++)
        if (strcmp(BARE[i], key) == 0)
            return true;
    return false;
}

double
guess_name_score(DraftField field, const char *path, const char *key, const char *parent)
{
    g_autofree char *both = g_strconcat(parent, key, NULL);
    g_autofree char *lower = g_ascii_strdown(path, -1);
    double score = word_score(field, both) * 1.02;

    score = MAX(score, word_score(field, key));
    score = MAX(score, score_of_a_part(field, key));
    /* What a thing is called is at the leaf: "location.name", where the leaf says nothing but "name". */
    if (is_bare_name(key))
        score = MAX(score, word_score(field, parent) - 3);
    /* A word that must not be there may be the very word that is meant. */
    return is_avoided(field, lower) && word_score(field, both) < 90 &&
                   (word_score(field, key) < 90 || parent[0] != '\0')
               ? score * 0.4
               : score;
}

/* ---- values ---- */

static double
fit_of_title(const Leaf *leaf, const Looks *looks, size_t records)
{
    double varied = records < 5 || looks->distinct * 5 >= leaf->firsts->len ? 1 : 0.4;

    if (looks->size > 250 || looks->words > 40)
        return 0.1;
    return (looks->text + 0.3 * looks->number) * varied * (leaf->most > 1 ? 0.3 : 1);
}

static double
fit_of_url(const Leaf *leaf, const Looks *looks, size_t records)
{
    double varied = records < 3 || looks->distinct * 2 >= leaf->firsts->len ? 1 : 0.4;

    return MAX(looks->url, looks->rooted * 0.75) * varied * (leaf->most > 1 ? 0.6 : 1);
}

/* "age_days": 3 */
static bool
is_age(const Leaf *leaf, const Looks *looks)
{
    return looks->integer > 0.9 && looks->low >= 0 && looks->high < 400 &&
           (strstr(leaf->key, "age") != NULL || strstr(leaf->key, "days") != NULL);
}

static double
fit_of_time(const Leaf *leaf, const Looks *looks, size_t records G_GNUC_UNUSED)
{
    size_t compact = 0;

    for (size_t i = 0; look_time_argument(i) != NULL; i++)
        compact = MAX(compact, looks->times[i]);
    if (is_age(leaf, looks))
        return 0.9;
    return MAX(MAX(looks->clock, (double)compact / (double)MAX(looks->values, 1)),
               MAX(looks->epoch_s, looks->epoch_ms)) *
           (leaf->most > 1 ? 0.6 : 1);
}

static double
fit_of_id(const Leaf *leaf, const Looks *looks, size_t records)
{
    if (looks->size > 150 || leaf->most > 1 || looks->words > 1.5)
        return 0.2;
    /* Few records say little: a list may hold one listing twice. */
    return looks->is_unique ? 1 : (double)looks->distinct / (double)MAX(records, 1) > 0.9 ? 0.8 : 0.45;
}

static double
fit_of_words(const Leaf *leaf, const Looks *looks, size_t records G_GNUC_UNUSED)
{
    if (looks->size > 300)
        return 0.2;
    return (looks->text + looks->boolean * 0.1) * (leaf->most > 5 ? 0.7 : 1);
}

static double
fit_of_amount(const Leaf *leaf, const Looks *looks, size_t records G_GNUC_UNUSED)
{
    const char *style = leaf_number_style(leaf);

    return style == NULL ? looks->money * 0.6 : (looks->zero > 0.99 ? 0.6 : 1) * (leaf->most > 1 ? 0.8 : 1);
}

static double
fit_of_degrees(const Leaf *leaf, const Looks *looks, size_t records G_GNUC_UNUSED)
{
    bool is_degree = looks->number > 0.9 && looks->low >= -180 && looks->high <= 180 && looks->integer < 0.9;

    return leaf->most > 2 ? 0.3 : is_degree ? 1 : looks->pair;
}

static double
fit_of_long_text(const Leaf *leaf G_GNUC_UNUSED, const Looks *looks, size_t records G_GNUC_UNUSED)
{
    return MAX(looks->text, looks->html) * (looks->size > 400 ? 1 : looks->size > 60 ? 0.9 : 0.6);
}

static double
fit_of_bid(const Leaf *leaf, const Looks *looks, size_t records G_GNUC_UNUSED)
{
    return leaf_number_style(leaf) != NULL && looks->high < 1000 ? 1 : 0;
}

/* From 0, where the values can't be what the name says, to 1. */
static double
value_fit(DraftField field, const Leaf *leaf, const Looks *looks, size_t records)
{
    switch (field) {
    case DRAFT_TITLE:
        return fit_of_title(leaf, looks, records);
    case DRAFT_URL:
        return fit_of_url(leaf, looks, records);
    case DRAFT_POSTED_AT:
    case DRAFT_EXPIRES_AT:
        return fit_of_time(leaf, looks, records);
    case DRAFT_ID:
        return fit_of_id(leaf, looks, records);
    case DRAFT_COUNTRY:
        return looks->country;
    case DRAFT_LANGUAGE:
        return looks->language > 0.9 ? 1 : 0;
    case DRAFT_LATITUDE:
    case DRAFT_LONGITUDE:
        return fit_of_degrees(leaf, looks, records);
    case DRAFT_REMOTE:
        return MAX(looks->boolean, looks->remote);
    case DRAFT_EMPLOYMENT_TYPE:
        /* Words that Weir can't read would be a loss of each record. */
        return looks->boolean > 0.5 || looks->employment < 0.25 ? 0 : 0.55 * looks->text + 0.45 * looks->employment;
    case DRAFT_SALARY_MIN:
    case DRAFT_SALARY_MAX:
        return fit_of_amount(leaf, looks, records);
    case DRAFT_SALARY_CURRENCY:
    case DRAFT_BID_CURRENCY:
        return looks->currency;
    case DRAFT_SALARY_PERIOD:
        return looks->boolean > 0.5 || looks->number > 0.5 ? 0 : 0.4 + 0.6 * looks->period;
    case DRAFT_SALARY_TEXT:
        return looks->size > 200 ? 0.1 : MAX(looks->money, MAX(looks->number, 0.5 * looks->text));
    case DRAFT_DESCRIPTION:
    case DRAFT_SNIPPET:
        return fit_of_long_text(leaf, looks, records);
    case DRAFT_BID:
        return fit_of_bid(leaf, looks, records);
    default:
        return fit_of_words(leaf, looks, records);
    }
}

/* What values say where no name does. */
static double
score_by_values(DraftField field, const Leaf *leaf, const Looks *looks, size_t records)
{
    g_autofree char *lower = g_ascii_strdown(leaf->path, -1);

    if (is_avoided(field, lower))
        return 0;
    switch (field) {
    case DRAFT_URL:
        return 48 * fit_of_url(leaf, looks, records);
    case DRAFT_POSTED_AT:
        return 44 * looks->clock * (leaf->most > 1 ? 0.5 : 1);
    case DRAFT_DESCRIPTION:
        return looks->size > 250 ? 46 * MAX(looks->text, looks->html) : 0;
    case DRAFT_TITLE:
        return looks->words >= 1.5 && looks->words < 14 && looks->html == 0 &&
                       looks->distinct * 10 >= leaf->firsts->len * 7
                   ? 36 * fit_of_title(leaf, looks, records)
                   : 0;
    case DRAFT_ID:
        return g_str_has_suffix(leaf->key, "id") && looks->is_unique ? 42 * fit_of_id(leaf, looks, records) : 0;
    case DRAFT_SALARY_TEXT:
        return looks->money > 0.7 && looks->size < 60 ? 42 : 0;
    default:
        return 0;
    }
}

/* How well a leaf fits a field, of records that many. *ret_by_name: whether its name says so. */
static double
guess_score(DraftField field, const Leaf *leaf, const Looks *looks, size_t records, bool *ret_by_name)
{
    double fill = (double)leaf->filled / (double)MAX(records, 1);
    double name = guess_name_score(field, leaf->path, leaf->key, leaf->parent);
    double by_name, by_values;

    *ret_by_name = false;
    if (leaf->filled == 0 || looks->mail > 0.3)
        return 0;
    by_name = name * value_fit(field, leaf, looks, records);
    by_values = score_by_values(field, leaf, looks, records);
    *ret_by_name = by_name >= by_values;
    return MAX(by_name, by_values) * (0.7 + 0.3 * fill) - 3 * (double)(leaf->depth - MIN(leaf->depth, 1));
}

/* ---- giving ---- */

/* Fields whose leaf may serve another as well. */
static bool
may_share(DraftField field)
{
    return field == DRAFT_REGION || field == DRAFT_LATITUDE || field == DRAFT_LONGITUDE;
}

static bool
is_taken(const Guesses *guesses, const Leaf *leaf)
{
    for (unsigned field = 0; field < DRAFT_FIELD_COUNT; field++)
        if (guesses->best[field].leaf == leaf && !may_share(field))
            return true;
    return false;
}

static void
add_other(Guess others[3], Guess guess)
{
    for (size_t i = 0; i < 3; i++) {
        Guess moved = others[i];

        if (guess.leaf == NULL || (moved.leaf != NULL && moved.score >= guess.score))
            continue;
        others[i] = guess;
        guess = moved;
    }
}

static void
guess_field(DraftField field, const Leaves *leaves, const Looks *looks, Guesses *guesses)
{
    Guess best = {0};

    for (guint i = 0; i < leaves->items->len; i++) {
        Guess guess = {.leaf = leaves->items->pdata[i], .looks = &looks[i]};

        guess.score = guess_score(field, guess.leaf, guess.looks, leaves->records, &guess.by_name);
        if (guess.score < GUESS_LEAST || (is_taken(guesses, guess.leaf) && !may_share(field)))
            continue;
        if (guess.score > best.score) {
            add_other(guesses->others[field], best);
            best = guess;
        } else {
            add_other(guesses->others[field], guess);
        }
    }
    guesses->best[field] = best;
}

void
guesses_make(const Leaves *leaves, const Looks *looks, Guesses *ret_guesses)
{
    *ret_guesses = (Guesses){0};
    for (unsigned field = 0; field < DRAFT_FIELD_COUNT; field++)
        guess_field(field, leaves, looks, ret_guesses);
}

double
guesses_listing_score(const Guesses *guesses)
{
    static const double WEIGHTS[DRAFT_FIELD_COUNT] = {
        [DRAFT_TITLE] = 30,     [DRAFT_URL] = 20,        [DRAFT_COMPANY] = 14,    [DRAFT_LOCATION] = 12,
        [DRAFT_POSTED_AT] = 12, [DRAFT_ID] = 8,          [DRAFT_DESCRIPTION] = 8, [DRAFT_EMPLOYMENT_TYPE] = 4,
        [DRAFT_SALARY_MIN] = 3, [DRAFT_SALARY_TEXT] = 3, [DRAFT_CATEGORY] = 2,    [DRAFT_COUNTRY] = 2,
    };
    double score = 0;

    for (unsigned field = 0; field < DRAFT_FIELD_COUNT; field++)
        score += WEIGHTS[field] * MIN(guesses->best[field].score / 100, 1);
    return guesses->best[DRAFT_TITLE].leaf != NULL ? score : score * 0.3;
}
