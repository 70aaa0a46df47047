/* From a question to an HTTP request. */
#include "base/json_writer.h"
#include "sources/definition.h"
#include "sources/template_filter.h"

#define URL_LIMIT_BYTES 16384

typedef struct {
    const Operation *operation;
    Ask ask;
    Arena *arena;
    GArray *headers; /* of HttpHeader */
    bool elsewhere;  /* at a host that is not the partner's own: nothing but the URL goes there */
    GError **error;
} Builder;

Ask
operation_ask(const Operation *operation, const Question *question)
{
    return (Ask){
        .question = question,
        .source = operation->source->name,
        .parameters = operation->source->parameters,
        .pages = operation->pages,
        .zone = operation->zone,
        .now_us = TIMESTAMP_NONE,
        .operation = operation,
    };
}

static bool
check_question(const Builder *builder)
{
    const Operation *operation = builder->operation;
    const Parameter *country = parameter_find(builder->ask.parameters, "country");
    Str asked = variable_value(&builder->ask, VARIABLE_COUNTRY, builder->arena);

    if (operation->source->disabled != NULL)
        return weir_fail(builder->error, WEIR_ERROR_INVALID, "%s is disabled: it %s", operation->source->name,
                         operation->source->disabled);
    if (operation->method == NULL)
        return weir_fail(builder->error, WEIR_ERROR_INVALID, "%s: %s is uploaded, not asked for",
                         operation->source->name, operation->name);
    for (size_t i = 0; i < operation->required_count; i++) {
        if (str_is_empty(variable_value(&builder->ask, operation->required[i], builder->arena)))
            return weir_fail(builder->error, WEIR_ERROR_INVALID, "%s demands %s", operation->source->name,
                             variable_name(operation->required[i], builder->ask.parameters));
    }
    for (size_t i = 0; country != NULL && country->one_of[i] != NULL; i++) {
        if (str_is(asked, country->one_of[i]))
            return true;
        if (country->one_of[i + 1] == NULL)
            return weir_fail(builder->error, WEIR_ERROR_INVALID, "%s does not cover the country \"%.*s\"",
                             operation->source->name, STR_FORMAT(asked));
    }
    return true;
}

static bool
is_host(Str url)
{
    ptrdiff_t scheme = str_find(url, STR("://"));
    Str host = scheme < 0 ? STR_NONE : str_slice(url, (size_t)scheme + 3, http_origin_size(url));

    for (size_t i = 0; i < host.size; i++) {
        if (!g_ascii_isalnum(host.at[i]) && str_find_char(STR("-.:[]_"), host.at[i]) < 0)
            return false;
    }
    return host.size > 0;
}

/* Whether url is at one of the other hosts that the definition names; never without TLS. */
static bool
is_named_host(const Builder *builder, Str url)
{
    static const Str SCHEME = STR("https://");
    const char *const *hosts = builder->operation->hosts;
    Str host = str_slice(url, SCHEME.size, MAX(http_origin_size(url), SCHEME.size));

    if (!str_starts_with(url, SCHEME))
        return false;
    for (size_t i = 0; hosts != NULL && hosts[i] != NULL; i++) {
        if (str_equal_ignoring_case(host, str_of(hosts[i])))
            return true;
    }
    return false;
}

/* A link that the partner gave, relative to base or not. It must stay at the host that was asked first, or lead to one
 * that the definition names, which gets nothing but the URL. */
static bool
follow_link(Builder *builder, Str base, Str link, const char *what, Str *ret_url)
{
    g_autofree char *reference = str_dup(link), *from = str_dup(base);
    g_autofree char *resolved = g_uri_resolve_relative(from, reference, G_URI_FLAGS_ENCODED, builder->error);
    Str url = str_of(resolved);

    if (resolved == NULL)
        return weir_fail_within(builder->error, "%s: %s", builder->operation->source->name, what);
    builder->elsewhere =
        !str_equal(str_slice(url, 0, http_origin_size(url)), str_slice(base, 0, http_origin_size(base)));
    if (builder->elsewhere && !is_named_host(builder, url))
        return weir_fail(builder->error, WEIR_ERROR_INVALID, "%s: the %s leads to another host: \"%.*s\"",
                         builder->operation->source->name, what, STR_FORMAT(str_slice(url, 0, 200)));
    *ret_url = arena_str(builder->arena, url);
    return true;
}

/* The URL at whose host what the partner gives must stay. */
static Str
base_url(const Builder *builder)
{
    return template_expand(builder->operation->relative_to->url, &builder->ask, builder->arena, NULL);
}

/* The URL of the definition, without the query of `query`. */
static bool
expand_url(Builder *builder, Str *ret_url)
{
    int missing;
    Str url = template_expand(builder->operation->url, &builder->ask, builder->arena, &missing);

    if (missing >= 0)
        return weir_fail(builder->error, WEIR_ERROR_INVALID, "%s: the URL needs %s", builder->operation->source->name,
                         variable_name(missing, builder->ask.parameters));
    if (template_is_given(builder->operation->url) && !follow_link(builder, base_url(builder), url, "link", &url))
        return false;
    if (!is_host(url))
        return weir_fail(builder->error, WEIR_ERROR_INVALID, "%s: \"%.*s\" has no good host",
                         builder->operation->source->name,
                         STR_FORMAT(operation_redact(builder->operation, url, builder->arena)));
    *ret_url = url;
    return true;
}

static Str
encode_pairs(Builder *builder, Assignments pairs)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < pairs.count; i++) {
        Texts values = template_expand_all(pairs.items[i].value, &builder->ask, builder->arena, NULL);

        for (size_t j = 0; j < values.count; j++) {
            if (text->len > 0)
                g_string_append_c(text, '&');
            http_encode_query(text, str_of(pairs.items[i].name));
            g_string_append_c(text, '=');
            http_encode_query(text, values.items[j]);
        }
    }
    return arena_str(builder->arena, str_of_gstring(text));
}

static bool
build_url(Builder *builder, HttpRequest *request)
{
    const Question *question = builder->ask.question;
    bool follows = builder->operation->pages.by == PAGES_NEXT_LINK && !str_is_empty(question->cursor);
    Str url, query;

    if (follows && builder->operation->relative_to != NULL)
        url = base_url(builder);
    else if (!expand_url(builder, &url))
        return false;
    if (follows) {
        if (!follow_link(builder, url, question->cursor, "next link", &url))
            return false;
    } else if (!builder->elsewhere) {
        query = encode_pairs(builder, builder->operation->query);
        if (!str_is_empty(query))
            url = arena_printf(builder->arena, "%.*s%s%.*s", STR_FORMAT(url), str_find_char(url, '?') < 0 ? "?" : "&",
                               STR_FORMAT(query));
    }
    if (url.size > URL_LIMIT_BYTES)
        return weir_fail(builder->error, WEIR_ERROR_LIMIT, "%s: the URL has more than %d bytes",
                         builder->operation->source->name, URL_LIMIT_BYTES);
    request->url = arena_strdup(builder->arena, url);
    return true;
}

/* A line break in a value would begin another header. */
static bool
add_header(Builder *builder, const char *name, Str value)
{
    HttpHeader header = {str_of(name), value};

    for (size_t i = 0; i < value.size; i++) {
        if ((unsigned char)value.at[i] < ' ' || value.at[i] == 0x7F)
            return weir_fail(builder->error, WEIR_ERROR_INVALID, "%s: header %s has a control character",
                             builder->operation->source->name, name);
    }
    g_array_append_val(builder->headers, header);
    return true;
}

static bool
add_headers(Builder *builder, Assignments headers)
{
    for (size_t i = 0; i < headers.count; i++) {
        Str value = template_expand(headers.items[i].value, &builder->ask, builder->arena, NULL);

        if (value.at != NULL && !add_header(builder, headers.items[i].name, value))
            return false;
    }
    return true;
}

Str
auth_basic_credentials(const Auth *auth, const Ask *ask, Arena *arena)
{
    Str user = template_expand(auth->user, ask, arena, NULL);
    Str password = auth->password != NULL ? template_expand(auth->password, ask, arena, NULL) : STR("");

    return text_base64(arena_printf(arena, "%.*s:%.*s", STR_FORMAT(user), STR_FORMAT(password)), arena);
}

static bool
add_authorization(Builder *builder, const char *scheme, Str credentials)
{
    return add_header(builder, "Authorization",
                      arena_printf(builder->arena, "%s %.*s", scheme, STR_FORMAT(credentials)));
}

static bool
add_auth(Builder *builder)
{
    const Auth *auth = &builder->operation->auth;

    switch (auth->kind) {
    case AUTH_NONE:
        return true;
    case AUTH_BASIC:
        return add_authorization(builder, "Basic", auth_basic_credentials(auth, &builder->ask, builder->arena));
    case AUTH_BEARER:
        return add_authorization(builder, "Bearer", template_expand(auth->token, &builder->ask, builder->arena, NULL));
    case AUTH_HEADER:
        return add_headers(builder, auth->headers);
    }
    return true;
}

static bool
add_session(Builder *builder, const Session *session)
{
    const Login *login = builder->operation->auth.login;

    if (login == NULL)
        return true;
    if (session == NULL)
        return weir_fail(builder->error, WEIR_ERROR_INVALID, "%s: %s needs a login", builder->operation->source->name,
                         builder->operation->name);
    return str_is_empty(session->cookies) || add_header(builder, "Cookie", session->cookies);
}

static void
write_body_text(JsonWriter *json, const Template *template, Str value)
{
    int64_t number;

    if (template_is_number(template) && str_to_int64(value, &number))
        json_int(json, number);
    else
        json_text(json, value);
}

static void
write_body_texts(JsonWriter *json, const Template *template, Texts values)
{
    if (!template_is_list(template)) {
        write_body_text(json, template, values.items[0]);
        return;
    }
    json_begin_array(json);
    for (size_t i = 0; i < values.count; i++)
        write_body_text(json, template, values.items[i]);
    json_end_array(json);
}

/* How many placeholders' texts are in the node, and how many of them have a value. */
static void
count_body_values(Builder *builder, const BodyNode *node, size_t *count, size_t *filled)
{
    if (node->kind == BODY_TEXT && template_last_variable(node->text) >= 0) {
        *count += 1;
        *filled += template_expand_all(node->text, &builder->ask, builder->arena, NULL).count > 0;
    }
    for (size_t i = 0; i < node->count; i++)
        count_body_values(builder, node->items[i], count, filled);
}

/* A member has nothing to say when all its placeholders are empty, however deep they stand in it: a filter by a country
 * that was not asked for is no filter. */
static bool
body_is_silent(Builder *builder, const BodyNode *node)
{
    size_t count = 0, filled = 0;

    count_body_values(builder, node, &count, &filled);
    return count > 0 && filled == 0;
}

static void
write_body_node(Builder *builder, JsonWriter *json, const BodyNode *node)
{
    switch (node->kind) {
    case BODY_RAW:
        json_raw(json, node->raw);
        break;
    case BODY_LITERAL:
        json_text(json, node->raw);
        break;
    case BODY_TEXT:
        write_body_texts(json, node->text, template_expand_all(node->text, &builder->ask, builder->arena, NULL));
        break;
    case BODY_LIST:
        json_begin_array(json);
        for (size_t i = 0; i < node->count; i++)
            if (!body_is_silent(builder, node->items[i]))
                write_body_node(builder, json, node->items[i]);
        json_end_array(json);
        break;
    case BODY_MAP:
        json_begin_object(json);
        for (size_t i = 0; i < node->count; i++) {
            if (body_is_silent(builder, node->items[i]))
                continue;
            json_key(json, node->names[i]);
            write_body_node(builder, json, node->items[i]);
        }
        json_end_object(json);
        break;
    }
}

static bool
has_header(const Builder *builder, const char *name)
{
    const HttpHeaders headers = {(const HttpHeader *)(void *)builder->headers->data, builder->headers->len};

    return http_header_find(headers, name).at != NULL;
}

static bool
build_body(Builder *builder, HttpRequest *request)
{
    const Operation *operation = builder->operation;

    if (operation->body != NULL) {
        g_autoptr(GString) text = g_string_new(NULL);
        JsonWriter json = json_writer(text);

        write_body_node(builder, &json, operation->body);
        request->body = arena_str(builder->arena, str_of_gstring(text));
        return add_header(builder, "Content-Type", STR("application/json"));
    }
    if (operation->xml != NULL) {
        request->body = template_expand(operation->xml, &builder->ask, builder->arena, NULL);
        return has_header(builder, "Content-Type") ||
               add_header(builder, "Content-Type", STR("text/xml; charset=utf-8"));
    }
    if (operation->form.count > 0) {
        request->body = encode_pairs(builder, operation->form);
        return add_header(builder, "Content-Type", STR("application/x-www-form-urlencoded"));
    }
    return true;
}

bool
operation_request(const Operation *operation, const Question *question, const Session *session, const Clock *clock,
                  Arena *arena, HttpRequest *ret_request, GError **error)
{
    g_autoptr(GArray) headers = g_array_new(FALSE, FALSE, sizeof(HttpHeader));
    Builder builder = {.operation = operation,
                       .ask = operation_ask(operation, question),
                       .arena = arena,
                       .headers = headers,
                       .error = error};
    HttpRequest request = {
        .method = operation->method,
        .timeout_us = operation->timeout_us,
        .body_limit_bytes = operation->size_limit_bytes,
        .allow_private_hosts = operation->source->private_hosts,
        .redirects = operation->redirects,
    };

    builder.ask.now_us = clock_now_us(clock);
    if (session != NULL)
        builder.ask.token = session->token;
    if (!check_question(&builder) || !build_url(&builder, &request))
        return false;
    if (!builder.elsewhere && (!add_headers(&builder, operation->headers) || !add_auth(&builder) ||
                               !add_session(&builder, session) || !build_body(&builder, &request)))
        return false;
    request.headers = (HttpHeaders){arena_items(arena, headers), headers->len};
    *ret_request = request;
    return true;
}
