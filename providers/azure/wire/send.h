/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests as this provider sends them, to authorities, metadata services and vaults alike: whom they trust, how long
 * they may take, and which failures another attempt may mend.
 */
#ifndef MSTR_PROVIDERS_AZURE_WIRE_SEND_H
#define MSTR_PROVIDERS_AZURE_WIRE_SEND_H

#include "sdk/request.h"

/* As Azure's own clients repeat what failed in passing: three times, from 0.8 s on. */
extern const struct traffic send_traffic;
/* Whom TLS trusts, by the instance's option; NULL = whom the host does. */
const char *send_ca_file(const struct mstr_instance *instance);
/* The call's trace id in the form of a GUID, which Azure's services log: 36 characters. */
enum { REQUEST_ID_LENGTH = 36 };
void send_request_id(const struct mstr_call *call, char id[REQUEST_ID_LENGTH + 1]);

#endif
