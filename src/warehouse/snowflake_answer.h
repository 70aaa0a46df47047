/*
 * What Snowflake's SQL API answers: status, handles, rows. No I/O.
 */
#pragma once

#include "warehouse/snowflake.h"

/* Texts are in the arena; absent where the answer has none. */
typedef struct {
    int status;
    Str code, sql_state, message, handle;
    Str *handles; /* one a statement, when there were several */
    size_t handle_count;
    int64_t row_count;      /* of all partitions; -1: not told */
    size_t partition_count; /* 0: not told, there is one */
    Str *columns;
    size_t column_count;
    GArray *cells; /* Str: those of this partition. Owned by whoever reads */
    size_t width;  /* of the rows of this partition */
} SnowflakeAnswer;

/* Reads an answer of any status into *answer, whose cells must be set; rows are added to them. A body that is no JSON
 * is an error with status 200 and 202 only. */
bool snowflake_answer_read(const CloudAnswer *from, Arena *arena, SnowflakeAnswer *answer,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Fails unless the status is 200 or 202, with the code that snowflake.h promises and a hint for a person. */
bool snowflake_answer_check(const SnowflakeAnswer *answer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
