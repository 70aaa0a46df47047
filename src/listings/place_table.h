/*
 * The table of the world's places that scripts/make-place-table makes of GeoNames' data (CC BY 4.0): names lead to
 * cities, biggest first, and to regions. It is part of the program, so nothing here allocates or fails.
 */
#pragma once

#include "base/arena.h"

typedef struct {
    int32_t latitude_e5, longitude_e5; /* hundred thousandths of a degree */
    uint32_t population;
    uint32_t name;   /* offset into the names */
    uint16_t region; /* NO_REGION when GeoNames has none */
    char country[2]; /* ISO 3166-1 alpha-2 */
    uint32_t is_capital;
} City;

typedef struct {
    uint32_t name;
    uint32_t iso; /* the code of ISO 3166-2 without its country ("CA"), "" when it is not known */
    char country[2];
    char unused[2];
} Region;

#define NO_REGION 0xFFFF

/* Rows that a name may mean. rows[i] is the number of a city or a region. */
typedef struct {
    uint32_t rows[64];
    size_t count;
} PlaceRows;

/* The name as it is looked up: folded, "st" as "saint", letters that Unicode does not take apart as plain ones. */
Str place_key(Arena *arena, Str name);
/* Cities of that key, biggest first; at most as many as PlaceRows holds. */
PlaceRows place_cities(Str key);
/* Regions of that key: names, or codes ("CA"). */
PlaceRows place_regions(Str key);
/* The ISO 3166-1 alpha-2 code of the country of that key (name, or code in small letters) in to (3 bytes); false when it is none. */
bool place_country(Str key, char *to);

const City *place_city(uint32_t row);
/* NULL for NO_REGION. */
const Region *place_region(uint32_t row);
size_t place_city_count(void);
/* The text at an offset; it lives as long as the program. */
Str place_name(uint32_t offset);
