/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AWS Signature Version 4, in headers, over the octets as they go on the wire. What is signed: every header given but
 * those that proxies change, and the ones that are added here. Pure but for OpenSSL; any number of threads.
 */
#ifndef MSTR_PROVIDERS_SDK_SIGV4_H
#define MSTR_PROVIDERS_SDK_SIGV4_H

#include "base/buffer.h"

#include <mstr/provider.h>
#include <stdbool.h>
#include <stdint.h>

struct sigv4_keys {
    const char *access_key;
    const char *secret_key;
    const char *session_token; /* NULL = none */
};

struct sigv4_request {
    const char *method;
    const char *path;                  /* as on the wire; "" counts as "/" */
    const char *query;                 /* as on the wire, without '?'; NULL = none */
    const struct mstr_header *headers; /* Host among them; none of those that signing adds */
    size_t header_count;
    const void *body;
    size_t body_length;
    bool keep_path;   /* leave dot segments and double slashes as they are */
    bool hash_header; /* add and sign X-Amz-Content-SHA256 */
};

/* The longest scope, and the longest string to sign: its four lines hold an algorithm, a time, a scope and a hash. */
enum { SIGV4_SCOPE_SIZE = 128, SIGV4_STRING_SIZE = 17 + 17 + SIGV4_SCOPE_SIZE + 65 };

/* A derived key, good for one secret key, day, region and service. Zero = none. A caller that keeps one must wipe it
 * with the keys it was derived from, and lock it if threads share it. */
struct sigv4_key {
    bool derived;
    char scope[SIGV4_SCOPE_SIZE]; /* date/region/service/aws4_request */
    unsigned char octets[32];
};

struct sigv4_signature {
    char date[17];                   /* for X-Amz-Date */
    char body_hash[65];              /* for X-Amz-Content-SHA256 where it was asked for */
    char text[65];                   /* the signature, lower-case hexadecimal */
    struct buffer authorization;     /* for Authorization */
    struct buffer canonical_request; /* the steps on the way, for tests and for explaining a refusal */
    char string_to_sign[SIGV4_STRING_SIZE];
};

/* A region that may become part of a host name: 1 to 63 letters, digits and inner hyphens, not all digits. */
bool sigv4_region_is_valid(const char *region);

/* Signs at `time` (ms since 1970). `key` may be NULL; otherwise it is used if it fits and replaced if not.
 * MSTR_E_CONFIG for a bad region, MSTR_E_USAGE for a header that signing must add itself, or more headers,
 * parameters or segments than are signed, MSTR_E_MEMORY. */
enum mstr_code sigv4_sign(const struct sigv4_keys *keys, const char *region, const char *service, int64_t time,
                          const struct sigv4_request *request, struct sigv4_key *key, struct sigv4_signature *out);
/* Wipes; a zeroed signature is accepted. */
void sigv4_release(struct sigv4_signature *signature);

#endif
