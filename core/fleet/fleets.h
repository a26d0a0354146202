/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fleets of a context, one for each section that is used, made when it is used first: its seal keys are resolved
 * and its store's module is loaded then. What could not be made is tried again the next time. Thread-safe.
 */
#ifndef MSTR_FLEET_FLEETS_H
#define MSTR_FLEET_FLEETS_H

#include "base/gate.h"
#include "config/config.h"
#include "fleet/fleet.h"
#include "plugin/services.h"
#include "resolve/resolver.h"

struct fleets {
    const struct services *services;
    const struct config *config;
    struct gate making;
    struct fleets_entry *first;
};

/* False without resources. Services and config outlive it. */
bool fleets_init(struct fleets *fleets, const struct services *services, const struct config *config);
/* Once no session has a seat. */
void fleets_release(struct fleets *fleets);

/* The fleet of a section; `resolver` finds what stands in it as references. */
enum mstr_code fleets_get(struct fleets *fleets, const char *section, const struct resolver *resolver,
                          const struct limits *limits, struct fleet **out, mstr_error *error);

#endif
