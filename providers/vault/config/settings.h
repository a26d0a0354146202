/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What decides where Vault or OpenBao is asked, and how: options of the section, then the variables of both command
 * line tools. Read once, when the instance is made; the rest reads no variable but those of its own identity.
 */
#ifndef MSTR_PROVIDERS_VAULT_CONFIG_SETTINGS_H
#define MSTR_PROVIDERS_VAULT_CONFIG_SETTINGS_H

#include "base/buffer.h"

#include <mstr/provider.h>
#include <stdbool.h>
#include <stdint.h>

/* How a path is read. */
enum vault_kv { VAULT_KV_AUTO, VAULT_KV_1, VAULT_KV_2, VAULT_KV_NONE };

/* Texts live as long as the instance; NULL = none. */
struct vault_settings {
    const struct mstr_instance *instance;
    struct buffer address;   /* a URL, which may have a path, without a slash at its end */
    char address_source[32]; /* the option or variable that says so */
    const char *namespace;   /* of what is read */
    const char *login_namespace;
    char *auth_mount; /* of the method of the login, without slashes at its ends; NULL = the method's own name */
    const char *ca_file;
    const char *ca_pem;
    const char *client_cert;
    const char *client_key;
    const char *server_name;
    const char *proxy; /* for whatever scheme; NULL = as for everybody */
    const char *redirect_hosts;
    int attempts;     /* the first included */
    int64_t timeout;  /* ms, for one of them */
    bool redirects;   /* one is followed */
    bool plain;       /* the address is one of http */
    bool revoke;      /* leases end with the instance */
    enum vault_kv kv; /* of all paths; VAULT_KV_AUTO = Vault is asked */
};

/* MSTR_E_CONFIG names the option or variable that cannot be. To be released whatever happened. */
enum mstr_code vault_settings_read(const struct mstr_instance *instance, struct vault_settings *settings,
                                   struct mstr_error *error);
void vault_settings_release(struct vault_settings *settings);
/* One of them by itself; VAULT_KV_AUTO where the options are not known. */
enum mstr_code vault_kv_read(const struct mstr_instance *instance, enum vault_kv *kv, struct mstr_error *error);

/* A variable as both tools have it: BAO_NAME, which counts even where it is empty, else VAULT_NAME. */
struct vault_variable {
    char name[32];     /* the one that is set; VAULT_NAME where neither is */
    const char *value; /* NULL = unset or empty */
};
struct vault_variable vault_variable(const char *name);
/* An option, or the variable in its place. */
struct vault_variable vault_setting(const struct mstr_instance *instance, const char *option, const char *name);

#endif
