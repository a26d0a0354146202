/* SPDX-License-Identifier: Apache-2.0 */
/* The identity that an instance acts by. */
#include "kubernetes/identity/active_identity.h"

#include "kubernetes/identity/chain.h"

static enum mstr_code search(struct renewable *active, const struct mstr_call *call, struct kept **out,
                             struct mstr_error *error)
{
    struct identity *found = NULL;
    enum mstr_code code = identity_find(active->instance, call, NULL, &found, error);
    *out = (struct kept *)(void *)found;
    return code;
}

bool active_identity_init(struct renewable *active, const struct mstr_instance *instance)
{
    static const struct renewable_kind kind = {.name = "the search for an identity", .fetch = search};
    return renewable_init(active, &kind, instance);
}

enum mstr_code active_identity_get(struct renewable *active, const struct mstr_call *call, struct mstr_report *report,
                                   struct identity **out, struct mstr_error *error)
{
    struct kept *kept = NULL;
    if (report != NULL) {
        return identity_find(active->instance, call, report, out, error);
    }
    enum mstr_code code = renewable_get(active, call, &kept, error);
    *out = (struct identity *)(void *)kept;
    return code;
}
