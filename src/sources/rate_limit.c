#include "sources/rate_limit.h"

#include "base/clock.h"
#include "base/yaml.h"

bool
rate_limit_parse(Str text, RateLimit *ret_limit)
{
    static const struct {
        const char *name;
        int64_t us;
    } WINDOWS[] = {{"second", US_PER_SECOND}, {"minute", US_PER_MINUTE}, {"hour", US_PER_HOUR},
                   {"day", US_PER_DAY},       {"week", 7 * US_PER_DAY},  {"month", 30 * US_PER_DAY}};
    Str window = text, count = str_cut(&window, '/');

    if (!str_to_int64(count, &ret_limit->count) || ret_limit->count < 1)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(WINDOWS); i++) {
        if (str_is(window, WINDOWS[i].name)) {
            ret_limit->window_us = WINDOWS[i].us;
            return true;
        }
    }
    return yaml_duration_parse(window, &ret_limit->window_us) && ret_limit->window_us > 0;
}

void
rate_limit_format(RateLimit limit, GString *to)
{
    static const struct {
        const char *suffix;
        int64_t us;
    } UNITS[] = {{"d", US_PER_DAY}, {"h", US_PER_HOUR}, {"m", US_PER_MINUTE}, {"s", US_PER_SECOND}, {"ms", US_PER_MS}};
    size_t i = 0;

    while (i + 1 < G_N_ELEMENTS(UNITS) && limit.window_us % UNITS[i].us != 0)
        i++;
    g_string_append_printf(to, "%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT "%s", limit.count,
                           limit.window_us / UNITS[i].us, UNITS[i].suffix);
}
