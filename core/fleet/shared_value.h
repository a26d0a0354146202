/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secret with its facts as the octets of a record, before they are sealed: until when it may be used by the store's
 * time, so that nobody can have it last longer who writes into the store; expiry and time of fetching, version, media
 * type and null hint with their lengths, then the value. Pure.
 */
#ifndef MSTR_FLEET_SHARED_VALUE_H
#define MSTR_FLEET_SHARED_VALUE_H

#include "base/buffer.h"

#include <mstr/secret.h>
#include <stdint.h>

/* False without memory. */
bool shared_value_pack(const mstr_secret *secret, int64_t until, struct buffer *out);
/* The secret, as that identity has read it; NULL for octets that are none, or without memory. */
mstr_secret *shared_value_unpack(const char *octets, size_t length, const char *identity, int64_t *until);

#endif
