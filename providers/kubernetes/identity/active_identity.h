/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identity that an instance acts by: looked for once, by one thread, and kept for all.
 */
#ifndef MSTR_PROVIDERS_KUBERNETES_IDENTITY_ACTIVE_IDENTITY_H
#define MSTR_PROVIDERS_KUBERNETES_IDENTITY_ACTIVE_IDENTITY_H

#include "kubernetes/identity/identity.h"

/* False without resources. To be destroyed with renewable_destroy(), forgotten with renewable_drop(). */
bool active_identity_init(struct renewable *active, const struct mstr_instance *instance);
/* For identity_release(). With `report` it is looked for anew, each step told, and not kept. */
enum mstr_code active_identity_get(struct renewable *active, const struct mstr_call *call, struct mstr_report *report,
                                   struct identity **out, struct mstr_error *error);

#endif
