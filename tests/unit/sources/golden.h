/*
 * Golden exchanges as files: each tests/sources/NAME/{exemplary,supplemental}/FILE.json says a question, the request that must
 * come of it, the answer given, and the listings that must come of that (docs/sources.md). JSON is read as the YAML it also is.
 */
#pragma once

#include "base/yaml.h"
#include "support.h"

typedef struct {
    char *source; /* its folder's name: lever-spotify for the instance spotify of lever */
    char *kind;   /* "exemplary" or "supplemental" */
    char *path;
} Exchange;

/* All that there are, of Exchange. */
GPtrArray *golden_list(void);
/* The file's mapping, in arena. One that cannot be read ends the test. */
const YamlNode *golden_load(const Exchange *exchange, Arena *arena);
/* What it asks: the operation of that name (absent: the search), and the question. */
const Operation *golden_operation(const SourceSet *set, const Exchange *exchange, Str name);
Question golden_question(const YamlNode *node);
/* The moment at which it is asked. */
int64_t golden_now(const YamlNode *root);
/* What its answer gives. It must have one. */
Collected golden_collect(const YamlNode *root, const Operation *operation, const Question *question);

/* Members of its maps. */
Str golden_text(const YamlNode *map, const char *key);
int64_t golden_number(const YamlNode *map, const char *key, int64_t otherwise);
/* The node as the JSON it was; freed by g_free(). */
char *golden_json(const YamlNode *node);
