/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request as Vault wants it: where to, in which namespace, by which token; and the one redirect that is followed,
 * from a node that stands by to the active one.
 */
#ifndef MSTR_PROVIDERS_VAULT_WIRE_MESSAGE_H
#define MSTR_PROVIDERS_VAULT_WIRE_MESSAGE_H

#include "sdk/request.h"
#include "vault/config/settings.h"
#include "vault/wire/answer.h"
#include "vault/wire/refusal.h"

/* What it points to is borrowed. Zeroed but for the upper part; to be released. */
struct vault_message {
    const struct vault_settings *settings;
    const char *method;    /* NULL = GET */
    const char *namespace; /* NULL = none */
    const char *token;     /* NULL = none */
    const char *index;     /* of the login, for clusters whose nodes are not equally far; NULL = none */
    const char *body;      /* JSON; NULL = none */
    struct vault_asked asked;
    struct buffer path; /* encoded, behind /v1 */

    struct buffer origin; /* the active node's, once a redirect told it */
    struct buffer url;
    struct mstr_header headers[6];
};

/* How requests are sent: once more for whatever passes, or, logins, only where nothing was done yet. */
struct traffic vault_traffic(const struct vault_settings *settings, bool login);
/* Appends "/" and the path's segments, each encoded. */
bool vault_message_add(struct vault_message *message, const char *path);
/* Completes the HTTP request of an attempt. */
enum mstr_code vault_message_prepare(struct vault_message *message, struct mstr_http_request *http,
                                     struct mstr_error *error);
/* Tells an answer that is no success, or follows it: then the attempt is to be sent again at once. `token` as
 * vault_refusal_read() has it. */
enum mstr_code vault_message_refused(struct vault_message *message, struct attempt *attempt,
                                     struct mstr_http_response *response, bool *token, struct mstr_error *error);
/* Sends it, and reads the answer, to be released whatever happened. `response` (may be NULL) is given to the caller
 * to free, for its headers. */
enum mstr_code vault_message_send(struct vault_message *message, const struct mstr_call *call,
                                  struct vault_answer *answer, struct mstr_http_response **response,
                                  struct mstr_error *error);
/* Logs what Vault warns of beside what was asked, but for warnings that repeat a secret of either. */
void vault_message_log_warnings(const struct vault_message *message, const struct vault_answer *answer);
void vault_message_release(struct vault_message *message);

#endif
