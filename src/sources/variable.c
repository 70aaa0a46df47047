#include "sources/variable.h"

#include "base/yaml.h"
#include "sources/computed.h"
#include "sources/template_filter.h"

#define POSTED_DAYS_LIMIT 36500

static const char *const NAMES[VARIABLE_COUNT + 1] = {
    [VARIABLE_KEYWORDS] = "keywords",
    [VARIABLE_LOCATION] = "location",
    [VARIABLE_COUNTRY] = "country",
    [VARIABLE_RADIUS_KM] = "radius_km",
    [VARIABLE_RADIUS_MILES] = "radius_miles",
    [VARIABLE_LATITUDE] = "latitude",
    [VARIABLE_LONGITUDE] = "longitude",
    [VARIABLE_REMOTE] = "remote",
    [VARIABLE_POSTED_WITHIN_DAYS] = "posted_within_days",
    [VARIABLE_POSTED_SINCE] = "posted_since",
    [VARIABLE_SALARY_MIN] = "salary_min",
    [VARIABLE_EMPLOYMENT_TYPE] = "employment_type",
    [VARIABLE_EMPLOYMENT_TYPES] = "employment_types",
    [VARIABLE_PAGE] = "page",
    [VARIABLE_PAGE0] = "page0",
    [VARIABLE_OFFSET] = "offset",
    [VARIABLE_OFFSET_END] = "offset_end",
    [VARIABLE_PER_PAGE] = "per_page",
    [VARIABLE_PART] = "part",
    [VARIABLE_CURSOR] = "cursor",
    [VARIABLE_SINCE] = "since",
    [VARIABLE_UNTIL] = "until",
    [VARIABLE_NOW] = "now",
    [VARIABLE_USER_IP] = "user_ip",
    [VARIABLE_USER_AGENT] = "user_agent",
    [VARIABLE_PAGE_URL] = "page_url",
    [VARIABLE_SOURCE] = "source",
    [VARIABLE_PAIRS] = "pairs",
    [VARIABLE_TOKEN] = "token",
    [VARIABLE_CLICK_ID] = "click_id",
    [VARIABLE_ITEM_ID] = "item_id",
    [VARIABLE_ITEM_TITLE] = "item_title",
    [VARIABLE_ITEM_URL] = "item_url",
    [VARIABLE_TICKET] = "ticket",
    [VARIABLE_RESULT] = "result",
};

const Parameter *
parameter_find(Parameters parameters, const char *name)
{
    for (size_t i = 0; i < parameters.count; i++) {
        if (strcmp(parameters.items[i].name, name) == 0)
            return &parameters.items[i];
    }
    return NULL;
}

bool
variable_find(Str name, Parameters parameters, int *ret_variable)
{
    for (int i = 0; i < VARIABLE_COUNT; i++) {
        if (str_is(name, NAMES[i])) {
            *ret_variable = i;
            return true;
        }
    }
    for (size_t i = 0; i < parameters.count; i++) {
        if (str_is(name, parameters.items[i].name)) {
            *ret_variable = VARIABLE_PARAMETER + (int)i;
            return true;
        }
    }
    return false;
}

const char *
variable_name(int variable, Parameters parameters)
{
    return variable < VARIABLE_COUNT ? NAMES[variable] : parameters.items[variable - VARIABLE_PARAMETER].name;
}

const char *
variable_nearest(Str name, Parameters parameters)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (int i = 0; i < VARIABLE_COUNT; i++)
        g_ptr_array_add(names, (gpointer)NAMES[i]);
    for (size_t i = 0; i < parameters.count; i++)
        g_ptr_array_add(names, (gpointer)parameters.items[i].name);
    g_ptr_array_add(names, NULL);
    return yaml_nearest(name, (const char *const *)names->pdata);
}

/* More pages, or records a page, nobody has; so the product of both fits. */
#define NUMBER_MAX INT64_C(1000000)

int64_t
ask_page_size(const Ask *ask)
{
    int64_t wanted = CLAMP(ask->question->per_page, 0, NUMBER_MAX);

    if (ask->pages.size == 0)
        return wanted;
    return wanted > 0 ? MIN(wanted, ask->pages.size) : ask->pages.size;
}

static int64_t
page_from_zero(const Ask *ask)
{
    return CLAMP(ask->question->page, 1, NUMBER_MAX) - 1;
}

static int64_t
offset(const Ask *ask)
{
    return page_from_zero(ask) * ask_page_size(ask) + (ask->pages.by == PAGES_OFFSET ? ask->pages.first : 0);
}

static Str
number_text(Arena *arena, int64_t number)
{
    return arena_printf(arena, "%" G_GINT64_FORMAT, number);
}

static Str
positive_text(Arena *arena, int64_t number)
{
    return number > 0 ? number_text(arena, number) : STR_NONE;
}

static Str
miles_text(Arena *arena, int64_t km)
{
    return km > 0 && km < 100000 ? number_text(arena, MAX((km * 1000 + 804) / 1609, 1)) : STR_NONE;
}

/* To a metre, whatever the locale. */
static Str
degrees_text(Arena *arena, bool known, double degrees)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    return known ? arena_str(arena, str_of(g_ascii_formatd(text, sizeof text, "%.5f", degrees))) : STR_NONE;
}

static Str
moment_text(Arena *arena, int64_t us)
{
    char text[TIMESTAMP_TEXT_SIZE];

    return us == TIMESTAMP_NONE ? STR_NONE : arena_str(arena, str_of(timestamp_format(us, text)));
}

static Texts
employment_type_names(unsigned types, Arena *arena)
{
    Texts names = {.items = ARENA_ARRAY(arena, Str, 32)};

    for (unsigned bit = EMPLOYMENT_FULL_TIME; bit <= EMPLOYMENT_OTHER; bit <<= 1) {
        if ((types & bit) != 0)
            names.items[names.count++] = str_of(employment_type_name((EmploymentType)bit));
    }
    return names;
}

static Str
first_employment_type(unsigned types)
{
    for (unsigned bit = EMPLOYMENT_FULL_TIME; bit <= EMPLOYMENT_OTHER; bit <<= 1) {
        if ((types & bit) != 0)
            return str_of(employment_type_name((EmploymentType)bit));
    }
    return STR_NONE;
}

bool
variable_is_list(int variable)
{
    return variable == VARIABLE_EMPLOYMENT_TYPES;
}

Texts
variable_list(const Ask *ask, int variable, Arena *arena)
{
    g_assert(variable_is_list(variable));
    return employment_type_names(ask->question->employment_types, arena);
}

bool
variable_is_moment(int variable)
{
    return variable == VARIABLE_SINCE || variable == VARIABLE_UNTIL || variable == VARIABLE_NOW ||
           variable == VARIABLE_POSTED_SINCE;
}

bool
variable_is_given(int variable)
{
    return variable == VARIABLE_TICKET || variable == VARIABLE_RESULT || variable == VARIABLE_ITEM_URL;
}

int64_t
ask_window_us(const Ask *ask, bool until)
{
    int64_t since_us = ask->question->since_us, until_us = ask->question->until_us, begin_us;

    if (ask->pages.window_us == 0 || since_us == TIMESTAMP_NONE || until_us == TIMESTAMP_NONE)
        return until ? until_us : since_us;
    begin_us = since_us + MAX(ask->question->window, 0) * ask->pages.window_us;
    /* Both ends belong to it. */
    return until ? MIN(begin_us + ask->pages.window_us - 1, until_us) : begin_us;
}

int64_t
variable_moment_us(const Ask *ask, int variable)
{
    int64_t days = ask->question->posted_within_days;

    switch (variable) {
    case VARIABLE_SINCE:
        return ask_window_us(ask, false);
    case VARIABLE_UNTIL:
        return ask_window_us(ask, true);
    case VARIABLE_NOW:
        return ask->now_us;
    case VARIABLE_POSTED_SINCE:
        return days > 0 && days < POSTED_DAYS_LIMIT && ask->now_us != TIMESTAMP_NONE ? ask->now_us - days * US_PER_DAY
                                                                                     : TIMESTAMP_NONE;
    default:
        g_assert_not_reached();
    }
}

static Str
lower_text(Arena *arena, Str text)
{
    Str lower = arena_str(arena, text);

    for (size_t i = 0; i < lower.size; i++)
        ((char *)lower.at)[i] = g_ascii_tolower(lower.at[i]);
    return lower;
}

static Str
question_text(const Question *question, int variable)
{
    switch (variable) {
    case VARIABLE_KEYWORDS:
        return question->keywords;
    case VARIABLE_LOCATION:
        return question->location;
    case VARIABLE_CURSOR:
        return question->cursor;
    case VARIABLE_ITEM_ID:
        return question->item_id;
    case VARIABLE_ITEM_TITLE:
        return question->item_title;
    case VARIABLE_ITEM_URL:
        return question->item_url;
    case VARIABLE_TICKET:
        return question->ticket;
    case VARIABLE_RESULT:
        return question->result;
    case VARIABLE_USER_IP:
        return question->user_ip;
    case VARIABLE_USER_AGENT:
        return question->user_agent;
    case VARIABLE_PAGE_URL:
        return question->page_url;
    case VARIABLE_REMOTE:
        return question->remote ? STR("true") : STR_NONE;
    case VARIABLE_EMPLOYMENT_TYPE:
        return first_employment_type(question->employment_types);
    default:
        return STR_NONE;
    }
}

static Str
question_number(const Ask *ask, int variable, Arena *arena)
{
    const Question *question = ask->question;

    switch (variable) {
    case VARIABLE_RADIUS_KM:
        return positive_text(arena, question->radius_km);
    case VARIABLE_RADIUS_MILES:
        return miles_text(arena, question->radius_km);
    case VARIABLE_LATITUDE:
        return degrees_text(arena, question->has_position, question->latitude);
    case VARIABLE_LONGITUDE:
        return degrees_text(arena, question->has_position, question->longitude);
    case VARIABLE_POSTED_WITHIN_DAYS:
        return positive_text(arena, question->posted_within_days);
    case VARIABLE_SALARY_MIN:
        return positive_text(arena, question->salary_min_micros / MICROS_PER_UNIT);
    case VARIABLE_PAGE:
        return number_text(arena, page_from_zero(ask) + (ask->pages.by == PAGES_PAGE ? ask->pages.first : 1));
    case VARIABLE_PAGE0:
        return number_text(arena, page_from_zero(ask));
    case VARIABLE_OFFSET:
        return number_text(arena, offset(ask));
    case VARIABLE_OFFSET_END:
        return ask_page_size(ask) > 0 ? number_text(arena, offset(ask) + ask_page_size(ask) - 1) : STR_NONE;
    case VARIABLE_PER_PAGE:
        return positive_text(arena, ask_page_size(ask));
    case VARIABLE_PART:
        return number_text(arena, MAX(question->part, 1) - 1 + (ask->pages.by == PAGES_PART ? ask->pages.first : 1));
    case VARIABLE_SINCE:
    case VARIABLE_UNTIL:
    case VARIABLE_NOW:
    case VARIABLE_POSTED_SINCE:
        return moment_text(arena, variable_moment_us(ask, variable));
    default:
        return question_text(question, variable);
    }
}

static Str
parameter_text(const Ask *ask, const Parameter *parameter, Arena *arena)
{
    return parameter->computed != NULL ? computed_text(parameter->computed, ask, arena) : str_of(parameter->value);
}

Str
variable_value(const Ask *ask, int variable, Arena *arena)
{
    const Parameter *fallback;
    Str value;

    if (variable >= VARIABLE_PARAMETER)
        return parameter_text(ask, &ask->parameters.items[variable - VARIABLE_PARAMETER], arena);
    if (variable == VARIABLE_SOURCE)
        return str_of(ask->source);
    if (variable == VARIABLE_PAIRS)
        return ask->pairs;
    if (variable == VARIABLE_TOKEN)
        return ask->token;
    if (variable == VARIABLE_CLICK_ID)
        return ask->click_id;
    if (variable_is_list(variable))
        return texts_join(variable_list(ask, variable, arena), STR(","), arena);
    value = variable == VARIABLE_COUNTRY ? lower_text(arena, ask->question->country)
                                         : question_number(ask, variable, arena);
    if (!str_is_empty(value))
        return value;
    /* A parameter of the same name is the default of the question's word. */
    fallback = parameter_find(ask->parameters, NAMES[variable]);
    return fallback != NULL ? str_of(fallback->value) : STR_NONE;
}
