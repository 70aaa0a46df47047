/* Loading credentials: keys, and the logins that give a token or cookies. */
#include "sources/definition.h"

#define LOGIN_ANSWER_BYTES (1024 * 1024)

static void
load_basic(DefinitionLoader *loader, const YamlNode *basic, Auth *auth)
{
    auth->kind = AUTH_BASIC;
    auth->user = definition_load_template(loader, basic, "user");
    auth->password = definition_load_template(loader, basic, "password");
}

/* ---- logins ---- */

/* The login as something that can be asked: its answer has no records, only a token and rules for errors. The source owns
 * it from here on, whatever is wrong with the rest. */
static Login *
begin_login(DefinitionLoader *loader, const YamlNode *node, const YamlKey *keys, Auth *auth)
{
    Login *login = ARENA_NEW(loader->arena, Login);

    *login = (Login){.operation = definition_new_operation(loader, OPERATION_LOGIN, "login")};
    login->operation->timeout_us = yaml_get_duration_us(node, keys, "timeout");
    login->operation->size_limit_bytes = LOGIN_ANSWER_BYTES;
    auth->login = login;
    yaml_check(node, keys, loader->mistakes);
    return login;
}

static ptrdiff_t
add_path(DefinitionLoader *loader, const YamlNode *node, const char *key, Str path, Operation *operation)
{
    g_autoptr(GError) error = NULL;
    ptrdiff_t index = path.at == NULL ? -1 : field_set_add(&operation->document, path, &error);

    if (error != NULL)
        yaml_mistake(loader->mistakes, node, key, "%s", error->message);
    return index;
}

/* What both ways of logging in have: how long it holds, and which answers say that it ended before. */
static void
finish_login(DefinitionLoader *loader, const YamlNode *node, const YamlKey *keys, Login *login)
{
    static const int64_t UNAUTHORIZED[] = {401};

    login->lifetime_us = yaml_get_duration_us(node, keys, "lifetime");
    login->skew_us = yaml_get_duration_us(node, keys, "skew");
    login->expired = definition_load_statuses(loader, node, "expired", 200, &login->expired_count);
    if (yaml_find(node, "expired") == NULL) {
        login->expired = UNAUTHORIZED;
        login->expired_count = G_N_ELEMENTS(UNAUTHORIZED);
    }
    definition_finish_reader(login->operation);
}

/* The answer as if the definition had said so. */
static void
load_usual_answer(DefinitionLoader *loader, Str text, Operation *operation)
{
    const YamlNode *node = yaml_parse(text, "login", loader->arena, loader->mistakes);

    definition_load_answer(loader, node, operation);
}

static void
load_login(DefinitionLoader *loader, const YamlNode *node, Auth *auth)
{
    Login *login = begin_login(loader, node, LOGIN_KEYS, auth);
    Operation *operation = login->operation;

    definition_load_request(loader, node, operation);
    definition_load_small_answer(loader, node, operation);
    login->cookies = yaml_get_boolean(node, LOGIN_KEYS, "cookies");
    login->token = add_path(loader, node, "token", yaml_get_text(node, LOGIN_KEYS, "token"), operation);
    login->expires_in = add_path(loader, node, "expires_in", yaml_get_text(node, LOGIN_KEYS, "expires_in"), operation);
    if (login->token < 0 && !login->cookies)
        yaml_mistake(loader->mistakes, node, "login", "gives nothing: token or cookies is missing");
    finish_login(loader, node, LOGIN_KEYS, login);
}

/* ---- OAuth2 (RFC 6749): a login that is always the same ---- */

static const Template *
literal(DefinitionLoader *loader, const YamlNode *node, const char *key, Str text)
{
    g_autoptr(GError) error = NULL;
    const Template *template = template_parse(text, TEMPLATE_TEXT, &loader->scope, loader->arena, &error);

    if (template == NULL)
        yaml_mistake(loader->mistakes, node, key, "%s", error->message);
    return template;
}

/* Scopes are separated by blanks (section 3.3). */
static const Template *
load_scope(DefinitionLoader *loader, const YamlNode *node)
{
    const YamlNode *scope = yaml_find(node, "scope");
    const char *const *texts = yaml_texts(scope, loader->arena);
    g_autoptr(GString) all = g_string_new(NULL);

    for (size_t i = 0; texts[i] != NULL; i++)
        g_string_append_printf(all, "%s%s", i > 0 ? " " : "", texts[i]);
    return scope == NULL ? NULL : literal(loader, scope, "scope", str_of_gstring(all));
}

/* What each grant sends beside the client (sections 4.3, 4.4 and 6). */
static void
add_grant(DefinitionLoader *loader, const YamlNode *node, GArray *form)
{
    static const struct {
        const char *grant;
        const char *needs[3];
    } GRANTS[] = {{"client_credentials", {NULL}},
                  {"password", {"username", "password", NULL}},
                  {"refresh_token", {"refresh_token", NULL}}};
    Str grant = yaml_get_text(node, OAUTH2_KEYS, "grant");

    for (size_t i = 0; i < G_N_ELEMENTS(GRANTS); i++) {
        if (!str_is(grant, GRANTS[i].grant))
            continue;
        assignments_add(form, "grant_type", literal(loader, node, "grant", grant));
        for (size_t j = 0; GRANTS[i].needs[j] != NULL; j++) {
            const char *key = GRANTS[i].needs[j];

            if (yaml_find(node, key) == NULL)
                yaml_mistake(loader->mistakes, node, key, "is missing: grant %s needs it", GRANTS[i].grant);
            assignments_add(form, key, definition_load_template(loader, node, key));
        }
        return;
    }
    yaml_mistake(loader->mistakes, yaml_find(node, "grant"), "grant",
                 "must be client_credentials, password or refresh_token");
}

/* Section 2.3.1 allows both. */
static void
add_client(DefinitionLoader *loader, const YamlNode *node, GArray *form, Operation *operation)
{
    Str credentials = yaml_get_text(node, OAUTH2_KEYS, "credentials");
    const Template *id = definition_load_template(loader, node, "client_id"),
                   *secret = definition_load_template(loader, node, "client_secret");

    if (str_is(credentials, "basic")) {
        operation->auth = (Auth){.kind = AUTH_BASIC, .user = id, .password = secret};
        return;
    }
    if (!str_is(credentials, "body"))
        yaml_mistake(loader->mistakes, yaml_find(node, "credentials"), "credentials", "must be body or basic");
    assignments_add(form, "client_id", id);
    assignments_add(form, "client_secret", secret);
}

static void
load_token_request(DefinitionLoader *loader, const YamlNode *node, Operation *operation)
{
    g_autoptr(GArray) form = g_array_new(FALSE, FALSE, sizeof(Assignment));
    Assignments more = definition_load_assignments(loader, yaml_find(node, "form"), "form");

    add_grant(loader, node, form);
    add_client(loader, node, form, operation);
    assignments_add(form, "scope", load_scope(loader, node));
    if (more.count > 0)
        g_array_append_vals(form, more.items, (guint)more.count);
    operation->form = (Assignments){arena_items(loader->arena, form), form->len};
    operation->query = definition_load_assignments(loader, yaml_find(node, "query"), "query");
    operation->headers = definition_load_assignments(loader, yaml_find(node, "headers"), "headers");
}

static void
load_oauth2(DefinitionLoader *loader, const YamlNode *node, Auth *auth)
{
    Login *login = begin_login(loader, node, OAUTH2_KEYS, auth);
    Operation *operation = login->operation;
    const YamlNode *url = yaml_find(node, "token_url");

    if (url == NULL || url->kind != YAML_SCALAR)
        return;
    login->oauth2 = true;
    operation->method = "POST";
    definition_load_url(loader, url, "token_url", operation);
    load_token_request(loader, node, operation);
    login->token = add_path(loader, node, "token_url", STR("access_token"), operation);
    login->expires_in = add_path(loader, node, "token_url", STR("expires_in"), operation);
    load_usual_answer(loader,
                      STR("answer: {json: ., errors: ["
                          "{path: error, equals: temporarily_unavailable, is: transient, message: error_description}, "
                          "{path: error, is: credential, message: error_description}]}"),
                      operation);
    finish_login(loader, node, OAUTH2_KEYS, login);
}

/* ---- the key itself ---- */

/* How a credential is shown to the partner; a login's token as a bearer where nothing else is said. */
static void
load_presentation(DefinitionLoader *loader, const YamlNode *node, Auth *auth)
{
    const YamlNode *basic = yaml_find(node, "basic"), *bearer = yaml_find(node, "bearer"),
                   *header = yaml_find(node, "header");
    int count = (basic != NULL) + (bearer != NULL) + (header != NULL);

    if (count > 1 || (count == 0 && auth->login == NULL))
        yaml_mistake(loader->mistakes, node, "auth", "must be one of basic, bearer, header, oauth2 and login");
    else if (basic != NULL)
        load_basic(loader, basic, auth);
    else if (header != NULL) {
        auth->kind = AUTH_HEADER;
        auth->headers = definition_load_assignments(loader, header, "header");
    } else if (bearer != NULL) {
        auth->kind = AUTH_BEARER;
        auth->token = definition_load_template(loader, node, "bearer");
    } else if (auth->login != NULL && auth->login->token >= 0) {
        auth->kind = AUTH_BEARER;
        auth->token = literal(loader, node, "bearer", STR("{token}"));
    }
}

void
definition_load_auth(DefinitionLoader *loader, const YamlNode *node, Operation *operation)
{
    const YamlNode *auth = yaml_find(node, "auth");
    const YamlNode *login, *oauth2;

    if (auth == NULL && operation->kind != OPERATION_LOGIN)
        auth = yaml_find(loader->root, "auth");
    if (auth == NULL)
        return;
    yaml_check(auth, AUTH_KEYS, loader->mistakes);
    login = yaml_find(auth, "login");
    oauth2 = yaml_find(auth, "oauth2");
    if (login != NULL && oauth2 != NULL)
        yaml_mistake(loader->mistakes, oauth2, "oauth2", "login and oauth2 exclude each other");
    else if ((login != NULL || oauth2 != NULL) && operation->kind == OPERATION_LOGIN)
        yaml_mistake(loader->mistakes, auth, "auth", "a login cannot need another one");
    else if (login != NULL && login->kind == YAML_MAPPING)
        load_login(loader, login, &operation->auth);
    else if (oauth2 != NULL && oauth2->kind == YAML_MAPPING)
        load_oauth2(loader, oauth2, &operation->auth);
    loader->scope.token = operation->auth.login != NULL;
    load_presentation(loader, auth, &operation->auth);
}
