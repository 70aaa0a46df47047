#include "sources/row_merger.h"

/* A listing at hand. */
typedef struct {
    Arena *arena;
    Listing listing;   /* but for its location */
    GString *location; /* all places */
} Group;

struct RowMerger {
    unsigned window;
    bool (*given)(void *data, const Listing *listing);
    void *data;
    GHashTable *by_id; /* id -> Group, which the queue owns */
    GQueue groups;     /* the oldest first */
    size_t bytes;      /* of all of them */
};

static void
group_free(Group *group)
{
    arena_free(group->arena);
    g_string_free(group->location, TRUE);
    g_free(group);
}

static size_t
group_bytes(const Group *group)
{
    return arena_used_bytes(group->arena) + group->location->len;
}

RowMerger *
row_merger_new(unsigned window, bool (*given)(void *data, const Listing *listing), void *data)
{
    RowMerger *merger = g_new0(RowMerger, 1);

    *merger =
        (RowMerger){.window = window, .given = given, .data = data, .by_id = g_hash_table_new(g_str_hash, g_str_equal)};
    g_queue_init(&merger->groups);
    return merger;
}

void
row_merger_free(RowMerger *merger)
{
    Group *group;

    if (merger == NULL)
        return;
    while ((group = g_queue_pop_head(&merger->groups)) != NULL)
        group_free(group);
    g_hash_table_unref(merger->by_id);
    g_free(merger);
}

static bool
give_oldest(RowMerger *merger)
{
    Group *group = g_queue_pop_head(&merger->groups);
    bool go_on;

    g_hash_table_remove(merger->by_id, group->listing.id.at);
    merger->bytes -= group_bytes(group);
    group->listing.location = group->location->len > 0 ? str_of_gstring(group->location) : STR_NONE;
    go_on = merger->given(merger->data, &group->listing);
    group_free(group);
    return go_on;
}

static bool
has_place(const GString *location, Str place)
{
    Str rest = str_of_gstring(location);

    while (rest.at != NULL)
        if (str_equal(str_trim(str_cut(&rest, ';')), place))
            return true;
    return false;
}

static void
add_place(GString *location, Str place)
{
    static const char SEPARATOR[] = "; ";

    if (location->len == 0) {
        str_append(location, place);
        return;
    }
    if (str_is_empty(place) || has_place(location, place) ||
        location->len + strlen(SEPARATOR) + place.size > ROW_MERGER_PLACES_BYTES)
        return;
    g_string_append(location, SEPARATOR);
    str_append(location, place);
}

static void
take_text(Str *text, Str other, Arena *arena)
{
    if (text->at == NULL)
        *text = arena_str(arena, other);
}

/* What the first row says stands, what it leaves out is taken from the others: but not where its place is, which belongs
 * to the first of the places. */
static void
group_add(Group *group, const Listing *row)
{
    Listing *listing = &group->listing;

    take_text(&listing->company, row->company, group->arena);
    take_text(&listing->snippet, row->snippet, group->arena);
    take_text(&listing->description, row->description, group->arena);
    take_text(&listing->category, row->category, group->arena);
    take_text(&listing->language, row->language, group->arena);
    listing->employment_types |= row->employment_types;
    if (listing->remote == REMOTE_UNKNOWN)
        listing->remote = row->remote;
    if (listing->posted_at_us == TIMESTAMP_NONE)
        listing->posted_at_us = row->posted_at_us;
    if (listing->expires_at_us == TIMESTAMP_NONE)
        listing->expires_at_us = row->expires_at_us;
    if (!listing->salary.has_min && !listing->salary.has_max && listing->salary.text.at == NULL) {
        listing->salary = row->salary;
        listing->salary.text = arena_str(group->arena, row->salary.text);
    }
    if (!listing->has_bid) {
        listing->has_bid = row->has_bid;
        listing->bid = row->bid;
    }
    add_place(group->location, row->location);
}

static Group *
group_new(const Listing *row)
{
    Group *group = g_new(Group, 1);

    *group = (Group){.arena = arena_new(1024), .location = g_string_new(NULL)};
    group->listing = listing_copy(group->arena, row);
    add_place(group->location, row->location);
    return group;
}

bool
row_merger_add(RowMerger *merger, const Listing *row)
{
    g_autofree char *id = str_dup(row->id);
    Group *group = g_hash_table_lookup(merger->by_id, id);

    if (group != NULL) {
        merger->bytes -= group_bytes(group);
        group_add(group, row);
    } else {
        while (merger->groups.length >= merger->window)
            if (!give_oldest(merger))
                return false;
        group = group_new(row);
        g_queue_push_tail(&merger->groups, group);
        g_hash_table_insert(merger->by_id, (char *)(uintptr_t)group->listing.id.at, group);
    }
    merger->bytes += group_bytes(group);
    while (merger->bytes > ROW_MERGER_BYTES)
        if (!give_oldest(merger))
            return false;
    return true;
}

bool
row_merger_finish(RowMerger *merger)
{
    while (merger->groups.length > 0)
        if (!give_oldest(merger))
            return false;
    return true;
}
