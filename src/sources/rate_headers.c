#include "sources/rate_headers.h"

#include "sources/moment.h"

#define EPOCH_SECONDS_FROM INT64_C(1000000000)
#define EPOCH_MS_FROM      INT64_C(100000000000)
#define FIELD_ITEMS_MAX    16 /* of one header */

#define RETRY_AFTER "Retry-After"
#define FIELD       "RateLimit"
#define POLICY      "RateLimit-Policy"

static const char *const REMAINING[] = {"RateLimit-Remaining", "X-RateLimit-Remaining", "X-Rate-Limit-Remaining"};
static const char *const RESET[] = {"RateLimit-Reset", "X-RateLimit-Reset", "X-Rate-Limit-Reset"};

bool
rate_header_is(Str name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(RESET); i++)
        if (str_equal_ignoring_case(name, str_of(REMAINING[i])) || str_equal_ignoring_case(name, str_of(RESET[i])))
            return true;
    return str_equal_ignoring_case(name, STR(RETRY_AFTER)) || str_equal_ignoring_case(name, STR(FIELD)) ||
           str_equal_ignoring_case(name, STR(POLICY));
}

static bool
is_digits(Str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!g_ascii_isdigit(text.at[i]))
            return false;
    return text.size > 0;
}

/* Whole seconds; a fraction, which some write though it is not allowed, is one more. */
static bool
parse_seconds(Str text, int64_t *ret_seconds)
{
    ptrdiff_t dot = str_find_char(text, '.');

    if (dot < 0)
        return str_to_int64(text, ret_seconds);
    if (!is_digits(str_slice(text, (size_t)dot + 1, text.size)) ||
        !str_to_int64(str_slice(text, 0, (size_t)dot), ret_seconds) || *ret_seconds == INT64_MAX)
        return false;
    ++*ret_seconds;
    return true;
}

/* Seconds left, a moment in seconds or milliseconds since the epoch, which are much larger, or a date. */
int64_t
rate_wait_parse(Str text, int64_t now_us)
{
    int64_t number, until_us = now_us;

    text = str_trim(text);
    if (parse_seconds(text, &number)) {
        if (number < EPOCH_SECONDS_FROM)
            until_us += CLAMP(number, 0, RATE_WAIT_LIMIT_US / US_PER_SECOND) * US_PER_SECOND;
        else if (number < EPOCH_MS_FROM)
            until_us = number * US_PER_SECOND;
        else if (!moment_parse_epoch(text, US_PER_MS, &until_us))
            return RATE_WAIT_LIMIT_US; /* later than any date */
    } else if (str_is_empty(text) || !moment_parse(text, NULL, &until_us)) {
        return 0;
    }
    return CLAMP(until_us - now_us, 0, RATE_WAIT_LIMIT_US);
}

int64_t
rate_retry_after_us(HttpHeaders headers, int64_t now_us)
{
    return rate_wait_parse(http_header_find(headers, RETRY_AFTER), now_us);
}

/* ---- RateLimit, a structured field (RFC 9651) ---- */

/* The part before the next separator that is not within quotes; *rest loses it. */
static Str
cut_unquoted(Str *rest, char separator)
{
    bool quoted = false;
    size_t at = 0;
    Str part;

    for (; at < rest->size && (quoted || rest->at[at] != separator); at++) {
        if (rest->at[at] == '"')
            quoted = !quoted;
        else if (quoted && rest->at[at] == '\\')
            at++;
    }
    at = MIN(at, rest->size);
    part = str_slice(*rest, 0, at);
    *rest = at < rest->size ? str_slice(*rest, at + 1, rest->size) : STR_NONE;
    return str_trim(part);
}

/* One member: "name";r=0;t=30, or of the older drafts all members together: remaining=0, reset=30. -1: not said. */
typedef struct {
    Str name; /* with its quotes; absent in older drafts */
    int64_t remaining, reset_s, window_s;
} Quota;

static void
take_parameter(Quota *quota, Str parameter)
{
    Str value = parameter, name = str_trim(str_cut(&value, '='));
    int64_t number;

    if (!str_to_int64(str_trim(value), &number) || number < 0)
        return;
    if (str_is(name, "r") || str_is(name, "remaining"))
        quota->remaining = number;
    else if (str_is(name, "t") || str_is(name, "reset"))
        quota->reset_s = number;
    else if (str_is(name, "w"))
        quota->window_s = number;
}

/* Reads all members of all headers of that name; how many there are. */
static size_t
read_quotas(HttpHeaders headers, const char *name, Quota *quotas)
{
    static const Quota NOTHING = {.remaining = -1, .reset_s = -1, .window_s = -1};
    size_t count = 0;

    for (size_t i = 0; i < headers.count; i++) {
        Str rest = headers.items[i].value;

        if (!str_equal_ignoring_case(headers.items[i].name, str_of(name)))
            continue;
        while (!str_is_empty(rest) && count < FIELD_ITEMS_MAX) {
            Str member = cut_unquoted(&rest, ','), first = cut_unquoted(&member, ';');
            bool is_named = str_find_char(first, '=') < 0 || str_starts_with(first, STR("\""));
            /* The older drafts' members are all of one quota. */
            bool goes_on = !is_named && count > 0 && quotas[count - 1].name.at == NULL;
            Quota *quota = &quotas[goes_on ? count - 1 : count];

            if (!goes_on) {
                *quota = NOTHING;
                count++;
            }
            if (is_named)
                quota->name = first;
            else
                take_parameter(quota, first);
            while (!str_is_empty(member))
                take_parameter(quota, cut_unquoted(&member, ';'));
        }
    }
    return count;
}

/* Without a word of when it begins anew, it does within a window of its policy. */
static int64_t
quota_reset_us(const Quota *quota, const Quota *policies, size_t policy_count)
{
    int64_t seconds = quota->reset_s;

    for (size_t i = 0; i < policy_count && seconds < 0; i++)
        if (str_equal(policies[i].name, quota->name))
            seconds = policies[i].window_s;
    return CLAMP(seconds, 0, RATE_WAIT_LIMIT_US / US_PER_SECOND) * US_PER_SECOND;
}

/* Of the fullest quota, or of the last one to begin anew. */
static int64_t
field_reset_us(HttpHeaders headers, bool used_up_only)
{
    Quota quotas[FIELD_ITEMS_MAX], policies[FIELD_ITEMS_MAX];
    size_t count = read_quotas(headers, FIELD, quotas), policy_count = read_quotas(headers, POLICY, policies);
    int64_t reset_us = 0;

    for (size_t i = 0; i < count; i++)
        if (!used_up_only || quotas[i].remaining == 0)
            reset_us = MAX(reset_us, quota_reset_us(&quotas[i], policies, policy_count));
    return reset_us;
}

int64_t
rate_reset_us(HttpHeaders headers, int64_t now_us)
{
    int64_t reset_us = field_reset_us(headers, true);

    for (size_t i = 0; i < G_N_ELEMENTS(RESET) && reset_us == 0; i++)
        reset_us = rate_wait_parse(http_header_find(headers, RESET[i]), now_us);
    return reset_us > 0 ? reset_us : field_reset_us(headers, false);
}

int64_t
rate_rest_us(HttpHeaders headers, int status, int64_t now_us)
{
    int64_t rest_us = field_reset_us(headers, true), remaining;

    for (size_t i = 0; i < G_N_ELEMENTS(REMAINING); i++)
        if (str_to_int64(str_trim(http_header_find(headers, REMAINING[i])), &remaining) && remaining <= 0)
            rest_us = MAX(rest_us, rate_wait_parse(http_header_find(headers, RESET[i]), now_us));
    if (status == 429)
        rest_us = MAX(rest_us, rate_retry_after_us(headers, now_us));
    return rest_us;
}
