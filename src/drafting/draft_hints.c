/* What a document says beside its records: how many there are, and where it goes on. */
#include "drafting/draft.h"

typedef struct {
    const char *what;
    bool is_number, is_url;
    const char *words[24]; /* the likeliest first */
} HintWords;

static const HintWords HINTS[] = {
    {"total", true, false, {"totalcount",    "totalresults", "totalfound",
                            "numfound",      "totalhits",    "nbhits",
                            "totalelements", "totalrecords", "searchresultcountall",
                            "totaljobs",     "jobcount",     "maxergebnisse",
                            "gesamt",        "nombretotal",  "totalitems",
                            "total",         "count",        "hits",
                            "resultcount",   "nbresultats",  "found"}},
    {"total_pages",
     true,
     false,
     {"totalpages", "pagecount", "lastpage", "numpages", "nbpages", "pages", "numberofpages", "totalpagecount",
      "pagestotal"}},
    {"next", false, true, {"linksnext", "nextpageurl", "nexturl", "nextlink", "nextpage", "next", "nexthref"}},
    {"cursor",
     false,
     false,
     {"nextcursor", "nextpagetoken", "nexttoken", "cursornext", "cursor", "pagetoken", "continuationtoken",
      "continuation", "after", "scrollid", "next"}},
    {"page", true, false, {"currentpage", "page", "pagenumber", "pageno", "pageindex"}},
    {"offset", true, false, {"offset", "start", "skip", "from"}},
};

static bool
is_digits(Str text)
{
    int64_t number;

    return str_to_int64(text, &number) && number >= 0;
}

static bool
fits(const HintWords *hint, const Leaf *leaf)
{
    Str value = leaf->firsts->len > 0 ? g_array_index(leaf->firsts, Str, 0) : STR_NONE;
    bool is_url = str_starts_with(value, STR("http")) || str_starts_with(value, STR("/"));

    if (leaf->most > 1)
        return false;
    if (hint->is_number)
        return is_digits(value);
    return value.size > 0 && value.size < 2000 && is_url == hint->is_url && (is_url || str_find_char(value, ' ') < 0) &&
           !str_equal_ignoring_case(value, STR("false")) && !str_equal_ignoring_case(value, STR("true"));
}

static const Leaf *
find_hint(const HintWords *hint, const Leaves *beside)
{
    for (size_t i = 0; i < G_N_ELEMENTS(hint->words) && hint->words[i] != NULL; i++)
        for (guint j = 0; j < beside->items->len; j++) {
            const Leaf *leaf = beside->items->pdata[j];
            g_autofree char *both = g_strconcat(leaf->parent, leaf->key, NULL);

            if ((strcmp(hint->words[i], leaf->key) == 0 || strcmp(hint->words[i], both) == 0) && leaf->depth <= 4 &&
                fits(hint, leaf))
                return leaf;
        }
    return NULL;
}

void
draft_find_hints(Draft *draft, const Leaves *beside)
{
    for (size_t i = 0; i < G_N_ELEMENTS(HINTS); i++) {
        const Leaf *leaf = find_hint(&HINTS[i], beside);
        DraftHint hint;

        if (leaf == NULL || (strcmp(HINTS[i].what, "cursor") == 0 && draft_hint(draft, "next") != NULL))
            continue;
        hint = (DraftHint){HINTS[i].what, leaf->path, draft_examples(leaf->firsts, 1, draft->arena)};
        g_array_append_val(draft->hints, hint);
    }
}

const char *
draft_hint(const Draft *draft, const char *what)
{
    for (guint i = 0; i < draft->hints->len; i++) {
        const DraftHint *hint = &g_array_index(draft->hints, DraftHint, i);

        if (strcmp(hint->what, what) == 0)
            return hint->path;
    }
    return NULL;
}
