#include "drafting/look.h"

#include "listings/country.h"
#include "listings/currency.h"
#include "listings/language.h"
#include "listings/listing.h"
#include "base/clock.h"
#include "listings/text.h"
#include "sources/moment.h"
#include "sources/number.h"

#define EPOCH_FIRST_S 946684800.0  /* 2000 */
#define EPOCH_LAST_S  2208988800.0 /* 2040 */

static const char *const TIMES[] = {
    "", /* RFC 3339, RFC 1123 and their like */
    "'%Y-%m-%d %H:%M:%S'",
    "'%Y-%m-%d %H:%M'",
    "'%d/%m/%Y'",
    "'%m/%d/%Y'",
    "'%d.%m.%Y'",
    "'%d-%m-%Y'",
    "'%Y/%m/%d'",
    "'%d/%m/%Y %H:%M'",
    "'%d/%m/%Y %H:%M:%S'",
    "'%m/%d/%Y %H:%M'",
    "'%m/%d/%Y %H:%M:%S'",
    "'%m/%d/%Y %I:%M:%S %p'",
    "'%d.%m.%Y %H:%M'",
    "'%d.%m.%Y %H:%M:%S'",
    "'%Y/%m/%d %H:%M:%S'",
    "'%d-%m-%Y %H:%M:%S'",
    "'%b %d, %Y'",
    "'%d %b %Y'",
    "'%a %b %d %H:%M:%S %z %Y'",
    "'%a, %d %b %Y'",
    "'%Y-%m-%d %I:%M:%S %p'",
    "'%d/%m/%y'",
    "'%Y%m%d'",
    "relative",
};
#define TIME_DAY_FIRST   3
#define TIME_MONTH_FIRST 4
#define TIME_COMPACT     (G_N_ELEMENTS(TIMES) - 2)
#define TIME_RELATIVE    (G_N_ELEMENTS(TIMES) - 1)
G_STATIC_ASSERT(G_N_ELEMENTS(TIMES) <= LOOK_TIMES_MAX);

const char *
look_time_argument(size_t i)
{
    return i < G_N_ELEMENTS(TIMES) ? TIMES[i] : NULL;
}

static bool
is_plain_number(Str text, double *ret_number)
{
    int64_t micros;

    if (!money_parse(str_trim(text), NUMBER_STYLE_PLAIN, &micros, NULL))
        return false;
    *ret_number = (double)micros / MICROS_PER_UNIT;
    return true;
}

static bool
reads_time(Str text, size_t way, GTimeZone *zone, Arena *arena, int64_t *ret_us)
{
    Str pattern = str_of(TIMES[way]);

    if (way == 0)
        return moment_parse(text, zone, ret_us);
    if (way == TIME_RELATIVE)
        return moment_parse_relative(text, INT64_C(1800000000) * US_PER_SECOND, zone, arena, ret_us);
    return moment_parse_pattern(text, str_slice(pattern, 1, pattern.size - 1), zone, ret_us);
}

static bool
has_digit(Str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (g_ascii_isdigit(text.at[i]))
            return true;
    return false;
}

static bool
is_money(Str text)
{
    return has_digit(text) && text.size < 120 &&
           (currency_find_sign(text) != NULL || currency_find_code(text, false) != NULL ||
            str_find_char(text, '$') >= 0);
}

static void
look_at_times(Looks *looks, Str text, bool is_number, double number, Arena *arena)
{
    bool reads = false;
    int64_t us;

    if (text.size < 5 || text.size > 60)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(TIMES); i++) {
        if (is_number && i != TIME_COMPACT)
            continue;
        if (is_number && (text.size != 8 || (text.at[0] != '1' && text.at[0] != '2')))
            continue;
        /* "£12 a day" is pay. */
        if (i == TIME_RELATIVE && is_money(text))
            continue;
        if (reads_time(text, i, NULL, arena, &us)) {
            looks->times[i]++;
            /* "Today" may be a word like any other. */
            reads = reads || (!is_number && (i != TIME_RELATIVE || has_digit(text)));
        }
    }
    looks->clock += reads;
    looks->epoch_s += is_number && number > EPOCH_FIRST_S && number < EPOCH_LAST_S;
    looks->epoch_ms += is_number && number > EPOCH_FIRST_S * 1000 && number < EPOCH_LAST_S * 1000;
}

static bool
is_mail(Str text)
{
    ptrdiff_t at = str_find_char(text, '@');

    return at > 0 && str_find_char(text, ' ') < 0 && str_find_char(str_slice(text, (size_t)at, text.size), '.') > 0 &&
           str_find_char(text, '/') < 0;
}

/* "<p>" or "&lt;p": what a tag begins with, and ends. */
static bool
is_html(Str text)
{
    for (size_t i = 0; i + 2 < text.size; i++) {
        Str rest = str_slice(text, i, text.size);
        char next;

        if (text.at[i] != '<' && !str_starts_with(rest, STR("&lt;")))
            continue;
        next = rest.at[rest.at[0] == '<' ? 1 : MIN(rest.size - 1, 4)];
        if (g_ascii_isalpha(next) || next == '/')
            return true;
    }
    return false;
}

static bool
has_entity(Str text, Arena *arena)
{
    return !str_equal(text_decode_entities(arena, text), text);
}

static bool
is_boolean(Str text)
{
    static const char *const WORDS[] = {"true", "false", "yes", "no",  "ja", "nein",
                                        "oui",  "non",   "si",  "nee", "y",  "n"};

    for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++)
        if (str_equal_ignoring_case(text, str_of(WORDS[i])))
            return true;
    return false;
}

/* "51.5,-0.1" */
static bool
is_pair(Str text)
{
    Str rest = text, first = str_cut(&rest, ',');
    double a, b;

    return rest.at != NULL && str_find_char(text, '.') > 0 && is_plain_number(first, &a) && is_plain_number(rest, &b) &&
           a >= -180 && a <= 180 && b >= -180 && b <= 180;
}

static double
count_words(Str text)
{
    double words = text.size > 0;

    for (size_t i = 0; i + 1 < text.size; i++)
        words += g_ascii_isspace(text.at[i]) && !g_ascii_isspace(text.at[i + 1]);
    return words;
}

static void
look_at_words(Looks *looks, Str text, Arena *arena)
{
    Str repaired;
    bool is_short = text.size <= 80;
    char country[3];

    looks->html += is_html(text);
    looks->entity += has_entity(text, arena);
    looks->money += is_money(text);
    looks->country += is_short && country_parse(text, country);
    looks->currency += text.size == 3 && currency_find_code(text, true) != NULL;
    looks->employment += is_short && employment_type_parse(text) != 0;
    looks->remote += is_short && remote_parse(text) != REMOTE_UNKNOWN;
    looks->language += is_short && language_parse(text, arena).at != NULL;
    looks->period += is_short && period_parse(text) != PERIOD_UNKNOWN;
    looks->garbled += text.size < 4096 && text_repair_double_utf8(arena, text, &repaired);
}

static void
look_at(Looks *looks, Str text, Arena *arena)
{
    double number = 0;
    bool is_number = is_plain_number(text, &number);
    bool is_url = str_starts_with(text, STR("http://")) || str_starts_with(text, STR("https://"));
    double before = looks->clock;

    looks->values++;
    looks->size += (double)text.size;
    looks->words += count_words(text);
    looks->number += is_number;
    looks->integer += is_number && str_find_char(text, '.') < 0;
    looks->zero += is_number && number == 0;
    if (is_number && (looks->number == 1 || number < looks->low))
        looks->low = number;
    if (is_number && (looks->number == 1 || number > looks->high))
        looks->high = number;
    looks->url += is_url;
    looks->rooted += text.at[0] == '/' && text.size > 3 && count_words(text) == 1;
    looks->mail += is_mail(text);
    looks->boolean += is_boolean(text) || (is_number && (number == 0 || number == 1));
    looks->pair += is_pair(text);
    look_at_times(looks, text, is_number, number, arena);
    if (is_url || is_number || is_mail(text))
        return;
    look_at_words(looks, text, arena);
    looks->text += looks->clock == before && !is_boolean(text) && !is_pair(text);
}

static size_t
count_distinct(const GArray *texts)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_int64_hash, g_int64_equal);
    g_autofree gint64 *hashes = g_new(gint64, texts->len + 1);

    for (guint i = 0; i < texts->len; i++) {
        hashes[i] = (gint64)str_hash(g_array_index(texts, Str, i));
        g_hash_table_add(seen, &hashes[i]);
    }
    return g_hash_table_size(seen);
}

static Looks
leaf_look(const Leaf *leaf)
{
    g_autoptr(Arena) scratch = arena_new(16 * 1024);
    Looks looks = {0};
    double *const shares[] = {&looks.url,      &looks.rooted,  &looks.mail,       &looks.html,    &looks.entity,
                              &looks.number,   &looks.integer, &looks.boolean,    &looks.country, &looks.currency,
                              &looks.money,    &looks.pair,    &looks.employment, &looks.remote,  &looks.period,
                              &looks.language, &looks.zero,    &looks.text,       &looks.clock,   &looks.epoch_s,
                              &looks.epoch_ms, &looks.garbled, &looks.words,      &looks.size};

    for (guint i = 0; i < leaf->values->len; i++) {
        arena_reset(scratch);
        look_at(&looks, str_trim(g_array_index(leaf->values, Str, i)), scratch);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(shares); i++)
        *shares[i] /= (double)MAX(looks.values, 1);
    looks.distinct = count_distinct(leaf->firsts);
    looks.is_unique = looks.distinct == leaf->firsts->len;
    return looks;
}

Looks *
leaves_look(const Leaves *leaves)
{
    Looks *looks = g_new0(Looks, leaves->items->len + 1);

    for (guint i = 0; i < leaves->items->len; i++)
        looks[i] = leaf_look(leaves->items->pdata[i]);
    return looks;
}

bool
leaf_time_is_ambiguous(const Leaf *leaf, const Looks *looks)
{
    return looks->times[TIME_DAY_FIRST] == leaf->values->len && looks->times[TIME_MONTH_FIRST] == leaf->values->len;
}

/* The way of writing that reads most. */
static size_t
best_way(const Looks *looks)
{
    size_t best = 0;

    for (size_t i = 1; i < G_N_ELEMENTS(TIMES); i++)
        if (looks->times[i] > looks->times[best])
            best = i;
    return best;
}

/* Then it is the same moment in whatever zone it is read. */
bool
leaf_time_has_zone(const Leaf *leaf, const Looks *looks)
{
    g_autoptr(GTimeZone) east = g_time_zone_new_offset(3600);
    g_autoptr(Arena) scratch = arena_new(1024);
    size_t way = best_way(looks);

    for (guint i = 0; i < leaf->values->len; i++) {
        Str text = str_trim(g_array_index(leaf->values, Str, i));
        int64_t us, us_east;

        arena_reset(scratch);
        if (!reads_time(text, way, NULL, scratch, &us) || !reads_time(text, way, east, scratch, &us_east) ||
            us != us_east)
            return false;
    }
    return true;
}

const char *
leaf_time_transform(const Leaf *leaf, const Looks *looks, Arena *arena)
{
    size_t best = best_way(looks);

    if (looks->epoch_ms > 0.5)
        return "time(epoch_ms)";
    if (looks->epoch_s > 0.5)
        return "time(epoch_s)";
    if (looks->times[best] == 0)
        return looks->integer > 0.9 && looks->high < 400 ? "time(age_days)" : NULL;
    if (best == 0 && looks->times[0] == leaf->values->len)
        return "time";
    /* A second way for those that the first does not read: "3 days ago" among dates. */
    if (looks->times[best] < leaf->values->len && best != TIME_RELATIVE && looks->times[TIME_RELATIVE] > 0)
        return arena_printf(arena, "time(%s, relative)", best == 0 ? "rfc3339" : TIMES[best]).at;
    return best == 0 ? "time" : arena_printf(arena, "time(%s)", TIMES[best]).at;
}

/* "0,28" has a decimal comma; "1,234" may have either, and groups are likelier. */
static bool
has_decimal_comma(const Leaf *leaf)
{
    for (guint i = 0; i < leaf->values->len; i++) {
        Str rest = str_trim(g_array_index(leaf->values, Str, i)), first = str_cut(&rest, ',');
        size_t digits = 0;

        while (rest.at != NULL && digits < rest.size && g_ascii_isdigit(rest.at[digits]))
            digits++;
        if (rest.at != NULL && digits > 0 && digits != 3 && str_find_char(rest, ',') < 0 && first.size > 0)
            return true;
    }
    return false;
}

/* The ways of writing numbers that its values may be in, the plainest first; NULL ends them. */
static const char *const *
styles_of(const Leaf *leaf)
{
    static const char *const WITH_COMMA[] = {"", "1234,56", "1.234,56", "1 234,56", NULL};
    static const char *const WITH_POINT[] = {"", "1,234.56", "1 234,56", NULL};

    return has_decimal_comma(leaf) ? WITH_COMMA : WITH_POINT;
}

static bool
is_amount(Str text, NumberStyle style)
{
    int64_t micros;

    return money_parse(str_trim(text), style, &micros, NULL);
}

static bool
has_range(Str text, NumberStyle style)
{
    NumberRange range;

    return number_range_find(text, style, &range) && (range.has_low || range.has_high);
}

/* How many values can be read when numbers are written so. */
static size_t
count_read(const Leaf *leaf, const char *written, bool (*reads)(Str text, NumberStyle style))
{
    NumberStyle style = NUMBER_STYLE_PLAIN;
    size_t count = 0;

    if (written[0] != '\0' && !number_style_parse(str_of(written), &style))
        return 0;
    for (guint i = 0; i < leaf->values->len; i++)
        count += reads(g_array_index(leaf->values, Str, i), style);
    return count;
}

const char *
leaf_number_style(const Leaf *leaf)
{
    for (const char *const *style = styles_of(leaf); *style != NULL; style++)
        if (count_read(leaf, *style, is_amount) * 10 >= (size_t)leaf->values->len * 9)
            return *style;
    return NULL;
}

const char *
leaf_range_style(const Leaf *leaf)
{
    const char *best = NULL;
    size_t most = 0;

    for (const char *const *style = styles_of(leaf); *style != NULL; style++) {
        size_t reads = count_read(leaf, *style, has_range);

        if (reads > most) {
            most = reads;
            best = *style;
        }
    }
    return most * 3 >= leaf->values->len ? best : NULL;
}

bool
leaf_has_bare_dollar(const Leaf *leaf)
{
    for (guint i = 0; i < leaf->values->len; i++) {
        Str text = g_array_index(leaf->values, Str, i);

        if (str_find_char(text, '$') >= 0 && currency_find_sign(text) == NULL &&
            currency_find_code(text, false) == NULL)
            return true;
    }
    return false;
}
