/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Application Default Credentials: the order in which Google's libraries look for an identity. A place that is
 * configured but broken ends the search; only absent ones are passed over.
 */
#ifndef MSTR_PROVIDERS_GCP_IDENTITY_ADC_H
#define MSTR_PROVIDERS_GCP_IDENTITY_ADC_H

#include "gcp/identity/identity.h"

/* Finds one; the caller releases it. `report` (NULL = none) is told each place. MSTR_E_NOT_AVAILABLE lists what was
 * tried. */
enum mstr_code adc_find(const struct mstr_instance *instance, const struct mstr_call *call,
                        struct mstr_report *report, struct gcp_identity **out, struct mstr_error *error);

#endif
