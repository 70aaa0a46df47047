/* Path evaluation: all values that a path finds below a node, in document order. */
#pragma once

#include "stream/node.h"

typedef struct {
    bool ignore_case; /* of names */
    size_t limit;     /* values to add at most */
    GArray *values;   /* of Value: where they are added */
    GPtrArray
        *nodes;   /* of Node: when not NULL, nodes are added here instead, also those without a value; null is none */
    bool cut;     /* set when there were more than limit */
    size_t count; /* added so far; start at 0 */
} PathMatches;

void path_eval(const Path *path, const Node *root, PathMatches *matches);
/* From a step of the path on, below a node that the steps before it found. */
void path_eval_rest(const Path *path, size_t step, const Node *node, PathMatches *matches);

/* Whether a path of names leads to anything but null. */
bool path_is_there(const Path *path, const Node *root, bool ignore_case);
/* Whether a member of the node has that text: what a filter asks. */
bool path_filter_accepts(const Path *path, size_t step, const Node *node, bool ignore_case);
