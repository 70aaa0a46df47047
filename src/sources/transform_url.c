/* Transforms that take a URL apart, or make a text fit for one. */
#include "sources/transform_type.h"

#include "net/http.h"

static Str
decode(TransformContext *context, Str text, bool form)
{
    g_autoptr(GString) decoded = g_string_sized_new(text.size);

    if (!http_decode(text, form, decoded))
        return text;
    return arena_str(context->arena, str_of_gstring(decoded));
}

Str
transform_url_param(const Transform *t, TransformContext *context, Str in)
{
    ptrdiff_t query = str_find_char(in, '?');
    Str rest, fragmentless = in;

    if (query < 0)
        return STR_NONE;
    rest = str_slice(in, (size_t)query + 1, in.size);
    fragmentless = str_cut(&rest, '#');
    rest = fragmentless;
    while (rest.at != NULL) {
        Str value = str_cut(&rest, '&');
        Str name = str_cut(&value, '=');

        if (str_equal(decode(context, name, true), t->arguments[0].value))
            return decode(context, value, true);
    }
    return STR_NONE;
}

Str
transform_path_segment(const Transform *t, TransformContext *context, Str in)
{
    g_autoptr(GArray) segments = g_array_new(FALSE, FALSE, sizeof(Str));
    ptrdiff_t scheme = str_find(in, STR("://")), end;
    Str path = scheme < 0 ? in : str_slice(in, (size_t)scheme + 3, in.size);
    int64_t at;

    if (scheme >= 0) {
        Str host = str_cut(&path, '/');

        (void)host;
    }
    for (size_t i = 0; i < 2; i++) {
        end = str_find_char(path, "?#"[i]);
        path = end < 0 ? path : str_slice(path, 0, (size_t)end);
    }
    while (path.at != NULL && segments->len < TRANSFORM_PIECES_LIMIT) {
        Str segment = str_cut(&path, '/');

        if (!str_is_empty(segment))
            g_array_append_val(segments, segment);
    }
    at = transform_resolve_index(t->index, segments->len);
    return at < 0 ? STR_NONE : decode(context, g_array_index(segments, Str, at), false);
}

Str
transform_url_decode(const Transform *t, TransformContext *context, Str in)
{
    (void)t;
    return decode(context, in, false);
}

Str
transform_url_encode(const Transform *t, TransformContext *context, Str in)
{
    g_autoptr(GString) encoded = g_string_new(NULL);

    (void)t;
    http_encode_query(encoded, in);
    return arena_str(context->arena, str_of_gstring(encoded));
}
