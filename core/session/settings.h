/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings of a session that are not secret: from its options, else its profile, else the defaults. Values of a
 * profile may hold references; those are resolved when the session is first used.
 */
#ifndef MSTR_SESSION_SETTINGS_H
#define MSTR_SESSION_SETTINGS_H

#include "context/context.h"

#include <mstr/session.h>
#include <stdbool.h>

enum { SETTINGS_DEFERRED_MAX = 32 };

struct settings {
    uint32_t flags;
    bool own;            /* not of the files alone, so that no agent serves the session */
    bool profile_absent; /* none was named, and there is no [profile default] */
    enum mstr_login_mode login_mode;
    int32_t application_type;
    int64_t connect_timeout;
    int64_t timeout;
    int64_t max_redirects;
    bool relogin;
    bool keepalive;
    bool allow_plain; /* http to any host */
    char *project;
    char *login_fields;  /* a JSON object, NULL = none */
    char *fleet;         /* section of the fleet that shares the session, NULL = none */
    char *session_file;  /* that the session is to be saved to, NULL = none */
    mstr_cancel *cancel; /* for calls that are given no options; the program's, NULL = none */
    char *ca_file;
    char *client_cert;
    char *client_key;
    char *proxy;
    char *proxy_username;
    char *no_proxy;
    char *pinned_key;
    int64_t stall_timeout;
    uint32_t network_flags;
    /* Keys whose values hold references, until settings_expand() has put them in place. */
    struct {
        const struct key *key;
        const struct config_value *value;
    } deferred[SETTINGS_DEFERRED_MAX];
    size_t deferred_count;
};

/* Reads them, and gives every credential that the profile names (NULL for the others), to be released by the caller.
 * MSTR_E_CONFIG for a profile that was named and does not exist, or a value that does not fit. */
enum mstr_code settings_read(const mstr_session_options *options, const struct config *config,
                             struct settings *settings, mstr_credential *credentials[MSTR_CREDENTIAL_KINDS],
                             mstr_error *error);
/* Resolves the references that stand in settings of the profile. By one caller at a time, before the settings are
 * used. */
enum mstr_code settings_expand(struct settings *settings, mstr_context *context, const struct limits *limits,
                               mstr_error *error);
/* Whether a program may hand these over; no network is good. */
enum mstr_code settings_check(const mstr_session_options *options, mstr_error *error);
enum mstr_code settings_check_network(const mstr_network *network, mstr_error *error);
void settings_release(struct settings *settings);
/* How a request reaches the server: what it says itself (NULL = nothing), else the session's. Texts are borrowed. */
mstr_network settings_network(const struct settings *settings, const mstr_network *own);

#endif
