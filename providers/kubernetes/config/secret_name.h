/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reference names: a secret of a namespace, and one of its entries or all. Names are held to Kubernetes' own
 * grammar, so that none has to be encoded in a URL and none leads elsewhere. Pure.
 */
#ifndef MSTR_PROVIDERS_KUBERNETES_CONFIG_SECRET_NAME_H
#define MSTR_PROVIDERS_KUBERNETES_CONFIG_SECRET_NAME_H

#include <mstr/provider.h>
#include <stdbool.h>

enum { NAMESPACE_MAX = 63, NAME_MAX_LENGTH = 253, KEY_MAX = 253 };

struct secret_name {
    char namespace[NAMESPACE_MAX + 1]; /* "" = one's own */
    char name[NAME_MAX_LENGTH + 1];
    const char *key; /* of the entry, borrowed from the reference; NULL = all */
};

/* //NAMESPACE/NAME or NAME, with ?key=KEY. NULL, or what is wrong with it, to follow "the reference". */
const char *secret_name_parse(const struct mstr_reference *reference, struct secret_name *name);
/* A label of DNS (RFC 1123), as names of namespaces are. */
bool secret_name_is_namespace(const char *text);

#endif
