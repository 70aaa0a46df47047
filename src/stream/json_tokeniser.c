/* JSON documents: one text, and nothing after it. */
#include "stream/json_parser.h"
#include "stream/tokeniser.h"

typedef struct {
    Tokeniser tokeniser;
    JsonParser parser;
} JsonTokeniser;

static bool
json_push(Tokeniser *tokeniser, Str text, GError **error)
{
    return json_parser_push(&((JsonTokeniser *)tokeniser)->parser, text, error);
}

static bool
json_finish(Tokeniser *tokeniser, GError **error)
{
    return json_parser_finish(&((JsonTokeniser *)tokeniser)->parser, error);
}

static void
json_free(Tokeniser *tokeniser)
{
    json_parser_clear(&((JsonTokeniser *)tokeniser)->parser);
    g_free(tokeniser);
}

Tokeniser *
json_tokeniser_new(Extractor *extractor, const ReaderLimits *limits)
{
    JsonTokeniser *json = g_new0(JsonTokeniser, 1);

    json->tokeniser = (Tokeniser){json_push, json_finish, json_free};
    json_parser_init(&json->parser, extractor, limits, 0);
    return &json->tokeniser;
}
