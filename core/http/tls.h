/*
 * What is set on OpenSSL's own context of a connection, where libcurl has no option for it: that decrypted octets are
 * wiped, and trust in exactly one leaf certificate, known by its SHA-1, in place of a chain.
 */
#ifndef MSTR_HTTP_TLS_H
#define MSTR_HTTP_TLS_H

#include "http/curl_api.h"

#include <stdbool.h>

struct pin {
    const struct curl_api *api;
    unsigned char sha1[20];
    bool refused; /* the peer showed another certificate */
};

/* Lets OpenSSL wipe what it has decrypted once it was read. Does nothing, and well, where libcurl has another library
 * for TLS. */
bool tls_prepare(const struct curl_api *api, CURL *easy);
/* The same with a pin, which some services on a machine of their own ask of their clients. The check takes the place
 * of the chain's verification, so that it ends the handshake before any octet of the request is sent. Reads 40
 * hexadecimal digits and makes `easy` verify by them. MSTR_E_CONFIG for other text, MSTR_E_NOT_AVAILABLE where
 * libcurl has no OpenSSL. `pin` must live as long as the transfer. */
enum mstr_code tls_pin(struct pin *pin, const struct curl_api *api, CURL *easy, const char *digits,
                       mstr_error *error);

#endif
