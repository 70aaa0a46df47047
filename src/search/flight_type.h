/*
 * What a flight is made of: for what keeps the table and those who wait (flight.c), and for what asks (flight_ask.c).
 */
#pragma once

#include "search/flight.h"
#include "search/index_call.h"

typedef struct {
    FlightMovedFn moved; /* NULL: has left */
    void *data;
} Waiter;

struct Flight {
    Flights *flights;
    Str key;              /* owned */
    const Source *source; /* NULL: the index */
    SourceSet *set;       /* the source's; NULL with it */
    Question question;    /* in the arena */
    Arena *arena;
    SharedGet *shared; /* these three: what is under way, one at a time */
    Attempts *attempts;
    IndexCall *index;
    SourceReply *reply; /* NULL: nothing yet */
    GArray *waiters;    /* of Waiter */
    unsigned waiting;
    AttemptPace pace;
    int64_t until_us;   /* monotonic: until then the most patient waits; 0: nobody does */
    bool is_background; /* nobody waits, and it is counted as such */
    LoopTimer *late;    /* until it has gone on for long enough so; NULL: no end is set */
};

struct Flights {
    FlightsSpec spec;
    GHashTable *table; /* &key -> Flight */
    unsigned background;
    GHashTable *background_of; /* name of a source -> how many of them are its */
};

void flights_count(const Flights *flights, const char *result);
int64_t flights_now_us(const Flights *flights);
/* flight.c: a piece has come. */
void flight_tell_waiters(const Flight *flight);
/* flight.c: the reply is complete: it is kept, and the flight is over. */
void flight_end(Flight *flight);

/* flight_ask.c: the stored listings of the sources in names, another process, or the partner. False when nobody can be asked. */
bool flight_ask(Flight *flight, StrList names, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* flight_ask.c: what is said of a source that can't be asked. */
SourceReply *flight_refusal(const GError *error);
/* flight_ask.c: the reply is for other processes, too. */
void flight_share(const Flight *flight, int64_t fresh_us);
