/*
 * What a compiled template is made of: for what compiles it and what expands it.
 */
#pragma once

#include "sources/template.h"
#include "sources/template_filter.h"

/* Where a value stands, which says how it is encoded. */
typedef enum { PLACE_RAW, PLACE_HOST, PLACE_SEGMENT, PLACE_QUERY, PLACE_XML } ValuePlace;

typedef struct {
    int variable; /* -1: literal */
    Str text;     /* the literal */
    ValuePlace place;
    const TemplateFilter *filters;
    size_t filter_count;
} TemplatePart;

typedef struct {
    Str value;
    const Template *result;
} TemplateChoice;

struct Template {
    TemplatePart *parts;
    size_t count, variable_count;
    bool number, list, secret, always; /* always: there even when all its placeholders are empty */
    /* Of a map: the value of by decides. */
    const Template *by, *otherwise;
    TemplateChoice *choices;
    size_t choice_count;
    Str join; /* absent: several values stay several */
};

/* Appends a value as its place demands. */
void template_append_encoded(GString *to, Str value, ValuePlace place);
