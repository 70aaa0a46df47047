#include "sandbox/network.h"

const Network NETWORKS[CATALOGUE_NETWORKS] = {
    [ALDER] = {.name = "alder",
               .currency = "USD",
               .sub_id = "utm_content",
               .sub_id_limit = 32,
               .share_permille = 850,
               .cpa_percent = 0,
               .id_base = 4500000000,
               .id_step = 37},
    /* Ids near 2^63: what a reader through doubles would destroy. */
    [BIRCH] = {.name = "birch",
               .currency = "USD",
               .sub_id = "subid",
               .sub_id_digits = true,
               .sub_id_limit = 15,
               .share_permille = 700,
               .cpa_percent = 10,
               .id_base = UINT64_C(8123456789012345679),
               .id_step = 7919},
    [CEDAR] = {.name = "cedar",
               .currency = "USD",
               .sub_id = "sid",
               .sub_id_limit = 64,
               .share_permille = 1000,
               .cpa_percent = 35,
               .appends = true,
               .id_base = UINT64_C(0xa1b2c3d400000000),
               .id_step = 0x10001},
    [DOGWOOD] = {.name = "dogwood",
                 .currency = "EUR",
                 .sub_id = "sub1",
                 .sub_id_limit = 40,
                 .share_permille = 1000,
                 .cpa_percent = 0,
                 .id_base = 100000,
                 .id_step = 1},
    [ELM] = {.name = "elm",
             .currency = "EUR",
             .sub_id = "t1",
             .sub_id_limit = 32,
             .share_permille = 615,
             .cpa_percent = 0,
             .id_base = 70000000,
             .id_step = 11},
    [FIR] = {.name = "fir",
             .currency = "GBP",
             .sub_id = "clickref",
             .sub_id_limit = 50,
             .share_permille = 900,
             .cpa_percent = 60,
             .id_base = UINT64_C(0x5eed000000000000),
             .id_step = 0x9e37},
    [GINKGO] = {.name = "ginkgo",
                .currency = "USD",
                .sub_id = "s1",
                .sub_id_limit = 36,
                .share_permille = 775,
                .cpa_percent = 20,
                .id_base = 31000,
                .id_step = 3},
};

const Network *
network_find(Str name)
{
    for (size_t i = 0; i < CATALOGUE_NETWORKS; i++)
        if (str_is(name, NETWORKS[i].name))
            return &NETWORKS[i];
    return NULL;
}

unsigned
network_number(const Network *network)
{
    return (unsigned)(network - NETWORKS);
}

uint64_t
network_listing_id(const Network *network, uint32_t index)
{
    return network->id_base + index * network->id_step;
}

bool
network_listing_index(const Network *network, Str id, uint32_t *ret_index)
{
    uint64_t number = 0, index;

    if (id.size == 0 || id.size > 20)
        return false;
    for (size_t i = 0; i < id.size; i++) {
        if (!g_ascii_isdigit(id.at[i]) || number > (UINT64_MAX - 9) / 10)
            return false;
        number = number * 10 + (uint64_t)(id.at[i] - '0');
    }
    if (number < network->id_base || (number - network->id_base) % network->id_step != 0)
        return false;
    index = (number - network->id_base) / network->id_step;
    if (index > UINT32_MAX)
        return false;
    *ret_index = (uint32_t)index;
    return true;
}

bool
network_keeps_sub_id(const Network *network, Str sub_id)
{
    if (sub_id.size == 0 || sub_id.size > network->sub_id_limit)
        return false;
    for (size_t i = 0; i < sub_id.size; i++)
        if (network->sub_id_digits ? !g_ascii_isdigit(sub_id.at[i])
                                   : !g_ascii_isalnum(sub_id.at[i]) && str_find_char(STR("-_."), sub_id.at[i]) < 0)
            return false;
    return true;
}

void
network_append_click_url(const Network *network, const char *base, uint32_t index, GString *to)
{
    g_string_append_printf(to, "%s/%s/click/%" G_GUINT64_FORMAT "?src=feed&v=%u", base, network->name,
                           network_listing_id(network, index), index % 7);
}
