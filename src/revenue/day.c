#include "revenue/day.h"

#include "base/clock.h"
#include "base/timestamp.h"

int64_t
day_of(int64_t us, GTimeZone *zone)
{
    char text[DAY_TEXT_SIZE];
    int64_t day = 0;
    bool is_day = day_parse(str_of(timestamp_format_day(us, zone, text)), &day);

    g_assert(is_day);
    return day;
}

int64_t
day_start_us(int64_t day, GTimeZone *zone)
{
    char text[DAY_TEXT_SIZE];
    int64_t us = 0;
    bool is_day = timestamp_parse(str_of(day_format(day, text)), zone, &us, NULL);

    g_assert(is_day);
    return us;
}

int64_t
day_look_back(int64_t today, int64_t last, int64_t days)
{
    if (last == INT64_MIN || last > today)
        last = today;
    return MAX(last, today - DAY_OUTAGE_LIMIT) - days;
}

const char *
day_format(int64_t day, char to[DAY_TEXT_SIZE])
{
    return timestamp_format_day(day * US_PER_DAY, NULL, to);
}

bool
day_parse(Str text, int64_t *ret_day)
{
    int64_t us;

    if (text.size != DAY_TEXT_SIZE - 1 || !timestamp_parse(text, NULL, &us, NULL))
        return false;
    *ret_day = us >= 0 ? us / US_PER_DAY : -((-us) / US_PER_DAY);
    return true;
}
