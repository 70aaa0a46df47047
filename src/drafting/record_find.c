#include "drafting/record_find.h"

#include <math.h>

#define CANDIDATES_LIMIT 300
#define DEPTH_LIMIT      10
#define TRIAL_RECORDS    40

typedef struct {
    const char *path;
    GPtrArray *nodes;
    size_t count;
    unsigned depth;
    bool is_list; /* repeated: else one object that stands alone */
    bool is_rows;
    const char *key; /* what it is called */
} Candidate;

typedef struct {
    Arena *arena;
    GHashTable *by_path;           /* of Candidate */
    GPtrArray *candidates, *names; /* names: of NameList */
    bool is_xml;
} Search;

/* A list of texts that may be the names of columns. */
typedef struct {
    const char *path;
    const Node *list, *member_of; /* of items that are objects: which member */
    Str member;
    size_t count;
} NameList;

/* ---- what there is ---- */

static void
search_add(Search *search, const char *path, const Node *node, const char *key, unsigned depth, bool is_list)
{
    Candidate *candidate = g_hash_table_lookup(search->by_path, path);

    if (candidate == NULL) {
        if (search->candidates->len >= CANDIDATES_LIMIT)
            return;
        candidate = ARENA_NEW(search->arena, Candidate);
        *candidate = (Candidate){.path = arena_strdup(search->arena, str_of(path)),
                                 .nodes = g_ptr_array_new(),
                                 .depth = depth,
                                 .is_list = is_list,
                                 .is_rows = node->kind == NODE_LIST,
                                 .key = key};
        g_hash_table_insert(search->by_path, (char *)candidate->path, candidate);
        g_ptr_array_add(search->candidates, candidate);
    }
    candidate->count++;
    if (candidate->nodes->len < LEAF_RECORDS_LIMIT)
        g_ptr_array_add(candidate->nodes, (Node *)(uintptr_t)node);
}

static bool
is_text_list(const Node *list)
{
    for (const Node *item = list->first; item != NULL; item = item->next)
        if (item->kind != NODE_SCALAR || item->value.kind != VALUE_TEXT)
            return false;
    return list->first != NULL;
}

static size_t
count_children(const Node *node)
{
    size_t count = 0;

    for (const Node *child = node->first; child != NULL; child = child->next)
        count++;
    return count;
}

/* Names as they stand: ["Date", "Title"], or [{"name": "Date"}, ...]. */
static void
search_note_names(Search *search, const Node *list, const char *path)
{
    static const char *const MEMBERS[] = {"name", "label", "key", "field", "id"};
    NameList *names;

    if (search->names->len >= 50 || list->first == NULL || list->first->next == NULL)
        return;
    names = ARENA_NEW(search->arena, NameList);
    *names = (NameList){.path = arena_strdup(search->arena, str_of(path)), .list = list, .count = count_children(list)};
    if (is_text_list(list)) {
        g_ptr_array_add(search->names, names);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(MEMBERS) && names->member.at == NULL; i++)
        for (const Node *member = list->first->first; member != NULL; member = member->next)
            if (list->first->kind == NODE_OBJECT && str_is(member->name, MEMBERS[i]))
                names->member = member->name;
    if (names->member.at != NULL) {
        names->path = arena_printf(search->arena, "%s.%.*s", path, STR_FORMAT(names->member)).at;
        g_ptr_array_add(search->names, names);
    }
}

static void search_node(Search *search, const Node *node, GString *path, const char *key, unsigned depth);

static void
search_list(Search *search, const Node *list, GString *path, const char *key, unsigned depth)
{
    size_t length = path->len;

    search_note_names(search, list, path->len > 0 ? path->str : ".");
    g_string_append(path, "[*]");
    for (const Node *item = list->first; item != NULL; item = item->next) {
        if (item->kind != NODE_SCALAR && item->first != NULL)
            search_add(search, path->str, item, key, depth, true);
        for (const Node *child = item->first; child != NULL && item->kind == NODE_OBJECT; child = child->next) {
            size_t inner = path->len;

            if (child->kind != NODE_SCALAR && path_add_member(path, child->name))
                search_node(search, child, path, name_fold(child->name, search->arena), depth + 1);
            g_string_truncate(path, inner);
        }
    }
    g_string_truncate(path, length);
}

static void
search_element(Search *search, const Node *node, GString *path, const char *key, unsigned depth)
{
    size_t length = path->len;

    g_string_append(path, "[*]");
    search_add(search, path->str, node, key, depth, true);
    g_string_truncate(path, length);
}

static bool
has_member(const Node *node, Str name)
{
    for (const Node *child = node->first; child != NULL; child = child->next)
        if (str_equal(child->name, name))
            return true;
    return false;
}

/* Whether the members of an object are things of one kind, called by their ids: objects with the same members as the first. */
static bool
is_keyed_list(const Node *node)
{
    const Node *first = node->first;
    size_t members = 0, alike = 0;

    if (first == NULL || first->next == NULL)
        return false;
    for (const Node *child = first; child != NULL; child = child->next) {
        if (child->kind != NODE_OBJECT || child->first == NULL)
            return false;
        for (const Node *member = child->first; member != NULL; member = member->next) {
            members++;
            alike += has_member(first, member->name);
        }
    }
    return alike * 4 >= members * 3;
}

static void
search_keyed(Search *search, const Node *node, GString *path, const char *key, unsigned depth)
{
    size_t length = path->len;

    g_string_append(path, path->len > 0 ? ".*" : "*");
    for (const Node *child = node->first; child != NULL; child = child->next)
        search_add(search, path->str, child, key, depth, true);
    g_string_truncate(path, length);
}

static void
search_node(Search *search, const Node *node, GString *path, const char *key, unsigned depth)
{
    size_t length = path->len;

    if (depth > DEPTH_LIMIT || node->kind == NODE_SCALAR)
        return;
    if (node->kind == NODE_LIST) {
        search_list(search, node, path, key, depth);
        return;
    }
    if (node->kind == NODE_ELEMENT && node->first != NULL)
        search_element(search, node, path, key, depth);
    else if (node->kind == NODE_OBJECT && !search->is_xml && is_keyed_list(node))
        search_keyed(search, node, path, key, depth);
    else if (node->kind == NODE_OBJECT && !search->is_xml && node->first != NULL)
        search_add(search, path->len > 0 ? path->str : ".", node, key, depth, false);
    for (const Node *child = node->first; child != NULL; child = child->next) {
        if (child->kind != NODE_SCALAR && path_add_member(path, child->name))
            search_node(search, child, path, name_fold(child->name, search->arena), depth + 1);
        g_string_truncate(path, length);
    }
}

/* ---- how much each looks like listings ---- */

static bool
is_usual_name(const char *key)
{
    static const char *const NAMES[] = {
        "item",
        "items",
        "entry",
        "job",
        "jobs",
        "jobad",
        "offer",
        "offers",
        "offre",
        "offres",
        "vacancy",
        "vacancies",
        "position",
        "positions",
        "listing",
        "listings",
        "results",
        "result",
        "data",
        "hits",
        "postings",
        "jobpostings",
        "jobposting",
        "resultats",
        "stelle",
        "stellenangebote",
        "stellenangebot",
        "ofertas",
        "oferta",
        "vacatures",
        "vacature",
        "openings",
        "requisitionlist",
        "content",
        "searchresultitems",
        "ads",
        "records",
        "rows",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
        if (strcmp(NAMES[i], key) == 0)
            return true;
    return false;
}

/* The names beside a list of rows: as many as the first row has items. */
static void
find_columns(const Search *search, const Candidate *candidate, Arena *arena, RecordGuess *guess)
{
    size_t width = count_children(candidate->nodes->pdata[0]);

    for (guint i = 0; i < search->names->len; i++) {
        const NameList *names = search->names->pdata[i];
        size_t at = 0;
        Str *texts;

        if (names->count != width || names->list == candidate->nodes->pdata[0])
            continue;
        texts = ARENA_ARRAY(arena, Str, width);
        for (const Node *item = names->list->first; item != NULL && at < width; item = item->next) {
            const Node *name = item;

            if (names->member.at != NULL)
                for (name = item->first; name != NULL && !str_equal(name->name, names->member);)
                    name = name->next;
            texts[at++] = name != NULL ? name->value.text : STR("");
        }
        guess->columns = names->path;
        guess->names = (Columns){texts, width};
        return;
    }
}

static void
candidate_score(const Search *search, const Candidate *candidate, Arena *arena, RecordGuess *ret_guess)
{
    g_autoptr(Arena) scratch = arena_new(64 * 1024);
    g_auto(Leaves) leaves;
    g_autofree Looks *looks = NULL;
    Guesses guesses;

    *ret_guess = (RecordGuess){.path = candidate->path, .nodes = candidate->nodes, .count = candidate->count};
    if (candidate->is_rows)
        find_columns(search, candidate, arena, ret_guess);
    leaves_init(&leaves, scratch);
    for (guint i = 0; i < MIN(candidate->nodes->len, TRIAL_RECORDS); i++)
        leaves_add_record(&leaves, candidate->nodes->pdata[i], ret_guess->names, NULL);
    looks = leaves_look(&leaves);
    guesses_make(&leaves, looks, &guesses);
    /* A lone object with some words in it is an error as likely as a listing. */
    if (guesses.best[DRAFT_URL].leaf == NULL && !guesses.best[DRAFT_TITLE].by_name &&
        (!candidate->is_list || candidate->count < 2))
        return;
    ret_guess->score = guesses_listing_score(&guesses) * (candidate->is_list ? 1 : 0.6) *
                       (1 + 0.03 * MIN(log2((double)candidate->count), 6)) * (is_usual_name(candidate->key) ? 1.12 : 1);
    /* A list of something is a beginning, when there is nothing better. */
    ret_guess->score += candidate->is_list && candidate->count > 1 ? 0.01 : 0;
}

static void
keep_best(RecordGuesses *guesses, RecordGuess guess)
{
    for (size_t i = 0; i < RECORD_GUESSES; i++) {
        RecordGuess moved = guesses->items[i];

        if (i < guesses->count && moved.score >= guess.score)
            continue;
        guesses->items[i] = guess;
        if (i >= guesses->count) {
            guesses->count = i + 1;
            return;
        }
        guess = moved;
    }
    g_ptr_array_unref(guess.nodes);
}

void
records_find(const Sample *sample, Arena *arena, RecordGuesses *ret_guesses)
{
    g_autoptr(GHashTable) by_path = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) candidates = g_ptr_array_new(), names = g_ptr_array_new();
    g_autoptr(GString) path = g_string_new(NULL);
    Search search = {arena, by_path, candidates, names, sample->format == STREAM_XML};

    *ret_guesses = (RecordGuesses){0};
    search_node(&search, sample->root, path, "", 0);
    for (guint i = 0; i < candidates->len; i++) {
        const Candidate *candidate = candidates->pdata[i];
        RecordGuess guess;

        candidate_score(&search, candidate, arena, &guess);
        if (guess.score > 0)
            keep_best(ret_guesses, guess);
        else
            g_ptr_array_unref(candidate->nodes);
    }
}

void
record_guesses_clear(RecordGuesses *guesses)
{
    for (size_t i = 0; i < guesses->count; i++)
        g_ptr_array_unref(guesses->items[i].nodes);
    guesses->count = 0;
}
