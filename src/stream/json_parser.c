#include "stream/json_parser.h"

#include "stream/utf8.h"

static const size_t PIECE_BYTES = 64 * 1024;
/* One character of a string may be written as \uXXXX. */
static const size_t ESCAPE_BYTES = 6;

static void
parser_take_token(JsonParser *p, size_t size, bool is_text)
{
    p->previous_end = p->had_token ? p->token_end : 0;
    p->token_end = yajl_get_bytes_consumed(p->yajl);
    p->token_size = size;
    p->is_text = is_text;
    p->had_token = true;
}

/* Where the token at hand begins. How long a text was before it was decoded is not told, so that it is looked for. */
static uint64_t
parser_position(void *data)
{
    const JsonParser *p = data;
    ptrdiff_t quote;

    if (!p->is_text)
        return p->offset + p->token_end - MIN(p->token_size, p->offset + p->token_end);
    if (p->previous_end == 0 && p->tail != JSON_BETWEEN)
        return p->tail_start;
    quote = str_find_char(str_slice(p->piece, p->previous_end, p->piece.size), '"');
    return p->offset + p->previous_end + (uint64_t)MAX(quote, 0);
}

static uint64_t
parser_token_end(void *data)
{
    const JsonParser *p = data;

    return p->offset + p->token_end;
}

static Str
parser_take_key(JsonParser *p)
{
    Str key = p->key;

    p->key = STR_NONE;
    return key;
}

static int
parser_scalar(JsonParser *p, Value value, size_t size)
{
    parser_take_token(p, size, value.kind == VALUE_TEXT);
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
    JsonParser *p = data;

    /* A text may be cut; a number that is cut is another number. */
    p->has_long_number = size > p->text_bytes;
    return !p->has_long_number && parser_scalar(p, (Value){VALUE_NUMBER, {text, size}}, size);
}

/* What has no escapes and is whole in the piece, yajl gives as it stands there. */
static bool
parser_has_in_piece(const JsonParser *p, Str text)
{
    return text.at >= p->piece.at && text.at < p->piece.at + p->piece.size;
}

static void
parser_copy_key(JsonParser *p)
{
    g_string_truncate(p->key_copy, 0);
    str_append(p->key_copy, p->key);
    p->key = str_of_gstring(p->key_copy);
}

/* yajl makes three bytes, which are no character, of an escape that is the second half of a surrogate pair. All such
 * begin with 0xed. */
static Str
parser_repair_decoded(JsonParser *p, Str text)
{
    size_t bad = 0;

    if (text.size == 0)
        return STR("");
    if (memchr(text.at, 0xed, text.size) == NULL || utf8_valid_prefix(text, &bad) == text.size)
        return text;
    g_string_truncate(p->repaired, 0);
    utf8_append_repaired(p->repaired, text);
    return str_of_gstring(p->repaired);
}

static Str
parser_repair(JsonParser *p, Str text)
{
    return parser_has_in_piece(p, text) ? text : parser_repair_decoded(p, text);
}

static int
on_string(void *data, const unsigned char *text, size_t size)
{
    Str s = parser_repair(data, (Str){(const char *)text, size});

    return parser_scalar(data, (Value){VALUE_TEXT, s}, size);
}

static int
on_map_key(void *data, const unsigned char *text, size_t size)
{
    JsonParser *p = data;
    Str key = {(const char *)text, size};

    parser_take_token(p, size, true);
    if (extractor_is_skipping(p->extractor))
        return 1;
    p->key = utf8_cut(parser_repair(p, key), p->text_bytes);
    if (!parser_has_in_piece(p, key))
        parser_copy_key(p);
    return 1;
}

static int
parser_open(JsonParser *p, NodeKind kind)
{
    parser_take_token(p, 1, false);
    return extractor_open(p->extractor, parser_take_key(p), kind);
}

static int
parser_close(JsonParser *p)
{
    parser_take_token(p, 1, false);
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

void
json_parser_init(JsonParser *p, Extractor *extractor, const ReaderLimits *limits, uint64_t offset)
{
    *p = (JsonParser){.extractor = extractor, .text_bytes = limits->text_bytes, .offset = offset};
    p->yajl = yajl_alloc(&CALLBACKS, NULL, p);
    g_assert(p->yajl != NULL);
    /* The charset stage lets only valid UTF-8 through. */
    yajl_config(p->yajl, yajl_dont_validate_strings, 1);
    p->key_copy = g_string_new(NULL);
    p->repaired = g_string_new(NULL);
    extractor_set_position(extractor, parser_position, p);
    extractor_set_span(extractor, parser_position, parser_token_end, p);
}

void
json_parser_clear(JsonParser *p)
{
    g_clear_pointer(&p->yajl, yajl_free);
    if (p->key_copy != NULL)
        g_string_free(g_steal_pointer(&p->key_copy), TRUE);
    if (p->repaired != NULL)
        g_string_free(g_steal_pointer(&p->repaired), TRUE);
}

static bool
parser_fail_at_number(JsonParser *p, GError **error)
{
    return weir_fail(error, WEIR_ERROR_LIMIT,
                     "JSON, byte %" G_GUINT64_FORMAT ": a number of more than %" G_GSIZE_FORMAT " bytes",
                     p->offset + yajl_get_bytes_consumed(p->yajl), p->text_bytes);
}

/* yajl was stopped, by the extractor or by us. */
static bool
parser_fail_stopped(JsonParser *p, GError **error)
{
    if (p->has_long_number)
        return parser_fail_at_number(p, error);
    g_propagate_error(error, extractor_take_failure(p->extractor));
    return weir_fail_within(error, "JSON, byte %" G_GUINT64_FORMAT, parser_position(p));
}

static bool
parser_fail(JsonParser *p, yajl_status status, Str piece, GError **error)
{
    size_t at = MIN(yajl_get_bytes_consumed(p->yajl), piece.size);
    g_autofree char *excerpt = NULL, *what = NULL;
    unsigned char *said;

    if (status == yajl_status_client_canceled)
        return parser_fail_stopped(p, error);
    said = yajl_get_error(p->yajl, 0, NULL, 0);
    what = g_strstrip(g_strdup((const char *)said));
    yajl_free_error(p->yajl, said);
    excerpt = utf8_excerpt(str_slice(piece, at > 0 ? at - 1 : 0, piece.size));
    return weir_fail(error, WEIR_ERROR_INVALID, "JSON, byte %" G_GUINT64_FORMAT ": %s%s%s", p->offset + at, what,
                     piece.size > 0 ? ", found: " : "", excerpt);
}

static void
tail_take(JsonParser *p, char c, uint64_t at)
{
    switch (p->tail) {
    case JSON_BETWEEN:
        if (c == '"') {
            p->tail = JSON_STRING;
            p->tail_start = at;
        }
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
        tail_take(p, piece.at[i], p->offset + i);
}

static bool
parser_feed(JsonParser *p, Str piece, GError **error)
{
    yajl_status status;

    p->piece = piece;
    p->had_token = false;
    status = yajl_parse(p->yajl, (const unsigned char *)piece.at, piece.size);
    if (status != yajl_status_ok)
        return parser_fail(p, status, piece, error);
    parser_follow_tail(p, piece);
    if (parser_has_in_piece(p, p->key))
        parser_copy_key(p);
    p->offset += piece.size;
    /* A separator or two may stand before the number. */
    p->has_long_number = p->tail == JSON_BETWEEN && p->tail_bytes > p->text_bytes + 8;
    return !p->has_long_number || parser_fail_at_number(p, error);
}

static bool
parser_is_in_long_string(const JsonParser *p)
{
    return p->tail != JSON_BETWEEN && p->tail_bytes > (p->text_bytes + ESCAPE_BYTES) * ESCAPE_BYTES;
}

/* Moves *text to the closing quote, or to a control character that yajl shall refuse. */
static bool
parser_drop(JsonParser *p, Str *text, GError **error)
{
    size_t i = 0;

    for (; i < text->size; i++) {
        char c = text->at[i];

        if ((unsigned char)c < ' ' || (c == '"' && p->tail == JSON_STRING)) {
            p->is_dropping = false;
            break;
        }
        if ((p->tail == JSON_ESCAPE && strchr("\"\\/bfnrtu", c) == NULL) ||
            (p->tail == JSON_HEX && !g_ascii_isxdigit(c)))
            return weir_fail(error, WEIR_ERROR_INVALID, "JSON, byte %" G_GUINT64_FORMAT ": wrong escape, found: \\%c",
                             p->offset + i, (unsigned char)c < 0x7f ? c : '?');
        tail_take(p, c, p->offset + i);
    }
    p->offset += i;
    *text = str_slice(*text, i, text->size);
    return true;
}

/* Feeds the next piece, and takes it off *text. */
static bool
parser_advance(JsonParser *p, Str *text, GError **error)
{
    size_t size = MIN(text->size, PIECE_BYTES);

    if (p->is_dropping)
        return parser_drop(p, text, error);
    if (parser_is_in_long_string(p)) {
        unsigned char c = (unsigned char)text->at[0];
        bool is_inside = p->tail == JSON_STRING && (c & 0xc0) != 0x80 && c != '"' && c >= ' ';

        p->is_dropping = is_inside;
        if (is_inside)
            return true;
        size = 1;
    }
    if (!parser_feed(p, str_slice(*text, 0, size), error))
        return false;
    *text = str_slice(*text, size, text->size);
    return true;
}

static bool
parser_push_all(JsonParser *p, Str text, GError **error)
{
    while (text.size > 0)
        if (!parser_advance(p, &text, error))
            return false;
    return true;
}

/* yajl takes form feed and vertical tab for blanks. They are wrong everywhere, within strings too. */
static size_t
find_odd_blank(Str text)
{
    const char *feed = memchr(text.at, '\f', text.size);
    size_t size = feed != NULL ? (size_t)(feed - text.at) : text.size;
    const char *tab = memchr(text.at, '\v', size);

    return tab != NULL ? (size_t)(tab - text.at) : size;
}

bool
json_parser_push(JsonParser *p, Str text, GError **error)
{
    size_t good = find_odd_blank(text);

    if (!parser_push_all(p, str_slice(text, 0, good), error))
        return false;
    return good == text.size ||
           weir_fail(error, WEIR_ERROR_INVALID, "JSON, byte %" G_GUINT64_FORMAT ": a control character, found: \\x%02x",
                     p->offset, (unsigned)text.at[good]);
}

bool
json_parser_finish(JsonParser *p, GError **error)
{
    yajl_status status;

    p->piece = STR_NONE;
    p->had_token = false;
    status = yajl_complete_parse(p->yajl);
    if (status != yajl_status_ok)
        return parser_fail(p, status, STR_NONE, error);
    /* yajl does not mind a string behind the value as long as it is not closed. */
    return p->had_token || p->tail_bytes == 0 ||
           weir_fail(error, WEIR_ERROR_INVALID, "JSON, byte %" G_GUINT64_FORMAT ": trailing garbage", p->offset);
}
