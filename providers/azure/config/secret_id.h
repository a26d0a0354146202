/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an azure-kv reference names: //VAULT/NAME[/VERSION], where VAULT is a vault's name or a host[:port], or a
 * whole secret id https://HOST/secrets/NAME[/VERSION]. Pure.
 */
#ifndef MSTR_PROVIDERS_AZURE_CONFIG_SECRET_ID_H
#define MSTR_PROVIDERS_AZURE_CONFIG_SECRET_ID_H

#include <stdbool.h>

enum { VAULT_MAX = 280, NAME_LONGEST = 127 };

struct secret_id {
    bool plain;                /* http, which only a loopback address may have */
    bool bare;                 /* the vault's name alone: its cloud tells the rest of the host */
    char vault[VAULT_MAX + 1]; /* name, or host[:port] */
    char name[NAME_LONGEST + 1];
    char version[NAME_LONGEST + 1]; /* "" = the latest */
};

/* A fault of a reference, in words that follow "the reference ". */
struct secret_id_fault {
    const char *what; /* NULL = none */
    const char *hint; /* NULL = none */
};
struct secret_id_fault secret_id_parse(const char *body, struct secret_id *id);

#endif
