/* SPDX-License-Identifier: Apache-2.0 */
/* The services that the simulator has. */
#include "services.h"

#include <string.h>

const struct sim_service *const sim_services[] = {&sim_mstr, &sim_aws,   &sim_gcp,  &sim_azure,
                                                  &sim_k8s,  &sim_vault, &sim_corp, NULL};

const struct sim_service *sim_service_named(const char *name)
{
    for (size_t i = 0; name && sim_services[i]; i++)
        if (!strcmp(sim_services[i]->name, name))
            return sim_services[i];
    return NULL;
}
