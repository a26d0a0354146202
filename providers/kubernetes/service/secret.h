/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The API server's Secret (core/v1), checked and decoded: its entries as octets.
 */
#ifndef MSTR_PROVIDERS_KUBERNETES_SERVICE_SECRET_H
#define MSTR_PROVIDERS_KUBERNETES_SERVICE_SECRET_H

#include "base/buffer.h"

struct secret_entry {
    char *key;
    struct buffer octets;
};

/* All zero is a blank one. */
struct secret {
    struct secret_entry *entries; /* in the order of the answer */
    size_t count;
    char version[128]; /* resourceVersion; "" = none told */
};

/* The answer must be the secret that was asked for, every entry whole: a partial value is never given. */
enum mstr_code secret_read(const struct mstr_http_answer *answer, const char *namespace, const char *name,
                           struct secret *out, struct mstr_error *error);
/* NULL when there is no such entry. */
const struct buffer *secret_entry(const struct secret *secret, const char *key);
/* Appends a compact JSON object of the entries: texts, and null for what is no text. */
bool secret_put_json(const struct secret *secret, struct buffer *out);
/* Tells that there is no such entry, and which there are. */
enum mstr_code secret_tell_missing(const struct secret *secret, const char *name, const char *key,
                                   struct mstr_error *error);
void secret_release(struct secret *secret);

#endif
