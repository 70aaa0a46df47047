/*
 * weir source new: starts a definition from a sample of a partner's answer. Fetches or reads it, lets drafting/ propose,
 * loads and runs what was proposed on the sample, and only then writes the file.
 */
#pragma once

#include "commands/deployment.h"

typedef struct {
    const char *name;
    const char *sample;   /* a file or a URL */
    const char *format;   /* NULL: found out */
    const char *list_url; /* NULL: the sample's, if it is one */
    const char *output;   /* NULL: NAME.yaml in the folder of definitions */
    bool force, as_json;
} SourceNewSpec;

/* CONFLICT when the file exists and must not be overwritten. Nothing is written when it fails. */
bool source_new(Deployment *deployment, const SourceNewSpec *spec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
