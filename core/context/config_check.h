/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be wrong with a configuration whose grammar is right: references that are malformed or name no provider,
 * plugins that cannot be loaded, options that a plugin does not have, profiles that cannot log in, and what nobody
 * can have meant, such as a reference without ${}. Nothing is resolved and no network used, so that the check may
 * run where the secrets are not.
 */
#ifndef MSTR_CONTEXT_CONFIG_CHECK_H
#define MSTR_CONTEXT_CONFIG_CHECK_H

#include "base/limits.h"
#include "context/config_listener.h"

/* Tells every problem; the error tells the first. MSTR_OK, or what the first one is: MSTR_E_CONFIG, MSTR_E_PLUGIN, or
 * what a provider says of a reference. */
enum mstr_code check_settings(mstr_context *context, const struct limits *limits, struct config_listener *listener,
                              mstr_error *error);

#endif
