/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of certificates and keys that a setting or variable names: read here, or looked at before libcurl opens them.
 * What is wrong with one is told as "client_cert=/x: no such file or directory". Thread-safe.
 */
#ifndef MSTR_HTTP_TLS_FILE_H
#define MSTR_HTTP_TLS_FILE_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>

/* MSTR_E_CONFIG where something stands there that is no regular file, such as a pipe, which OpenSSL would wait for
 * without end. One that is missing is told by whoever reads it. */
enum mstr_code tls_file_check_regular(const char *source, const char *path, mstr_error *error);
/* Appends its octets. MSTR_E_CONFIG where it is missing or cannot be read, as that and with `what` it must be. */
enum mstr_code tls_file_read(const char *source, const char *path, const char *what, struct buffer *content,
                             mstr_error *error);
/* The same without a word, also of what is no regular file; false with errno. */
bool tls_file_slurp(const char *path, struct buffer *content);
/* Tells why a file or folder is of no use, and what it must be; MSTR_E_CONFIG. */
enum mstr_code tls_file_fail(const char *source, const char *path, const char *why, const char *what,
                             mstr_error *error);

#endif
