/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether this runs on Google Cloud: variables and the machine's product name say so without a request, else one
 * short ping decides for the life of the process.
 */
#ifndef MSTR_PROVIDERS_GCP_WIRE_RESIDENCY_H
#define MSTR_PROVIDERS_GCP_WIRE_RESIDENCY_H

#include <mstr/provider.h>

/* MSTR_OK when a metadata server is there, MSTR_E_NOT_AVAILABLE with the reason when none is, MSTR_E_CONFIG for a
 * switch that says nothing known. */
enum mstr_code residency_check(const struct mstr_call *call, struct mstr_error *error);

#endif
