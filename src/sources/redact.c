/* Hiding secrets in whatever is shown: plain, percent-encoded, and as Basic credentials. */
#include "sources/computed.h"
#include "sources/definition.h"
#include "sources/template_filter.h"

static Str
hide(Arena *arena, Str text, Str secret)
{
    return arena_replace(arena, text, secret, STR("***"));
}

Str
secret_hide(Str text, Str secret, Arena *arena)
{
    g_autoptr(GString) query = g_string_new(NULL), segment = g_string_new(NULL), form = g_string_new(NULL);

    http_encode_query(query, secret);
    http_encode_segment(segment, secret);
    g_string_append(form, query->str);
    g_string_replace(form, "%20", "+", 0);
    text = hide(arena, text, secret);
    text = hide(arena, text, str_of_gstring(query));
    text = hide(arena, text, str_of_gstring(segment));
    return hide(arena, text, str_of_gstring(form));
}

/* The base64 of user and password holds the secrets in another writing. */
static Str
hide_basic(const Operation *operation, Arena *arena, Str text)
{
    static const Question NOTHING = {.since_us = TIMESTAMP_NONE, .until_us = TIMESTAMP_NONE};
    Ask ask = operation_ask(operation, &NOTHING);

    if (operation->auth.kind != AUTH_BASIC || operation->auth.user == NULL)
        return text;
    return hide(arena, text, auth_basic_credentials(&operation->auth, &ask, arena));
}

/* A secret that stands in a parameter, or a value that holds one as it is; absent when it is neither. */
static Str
secret_of_parameter(const Parameter *parameter, const Ask *ask, Arena *arena)
{
    const Computed *computed = parameter->computed;

    if (parameter->secret)
        return str_of(parameter->value);
    if (computed == NULL || computed->kind != COMPUTED_PLAIN || computed->text == NULL ||
        !template_has_secret(computed->text))
        return STR_NONE;
    return computed_text(computed, ask, arena);
}

/* It may be sent in base64, where its own text does not show. */
static Str
hide_values(const Operation *operation, Arena *arena, Str text)
{
    static const Question NOTHING = {.since_us = TIMESTAMP_NONE, .until_us = TIMESTAMP_NONE};
    Ask ask = operation_ask(operation, &NOTHING);

    for (size_t i = 0; i < ask.parameters.count; i++) {
        Str value = secret_of_parameter(&ask.parameters.items[i], &ask, arena);

        if (str_is_empty(value))
            continue;
        text = hide(arena, text, text_base64(value, arena));
        text = hide(arena, text, text_base64url(value, arena));
    }
    return text;
}

Str
operation_redact(const Operation *operation, Str text, Arena *arena)
{
    const Source *source = operation->source;

    text = hide_basic(operation, arena, text);
    text = hide_values(operation, arena, text);
    for (size_t i = 0; i < source->secret_count; i++) {
        if (source->secret_values[i] != NULL)
            text = secret_hide(text, str_of(source->secret_values[i]), arena);
    }
    for (size_t i = 0; i < source->parameters.count; i++) {
        if (source->parameters.items[i].secret)
            text = secret_hide(text, str_of(source->parameters.items[i].value), arena);
    }
    return text;
}

Str
operation_redact_record(const Operation *operation, const Question *question, Str text, Arena *arena)
{
    text = operation_redact(operation, text, arena);
    text = secret_hide(text, question->user_ip, arena);
    return secret_hide(text, question->user_agent, arena);
}
