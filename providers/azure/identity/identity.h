/*
 * What a credential is asked for, and the kinds there are. Each is a function without memory of its own: variables
 * and files are read anew for every token, which the keeper then holds for as long as it is good.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_IDENTITY_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_IDENTITY_H

#include "azure/azure.h"
#include "base/buffer.h"
#include "sdk/renewable.h"
#include "sdk/retry.h"

struct ask {
    const struct mstr_instance *instance;
    const struct mstr_call *call;
    const struct demand *demand;
    bool alone;         /* the only credential of its chain: what is missing is worth waiting for */
    bool proven;        /* it has given tokens before */
    struct buffer *who; /* is told which identity was asked for and why */
};

/* MSTR_OK with a token; MSTR_E_NOT_AVAILABLE, saying why, where there is nothing of its kind; any other failure ends
 * the chain. */
typedef enum mstr_code credential_fn(const struct ask *ask, struct token *token, struct mstr_error *error);

credential_fn environment_credential; /* service principal with a secret or a certificate */
credential_fn workload_credential;    /* federated token file, as Kubernetes projects it */
credential_fn managed_credential;     /* identity of the machine or service that this runs on */
credential_fn cli_credential;         /* az */
credential_fn azd_credential;         /* azd */
credential_fn powershell_credential;  /* pwsh */

/* The option, else the variable, else NULL; empty ones do not count. `from` (may be NULL) is told which it was. */
const char *credential_setting(const struct ask *ask, const char *option, const char *variable, const char **from);
/* A request as this provider sends it: with the ca_file, and time limits where it has none. */
enum mstr_code credential_http(const struct ask *ask, struct mstr_http_request request,
                               struct mstr_http_response **response, struct mstr_error *error);
/* The call's trace id in the form of a GUID, which Azure's services log: 36 characters. */
enum { REQUEST_ID_LENGTH = 36 };
void credential_request_id(const struct mstr_call *call, char id[REQUEST_ID_LENGTH + 1]);
/* How Azure's own clients repeat what failed in passing: three times, from 0.8 s on. */
extern const struct retry_policy credential_retry;
/* Not empty, and of visible ASCII alone, so that it can be the value of a header. */
bool credential_fits_header(const char *text, size_t length);
/* A failure that another attempt may mend. */
bool credential_is_passing(enum mstr_code code);
/* A status that another attempt may mend. */
bool credential_status_is_passing(int status);

#endif
