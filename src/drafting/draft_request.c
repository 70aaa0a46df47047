#include "drafting/draft_request.h"

#include "net/http.h"

#define ORIGIN "https://www.example.com"

typedef enum { WORD_TEXT, WORD_KEYWORDS, WORD_PAGE, WORD_OFFSET, WORD_SIZE, WORD_CURSOR, WORD_SECRET } WordKind;

static const struct {
    const char *name, *value;
    WordKind kind;
} WORDS[] = {
    {"q", "{keywords}", WORD_KEYWORDS},
    {"query", "{keywords}", WORD_KEYWORDS},
    {"keyword", "{keywords}", WORD_KEYWORDS},
    {"keywords", "{keywords}", WORD_KEYWORDS},
    {"what", "{keywords}", WORD_KEYWORDS},
    {"search", "{keywords}", WORD_KEYWORDS},
    {"searchterm", "{keywords}", WORD_KEYWORDS},
    {"k", "{keywords}", WORD_KEYWORDS},
    {"was", "{keywords}", WORD_KEYWORDS},
    {"motscles", "{keywords}", WORD_KEYWORDS},
    {"where", "{location}", WORD_TEXT},
    {"location", "{location}", WORD_TEXT},
    {"locationname", "{location}", WORD_TEXT},
    {"l", "{location}", WORD_TEXT},
    {"wo", "{location}", WORD_TEXT},
    {"city", "{location}", WORD_TEXT},
    {"country", "{country}", WORD_TEXT},
    {"countrycode", "{country}", WORD_TEXT},
    {"radius", "{radius_km}", WORD_TEXT},
    {"distance", "{radius_km}", WORD_TEXT},
    {"umkreis", "{radius_km}", WORD_TEXT},
    {"userip", "{user_ip}", WORD_TEXT},
    {"useragent", "{user_agent}", WORD_TEXT},
    {"ip", "{user_ip}", WORD_TEXT},
    {"page", "{page}", WORD_PAGE},
    {"p", "{page}", WORD_PAGE},
    {"pagenumber", "{page}", WORD_PAGE},
    {"pageno", "{page}", WORD_PAGE},
    {"offset", "{offset}", WORD_OFFSET},
    {"start", "{offset}", WORD_OFFSET},
    {"skip", "{offset}", WORD_OFFSET},
    {"from", "{offset}", WORD_OFFSET},
    {"resultstoskip", "{offset}", WORD_OFFSET},
    {"limit", "{per_page}", WORD_SIZE},
    {"size", "{per_page}", WORD_SIZE},
    {"pagesize", "{per_page}", WORD_SIZE},
    {"perpage", "{per_page}", WORD_SIZE},
    {"count", "{per_page}", WORD_SIZE},
    {"resultsperpage", "{per_page}", WORD_SIZE},
    {"resultstotake", "{per_page}", WORD_SIZE},
    {"cursor", "{cursor}", WORD_CURSOR},
    {"pagetoken", "{cursor}", WORD_CURSOR},
    {"after", "{cursor}", WORD_CURSOR},
    {"key", NULL, WORD_SECRET},
    {"apikey", NULL, WORD_SECRET},
    {"appid", NULL, WORD_SECRET},
    {"appkey", NULL, WORD_SECRET},
    {"token", NULL, WORD_SECRET},
    {"accesstoken", NULL, WORD_SECRET},
    {"apitoken", NULL, WORD_SECRET},
    {"secret", NULL, WORD_SECRET},
    {"clientsecret", NULL, WORD_SECRET},
    {"clientid", NULL, WORD_SECRET},
    {"pass", NULL, WORD_SECRET},
    {"password", NULL, WORD_SECRET},
    {"publisher", NULL, WORD_SECRET},
    {"publisherid", NULL, WORD_SECRET},
    {"affid", NULL, WORD_SECRET},
    {"affiliateid", NULL, WORD_SECRET},
    {"partnerid", NULL, WORD_SECRET},
    {"signature", NULL, WORD_SECRET},
    {"sig", NULL, WORD_SECRET},
    {"auth", NULL, WORD_SECRET},
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
take_kind(DraftRequest *request, WordKind kind, Str value)
{
    int64_t number;

    request->has_keywords |= kind == WORD_KEYWORDS;
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
        take_kind(request, WORDS[i].kind, value);
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

    if (url.at == NULL || str_find(url, STR("://")) < 0)
        return ORIGIN;
    return arena_strdup(arena, str_slice(url, 0, http_origin_size(url)));
}
