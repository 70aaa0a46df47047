/* Moments told by how long ago they were. */
#include "sources/moment.h"

#include "base/clock.h"
#include "listings/text.h"

#define AGO_LIMIT 10000 /* units; older is no date of a posting */

typedef enum { UNIT_NONE, UNIT_MINUTE, UNIT_HOUR, UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_YEAR } Unit;

typedef struct {
    const char *word; /* folded */
    Unit unit;
} UnitWord;

static const UnitWord UNITS[] = {
    {"minute", UNIT_MINUTE},  {"minutes", UNIT_MINUTE}, {"min", UNIT_MINUTE},     {"mins", UNIT_MINUTE},
    {"minuten", UNIT_MINUTE}, {"minuto", UNIT_MINUTE},  {"minutos", UNIT_MINUTE}, {"minuti", UNIT_MINUTE},
    {"hour", UNIT_HOUR},      {"hours", UNIT_HOUR},     {"hr", UNIT_HOUR},        {"hrs", UNIT_HOUR},
    {"h", UNIT_HOUR},         {"heure", UNIT_HOUR},     {"heures", UNIT_HOUR},    {"stunde", UNIT_HOUR},
    {"stunden", UNIT_HOUR},   {"hora", UNIT_HOUR},      {"horas", UNIT_HOUR},     {"ora", UNIT_HOUR},
    {"ore", UNIT_HOUR},       {"uur", UNIT_HOUR},       {"day", UNIT_DAY},        {"days", UNIT_DAY},
    {"d", UNIT_DAY},          {"jour", UNIT_DAY},       {"jours", UNIT_DAY},      {"tag", UNIT_DAY},
    {"tage", UNIT_DAY},       {"tagen", UNIT_DAY},      {"dia", UNIT_DAY},        {"dias", UNIT_DAY},
    {"giorno", UNIT_DAY},     {"giorni", UNIT_DAY},     {"dag", UNIT_DAY},        {"dagen", UNIT_DAY},
    {"week", UNIT_WEEK},      {"weeks", UNIT_WEEK},     {"w", UNIT_WEEK},         {"wk", UNIT_WEEK},
    {"semaine", UNIT_WEEK},   {"semaines", UNIT_WEEK},  {"woche", UNIT_WEEK},     {"wochen", UNIT_WEEK},
    {"semana", UNIT_WEEK},    {"semanas", UNIT_WEEK},   {"settimana", UNIT_WEEK}, {"settimane", UNIT_WEEK},
    {"weken", UNIT_WEEK},     {"month", UNIT_MONTH},    {"months", UNIT_MONTH},   {"mo", UNIT_MONTH},
    {"mois", UNIT_MONTH},     {"monat", UNIT_MONTH},    {"monate", UNIT_MONTH},   {"monaten", UNIT_MONTH},
    {"mes", UNIT_MONTH},      {"meses", UNIT_MONTH},    {"mese", UNIT_MONTH},     {"mesi", UNIT_MONTH},
    {"maand", UNIT_MONTH},    {"maanden", UNIT_MONTH},  {"year", UNIT_YEAR},      {"years", UNIT_YEAR},
    {"an", UNIT_YEAR},        {"ans", UNIT_YEAR},       {"jahr", UNIT_YEAR},      {"jahre", UNIT_YEAR},
    {"jahren", UNIT_YEAR},    {"ano", UNIT_YEAR},       {"anos", UNIT_YEAR},      {"anno", UNIT_YEAR},
    {"anni", UNIT_YEAR},      {"jaar", UNIT_YEAR},
};

/* Words that name a day by themselves, and how many days ago it was. */
static const struct {
    const char *word;
    int64_t days;
} DAYS[] = {{"today", 0},   {"now", 0},     {"just", 0}, {"new", 0},     {"heute", 0},     {"hoy", 0},
            {"oggi", 0},    {"aujourd", 0}, {"hoje", 0}, {"vandaag", 0}, {"yesterday", 1}, {"hier", 1},
            {"gestern", 1}, {"ayer", 1},    {"ieri", 1}, {"ontem", 1},   {"gisteren", 1}};

static Unit
unit_of(Str word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(UNITS); i++)
        if (str_is(word, UNITS[i].word))
            return UNITS[i].unit;
    return UNIT_NONE;
}

/* A number with or without its unit behind it: "3", "3d". */
static bool
number_of(Str word, int64_t *ret_count, Unit *ret_unit)
{
    size_t digits = 0;

    while (digits < word.size && g_ascii_isdigit(word.at[digits]))
        digits++;
    if (digits == 0 || !str_to_int64(str_slice(word, 0, digits), ret_count))
        return false;
    *ret_unit = unit_of(str_slice(word, digits, word.size));
    return true;
}

/* The article that stands for one. */
static bool
is_one(Str word)
{
    static const char *const ONES[] = {"a",   "an",  "one",  "un",    "une",   "una",
                                       "uno", "ein", "eine", "einem", "einer", "um"};

    for (size_t i = 0; i < G_N_ELEMENTS(ONES); i++)
        if (str_is(word, ONES[i]))
            return true;
    return false;
}

/* Midnight of the day so many calendar units before now. */
static bool
day_before(int64_t now_us, Unit unit, int64_t count, GTimeZone *zone, int64_t *ret_us)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(now_us / US_PER_SECOND);
    g_autoptr(GDateTime) now =
        utc == NULL ? NULL : g_date_time_to_timezone(utc, zone != NULL ? zone : g_date_time_get_timezone(utc));
    g_autoptr(GDateTime) then = NULL;
    int back = -(int)count;

    if (now == NULL)
        return false;
    then = unit == UNIT_YEAR    ? g_date_time_add_years(now, back)
           : unit == UNIT_MONTH ? g_date_time_add_months(now, back)
           : unit == UNIT_WEEK  ? g_date_time_add_weeks(now, back)
                                : g_date_time_add_days(now, back);
    return then != NULL && timestamp_of_civil(g_date_time_get_year(then), g_date_time_get_month(then),
                                              g_date_time_get_day_of_month(then), 0, 0, 0, zone, ret_us);
}

static bool
moment_before(int64_t now_us, Unit unit, int64_t count, GTimeZone *zone, int64_t *ret_us)
{
    int64_t unit_us = unit == UNIT_MINUTE ? US_PER_MINUTE : US_PER_HOUR;

    if (count < 0 || count > AGO_LIMIT)
        return false;
    if (unit != UNIT_MINUTE && unit != UNIT_HOUR)
        return day_before(now_us, unit, count, zone, ret_us);
    *ret_us = (now_us / unit_us - count) * unit_us;
    return true;
}

/* How many of what: "posted 3 days", "il y a 2 semaines", "an hour". False when the words do not say so. */
static bool
find_span(Str folded, int64_t *ret_count, Unit *ret_unit)
{
    *ret_count = -1;
    while (folded.at != NULL) {
        Str word = str_cut(&folded, ' ');

        *ret_unit = UNIT_NONE;
        while (str_ends_with(word, STR("+")))
            word = str_slice(word, 0, word.size - 1);
        if (!number_of(word, ret_count, ret_unit) && *ret_count < 0 && is_one(word))
            *ret_count = 1;
        else if (*ret_count >= 0 && *ret_unit == UNIT_NONE)
            *ret_unit = unit_of(word);
        if (*ret_unit != UNIT_NONE)
            return true;
    }
    return false;
}

static bool
find_day(Str folded, int64_t *ret_days)
{
    while (folded.at != NULL) {
        Str word = str_cut(&folded, ' ');

        for (size_t i = 0; i < G_N_ELEMENTS(DAYS); i++) {
            *ret_days = DAYS[i].days;
            if (str_is(word, DAYS[i].word))
                return true;
        }
    }
    return false;
}

bool
moment_parse_relative(Str text, int64_t now_us, GTimeZone *zone, Arena *arena, int64_t *ret_us)
{
    Str folded = text_fold(arena, text);
    int64_t count;
    Unit unit;

    if (find_span(folded, &count, &unit)) {
        if (str_find_char(text, '+') < 0)
            return moment_before(now_us, unit, count, zone, ret_us);
        *ret_us = TIMESTAMP_NONE;
        return true;
    }
    return find_day(folded, &count) && day_before(now_us, UNIT_DAY, count, zone, ret_us);
}

bool
moment_parse_age(Str text, int64_t unit_us, int64_t now_us, GTimeZone *zone, int64_t *ret_us)
{
    int64_t count;

    return str_to_int64(str_trim(text), &count) &&
           moment_before(now_us, unit_us == US_PER_DAY ? UNIT_DAY : UNIT_HOUR, count, zone, ret_us);
}
