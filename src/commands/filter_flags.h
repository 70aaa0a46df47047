/*
 * Filter flags: which listings a command is about, in the words of /v1/search.
 */
#pragma once

#include "base/error.h"
#include "base/str.h"

typedef struct {
    char *location, *radius, *country, *company, *employment, *salary, *within;
    char **sources;
    gboolean remote;
} FilterFlags;

void filter_flags_clear(FilterFlags *filter);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FilterFlags, filter_flags_clear)

/* The rows of a command's table of options. */
#define FILTER_FLAG_ENTRIES(f)                                                                                         \
    {"location", 'l', 0, G_OPTION_ARG_STRING, &(f).location, "In PLACE", "PLACE"},                                     \
        {"radius", 0, 0, G_OPTION_ARG_STRING, &(f).radius, "So far around it", "KM"},                                  \
        {"country", 0, 0, G_OPTION_ARG_STRING, &(f).country, "In this country", "XX"},                                 \
        {"company", 0, 0, G_OPTION_ARG_STRING, &(f).company, "At employers whose name has these words", "NAME"},       \
        {"remote", 0, 0, G_OPTION_ARG_NONE, &(f).remote, "That may be filled from anywhere", NULL},                    \
        {"employment-type", 0, 0, G_OPTION_ARG_STRING, &(f).employment, "full_time, part_time, ...", "TYPES"},         \
        {"salary-min", 0, 0, G_OPTION_ARG_STRING, &(f).salary, "That pay so much in a year", "AMOUNT"},                \
        {"posted-within", 0, 0, G_OPTION_ARG_STRING, &(f).within, "Not older than that", "DAYS"},                      \
    {                                                                                                                  \
        "source", 's', 0, G_OPTION_ARG_STRING_ARRAY, &(f).sources, "Of this source; may be given several times",       \
            "NAME"                                                                                                     \
    }

/* Calls set with the parameter of the API that each given flag stands for. */
bool filter_flags_apply(const FilterFlags *filter, bool (*set)(void *data, Str name, Str value, GError **error),
                        void *data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
