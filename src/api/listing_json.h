/*
 * Listings as the API shows them: schema.org's names where JobPosting has them, in snake_case.
 */
#pragma once

#include "base/json_writer.h"
#include "listings/listing.h"

/* The members of a listing, inside an object that the caller has begun. */
void json_listing_members(JsonWriter *json, const Listing *listing, bool with_description);
