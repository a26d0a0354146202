/* SPDX-License-Identifier: Apache-2.0 */
/* The classes of failure: their names, and what may pass by itself. */
#include "base/error.h"

#include <string.h>

static const struct {
    const char *name; /* stable: scripts and tests rely on it */
    const char *text;
    int passing;
} classes[] = {
    [MSTR_OK] = {"ok", "no error", 0},
    [MSTR_E_UNEXPECTED] = {"unexpected", "unexpected condition", 0},
    [MSTR_E_MEMORY] = {"memory", "out of memory", 0},
    [MSTR_E_USAGE] = {"usage", "wrong arguments", 0},
    [MSTR_E_CONFIG] = {"config", "configuration error", 0},
    [MSTR_E_NOT_FOUND] = {"not-found", "not found", 0},
    [MSTR_E_NOT_AVAILABLE] = {"not-available", "not available here", 0},
    [MSTR_E_DENIED] = {"denied", "access denied", 0},
    [MSTR_E_AUTHENTICATION] = {"authentication", "authentication failed", 0},
    [MSTR_E_SESSION] = {"session", "no session, or the session expired", 0},
    [MSTR_E_NETWORK] = {"network", "network failure", 1},
    [MSTR_E_TLS] = {"tls", "the peer could not be verified", 0},
    [MSTR_E_TIMEOUT] = {"timeout", "timed out", 1},
    [MSTR_E_CANCELLED] = {"cancelled", "cancelled", 0},
    [MSTR_E_THROTTLED] = {"throttled", "too many requests", 1},
    [MSTR_E_UNAVAILABLE] = {"unavailable", "service unavailable", 1},
    [MSTR_E_PROTOCOL] = {"protocol", "answer that does not follow the protocol", 0},
    [MSTR_E_PLUGIN] = {"plugin", "plugin failure", 0},
    [MSTR_E_EXISTS] = {"exists", "exists already", 0},
    [MSTR_E_REQUEST] = {"request", "request refused as invalid", 0},
    [MSTR_E_SERVER] = {"server", "server error", 0},
    [MSTR_E_ISERVER] = {"iserver", "Intelligence Server error", 0},
};

/* A plugin may hand over a number that is no class. */
static size_t index_of(enum mstr_code code)
{
    return (size_t)code < sizeof(classes) / sizeof(classes[0]) ? (size_t)code : (size_t)MSTR_E_UNEXPECTED;
}

const char *mstr_code_name(enum mstr_code code)
{
    return classes[index_of(code)].name;
}

enum mstr_code error_code_named(const char *name)
{
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (strcmp(classes[i].name, name) == 0) {
            return (enum mstr_code)i;
        }
    }
    return MSTR_E_UNEXPECTED;
}

const char *mstr_code_text(enum mstr_code code)
{
    return classes[index_of(code)].text;
}

int mstr_code_is_passing(enum mstr_code code)
{
    return classes[index_of(code)].passing;
}
