#include "tasks/cron.h"

#include "base/clock.h"

#include <stdio.h>

#define TEXT_LIMIT   200
#define DAY_S        INT64_C(86400)
#define EPOCH_JULIAN 719163         /* 1970-01-01 as GDate counts days */
#define SMALL_JUMP   INT64_C(10800) /* clock changes from here on are corrections */
/* February 29 on a given weekday comes every 28 years, and around 2100 every 40. */
#define HORIZON_S  (41 * 366 * DAY_S)
#define NONE       INT64_MAX
#define BIT(value) (UINT64_C(1) << (value))

/* ---- reading the five fields ---- */

typedef struct {
    const char *name;
    int64_t least, most;
    const char *const *names; /* of least, least + 1, ...; NULL for none */
} Field;

static const char *const MONTHS[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
                                     "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const WEEKDAYS[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL};
static const Field FIELDS[] = {
    {"minute", 0, 59, NULL},  {"hour", 0, 23, NULL},       {"day", 1, 31, NULL},
    {"month", 1, 12, MONTHS}, {"weekday", 0, 7, WEEKDAYS},
};
#define FIELD_COUNT G_N_ELEMENTS(FIELDS)

static bool
value_parse(const Field *field, Str text, int64_t *ret_value, GError **error)
{
    int64_t value;

    for (int64_t i = 0; field->names != NULL && field->names[i] != NULL; i++)
        if (str_equal_ignoring_case(text, str_of(field->names[i]))) {
            *ret_value = field->least + i;
            return true;
        }
    if (str_is_empty(text) || !g_ascii_isdigit(text.at[0]) || !str_to_int64(text, &value) || value < field->least ||
        value > field->most)
        return weir_fail(error, WEIR_ERROR_INVALID,
                         "%s: \"%.*s\" is not one of %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, field->name,
                         STR_FORMAT(text), field->least, field->most);
    *ret_value = value;
    return true;
}

/* One part of a list: *, a, a-b, with /n behind * and a-b. */
static bool
part_parse(const Field *field, Str text, uint64_t *bits, GError **error)
{
    Str rest = text, range = str_cut(&rest, '/'), last = range, first = str_cut(&last, '-');
    bool all = str_is(range, "*");
    int64_t from = field->least, to = field->most, step = 1;

    if (!all &&
        (!value_parse(field, first, &from, error) || (last.at != NULL && !value_parse(field, last, &to, error))))
        return false;
    if (!all && last.at == NULL)
        to = from;
    if (from > to)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: \"%.*s\" runs backwards", field->name, STR_FORMAT(text));
    if (rest.at != NULL && ((!all && last.at == NULL) || str_is_empty(rest) || !g_ascii_isdigit(rest.at[0]) ||
                            !str_to_int64(rest, &step) || step < 1 || step > field->most))
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: \"%.*s\" has no proper step", field->name, STR_FORMAT(text));
    for (int64_t value = from; value <= to; value += step)
        *bits |= BIT(value);
    return true;
}

static bool
field_parse(const Field *field, Str text, uint64_t *ret_bits, GError **error)
{
    uint64_t bits = 0;

    for (Str rest = text; rest.at != NULL;)
        if (!part_parse(field, str_cut(&rest, ','), &bits, error))
            return false;
    *ret_bits = bits;
    return true;
}

static Str
next_word(Str *rest)
{
    Str word;

    *rest = str_trim(*rest);
    for (size_t i = 0; i < rest->size; i++)
        if (g_ascii_isspace(rest->at[i])) {
            word = str_slice(*rest, 0, i);
            *rest = str_slice(*rest, i, rest->size);
            return word;
        }
    word = *rest;
    *rest = STR("");
    return word;
}

/* Whether the days and months have a date in common, in a leap year. */
static bool
has_a_date(const Cron *cron)
{
    if (!cron->any_day && !cron->any_weekday)
        return true;
    for (int month = 1; month <= 12; month++)
        if ((cron->months & BIT(month)) != 0 &&
            (cron->days & (BIT(g_date_get_days_in_month((GDateMonth)month, 2000) + 1) - 1)) != 0)
            return true;
    return false;
}

bool
cron_parse(Str text, Cron *ret_cron, GError **error)
{
    uint64_t bits[FIELD_COUNT];
    bool star[FIELD_COUNT];
    Str rest = text;
    Cron cron;

    if (text.size > TEXT_LIMIT)
        return weir_fail(error, WEIR_ERROR_INVALID, "longer than %d characters", TEXT_LIMIT);
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        Str word = next_word(&rest);

        if (str_is_empty(word))
            return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" has no %s: minute hour day month weekday",
                             STR_FORMAT(text), FIELDS[i].name);
        if (!field_parse(&FIELDS[i], word, &bits[i], error))
            return false;
        star[i] = word.at[0] == '*';
    }
    if (!str_is_empty(str_trim(rest)))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" has more than five fields", STR_FORMAT(text));
    cron = (Cron){.minutes = bits[0],
                  .hours = (uint32_t)bits[1],
                  .days = (uint32_t)bits[2],
                  .months = (uint16_t)bits[3],
                  .weekdays = (uint8_t)((bits[4] | bits[4] >> 7) & 0x7f),
                  .any_day = star[2],
                  .any_weekday = star[4],
                  .fixed = !star[0] && !star[1]};
    if (!has_a_date(&cron))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" names a date that never comes", STR_FORMAT(text));
    *ret_cron = cron;
    return true;
}

/* Whether a name, which becomes the path of a file, is one of the tz database's; GLib complains loudly of other files. */
static bool
is_zone_name(const char *name)
{
    const char *folder = g_getenv("TZDIR");
    g_autofree char *path = NULL;
    char magic[4];
    FILE *file;
    bool is;

    for (const char *c = name; *c != '\0'; c++)
        if (!g_ascii_isalnum(*c) && strchr("_+-/", *c) == NULL)
            return false;
    path = g_build_filename(folder != NULL ? folder : "/usr/share/zoneinfo", name, NULL);
    if (!g_ascii_isalpha(name[0]) || (file = fopen(path, "rbe")) == NULL)
        return false;
    is = fread(magic, 1, sizeof magic, file) == sizeof magic && memcmp(magic, "TZif", sizeof magic) == 0;
    fclose(file);
    return is;
}

GTimeZone *
cron_zone_new(const char *name, GError **error)
{
    GTimeZone *zone;

    if (name == NULL || name[0] == '\0' || strcmp(name, "UTC") == 0)
        return g_time_zone_new_utc();
    zone = is_zone_name(name) ? g_time_zone_new_identifier(name) : NULL;
    if (zone == NULL)
        weir_fail(error, WEIR_ERROR_INVALID, "\"%s\" is not a time zone of the tz database", name);
    return zone;
}

/* ---- the wall's clock: seconds since the epoch as if it showed UTC ---- */

static bool
day_matches(const Cron *cron, const GDate *date)
{
    bool day = (cron->days & BIT(g_date_get_day(date))) != 0;
    bool weekday = (cron->weekdays & BIT(g_date_get_weekday(date) % 7)) != 0;

    if ((cron->months & BIT(g_date_get_month(date))) == 0)
        return false;
    return cron->any_day || cron->any_weekday ? day && weekday : day || weekday;
}

/* The first minute of the day from `from` (seconds of the day, a whole minute), or NONE. */
static int64_t
minute_of_day(const Cron *cron, int64_t from)
{
    int64_t minute = from / 60 % 60;

    for (int64_t hour = from / 3600; hour < 24; hour++, minute = 0)
        if ((cron->hours & BIT(hour)) != 0 && cron->minutes >> minute != 0)
            return hour * 3600 + (minute + __builtin_ctzll(cron->minutes >> minute)) * 60;
    return NONE;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* The first wall time from `from` up to, not including, `to` at which the rule is due, or NONE. */
static int64_t
wall_find(const Cron *cron, int64_t from, int64_t to)
{
    int64_t at = floor_div(from + 59, 60) * 60;
    GDate date;

    g_date_clear(&date, 1);
    if (at >= to)
        return NONE;
    g_date_set_julian(&date, (guint32)(EPOCH_JULIAN + floor_div(at, DAY_S)));
    for (int64_t day = floor_div(at, DAY_S) * DAY_S; day < to; day += DAY_S, at = day, g_date_add_days(&date, 1)) {
        int64_t found = day_matches(cron, &date) ? minute_of_day(cron, at - day) : NONE;

        if (found != NONE)
            return day + found < to ? day + found : NONE;
    }
    return NONE;
}

/* ---- zones: stretches of time with one offset ---- */

typedef struct {
    int64_t begin, end; /* seconds; begin is right only within SMALL_JUMP before the moment it was asked for */
    int64_t offset, offset_before;
} Stretch;

static int
interval_at(GTimeZone *zone, int64_t at)
{
    return g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, at);
}

/* The first second after `low`, at most `high`, that is in interval `index` or a later one. */
static int64_t
interval_begin(GTimeZone *zone, int index, int64_t low, int64_t high)
{
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;

        if (interval_at(zone, middle) >= index)
            high = middle;
        else
            low = middle;
    }
    return high;
}

static Stretch
stretch_at(GTimeZone *zone, int64_t at, int64_t horizon)
{
    int index = interval_at(zone, at);
    Stretch s = {.begin = at - SMALL_JUMP, .end = horizon, .offset = g_time_zone_get_offset(zone, index)};

    s.offset_before = s.offset;
    if (index > 0 && interval_at(zone, s.begin) < index) {
        s.begin = interval_begin(zone, index, s.begin, at);
        s.offset_before = g_time_zone_get_offset(zone, index - 1);
    }
    if (interval_at(zone, horizon) > index)
        s.end = interval_begin(zone, index + 1, at, horizon);
    return s;
}

/* The first moment of the stretch after `after` at which the rule is due, or NONE. */
static int64_t
stretch_find(const Cron *cron, const Stretch *s, int64_t after)
{
    int64_t jump = s->offset - s->offset_before;
    int64_t from = MAX(after + 1, s->begin) + s->offset, found;

    if (cron->fixed && jump > 0 && jump < SMALL_JUMP && s->begin > after &&
        wall_find(cron, s->begin + s->offset_before, s->begin + s->offset) != NONE)
        return s->begin;
    if (cron->fixed && jump < 0 && jump > -SMALL_JUMP)
        from = MAX(from, s->begin + s->offset_before);
    found = wall_find(cron, from, s->end + s->offset);
    return found == NONE ? NONE : found - s->offset;
}

int64_t
cron_next(const Cron *cron, GTimeZone *zone, int64_t after_us)
{
    int64_t after = floor_div(after_us, US_PER_SECOND);
    int64_t horizon = after + HORIZON_S;

    for (int64_t at = after; at < horizon;) {
        Stretch stretch = stretch_at(zone, at, horizon);
        int64_t found = stretch_find(cron, &stretch, after);

        if (found != NONE)
            return found * US_PER_SECOND;
        at = stretch.end;
    }
    return CRON_NEVER;
}
