#include "sources/moment.h"

#include "base/clock.h"
#include "base/money.h"
#include "sources/month_name.h"

#define EPOCH_LIMIT_US (INT64_C(7258118400) * US_PER_SECOND) /* 2200-01-01 */

typedef struct {
    int year, month, day, hour, minute, second;
    bool afternoon, has_half; /* of the twelve-hour clock */
    bool has_offset;
    int offset_minutes;
} Civil;

bool
moment_pattern_is_valid(Str pattern)
{
    for (size_t i = 0; i < pattern.size; i++) {
        if (pattern.at[i] != '%')
            continue;
        if (++i == pattern.size || pattern.at[i] == '\0' || strchr("YymbdHIpMSza%", pattern.at[i]) == NULL)
            return false;
    }
    return pattern.size > 0;
}

/* Up to most digits from the front. */
static bool
take_number(Str *rest, size_t most, int *ret_number)
{
    size_t size = 0;
    int number = 0;

    while (size < most && size < rest->size && g_ascii_isdigit(rest->at[size]))
        number = number * 10 + g_ascii_digit_value(rest->at[size++]);
    *rest = str_slice(*rest, size, rest->size);
    *ret_number = number;
    return size > 0;
}

static Str
take_letters(Str *rest)
{
    size_t size = 0;
    Str letters;

    while (size < rest->size && (g_ascii_isalpha(rest->at[size]) || rest->at[size] == '.'))
        size++;
    letters = str_slice(*rest, 0, size);
    *rest = str_slice(*rest, size, rest->size);
    return letters;
}

/* The names of RFC 822, section 5.1. */
static bool
named_offset(Str name, int *ret_minutes)
{
    static const struct {
        const char *name;
        int hours;
    } ZONES[] = {{"Z", 0},    {"UT", 0},   {"UTC", 0},  {"GMT", 0},  {"EST", -5}, {"EDT", -4},
                 {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};

    for (size_t i = 0; i < G_N_ELEMENTS(ZONES); i++) {
        if (str_equal_ignoring_case(name, str_of(ZONES[i].name))) {
            *ret_minutes = ZONES[i].hours * 60;
            return true;
        }
    }
    return false;
}

static bool
take_zone(Str *rest, Civil *civil)
{
    int sign, hours, minutes = 0;

    civil->has_offset = true;
    if (rest->size > 0 && g_ascii_isalpha(rest->at[0]))
        return named_offset(take_letters(rest), &civil->offset_minutes);
    if (rest->size == 0 || (rest->at[0] != '+' && rest->at[0] != '-'))
        return false;
    sign = rest->at[0] == '-' ? -1 : 1;
    *rest = str_slice(*rest, 1, rest->size);
    if (!take_number(rest, 2, &hours))
        return false;
    if (rest->size > 0 && rest->at[0] == ':')
        *rest = str_slice(*rest, 1, rest->size);
    if (rest->size > 0 && !take_number(rest, 2, &minutes))
        return false;
    civil->offset_minutes = sign * (hours * 60 + minutes);
    return hours < 24 && minutes < 60;
}

static bool
take_half(Str *rest, Civil *civil)
{
    Str letters = take_letters(rest);

    civil->has_half = true;
    civil->afternoon = letters.size > 0 && g_ascii_tolower(letters.at[0]) == 'p';
    return civil->afternoon || (letters.size > 0 && g_ascii_tolower(letters.at[0]) == 'a');
}

static bool
take_field(Str *rest, char letter, Civil *civil)
{
    switch (letter) {
    case 'Y':
        return take_number(rest, 4, &civil->year);
    case 'y':
        if (!take_number(rest, 2, &civil->year))
            return false;
        civil->year += civil->year < 70 ? 2000 : 1900;
        return true;
    case 'm':
        return take_number(rest, 2, &civil->month);
    case 'b':
        return month_name_take(rest, &civil->month);
    case 'd':
        if (!take_number(rest, 2, &civil->day))
            return false;
        ordinal_skip(rest);
        return true;
    case 'H':
    case 'I':
        return take_number(rest, 2, &civil->hour);
    case 'M':
        return take_number(rest, 2, &civil->minute);
    case 'S':
        return take_number(rest, 2, &civil->second);
    case 'p':
        return take_half(rest, civil);
    case 'z':
        return take_zone(rest, civil);
    case 'a':
        return date_word_take(rest);
    default:
        return false;
    }
}

static bool
take_literal(Str *rest, char c)
{
    if (c == ' ') {
        *rest = str_trim(*rest);
        return true;
    }
    if (rest->size == 0 || rest->at[0] != c)
        return false;
    *rest = str_slice(*rest, 1, rest->size);
    return true;
}

bool
moment_parse_pattern(Str text, Str pattern, GTimeZone *zone, int64_t *ret_us)
{
    Civil civil = {.month = 1, .day = 1};
    Str rest = str_trim(text);
    int64_t us;

    for (size_t i = 0; i < pattern.size; i++) {
        bool field = pattern.at[i] == '%' && i + 1 < pattern.size && pattern.at[i + 1] != '%';

        if (pattern.at[i] == '%')
            i++;
        if (i >= pattern.size ||
            !(field ? take_field(&rest, pattern.at[i], &civil) : take_literal(&rest, pattern.at[i])))
            return false;
    }
    if (rest.size > 0)
        return false;
    if (civil.has_half) {
        if (civil.hour < 1 || civil.hour > 12)
            return false;
        civil.hour = civil.hour % 12 + (civil.afternoon ? 12 : 0);
    }
    if (!timestamp_of_civil(civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second,
                            civil.has_offset ? NULL : zone, &us))
        return false;
    *ret_us = us - civil.offset_minutes * US_PER_MINUTE;
    return true;
}

bool
moment_parse(Str text, GTimeZone *zone, int64_t *ret_us)
{
    static const char *const PATTERNS[] = {
        "%a, %d %b %Y %H:%M:%S %z", "%d %b %Y %H:%M:%S %z", "%a, %d %b %Y %H:%M %z",
        "%a, %d %b %Y %H:%M:%S",    "%Y-%m-%d %H:%M:%S %z",
    };

    text = str_trim(text);
    if (timestamp_parse(text, zone, ret_us, NULL))
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(PATTERNS); i++) {
        if (moment_parse_pattern(text, str_of(PATTERNS[i]), zone, ret_us))
            return true;
    }
    return false;
}

bool
moment_parse_epoch(Str text, int64_t unit_us, int64_t *ret_us)
{
    int64_t micros, scale = MICROS_PER_UNIT / unit_us, us;

    /* Decimal text in millionths of the unit: exact, where a double would not be. */
    if (!money_parse(str_trim(text), NUMBER_STYLE_PLAIN, &micros, NULL))
        return false;
    us = scale >= 1 ? micros / scale : 0;
    if (us <= 0 || us >= EPOCH_LIMIT_US)
        return false;
    *ret_us = us;
    return true;
}

static const char *const MONTH_NAMES[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const WEEKDAY_NAMES[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

static void
append_offset(GString *to, GDateTime *moment)
{
    int64_t minutes = g_date_time_get_utc_offset(moment) / G_TIME_SPAN_MINUTE;

    g_string_append_printf(to, "%c%02d%02d", minutes < 0 ? '-' : '+', (int)(ABS(minutes) / 60),
                           (int)(ABS(minutes) % 60));
}

/* The pattern letters for one moment of local time. */
static void
append_field(GString *to, char letter, GDateTime *moment)
{
    int hour = g_date_time_get_hour(moment);

    switch (letter) {
    case 'Y':
        g_string_append_printf(to, "%04d", g_date_time_get_year(moment));
        break;
    case 'y':
        g_string_append_printf(to, "%02d", g_date_time_get_year(moment) % 100);
        break;
    case 'm':
        g_string_append_printf(to, "%02d", g_date_time_get_month(moment));
        break;
    case 'd':
        g_string_append_printf(to, "%02d", g_date_time_get_day_of_month(moment));
        break;
    case 'H':
        g_string_append_printf(to, "%02d", hour);
        break;
    case 'I':
        g_string_append_printf(to, "%02d", hour % 12 == 0 ? 12 : hour % 12);
        break;
    case 'p':
        g_string_append(to, hour < 12 ? "AM" : "PM");
        break;
    case 'a':
        g_string_append(to, WEEKDAY_NAMES[g_date_time_get_day_of_week(moment) - 1]);
        break;
    case 'b':
        g_string_append(to, MONTH_NAMES[g_date_time_get_month(moment) - 1]);
        break;
    case 'z':
        append_offset(to, moment);
        break;
    case 'M':
        g_string_append_printf(to, "%02d", g_date_time_get_minute(moment));
        break;
    case 'S':
        g_string_append_printf(to, "%02d", g_date_time_get_second(moment));
        break;
    default:
        g_string_append_c(to, letter);
    }
}

static Str
format_pattern(int64_t us, Str pattern, GTimeZone *zone, Arena *arena)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(us / US_PER_SECOND);
    g_autoptr(GDateTime) local = utc == NULL || zone == NULL ? NULL : g_date_time_to_timezone(utc, zone);
    g_autoptr(GString) text = g_string_new(NULL);
    GDateTime *moment = local != NULL ? local : utc;

    if (moment == NULL)
        return STR_NONE;
    for (size_t i = 0; i < pattern.size; i++) {
        if (pattern.at[i] == '%' && i + 1 < pattern.size)
            append_field(text, pattern.at[++i], moment);
        else
            g_string_append_c(text, pattern.at[i]);
    }
    return arena_str(arena, str_of_gstring(text));
}

Str
moment_format(int64_t us, Str how, GTimeZone *zone, Arena *arena)
{
    char text[MAX(TIMESTAMP_TEXT_SIZE, TIMESTAMP_HTTP_SIZE)];

    if (us == TIMESTAMP_NONE)
        return STR_NONE;
    if (str_is(how, "epoch_s"))
        return arena_printf(arena, "%" G_GINT64_FORMAT, us / US_PER_SECOND);
    if (str_is(how, "epoch_ms"))
        return arena_printf(arena, "%" G_GINT64_FORMAT, us / US_PER_MS);
    if (str_is(how, "rfc3339"))
        return arena_str(arena, str_of(timestamp_format(us, text)));
    if (str_is(how, "rfc1123"))
        return arena_str(arena, str_of(timestamp_format_http(us, text)));
    if (str_is(how, "date"))
        return format_pattern(us, STR("%Y-%m-%d"), zone, arena);
    return format_pattern(us, how, zone, arena);
}
