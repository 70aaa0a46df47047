#include "warehouse/sigv4.h"

#include "base/clock.h"
#include "base/timestamp.h"

#define ALGORITHM     "AWS4-HMAC-SHA256"
#define SHA256_SIZE   32
#define DATE_SIZE     8 /* of 20150830T123600Z */
#define TOKEN_HEADER  "x-amz-security-token"
#define DIGEST_HEADER "x-amz-content-sha256"

/* A URL's pieces, as they stand in it. */
typedef struct {
    Str host, path, query;
} Address;

typedef struct {
    Str name, value;
} Pair;

static bool
address_of(const char *url, Arena *arena, Address *ret_address, GError **error)
{
    Str rest = str_of(url);
    ptrdiff_t scheme = str_find(rest, STR("://"));
    bool secure = str_starts_with(rest, STR("https://"));
    size_t end;
    Str host;

    if (scheme <= 0)
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%s\" is no URL that can be signed", url);
    rest = str_slice(rest, (size_t)scheme + 3, rest.size);
    for (end = 0; end < rest.size && rest.at[end] != '/' && rest.at[end] != '?'; end++)
        continue;
    host = str_slice(rest, 0, end);
    if (str_is_empty(host))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%s\" has no host", url);
    if (str_ends_with(host, secure ? STR(":443") : STR(":80")))
        host.size -= secure ? 4 : 3; /* HTTP clients leave the usual port out of Host */
    rest = str_slice(rest, end, rest.size);
    ret_address->host = arena_str(arena, host);
    ret_address->path = str_cut(&rest, '?');
    ret_address->query = rest.at != NULL ? rest : STR("");
    if (str_is_empty(ret_address->path))
        ret_address->path = STR("/");
    return true;
}

/* Every byte but unreserved ones and '/'. */
static void
append_encoded_path(GString *to, Str path)
{
    Str rest = path;

    while (rest.at != NULL) {
        http_encode_query(to, str_cut(&rest, '/'));
        if (rest.at != NULL)
            g_string_append_c(to, '/');
    }
}

/* Without empty and "." segments and with ".." undone; a slash at the end stays. */
static Str
normalised(Str path, Arena *arena)
{
    g_autoptr(GString) text = g_string_new("");
    Str rest = path, segment = STR_NONE;

    while (rest.at != NULL) {
        segment = str_cut(&rest, '/');
        if (str_is_empty(segment) || str_is(segment, "."))
            continue;
        if (str_is(segment, "..")) {
            char *slash = strrchr(text->str, '/');

            g_string_truncate(text, slash != NULL ? (gsize)(slash - text->str) : 0);
            continue;
        }
        g_string_append_c(text, '/');
        str_append(text, segment);
    }
    if (text->len == 0 || str_is_empty(segment) || str_is(segment, ".") || str_is(segment, ".."))
        g_string_append_c(text, '/');
    return arena_str(arena, str_of_gstring(text));
}

static void
append_path(GString *to, const SigV4 *how, Str path, Arena *arena)
{
    if (how->normalise_path)
        path = normalised(path, arena);
    if (how->encode_path)
        append_encoded_path(to, path);
    else
        str_append(to, path);
}

static gint
pair_compare(gconstpointer a, gconstpointer b)
{
    const Pair *x = a, *y = b;
    int order = str_compare(x->name, y->name);

    return order != 0 ? order : str_compare(x->value, y->value);
}

/* Decoded where it was encoded, then encoded in the one way that is signed. */
static Str
encoded_again(Str text, Arena *arena)
{
    g_autoptr(GString) plain = g_string_new("");
    g_autoptr(GString) encoded = g_string_new("");

    if (!http_decode(text, false, plain))
        g_string_append_len(g_string_truncate(plain, 0), text.at, (gssize)text.size);
    http_encode_query(encoded, str_of_gstring(plain));
    return arena_str(arena, str_of_gstring(encoded));
}

static void
pairs_add_query(GArray *pairs, Str query, Arena *arena)
{
    Str rest = query;

    while (!str_is_empty(rest)) {
        Str value = str_cut(&rest, '&'), name = str_cut(&value, '=');
        Pair pair = {encoded_again(name, arena), value.at != NULL ? encoded_again(value, arena) : STR("")};

        if (!str_is_empty(name) || value.at != NULL)
            g_array_append_val(pairs, pair);
    }
}

static void
pairs_add(GArray *pairs, const char *name, Str value)
{
    Pair pair = {str_of(name), value};

    g_array_append_val(pairs, pair);
}

static void
append_query(GString *to, GArray *pairs)
{
    g_array_sort(pairs, pair_compare);
    for (guint i = 0; i < pairs->len; i++) {
        const Pair *pair = &g_array_index(pairs, Pair, i);

        if (i > 0)
            g_string_append_c(to, '&');
        str_append(to, pair->name);
        g_string_append_c(to, '=');
        str_append(to, pair->value);
    }
}

/* Trimmed, and every run of white space one blank. */
static Str
single_spaced(Str value, Arena *arena)
{
    g_autoptr(GString) text = g_string_new("");
    bool space = false;

    value = str_trim(value);
    for (size_t i = 0; i < value.size; i++) {
        if (g_ascii_isspace(value.at[i])) {
            space = true;
            continue;
        }
        if (space)
            g_string_append_c(text, ' ');
        space = false;
        g_string_append_c(text, value.at[i]);
    }
    return arena_str(arena, str_of_gstring(text));
}

static gint
name_compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The headers by lower-case name; those of one name joined in the order in which they were sent. */
static void
canonical_headers(HttpHeaders headers, Str host, Arena *arena, GString *lines, GString *names)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    g_autoptr(GHashTable) joined = g_hash_table_new(g_str_hash, g_str_equal);

    for (size_t i = 0; i <= headers.count; i++) {
        bool last = i == headers.count;
        g_autofree char *lower =
            last ? g_strdup("host") : g_ascii_strdown(headers.items[i].name.at, (gssize)headers.items[i].name.size);
        char *name = arena_strdup(arena, str_of(lower)), *before = g_hash_table_lookup(joined, name);
        Str value = last ? host : single_spaced(headers.items[i].value, arena);

        if (last && before != NULL)
            break;
        if (before == NULL)
            g_ptr_array_add(sorted, name);
        else
            value = arena_printf(arena, "%s,%.*s", before, STR_FORMAT(value));
        g_hash_table_replace(joined, name, arena_strdup(arena, value));
    }
    g_ptr_array_sort(sorted, name_compare);
    for (guint i = 0; i < sorted->len; i++) {
        const char *name = g_ptr_array_index(sorted, i);

        g_string_append_printf(lines, "%s:%s\n", name, (char *)g_hash_table_lookup(joined, name));
        g_string_append_printf(names, "%s%s", i > 0 ? ";" : "", name);
    }
}

static void
hmac(const guint8 *key, gsize key_size, Str text, guint8 *to)
{
    g_autoptr(GHmac) state = g_hmac_new(G_CHECKSUM_SHA256, key, key_size);
    gsize size = SHA256_SIZE;

    g_hmac_update(state, (const guchar *)text.at, (gssize)text.size);
    g_hmac_get_digest(state, to, &size);
}

static Str
signature_of(const SigV4 *how, Str date, Str string_to_sign, Arena *arena)
{
    g_autofree char *seed = g_strconcat("AWS4", how->secret_key, NULL);
    g_autoptr(GString) hex = g_string_new("");
    guint8 key[SHA256_SIZE], next[SHA256_SIZE];

    hmac((const guint8 *)seed, strlen(seed), date, key);
    hmac(key, sizeof key, str_of(how->region), next);
    hmac(next, sizeof next, str_of(how->service), key);
    hmac(key, sizeof key, STR("aws4_request"), next);
    hmac(next, sizeof next, string_to_sign, key);
    for (size_t i = 0; i < sizeof key; i++)
        g_string_append_printf(hex, "%02x", key[i]);
    return arena_str(arena, str_of_gstring(hex));
}

/* "20150830T123600Z" */
static Str
time_of(int64_t us, Arena *arena)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(us / US_PER_SECOND);
    g_autofree char *text = g_date_time_format(time, "%Y%m%dT%H%M%SZ");

    return arena_str(arena, str_of(text));
}

static Str
scope_of(const SigV4 *how, Str time, Arena *arena)
{
    return arena_printf(arena, "%.*s/%s/%s/aws4_request", DATE_SIZE, time.at, how->region, how->service);
}

/* The last two steps, which headers and query have in common. */
static void
sign_canonical(const SigV4 *how, Str time, const GString *canonical, Arena *arena, SigV4Signed *to)
{
    g_autofree char *digest =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)canonical->str, canonical->len);
    Str scope = scope_of(how, time, arena);

    to->canonical_request = arena_str(arena, str_of_gstring(canonical));
    to->string_to_sign = arena_printf(arena, ALGORITHM "\n%s\n%s\n%s", time.at, scope.at, digest);
    to->signature = signature_of(how, str_slice(time, 0, DATE_SIZE), to->string_to_sign, arena);
}

static void
append_canonical(GString *to, const SigV4 *how, const HttpRequest *request, const Address *address, GArray *pairs,
                 Arena *arena)
{
    g_string_append_printf(to, "%s\n", request->method);
    append_path(to, how, address->path, arena);
    g_string_append_c(to, '\n');
    append_query(to, pairs);
    g_string_append_c(to, '\n');
}

bool
sigv4_sign(const SigV4 *how, const HttpRequest *request, const char *payload_sha256, Arena *arena,
           SigV4Signed *ret_signed, GError **error)
{
    g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(Pair));
    g_autoptr(GString) canonical = g_string_new("");
    g_autoptr(GString) lines = g_string_new("");
    g_autoptr(GString) names = g_string_new("");
    HttpHeader *headers = ARENA_ARRAY(arena, HttpHeader, request->headers.count + 4);
    size_t count = request->headers.count;
    Str time = time_of(how->now_us, arena), scope = scope_of(how, time, arena);
    SigV4Signed done = {.url = str_of(request->url)};
    Address address;

    if (!address_of(request->url, arena, &address, error))
        return false;
    if (count > 0)
        memcpy(headers, request->headers.items, count * sizeof *headers);
    headers[count++] = (HttpHeader){STR("x-amz-date"), time};
    if (how->content_sha256)
        headers[count++] = (HttpHeader){STR(DIGEST_HEADER), arena_str(arena, str_of(payload_sha256))};
    if (how->session_token != NULL)
        headers[count++] = (HttpHeader){STR(TOKEN_HEADER), arena_str(arena, str_of(how->session_token))};
    pairs_add_query(pairs, address.query, arena);
    append_canonical(canonical, how, request, &address, pairs, arena);
    canonical_headers((HttpHeaders){headers, count}, address.host, arena, lines, names);
    g_string_append_printf(canonical, "%s\n%s\n%s", lines->str, names->str, payload_sha256);
    sign_canonical(how, time, canonical, arena, &done);
    headers[count++] = (HttpHeader){STR("authorization"),
                                    arena_printf(arena, ALGORITHM " Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                                                 how->access_key, scope.at, names->str, done.signature.at)};
    done.headers = (HttpHeaders){headers, count};
    *ret_signed = done;
    return true;
}

bool
sigv4_presign(const SigV4 *how, const HttpRequest *request, const char *payload_sha256, int64_t expires_s, Arena *arena,
              SigV4Signed *ret_signed, GError **error)
{
    g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(Pair));
    g_autoptr(GString) canonical = g_string_new("");
    g_autoptr(GString) lines = g_string_new("");
    g_autoptr(GString) names = g_string_new("");
    g_autoptr(GString) query = g_string_new("");
    Str time = time_of(how->now_us, arena), scope = scope_of(how, time, arena), url = str_of(request->url);
    SigV4Signed done = {.headers = request->headers};
    Address address;

    if (!address_of(request->url, arena, &address, error))
        return false;
    canonical_headers(request->headers, address.host, arena, lines, names);
    pairs_add_query(pairs, address.query, arena);
    pairs_add(pairs, "X-Amz-Algorithm", STR(ALGORITHM));
    pairs_add(pairs, "X-Amz-Credential", encoded_again(arena_printf(arena, "%s/%s", how->access_key, scope.at), arena));
    pairs_add(pairs, "X-Amz-Date", time);
    pairs_add(pairs, "X-Amz-Expires", arena_printf(arena, "%" G_GINT64_FORMAT, expires_s));
    if (how->session_token != NULL)
        pairs_add(pairs, "X-Amz-Security-Token", encoded_again(str_of(how->session_token), arena));
    pairs_add(pairs, "X-Amz-SignedHeaders", encoded_again(str_of_gstring(names), arena));
    append_canonical(canonical, how, request, &address, pairs, arena);
    g_string_append_printf(canonical, "%s\n%s\n%s", lines->str, names->str, payload_sha256);
    sign_canonical(how, time, canonical, arena, &done);
    append_query(query, pairs);
    done.url = arena_printf(arena, "%.*s?%s&X-Amz-Signature=%s", STR_FORMAT(str_cut(&url, '?')), query->str,
                            done.signature.at);
    *ret_signed = done;
    return true;
}
