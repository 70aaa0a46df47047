/*
 * YAML: files that people write, read strictly. Every mistake is found in one pass and told with file, line and key.
 *
 *     text ──load──> nodes (immutable, each with its line) ──check against a table of keys──> values with defaults
 *
 * Refused: anchors, aliases and tags (surprises), several documents, more than 1 MiB, more than 24 levels. From the same
 * table of keys that checks a file its reference page is written, so that the two cannot disagree.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"

typedef struct YamlNode YamlNode;
typedef struct {
    const YamlNode *key; /* a scalar */
    const YamlNode *value;
} YamlPair;

struct YamlNode {
    enum { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING } kind;
    const char *file;
    unsigned line, column; /* from 1 */
    Str text;              /* of a scalar; absent for null ("", "~" or "null" unquoted) */
    bool plain;            /* a scalar without quotes, which may mean a number or boolean */
    size_t count;
    const YamlNode *const *items; /* of a sequence */
    const YamlPair *pairs;        /* of a mapping, in the order of the file */
};

/* Mistakes found so far, one a line: "file:line: key: what is wrong". */
typedef struct {
    GString *text;
    unsigned count;
} YamlMistakes;

void yaml_mistakes_init(YamlMistakes *mistakes);
void yaml_mistakes_clear(YamlMistakes *mistakes);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(YamlMistakes, yaml_mistakes_clear)
/* key may be NULL. At most 100 are kept. */
void yaml_mistake(YamlMistakes *mistakes, const YamlNode *where, const char *key, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
/* False and WEIR_ERROR_INVALID with all of them when there are any. */
bool yaml_mistakes_none(const YamlMistakes *mistakes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads one document; all nodes are in arena. file is only for messages. NULL when it cannot be read at all, which is
 * then among the mistakes; a key given twice is a mistake too, and its first value is kept. An empty document is an
 * empty mapping. */
const YamlNode *yaml_parse(Str text, const char *file, Arena *arena, YamlMistakes *mistakes);
/* The same from a file. A file that cannot be opened is a mistake. */
const YamlNode *yaml_load(const char *path, Arena *arena, YamlMistakes *mistakes);

/* The value of a key of a mapping; NULL when map is NULL, no mapping, or has no such key. */
const YamlNode *yaml_find(const YamlNode *map, const char *key);

/* ---- tables of keys ---- */

typedef enum {
    YAML_TEXT,     /* any scalar */
    YAML_INTEGER,  /* whole number, between min and max when these differ */
    YAML_BOOLEAN,  /* true or false */
    YAML_DURATION, /* "30s", "15m", "6h", "1d", "250ms" */
    YAML_TEXTS,    /* a list of scalars, or one alone */
    YAML_RECORD,   /* a mapping with the keys of nested */
    YAML_RECORDS,  /* a list of such */
    YAML_NAMED,    /* a mapping of any names to such (nested NULL: to scalars) */
    YAML_ANY,      /* checked by its reader */
} YamlType;

typedef struct YamlKey YamlKey;
struct YamlKey {
    const char *name; /* NULL ends a table */
    YamlType type;
    bool required;
    const char *default_text; /* as it would be written in the file; NULL: none */
    const char *help;         /* one sentence for the reference page */
    const YamlKey *nested;
    int64_t min, max;
};

/* Adds a mistake for each key that is unknown (with the nearest known one), missing, or of the wrong type. */
void yaml_check(const YamlNode *map, const YamlKey *keys, YamlMistakes *mistakes);

/* Values of a checked mapping: the table's default when the key is absent. Asking for a key that the table does not have
 * is a bug. */
Str yaml_get_text(const YamlNode *map, const YamlKey *keys, const char *key);
int64_t yaml_get_integer(const YamlNode *map, const YamlKey *keys, const char *key);     /* 0 without default */
bool yaml_get_boolean(const YamlNode *map, const YamlKey *keys, const char *key);        /* false without default */
int64_t yaml_get_duration_us(const YamlNode *map, const YamlKey *keys, const char *key); /* 0 without default */
/* The texts of a list, or of one scalar; an array in arena that ends in NULL. */
const char *const *yaml_texts(const YamlNode *node, Arena *arena);

bool yaml_duration_parse(Str text, int64_t *ret_us);
/* The most similar of the names (which end in NULL) when it is near enough to be meant, else NULL. */
const char *yaml_nearest(Str name, const char *const *names);
/* What to say behind a name that is none of the names: "; did you mean X?", else "; there are A, B, C". Freed by g_free(). */
char *yaml_suggestion(Str name, const char *const *names);

/* The table as Markdown rows "| `key` | type | default | help |", nested keys as `outer.inner`. */
void yaml_schema_write_markdown(const YamlKey *keys, GString *to);
