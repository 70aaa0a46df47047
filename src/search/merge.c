#include "search/merge.h"

#include "listings/address.h"
#include "listings/near.h"

#include "search/value.h"

struct SeenKeys {
    Arena *arena;
    GHashTable *ids, *positions; /* sets of Fingerprint in arena; positions holds addresses as well */
};

struct Merge {
    GArray *all; /* of Merged */
    SeenKeys *before, *now;
    size_t count;
};

static guint
fingerprint_hash(gconstpointer key)
{
    return (guint)((const Fingerprint *)key)->low;
}

static gboolean
fingerprint_same(gconstpointer a, gconstpointer b)
{
    return fingerprint_equal(*(const Fingerprint *)a, *(const Fingerprint *)b);
}

SeenKeys *
seen_keys_new(void)
{
    SeenKeys *seen = g_new0(SeenKeys, 1);

    seen->arena = arena_new(4096);
    seen->ids = g_hash_table_new(fingerprint_hash, fingerprint_same);
    seen->positions = g_hash_table_new(fingerprint_hash, fingerprint_same);
    return seen;
}

static void
copy_keys(GHashTable *to, GHashTable *from)
{
    GHashTableIter iter;
    gpointer key;

    g_hash_table_iter_init(&iter, from);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        g_hash_table_add(to, key);
}

SeenKeys *
seen_keys_copy(const SeenKeys *seen)
{
    SeenKeys *copy = seen_keys_new();

    copy_keys(copy->ids, seen->ids);
    copy_keys(copy->positions, seen->positions);
    return copy;
}

void
seen_keys_free(SeenKeys *seen)
{
    if (seen == NULL)
        return;
    g_hash_table_unref(seen->ids);
    g_hash_table_unref(seen->positions);
    arena_free(seen->arena);
    g_free(seen);
}

static bool
was_seen(const SeenKeys *seen, const Merged *merged)
{
    return g_hash_table_contains(seen->ids, &merged->id) ||
           (merged->has_position && g_hash_table_contains(seen->positions, &merged->position)) ||
           (merged->has_address && g_hash_table_contains(seen->positions, &merged->address));
}

static void
add_key(SeenKeys *seen, GHashTable *set, const Fingerprint *key)
{
    Fingerprint *copy;

    if (g_hash_table_contains(set, key))
        return;
    copy = ARENA_NEW(seen->arena, Fingerprint);
    *copy = *key;
    g_hash_table_add(set, copy);
}

static void
mark_seen(SeenKeys *seen, const Merged *merged)
{
    add_key(seen, seen->ids, &merged->id);
    if (merged->has_position)
        add_key(seen, seen->positions, &merged->position);
    if (merged->has_address)
        add_key(seen, seen->positions, &merged->address);
}

Merge *
merge_new(SeenKeys *before)
{
    Merge *merge = g_new0(Merge, 1);

    merge->all = g_array_new(FALSE, FALSE, sizeof(Merged));
    merge->before = before;
    merge->now = seen_keys_new();
    return merge;
}

void
merge_free(Merge *merge)
{
    if (merge == NULL)
        return;
    g_array_unref(merge->all);
    seen_keys_free(merge->now);
    g_free(merge);
}

void
merge_add(Merge *merge, const Listing *listing, Money bid)
{
    Merged merged = {
        .listing = listing,
        .bid = bid,
        .value = click_value(bid),
        .id = fingerprint_of_id(listing->source, listing->id),
    };

    merged.has_position = fingerprint_of_position(listing, &merged.position);
    merged.has_address = fingerprint_of_address(listing->url, &merged.address);
    if (!was_seen(merge->now, &merged) && !was_seen(merge->before, &merged))
        merge->count++;
    mark_seen(merge->now, &merged);
    g_array_append_val(merge->all, merged);
}

size_t
merge_count(const Merge *merge)
{
    return merge->count;
}

/* How many of the members that a reader cares for are there. */
static int
completeness(const Listing *listing)
{
    return !str_is_empty(listing->company) + !str_is_empty(listing->location) + !str_is_empty(listing->snippet) +
           !str_is_empty(listing->category) + (listing->salary.has_min || listing->salary.has_max) +
           (listing->posted_at_us != TIMESTAMP_NONE) + (listing->employment_types != 0) +
           (listing->remote != REMOTE_UNKNOWN) + listing->has_position;
}

/* Best first. Total: listings that compare equal are alike in all that is shown, so that it does not matter which one
 * is taken. */
static gint
compare(gconstpointer left, gconstpointer right)
{
    const Merged *a = left, *b = right;
    const Listing *x = a->listing, *y = b->listing;
    int order;

    if (a->value != b->value)
        return a->value > b->value ? -1 : 1;
    if ((order = completeness(y) - completeness(x)) != 0)
        return order;
    if ((order = str_compare(x->source, y->source)) != 0 || (order = str_compare(x->id, y->id)) != 0 ||
        (order = str_compare(x->url, y->url)) != 0 || (order = str_compare(x->title, y->title)) != 0 ||
        (order = str_compare(x->company, y->company)) != 0 || (order = str_compare(x->location, y->location)) != 0)
        return order;
    return str_compare(x->snippet, y->snippet);
}

/* How many survivors of one bucket a listing is compared with: no company has more in an answer, unless it has all. */
#define NEAR_COMPARED 16

/* A survivor as those are compared with it that are the same in other words. */
typedef struct {
    NearSketch sketch;
    size_t next; /* index + 1 of the survivor of this bucket that came before; 0: none */
} Near;

/* Groups are made best first: the survivor is there before the others, and every other joins the best group with which
 * it shares a key. */
typedef struct {
    GHashTable *by_id, *by_position; /* Fingerprint -> index of survivor + 1; addresses are in by_position */
    Merged *survivors;
    size_t count;
    bool *dropped;       /* for each survivor: a member was there before */
    GPtrArray **others;  /* for each survivor, names of other sources as Str * */
    Arena *arena;        /* for what ends with the merge */
    Near *near;          /* for each survivor */
    GHashTable *buckets; /* of sketches -> index + 1 of the survivor that came last */
} Groups;

static size_t
group_of(const Groups *groups, const Merged *merged)
{
    size_t at = GPOINTER_TO_SIZE(g_hash_table_lookup(groups->by_id, &merged->id));

    if (at == 0 && merged->has_position)
        at = GPOINTER_TO_SIZE(g_hash_table_lookup(groups->by_position, &merged->position));
    if (at == 0 && merged->has_address)
        at = GPOINTER_TO_SIZE(g_hash_table_lookup(groups->by_position, &merged->address));
    return at;
}

/* The group whose survivor is the same in other words; 0 when there is none. */
static size_t
near_group_of(Groups *groups, NearSketch *sketch)
{
    size_t at = GPOINTER_TO_SIZE(g_hash_table_lookup(groups->buckets, &sketch->bucket));

    for (int i = 0; i < NEAR_COMPARED && at != 0; i++, at = groups->near[at - 1].next) {
        NearSketch *survivor = &groups->near[at - 1].sketch;

        if (!str_equal(survivor->listing->source, sketch->listing->source) && near_same(survivor, sketch))
            return at;
    }
    return 0;
}

static void
add_survivor(Groups *groups, const Merged *merged, const NearSketch *sketch)
{
    Near *near = &groups->near[groups->count];

    groups->survivors[groups->count++] = *merged;
    near->sketch = *sketch;
    if (sketch->bucket == 0)
        return;
    near->next = GPOINTER_TO_SIZE(g_hash_table_lookup(groups->buckets, &sketch->bucket));
    g_hash_table_replace(groups->buckets, &near->sketch.bucket, GSIZE_TO_POINTER(groups->count));
}

static void
note_other(Groups *groups, size_t group, const Listing *listing)
{
    GPtrArray **others = &groups->others[group];

    if (str_equal(groups->survivors[group].listing->source, listing->source))
        return;
    if (*others == NULL)
        *others = g_ptr_array_new();
    for (guint i = 0; i < (*others)->len; i++)
        if (str_equal(*(const Str *)g_ptr_array_index(*others, i), listing->source))
            return;
    g_ptr_array_add(*others, (gpointer)&listing->source);
}

static void
group(Groups *groups, Merged *merged, const SeenKeys *before)
{
    size_t at = group_of(groups, merged);
    NearSketch sketch;

    if (at == 0) {
        sketch = near_sketch(merged->listing, groups->arena);
        at = near_group_of(groups, &sketch);
    }
    if (at == 0) {
        add_survivor(groups, merged, &sketch);
        at = groups->count;
    } else {
        note_other(groups, at - 1, merged->listing);
    }
    if (was_seen(before, merged))
        groups->dropped[at - 1] = true;
    if (!g_hash_table_contains(groups->by_id, &merged->id))
        g_hash_table_insert(groups->by_id, &merged->id, GSIZE_TO_POINTER(at));
    if (merged->has_position && !g_hash_table_contains(groups->by_position, &merged->position))
        g_hash_table_insert(groups->by_position, &merged->position, GSIZE_TO_POINTER(at));
    if (merged->has_address && !g_hash_table_contains(groups->by_position, &merged->address))
        g_hash_table_insert(groups->by_position, &merged->address, GSIZE_TO_POINTER(at));
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
    return str_compare(**(const Str *const *)a, **(const Str *const *)b);
}

static StrList
names_of(GPtrArray *others, Arena *arena)
{
    Str *items;

    if (others == NULL)
        return (StrList){NULL, 0};
    g_ptr_array_sort(others, compare_names);
    items = ARENA_ARRAY(arena, Str, others->len);
    for (guint i = 0; i < others->len; i++)
        items[i] = *(const Str *)g_ptr_array_index(others, i);
    return (StrList){items, others->len};
}

Merged *
merge_finish(Merge *merge, Arena *arena, size_t *ret_count)
{
    g_autoptr(GHashTable) by_id = g_hash_table_new(fingerprint_hash, fingerprint_same);
    g_autoptr(GHashTable) by_position = g_hash_table_new(fingerprint_hash, fingerprint_same);
    guint all = merge->all->len;
    g_autofree GPtrArray **others = g_new0(GPtrArray *, all);
    g_autofree bool *dropped = g_new0(bool, all);
    g_autofree Near *near = g_new0(Near, MAX(all, 1));
    g_autoptr(GHashTable) buckets = g_hash_table_new(g_int64_hash, g_int64_equal);
    g_autoptr(Arena) scratch = arena_new(4096);
    Groups groups = {by_id, by_position, ARENA_ARRAY(arena, Merged, MAX(all, 1)), 0, dropped, others, scratch,
                     near,  buckets};
    size_t kept = 0;

    g_array_sort(merge->all, compare);
    for (guint i = 0; i < all; i++)
        group(&groups, &g_array_index(merge->all, Merged, i), merge->before);
    for (size_t i = 0; i < groups.count; i++) {
        Merged survivor = groups.survivors[i];

        survivor.also_from = names_of(others[i], arena);
        if (others[i] != NULL)
            g_ptr_array_unref(others[i]);
        if (!dropped[i])
            groups.survivors[kept++] = survivor;
    }
    for (guint i = 0; i < all; i++)
        mark_seen(merge->before, &g_array_index(merge->all, Merged, i));
    *ret_count = kept;
    return groups.survivors;
}
