#include "base/error.h"

G_DEFINE_QUARK(weir - error - quark, weir_error)

bool
weir_fail(GError **error, WeirError code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (error != NULL) {
        g_assert(*error == NULL);
        *error = g_error_new_valist(WEIR_ERROR, (int)code, format, args);
    }
    va_end(args);
    return false;
}

bool
weir_fail_within(GError **error, const char *format, ...)
{
    va_list args;

    if (error == NULL || *error == NULL)
        return false;
    va_start(args, format);
    {
        g_autofree char *where = g_strdup_vprintf(format, args);

        g_prefix_error(error, "%s: ", where);
    }
    va_end(args);
    return false;
}

WeirError
weir_error_code(const GError *error)
{
    return error->domain == WEIR_ERROR ? (WeirError)error->code : WEIR_ERROR_BROKEN;
}

const char *
weir_error_name(WeirError code)
{
    switch (code) {
    case WEIR_ERROR_INVALID:
        return "invalid";
    case WEIR_ERROR_NOT_FOUND:
        return "not_found";
    case WEIR_ERROR_CONFLICT:
        return "conflict";
    case WEIR_ERROR_LIMIT:
        return "limit";
    case WEIR_ERROR_TIMEOUT:
        return "timeout";
    case WEIR_ERROR_UNAVAILABLE:
        return "unavailable";
    case WEIR_ERROR_BROKEN:
        return "broken";
    }
    g_assert_not_reached();
}
