/*
 * Mapping sink: takes what searches tell about partners' records, without waiting, and writes it every few seconds.
 *
 *     mapping_sink_take() ──adds to──> one tally for each source ──thread──> database
 *
 * What waits is bounded by the sources there are: counts are added up, and each tally holds but a few records. While the
 * database is away it goes on being added up, so that counts are late, not lost.
 */
#pragma once

#include "quality/mapping_store.h"

typedef struct MappingSink MappingSink;

typedef struct {
    const char *database_url;
    int64_t every_us; /* between two writings */
    const Clock *clock;
    IdMint *mint;
} MappingSinkSpec;

MappingSink *mapping_sink_start(const MappingSinkSpec *spec);
/* Writes what it has once more, and ends the thread. NULL is allowed. */
void mapping_sink_stop(MappingSink *sink);
/* Whether a source refused our key, with its words, or answered. Every call may tell: only what is new is written. From any
 * thread; a NULL sink takes nothing. */
void mapping_sink_note_credential(MappingSink *sink, const char *source, bool refused, Str message);
/* From any thread. operation lives as long as the sink. NULL is allowed: nothing is taken. */
void mapping_sink_take(MappingSink *sink, const char *source, const char *operation, const MappingTally *tally);
