/*
 * Words: the tables from which the sandbox's catalogue is combined. All invented but for the names of cities.
 */
#pragma once

#include <stddef.h>

typedef struct {
    const char *name, *region, *country, *country_name; /* country: ISO alpha-2 capitals */
    const char *postcode;
    double latitude, longitude;
    const char *currency;
} City;

typedef struct {
    const char *title;
    const char *category;
    int yearly_from, yearly_to; /* what the trade pays a year, in whole units of the city's currency */
    const char *country;        /* the only one whose language it is in; NULL: any */
} Trade;

extern const City CITIES[];
extern const size_t CITY_COUNT;
extern const Trade TRADES[];
extern const size_t TRADE_COUNT;
extern const char *const LEVELS[];
extern const size_t LEVEL_COUNT;
extern const char *const COMPANY_NAMES[];
extern const size_t COMPANY_NAME_COUNT;
extern const char *const COMPANY_FORMS[];
extern const size_t COMPANY_FORM_COUNT;
extern const char *const SENTENCES[];
extern const size_t SENTENCE_COUNT;
extern const char *const BENEFITS[];
extern const size_t BENEFIT_COUNT;
