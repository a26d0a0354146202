/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client certificate and its key, as a request shows them to a server that asks: whether OpenSSL will take them,
 * found out without a connection. libcurl loads them anew for each connection and knows no more of a failure than
 * that there is one. Thread-safe.
 */
#ifndef MSTR_HTTP_CLIENT_CERTIFICATE_H
#define MSTR_HTTP_CLIENT_CERTIFICATE_H

#include "base/error.h"

#include <stdbool.h>

#define CLIENT_CERTIFICATE_HINT                                                                                      \
    "check client_cert and client_key; an encrypted key, or PKCS#12, wants client_key_password"

/* Whether the file is PKCS#12 (RFC 7292), which has the key, too; it is DER, a SEQUENCE from its first octet on,
 * where PEM is text. */
bool client_certificate_is_pkcs12(const char *path);
/* MSTR_E_CONFIG with what is wrong with one of the files, or with the passphrase: "client_key=/x: …". `key` NULL =
 * the certificate's file has it; `passphrase` NULL = it is not known here, so that what it opens is not looked
 * into. */
enum mstr_code client_certificate_check(const char *certificate, const char *key, const char *passphrase,
                                        mstr_error *error);

#endif
