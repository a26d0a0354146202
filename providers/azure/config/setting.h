/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings of an instance: options of its section, and the variables that Azure's own clients read. One that is empty
 * counts as none.
 */
#ifndef MSTR_PROVIDERS_AZURE_CONFIG_SETTING_H
#define MSTR_PROVIDERS_AZURE_CONFIG_SETTING_H

#include <mstr/provider.h>

/* NULL = none. */
const char *setting_option(const struct mstr_instance *instance, const char *option);
const char *setting_variable(const char *variable);
/* The option, else the variable (NULL = it has none). `from` (may be NULL) is told which it was; the variable, where
 * it is neither. */
const char *setting_find(const struct mstr_instance *instance, const char *option, const char *variable,
                         const char **from);
/* ms that the option says; `otherwise` where it says none. */
int64_t setting_duration(const struct mstr_instance *instance, const char *option, int64_t otherwise);

#endif
