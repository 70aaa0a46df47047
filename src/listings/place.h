/*
 * Places as partners write them: "Berlin", "Austin, TX", "75008 Paris (FR)", "Remote - Toronto, Canada", "Deutschland".
 *
 * A name is believed when what stands beside it (region, country) fits, or when it means one place far more probably than
 * any other: a city three times as big as the next of that name. What is ambiguous is left out rather than guessed.
 * Names, positions and regions are GeoNames' (https://www.geonames.org, CC BY 4.0).
 */
#pragma once

#include "base/str.h"

typedef struct {
    Str city, region; /* English or international names; they live as long as the program. Absent when unknown */
    char country[3];  /* ISO 3166-1 alpha-2; "" when unknown */
    bool has_position;
    double latitude, longitude; /* degrees: the middle of the city; regions and countries have none */
} Place;

/* Reads text, of which the first city is taken when it names several places, else the first of them. country (alpha-2, or absent) is what is known
 * already: only places in it are believed. False when the text names no place that we know for certain. */
bool place_parse(Str text, Str country, Place *ret_place);
