/*
 * Template: a text with placeholders, "https://{country}.example.com/api/${KEY}", compiled once.
 *
 * Its syntax is in docs/sources.md, "Placeholders". In a URL each value is encoded as the place where it stands demands:
 * host, path segment, or query.
 */
#pragma once

#include "base/yaml.h"
#include "sources/variable.h"

typedef struct Template Template;

/* What may be named in a template: variables, and the secrets with their values. */
typedef struct {
    Parameters parameters;
    const char *const *secret_names;  /* NULL-terminated */
    const char *const *secret_values; /* side by side with the names; NULL: not set */
    bool pairs;                       /* {pairs} may be named, which only signatures have */
    bool token;                       /* {token}, which a login gives */
    bool click;                       /* {click_id} */
    bool item;                        /* {item_id}, {item_title}, {item_url}: of the listing that is asked about */
    bool ticket, result;              /* {ticket}, {result}: what a partner gave that prepares its answers */
} TemplateScope;

/* What a template makes: a text, a URL, or a document of XML, which is there even when all its placeholders are empty. */
typedef enum { TEMPLATE_TEXT, TEMPLATE_URL, TEMPLATE_XML } TemplatePlace;

/* Compiles text. INVALID with what is wrong. The template is in arena, and keeps slices of text. */
Template *template_parse(Str text, TemplatePlace place, const TemplateScope *scope, Arena *arena,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Compiles a scalar, or a map {by: TEMPLATE, VALUE: TEXT, else: TEXT, join: TEXT}. NULL with a mistake added. */
Template *template_of_node(const YamlNode *node, const char *key, const TemplateScope *scope, Arena *arena,
                           YamlMistakes *mistakes);
/* The text for a question; absent when every placeholder in it is empty. Several values of one are joined with commas.
 * *ret_missing (may be NULL) becomes the first empty placeholder's variable, or -1. */
Str template_expand(const Template *template, const Ask *ask, Arena *arena, int *ret_missing);
/* The same, with each value of a list as a text of its own: "{employment_types}", "{sites|split ','}" alone. None when
 * there is nothing to say. */
Texts template_expand_all(const Template *template, const Ask *ask, Arena *arena, int *ret_missing);
/* Whether it may have several values. */
bool template_is_list(const Template *template);
/* Whether it was marked "{page|number}": to be written without quotes in JSON. */
bool template_is_number(const Template *template);
/* Whether it is a URL that the partner gave, and nothing else: "{ticket}" or "{result}". */
bool template_is_given(const Template *template);
/* The highest number of a variable that it names; -1: none. */
int template_last_variable(const Template *template);
/* Whether a secret stands in it. */
bool template_has_secret(const Template *template);
/* Whether a key of a map by a value is "else" with a slip in it, which would be taken for a value. In quotes it is one. */
#define TEMPLATE_MISSPELT_ELSE "unknown key \"%s\"; did you mean else? In quotes it is a value of its own"
bool template_is_misspelt_else(const YamlNode *key);
