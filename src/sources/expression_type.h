/*
 * What a compiled expression is made of: for what compiles it and what evaluates it.
 */
#pragma once

#include "sources/expression.h"

typedef enum {
    EXPRESSION_PATH,
    EXPRESSION_CONSTANT,
    EXPRESSION_OR,
    EXPRESSION_LIST,
    EXPRESSION_PIPE,
    EXPRESSION_FORMAT, /* the parts one behind the other; absent when one of them is */
    EXPRESSION_ONCE,   /* its part, which is the same for all records of an answer */
} ExpressionKind;

struct Expression {
    ExpressionKind kind;
    bool plain;
    size_t field;             /* of PATH */
    size_t once;              /* of ONCE: its number among the constants */
    const Template *constant; /* of CONSTANT */
    const Expression **parts; /* of OR, LIST, FORMAT; one of PIPE, ONCE */
    size_t part_count;
    const Transform **transforms; /* of PIPE */
    size_t transform_count;
};

/* Compiles the text of an expression; its paths go to fields. NULL with INVALID and what is wrong. */
const Expression *expression_parse(Str text, const TemplateScope *scope, FieldSet *fields, Arena *arena,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
