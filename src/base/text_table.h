/*
 * Text table: rows for a person at a terminal.
 *
 *     TASK           STATE  TRY  WHAT
 *     0SAVTHZQR0006  done     1  revenue.pull birch/default
 *
 * Columns are as wide as their widest cell, so that nothing is cut. What others sent stays a text: control characters,
 * which could move the cursor or hide what stands there, are shown as U+FFFD.
 */
#pragma once

#include "base/str.h"

typedef struct TextTable TextTable;

/* heads: NULL-terminated; one that begins with '>' is of a column that is aligned to the right. */
TextTable *text_table_new(const char *const *heads);
/* The same with heads of somebody else's: right tells which columns are aligned to the right. */
TextTable *text_table_new_of(const char *const *heads, const bool *right, size_t column_count);
void text_table_free(TextTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TextTable, text_table_free)

/* Fills the next cell; after the last column the next row begins. */
void text_table_add(TextTable *table, Str text);
void text_table_printf(TextTable *table, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Without the heads. */
size_t text_table_row_count(const TextTable *table);
/* Keeps the first so many rows. */
void text_table_truncate(TextTable *table, size_t row_count);
/* Appends all rows, a line each; the row at hand must be complete. */
void text_table_write(const TextTable *table, GString *to);

/* Appends text as it may be shown on a terminal: one line, without control characters. */
void text_for_terminal(GString *to, Str text);
