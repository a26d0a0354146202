/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The addresses that a host name stands for, asked of the system within a call's limits.
 */
#ifndef MSTR_PROVIDERS_AWS_WIRE_NAME_LOOKUP_H
#define MSTR_PROVIDERS_AWS_WIRE_NAME_LOOKUP_H

#include <mstr/provider.h>
#include <netdb.h>

enum { NAME_ADDRESSES_MAX = 16, NAME_ADDRESS_SIZE = 64 };

/* In the order in which they should be tried. */
struct name_addresses {
    size_t count;
    char text[NAME_ADDRESSES_MAX][NAME_ADDRESS_SIZE]; /* numeric */
};

/* MSTR_E_NETWORK when the name is unknown or has more addresses than these, _TIMEOUT, _CANCELLED, _MEMORY. */
enum mstr_code name_lookup(const char *name, const struct mstr_call *call, struct name_addresses *out,
                           struct mstr_error *error);

/* What asks the system: getaddrinfo() but in tests. Set before any lookup. */
extern int (*name_lookup_system)(const char *name, const char *service, const struct addrinfo *hints,
                                 struct addrinfo **list);

#endif
