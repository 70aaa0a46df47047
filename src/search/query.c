#include "search/query.h"

#include "listings/place.h"
#include "listings/text.h"
#include "search/page_cursor.h"

#define TEXT_LIMIT  256
#define NAMES_LIMIT 64
#define NAME_LIMIT  64

#define FIELD(name) offsetof(SearchQuery, name)

static const SearchParameter PARAMETERS[] = {
    {"q", PARAMETER_TEXT, FIELD(keywords), 0, TEXT_LIMIT, 0},
    {"location", PARAMETER_TEXT, FIELD(location), 0, TEXT_LIMIT, 0},
    {"country", PARAMETER_COUNTRY, FIELD(country), 2, 2, 0},
    {"company", PARAMETER_TEXT, FIELD(company), 0, TEXT_LIMIT, 0},
    {"radius_km", PARAMETER_INTEGER, FIELD(radius_km), 0, 1000, 0},
    {"remote", PARAMETER_BOOLEAN, FIELD(remote), 0, 1, 0},
    {"page", PARAMETER_INTEGER, FIELD(page), 1, 50, 1},
    {"cursor", PARAMETER_CURSOR, FIELD(cursor), 0, CURSOR_TEXT_LIMIT, 0},
    {"per_page", PARAMETER_INTEGER, FIELD(per_page), 1, 100, 20},
    {"mode", PARAMETER_MODE, FIELD(mode), 0, 2, SEARCH_BALANCED},
    {"timeout_ms", PARAMETER_INTEGER, FIELD(timeout_ms), 50, 30000, 0},
    {"sources", PARAMETER_NAMES, FIELD(sources), 0, NAMES_LIMIT, 0},
    {"exclude", PARAMETER_NAMES, FIELD(exclude), 0, NAMES_LIMIT, 0},
    {"posted_within_days", PARAMETER_INTEGER, FIELD(posted_within_days), 1, 365, 0},
    {"salary_min", PARAMETER_AMOUNT, FIELD(salary_min_micros), 0, INT64_C(10000000) * MICROS_PER_UNIT, 0},
    {"employment_type", PARAMETER_EMPLOYMENT, FIELD(employment_types), 0, 0, 0},
    {"min_results", PARAMETER_INTEGER, FIELD(min_results), 1, 1000, 0},
    {"explain", PARAMETER_BOOLEAN, FIELD(explain), 0, 1, 0},
    {"min_sources", PARAMETER_INTEGER, FIELD(min_sources), 1, 100, 0},
};

const char *
search_mode_name(SearchMode mode)
{
    static const char *const NAMES[] = {"fastest", "balanced", "widest"};

    g_assert((size_t)mode < G_N_ELEMENTS(NAMES));
    return NAMES[mode];
}

bool
str_list_has(StrList list, Str item)
{
    for (size_t i = 0; i < list.count; i++)
        if (str_equal(list.items[i], item))
            return true;
    return false;
}

const SearchParameter *
search_parameter_find(Str name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(PARAMETERS); i++)
        if (str_is(name, PARAMETERS[i].name))
            return &PARAMETERS[i];
    return NULL;
}

static void *
field_of(SearchQuery *query, const SearchParameter *parameter)
{
    return (char *)query + parameter->offset;
}

static const void *
field_in(const SearchQuery *query, const SearchParameter *parameter)
{
    return (const char *)query + parameter->offset;
}

void
search_query_init(SearchQuery *query, Arena *arena)
{
    *query = (SearchQuery){.arena = arena};
    for (size_t i = 0; i < G_N_ELEMENTS(PARAMETERS); i++)
        if (PARAMETERS[i].fallback != 0)
            *(int64_t *)field_of(query, &PARAMETERS[i]) = PARAMETERS[i].fallback;
}

static bool
set_text(SearchQuery *query, const SearchParameter *parameter, Str value, GError **error)
{
    if (value.size > (size_t)parameter->max)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: is longer than %" G_GINT64_FORMAT " bytes", parameter->name,
                         parameter->max);
    if (!g_utf8_validate_len(value.at, value.size, NULL))
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: is not UTF-8", parameter->name);
    value = text_clean(query->arena, value); /* the value itself when it is clean */
    *(Str *)field_of(query, parameter) = str_is_empty(value) ? STR_NONE : arena_str(query->arena, value);
    return true;
}

static bool
set_country(SearchQuery *query, const SearchParameter *parameter, Str value, GError **error)
{
    if (value.size != 2 || !g_ascii_isalpha(value.at[0]) || !g_ascii_isalpha(value.at[1]))
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: \"%.*s\" is not two letters", parameter->name,
                         STR_FORMAT(value));
    *(Str *)field_of(query, parameter) =
        arena_printf(query->arena, "%c%c", g_ascii_toupper(value.at[0]), g_ascii_toupper(value.at[1]));
    return true;
}

static bool
set_integer(SearchQuery *query, const SearchParameter *parameter, Str value, GError **error)
{
    int64_t number;

    if (!str_to_int64(value, &number))
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: \"%.*s\" is not a whole number", parameter->name,
                         STR_FORMAT(value));
    if (number < parameter->min || number > parameter->max)
        return weir_fail(error, WEIR_ERROR_INVALID,
                         "%s: %" G_GINT64_FORMAT " is not between %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT,
                         parameter->name, number, parameter->min, parameter->max);
    *(int64_t *)field_of(query, parameter) = number;
    return true;
}

static bool
set_boolean(SearchQuery *query, const SearchParameter *parameter, Str value, GError **error)
{
    bool yes = str_is(value, "true") || str_is(value, "1");

    if (!yes && !str_is(value, "false") && !str_is(value, "0"))
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: \"%.*s\" is neither true nor false", parameter->name,
                         STR_FORMAT(value));
    *(bool *)field_of(query, parameter) = yes;
    return true;
}

static bool
set_mode(SearchQuery *query, const SearchParameter *parameter, Str value, GError **error)
{
    for (int64_t mode = parameter->min; mode <= parameter->max; mode++)
        if (str_is(value, search_mode_name((SearchMode)mode))) {
            *(int64_t *)field_of(query, parameter) = mode;
            return true;
        }
    return weir_fail(error, WEIR_ERROR_INVALID, "%s: \"%.*s\" is none of fastest, balanced, widest", parameter->name,
                     STR_FORMAT(value));
}

static bool
set_names(SearchQuery *query, const SearchParameter *parameter, Str value, GError **error)
{
    StrList *list = field_of(query, parameter);
    Str *items = ARENA_ARRAY(query->arena, Str, NAMES_LIMIT);
    StrList longer = {items, list->count};

    if (list->count > 0)
        memcpy(items, list->items, list->count * sizeof *items);
    while (value.at != NULL) {
        Str name = str_trim(str_cut(&value, ','));

        if (str_is_empty(name) || str_list_has(longer, name))
            continue;
        if (name.size > NAME_LIMIT)
            return weir_fail(error, WEIR_ERROR_INVALID, "%s: a name is longer than %d bytes", parameter->name,
                             NAME_LIMIT);
        if (longer.count == NAMES_LIMIT)
            return weir_fail(error, WEIR_ERROR_INVALID, "%s: more than %d names", parameter->name, NAMES_LIMIT);
        items[longer.count++] = arena_str(query->arena, name);
    }
    *list = longer;
    return true;
}

static bool
set_amount(SearchQuery *query, const SearchParameter *parameter, Str value, GError **error)
{
    int64_t micros;

    if (!money_parse(value, NUMBER_STYLE_PLAIN, &micros, error))
        return weir_fail_within(error, "%s", parameter->name);
    if (micros < parameter->min || micros > parameter->max)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: %.*s is not between 0 and 10000000", parameter->name,
                         STR_FORMAT(value));
    *(int64_t *)field_of(query, parameter) = micros;
    return true;
}

static bool
set_employment(SearchQuery *query, const SearchParameter *parameter, Str value, GError **error)
{
    unsigned types = 0;

    while (value.at != NULL) {
        Str word = str_trim(str_cut(&value, ','));
        unsigned type = employment_type_parse(word);

        if (!str_is_empty(word) && type == 0)
            return weir_fail(error, WEIR_ERROR_INVALID, "%s: \"%.*s\" is no type of employment", parameter->name,
                             STR_FORMAT(word));
        types |= type;
    }
    *(int64_t *)field_of(query, parameter) |= types;
    return true;
}

bool
search_query_set(SearchQuery *query, Str name, Str value, GError **error)
{
    static bool (*const SET[])(SearchQuery *, const SearchParameter *, Str, GError **) = {
        [PARAMETER_TEXT] = set_text,       [PARAMETER_CURSOR] = set_text,     [PARAMETER_COUNTRY] = set_country,
        [PARAMETER_INTEGER] = set_integer, [PARAMETER_BOOLEAN] = set_boolean, [PARAMETER_MODE] = set_mode,
        [PARAMETER_NAMES] = set_names,     [PARAMETER_AMOUNT] = set_amount,   [PARAMETER_EMPLOYMENT] = set_employment,
    };
    const SearchParameter *parameter = search_parameter_find(name);

    if (parameter == NULL)
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" is not a parameter of a search",
                         (int)MIN(name.size, NAME_LIMIT), name.at != NULL ? name.at : "");
    value = str_trim(value);
    if (str_is_empty(value))
        return true;
    return SET[parameter->type](query, parameter, value, error);
}

static StrList
copy_names(Arena *arena, StrList list)
{
    Str *items = ARENA_ARRAY(arena, Str, MAX(list.count, 1));

    for (size_t i = 0; i < list.count; i++)
        items[i] = arena_str(arena, list.items[i]);
    return (StrList){items, list.count};
}

SearchQuery
search_query_copy(Arena *arena, const SearchQuery *query)
{
    SearchQuery copy = *query;

    copy.keywords = arena_str(arena, query->keywords);
    copy.location = arena_str(arena, query->location);
    copy.country = arena_str(arena, query->country);
    copy.company = arena_str(arena, query->company);
    copy.sources = copy_names(arena, query->sources);
    copy.exclude = copy_names(arena, query->exclude);
    copy.visitor_ip = arena_str(arena, query->visitor_ip);
    copy.visitor_agent = arena_str(arena, query->visitor_agent);
    copy.page_url = arena_str(arena, query->page_url);
    copy.client = arena_str(arena, query->client);
    copy.cursor = arena_str(arena, query->cursor);
    copy.arena = arena;
    return copy;
}

static void
write_names(JsonWriter *json, const char *key, StrList list)
{
    json_key(json, key);
    json_begin_array(json);
    for (size_t i = 0; i < list.count; i++)
        json_text(json, list.items[i]);
    json_end_array(json);
}

static void
write_employment(JsonWriter *json, const char *key, int64_t types)
{
    json_key(json, key);
    json_begin_array(json);
    for (int64_t type = EMPLOYMENT_FULL_TIME; type <= EMPLOYMENT_OTHER; type <<= 1)
        if (types & type)
            json_text(json, str_of(employment_type_name((EmploymentType)type)));
    json_end_array(json);
}

static void
write_parameter(const SearchParameter *parameter, const void *field, JsonWriter *json)
{
    int64_t number = 0;
    char amount[MONEY_TEXT_SIZE];

    if (parameter->type != PARAMETER_TEXT && parameter->type != PARAMETER_COUNTRY &&
        parameter->type != PARAMETER_NAMES && parameter->type != PARAMETER_BOOLEAN &&
        parameter->type != PARAMETER_CURSOR)
        number = *(const int64_t *)field;
    switch (parameter->type) {
    case PARAMETER_TEXT:
    case PARAMETER_COUNTRY:
        json_member_text_if(json, parameter->name, *(const Str *)field);
        break;
    case PARAMETER_CURSOR:
        break;
    case PARAMETER_BOOLEAN:
        if (*(const bool *)field)
            json_member_bool(json, parameter->name, true);
        break;
    case PARAMETER_MODE:
        json_member_text(json, parameter->name, str_of(search_mode_name((SearchMode)number)));
        break;
    case PARAMETER_NAMES:
        if (((const StrList *)field)->count > 0)
            write_names(json, parameter->name, *(const StrList *)field);
        break;
    case PARAMETER_INTEGER:
        if (number != 0)
            json_member_int(json, parameter->name, number);
        break;
    case PARAMETER_AMOUNT:
        if (number != 0)
            json_member_text(json, parameter->name, str_of(money_format(number, amount)));
        break;
    case PARAMETER_EMPLOYMENT:
        if (number != 0)
            write_employment(json, parameter->name, number);
        break;
    }
}

void
search_query_write(const SearchQuery *query, JsonWriter *json)
{
    json_begin_object(json);
    for (size_t i = 0; i < G_N_ELEMENTS(PARAMETERS); i++)
        write_parameter(&PARAMETERS[i], field_in(query, &PARAMETERS[i]), json);
    json_end_object(json);
}

bool
search_query_position(const SearchQuery *query, double *ret_latitude, double *ret_longitude)
{
    Place place;

    if (str_is_empty(query->location) || !place_parse(query->location, query->country, &place) || !place.has_position)
        return false;
    *ret_latitude = place.latitude;
    *ret_longitude = place.longitude;
    return true;
}

Question
search_query_question(const SearchQuery *query)
{
    Question question = {
        .keywords = query->keywords,
        .location = query->location,
        .country = query->country,
        .company = query->company,
        .radius_km = query->radius_km,
        .remote = query->remote,
        .page = query->page,
        .per_page = query->per_page,
        .posted_within_days = query->posted_within_days,
        .salary_min_micros = query->salary_min_micros,
        .employment_types = (unsigned)query->employment_types,
        .user_ip = query->visitor_ip,
        .user_agent = query->visitor_agent,
        .page_url = query->page_url,
        .since_us = TIMESTAMP_NONE,
        .until_us = TIMESTAMP_NONE,
        .part = 1,
    };

    question.has_position = search_query_position(query, &question.latitude, &question.longitude);
    return question;
}

unsigned
search_query_words(const SearchQuery *query)
{
    return (str_is_empty(query->keywords) ? 0 : WORD_KEYWORDS) | (str_is_empty(query->location) ? 0 : WORD_LOCATION) |
           (str_is_empty(query->country) ? 0 : WORD_COUNTRY) | (query->radius_km > 0 ? WORD_RADIUS : 0) |
           (query->remote ? WORD_REMOTE : 0) | (query->posted_within_days > 0 ? WORD_POSTED_WITHIN : 0) |
           (query->salary_min_micros > 0 ? WORD_SALARY_MIN : 0) |
           (query->employment_types != 0 ? WORD_EMPLOYMENT_TYPE : 0);
}
