/* From a record to a listing. A bad optional field costs that field; a missing title or URL costs the listing. */
#include "sources/field.h"

#include "listings/country.h"
#include "listings/fingerprint.h"
#include "listings/language.h"
#include "listings/text.h"

#define URL_LIMIT_BYTES   8192
#define TITLE_LIMIT_CHARS 300
#define ID_LIMIT_BYTES    200
#define SHORT_LIMIT_CHARS 500
#define ITEM_HASH_CHARS   13 /* 65 bits: enough to tell the items of one record apart */

static bool
is_url(Str url)
{
    if (!str_starts_with(url, STR("https://")) && !str_starts_with(url, STR("http://")))
        return false;
    for (size_t i = 0; i < url.size; i++) {
        if ((unsigned char)url.at[i] <= ' ' || url.at[i] == 0x7F || url.at[i] == '"' || url.at[i] == '<')
            return false;
    }
    return url.size <= URL_LIMIT_BYTES;
}

static bool
map_url(FieldReader *reader, const ListingMap *map, Listing *listing)
{
    Str url = str_trim(field_text(reader, map->url, "url"));

    if (str_is_empty(url))
        return field_reject(reader, true, "url", "missing", "there is none");
    if (!is_url(url))
        return field_reject(reader, true, "url", "invalid", "\"%.*s\" is no URL", STR_FORMAT(str_slice(url, 0, 120)));
    listing->url = url;
    return true;
}

static bool
map_title(FieldReader *reader, const ListingMap *map, Listing *listing)
{
    listing->title = text_snippet(reader->context.arena, field_text(reader, map->title, "title"), TITLE_LIMIT_CHARS);
    if (listing->title.at == NULL)
        return field_reject(reader, true, "title", "missing", "there is none");
    return true;
}

static Str
short_text(FieldReader *reader, const Expression *expression, const char *field)
{
    return text_snippet(reader->context.arena, field_text(reader, expression, field), SHORT_LIMIT_CHARS);
}

static Str
fingerprint_text(FieldReader *reader, Str source, Str of)
{
    char text[FINGERPRINT_TEXT_SIZE];

    return arena_str(reader->context.arena, str_of(fingerprint_format(fingerprint_of_id(source, of), text)));
}

/* The id of one of several listings that a record stands for: by what the item holds, so that it stays when others come
 * or change places. */
static Str
id_of_item(FieldReader *reader, Str source, Str id)
{
    const Record *record = reader->record;
    g_autoptr(GString) item = g_string_new(NULL);

    for (size_t i = 0; i < record->field_count; i++) {
        for (size_t j = 0; record->of_item[i] && j < record->fields[i].count; j++) {
            str_append(item, record->fields[i].values[j].text);
            g_string_append_c(item, '\x1f');
        }
        g_string_append_c(item, '\x1e');
    }
    return ARENA_JOIN(reader->context.arena, id, STR("~"),
                      str_slice(fingerprint_text(reader, source, str_of_gstring(item)), 0, ITEM_HASH_CHARS));
}

/* False when there is none of the partner's. */
static bool
map_partner_id(FieldReader *reader, const ListingMap *map, Listing *listing)
{
    listing->id = field_clean(reader, map->id, "id");
    if (listing->id.size > ID_LIMIT_BYTES)
        field_reject(reader, false, "id", "too_long", "\"%.*s...\" has more than %d bytes",
                     STR_FORMAT(str_slice(listing->id, 0, 60)), ID_LIMIT_BYTES);
    else if (listing->id.at != NULL)
        return true;
    listing->id = fingerprint_text(reader, listing->source, listing->url);
    return false;
}

/* False when it had to be made of the URL. */
static bool
map_id(FieldReader *reader, const ListingMap *map, Listing *listing)
{
    bool is_partners = map_partner_id(reader, map, listing);

    if (reader->record->of_item != NULL && !reader->operation->id_is_of_item)
        listing->id = id_of_item(reader, listing->source, listing->id);
    return is_partners;
}

static Str
map_country(FieldReader *reader, const ListingMap *map)
{
    Str text = field_clean(reader, map->country, "country");
    char code[3];

    if (text.at == NULL)
        return STR_NONE;
    if (country_parse(text, code))
        return arena_str(reader->context.arena, str_of(code));
    field_reject(reader, false, "country", "unknown", "\"%.*s\" is no country", STR_FORMAT(str_slice(text, 0, 60)));
    return STR_NONE;
}

static bool
degrees_parse(Str text, double *ret_degrees)
{
    int64_t micros;
    char copy[40], *end;

    /* Six decimals are a hand's breadth, and what most partners send. */
    if (money_parse(text, NUMBER_STYLE_PLAIN, &micros, NULL)) {
        *ret_degrees = (double)micros / MICROS_PER_UNIT;
        return true;
    }
    memset(copy, 0, sizeof copy);
    memcpy(copy, text.at, MIN(text.size, sizeof copy - 1));
    *ret_degrees = g_ascii_strtod(copy, &end);
    return end != copy && (*end == '\0' || text.size >= sizeof copy);
}

static Str
map_language(FieldReader *reader, const ListingMap *map)
{
    Str text = field_clean(reader, map->language, "language");
    Str language = language_parse(text, reader->context.arena);

    if (language.at == NULL && text.at != NULL)
        field_reject(reader, false, "language", "words", "\"%.*s\" is no code of a language, as fr or pt-BR",
                     STR_FORMAT(str_slice(text, 0, 40)));
    return language;
}

static bool
read_degrees(FieldReader *reader, const Expression *expression, const char *field, double limit, double *ret_degrees)
{
    Str text = field_clean(reader, expression, field);
    double degrees;

    if (text.at == NULL)
        return false;
    if (!degrees_parse(text, &degrees) || !(degrees >= -limit && degrees <= limit))
        return field_reject(reader, false, field, "number", "\"%.*s\" is no degree",
                            STR_FORMAT(str_slice(text, 0, 40)));
    *ret_degrees = degrees;
    return true;
}

static void
map_position(FieldReader *reader, const ListingMap *map, Listing *listing)
{
    double latitude, longitude;

    if (!read_degrees(reader, map->latitude, "latitude", 90, &latitude) ||
        !read_degrees(reader, map->longitude, "longitude", 180, &longitude))
        return;
    /* 0, 0 is what databases write when they know nothing; there is only sea. */
    if (latitude == 0 && longitude == 0)
        return;
    listing->has_position = true;
    listing->latitude = latitude;
    listing->longitude = longitude;
}

static Remote
map_remote(FieldReader *reader, const ListingMap *map, const Listing *listing)
{
    Str text = field_clean(reader, map->remote, "remote");
    Remote remote;

    if (str_equal_ignoring_case(text, STR("true")) || str_is(text, "1") || str_equal_ignoring_case(text, STR("yes")))
        return REMOTE_YES;
    remote = remote_parse(text);
    if (remote != REMOTE_UNKNOWN)
        return remote;
    /* A false flag says only that the partner did not tick a box; the place may still tell. */
    remote = listing->location.at != NULL ? remote_parse(listing->location) : REMOTE_UNKNOWN;
    if (remote == REMOTE_UNKNOWN && (str_equal_ignoring_case(text, STR("false")) || str_is(text, "0")))
        return REMOTE_NO;
    return remote;
}

static unsigned
map_employment(FieldReader *reader, const ListingMap *map)
{
    unsigned types = 0;
    Texts texts;

    if (map->employment_type == NULL)
        return 0;
    reader->context.mistake = NULL;
    texts = expression_texts(map->employment_type, reader->record, reader->ask, &reader->context);
    for (size_t i = 0; i < texts.count; i++)
        types |= employment_type_parse(texts.items[i]);
    if (texts.count == 0 && reader->context.mistake != NULL)
        field_reject(reader, false, "employment_type", "value", "%s", reader->context.mistake);
    else if (types == 0 && texts.count > 0 && text_clean(reader->context.arena, texts.items[0]).at != NULL)
        field_reject(reader, false, "employment_type", "words", "\"%.*s\" is no kind of employment that is known",
                     STR_FORMAT(str_slice(texts.items[0], 0, 60)));
    return types;
}

static Period
map_period(FieldReader *reader, const ListingMap *map)
{
    Str text = field_clean(reader, map->salary_period, "salary.period");
    Period period = period_parse(text);

    if (period == PERIOD_UNKNOWN && text.at != NULL)
        field_reject(reader, false, "salary.period", "words", "\"%.*s\" is no period of pay that is known",
                     STR_FORMAT(str_slice(text, 0, 60)));
    return period;
}

static void
map_salary(FieldReader *reader, const ListingMap *map, Salary *salary)
{
    Str predicted = field_clean(reader, map->salary_predicted, "salary.predicted");

    salary->text = short_text(reader, map->salary_text, "salary.text");
    salary->has_min = field_money(reader, map->salary_min, "salary.min", &salary->min_micros, NULL);
    salary->has_max = field_money(reader, map->salary_max, "salary.max", &salary->max_micros, NULL);
    if (!salary->has_min && !salary->has_max)
        return;
    salary->currency = field_currency(reader, map->salary_currency, "salary.currency");
    salary->period = map_period(reader, map);
    salary->predicted = str_is(predicted, "1") || str_equal_ignoring_case(predicted, STR("true"));
    if (salary->has_min && salary->has_max && salary->min_micros > salary->max_micros) {
        int64_t swap = salary->min_micros;

        salary->min_micros = salary->max_micros;
        salary->max_micros = swap;
    }
}

static void
map_texts(FieldReader *reader, const ListingMap *map, Listing *listing)
{
    Arena *arena = reader->context.arena;
    Str snippet;

    listing->description = str_trim(field_text(reader, map->description, "description"));
    if (str_is_empty(listing->description))
        listing->description = STR_NONE;
    snippet = map->snippet != NULL ? field_text(reader, map->snippet, "snippet") : listing->description;
    listing->snippet = text_snippet(arena, snippet, SNIPPET_CHARS);
}

static void
map_bid(FieldReader *reader, const ListingMap *map, Listing *listing)
{
    Money bid = {0};

    if (!field_money(reader, map->bid_amount, "bid.amount", &bid.micros, NULL))
        return;
    bid.currency = field_currency(reader, map->bid_currency, "bid.currency");
    if (bid.micros < 0)
        field_reject(reader, false, "bid.amount", "negative", "a bid can't be");
    else if (bid.currency.code[0] == '\0' && field_clean(reader, map->bid_currency, "bid.currency").at == NULL)
        field_reject(reader, false, "bid.currency", "missing", "a bid without one is worth nothing");
    listing->has_bid = bid.micros >= 0 && bid.currency.code[0] != '\0';
    if (listing->has_bid)
        listing->bid = bid;
}

static ListingFields
filled_fields(const Listing *l, bool has_id)
{
    const Salary *salary = &l->salary;
    const bool filled[FIELD_COUNT] = {
        [FIELD_TITLE] = true,
        [FIELD_URL] = true,
        [FIELD_ID] = has_id,
        [FIELD_COMPANY] = l->company.at != NULL,
        [FIELD_LOCATION] = l->location.at != NULL,
        [FIELD_COUNTRY] = l->country.at != NULL,
        [FIELD_LATITUDE] = l->has_position,
        [FIELD_REMOTE] = l->remote != REMOTE_UNKNOWN,
        [FIELD_EMPLOYMENT_TYPE] = l->employment_types != 0,
        [FIELD_POSTED_AT] = l->posted_at_us != TIMESTAMP_NONE,
        [FIELD_EXPIRES_AT] = l->expires_at_us != TIMESTAMP_NONE,
        [FIELD_SNIPPET] = l->snippet.at != NULL,
        [FIELD_DESCRIPTION] = l->description.at != NULL,
        [FIELD_CATEGORY] = l->category.at != NULL,
        [FIELD_LANGUAGE] = l->language.at != NULL,
        [FIELD_SALARY_MIN] = salary->has_min,
        [FIELD_SALARY_MAX] = salary->has_max,
        [FIELD_SALARY_CURRENCY] = salary->currency.code[0] != '\0',
        [FIELD_SALARY_PERIOD] = salary->period != PERIOD_UNKNOWN,
        [FIELD_SALARY_TEXT] = salary->text.at != NULL,
        [FIELD_BID] = l->has_bid,
    };
    ListingFields fields = 0;

    for (unsigned field = 0; field < FIELD_COUNT; field++)
        fields |= filled[field] ? FIELD_BIT(field) : 0;
    return fields;
}

ListingFields
listing_map_fields(const ListingMap *map)
{
    const Expression *const expressions[FIELD_COUNT] = {
        [FIELD_TITLE] = map->title,
        [FIELD_URL] = map->url,
        [FIELD_ID] = map->id,
        [FIELD_COMPANY] = map->company,
        [FIELD_LOCATION] = map->location,
        [FIELD_COUNTRY] = map->country,
        [FIELD_LATITUDE] = map->latitude,
        [FIELD_REMOTE] = map->remote,
        [FIELD_EMPLOYMENT_TYPE] = map->employment_type,
        [FIELD_POSTED_AT] = map->posted_at,
        [FIELD_EXPIRES_AT] = map->expires_at,
        [FIELD_SNIPPET] = map->snippet,
        [FIELD_DESCRIPTION] = map->description,
        [FIELD_CATEGORY] = map->category,
        [FIELD_LANGUAGE] = map->language,
        [FIELD_SALARY_MIN] = map->salary_min,
        [FIELD_SALARY_MAX] = map->salary_max,
        [FIELD_SALARY_CURRENCY] = map->salary_currency,
        [FIELD_SALARY_PERIOD] = map->salary_period,
        [FIELD_SALARY_TEXT] = map->salary_text,
        [FIELD_BID] = map->bid_amount,
    };
    ListingFields fields = 0;

    for (unsigned field = 0; field < FIELD_COUNT; field++)
        fields |= expressions[field] != NULL ? FIELD_BIT(field) : 0;
    return fields;
}

bool
listing_map_record(const Operation *operation, const Ask *ask, const Record *record, Arena *arena,
                   const AnswerEvents *events, void *data, Listing *ret_listing, ListingFields *ret_filled)
{
    FieldReader reader = field_reader(operation, ask, record, arena, events, data);
    const ListingMap *map = &operation->listing;
    Listing listing = {.source = str_of(operation->source->name)};
    bool has_id;

    if (!map_title(&reader, map, &listing) || !map_url(&reader, map, &listing))
        return false;
    has_id = map_id(&reader, map, &listing);
    listing.company = short_text(&reader, map->company, "company");
    listing.location = short_text(&reader, map->location, "location");
    listing.category = short_text(&reader, map->category, "category");
    listing.language = map_language(&reader, map);
    listing.country = map_country(&reader, map);
    map_position(&reader, map, &listing);
    listing.remote = map_remote(&reader, map, &listing);
    listing.employment_types = map_employment(&reader, map);
    map_salary(&reader, map, &listing.salary);
    listing.posted_at_us = field_moment(&reader, map->posted_at, "posted_at");
    listing.expires_at_us = field_moment(&reader, map->expires_at, "expires_at");
    map_texts(&reader, map, &listing);
    map_bid(&reader, map, &listing);
    *ret_listing = listing;
    *ret_filled = filled_fields(&listing, has_id);
    return true;
}
