#include "net/mail.h"

#include <curl/curl.h>

#define BASE64_LINE_BYTES 57 /* 76 characters */
#define RECIPIENTS_LIMIT  100

/* RFC 2047, in words short enough for any mailer; cut between characters. */
static void
write_subject(const char *subject, GString *to)
{
    g_autofree char *valid = g_utf8_make_valid(subject, -1);
    const char *at = valid;
    bool first = true;

    g_string_append(to, "Subject:");
    while (*at != '\0') {
        const char *end = at;
        g_autofree char *word = NULL;

        while (*end != '\0' && g_utf8_next_char(end) - at <= 42)
            end = g_utf8_next_char(end);
        word = g_base64_encode((const guchar *)at, (gsize)(end - at));
        g_string_append_printf(to, "%s =?utf-8?B?%s?=", first ? "" : "\r\n", word);
        first = false;
        at = end;
    }
    g_string_append(to, "\r\n");
}

static void
write_text(const char *text, GString *to)
{
    size_t size = strlen(text);

    for (size_t at = 0; at < size; at += BASE64_LINE_BYTES) {
        g_autofree char *line = g_base64_encode((const guchar *)text + at, MIN(size - at, (size_t)BASE64_LINE_BYTES));

        g_string_append_printf(to, "%s\r\n", line);
    }
}

void
mail_write(const Mail *mail, GString *to)
{
    g_autoptr(GDateTime) moment = g_date_time_new_from_unix_utc(mail->sent_at_us / US_PER_SECOND);
    g_autofree char *date = g_date_time_format(moment, "%a, %d %b %Y %H:%M:%S +0000");
    g_autofree char *id = g_strdelimit(g_strdup(mail->id), "/<>@ \r\n", '.');

    g_string_append_printf(to, "Date: %s\r\nFrom: <%s>\r\nTo: %s\r\nMessage-ID: <%s@weir>\r\n", date, mail->from,
                           mail->to, id);
    write_subject(mail->subject, to);
    g_string_append(to, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                        "Content-Transfer-Encoding: base64\r\n\r\n");
    write_text(mail->text, to);
}

/* What libcurl reads from. */
typedef struct {
    const GString *message;
    size_t used;
} Upload;

static size_t
on_read(char *to, size_t size, size_t count, void *data)
{
    Upload *upload = data;
    size_t bytes = MIN(size * count, upload->message->len - upload->used);

    memcpy(to, upload->message->str + upload->used, bytes);
    upload->used += bytes;
    return bytes;
}

static size_t
on_write(char *bytes G_GNUC_UNUSED, size_t size, size_t count, void *data G_GNUC_UNUSED)
{
    return size * count;
}

/* An address on a line of its own: nothing that could become another header or command. */
static bool
address_check(Str address, GError **error)
{
    for (size_t i = 0; i < address.size; i++)
        if (g_ascii_iscntrl(address.at[i]) || strchr("<>, ", address.at[i]) != NULL)
            return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" is no mail address", STR_FORMAT(address));
    return str_find_char(address, '@') > 0 ||
           weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" is no mail address", STR_FORMAT(address));
}

static void
clear_list(struct curl_slist **list)
{
    curl_slist_free_all(*list);
}

static bool
add_recipients(const char *to, struct curl_slist **list, GError **error)
{
    Str rest = str_of(to);
    unsigned count = 0;

    while (rest.at != NULL) {
        Str address = str_trim(str_cut(&rest, ','));
        g_autofree char *text = str_dup(address);
        struct curl_slist *longer;

        if (!address_check(address, error))
            return false;
        if (++count > RECIPIENTS_LIMIT)
            return weir_fail(error, WEIR_ERROR_INVALID, "more than %d recipients", RECIPIENTS_LIMIT);
        longer = curl_slist_append(*list, text);
        g_assert(longer != NULL); /* out of memory */
        *list = longer;
    }
    return true;
}

/* A refusal with 5xx is for good; everything else may pass. */
static bool
check_result(CURL *easy, CURLcode code, GError **error)
{
    long status = 0;

    if (code == CURLE_OK)
        return true;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return weir_fail(error, WEIR_ERROR_TIMEOUT, "the mail server did not answer in time");
    return weir_fail(error, status >= 500 || code == CURLE_URL_MALFORMAT ? WEIR_ERROR_INVALID : WEIR_ERROR_UNAVAILABLE,
                     "the mail server: %s (%ld)", curl_easy_strerror(code), status);
}

static bool
transfer(CURL *easy, const Mail *mail, struct curl_slist *recipients, GError **error)
{
    g_autoptr(GString) message = g_string_new(NULL);
    Upload upload = {message, 0};

    mail_write(mail, message);
    curl_easy_setopt(easy, CURLOPT_URL, mail->server);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(MAIL_TIMEOUT_US / US_PER_MS));
    curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_TRY);
    if (mail->password != NULL)
        curl_easy_setopt(easy, CURLOPT_PASSWORD, mail->password);
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, mail->from);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, &upload);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
    return check_result(easy, curl_easy_perform(easy), error);
}

bool
mail_send(const Mail *mail, GError **error)
{
    __attribute__((cleanup(clear_list))) struct curl_slist *recipients = NULL;
    CURL *easy;
    bool sent;

    if (!address_check(str_of(mail->from), error) || !add_recipients(mail->to, &recipients, error))
        return false;
    easy = curl_easy_init();
    g_assert(easy != NULL);
    sent = transfer(easy, mail, recipients, error);
    curl_easy_cleanup(easy);
    return sent;
}
