/* SPDX-License-Identifier: Apache-2.0 */
/* One line for each service; services.c lists them. */
#ifndef MSTR_SIM_SERVICES_H
#define MSTR_SIM_SERVICES_H

#include "sim.h"

extern const struct sim_service sim_mstr;
extern const struct sim_service sim_aws;
extern const struct sim_service sim_gcp;
extern const struct sim_service sim_azure;
extern const struct sim_service sim_corp;
extern const struct sim_service sim_k8s;
extern const struct sim_service sim_vault;

#endif
