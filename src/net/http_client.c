#include "net/http_client.h"

const char *
http_outcome_name(HttpOutcome outcome)
{
    switch (outcome) {
    case HTTP_OUTCOME_ANSWERED:
        return "answered";
    case HTTP_OUTCOME_TIMEOUT:
        return "timeout";
    case HTTP_OUTCOME_CONNECT:
        return "connect";
    case HTTP_OUTCOME_BROKEN:
        return "broken";
    case HTTP_OUTCOME_TOO_LARGE:
        return "too_large";
    case HTTP_OUTCOME_STOPPED:
        return "stopped";
    case HTTP_OUTCOME_REFUSED:
        return "refused";
    }
    g_assert_not_reached();
}

bool
http_result_check(const HttpResult *result, GError **error)
{
    static const WeirError CODES[] = {
        [HTTP_OUTCOME_TIMEOUT] = WEIR_ERROR_TIMEOUT,    [HTTP_OUTCOME_CONNECT] = WEIR_ERROR_UNAVAILABLE,
        [HTTP_OUTCOME_BROKEN] = WEIR_ERROR_UNAVAILABLE, [HTTP_OUTCOME_TOO_LARGE] = WEIR_ERROR_LIMIT,
        [HTTP_OUTCOME_REFUSED] = WEIR_ERROR_INVALID,
    };

    if (result->outcome == HTTP_OUTCOME_ANSWERED || result->outcome == HTTP_OUTCOME_STOPPED)
        return true;
    return weir_fail(error, CODES[result->outcome], "%s: %s", http_outcome_name(result->outcome), result->message);
}
