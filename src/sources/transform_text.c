/* Transforms that change, cut or join text. */
#include "sources/transform_type.h"

#include "listings/html.h"
#include "listings/text.h"
#include "sources/template_filter.h"

/* More than that nobody encodes; the work stays bounded. */
#define DECODE_LIMIT 5

Str
transform_text(const Transform *t, TransformContext *context, Str in)
{
    (void)t;
    return text_clean(context->arena, in);
}

Str
transform_html_text(const Transform *t, TransformContext *context, Str in)
{
    (void)t;
    return text_of_html(context->arena, in);
}

Str
transform_html_safe(const Transform *t, TransformContext *context, Str in)
{
    (void)t;
    return html_sanitise(context->arena, in);
}

/* "&amp;amp;" was encoded once too often; how often, the definition says. */
Str
transform_decode(const Transform *t, TransformContext *context, Str in)
{
    int64_t times = t->count > 0 ? t->index : 1;

    for (int64_t i = 0; i < times; i++)
        in = text_decode_entities(context->arena, in);
    return in;
}

Str
transform_truncate(const Transform *t, TransformContext *context, Str in)
{
    size_t size = 0;

    for (int64_t i = 0; i < t->index && size < in.size; i++)
        size += (size_t)g_utf8_skip[(unsigned char)in.at[size]];
    if (size >= in.size)
        return in;
    in = str_slice(in, 0, size);
    if (t->count < 2)
        return in;
    return arena_printf(context->arena, "%.*s%.*s", STR_FORMAT(str_trim(in)), STR_FORMAT(t->arguments[1].value));
}

Str
transform_base64(const Transform *t, TransformContext *context, Str in)
{
    (void)t;
    return text_base64(in, context->arena);
}

Str
transform_base64_decode(const Transform *t, TransformContext *context, Str in)
{
    g_autofree char *copy = str_dup(str_trim(in));
    g_autofree guchar *bytes = NULL;
    gsize size = 0;

    (void)t;
    if (strspn(copy, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") != strlen(copy))
        return transform_fail(context, "base64", in);
    bytes = g_base64_decode(copy, &size);
    if (size == 0 || !g_utf8_validate_len((const char *)bytes, size, NULL))
        return transform_fail(context, "base64 of a text", in);
    return arena_str(context->arena, (Str){(const char *)bytes, size});
}

Str
transform_repair(const Transform *t, TransformContext *context, Str in)
{
    Str repaired;

    (void)t;
    return text_repair_double_utf8(context->arena, in, &repaired) ? repaired : in;
}

Str
transform_lower(const Transform *t, TransformContext *context, Str in)
{
    g_autofree char *lower = g_utf8_strdown(in.at, (gssize)in.size);

    (void)t;
    return arena_str(context->arena, str_of(lower));
}

Str
transform_upper(const Transform *t, TransformContext *context, Str in)
{
    g_autofree char *upper = g_utf8_strup(in.at, (gssize)in.size);

    (void)t;
    return arena_str(context->arena, str_of(upper));
}

Str
transform_trim(const Transform *t, TransformContext *context, Str in)
{
    (void)t;
    (void)context;
    return str_trim(in);
}

Str
transform_replace(const Transform *t, TransformContext *context, Str in)
{
    return arena_replace(context->arena, in, t->arguments[0].value, t->arguments[1].value);
}

Str
transform_prefix(const Transform *t, TransformContext *context, Str in)
{
    Str prefix = t->arguments[0].value;

    /* A whole URL needs no host put before it. */
    if (str_starts_with(in, prefix) || (str_find(prefix, STR("://")) > 0 && str_find(in, STR("://")) > 0))
        return in;
    return arena_printf(context->arena, "%.*s%.*s", STR_FORMAT(prefix), STR_FORMAT(in));
}

Str
transform_suffix(const Transform *t, TransformContext *context, Str in)
{
    Str suffix = t->arguments[0].value;

    if (str_ends_with(in, suffix))
        return in;
    return arena_printf(context->arena, "%.*s%.*s", STR_FORMAT(in), STR_FORMAT(suffix));
}

Str
transform_before(const Transform *t, TransformContext *context, Str in)
{
    ptrdiff_t at = str_find(in, t->arguments[0].value);

    (void)context;
    return at < 0 ? in : str_slice(in, 0, (size_t)at);
}

Str
transform_after(const Transform *t, TransformContext *context, Str in)
{
    Str separator = t->arguments[0].value;
    ptrdiff_t at = str_find(in, separator);

    (void)context;
    return at < 0 ? STR_NONE : str_slice(in, (size_t)at + separator.size, in.size);
}

/* Adds the pieces of text; at most TRANSFORM_PIECES_LIMIT in all. */
static void
split_into(GArray *pieces, Str text, Str separator)
{
    while (pieces->len < TRANSFORM_PIECES_LIMIT) {
        ptrdiff_t at = str_is_empty(separator) ? -1 : str_find(text, separator);
        Str piece = str_trim(at < 0 ? text : str_slice(text, 0, (size_t)at));

        g_array_append_val(pieces, piece);
        if (at < 0)
            return;
        text = str_slice(text, (size_t)at + separator.size, text.size);
    }
}

Texts
transform_split(const Transform *t, TransformContext *context, Texts in)
{
    g_autoptr(GArray) pieces = g_array_new(FALSE, FALSE, sizeof(Str));
    Texts out = {0};

    for (size_t i = 0; i < in.count; i++)
        split_into(pieces, in.items[i], t->arguments[0].value);
    out.items = ARENA_ARRAY(context->arena, Str, pieces->len + 1);
    if (t->count == 2) {
        int64_t at = transform_resolve_index(t->index, pieces->len);

        if (at >= 0 && !str_is_empty(g_array_index(pieces, Str, at)))
            out.items[out.count++] = g_array_index(pieces, Str, at);
        return out;
    }
    for (guint i = 0; i < pieces->len; i++) {
        if (!str_is_empty(g_array_index(pieces, Str, i)))
            out.items[out.count++] = g_array_index(pieces, Str, i);
    }
    return out;
}

Texts
transform_first(const Transform *t, TransformContext *context, Texts in)
{
    (void)t;
    (void)context;
    return (Texts){in.items, MIN(in.count, (size_t)1)};
}

Texts
transform_last(const Transform *t, TransformContext *context, Texts in)
{
    (void)t;
    (void)context;
    return in.count == 0 ? in : (Texts){in.items + in.count - 1, 1};
}

Texts
transform_join(const Transform *t, TransformContext *context, Texts in)
{
    Str *joined;

    if (in.count < 2)
        return in;
    joined = ARENA_NEW(context->arena, Str);
    *joined = texts_join(in, t->arguments[0].value, context->arena);
    return (Texts){joined, 1};
}

Texts
transform_unique(const Transform *t, TransformContext *context, Texts in)
{
    size_t count = 0;

    (void)t;
    (void)context;
    for (size_t i = 0; i < in.count; i++) {
        bool seen = false;

        for (size_t j = 0; j < count && !seen; j++)
            seen = str_equal(in.items[j], in.items[i]);
        if (!seen && count < TRANSFORM_PIECES_LIMIT)
            in.items[count++] = in.items[i];
    }
    return (Texts){in.items, count};
}

Texts
transform_count(const Transform *t, TransformContext *context, Texts in)
{
    Str *count = ARENA_NEW(context->arena, Str);

    (void)t;
    *count = arena_printf(context->arena, "%zu", in.count);
    return (Texts){count, 1};
}

int64_t
transform_resolve_index(int64_t i, size_t count)
{
    int64_t at = i < 0 ? (int64_t)count + i : i;

    return at >= 0 && at < (int64_t)count ? at : -1;
}

bool
transform_prepare_index(Transform *t, Arena *arena, GError **error)
{
    Str last = t->arguments[t->count - 1].value;
    bool split = t->type->all != NULL;

    (void)arena;
    if (split && t->count == 1)
        return true;
    if (!str_to_int64(last, &t->index) || t->index < -TRANSFORM_PIECES_LIMIT || t->index > TRANSFORM_PIECES_LIMIT)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: \"%.*s\" is no index", t->type->name, STR_FORMAT(last));
    return true;
}

/* How often, how long, how much: a whole number of one and more. */
bool
transform_prepare_count(Transform *t, Arena *arena, GError **error)
{
    Str text = t->count > 0 ? t->arguments[0].value : STR("1");

    (void)arena;
    if (!str_to_int64(text, &t->index) || t->index < 1 || t->index > 1000000)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: \"%.*s\" is no whole number from 1 to 1000000", t->type->name,
                         STR_FORMAT(text));
    if (t->type->each == transform_decode && t->index > DECODE_LIMIT)
        return weir_fail(error, WEIR_ERROR_INVALID, "decode: at most %d times", DECODE_LIMIT);
    return true;
}
