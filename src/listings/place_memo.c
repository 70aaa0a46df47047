#include "listings/place_memo.h"

#define SLOTS      1024
#define TEXT_BYTES 60

typedef struct {
    char text[TEXT_BYTES], country[2]; /* country: zeros when absent */
    uint8_t size;                      /* of text; 0: the slot is free */
    bool is_known;                     /* whether the text names a place */
    Place place;
} Slot;

struct PlaceMemo {
    Slot slots[SLOTS];
};

PlaceMemo *
place_memo_new(void)
{
    return g_new0(PlaceMemo, 1);
}

void
place_memo_free(PlaceMemo *memo)
{
    g_free(memo);
}

static bool
slot_holds(const Slot *slot, Str text, const char *country)
{
    return str_equal((Str){slot->text, slot->size}, text) && memcmp(slot->country, country, sizeof slot->country) == 0;
}

bool
place_memo_parse(PlaceMemo *memo, Str text, Str country, Place *ret_place)
{
    char code[2] = {0};
    Slot *slot;

    if (str_is_empty(text) || text.size > TEXT_BYTES || (country.size != 0 && country.size != sizeof code))
        return place_parse(text, country, ret_place);
    memcpy(code, country.size == 0 ? code : country.at, country.size);
    slot = &memo->slots[(str_hash(text) ^ str_hash(country)) % SLOTS];
    if (!slot_holds(slot, text, code)) {
        *slot = (Slot){.size = (uint8_t)text.size};
        memcpy(slot->text, text.at, text.size);
        memcpy(slot->country, code, sizeof code);
        slot->is_known = place_parse(text, country, &slot->place);
    }
    if (slot->is_known)
        *ret_place = slot->place;
    return slot->is_known;
}
