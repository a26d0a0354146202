/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WWW-Authenticate challenges (RFC 9110 11.6.1) as vaults and Azure Arc send them, and the rule that keeps a vault
 * from asking for tokens of somebody else. Pure.
 */
#ifndef MSTR_PROVIDERS_AZURE_WIRE_CHALLENGE_H
#define MSTR_PROVIDERS_AZURE_WIRE_CHALLENGE_H

#include "azure/wire/demand.h"
#include "base/buffer.h"

/* Appends the value of a parameter of the scheme's challenge, quotes undone; false without such a one. */
bool challenge_parameter(const char *header, const char *scheme, const char *name, struct buffer *value);

/* What a vault asks for. Its authority is not taken over: secrets go to the configured one only. False when there is
 * no Bearer challenge that names a resource or claims. */
bool challenge_read(const char *header, struct demand *demand);

/* Whether a vault at this host and port may ask for the resource: its host must lie below the resource's, or the
 * configuration names that very resource (`allowed`, NULL = none). */
bool challenge_is_allowed(const char *resource, const char *vault_host, unsigned port, const char *allowed);

#endif
