/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom TLS trusts: one rule for sessions, providers and proxies. The first of these that is set counts alone:
 *   1. the file of the request, from the setting of a profile or a provider, or that of the program's context;
 *   2. SSL_CERT_FILE and SSL_CERT_DIR together; REQUESTS_CA_BUNDLE; CURL_CA_BUNDLE;
 *   3. the roots of the system, as libcurl knows them; one that was built for no system in particular, as that of a
 *      single-file program is, gets the file that is there.
 * Where nothing of 1 is set, MSTR_CA_FILE is trusted besides, so that the private authority of a MicroStrategy server
 * does not take the public ones away from a cloud. An empty variable is unset; a folder holds certificates by hashed
 * names. Texts are borrowed from the settings and the environment.
 */
#ifndef MSTR_HTTP_TRUST_H
#define MSTR_HTTP_TRUST_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>

struct trust_place {
    const char *source; /* the variable or setting that names it */
    const char *path;   /* NULL = none */
};

struct trust {
    struct trust_place file;   /* PEM */
    struct trust_place folder; /* of certificates by hashed names; several are separated by ':' */
    struct trust_place added;  /* PEM, or one such folder; trusted besides */
};

/* `own` is the request's file and `given` the program's (NULL = none); `environment` tells whether variables
 * count. */
struct trust trust_find(const char *own, const char *given, bool environment);
/* MSTR_E_CONFIG where a place is missing, cannot be read or holds no certificate: "SSL_CERT_FILE=/x: …". */
enum mstr_code trust_check(const struct trust *trust, mstr_error *error);
/* Makes one PEM text of the file, or `system` (a file, NULL = none) in its place, and what is added, if anything is.
 * False without memory, or where a file or an added folder that was named cannot be read. */
bool trust_join(const struct trust *trust, const char *system, struct buffer *pem);
/* The file that holds the system's roots on the distributions that have one: the first that can be read, or, where
 * none can, the name that most would give it. */
const char *trust_system_file(void);
/* Appends what is trusted in place of the system's roots or besides them, for people: "SSL_CERT_FILE=/x and
 * MSTR_CA_FILE=/y". Nothing where these alone are. */
void trust_tell(const struct trust *trust, struct buffer *out);

#endif
