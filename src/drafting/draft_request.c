#include "drafting/draft_request.h"

#include "net/http.h"

#define ORIGIN "https://www.example.com"

typedef enum { WORD_TEXT, WORD_PAGE, WORD_OFFSET, WORD_SIZE, WORD_CURSOR, WORD_SECRET } WordKind;

static const struct {
    const char *name, *value;
    WordKind kind;
    bool is_keywords;
} WORDS[] = {
    {"q", "{keywords}", WORD_TEXT, true},
    {"query", "{keywords}", WORD_TEXT, true},
    {"keyword", "{keywords}", WORD_TEXT, true},
    {"keywords", "{keywords}", WORD_TEXT, true},
    {"what", "{keywords}", WORD_TEXT, true},
    {"search", "{keywords}", WORD_TEXT, true},
    {"searchterm", "{keywords}", WORD_TEXT, true},
    {"k", "{keywords}", WORD_TEXT, true},
    {"was", "{keywords}", WORD_TEXT, true},
    {"motscles", "{keywords}", WORD_TEXT, true},
    {"where", "{location}", WORD_TEXT, false},
    {"location", "{location}", WORD_TEXT, false},
    {"locationname", "{location}", WORD_TEXT, false},
    {"l", "{location}", WORD_TEXT, false},
    {"wo", "{location}", WORD_TEXT, false},
    {"city", "{location}", WORD_TEXT, false},
    {"country", "{country}", WORD_TEXT, false},
    {"countrycode", "{country}", WORD_TEXT, false},
    {"radius", "{radius_km}", WORD_TEXT, false},
    {"distance", "{radius_km}", WORD_TEXT, false},
    {"umkreis", "{radius_km}", WORD_TEXT, false},
    {"userip", "{user_ip}", WORD_TEXT, false},
    {"useragent", "{user_agent}", WORD_TEXT, false},
    {"ip", "{user_ip}", WORD_TEXT, false},
    {"page", "{page}", WORD_PAGE, false},
    {"p", "{page}", WORD_PAGE, false},
    {"pagenumber", "{page}", WORD_PAGE, false},
    {"pageno", "{page}", WORD_PAGE, false},
    {"offset", "{offset}", WORD_OFFSET, false},
    {"start", "{offset}", WORD_OFFSET, false},
    {"skip", "{offset}", WORD_OFFSET, false},
    {"from", "{offset}", WORD_OFFSET, false},
    {"resultstoskip", "{offset}", WORD_OFFSET, false},
    {"limit", "{per_page}", WORD_SIZE, false},
    {"size", "{per_page}", WORD_SIZE, false},
    {"pagesize", "{per_page}", WORD_SIZE, false},
    {"perpage", "{per_page}", WORD_SIZE, false},
    {"count", "{per_page}", WORD_SIZE, false},
    {"resultsperpage", "{per_page}", WORD_SIZE, false},
    {"resultstotake", "{per_page}", WORD_SIZE, false},
    {"cursor", "{cursor}", WORD_CURSOR, false},
    {"pagetoken", "{cursor}", WORD_CURSOR, false},
    {"after", "{cursor}", WORD_CURSOR, false},
    {"key", NULL, WORD_SECRET, false},
    {"apikey", NULL, WORD_SECRET, false},
    {"appid", NULL, WORD_SECRET, false},
    {"appkey", NULL, WORD_SECRET, false},
    {"token", NULL, WORD_SECRET, false},
    {"accesstoken", NULL, WORD_SECRET, false},
    {"apitoken", NULL, WORD_SECRET, false},
    {"secret", NULL, WORD_SECRET, false},
    {"clientsecret", NULL, WORD_SECRET, false},
    {"clientid", NULL, WORD_SECRET, false},
    {"pass", NULL, WORD_SECRET, false},
    {"password", NULL, WORD_SECRET, false},
    {"publisher", NULL, WORD_SECRET, false},
    {"publisherid", NULL, WORD_SECRET, false},
    {"affid", NULL, WORD_SECRET, false},
    {"affiliateid", NULL, WORD_SECRET, false},
    {"partnerid", NULL, WORD_SECRET, false},
    {"signature", NULL, WORD_SECRET, false},
    {"sig", NULL, WORD_SECRET, false},
    {"auth", NULL, WORD_SECRET, false},
};

static const char *
double_braces(Str text, Arena *arena)
{
    text = arena_replace(arena, arena_replace(arena, text, STR("{"), STR("{{")), STR("}"), STR("}}"));
    return arena_strdup(arena, text);
}

/* ACME_API_KEY of "acme" and "api_key". */
static const char *
secret_name(const DraftSpec *spec, Str name, Arena *arena)
{
    g_autofree char *text = g_strdup_printf("%s_%.*s", spec->name, STR_FORMAT(name));

    for (char *c = text; *c != '\0'; c++)
        *c = g_ascii_isalnum(*c) ? g_ascii_toupper(*c) : '_';
    return arena_strdup(arena, str_of(text));
}

static void
take_number(DraftRequest *request, WordKind kind, Str value)
{
    int64_t number;

    request->has_page |= kind == WORD_PAGE;
    request->has_offset |= kind == WORD_OFFSET;
    request->has_cursor |= kind == WORD_CURSOR;
    if (!str_to_int64(value, &number) || number < 0)
        return;
    if (kind == WORD_SIZE)
        request->size = number;
    else if (kind == WORD_PAGE || kind == WORD_OFFSET)
        request->first = MIN(number, 1);
}

static void
take_pair(DraftRequest *request, const DraftSpec *spec, Str name, Str value, Arena *arena)
{
    const char *key = name_fold(name, arena), *text = double_braces(value, arena);

    for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++) {
        if (strcmp(WORDS[i].name, key) != 0)
            continue;
        request->has_keywords |= WORDS[i].is_keywords;
        take_number(request, WORDS[i].kind, value);
        if (WORDS[i].kind == WORD_SECRET) {
            const char *secret = secret_name(spec, name, arena);

            g_ptr_array_add(request->secrets, (char *)secret);
            text = arena_printf(arena, "${%s}", secret).at;
        } else {
            text = WORDS[i].value;
        }
    }
    g_ptr_array_add(request->names, (char *)arena_strdup(arena, name));
    g_ptr_array_add(request->values, (char *)text);
}

static Str
decoded(Str text, Arena *arena)
{
    g_autoptr(GString) to = g_string_new(NULL);

    return http_decode(text, true, to) ? arena_str(arena, str_of_gstring(to)) : arena_str(arena, text);
}

void
draft_request_init(DraftRequest *request, const DraftSpec *spec, Arena *arena)
{
    Str whole = str_of(spec->list_url), rest = whole.at != NULL ? str_cut(&whole, '#') : STR_NONE;
    Str url = rest.at != NULL ? str_cut(&rest, '?') : STR_NONE;

    *request = (DraftRequest){
        .names = g_ptr_array_new(), .values = g_ptr_array_new(), .secrets = g_ptr_array_new(), .first = -1};
    request->url = url.at != NULL ? double_braces(url, arena) : arena_printf(arena, ORIGIN "/%s", spec->name).at;
    while (rest.at != NULL && url.at != NULL) {
        Str value = str_cut(&rest, '&'), name = str_cut(&value, '=');

        if (name.size > 0)
            take_pair(request, spec, decoded(name, arena), value.at != NULL ? decoded(value, arena) : STR(""), arena);
    }
}

void
draft_request_clear(DraftRequest *request)
{
    g_clear_pointer(&request->names, g_ptr_array_unref);
    g_clear_pointer(&request->values, g_ptr_array_unref);
    g_clear_pointer(&request->secrets, g_ptr_array_unref);
}

const char *
draft_request_origin(const DraftSpec *spec, Arena *arena)
{
    Str url = str_of(spec->list_url);
    ptrdiff_t host = url.at != NULL ? str_find(url, STR("://")) : -1;
    size_t end;

    if (host < 0)
        return ORIGIN;
    for (end = (size_t)host + 3; end < url.size && strchr("/?#", url.at[end]) == NULL;)
        end++;
    return arena_strdup(arena, str_slice(url, 0, end));
}
