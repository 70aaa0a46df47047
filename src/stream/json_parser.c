#include "stream/json_parser.h"

#include "stream/utf8.h"

static const size_t PIECE_BYTES = 64 * 1024;
/* One character of a string may be written as \uXXXX. */
static const size_t ESCAPE_BYTES = 6;

static bool
parser_take_token(JsonParser *p, size_t size)
{
    p->token_end = yajl_get_bytes_consumed(p->yajl);
    p->had_token = true;
    p->position = p->offset + p->token_end - MIN(size, p->offset + p->token_end);
    return true;
}

static Str
parser_take_key(JsonParser *p)
{
    Str key = p->has_key ? str_of_gstring(p->key) : STR_NONE;

    p->has_key = false;
    return key;
}

static int
parser_scalar(JsonParser *p, Value value, size_t size)
{
    parser_take_token(p, size);
    return extractor_scalar(p->extractor, parser_take_key(p), value);
}

static int
on_null(void *data)
{
    return parser_scalar(data, (Value){.kind = VALUE_NULL}, 4);
}

static int
on_boolean(void *data, int value)
{
    Str text = value ? STR("true") : STR("false");

    return parser_scalar(data, (Value){VALUE_BOOL, text}, text.size);
}

static int
on_number(void *data, const char *text, size_t size)
{
    return parser_scalar(data, (Value){VALUE_NUMBER, {text, size}}, size);
}

static int
on_string(void *data, const unsigned char *text, size_t size)
{
    Str s = {(const char *)text, size};

    return parser_scalar(data, (Value){VALUE_TEXT, size > 0 ? s : STR("")}, size + 2);
}

static int
on_map_key(void *data, const unsigned char *text, size_t size)
{
    JsonParser *p = data;

    parser_take_token(p, size + 2);
    p->has_key = !extractor_is_skipping(p->extractor);
    if (!p->has_key)
        return 1;
    g_string_truncate(p->key, 0);
    str_append(p->key, utf8_cut((Str){(const char *)text, size}, p->text_bytes));
    return 1;
}

static int
parser_open(JsonParser *p, NodeKind kind)
{
    parser_take_token(p, 1);
    return extractor_open(p->extractor, parser_take_key(p), kind);
}

static int
parser_close(JsonParser *p)
{
    parser_take_token(p, 1);
    return extractor_close(p->extractor);
}

static int
on_start_map(void *data)
{
    return parser_open(data, NODE_OBJECT);
}

static int
on_start_array(void *data)
{
    return parser_open(data, NODE_LIST);
}

static int
on_end(void *data)
{
    return parser_close(data);
}

static const yajl_callbacks CALLBACKS = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_start_map,
    .yajl_map_key = on_map_key,
    .yajl_end_map = on_end,
    .yajl_start_array = on_start_array,
    .yajl_end_array = on_end,
};

static uint64_t
parser_position(void *data)
{
    return ((JsonParser *)data)->position;
}

void
json_parser_init(JsonParser *p, Extractor *extractor, const ReaderLimits *limits, uint64_t offset)
{
    *p = (JsonParser){.extractor = extractor, .text_bytes = limits->text_bytes, .offset = offset, .position = offset};
    p->yajl = yajl_alloc(&CALLBACKS, NULL, p);
    g_assert(p->yajl != NULL);
    /* The charset stage lets only valid UTF-8 through. */
    yajl_config(p->yajl, yajl_dont_validate_strings, 1);
    p->key = g_string_new(NULL);
    extractor_set_position(extractor, parser_position, p);
}

void
json_parser_clear(JsonParser *p)
{
    g_clear_pointer(&p->yajl, yajl_free);
    if (p->key != NULL)
        g_string_free(g_steal_pointer(&p->key), TRUE);
}

static bool
parser_fail(JsonParser *p, yajl_status status, Str piece, GError **error)
{
    size_t at = MIN(yajl_get_bytes_consumed(p->yajl), piece.size);
    g_autofree char *excerpt = NULL;
    unsigned char *said;
    g_autofree char *what = NULL;

    if (status == yajl_status_client_canceled) {
        g_propagate_error(error, extractor_take_failure(p->extractor));
        return weir_fail_within(error, "JSON, byte %" G_GUINT64_FORMAT, p->position);
    }
    said = yajl_get_error(p->yajl, 0, NULL, 0);
    what = g_strstrip(g_strdup((const char *)said));
    yajl_free_error(p->yajl, said);
    excerpt = utf8_excerpt(str_slice(piece, at > 0 ? at - 1 : 0, piece.size));
    return weir_fail(error, WEIR_ERROR_INVALID, "JSON, byte %" G_GUINT64_FORMAT ": %s%s%s", p->offset + at, what,
                     piece.size > 0 ? ", found: " : "", excerpt);
}

static void
tail_take(JsonParser *p, char c)
{
    switch (p->tail) {
    case JSON_BETWEEN:
        if (c == '"')
            p->tail = JSON_STRING;
        if (!g_ascii_isspace(c))
            p->tail_bytes++;
        return;
    case JSON_STRING:
        if (c == '\\')
            p->tail = JSON_ESCAPE;
        break;
    case JSON_ESCAPE:
        p->tail = c == 'u' ? JSON_HEX : JSON_STRING;
        p->hex_digits = 4;
        break;
    case JSON_HEX:
        if (--p->hex_digits == 0)
            p->tail = JSON_STRING;
        break;
    }
    p->tail_bytes++;
}

/* Follows the unfinished token behind the last one that yajl told of. */
static void
parser_follow_tail(JsonParser *p, Str piece)
{
    size_t from = 0;

    if (p->had_token) {
        p->tail = JSON_BETWEEN;
        p->tail_bytes = 0;
        from = p->token_end;
    }
    for (size_t i = from; i < piece.size; i++)
        tail_take(p, piece.at[i]);
}

/* yajl takes form feed and vertical tab for blanks. They are wrong everywhere, within strings too. */
static bool
parser_refuse_odd_blanks(const JsonParser *p, Str piece, GError **error)
{
    const char *odd = memchr(piece.at, '\f', piece.size);

    if (odd == NULL)
        odd = memchr(piece.at, '\v', piece.size);
    return odd == NULL ||
           weir_fail(error, WEIR_ERROR_INVALID, "JSON, byte %" G_GUINT64_FORMAT ": a control character, found: \\x%02x",
                     p->offset + (uint64_t)(odd - piece.at), (unsigned)*odd);
}

static bool
parser_feed(JsonParser *p, Str piece, GError **error)
{
    yajl_status status;

    p->had_token = false;
    status = yajl_parse(p->yajl, (const unsigned char *)piece.at, piece.size);
    if (status != yajl_status_ok)
        return parser_fail(p, status, piece, error);
    if (!parser_refuse_odd_blanks(p, piece, error))
        return false;
    parser_follow_tail(p, piece);
    p->offset += piece.size;
    if (p->tail == JSON_BETWEEN && p->tail_bytes > p->text_bytes)
        return weir_fail(error, WEIR_ERROR_LIMIT,
                         "JSON, byte %" G_GUINT64_FORMAT ": a number of more than %" G_GSIZE_FORMAT " bytes", p->offset,
                         p->text_bytes);
    return true;
}

static bool
parser_is_in_long_string(const JsonParser *p)
{
    return p->tail != JSON_BETWEEN && p->tail_bytes > (p->text_bytes + ESCAPE_BYTES) * ESCAPE_BYTES;
}

/* Returns what is left from the closing quote, or from a control character that yajl shall refuse. */
static Str
parser_drop(JsonParser *p, Str text)
{
    size_t i = 0;

    for (; i < text.size; i++) {
        unsigned char c = (unsigned char)text.at[i];

        if (c < ' ' || (c == '"' && p->tail == JSON_STRING)) {
            p->is_dropping = false;
            break;
        }
        p->tail = c == '\\' && p->tail == JSON_STRING ? JSON_ESCAPE : JSON_STRING;
    }
    p->offset += i;
    return str_slice(text, i, text.size);
}

bool
json_parser_push(JsonParser *p, Str text, GError **error)
{
    while (text.size > 0) {
        size_t size = MIN(text.size, PIECE_BYTES);

        if (p->is_dropping) {
            text = parser_drop(p, text);
            continue;
        }
        if (parser_is_in_long_string(p)) {
            bool is_between = p->tail == JSON_STRING && ((unsigned char)text.at[0] & 0xc0) != 0x80;

            if (is_between && text.at[0] != '"' && (unsigned char)text.at[0] >= ' ') {
                p->is_dropping = true;
                continue;
            }
            size = 1;
        }
        if (!parser_feed(p, str_slice(text, 0, size), error))
            return false;
        text = str_slice(text, size, text.size);
    }
    return true;
}

bool
json_parser_finish(JsonParser *p, GError **error)
{
    yajl_status status;

    p->had_token = false;
    status = yajl_complete_parse(p->yajl);
    return status == yajl_status_ok || parser_fail(p, status, STR_NONE, error);
}
