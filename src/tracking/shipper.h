/*
 * Shipper: brings a batch of spooled events into the database, each once. Inside this room only; see spool.h.
 *
 * Events are idempotent by id, so a batch whose fate is unknown is simply shipped again. When the database refuses a
 * batch, its events go one by one, and those that are refused alone are told apart as poison.
 */
#pragma once

#include "tracking/spool_file.h"

typedef struct Shipper Shipper;

/* The database is opened when it is first needed. */
Shipper *shipper_new(const char *database_url);
void shipper_free(Shipper *shipper);

/* Ships rows. True: each is in the database or was handed to poison, with the reason. False: try all again later. */
bool shipper_ship(Shipper *shipper, const SpoolRow *rows, size_t count, Arena *arena,
                  void (*poison)(void *data, const SpoolRow *row, const char *reason), void *data,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
