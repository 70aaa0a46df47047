/* What a definition says about its network as a whole, for the table of networks. */
#include "sources/computed.h"
#include "sources/definition.h"

typedef enum {
    KNOWN_BY_OAUTH2 = 1,
    KNOWN_BY_LOGIN = 2,
    KNOWN_BY_BASIC = 4,
    KNOWN_BY_BEARER = 8,
    KNOWN_BY_HEADER = 16,
    KNOWN_BY_FIXED_HEADER = 32,
    KNOWN_BY_URL = 64,
    KNOWN_BY_QUERY = 128,
    KNOWN_BY_BODY = 256,
    KNOWN_BY_SIGNATURE = 512,
    KNOWN_BY_COMPUTED = 1024,
} KnownBy;

static const struct {
    KnownBy by;
    const char *name;
} NAMES[] = {
    {KNOWN_BY_OAUTH2, "OAuth2"},         {KNOWN_BY_LOGIN, "login"},
    {KNOWN_BY_BASIC, "Basic"},           {KNOWN_BY_BEARER, "bearer"},
    {KNOWN_BY_HEADER, "key in header"},  {KNOWN_BY_FIXED_HEADER, "header, the same for all"},
    {KNOWN_BY_URL, "key in URL"},        {KNOWN_BY_QUERY, "key in query"},
    {KNOWN_BY_BODY, "key in body"},      {KNOWN_BY_SIGNATURE, "signature"},
    {KNOWN_BY_COMPUTED, "computed key"},
};

static bool
has_secret(const Template *template)
{
    return template != NULL && template_has_secret(template);
}

static bool
have_secret(Assignments assignments)
{
    for (size_t i = 0; i < assignments.count; i++) {
        if (has_secret(assignments.items[i].value))
            return true;
    }
    return false;
}

static bool
body_has_secret(const BodyNode *node)
{
    if (node == NULL)
        return false;
    for (size_t i = 0; i < node->count; i++) {
        if (body_has_secret(node->items[i]))
            return true;
    }
    return has_secret(node->text);
}

static unsigned
known_by_auth(const Auth *auth)
{
    if (auth->login != NULL)
        return auth->login->oauth2 ? KNOWN_BY_OAUTH2 : KNOWN_BY_LOGIN;
    switch (auth->kind) {
    case AUTH_NONE:
        return 0;
    case AUTH_BASIC:
        return KNOWN_BY_BASIC;
    case AUTH_BEARER:
        return KNOWN_BY_BEARER;
    case AUTH_HEADER:
        return have_secret(auth->headers) ? KNOWN_BY_HEADER : KNOWN_BY_FIXED_HEADER;
    }
    return 0;
}

static unsigned
known_by_operation(const Operation *operation)
{
    if (operation == NULL)
        return 0;
    return known_by_auth(&operation->auth) | (has_secret(operation->url) ? KNOWN_BY_URL : 0U) |
           (have_secret(operation->query) ? KNOWN_BY_QUERY : 0U) |
           (have_secret(operation->headers) ? KNOWN_BY_HEADER : 0U) |
           (have_secret(operation->form) || has_secret(operation->xml) || body_has_secret(operation->body)
                ? KNOWN_BY_BODY
                : 0U) |
           known_by_operation(operation->detail) | known_by_operation(operation_submit(operation));
}

/* Signatures, and keys that are written in another way than they were given. */
static unsigned
known_by_values(const Source *source)
{
    unsigned known = 0;

    for (size_t i = 0; i < source->parameters.count; i++) {
        const Computed *computed = source->parameters.items[i].computed;

        if (computed != NULL && (has_secret(computed->text) || has_secret(computed->key)))
            known |= computed->kind == COMPUTED_PLAIN ? KNOWN_BY_COMPUTED : KNOWN_BY_SIGNATURE;
    }
    return known;
}

const char *const *
source_auth(const Source *source, Arena *arena)
{
    const char **names = ARENA_ARRAY(arena, const char *, G_N_ELEMENTS(NAMES) + 1);
    unsigned known = known_by_operation(source->search) | known_by_operation(source->feed) |
                     known_by_operation(source->totals) | known_by_values(source);
    size_t count = 0;

    for (size_t i = 0; i < source->report_count; i++)
        known |= known_by_operation(source->reports[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++) {
        if (known & NAMES[i].by)
            names[count++] = NAMES[i].name;
    }
    names[count] = NULL;
    return names;
}
