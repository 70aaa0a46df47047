/* Which of many listings are one position, by the rules of listings/: reads lines of title, company, place and URL with tabs
 * between from standard input, and writes the numbers of the two lines and the rule for each pair that is one. */
#include "listings/address.h"
#include "listings/near.h"
#include "listings/normalise.h"

#define LINES_LIMIT 20000

typedef struct {
    Fingerprint position, address;
    bool has_position, has_address;
    Listing listing;
    NearSketch sketch;
} Row;

static void
read_row(Str line, Arena *arena, Row *row)
{
    Listing listing = {0};
    Str company;

    listing.title = str_cut(&line, '\t');
    listing.company = str_cut(&line, '\t');
    listing.location = str_cut(&line, '\t');
    listing.url = line;
    listing.remote = str_is_empty(listing.location) ? REMOTE_UNKNOWN : remote_parse(listing.location);
    listing_normalise(arena, NULL, &listing);
    company = company_normalise(arena, listing.company);
    row->has_position = fingerprint_of_position(&listing, company, &row->position);
    row->has_address = fingerprint_of_address(listing.url, &row->address);
    row->listing = listing;
    row->sketch = near_sketch(&row->listing, company, arena);
}

static void
compare(Row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            if (rows[i].has_position && rows[j].has_position && fingerprint_equal(rows[i].position, rows[j].position))
                g_print("%zu %zu exact\n", i, j);
            else if (rows[i].has_address && rows[j].has_address && fingerprint_equal(rows[i].address, rows[j].address))
                g_print("%zu %zu address\n", i, j);
            else if (rows[i].sketch.bucket != 0 && rows[i].sketch.bucket == rows[j].sketch.bucket &&
                     near_same(&rows[i].sketch, &rows[j].sketch))
                g_print("%zu %zu near\n", i, j);
        }
    }
}

int
main(void)
{
    g_autofree Row *rows = g_new(Row, LINES_LIMIT);
    g_autoptr(Arena) arena = arena_new(1 << 20);
    g_autoptr(GIOChannel) input = g_io_channel_unix_new(0);
    g_autofree char *text = NULL;
    gsize size;
    size_t count = 0;
    Str rest;

    if (g_io_channel_read_to_end(input, &text, &size, NULL) != G_IO_STATUS_NORMAL)
        return 1;
    rest = (Str){text, size};
    while (rest.size > 0 && count < LINES_LIMIT)
        read_row(str_cut(&rest, '\n'), arena, &rows[count++]);
    compare(rows, count);
    return 0;
}
