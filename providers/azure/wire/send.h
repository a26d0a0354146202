/*
 * Requests as this provider sends them, to authorities, metadata services and vaults alike: whom they trust, how long
 * they may take, and which failures another attempt may mend.
 */
#ifndef MSTR_PROVIDERS_AZURE_WIRE_SEND_H
#define MSTR_PROVIDERS_AZURE_WIRE_SEND_H

#include "sdk/retry.h"

/* How Azure's own clients repeat what failed in passing: three times, from 0.8 s on. */
extern const struct retry_policy send_retry;

/* Completes a request: the instance's ca_file where it names no other authority, time limits where it has none. */
void send_defaults(const struct mstr_instance *instance, struct mstr_http_request *request);
/* Sends it, completed. */
enum mstr_code send_request(const struct mstr_instance *instance, const struct mstr_call *call,
                            struct mstr_http_request request, struct mstr_http_response **response,
                            struct mstr_error *error);
/* The call's trace id in the form of a GUID, which Azure's services log: 36 characters. */
enum { REQUEST_ID_LENGTH = 36 };
void send_request_id(const struct mstr_call *call, char id[REQUEST_ID_LENGTH + 1]);
/* Not empty, and of visible ASCII alone, so that it can be the value of a header. */
bool send_fits_header(const char *text, size_t length);
/* A failure that another attempt may mend. */
bool send_is_passing(enum mstr_code code);
/* A status that another attempt may mend. */
bool send_status_is_passing(int status);

#endif
