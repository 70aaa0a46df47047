/*
 * Errors: the code tells the caller what to do, the message tells a person what happened and where.
 *
 * Functions that can fail in several ways end in (..., T *ret_x, GError **error), return false on failure and
 * write ret_x on success only. Library code never logs an error it returns.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
    WEIR_ERROR_INVALID,     /* the input is wrong: blame the sender, never retry */
    WEIR_ERROR_NOT_FOUND,   /* a normal answer */
    WEIR_ERROR_CONFLICT,    /* somebody was faster: reload and try again */
    WEIR_ERROR_LIMIT,       /* a bound of ours was reached: shed or wait */
    WEIR_ERROR_TIMEOUT,     /* no answer in time: the other side may have acted */
    WEIR_ERROR_UNAVAILABLE, /* the other side is down: retry later */
    WEIR_ERROR_BROKEN,      /* a bug or a corrupt file: give up loudly */
} WeirError;

#define WEIR_ERROR (weir_error_quark())
GQuark weir_error_quark(void);

/* Sets error and returns false, so that a function can end with `return weir_fail(...)`. */
bool weir_fail(GError **error, WeirError code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Puts text in front of the message of *error, as "path/to/file: message". Returns false. */
bool weir_fail_within(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The code of an error of ours; WEIR_ERROR_BROKEN for an error from another domain. */
WeirError weir_error_code(const GError *error);

/* The code as one lower-case word, for logs and JSON: "invalid", "not_found", ... */
const char *weir_error_name(WeirError code);
