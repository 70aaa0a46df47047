/* NDJSON: a JSON text on each line. A line that is none is rejected, and the next one read; a record that ended before
 * the mistake in its line was given already, and stays given. */
#include "stream/json_parser.h"
#include "stream/tokeniser.h"

typedef struct {
    Tokeniser tokeniser;
    Extractor *extractor;
    const ReaderLimits *limits;
    JsonParser parser;
    bool has_parser; /* the line holds something */
    bool is_bad;     /* nothing more of the line is looked at */
    uint64_t offset, line_offset;
} NdjsonTokeniser;

static uint64_t
line_position(void *data)
{
    return ((NdjsonTokeniser *)data)->line_offset;
}

/* Blanks of JSON; others are a mistake. */
static bool
line_is_blank(Str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (strchr(" \t\r", text.at[i]) == NULL || text.at[i] == '\0')
            return false;
    return true;
}

/* A failure of ours (a limit, a stop) ends the reading; a malformed line does not. */
static bool
ndjson_take_failure(NdjsonTokeniser *nd, GError *failure, GError **error)
{
    bool is_of_line = g_error_matches(failure, WEIR_ERROR, WEIR_ERROR_INVALID) || nd->parser.has_long_number;

    if (!is_of_line) {
        g_propagate_error(error, failure);
        return false;
    }
    extractor_set_position(nd->extractor, line_position, nd);
    extractor_break_off(nd->extractor, "malformed", failure->message);
    g_error_free(failure);
    nd->is_bad = true;
    return true;
}

static bool
ndjson_push_part(NdjsonTokeniser *nd, Str part, GError **error)
{
    GError *failure = NULL;

    if (nd->is_bad || (!nd->has_parser && line_is_blank(part)))
        return true;
    if (!nd->has_parser) {
        json_parser_init(&nd->parser, nd->extractor, nd->limits, nd->offset);
        nd->has_parser = true;
    }
    return json_parser_push(&nd->parser, part, &failure) || ndjson_take_failure(nd, failure, error);
}

static bool
ndjson_end_line(NdjsonTokeniser *nd, GError **error)
{
    GError *failure = NULL;
    bool ok = true;

    if (nd->has_parser && !nd->is_bad && !json_parser_finish(&nd->parser, &failure))
        ok = ndjson_take_failure(nd, failure, error);
    if (nd->has_parser)
        json_parser_clear(&nd->parser);
    nd->has_parser = nd->is_bad = false;
    return ok;
}

static bool
ndjson_push(Tokeniser *tokeniser, Str text, GError **error)
{
    NdjsonTokeniser *nd = (NdjsonTokeniser *)tokeniser;

    while (text.size > 0) {
        ptrdiff_t newline = str_find_char(text, '\n');
        size_t size = newline < 0 ? text.size : (size_t)newline;

        if (!ndjson_push_part(nd, str_slice(text, 0, size), error))
            return false;
        nd->offset += size;
        if (newline >= 0) {
            nd->offset++;
            size++;
            if (!ndjson_end_line(nd, error))
                return false;
            nd->line_offset = nd->offset;
        }
        text = str_slice(text, size, text.size);
    }
    return true;
}

static bool
ndjson_finish(Tokeniser *tokeniser, GError **error)
{
    return ndjson_end_line((NdjsonTokeniser *)tokeniser, error);
}

static void
ndjson_free(Tokeniser *tokeniser)
{
    NdjsonTokeniser *nd = (NdjsonTokeniser *)tokeniser;

    if (nd->has_parser)
        json_parser_clear(&nd->parser);
    g_free(nd);
}

Tokeniser *
ndjson_tokeniser_new(Extractor *extractor, const ReaderLimits *limits)
{
    NdjsonTokeniser *nd = g_new0(NdjsonTokeniser, 1);

    nd->tokeniser = (Tokeniser){ndjson_push, ndjson_finish, ndjson_free};
    nd->extractor = extractor;
    nd->limits = limits;
    return &nd->tokeniser;
}
