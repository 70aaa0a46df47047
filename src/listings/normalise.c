#include "listings/normalise.h"

#include "listings/salary.h"

static void
normalise_place(Arena *arena, PlaceMemo *places, Listing *listing)
{
    Place place;
    bool is_known = places != NULL ? place_memo_parse(places, listing->location, listing->country, &place)
                                   : place_parse(listing->location, listing->country, &place);

    if (!is_known)
        return;
    listing->city = place.city;
    listing->region = place.region;
    if (listing->country.at == NULL)
        listing->country = arena_str(arena, str_of(place.country));
    if (listing->has_position || !place.has_position)
        return;
    listing->has_position = true;
    listing->latitude = place.latitude;
    listing->longitude = place.longitude;
}

void
listing_normalise(Arena *arena, PlaceMemo *places, Listing *listing)
{
    normalise_place(arena, places, listing);
    if (listing->salary.has_min || listing->salary.has_max)
        salary_complete(&listing->salary, listing->country);
    else if (listing->salary.text.at != NULL)
        salary_parse(listing->salary.text, listing->country, &listing->salary);
}
