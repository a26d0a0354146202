/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is set on OpenSSL's own context of a connection, where libcurl has no option for it: that decrypted octets are
 * wiped, and trust in exactly one leaf certificate, known by its SHA-1, in place of a chain. And what only OpenSSL
 * knows of a handshake.
 */
#ifndef MSTR_HTTP_TLS_H
#define MSTR_HTTP_TLS_H

#include "http/curl_api.h"

#include <stdbool.h>

struct tls {
    const struct curl_api *api;
    bool begun;  /* there is a connection to speak TLS over */
    bool *asked; /* becomes true when a server asks for a client certificate; NULL = nobody wants to know */
    unsigned char sha1[20]; /* of the leaf that is trusted, if it is by that */
    bool refused;           /* the peer showed another certificate */
};

/* Lets OpenSSL wipe what it has decrypted once it was read, and note what comes of the handshake. Does nothing, and
 * well, where libcurl has another library for TLS. `tls` must live as long as the transfer, what it points to as long
 * as its connection. */
bool tls_prepare(struct tls *tls, CURL *easy);
/* The same with a pin, which some services on a machine of their own ask of their clients. The check takes the place
 * of the chain's verification, so that it ends the handshake before any octet of the request is sent. Reads 40
 * hexadecimal digits and makes `easy` verify by them. MSTR_E_CONFIG for other text, MSTR_E_NOT_AVAILABLE where
 * libcurl has no OpenSSL. */
enum mstr_code tls_pin(struct tls *tls, CURL *easy, const char *digits, mstr_error *error);

#endif
