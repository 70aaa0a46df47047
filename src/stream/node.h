/*
 * Node: the part of a record (or of the document) that paths ask for, as a tree in an arena.
 *
 * JSON objects and XML elements hold members, lists hold items without a name; several members of one name stand for
 * a list, as XML and careless JSON have it. An XML element may have text of its own beside its members.
 */
#pragma once

#include "stream/reader.h"

typedef enum { NODE_OBJECT, NODE_LIST, NODE_ELEMENT, NODE_SCALAR } NodeKind;

typedef struct Node Node;
struct Node {
    NodeKind kind;
    bool has_value;
    Str name; /* absent for items and roots */
    Value value;
    Node *first, *last, *next;
    Node *alike; /* the next node with a value that the same paths find */
};
