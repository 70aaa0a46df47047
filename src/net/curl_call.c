#include "net/curl_call.h"

#include "net/http_address.h"

#include <unistd.h>

#define USER_AGENT                 "weir/0.1"
#define CONNECT_TIMEOUT_DEFAULT_US (2 * US_PER_SECOND)
#define TIMEOUT_DEFAULT_US         (30 * US_PER_SECOND)
#define BODY_LIMIT_DEFAULT_BYTES   (UINT64_C(64) * 1024 * 1024)
/* What a body may grow to when it is inflated: far above what text compresses to, far below a bomb. */
#define INFLATED_LIMIT_FACTOR 50
#define HEADER_LIMIT_BYTES    (256 * 1024)
#define BUFFER_BYTES          32768L

/* A new answer begins: of a redirect, after "100 Continue", or the one. */
static void
head_begin(HttpCall *call, Str line)
{
    Str rest = line, status;
    int64_t number = 0;

    arena_reset(call->arena);
    g_array_set_size(call->headers, 0);
    call->is_encoded = false;
    g_clear_pointer(&call->decoder, content_decoder_free);
    str_cut(&rest, ' ');
    status = str_cut(&rest, ' ');
    call->status = str_to_int64(str_trim(status), &number) && number >= 100 && number <= 999 ? (int)number : 0;
}

/* One that we did not ask for is not read at all. */
static void
note_encoding(HttpCall *call, Str encoding)
{
    if (str_equal_ignoring_case(encoding, STR("identity")))
        return;
    call->is_encoded = true;
    content_decoder_free(call->decoder);
    call->decoder = content_decoder_new(encoding);
}

static size_t
on_header(char *bytes, size_t one, size_t size, void *data)
{
    HttpCall *call = data;
    Str line = {bytes, one * size};
    HttpHeader header;

    if (call->is_cancelled)
        return 0;
    call->header_bytes += line.size;
    if (call->header_bytes > HEADER_LIMIT_BYTES) {
        call->is_too_large = true;
        return 0;
    }
    if (call->is_headed) /* trailers */
        return line.size;
    if (str_starts_with(line, STR("HTTP/"))) {
        head_begin(call, str_trim(line));
        return line.size;
    }
    header.value = str_trim(line);
    if (str_find_char(header.value, ':') <= 0)
        return line.size;
    header.name = arena_str(call->arena, str_trim(str_cut(&header.value, ':')));
    header.value = arena_str(call->arena, str_trim(header.value));
    if (str_equal_ignoring_case(header.name, STR("content-encoding")))
        note_encoding(call, header.value);
    g_array_append_val(call->headers, header);
    return line.size;
}

bool
call_tell_head(HttpCall *call)
{
    if (!call->is_headed) {
        call->is_headed = true;
        if (call->receiver.head != NULL)
            call->receiver.head(call->data, call->status,
                                (HttpHeaders){(const HttpHeader *)(void *)call->headers->data, call->headers->len});
    }
    return !call->is_cancelled;
}

/* Whether the receiver wants more. */
static bool
deliver(HttpCall *call, Str piece)
{
    uint64_t limit = call->limit_bytes;

    if (call->is_encoded)
        limit = limit > UINT64_MAX / INFLATED_LIMIT_FACTOR ? UINT64_MAX : limit * INFLATED_LIMIT_FACTOR;
    if (piece.size > limit - call->delivered_bytes) {
        call->is_too_large = true;
        return false;
    }
    call->delivered_bytes += piece.size;
    curl_client_spend(call->client, call, piece.size);
    if (piece.size > 0 && !call->receiver.body(call->data, piece)) {
        call->is_stopped = true;
        return false;
    }
    return !call->is_cancelled;
}

/* Gives what the turn of the loop leaves room for, and takes it from *bytes; *ret_is_all: nothing is left in them. */
static bool
deliver_share(HttpCall *call, Str *bytes, bool *ret_is_all)
{
    size_t share;

    *ret_is_all = false;
    while ((share = curl_client_share(call->client, call)) > 0) {
        Str piece = str_slice(*bytes, 0, MIN(share, bytes->size));

        if (!call->is_encoded) {
            *bytes = str_slice(*bytes, piece.size, bytes->size);
        } else if (!content_decoder_step(call->decoder, bytes, &piece)) {
            call->is_undecodable = true;
            return false;
        }
        if (piece.size == 0 && bytes->size == 0) {
            *ret_is_all = true;
            return true;
        }
        if (!deliver(call, piece))
            return false;
        if (!call->is_encoded && bytes->size == 0) {
            *ret_is_all = true;
            return true;
        }
    }
    return true;
}

static size_t
on_body(char *bytes, size_t one, size_t size, void *data)
{
    HttpCall *call = data;
    Str rest = {bytes, one * size};
    bool is_all;

    if (call->is_cancelled || !call_tell_head(call))
        return 0;
    if (call->is_encoded && call->decoder == NULL) {
        call->is_undecodable = true;
        return 0;
    }
    rest = str_slice(rest, MIN(call->taken, rest.size), rest.size);
    if (!deliver_share(call, &rest, &is_all))
        return 0;
    if (is_all) {
        call->taken = 0;
        return one * size;
    }
    /* libcurl keeps the piece, and gives it once more. */
    call->taken = one * size - rest.size;
    curl_client_pause(call->client, call);
    return CURL_WRITEFUNC_PAUSE;
}

/* Sees what was received before it is inflated. Not zero ends the call. */
static int
on_progress(void *data, curl_off_t total G_GNUC_UNUSED, curl_off_t now, curl_off_t upload_total G_GNUC_UNUSED,
            curl_off_t upload_now G_GNUC_UNUSED)
{
    HttpCall *call = data;

    call->received_bytes = (uint64_t)now;
    if (call->received_bytes > call->limit_bytes)
        call->is_too_large = true;
    return call->is_too_large || call->is_cancelled;
}

static void
call_refuse_address(HttpCall *call)
{
    call->is_refused = true;
    call->refusal = "the host's address is private";
}

/* Every address that is about to be connected to, whatever notation or name led to it. */
static curl_socket_t
on_socket(void *data, curlsocktype purpose G_GNUC_UNUSED, struct curl_sockaddr *address)
{
    HttpCall *call = data;

    if (!call->allow_private_hosts && address_is_private(&address->addr)) {
        call_refuse_address(call);
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* A pooled connection may have been opened for a call that was allowed more. */
static int
on_connected(void *data, char *peer, char *local G_GNUC_UNUSED, int peer_port G_GNUC_UNUSED,
             int local_port G_GNUC_UNUSED)
{
    HttpCall *call = data;

    if (call->allow_private_hosts || !address_text_is_private(peer))
        return CURL_PREREQFUNC_OK;
    call_refuse_address(call);
    return CURL_PREREQFUNC_ABORT;
}

static long
ms_of_us(int64_t us)
{
    return (long)MIN((us + US_PER_MS - 1) / US_PER_MS, (int64_t)G_MAXINT);
}

static void
set_limits(HttpCall *call, const HttpRequest *request)
{
    CURL *easy = call->easy;
    int64_t connect_us = request->connect_timeout_us > 0 ? request->connect_timeout_us : CONNECT_TIMEOUT_DEFAULT_US;

    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* A call that is cancelled while its name is being looked up must not wait for the resolver's thread: that would
     * hold every other call of the loop for as long as the name server is silent. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, ms_of_us(call->timeout_us));
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, ms_of_us(connect_us));
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, request->redirects > 0 ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)MIN(request->redirects, 50));
    curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)MIN(call->limit_bytes, (uint64_t)INT64_MAX));
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
}

static void
set_callbacks(HttpCall *call)
{
    CURL *easy = call->easy;

    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, call);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, call);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
}

static void
add_header(HttpCall *call, const char *line)
{
    struct curl_slist *longer = curl_slist_append(call->sent_headers, line);

    g_assert(longer != NULL); /* out of memory */
    call->sent_headers = longer;
}

static void
set_message(HttpCall *call, const HttpRequest *request)
{
    CURL *easy = call->easy;
    bool has_body = request->body.at != NULL || strcmp(request->method, "POST") == 0;

    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, request->sends_once ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, USER_AGENT);
    /* What comes so is undone by us, in shares (content_decoder.h). */
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    if (has_body) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size);
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body.at != NULL ? request->body.at : "");
        /* Neither is ours to claim, nor worth a round trip. */
        add_header(call, "Expect:");
        if (http_header_find(request->headers, "Content-Type").at == NULL)
            add_header(call, "Content-Type:");
    }
    if (strcmp(request->method, "HEAD") == 0)
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    else if (strcmp(request->method, has_body ? "POST" : "GET") != 0)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    for (size_t i = 0; i < request->headers.count; i++) {
        const HttpHeader *header = &request->headers.items[i];
        g_autofree char *line = header->value.size > 0
                                    ? g_strdup_printf("%.*s: %.*s", STR_FORMAT(header->name), STR_FORMAT(header->value))
                                    : g_strdup_printf("%.*s;", STR_FORMAT(header->name));

        add_header(call, line);
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->sent_headers);
}

static bool
is_token(Str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!g_ascii_isalnum(text.at[i]) && (text.at[i] == '\0' || strchr("!#$%&'*+-.^_`|~", text.at[i]) == NULL))
            return false;
    return text.size > 0;
}

/* Why a request cannot be sent; NULL if it can. */
static const char *
request_refusal(const HttpRequest *request)
{
    if (g_ascii_strncasecmp(request->url, "http://", 7) != 0 && g_ascii_strncasecmp(request->url, "https://", 8) != 0)
        return "the URL is not http or https";
    for (const char *at = request->url; *at != '\0'; at++)
        if ((unsigned char)*at <= ' ' || *at == 0x7f)
            return "the URL holds a blank or a control character";
    if (!is_token(str_of(request->method)))
        return "the method is not a word";
    for (size_t i = 0; i < request->headers.count; i++) {
        Str value = request->headers.items[i].value;

        if (!is_token(request->headers.items[i].name))
            return "the name of a header is not a word";
        for (size_t k = 0; k < value.size; k++)
            if (value.at[k] == '\0' || value.at[k] == '\r' || value.at[k] == '\n')
                return "the value of a header holds a line break";
    }
    return NULL;
}

HttpCall *
call_new(CurlClient *client, CURL *easy, const HttpRequest *request, const HttpReceiver *receiver, void *data)
{
    HttpCall *call = g_new0(HttpCall, 1);

    call->client = client;
    call->link.data = call;
    call->pause.data = call;
    call->receiver = *receiver;
    call->data = data;
    call->timeout_us = request->timeout_us > 0 ? request->timeout_us : TIMEOUT_DEFAULT_US;
    call->limit_bytes = request->body_limit_bytes > 0 ? request->body_limit_bytes : BODY_LIMIT_DEFAULT_BYTES;
    call->allow_private_hosts = request->allow_private_hosts;
    call->refusal = request_refusal(request);
    if (call->refusal != NULL) {
        call->is_refused = true;
        return call;
    }
    call->easy = easy;
    call->arena = arena_new(2048);
    call->headers = g_array_new(FALSE, FALSE, sizeof(HttpHeader));
    set_limits(call, request);
    set_callbacks(call);
    set_message(call, request);
    return call;
}

void
call_free(HttpCall *call)
{
    curl_slist_free_all(call->sent_headers);
    arena_free(call->arena);
    content_decoder_free(call->decoder);
    if (call->headers != NULL)
        g_array_unref(call->headers);
    g_free(call);
}

static HttpOutcome
outcome_of_timeout(const HttpCall *call)
{
    curl_off_t before_us = 0, total_us = 0;

    curl_easy_getinfo(call->easy, CURLINFO_PRETRANSFER_TIME_T, &before_us);
    curl_easy_getinfo(call->easy, CURLINFO_TOTAL_TIME_T, &total_us);
    /* The connection alone took too long: nothing was asked yet. */
    return before_us == 0 && total_us + US_PER_MS < call->timeout_us ? HTTP_OUTCOME_CONNECT : HTTP_OUTCOME_TIMEOUT;
}

static HttpOutcome
outcome_of(const HttpCall *call, CURLcode code)
{
    if (code == CURLE_OK)
        return call->decoder == NULL || content_decoder_is_whole(call->decoder) ? HTTP_OUTCOME_ANSWERED
                                                                                : HTTP_OUTCOME_BROKEN;
    if (call->is_stopped)
        return HTTP_OUTCOME_STOPPED;
    if (call->is_too_large)
        return HTTP_OUTCOME_TOO_LARGE;
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return outcome_of_timeout(call);
    case CURLE_FILESIZE_EXCEEDED:
        return HTTP_OUTCOME_TOO_LARGE;
    case CURLE_URL_MALFORMAT:
        return HTTP_OUTCOME_REFUSED;
    case CURLE_UNSUPPORTED_PROTOCOL:
        /* A redirect to another scheme; or, when no head came, an answer that is no HTTP. */
        return call->status >= 300 && call->status <= 399 ? HTTP_OUTCOME_REFUSED : HTTP_OUTCOME_BROKEN;
    case CURLE_ABORTED_BY_CALLBACK:
        return call->is_refused ? HTTP_OUTCOME_REFUSED : HTTP_OUTCOME_BROKEN;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return call->is_refused ? HTTP_OUTCOME_REFUSED : HTTP_OUTCOME_CONNECT;
    default:
        return HTTP_OUTCOME_BROKEN;
    }
}

static const char *
message_of(const HttpCall *call, HttpOutcome outcome, CURLcode code)
{
    switch (outcome) {
    case HTTP_OUTCOME_ANSWERED:
        return "";
    case HTTP_OUTCOME_TIMEOUT:
        return call->status == 0 ? "no answer in time" : "the answer did not end in time";
    case HTTP_OUTCOME_TOO_LARGE:
        return call->header_bytes > HEADER_LIMIT_BYTES ? "the head of the answer is larger than 256 KiB"
                                                       : "the body is larger than its limit";
    case HTTP_OUTCOME_STOPPED:
        return call->refusal != NULL ? call->refusal : "the receiver wanted no more";
    case HTTP_OUTCOME_REFUSED:
        return call->refusal != NULL                ? call->refusal
               : code == CURLE_UNSUPPORTED_PROTOCOL ? "redirected to a scheme other than http or https"
                                                    : "the URL cannot be understood";
    case HTTP_OUTCOME_CONNECT:
        return code == CURLE_OPERATION_TIMEDOUT ? "no connection in time" : curl_easy_strerror(code);
    case HTTP_OUTCOME_BROKEN:
        if (code == CURLE_OK)
            return "the compressed body is cut off";
        if (call->is_undecodable)
            return "the body is not compressed as its Content-Encoding says";
        return code == CURLE_UNSUPPORTED_PROTOCOL ? "the answer is not HTTP" : curl_easy_strerror(code);
    }
    g_assert_not_reached();
}

HttpResult
call_result(const HttpCall *call, CURLcode code)
{
    HttpResult result = {.outcome = HTTP_OUTCOME_REFUSED, .message = call->refusal, .status = call->status};
    curl_off_t first_byte_us = 0, total_us = 0, received = 0;

    if (call->easy == NULL)
        return result;
    result.outcome = outcome_of(call, code);
    result.message = message_of(call, result.outcome, code);
    curl_easy_getinfo(call->easy, CURLINFO_STARTTRANSFER_TIME_T, &first_byte_us);
    curl_easy_getinfo(call->easy, CURLINFO_TOTAL_TIME_T, &total_us);
    curl_easy_getinfo(call->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
    result.first_byte_us = call->status != 0 ? first_byte_us : 0;
    result.total_us = total_us;
    result.body_bytes = (uint64_t)MAX(received, 0);
    return result;
}
