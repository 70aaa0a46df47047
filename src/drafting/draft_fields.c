/* From guesses to expressions: which transforms a value needs, and why the leaf was taken. */
#include "drafting/draft.h"
#include "drafting/draft_request.h"

#include "stream/utf8.h"

#define EXAMPLE_BYTES  44
#define UNMAPPED_LIMIT 80

typedef struct {
    Draft *draft;
    const DraftSpec *spec;
    const Leaves *leaves;
    const Looks *looks;
    const Guesses *guesses;
    Arena *arena;
} Proposer;

/* ---- what is shown of values ---- */

static void
append_example(GString *to, Str text, size_t size)
{
    Str cut = utf8_cut(str_trim(text), size);

    g_string_append_c(to, '"');
    for (size_t i = 0; i < cut.size; i++)
        g_string_append_c(to, g_ascii_iscntrl(cut.at[i]) || cut.at[i] == '"' ? ' ' : cut.at[i]);
    g_string_append(to, cut.size < str_trim(text).size ? "…\"" : "\"");
}

const char *
draft_examples(const GArray *values, size_t most, Arena *arena)
{
    g_autoptr(GString) text = g_string_new(NULL);
    Str last = STR_NONE;
    size_t shown = 0;

    for (guint i = 0; i < values->len && shown < most; i++) {
        Str value = g_array_index(values, Str, i);

        /* Mail addresses name people. */
        if (str_equal(value, last) || str_find_char(value, '@') >= 0)
            continue;
        if (shown++ > 0)
            g_string_append(text, ", ");
        append_example(text, value, EXAMPLE_BYTES);
        last = value;
    }
    return arena_str(arena, str_of_gstring(text)).at;
}

static const char *
describe_others(const Proposer *p, DraftField field)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const Guess *others = p->guesses->others[field];

    for (size_t i = 0; i < 3 && others[i].leaf != NULL; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", others[i].leaf->path);
    return arena_str(p->arena, str_of_gstring(text)).at;
}

/* ---- proposals ---- */

static const char *
basis_of(const Guess *guess)
{
    return guess->by_name ? "by its name and values" : "by its values alone";
}

/* why: NULL for the guess's own basis. */
static void
propose(const Proposer *p, const char *field, const Guess *guess, const char *expression, const char *why,
        const char *others)
{
    const DraftProposal proposal = {
        .field = field,
        .expression = expression,
        .path = guess != NULL ? guess->leaf->path : "",
        .why = why != NULL ? why : basis_of(guess),
        .examples = guess != NULL ? draft_examples(guess->leaf->firsts, 3, p->arena) : "",
        .others = others != NULL ? others : "",
        .filled = guess != NULL ? guess->leaf->filled : p->leaves->records,
    };

    g_array_append_val(p->draft->proposals, proposal);
}

static const Guess *
best_of(const Proposer *p, DraftField field)
{
    return p->guesses->best[field].leaf != NULL ? &p->guesses->best[field] : NULL;
}

static void
note(const Proposer *p, const char *text)
{
    g_ptr_array_add(p->draft->notes, (char *)text);
}

/* The path with what words of people need. */
static const char *
clean_words(const Proposer *p, const Guess *guess)
{
    const Looks *looks = guess->looks;

    return arena_printf(p->arena, "%s%s%s", guess->leaf->path, looks->garbled > 0.02 ? " | repair" : "",
                        looks->html + looks->entity > 0.01 ? " | html_text" : " | text")
        .at;
}

static void
propose_words(const Proposer *p, DraftField field)
{
    const Guess *guess = best_of(p, field);

    if (guess != NULL)
        propose(p, draft_field_name(field), guess, clean_words(p, guess), NULL, describe_others(p, field));
}

/* As it is: Weir knows the words of these. */
static void
propose_plain(const Proposer *p, DraftField field)
{
    const Guess *guess = best_of(p, field);

    if (guess != NULL)
        propose(p, draft_field_name(field), guess, guess->leaf->path, NULL, describe_others(p, field));
}

/* A leaf that is called so, with words that Weir does not know. */
static void
note_employment_codes(const Proposer *p)
{
    for (guint i = 0; i < p->leaves->items->len; i++) {
        const Leaf *leaf = p->leaves->items->pdata[i];

        if (leaf->filled > 0 && p->looks[i].boolean < 0.5 && p->looks[i].text > 0.5 &&
            guess_name_score(DRAFT_EMPLOYMENT_TYPE, leaf->path, leaf->key, leaf->parent) > 80) {
            note(p, arena_printf(
                        p->arena,
                        "employment_type: %s has words that Weir does not know (%s); say what they mean: {by: %s, "
                        "WORD: FULL_TIME, ...}",
                        leaf->path, draft_examples(leaf->values, 3, p->arena), leaf->path)
                        .at);
            return;
        }
    }
}

static void
propose_employment(const Proposer *p)
{
    if (best_of(p, DRAFT_EMPLOYMENT_TYPE) != NULL)
        propose_plain(p, DRAFT_EMPLOYMENT_TYPE);
    else
        note_employment_codes(p);
}

static void
propose_url(const Proposer *p)
{
    const Guess *guess = best_of(p, DRAFT_URL), *id = best_of(p, DRAFT_ID);
    const char *host = draft_request_origin(p->spec, p->arena);

    if (guess != NULL && guess->looks->url >= guess->looks->rooted) {
        propose_plain(p, DRAFT_URL);
    } else if (guess != NULL) {
        propose(p, "url", guess, arena_printf(p->arena, "%s | prefix('%s')", guess->leaf->path, host).at,
                "a path without its host", describe_others(p, DRAFT_URL));
        note(p, "url: the sample gives paths only; say which host they are of");
    } else if (id != NULL) {
        propose(p, "url", id, arena_printf(p->arena, "%s | prefix('%s/')", id->leaf->path, host).at,
                "NO LINK IN THE SAMPLE: made of the id, to be replaced by where the partner shows a position", NULL);
        note(p, "url: the sample has no link; find out how the partner's pages are called");
    } else {
        propose(p, "url", NULL, arena_printf(p->arena, "= %s/", host).at,
                "NO LINK AND NO ID IN THE SAMPLE: to be replaced", NULL);
        note(p, "url: the sample has neither link nor id; without a link a listing is worth nothing");
    }
}

static void
propose_title(const Proposer *p)
{
    const Guess *title = best_of(p, DRAFT_TITLE);

    if (title != NULL) {
        propose_words(p, DRAFT_TITLE);
        if (title->leaf->filled < p->leaves->records)
            note(p, arena_printf(p->arena,
                                 "records: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
                                 " have no title; where these are no positions, `skip_if: PATH` passes them over",
                                 p->leaves->records - title->leaf->filled, p->leaves->records)
                        .at);
        return;
    }
    propose(p, "title", NULL, "= Untitled", "NO TITLE IN THE SAMPLE: to be replaced", NULL);
    note(p, "title: none was recognised; choose one of the unmapped paths");
}

/* "Acme: Nurse" in titles, where no field has the company. */
static bool
titles_name_companies(const Guess *title)
{
    size_t with = 0;

    for (guint i = 0; i < title->leaf->firsts->len; i++)
        with += str_find(g_array_index(title->leaf->firsts, Str, i), STR(": ")) > 0;
    return with > 2 && with * 10 >= (size_t)title->leaf->firsts->len * 9;
}

static void
propose_company(const Proposer *p)
{
    const Guess *title = best_of(p, DRAFT_TITLE);

    if (best_of(p, DRAFT_COMPANY) != NULL)
        propose_words(p, DRAFT_COMPANY);
    else if (title != NULL && titles_name_companies(title))
        note(p, arena_printf(
                    p->arena,
                    "company: no field of its own, but titles begin with \"NAME: \": company: \"%s | before(': ') "
                    "| text\", and title: \"%s | after(': ') | text\"",
                    title->leaf->path, title->leaf->path)
                    .at);
    else
        note(p, "company: none was recognised; for an employer's own board write it down: company: = NAME");
}

static void
propose_location(const Proposer *p)
{
    const Guess *place = best_of(p, DRAFT_LOCATION), *region = best_of(p, DRAFT_REGION);
    static const char *const TOWNS[] = {"city",        "cityname", "ort",  "ville",  "ciudad",  "localidad",
                                        "town",        "stadt",    "stad", "plaats", "commune", "addresslocality",
                                        "locationcity"};
    bool is_town = false;

    if (place == NULL) {
        if (region != NULL)
            propose(p, "location", region, clean_words(p, region), "only a region was recognised", NULL);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(TOWNS); i++)
        is_town = is_town || strcmp(place->leaf->key, TOWNS[i]) == 0;
    if (is_town && region != NULL && region->leaf != place->leaf &&
        strcmp(region->leaf->parent, place->leaf->parent) == 0)
        propose(p, "location", place,
                arena_printf(p->arena, "[%s, %s] | join(', ')", place->leaf->path, region->leaf->path).at,
                "a town and its region, by their names", describe_others(p, DRAFT_LOCATION));
    else if (place->leaf->most > 1)
        propose(p, "location", place, arena_printf(p->arena, "%s | join('; ')", place->leaf->path).at,
                "several in a record", describe_others(p, DRAFT_LOCATION));
    else
        propose_words(p, DRAFT_LOCATION);
}

static void
propose_position(const Proposer *p)
{
    const Guess *latitude = best_of(p, DRAFT_LATITUDE), *longitude = best_of(p, DRAFT_LONGITUDE);

    if (latitude != NULL && latitude->looks->pair > 0.5) {
        propose(p, "latitude", latitude, arena_printf(p->arena, "%s | split(',', 0)", latitude->leaf->path).at,
                "both in one", NULL);
        propose(p, "longitude", latitude, arena_printf(p->arena, "%s | split(',', 1)", latitude->leaf->path).at,
                "both in one", NULL);
    } else if (latitude != NULL && longitude != NULL) {
        propose_plain(p, DRAFT_LATITUDE);
        propose_plain(p, DRAFT_LONGITUDE);
    }
}

static void
propose_time(const Proposer *p, DraftField field)
{
    const Guess *guess = best_of(p, field);
    const char *how, *why;

    if (guess == NULL || (how = leaf_time_transform(guess->leaf, guess->looks, p->arena)) == NULL)
        return;
    why = basis_of(guess);
    if (strstr(how, "epoch") == NULL && strstr(how, "relative") == NULL &&
        !leaf_time_has_zone(guess->leaf, guess->looks))
        why = arena_printf(p->arena, "%s; it says no zone, so UTC is taken: `zone: Europe/Paris` says another", why).at;
    if (leaf_time_is_ambiguous(guess->leaf, guess->looks))
        why = arena_printf(p->arena, "%s; DAY AND MONTH MAY BE THE OTHER WAY ROUND", why).at;
    propose(p, draft_field_name(field), guess, arena_printf(p->arena, "%s | %s", guess->leaf->path, how).at, why,
            describe_others(p, field));
}

static void
propose_id(const Proposer *p)
{
    const Guess *id = best_of(p, DRAFT_ID);

    propose_plain(p, DRAFT_ID);
    if (id != NULL && !id->looks->is_unique)
        note(p,
             arena_printf(p->arena,
                          "id: records share a %s; join it with what tells them apart: id: \"[%s, PATH] | join('/')\"",
                          id->leaf->path, id->leaf->path)
                 .at);
}

static const char *
amount_of(const Proposer *p, const Guess *guess)
{
    const char *style = leaf_number_style(guess->leaf);

    if (style == NULL)
        return arena_printf(p->arena, "%s | number", guess->leaf->path).at;
    if (style[0] != '\0')
        return arena_printf(p->arena, "%s | number('%s')", guess->leaf->path, style).at;
    return guess->looks->zero > 0 ? arena_printf(p->arena, "%s | positive", guess->leaf->path).at : guess->leaf->path;
}

/* A transform with the style of numbers as its argument, where they are not plain. */
static const char *
with_style(const Proposer *p, const char *path, const char *transform, const char *style)
{
    return style[0] != '\0' ? arena_printf(p->arena, "%s | %s('%s')", path, transform, style).at
                            : arena_printf(p->arena, "%s | %s", path, transform).at;
}

static void
propose_amounts_of_text(const Proposer *p, const Guess *text)
{
    const char *path = text->leaf->path, *style = leaf_range_style(text->leaf), *why = "read from a text";

    if (style == NULL)
        return;
    propose(p, "salary.min", text, with_style(p, path, "range_low", style), why, NULL);
    propose(p, "salary.max", text, with_style(p, path, "range_high", style), why, NULL);
    if (best_of(p, DRAFT_SALARY_CURRENCY) == NULL && leaf_has_bare_dollar(text->leaf))
        propose(p, "salary.currency", text, arena_printf(p->arena, "%s | currency(USD)", path).at,
                "A BARE $ IS TAKEN FOR US DOLLARS: to be checked", NULL);
    else if (best_of(p, DRAFT_SALARY_CURRENCY) == NULL)
        propose(p, "salary.currency", text, arena_printf(p->arena, "%s | currency", path).at, why, NULL);
    if (best_of(p, DRAFT_SALARY_PERIOD) == NULL && text->looks->period > 0.3)
        propose(p, "salary.period", text, path, why, NULL);
}

static void
propose_salary(const Proposer *p)
{
    const Guess *low = best_of(p, DRAFT_SALARY_MIN), *high = best_of(p, DRAFT_SALARY_MAX);
    const Guess *text = best_of(p, DRAFT_SALARY_TEXT);

    if (low != NULL)
        propose(p, "salary.min", low, amount_of(p, low), NULL, describe_others(p, DRAFT_SALARY_MIN));
    if (high != NULL)
        propose(p, "salary.max", high, amount_of(p, high), NULL, describe_others(p, DRAFT_SALARY_MAX));
    if (low == NULL && high == NULL && text != NULL && text->looks->money > 0.2)
        propose_amounts_of_text(p, text);
    else if (low == NULL && high == NULL && text != NULL && text->looks->number > 0.8)
        propose(p, "salary.min", text, text->leaf->path, "a bare number", NULL);
    if (low != NULL || high != NULL || text != NULL) {
        propose_plain(p, DRAFT_SALARY_CURRENCY);
        propose_plain(p, DRAFT_SALARY_PERIOD);
    }
    if (text != NULL && text->looks->number < 0.8)
        propose_words(p, DRAFT_SALARY_TEXT);
    if ((low != NULL || high != NULL) && best_of(p, DRAFT_SALARY_CURRENCY) == NULL)
        note(p, "salary: the sample does not say the currency; write it down: currency: = EUR");
}

static void
propose_bid(const Proposer *p)
{
    const Guess *bid = best_of(p, DRAFT_BID), *currency = best_of(p, DRAFT_BID_CURRENCY);

    if (bid == NULL)
        return;
    propose(p, "bid.amount", bid, amount_of(p, bid), NULL, describe_others(p, DRAFT_BID));
    if (currency != NULL) {
        propose_plain(p, DRAFT_BID_CURRENCY);
        return;
    }
    propose(p, "bid.currency", NULL, "= USD", "THE SAMPLE DOES NOT SAY IT: to be checked", NULL);
    note(p, "bid: the sample does not say in which currency, and whether in cents: `| cents`");
}

static void
propose_description(const Proposer *p)
{
    const Guess *guess = best_of(p, DRAFT_DESCRIPTION);

    if (guess != NULL && guess->looks->html + guess->looks->entity > 0.01)
        propose_words(p, DRAFT_DESCRIPTION);
    else
        propose_plain(p, DRAFT_DESCRIPTION);
    propose_words(p, DRAFT_SNIPPET);
}

/* ---- what is left ---- */

/* A list of paths, as of a town and its region, rests on each of them. */
static bool
is_mapped(const Proposer *p, const Leaf *leaf)
{
    for (guint i = 0; i < p->draft->proposals->len; i++) {
        const DraftProposal *proposal = &g_array_index(p->draft->proposals, DraftProposal, i);

        if (strcmp(proposal->path, leaf->path) == 0 ||
            (proposal->expression[0] == '[' && strstr(proposal->expression, leaf->path) != NULL))
            return true;
    }
    return false;
}

static void
list_unmapped(const Proposer *p)
{
    for (guint i = 0; i < p->leaves->items->len && p->draft->unmapped->len < UNMAPPED_LIMIT; i++) {
        const Leaf *leaf = p->leaves->items->pdata[i];
        const char *what =
            p->looks[i].mail > 0.3 ? "mail addresses, left out" : draft_examples(leaf->values, 1, p->arena);

        if (!is_mapped(p, leaf))
            g_ptr_array_add(p->draft->unmapped,
                            (char *)arena_printf(p->arena, "%s: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT "%s%s",
                                                 leaf->path, leaf->filled, p->leaves->records,
                                                 what[0] != '\0' ? ", " : "", what)
                                .at);
    }
}

void
draft_propose_fields(Draft *draft, const DraftSpec *spec, const Leaves *leaves, const Looks *looks,
                     const Guesses *guesses)
{
    const Proposer p = {draft, spec, leaves, looks, guesses, draft->arena};

    propose_id(&p);
    propose_title(&p);
    propose_company(&p);
    propose_location(&p);
    propose_plain(&p, DRAFT_COUNTRY);
    propose_position(&p);
    propose_plain(&p, DRAFT_REMOTE);
    propose_employment(&p);
    propose_salary(&p);
    propose_time(&p, DRAFT_POSTED_AT);
    propose_time(&p, DRAFT_EXPIRES_AT);
    propose_words(&p, DRAFT_CATEGORY);
    propose_plain(&p, DRAFT_LANGUAGE);
    propose_description(&p);
    propose_url(&p);
    propose_bid(&p);
    list_unmapped(&p);
}
