#include "tracking/sub_id.h"

#define SHORT_DIGITS  15
#define CHANCE        1000000 /* six digits */
#define SECOND_DIGITS 1000000000
#define EPOCH_SECONDS INT64_C(1577836800) /* 2020-01-01T00:00:00Z, as in base/id.c */

bool
sub_id_make(bool digits_only, size_t length_limit, Id click_id, Random *random, char *to)
{
    int64_t seconds;

    if (!digits_only) {
        if (length_limit < ID_TEXT_SIZE - 1)
            return false;
        id_format(click_id, to);
        return true;
    }
    g_snprintf(to, SUB_ID_TEXT_SIZE, "%" G_GINT64_FORMAT, click_id);
    if (strlen(to) <= length_limit)
        return true;
    if (length_limit < SHORT_DIGITS)
        return false;
    /* Nine digits last until 2051; after that they begin anew. */
    seconds = (id_time_us(click_id) / US_PER_SECOND - EPOCH_SECONDS) % SECOND_DIGITS;
    g_snprintf(to, SUB_ID_TEXT_SIZE, "%09" G_GINT64_FORMAT "%06d", seconds, (int)random_below(random, CHANCE));
    return true;
}
