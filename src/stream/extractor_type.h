/* The insides of an extractor, for the files that make it up. */
#pragma once

#include "stream/ancestors.h"
#include "stream/extractor.h"
#include "stream/field_finder.h"
#include "stream/path_steps.h"
#include "stream/record_match.h"

struct Extractor {
    const ReaderSpec *spec;
    ReaderLimits limits;
    const ReaderEvents *events;
    void *data;
    const Path *paths[1 + READER_MORE_RECORDS]; /* of records */
    size_t path_count;
    const Path *records;  /* of the record at hand */
    const Value *columns; /* names of the items of a record that is a list; NULL: not looked up yet */
    size_t column_count, column;
    bool is_row; /* the record at hand is a list whose items have names */
    uint64_t (*position)(void *data);
    void *position_data;
    uint64_t (*span_begin)(void *data), (*span_end)(void *data);
    void *span_data;

    Keeper record, document;
    bool keeps_document;
    FieldFinder finder;
    RecordLevel *levels; /* outside of records, one for each path at each depth */
    unsigned depth;
    unsigned record_depth; /* 0: no record is open; else the depth of its root */
    const char *reject_reason;
    char *reject_detail;
    GError *failure;

    uint64_t number, given;
    uint64_t record_position, record_begin;
    bool broke_off;
    Arena *answers; /* what extractor_document() gave */
};

void extractor_begin_record(Extractor *ex);
/* Tells of the record at hand why it was rejected, and where it began. */
void extractor_report_rejected(Extractor *ex);
/* Gives the record at hand, or says why it is rejected. False when reading must stop. */
bool extractor_end_record(Extractor *ex);
