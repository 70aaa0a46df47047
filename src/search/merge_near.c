#include "search/merge_type.h"

/* How many survivors of one bucket a listing is compared with: no company has more in an answer, unless it has all. */
#define COMPARED 16
/* A bucket is gone through again when one in so many of its listings is new: so that is done twice for each listing
 * at most, into however many pieces the answers are cut. What is left is done at the end. */
#define SETTLE_FRESH 2

static void
bucket_note_fresh(Merge *merge, MergeBucket *bucket)
{
    if (bucket->fresh++ == 0)
        g_ptr_array_add(merge->unsettled, bucket);
}

void
merge_near_join(Merge *merge, MergeMember *member, Str company)
{
    MergeBucket *bucket;

    member->sketch = near_sketch(member->merged.listing, company, merge->arena);
    if (member->sketch.bucket == 0)
        return;
    bucket = g_hash_table_lookup(merge->buckets, &member->sketch.bucket);
    if (bucket == NULL) {
        bucket = ARENA_NEW(merge->arena, MergeBucket);
        bucket->hash = member->sketch.bucket;
        g_hash_table_add(merge->buckets, bucket);
    }
    bucket->mixed = bucket->mixed || (bucket->first != NULL && !str_equal(bucket->first->merged.listing->source,
                                                                          member->merged.listing->source));
    member->bucket = bucket;
    member->next = bucket->first;
    bucket->first = member;
    bucket->count++;
    bucket_note_fresh(merge, bucket);
}

void
merge_near_leave(Merge *merge, MergeMember *member)
{
    if (member->bucket != NULL)
        bucket_note_fresh(merge, member->bucket);
}

/* The survivor that is the same in other words, the last one first; NULL when there is none. */
static MergeMember *
find_near(MergeMember *member, MergeMember *const *survivors, guint count)
{
    for (guint i = count; i > 0 && count - i < COMPARED; i--) {
        MergeMember *survivor = survivors[i - 1];

        if (!str_equal(survivor->merged.listing->source, member->merged.listing->source) &&
            near_same(&survivor->sketch, &member->sketch))
            return survivor;
    }
    return NULL;
}

/* Goes through the bucket, best first. Those that are no longer the best of their keys leave it. */
static void
bucket_settle(Merge *merge, MergeBucket *bucket)
{
    MergeMember **members, **place = &bucket->first;
    guint survivors = 0;

    g_ptr_array_set_size(merge->scratch, 0);
    for (MergeMember *each = bucket->first; each != NULL; each = each->next) {
        if (merge_better_by_key(each) != NULL)
            continue;
        *place = each;
        place = &each->next;
        g_ptr_array_add(merge->scratch, each);
    }
    *place = NULL;
    bucket->count = merge->scratch->len;
    bucket->fresh = 0;
    if (!bucket->mixed)
        return;
    g_ptr_array_sort(merge->scratch, merge_compare_places);
    members = (MergeMember **)merge->scratch->pdata; /* survivors move to the front */
    for (guint i = 0; i < bucket->count; i++) {
        MergeMember *member = members[i];

        member->near = find_near(member, members, survivors);
        if (member->near == NULL)
            members[survivors++] = member;
    }
}

void
merge_near_settle(Merge *merge, bool all)
{
    guint left = 0;

    for (guint i = 0; i < merge->unsettled->len; i++) {
        MergeBucket *bucket = g_ptr_array_index(merge->unsettled, i);

        if (all || bucket->fresh * SETTLE_FRESH >= bucket->count)
            bucket_settle(merge, bucket);
        else
            merge->unsettled->pdata[left++] = bucket;
    }
    g_ptr_array_set_size(merge->unsettled, (gint)left);
}
