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
