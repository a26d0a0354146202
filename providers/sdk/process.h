/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a helper program to its end and gathers what it prints: for exec: references and for the clouds' own helpers.
 * It is started as child_start() does, and killed with its whole group when the deadline ends or the caller
 * cancels. What it prints is bounded, and wiped by process_release(). Thread-safe.
 */
#ifndef MSTR_PROVIDERS_SDK_PROCESS_H
#define MSTR_PROVIDERS_SDK_PROCESS_H

#include "sdk/process_start.h"

/* MSTR_OK whatever the exit status; as child_start(); _TIMEOUT, _CANCELLED; _PROTOCOL when it prints too much;
 * _MEMORY. The result is to be released whatever happened; on failure it holds what had been printed until then. */
enum mstr_code process_run(const struct mstr_call *call, const struct process_spec *spec,
                           struct process_result *result, struct mstr_error *error);

#endif
