/* A pattern before the first zero, a moment in any writing behind it. */
#include "base/clock.h"
#include "sources/moment.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What was read is written so that it reads the same again. */
static void
check_moment(int64_t us)
{
    char text[TIMESTAMP_TEXT_SIZE];
    int64_t again;

    g_assert(timestamp_parse(str_of(timestamp_format(us, text)), NULL, &again, NULL));
    g_assert(again == us);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const int64_t NOW_US = INT64_C(1795523696) * US_PER_SECOND;
    g_autoptr(Arena) arena = arena_new(1024);
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Europe/Berlin");
    Str rest = {(const char *)bytes, size}, pattern = size > 0 ? str_cut(&rest, '\0') : STR("");
    int64_t us;

    if (rest.at == NULL)
        return 0;
    if (timestamp_parse(rest, NULL, &us, NULL) && us >= -INT64_C(62135596800) * US_PER_SECOND)
        check_moment(us);
    (void)moment_parse(rest, zone, &us);
    if (moment_pattern_is_valid(pattern) && moment_parse_pattern(rest, pattern, zone, &us))
        (void)moment_format(us, pattern, zone, arena);
    if (moment_parse_epoch(rest, US_PER_SECOND, &us))
        check_moment(us);
    if (moment_parse_epoch(rest, US_PER_MS, &us))
        check_moment(us);
    if (moment_parse_relative(rest, NOW_US, zone, arena, &us) && us != TIMESTAMP_NONE)
        check_moment(us);
    if (moment_parse_age(rest, US_PER_DAY, NOW_US, zone, &us))
        check_moment(us);
    return 0;
}
