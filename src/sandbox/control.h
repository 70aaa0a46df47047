/*
 * Control: what a test or a curious person may tell the sandbox. No network of the real world has it.
 *
 *     GET  /control/books?at=MOMENT                        what each network owes by its current rows
 *     POST /control/advance?seconds=N                      moves the sandbox's time
 *     POST /control/faults/{network}?fault=NAME&for_s=N    misbehave; {network} may be "all"
 *     POST /control/latency/{network}?ms=N                 answer that much later
 *     POST /control/discrepancy/{network}?micros=N&day=D   owe that much more in the totals of a day, and only there;
 *                                                          0 takes it back
 */
#pragma once

#include "sandbox/fault.h"

/* network is NULL in these calls. */
void control_books(const Call *call, Reply *reply);
void control_advance(const Call *call, Reply *reply);
void control_discrepancy(const Call *call, Reply *reply);
void control_faults(const Call *call, Faults *faults, Reply *reply);
void control_latency(const Call *call, Faults *faults, Reply *reply);
