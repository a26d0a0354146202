/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the library fills a mstr_error. Each part has its setter, so that the floor that knows a fact adds it: the
 * plugin the service's code, the resolver the reference, the session the login step. NULL errors are accepted
 * throughout, and texts are copied, bounded to ERROR_TEXT_MAX octets, cleaned of control characters.
 */
#ifndef MSTR_BASE_ERROR_H
#define MSTR_BASE_ERROR_H

#include <mstr/error.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

struct buffer;

#define ERROR_TEXT_MAX 2048

/* Clears the error, then sets class and message. Returns `code`, so that `return error_set(…)` reads well. */
enum mstr_code error_set(mstr_error *error, enum mstr_code code, const char *format, ...) MSTR_PRINTF(3, 4);
enum mstr_code error_vset(mstr_error *error, enum mstr_code code, const char *format, va_list arguments)
    MSTR_PRINTF(3, 0);
/* Puts text before the message: "resolving password: …". */
void error_prefix(mstr_error *error, const char *format, ...) MSTR_PRINTF(2, 3);
/* Another class for what is told, where that is worth more to the caller; all else stays. Returns `code`. */
enum mstr_code error_set_class(mstr_error *error, enum mstr_code code);

void error_set_hint(mstr_error *error, const char *format, ...) MSTR_PRINTF(2, 3);
void error_set_reference(mstr_error *error, const char *reference);
void error_set_provider(mstr_error *error, const char *provider);
void error_set_step(mstr_error *error, const char *step);
void error_set_service_code(mstr_error *error, const char *code);
void error_set_request_id(mstr_error *error, const char *id);
void error_set_http_status(mstr_error *error, int status);
void error_set_iserver_code(mstr_error *error, int32_t code);
void error_set_mstr_number(mstr_error *error, int number);

/* Offers every text that may quote somebody else (message, hint, service code, request id) to `change`, which returns
 * true if it did. */
void error_change_foreign(mstr_error *error, bool (*change)(struct buffer *text, void *data), void *data);

/* The class of a name that mstr_code_name() gives; MSTR_E_UNEXPECTED for any other. */
enum mstr_code error_code_named(const char *name);

/* `to` tells what `from` tells; either may be NULL: `from` is so where there was no memory for it. */
void error_copy(mstr_error *to, const mstr_error *from);

#endif
