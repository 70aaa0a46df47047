#include "base/timestamp.h"

#include "base/clock.h"

/* Days from 1970-01-01 in the proleptic Gregorian calendar, counted in 400-year eras that begin on 1 March. */
static int64_t
days_of_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void
civil_of_days(int64_t days, int *year, int *month, int *day)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

static int64_t
zone_offset_us(GTimeZone *zone, int64_t local_seconds)
{
    int interval = g_time_zone_find_interval(zone, G_TIME_TYPE_STANDARD, local_seconds);

    return interval < 0 ? 0 : g_time_zone_get_offset(zone, interval) * US_PER_SECOND;
}

bool
timestamp_of_civil(int year, int month, int day, int hour, int minute, int second, GTimeZone *zone, int64_t *ret_us)
{
    int64_t seconds;

    if (year < 1 || year > 9999 || month < 1 || month > 12 ||
        !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
        return false;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return false;
    seconds = days_of_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + MIN(second, 59);
    *ret_us = seconds * US_PER_SECOND - (zone == NULL ? 0 : zone_offset_us(zone, seconds));
    return true;
}

/* Takes exactly count digits from the front of *rest. */
static bool
take_digits(Str *rest, int count, int *ret_value)
{
    int value = 0;

    if (rest->size < (size_t)count)
        return false;
    for (int i = 0; i < count; i++) {
        if (!g_ascii_isdigit(rest->at[i]))
            return false;
        value = value * 10 + (rest->at[i] - '0');
    }
    *rest = str_slice(*rest, (size_t)count, rest->size);
    *ret_value = value;
    return true;
}

static bool
take_char(Str *rest, const char *any_of)
{
    if (rest->size == 0 || rest->at[0] == '\0' || strchr(any_of, rest->at[0]) == NULL)
        return false;
    *rest = str_slice(*rest, 1, rest->size);
    return true;
}

static bool
take_fraction(Str *rest, int64_t *ret_us)
{
    int64_t us = 0, unit = US_PER_SECOND;
    size_t digits = 0;

    *ret_us = 0;
    if (!take_char(rest, ".,"))
        return true;
    while (rest->size > digits && g_ascii_isdigit(rest->at[digits])) {
        unit /= 10;
        us += g_ascii_digit_value(rest->at[digits]) * unit;
        digits++;
    }
    *rest = str_slice(*rest, digits, rest->size);
    *ret_us = us;
    return digits >= 1 && digits <= 9;
}

/* What is left after the time: nothing, a Z, or an offset. ret_offset_us is written for the last two. */
static bool
take_offset(Str *rest, bool *ret_given, int64_t *ret_offset_us)
{
    int hours, minutes;
    bool negative;

    *ret_given = rest->size > 0;
    *ret_offset_us = 0;
    if (rest->size == 0)
        return true;
    if (take_char(rest, "Zz"))
        return rest->size == 0;
    negative = rest->at[0] == '-';
    if (!take_char(rest, "+-") || !take_digits(rest, 2, &hours))
        return false;
    take_char(rest, ":");
    if (!take_digits(rest, 2, &minutes) || rest->size != 0 || hours > 23 || minutes > 59)
        return false;
    *ret_offset_us = (hours * US_PER_HOUR + minutes * US_PER_MINUTE) * (negative ? -1 : 1);
    return true;
}

static bool
parse_parts(Str rest, GTimeZone *zone, int64_t *ret_us)
{
    int year, month, day, hour = 0, minute = 0, second = 0;
    int64_t fraction_us = 0, offset_us = 0, us;
    bool offset_given = false;

    if (!take_digits(&rest, 4, &year) || !take_char(&rest, "-") || !take_digits(&rest, 2, &month) ||
        !take_char(&rest, "-") || !take_digits(&rest, 2, &day))
        return false;
    if (rest.size > 0) {
        if (!take_char(&rest, "Tt ") || !take_digits(&rest, 2, &hour) || !take_char(&rest, ":") ||
            !take_digits(&rest, 2, &minute))
            return false;
        if (take_char(&rest, ":") && (!take_digits(&rest, 2, &second) || !take_fraction(&rest, &fraction_us)))
            return false;
        rest = str_trim(rest);
        if (!take_offset(&rest, &offset_given, &offset_us))
            return false;
    }
    if (!timestamp_of_civil(year, month, day, hour, minute, second, offset_given ? NULL : zone, &us))
        return false;
    *ret_us = us + fraction_us - offset_us;
    return true;
}

bool
timestamp_parse(Str text, GTimeZone *zone, int64_t *ret_us, GError **error)
{
    if (!parse_parts(text, zone, ret_us))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" is not a date and time such as 2026-01-31T12:30:00Z",
                         STR_FORMAT(str_slice(text, 0, 64)));
    return true;
}

static void
civil_of_us(int64_t us, int *year, int *month, int *day, int64_t *ret_rest_us)
{
    int64_t days = us / US_PER_DAY;

    if (us % US_PER_DAY < 0)
        days--;
    *ret_rest_us = us - days * US_PER_DAY;
    civil_of_days(days, year, month, day);
}

/* Writes the last count digits of value and what comes behind them; returns where to go on. printf() takes longer than
 * all else that is done to a date of a listing. */
static char *
put_digits(char *to, int64_t value, int count, char behind)
{
    for (int i = count - 1; i >= 0; i--, value /= 10)
        to[i] = (char)('0' + value % 10);
    to[count] = behind;
    return to + count + 1;
}

const char *
timestamp_format(int64_t us, char *to)
{
    int year, month, day;
    int64_t rest;
    char *at = to;

    civil_of_us(us, &year, &month, &day, &rest);
    if (year < 0 || year > 9999)
        at += g_snprintf(to, TIMESTAMP_TEXT_SIZE, "%04d-", year);
    else
        at = put_digits(at, year, 4, '-');
    at = put_digits(at, month, 2, '-');
    at = put_digits(at, day, 2, 'T');
    at = put_digits(at, rest / US_PER_HOUR, 2, ':');
    at = put_digits(at, rest / US_PER_MINUTE % 60, 2, ':');
    rest %= US_PER_MINUTE;
    at = put_digits(at, rest / US_PER_SECOND, 2, rest % US_PER_SECOND == 0 ? 'Z' : '.');
    rest %= US_PER_SECOND;
    if (rest != 0)
        at = rest % US_PER_MS == 0 ? put_digits(at, rest / US_PER_MS, 3, 'Z') : put_digits(at, rest, 6, 'Z');
    *at = '\0';
    return to;
}

const char *
timestamp_format_day(int64_t us, GTimeZone *zone, char *to)
{
    int year, month, day;
    int64_t rest;

    if (zone != NULL) {
        int interval = g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, us / US_PER_SECOND);

        us += interval < 0 ? 0 : g_time_zone_get_offset(zone, interval) * US_PER_SECOND;
    }
    civil_of_us(us, &year, &month, &day, &rest);
    g_snprintf(to, 11, "%04d-%02d-%02d", year, month, day);
    return to;
}

const char *
timestamp_format_http(int64_t us, char *to)
{
    static const char DAYS[7][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"}; /* 1970 began on a Thursday */
    static const char MONTHS[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t seconds = us / US_PER_SECOND - (us % US_PER_SECOND < 0);
    int64_t days = seconds / 86400 - (seconds % 86400 < 0);
    int64_t in_day = seconds - days * 86400;
    int year, month, day;

    civil_of_days(days, &year, &month, &day);
    g_snprintf(to, TIMESTAMP_HTTP_SIZE, "%s, %02d %s %04d %02d:%02d:%02d GMT", DAYS[(days % 7 + 7) % 7], day,
               MONTHS[month - 1], year, (int)(in_day / 3600), (int)(in_day / 60 % 60), (int)(in_day % 60));
    return to;
}
