/*
 * Trust in exactly one leaf certificate, known by its SHA-1, in place of a chain: what Azure Service Fabric asks of
 * its clients. The check takes the place of OpenSSL's chain verification, so that it ends the handshake before any
 * octet of the request is sent.
 */
#ifndef MSTR_HTTP_PIN_H
#define MSTR_HTTP_PIN_H

#include "http/curl_api.h"

#include <stdbool.h>

struct pin {
    const struct curl_api *api;
    unsigned char sha1[20];
    bool refused; /* the peer showed another certificate */
};

/* Reads 40 hexadecimal digits and makes `easy` verify by them. MSTR_E_CONFIG for other text, MSTR_E_NOT_AVAILABLE
 * where libcurl has no OpenSSL. `pin` must live as long as the transfer. */
enum mstr_code pin_apply(struct pin *pin, const struct curl_api *api, CURL *easy, const char *digits,
                         mstr_error *error);

#endif
