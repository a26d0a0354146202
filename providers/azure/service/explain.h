/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells for `mstr doctor` how a reference is served: whether its vault can be reached and what it asks for, each
 * identity with its outcome, and whom the token is of.
 */
#ifndef MSTR_PROVIDERS_AZURE_SERVICE_EXPLAIN_H
#define MSTR_PROVIDERS_AZURE_SERVICE_EXPLAIN_H

#include "azure/service/key_vault.h"

/* A plugin's `explain`, of a struct azure. */
enum mstr_code explain_reference(void *self, const struct mstr_reference *reference, struct mstr_report *report,
                                 const struct mstr_call *call, struct mstr_error *error);

#endif
