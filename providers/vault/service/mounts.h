/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a server's mounts: where they end, and which version of the key/value engine they are. Learnt from
 * Vault, once for each mount; any number of threads.
 */
#ifndef MSTR_PROVIDERS_VAULT_SERVICE_MOUNTS_H
#define MSTR_PROVIDERS_VAULT_SERVICE_MOUNTS_H

#include "vault/config/settings.h"
#include "vault/wire/answer.h"

#include <pthread.h>

struct vault_mounts {
    pthread_mutex_t mutex;
    struct known_mount *newest; /* behind it */
    size_t count;
};

struct vault_mount {
    size_t length;    /* octets of a path that are the mount, its slash included; 0 = not known */
    enum vault_kv kv; /* VAULT_KV_AUTO = not known */
};

/* False without resources. */
bool vault_mounts_init(struct vault_mounts *mounts);
void vault_mounts_destroy(struct vault_mounts *mounts);
/* Of the mount that the path begins with; `namespace` may be NULL. */
struct vault_mount vault_mounts_find(struct vault_mounts *mounts, const char *namespace, const char *path);
void vault_mounts_learn(struct vault_mounts *mounts, const char *namespace, const char *path,
                        const struct vault_mount *mount);
void vault_mounts_clear(struct vault_mounts *mounts);

/* Octets of the first segment with its slash, which is the mount unless Vault says otherwise. */
size_t vault_mount_guess(const char *path);
/* The path of the look-up, which the secret's own follows. */
#define VAULT_LOOK_UP_PATH "sys/internal/ui/mounts"
/* What it tells of the mount of a path. MSTR_E_PROTOCOL where that is another one's. */
enum mstr_code vault_mount_read(const struct vault_answer *answer, const char *path, struct vault_mount *mount,
                                struct mstr_error *error);

#endif
