/* What a login gives, and when it ends. */
#include "sources/answer_type.h"

#define LIFETIME_LIMIT_US (30 * US_PER_DAY)

const Operation *
operation_login(const Operation *operation)
{
    return operation->auth.login != NULL ? operation->auth.login->operation : NULL;
}

bool
operation_ends_session(const Operation *operation, int status)
{
    const Login *login = operation->auth.login;

    for (size_t i = 0; login != NULL && i < login->expired_count; i++) {
        if (login->expired[i] == status)
            return true;
    }
    return false;
}

/* Name and value of one Set-Cookie; what it says of path, domain and age is for browsers. */
static void
take_cookie(Str header, GString *cookies)
{
    Str rest = header, pair = str_trim(str_cut(&rest, ';'));

    if (str_find_char(pair, '=') <= 0)
        return;
    if (cookies->len > 0)
        g_string_append(cookies, "; ");
    str_append(cookies, pair);
}

void
session_take_cookies(HttpHeaders headers, GString *cookies)
{
    for (size_t i = 0; i < headers.count; i++) {
        if (str_equal_ignoring_case(headers.items[i].name, STR("Set-Cookie")))
            take_cookie(headers.items[i].value, cookies);
    }
}

/* Earlier by the skew, since the way there takes time and clocks differ; but never less than half of it. */
static int64_t
usable_us(const Login *login, Str expires_in)
{
    int64_t micros, lifetime_us = login->lifetime_us;

    if (money_parse(str_trim(expires_in), NUMBER_STYLE_PLAIN, &micros, NULL) && micros > 0)
        lifetime_us = micros; /* millionths of a second, as it happens */
    lifetime_us = MIN(lifetime_us, LIFETIME_LIMIT_US);
    return MAX(lifetime_us - login->skew_us, lifetime_us / 2);
}

AnswerStatus
session_read(const Operation *operation, const Answer *answer, AnswerStatus status, Str cookies, Arena *arena,
             Session *ret_session, int64_t *ret_lifetime_us, Str *message)
{
    const Login *login = operation->auth.login;
    bool by_cookies = login->cookies && login->token < 0;
    bool redirected = answer->status >= 300 && answer->status < 400, there;
    Str token = answer_document_text(answer, login->token, &there);

    /* A login page answers with HTML or a redirect; that it set a cookie is what counts. */
    if (by_cookies && !str_is_empty(cookies) && (status == ANSWER_MALFORMED || redirected))
        status = ANSWER_OK;
    if (status == ANSWER_EMPTY)
        status = ANSWER_OK;
    if (status != ANSWER_OK)
        return status;
    if (by_cookies ? str_is_empty(cookies) : str_is_empty(token)) {
        *message = by_cookies ? STR("the login set no cookie") : STR("the login gave no token");
        return ANSWER_CREDENTIAL;
    }
    *ret_session =
        (Session){.token = arena_str(arena, token), .cookies = login->cookies ? arena_str(arena, cookies) : STR_NONE};
    *ret_lifetime_us = usable_us(login, answer_document_text(answer, login->expires_in, &there));
    return ANSWER_OK;
}
