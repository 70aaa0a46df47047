/*
 * What a compiled expression is made of: for what compiles it and what evaluates it.
 */
#pragma once

#include "sources/expression.h"

typedef enum { EXPRESSION_PATH, EXPRESSION_CONSTANT, EXPRESSION_OR, EXPRESSION_LIST, EXPRESSION_PIPE } ExpressionKind;

struct Expression {
    ExpressionKind kind;
    bool plain;
    size_t field;             /* of PATH */
    const Template *constant; /* of CONSTANT */
    const Expression **parts; /* of OR, LIST; one of PIPE */
    size_t part_count;
    const Transform **transforms; /* of PIPE */
    size_t transform_count;
};
