#include "search/merge_type.h"

#include "listings/address.h"

#define BLOCK_BYTES 16384

static const SeenKind KINDS[MERGE_KEYS] = {SEEN_ID, SEEN_POSITION, SEEN_POSITION};

Merge *
merge_new(SeenKeys *before)
{
    Merge *merge = g_new0(Merge, 1);

    merge->arena = arena_new(BLOCK_BYTES);
    merge->members = g_ptr_array_new();
    merge->before = before;
    merge->now = seen_keys_new();
    merge->buckets = g_hash_table_new(g_int64_hash, g_int64_equal);
    merge->unsettled = g_ptr_array_new();
    merge->scratch = g_ptr_array_new();
    return merge;
}

void
merge_free(Merge *merge)
{
    if (merge == NULL)
        return;
    g_ptr_array_unref(merge->scratch);
    g_ptr_array_unref(merge->unsettled);
    g_hash_table_unref(merge->buckets);
    seen_keys_free(merge->now);
    g_ptr_array_unref(merge->members);
    arena_free(merge->arena);
    g_free(merge);
}

size_t
merge_count(const Merge *merge)
{
    return merge->count;
}

/* ---- which is better ---- */

/* How many of the members that a reader cares for are there. */
static int
completeness(const Listing *listing)
{
    return !str_is_empty(listing->company) + !str_is_empty(listing->location) + !str_is_empty(listing->snippet) +
           !str_is_empty(listing->category) + (listing->salary.has_min || listing->salary.has_max) +
           (listing->posted_at_us != TIMESTAMP_NONE) + (listing->employment_types != 0) +
           (listing->remote != REMOTE_UNKNOWN) + listing->has_position;
}

int
merge_compare(const MergeMember *a, const MergeMember *b)
{
    const Listing *x = a->merged.listing, *y = b->merged.listing;
    int order;

    if (a->merged.value != b->merged.value)
        return a->merged.value > b->merged.value ? -1 : 1;
    if ((order = b->completeness - a->completeness) != 0)
        return order;
    if ((order = str_compare(x->source, y->source)) != 0 || (order = str_compare(x->id, y->id)) != 0 ||
        (order = str_compare(x->url, y->url)) != 0 || (order = str_compare(x->title, y->title)) != 0 ||
        (order = str_compare(x->company, y->company)) != 0 || (order = str_compare(x->location, y->location)) != 0)
        return order;
    return str_compare(x->snippet, y->snippet);
}

gint
merge_compare_places(gconstpointer a, gconstpointer b)
{
    return merge_compare(*(const MergeMember *const *)a, *(const MergeMember *const *)b);
}

/* ---- by keys ---- */

MergeMember *
merge_better_by_key(const MergeMember *member)
{
    for (size_t i = 0; i < MERGE_KEYS; i++)
        if (member->keys[i] != NULL && member->keys[i]->best != member)
            return member->keys[i]->best;
    return NULL;
}

/* Of two that have a key the better one is its best. Whoever was that before has another to join now. */
static void
take_key(Merge *merge, MergeMember *member, SeenKey *key)
{
    MergeMember *was = key->best;

    if (was != NULL && merge_compare(was, member) <= 0)
        return;
    if (was != NULL && merge_better_by_key(was) == NULL)
        merge_near_leave(merge, was);
    key->best = member;
}

static bool
was_before(const Merge *merge, const MergeMember *member)
{
    for (size_t i = 0; i < MERGE_KEYS; i++)
        if (member->keys[i] != NULL && seen_keys_have(merge->before, KINDS[i], member->keys[i]->fingerprint))
            return true;
    return false;
}

void
merge_add(Merge *merge, const Listing *listing, Money bid, int64_t value)
{
    Fingerprint keys[MERGE_KEYS] = {fingerprint_of_id(listing->source, listing->id)};
    Str company = company_normalise(merge->arena, listing->company);
    const bool has[MERGE_KEYS] = {true, fingerprint_of_position(listing, company, &keys[1]),
                                  fingerprint_of_address(listing->url, &keys[2])};
    MergeMember *member = ARENA_NEW(merge->arena, MergeMember);
    bool is_new = true;

    member->merged = (Merged){.listing = listing, .bid = bid, .value = value, .id = keys[0]};
    member->completeness = completeness(listing);
    for (size_t i = 0; i < MERGE_KEYS; i++) {
        if (!has[i])
            continue;
        member->keys[i] = seen_keys_add(merge->now, KINDS[i], keys[i]);
        is_new = is_new && member->keys[i]->best == NULL;
    }
    for (size_t i = 0; i < MERGE_KEYS; i++)
        if (has[i])
            take_key(merge, member, member->keys[i]);
    if (merge_better_by_key(member) == NULL)
        merge_near_join(merge, member, company);
    if (is_new && !was_before(merge, member))
        merge->count++;
    g_ptr_array_add(merge->members, member);
}

void
merge_settle(Merge *merge)
{
    merge_near_settle(merge, false);
}

/* ---- the list ---- */

static MergeMember *
survivor_of(MergeMember *member)
{
    MergeMember *at = member, *better, *survivor;

    while (at->survivor == NULL && (better = merge_better_by_key(at)) != NULL)
        at = better;
    survivor = at->survivor != NULL ? at->survivor : at->near != NULL ? at->near : at;
    for (; member != at; member = merge_better_by_key(member))
        member->survivor = survivor;
    return at->survivor = survivor;
}

static void
note_other(MergeMember *survivor, const Str *source)
{
    if (str_equal(survivor->merged.listing->source, *source))
        return;
    if (survivor->others == NULL)
        survivor->others = g_ptr_array_new();
    for (guint i = 0; i < survivor->others->len; i++)
        if (str_equal(*(const Str *)g_ptr_array_index(survivor->others, i), *source))
            return;
    g_ptr_array_add(survivor->others, (gpointer)source);
}

/* Survivors are in scratch afterwards. */
static void
group_members(Merge *merge)
{
    MergeMember **members = (MergeMember **)merge->members->pdata;
    guint count = merge->members->len;

    g_ptr_array_set_size(merge->scratch, 0);
    for (guint i = 0; i < count; i++) {
        members[i]->survivor = NULL;
        members[i]->dropped = false;
    }
    for (guint i = 0; i < count; i++) {
        MergeMember *survivor = survivor_of(members[i]);

        if (survivor == members[i])
            g_ptr_array_add(merge->scratch, survivor);
        else
            note_other(survivor, &members[i]->merged.listing->source);
        survivor->dropped = survivor->dropped || was_before(merge, members[i]);
    }
    g_ptr_array_sort(merge->scratch, merge_compare_places);
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
    return str_compare(**(const Str *const *)a, **(const Str *const *)b);
}

static StrList
take_names(MergeMember *survivor, Arena *arena)
{
    g_autoptr(GPtrArray) others = g_steal_pointer(&survivor->others);
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
merge_so_far(Merge *merge, Arena *arena, size_t *ret_count)
{
    Merged *list;
    size_t count = 0;

    merge_near_settle(merge, true);
    group_members(merge);
    list = ARENA_ARRAY(arena, Merged, MAX(merge->scratch->len, 1));
    for (guint i = 0; i < merge->scratch->len; i++) {
        MergeMember *survivor = g_ptr_array_index(merge->scratch, i);
        StrList also_from = take_names(survivor, arena);

        if (survivor->dropped)
            continue;
        list[count] = survivor->merged;
        list[count++].also_from = also_from;
    }
    *ret_count = count;
    return list;
}

const Merged *
merge_survivor_of(const Merge *merge, Fingerprint id)
{
    const SeenKey *key = seen_keys_find(merge->now, SEEN_ID, id);

    return key == NULL ? NULL : &((const MergeMember *)key->best)->survivor->merged;
}

Merged *
merge_finish(Merge *merge, Arena *arena, size_t *ret_count)
{
    Merged *list = merge_so_far(merge, arena, ret_count);

    for (guint i = 0; i < merge->members->len; i++) {
        MergeMember *member = g_ptr_array_index(merge->members, i);

        for (size_t k = 0; k < MERGE_KEYS; k++)
            if (member->keys[k] != NULL)
                member->keys[k]->best = NULL;
    }
    seen_keys_take(merge->before, merge->now);
    return list;
}
