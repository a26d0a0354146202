/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-256-GCM (NIST SP 800-38D) over octets in place, with a 96-bit nonce, a whole tag, and data in two pieces that
 * are only authenticated. Whoever calls it sees to it that no nonce is used twice under one key. Pure.
 */
#ifndef MSTR_SECRET_GCM_H
#define MSTR_SECRET_GCM_H

#include <stdbool.h>
#include <stddef.h>

enum { GCM_KEY = 32, GCM_NONCE = 12, GCM_TAG = 16, GCM_MAX = 4 * 1024 * 1024 };

struct gcm {
    const unsigned char *key;
    const unsigned char *nonce;
    const void *data;
    size_t data_length;
    const void *more; /* data that follows */
    size_t more_length;
};

enum gcm_verdict { GCM_OPENED, GCM_REFUSED /* another key or nonce, or changed */, GCM_NO_MEMORY };

/* False without memory, or for a text or data of more than GCM_MAX octets; the text may then be encrypted in part. */
bool gcm_seal(const struct gcm *gcm, unsigned char *text, size_t length, unsigned char tag[GCM_TAG]);
/* The text is of no use unless it is GCM_OPENED. */
enum gcm_verdict gcm_open(const struct gcm *gcm, unsigned char *text, size_t length,
                          const unsigned char tag[GCM_TAG]);

#endif
