/*
 * Network: what tells the simulated partners apart, as one table.
 */
#pragma once

#include "base/money.h"
#include "sandbox/catalogue.h"

typedef struct {
    const char *name;
    const char *currency;      /* of its reports */
    const char *sub_id;        /* the query parameter of its click URLs that takes our sub-id */
    bool sub_id_digits;        /* only digits are kept there */
    size_t sub_id_limit;       /* longer ones are dropped, as real networks do without a word */
    int64_t share_permille;    /* of a listing's bid that is paid for a click */
    unsigned cpa_percent;      /* of earning clicks are paid by action instead: later and more */
    bool appends;              /* its reports never change a row: corrections are rows of their own */
    uint64_t id_base, id_step; /* its listing ids: base + index * step */
} Network;

extern const Network NETWORKS[CATALOGUE_NETWORKS];

typedef enum { ALDER, BIRCH, CEDAR, DOGWOOD, ELM, FIR, GINKGO } NetworkNumber;

/* NULL when there is none of that name. */
const Network *network_find(Str name);
unsigned network_number(const Network *network);

uint64_t network_listing_id(const Network *network, uint32_t index);
/* False when the network has no such listing. */
bool network_listing_index(const Network *network, Str id, uint32_t *ret_index);
/* Whether a sub-id arrives whole in the network's slot. */
bool network_keeps_sub_id(const Network *network, Str sub_id);

/* Appends "{base}/{name}/click/{id}?..." as it stands in the network's listings, before any sub-id. */
void network_append_click_url(const Network *network, const char *base, uint32_t index, GString *to);

/* The credentials that sources/sandbox/ holds as constants: they open nothing but a simulation. */
#define ALDER_APP_ID     "alder-app"
#define ALDER_APP_KEY    "alder-key-5f2c"
#define ALDER_TOKEN      "alder-report-token"
#define BIRCH_KEY        "b1c4-birch-key"
#define CEDAR_PUBLISHER  "4417093"
#define CEDAR_TOKEN      "cedar-report-token"
#define DOGWOOD_USER     "weir"
#define DOGWOOD_PASSWORD "d0gw00d"
#define ELM_KEY          "elm-key-77"
#define FIR_TOKEN        "fir-token-3e9a"
#define GINKGO_KEY       "ginkgo-key-21"
