/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the unit tests of the AWS services share: an instance of the plugin on the fake host, with keys and a region.
 */
#ifndef MSTR_TESTS_UNIT_AWS_SUPPORT_H
#define MSTR_TESTS_UNIT_AWS_SUPPORT_H

#include "support/plugin.h"

/* On a host that is set up already. */
static inline int service_create(const char *service)
{
    fake_host_env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    fake_host_env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    fake_host_env("AWS_REGION", "eu-west-1");
    return plugin_create(service);
}

static inline int service_setup(const char *service, void **state)
{
    fake_host_setup(state);
    return service_create(service);
}

#endif
