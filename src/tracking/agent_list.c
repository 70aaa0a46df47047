#include "tracking/agent_list.h"

#define PAIRS 65536
#define NONE  (-1)
#define LEAST 2 /* bytes of a text that is looked for */

typedef struct {
    Str text; /* owned; absent when every user agent is to be tried */
    bool at_start;
    GRegex *regex; /* NULL: the text is all there is to it */
    int next;      /* the next one whose text has the same first two bytes; NONE ends */
} Pattern;

struct AgentList {
    bool ignores_case;
    GArray *patterns;
    GArray *textless;         /* of int: those without a text */
    uint8_t pairs[PAIRS / 8]; /* which two bytes begin a text: small enough to stay in the cache */
    int first[PAIRS];         /* by the first two bytes */
};

AgentList *
agent_list_new(bool ignores_case)
{
    AgentList *list = g_new0(AgentList, 1);

    list->ignores_case = ignores_case;
    list->patterns = g_array_new(FALSE, FALSE, sizeof(Pattern));
    list->textless = g_array_new(FALSE, FALSE, sizeof(int));
    for (size_t i = 0; i < PAIRS; i++)
        list->first[i] = NONE;
    return list;
}

void
agent_list_free(AgentList *list)
{
    if (list == NULL)
        return;
    for (guint i = 0; i < list->patterns->len; i++) {
        Pattern *pattern = &g_array_index(list->patterns, Pattern, i);

        g_free((char *)pattern->text.at);
        g_clear_pointer(&pattern->regex, g_regex_unref);
    }
    g_array_unref(list->patterns);
    g_array_unref(list->textless);
    g_free(list);
}

/* The size of the class that begins there. A ] that stands first is one of its characters; names, as [:digit:], end with
 * one of their own. All of it when it has no end. */
static size_t
class_size(Str at)
{
    size_t i = at.size > 1 && at.at[1] == '^' ? 2 : 1;

    if (i < at.size && at.at[i] == ']')
        i++;
    for (; i < at.size; i++) {
        Str rest = str_slice(at, i, at.size);

        if (rest.at[0] == ']')
            return i + 1;
        if (rest.at[0] == '\\')
            i++;
        else if (str_starts_with(rest, STR("[:")) && str_find(rest, STR(":]")) > 1)
            i += (size_t)str_find(rest, STR(":]")) + 1;
    }
    return at.size;
}

/* The size of the group that begins there, with those within it. All of it when it has no end. */
static size_t
group_size(Str at)
{
    unsigned depth = 0;

    for (size_t i = 0; i < at.size; i++) {
        if (at.at[i] == '\\')
            i++;
        else if (at.at[i] == '[')
            i += class_size(str_slice(at, i, at.size)) - 1;
        else if (at.at[i] == '(')
            depth++;
        else if (at.at[i] == ')' && --depth == 0)
            return i + 1;
    }
    return at.size;
}

/* One piece of a pattern: how long it is, and the character that it stands for; 0 when it is more or less than one. */
static size_t
piece_read(Str at, char *ret_character)
{
    size_t size = 1;

    *ret_character = 0;
    if (at.at[0] == '\\' && at.size > 1) {
        size = 2;
        *ret_character = g_ascii_isalnum(at.at[1]) ? 0 : at.at[1];
    } else if (at.at[0] == '[') {
        size = class_size(at);
    } else if (at.at[0] == '(') {
        size = group_size(at);
    } else if (strchr(".^$", at.at[0]) == NULL) {
        *ret_character = at.at[0];
    }
    if (size < at.size && strchr("?*+{", at.at[size]) != NULL) {
        *ret_character = 0;
        while (size < at.size && strchr("?*+{", at.at[size]) != NULL) {
            ptrdiff_t end = at.at[size] == '{' ? str_find_char(str_slice(at, size, at.size), '}') : 0;

            size += 1 + (size_t)MAX(end, 0);
        }
    }
    return size;
}

/* Whether one can tell from the characters of a pattern what a match contains. */
static bool
can_be_read(Str pattern)
{
    for (size_t i = 0; i + 1 < pattern.size; i++)
        if (pattern.at[i] == '(' && pattern.at[i + 1] == '?')
            return false;
        else if (pattern.at[i] == '\\' && g_ascii_isalnum(pattern.at[i + 1]) &&
                 strchr("dDsSwWbB", pattern.at[i + 1]) == NULL)
            return false;
        else if (pattern.at[i] == '\\')
            i++;
    return true;
}

/* Finds the longest text that each match contains. True when it is the whole pattern, but for a ^ that was read before. */
static bool
text_find(Str pattern, GString *ret_text)
{
    g_autoptr(GString) run = g_string_new(NULL);
    bool is_whole = true;

    if (!can_be_read(pattern))
        return false;
    while (pattern.size > 0) {
        char character;
        size_t size;

        if (pattern.at[0] == '|') {
            g_string_truncate(ret_text, 0);
            return false;
        }
        size = piece_read(pattern, &character);
        if (character == 0) {
            is_whole = false;
            g_string_truncate(run, 0);
        } else {
            g_string_append_c(run, character);
        }
        if (run->len > ret_text->len)
            g_string_assign(ret_text, run->str);
        pattern = str_slice(pattern, size, pattern.size);
    }
    return is_whole;
}

static size_t
pair_at(const char *bytes)
{
    return (size_t)(unsigned char)bytes[0] << 8 | (unsigned char)bytes[1];
}

static void
pattern_keep(AgentList *list, Pattern *pattern)
{
    int number = (int)list->patterns->len;

    if (pattern->text.at == NULL) {
        g_array_append_val(list->textless, number);
    } else {
        size_t pair = pair_at(pattern->text.at);

        pattern->next = list->first[pair];
        list->first[pair] = number;
        list->pairs[pair / 8] |= (uint8_t)(1u << pair % 8);
    }
    g_array_append_vals(list->patterns, pattern, 1);
}

static GRegex *
regex_compile(const AgentList *list, const char *text, GError **error)
{
    g_autoptr(GError) cause = NULL;
    /* RAW: a user agent need not be UTF-8. */
    g_autoptr(GRegex) regex = g_regex_new(
        text, (GRegexCompileFlags)(G_REGEX_RAW | G_REGEX_OPTIMIZE | (list->ignores_case ? G_REGEX_CASELESS : 0)), 0,
        &cause);

    if (regex == NULL) {
        weir_fail(error, WEIR_ERROR_INVALID, "the pattern %s: %s", text, cause->message);
        return NULL;
    }
    if (g_regex_match_full(regex, "- - -", -1, 0, 0, NULL, NULL)) {
        weir_fail(error, WEIR_ERROR_INVALID, "the pattern %s matches nearly everything", text);
        return NULL;
    }
    return g_steal_pointer(&regex);
}

static bool
alternative_add(AgentList *list, Str pattern, GError **error)
{
    g_autofree char *copy = str_dup(pattern);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GRegex) regex = regex_compile(list, copy, error);
    bool at_start = str_starts_with(pattern, STR("^")), is_whole;
    Pattern kept = {.next = NONE};

    if (regex == NULL)
        return false;
    is_whole = text_find(str_slice(pattern, at_start ? 1 : 0, pattern.size), text);
    if (list->ignores_case)
        g_string_ascii_down(text);
    if (text->len >= LEAST)
        kept.text = (Str){g_strndup(text->str, text->len), text->len};
    if (is_whole && kept.text.at != NULL)
        kept.at_start = at_start;
    else
        kept.regex = g_steal_pointer(&regex);
    pattern_keep(list, &kept);
    return true;
}

/* Where the first of the alternatives that a pattern consists of ends: at a bar outside of brackets; else at its end. */
static size_t
alternative_size(Str pattern)
{
    size_t size = 0;

    while (size < pattern.size && pattern.at[size] != '|') {
        char character;

        size += piece_read(str_slice(pattern, size, pattern.size), &character);
    }
    return size;
}

/* Each alternative has a text of its own to be looked for. */
bool
agent_list_add(AgentList *list, Str pattern, GError **error)
{
    size_t size = can_be_read(pattern) ? alternative_size(pattern) : pattern.size;
    g_autofree char *whole = str_dup(pattern);
    g_autoptr(GRegex) regex = size < pattern.size ? regex_compile(list, whole, error) : NULL;

    /* All of it, or nothing. */
    if (size < pattern.size && regex == NULL)
        return false;
    while (size < pattern.size) {
        if (!alternative_add(list, str_slice(pattern, 0, size), error))
            return false;
        pattern = str_slice(pattern, size + 1, pattern.size);
        size = alternative_size(pattern);
    }
    return alternative_add(list, pattern, error);
}

static bool
regex_has(const GRegex *regex, Str user_agent)
{
    return user_agent.size > 0 && g_regex_match_full(regex, user_agent.at, (gssize)user_agent.size, 0, 0, NULL, NULL);
}

static bool
has_text_at(const AgentList *list, Str user_agent, size_t at)
{
    Str rest = str_slice(user_agent, at, user_agent.size);

    for (int i = list->first[pair_at(rest.at)]; i != NONE;) {
        const Pattern *pattern = &g_array_index(list->patterns, Pattern, i);

        if (str_starts_with(rest, pattern->text) && (!pattern->at_start || at == 0) &&
            (pattern->regex == NULL || regex_has(pattern->regex, user_agent)))
            return true;
        i = pattern->next;
    }
    return false;
}

bool
agent_list_has(const AgentList *list, Str user_agent)
{
    for (size_t at = 0; at + 1 < user_agent.size; at++) {
        size_t pair = pair_at(user_agent.at + at);

        if ((list->pairs[pair / 8] >> pair % 8 & 1) != 0 && has_text_at(list, user_agent, at))
            return true;
    }
    for (guint i = 0; i < list->textless->len; i++)
        if (regex_has(g_array_index(list->patterns, Pattern, g_array_index(list->textless, int, i)).regex, user_agent))
            return true;
    return false;
}

size_t
agent_list_size(const AgentList *list)
{
    return list->patterns->len;
}
