#include "sources/template_filter.h"

#include "base/yaml.h"
#include "sources/moment.h"

#define TEXTS_LIMIT 1000 /* that split makes of one value */

typedef enum {
    ROLE_TEXT, /* text to text, by apply */
    ROLE_SUM,  /* plus and minus: numbers and moments */
    ROLE_TIME,
    ROLE_NUMBER,
    ROLE_OR,
    ROLE_SPLIT,
    ROLE_JOIN,
} Role;

typedef enum { TAKES_NOTHING, TAKES_TEXT, TAKES_MAYBE_TEXT, TAKES_TWO_TEXTS, TAKES_NUMBER, TAKES_NUMBERS } Takes;

struct TemplateFilterType {
    const char *name;
    Role role;
    Takes takes;
    Str (*apply)(const TemplateFilter *filter, Str value, Arena *arena);
};

/* ---- what filters do ---- */

static Str
change_case(Str value, Arena *arena, gchar (*change)(gchar))
{
    char *copy = arena_strdup(arena, value);

    for (size_t i = 0; i < value.size; i++)
        copy[i] = change(copy[i]);
    return (Str){copy, value.size};
}

static Str
apply_upper(const TemplateFilter *filter G_GNUC_UNUSED, Str value, Arena *arena)
{
    return change_case(value, arena, g_ascii_toupper);
}

static Str
apply_lower(const TemplateFilter *filter G_GNUC_UNUSED, Str value, Arena *arena)
{
    return change_case(value, arena, g_ascii_tolower);
}

static Str
apply_trim(const TemplateFilter *filter G_GNUC_UNUSED, Str value, Arena *arena G_GNUC_UNUSED)
{
    return str_trim(value);
}

/* The whole where the separator is not found, as the transform of the same name does. */
static Str
apply_before(const TemplateFilter *filter, Str value, Arena *arena G_GNUC_UNUSED)
{
    ptrdiff_t at = str_find(value, filter->text);

    return str_trim(at < 0 ? value : str_slice(value, 0, (size_t)at));
}

static Str
apply_after(const TemplateFilter *filter, Str value, Arena *arena G_GNUC_UNUSED)
{
    ptrdiff_t at = str_find(value, filter->text);

    return at < 0 ? STR_NONE : str_trim(str_slice(value, (size_t)at + filter->text.size, value.size));
}

static Str
apply_prefix(const TemplateFilter *filter, Str value, Arena *arena)
{
    return arena_printf(arena, "%.*s%.*s", STR_FORMAT(filter->text), STR_FORMAT(value));
}

static Str
apply_suffix(const TemplateFilter *filter, Str value, Arena *arena)
{
    return arena_printf(arena, "%.*s%.*s", STR_FORMAT(value), STR_FORMAT(filter->text));
}

static Str
apply_replace(const TemplateFilter *filter, Str value, Arena *arena)
{
    return arena_replace(arena, value, filter->text, filter->second);
}

static Str
number_text(Arena *arena, int64_t number)
{
    return arena_printf(arena, "%" G_GINT64_FORMAT, number);
}

static Str
apply_sum(const TemplateFilter *filter, Str value, Arena *arena)
{
    int64_t number, sum;

    if (!str_to_int64(value, &number) || __builtin_add_overflow(number, filter->number, &sum))
        return STR_NONE;
    return number_text(arena, sum);
}

static Str
apply_times(const TemplateFilter *filter, Str value, Arena *arena)
{
    int64_t number, product;

    if (!str_to_int64(value, &number) || __builtin_mul_overflow(number, filter->number, &product))
        return STR_NONE;
    return number_text(arena, product);
}

static Str
apply_at_most(const TemplateFilter *filter, Str value, Arena *arena)
{
    int64_t number;

    return str_to_int64(value, &number) ? number_text(arena, MIN(number, filter->number)) : STR_NONE;
}

static Str
apply_at_least(const TemplateFilter *filter, Str value, Arena *arena)
{
    int64_t number;

    return str_to_int64(value, &number) ? number_text(arena, MAX(number, filter->number)) : STR_NONE;
}

/* The first step that is not smaller, so that nothing which was asked for is left out; the last where all are. */
static Str
apply_steps(const TemplateFilter *filter, Str value, Arena *arena)
{
    size_t i = 0;
    int64_t number;

    if (!str_to_int64(value, &number))
        return STR_NONE;
    while (i + 1 < filter->count && filter->numbers[i] < number)
        i++;
    return number_text(arena, filter->numbers[i]);
}

Str
text_base64(Str bytes, Arena *arena)
{
    g_autofree char *encoded = g_base64_encode((const guchar *)bytes.at, bytes.size);

    return arena_str(arena, str_of(encoded));
}

Str
text_base64url(Str bytes, Arena *arena)
{
    g_autofree char *encoded = g_base64_encode((const guchar *)bytes.at, bytes.size);

    g_strdelimit(encoded, "+", '-');
    g_strdelimit(encoded, "/", '_');
    encoded[strcspn(encoded, "=")] = '\0';
    return arena_str(arena, str_of(encoded));
}

static Str
apply_base64(const TemplateFilter *filter G_GNUC_UNUSED, Str value, Arena *arena)
{
    return text_base64(value, arena);
}

static Str
apply_base64url(const TemplateFilter *filter G_GNUC_UNUSED, Str value, Arena *arena)
{
    return text_base64url(value, arena);
}

static Str
checksum(GChecksumType type, Str value, Arena *arena)
{
    g_autofree char *sum = g_compute_checksum_for_data(type, (const guchar *)value.at, value.size);

    return arena_str(arena, str_of(sum));
}

static Str
apply_md5(const TemplateFilter *filter G_GNUC_UNUSED, Str value, Arena *arena)
{
    return checksum(G_CHECKSUM_MD5, value, arena);
}

static Str
apply_sha256(const TemplateFilter *filter G_GNUC_UNUSED, Str value, Arena *arena)
{
    return checksum(G_CHECKSUM_SHA256, value, arena);
}

static const TemplateFilterType TYPES[] = {
    {"upper", ROLE_TEXT, TAKES_NOTHING, apply_upper},
    {"lower", ROLE_TEXT, TAKES_NOTHING, apply_lower},
    {"trim", ROLE_TEXT, TAKES_NOTHING, apply_trim},
    {"before", ROLE_TEXT, TAKES_TEXT, apply_before},
    {"after", ROLE_TEXT, TAKES_TEXT, apply_after},
    {"prefix", ROLE_TEXT, TAKES_TEXT, apply_prefix},
    {"suffix", ROLE_TEXT, TAKES_TEXT, apply_suffix},
    {"replace", ROLE_TEXT, TAKES_TWO_TEXTS, apply_replace},
    {"plus", ROLE_SUM, TAKES_NUMBER, apply_sum},
    {"minus", ROLE_SUM, TAKES_NUMBER, apply_sum},
    {"times", ROLE_TEXT, TAKES_NUMBER, apply_times},
    {"at_most", ROLE_TEXT, TAKES_NUMBER, apply_at_most},
    {"at_least", ROLE_TEXT, TAKES_NUMBER, apply_at_least},
    {"steps", ROLE_TEXT, TAKES_NUMBERS, apply_steps},
    {"base64", ROLE_TEXT, TAKES_NOTHING, apply_base64},
    {"base64url", ROLE_TEXT, TAKES_NOTHING, apply_base64url},
    {"md5", ROLE_TEXT, TAKES_NOTHING, apply_md5},
    {"sha256", ROLE_TEXT, TAKES_NOTHING, apply_sha256},
    {"number", ROLE_NUMBER, TAKES_NOTHING, NULL},
    {"or", ROLE_OR, TAKES_MAYBE_TEXT, NULL},
    {"split", ROLE_SPLIT, TAKES_TEXT, NULL},
    {"join", ROLE_JOIN, TAKES_TEXT, NULL},
    {"date", ROLE_TIME, TAKES_MAYBE_TEXT, NULL},
    {"rfc3339", ROLE_TIME, TAKES_NOTHING, NULL},
    {"rfc1123", ROLE_TIME, TAKES_NOTHING, NULL},
    {"epoch_s", ROLE_TIME, TAKES_NOTHING, NULL},
    {"epoch_ms", ROLE_TIME, TAKES_NOTHING, NULL},
};

/* ---- reading ---- */

/* "'a b' 'c'" or "a b": the first text, quoted where it begins with a quote. */
static bool
take_text(Str *rest, Str *ret_text, GError **error)
{
    ptrdiff_t end;

    *rest = str_trim(*rest);
    if (!str_starts_with(*rest, STR("'"))) {
        *ret_text = *rest;
        *rest = STR("");
        return true;
    }
    end = str_find_char(str_slice(*rest, 1, rest->size), '\'');
    if (end < 0)
        return weir_fail(error, WEIR_ERROR_INVALID, "a ' is not closed");
    *ret_text = str_slice(*rest, 1, (size_t)end + 1);
    *rest = str_trim(str_slice(*rest, (size_t)end + 2, rest->size));
    return true;
}

static bool
take_texts(TemplateFilter *filter, Str rest, GError **error)
{
    Takes takes = filter->type->takes;

    if (!take_text(&rest, &filter->text, error) ||
        (takes == TAKES_TWO_TEXTS && !take_text(&rest, &filter->second, error)))
        return false;
    if (takes != TAKES_MAYBE_TEXT && str_is_empty(filter->text))
        return weir_fail(error, WEIR_ERROR_INVALID, "%s needs a text, such as %s ','", filter->type->name,
                         filter->type->name);
    return str_is_empty(rest) ||
           weir_fail(error, WEIR_ERROR_INVALID, "%s: \"%.*s\" is too much", filter->type->name, STR_FORMAT(rest));
}

static bool
take_number(TemplateFilter *filter, Str rest, GError **error)
{
    filter->is_duration = !str_to_int64(rest, &filter->number);
    if (filter->is_duration && (filter->type->role != ROLE_SUM || !yaml_duration_parse(rest, &filter->number)))
        return weir_fail(error, WEIR_ERROR_INVALID, "%s needs a number, not \"%.*s\"", filter->type->name,
                         STR_FORMAT(rest));
    if (strcmp(filter->type->name, "minus") == 0)
        filter->number = filter->number == INT64_MIN ? INT64_MAX : -filter->number;
    return true;
}

static bool
take_numbers(TemplateFilter *filter, Str rest, Arena *arena, GError **error)
{
    int64_t *numbers = ARENA_ARRAY(arena, int64_t, rest.size / 2 + 1);

    while (!str_is_empty(rest = str_trim(rest))) {
        int64_t number = 0;

        if (!str_to_int64(str_cut(&rest, ' '), &number) || (filter->count > 0 && number <= numbers[filter->count - 1]))
            return weir_fail(error, WEIR_ERROR_INVALID, "%s needs rising numbers, such as 20 40 80",
                             filter->type->name);
        numbers[filter->count++] = number;
    }
    filter->numbers = numbers;
    return filter->count > 0 ||
           weir_fail(error, WEIR_ERROR_INVALID, "%s needs numbers, such as 20 40 80", filter->type->name);
}

static const TemplateFilterType *
find_type(Str name, GError **error)
{
    const char *names[G_N_ELEMENTS(TYPES) + 1] = {NULL};
    g_autofree char *suggestion = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(TYPES); i++) {
        if (str_is(name, TYPES[i].name))
            return &TYPES[i];
        names[i] = TYPES[i].name;
    }
    suggestion = yaml_suggestion(name, names);
    weir_fail(error, WEIR_ERROR_INVALID, "unknown filter \"%.*s\"%s", STR_FORMAT(name), suggestion);
    return NULL;
}

/* The pattern of a date; any other way of writing a moment is its name. */
static bool
settle_moment(TemplateFilter *filter, GError **error)
{
    if (str_is_empty(filter->text))
        filter->text = str_of(filter->type->name);
    else if (!moment_pattern_is_valid(filter->text))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" is no pattern such as %%d/%%m/%%Y",
                         STR_FORMAT(filter->text));
    return true;
}

bool
template_filter_parse(Str text, Arena *arena, TemplateFilter *ret_filter, GError **error)
{
    Str rest = str_trim(text), name = str_cut(&rest, ' ');
    TemplateFilter filter = {.type = find_type(name, error)};
    bool good = false;

    if (filter.type == NULL)
        return false;
    rest = rest.at == NULL ? STR("") : str_trim(rest);
    switch (filter.type->takes) {
    case TAKES_NOTHING:
        good = str_is_empty(rest) || weir_fail(error, WEIR_ERROR_INVALID, "%s takes nothing, not \"%.*s\"",
                                               filter.type->name, STR_FORMAT(rest));
        break;
    case TAKES_TEXT:
    case TAKES_MAYBE_TEXT:
    case TAKES_TWO_TEXTS:
        good = take_texts(&filter, rest, error);
        break;
    case TAKES_NUMBER:
        good = take_number(&filter, rest, error);
        break;
    case TAKES_NUMBERS:
        good = take_numbers(&filter, rest, arena, error);
        break;
    }
    if (!good || (filter.type->role == ROLE_TIME && !settle_moment(&filter, error)))
        return false;
    *ret_filter = filter;
    return true;
}

/* ---- applying ---- */

static Texts
one_text(Str text, Arena *arena)
{
    Texts texts = {.items = ARENA_NEW(arena, Str), .count = 1};

    texts.items[0] = text;
    return texts;
}

static Texts
split_texts(const TemplateFilter *filter, Texts values, Arena *arena)
{
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(Str));

    for (size_t i = 0; i < values.count; i++) {
        Str rest = values.items[i];

        while (rest.size > 0 && all->len < TEXTS_LIMIT) {
            ptrdiff_t at = str_find(rest, filter->text);
            Str part = str_trim(at < 0 ? rest : str_slice(rest, 0, (size_t)at));

            if (!str_is_empty(part))
                g_array_append_val(all, part);
            rest = at < 0 ? STR("") : str_slice(rest, (size_t)at + filter->text.size, rest.size);
        }
    }
    return (Texts){arena_items(arena, all), all->len};
}

Str
texts_join(Texts texts, Str separator, Arena *arena)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (texts.count == 0)
        return STR_NONE;
    for (size_t i = 0; i < texts.count; i++) {
        if (i > 0)
            str_append(text, separator);
        str_append(text, texts.items[i]);
    }
    return arena_str(arena, str_of_gstring(text));
}

static Texts
apply_each(const TemplateFilter *filter, Texts values, Arena *arena)
{
    Texts texts = {.items = ARENA_ARRAY(arena, Str, values.count + 1)};

    for (size_t i = 0; i < values.count; i++) {
        Str text = filter->type->apply(filter, values.items[i], arena);

        if (!str_is_empty(text))
            texts.items[texts.count++] = text;
    }
    return texts;
}

Texts
template_filter_apply(const TemplateFilter *filter, Texts values, Arena *arena)
{
    switch (filter->type->role) {
    case ROLE_OR:
        return values.count > 0 ? values : one_text(filter->text.at == NULL ? STR("") : filter->text, arena);
    case ROLE_SPLIT:
        return split_texts(filter, values, arena);
    case ROLE_JOIN:
        return values.count == 0 ? values : one_text(texts_join(values, filter->text, arena), arena);
    case ROLE_TEXT:
    case ROLE_SUM:
        return apply_each(filter, values, arena);
    case ROLE_NUMBER:
    case ROLE_TIME: /* written before, when the value was still a moment */
        return values;
    }
    return values;
}

bool
template_filter_writes_moment(const TemplateFilter *filter)
{
    return filter->type->role == ROLE_TIME;
}

bool
template_filter_moves_moment(const TemplateFilter *filter)
{
    return filter->type->role == ROLE_SUM && filter->is_duration;
}

int64_t
template_filter_move(const TemplateFilter *filter, int64_t us)
{
    int64_t moved;

    return __builtin_add_overflow(us, filter->number, &moved) ? TIMESTAMP_NONE : moved;
}

Str
template_filter_write_moment(const TemplateFilter *filter, int64_t us, GTimeZone *zone, Arena *arena)
{
    return moment_format(us, filter->text, zone, arena);
}

bool
template_filter_is_number(const TemplateFilter *filter)
{
    return filter->type->role == ROLE_NUMBER;
}

bool
template_filter_splits(const TemplateFilter *filter)
{
    return filter->type->role == ROLE_SPLIT;
}

bool
template_filter_joins(const TemplateFilter *filter)
{
    return filter->type->role == ROLE_JOIN;
}
