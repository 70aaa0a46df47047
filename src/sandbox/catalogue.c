#include "sandbox/catalogue.h"

#include "base/clock.h"
#include "base/money.h"

/* Prime to the number of sentences, so that none comes twice in a description. */
#define SENTENCE_STEP 5

struct Catalogue {
    Posting postings[CATALOGUE_SIZE];
    char *words[CATALOGUE_SIZE];  /* folded title, company and category */
    char *places[CATALOGUE_SIZE]; /* folded city, region, postcode and country */
};

uint64_t
sandbox_hash(uint64_t a, uint64_t b)
{
    uint64_t z = a * UINT64_C(0x9E3779B97F4A7C15) + b + UINT64_C(0xD1B54A32D192ED03);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static size_t
pick(const Posting *posting, uint64_t purpose, size_t bound)
{
    return (size_t)(sandbox_hash(posting->hash, purpose) % bound);
}

/* One home, with a chance of 35 % a second network and 12 % a third. A network may come up twice; that is chance too. */
static unsigned
pick_networks(const Posting *posting)
{
    unsigned set = 1u << pick(posting, 1, CATALOGUE_NETWORKS);

    if (pick(posting, 2, 100) < 35)
        set |= 1u << pick(posting, 3, CATALOGUE_NETWORKS);
    if (pick(posting, 4, 100) < 12)
        set |= 1u << pick(posting, 5, CATALOGUE_NETWORKS);
    return set;
}

static void
pick_salary(Posting *posting)
{
    int64_t width = posting->trade->yearly_to - posting->trade->yearly_from;
    int64_t from = posting->trade->yearly_from + (int64_t)pick(posting, 10, (size_t)width);

    posting->hourly = posting->trade->yearly_to < 45000 && pick(posting, 11, 3) == 0;
    posting->salary_from = posting->hourly ? from / 1800 : from / 100 * 100;
    posting->salary_to = posting->salary_from * (105 + (int64_t)pick(posting, 12, 30)) / 100;
    posting->has_salary = pick(posting, 13, 100) < 72;
    posting->predicted = posting->has_salary && pick(posting, 14, 100) < 18;
    /* 5 to 60 cents in steps of a quarter of a hundredth of a cent: exact, and finer than cents. */
    posting->bid_micros = 50000 + (int64_t)pick(posting, 15, 220) * 2500;
}

/* The next one where the first is in another country's language. */
static const Trade *
pick_trade(const Posting *posting)
{
    size_t i = pick(posting, 20, TRADE_COUNT);

    while (TRADES[i].country != NULL && strcmp(TRADES[i].country, posting->city->country) != 0)
        i = (i + 1) % TRADE_COUNT;
    return &TRADES[i];
}

Posting
posting_make(uint64_t seed, uint32_t index)
{
    Posting posting = {.index = index, .hash = sandbox_hash(seed, index)};

    posting.city = &CITIES[pick(&posting, 21, CITY_COUNT)];
    posting.trade = pick_trade(&posting);
    posting.level = LEVELS[pick(&posting, 22, LEVEL_COUNT)];
    posting.company_name = COMPANY_NAMES[pick(&posting, 23, COMPANY_NAME_COUNT)];
    posting.company_form = COMPANY_FORMS[pick(&posting, 24, COMPANY_FORM_COUNT)];
    posting.networks = pick_networks(&posting);
    posting.remote = pick(&posting, 25, 100) < 14;
    posting.part_time = pick(&posting, 26, 100) < 20;
    posting.age_s = (int64_t)pick(&posting, 27, 30 * 86400);
    pick_salary(&posting);
    return posting;
}

int64_t
posting_posted_at_us(const Posting *posting, int64_t now_us)
{
    return now_us - now_us % US_PER_DAY - posting->age_s * US_PER_SECOND;
}

void
posting_append_title(const Posting *posting, GString *to)
{
    g_string_append(to, posting->level);
    g_string_append(to, posting->trade->title);
    if (strcmp(posting->city->country, "DE") == 0)
        g_string_append(to, " (m/w/d)");
    else if (strcmp(posting->city->country, "FR") == 0)
        g_string_append(to, " H/F");
    else if (pick(posting, 30, 25) == 0)
        g_string_append(to, " – immediate start");
}

void
posting_append_company(const Posting *posting, GString *to)
{
    g_string_append(to, posting->company_name);
    g_string_append(to, posting->company_form);
}

void
posting_append_place(const Posting *posting, GString *to)
{
    if (posting->remote && pick(posting, 31, 2) == 0)
        g_string_append_printf(to, "Remote, %s", posting->city->country_name);
    else if (strcmp(posting->city->name, posting->city->region) == 0)
        g_string_append(to, posting->city->name);
    else
        g_string_append_printf(to, "%s, %s", posting->city->name, posting->city->region);
}

void
posting_append_description(const Posting *posting, GString *to)
{
    size_t count = 3 + pick(posting, 40, 6), first = pick(posting, 41, SENTENCE_COUNT);
    size_t benefit = pick(posting, 60, BENEFIT_COUNT), other = benefit + 1 + pick(posting, 61, BENEFIT_COUNT - 1);

    g_string_append(to, "<h3>");
    posting_append_title(posting, to);
    g_string_append_printf(to, "</h3>\n<p><strong>%s%s</strong>&nbsp;&nbsp;%s</p>", posting->company_name,
                           posting->company_form, posting->city->name);
    for (size_t i = 0; i < count; i++)
        g_string_append(to, SENTENCES[(first + i * SENTENCE_STEP) % SENTENCE_COUNT]);
    g_string_append_printf(to, "<ul>\n<li>%s</li><li>%s", BENEFITS[benefit], BENEFITS[other % BENEFIT_COUNT]);
    g_string_append(to, "</ul>");
    if (pick(posting, 62, 6) == 0)
        g_string_append(to, "<p>🚀 Join us! 👩‍🏭 €500 welcome bonus</p>");
    if (pick(posting, 63, 20) == 0)
        g_string_append(to, "<script>var spam = '<b>' + 1;</script><style>p{margin:0}</style>");
}

void
posting_append_snippet(const Posting *posting, GString *to)
{
    g_string_append(to, "&nbsp;...<b>");
    posting_append_title(posting, to);
    g_string_append_printf(to, "</b> at %s%s. ", posting->company_name, posting->company_form);
    g_string_append(to, SENTENCES[pick(posting, 41, SENTENCE_COUNT)]);
    g_string_append(to, "...&nbsp;");
}

static char *
fold_words(const Posting *posting)
{
    g_autoptr(GString) text = g_string_new(NULL);

    posting_append_title(posting, text);
    g_string_append_c(text, '\n');
    posting_append_company(posting, text);
    g_string_append_printf(text, "\n%s%s", posting->trade->category, posting->remote ? "\nremote" : "");
    return g_utf8_casefold(text->str, -1);
}

static char *
fold_place(const City *city)
{
    g_autofree char *text = g_strdup_printf("%s\n%s\n%s\n%s\n%s", city->name, city->region, city->postcode,
                                            city->country_name, city->country);

    return g_utf8_casefold(text, -1);
}

Catalogue *
catalogue_new(uint64_t seed)
{
    Catalogue *catalogue = g_new0(Catalogue, 1);

    for (uint32_t i = 0; i < CATALOGUE_SIZE; i++) {
        catalogue->postings[i] = posting_make(seed, i);
        catalogue->words[i] = fold_words(&catalogue->postings[i]);
        catalogue->places[i] = fold_place(catalogue->postings[i].city);
    }
    return catalogue;
}

void
catalogue_free(Catalogue *catalogue)
{
    if (catalogue == NULL)
        return;
    for (size_t i = 0; i < CATALOGUE_SIZE; i++) {
        g_free(catalogue->words[i]);
        g_free(catalogue->places[i]);
    }
    g_free(catalogue);
}

static char *
fold(Str text)
{
    g_autofree char *copy = g_utf8_make_valid(text.at != NULL ? text.at : "", text.at != NULL ? (gssize)text.size : 0);

    return g_utf8_casefold(g_strstrip(copy), -1);
}

static char **
fold_keywords(Str keywords)
{
    g_autofree char *folded = fold(keywords);

    return g_strsplit_set(folded, " \t,", 32);
}

static bool
has_all_words(const char *text, char **words)
{
    for (; *words != NULL; words++)
        if (**words != '\0' && strstr(text, *words) == NULL)
            return false;
    return true;
}

static bool
is_asked(const Posting *posting, const CatalogueAsk *ask)
{
    int64_t yearly = posting->hourly ? posting->salary_to * 1800 : posting->salary_to;

    if (!str_is_empty(ask->country) && !str_equal_ignoring_case(ask->country, str_of(posting->city->country)))
        return false;
    if (ask->max_days > 0 && posting->age_s >= ask->max_days * 86400)
        return false;
    if (ask->salary_min > 0 && (!posting->has_salary || yearly < ask->salary_min))
        return false;
    return !(ask->full_time && posting->part_time) && !(ask->remote && !posting->remote);
}

int64_t
catalogue_search(const Catalogue *catalogue, unsigned network, const CatalogueAsk *ask,
                 void (*fn)(void *data, const Posting *posting), void *data)
{
    Str rest = ask->location;
    g_auto(GStrv) words = fold_keywords(ask->keywords);
    g_autofree char *place = fold(str_cut(&rest, ','));
    int64_t total = 0;

    for (size_t i = 0; i < CATALOGUE_SIZE; i++) {
        const Posting *posting = &catalogue->postings[i];

        if ((posting->networks & (1u << network)) == 0 || !is_asked(posting, ask) ||
            strstr(catalogue->places[i], place) == NULL || !has_all_words(catalogue->words[i], words))
            continue;
        if (fn != NULL && total >= ask->skip && total < ask->skip + ask->limit)
            fn(data, posting);
        total++;
    }
    return total;
}
