/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts. */
#include "vault/service/mounts.h"

#include "base/text.h"
#include "sdk/host.h"

#include <stdlib.h>
#include <string.h>

enum { MOUNTS_MOST = 256 };

struct known_mount {
    struct known_mount *next;
    enum vault_kv kv;
    char *namespace; /* "" = none */
    char *path;      /* with its slash */
};

static void release(struct known_mount *known)
{
    while (known != NULL) {
        struct known_mount *next = known->next;
        free(known->namespace);
        free(known->path);
        free(known);
        known = next;
    }
}

/* With the mutex held; to be released without it. */
static struct known_mount *take_all(struct vault_mounts *mounts)
{
    struct known_mount *all = mounts->newest;
    mounts->newest = NULL;
    mounts->count = 0;
    return all;
}

bool vault_mounts_init(struct vault_mounts *mounts)
{
    take_all(mounts);
    return pthread_mutex_init(&mounts->mutex, NULL) == 0;
}

void vault_mounts_destroy(struct vault_mounts *mounts)
{
    release(take_all(mounts));
    pthread_mutex_destroy(&mounts->mutex);
}

/* The longest one; of two that are the same, the newer. */
struct vault_mount vault_mounts_find(struct vault_mounts *mounts, const char *namespace, const char *path)
{
    struct vault_mount found = {.length = 0};
    pthread_mutex_lock(&mounts->mutex);
    for (const struct known_mount *known = mounts->newest; known != NULL; known = known->next) {
        size_t length = strlen(known->path);
        if (length > found.length && strcmp(known->namespace, namespace != NULL ? namespace : "") == 0 &&
            text_starts_with(path, known->path)) {
            found = (struct vault_mount){length, known->kv};
        }
    }
    pthread_mutex_unlock(&mounts->mutex);
    return found;
}

void vault_mounts_learn(struct vault_mounts *mounts, const char *namespace, const char *path,
                        const struct vault_mount *mount)
{
    struct known_mount *known = calloc(1, sizeof(*known));
    if (known == NULL || (known->namespace = text_copy(namespace != NULL ? namespace : "")) == NULL ||
        (known->path = text_copy_length(path, mount->length)) == NULL) {
        release(known);
        return; /* it is asked again */
    }
    known->kv = mount->kv;
    pthread_mutex_lock(&mounts->mutex);
    struct known_mount *old = mounts->count >= MOUNTS_MOST ? take_all(mounts) : NULL;
    known->next = mounts->newest;
    mounts->newest = known;
    mounts->count++;
    pthread_mutex_unlock(&mounts->mutex);
    release(old);
}

void vault_mounts_clear(struct vault_mounts *mounts)
{
    pthread_mutex_lock(&mounts->mutex);
    struct known_mount *old = take_all(mounts);
    pthread_mutex_unlock(&mounts->mutex);
    release(old);
}

size_t vault_mount_guess(const char *path)
{
    size_t length = strcspn(path, "/");
    return path[length] == '/' ? length + 1 : length;
}

/* Its path may lie in a child namespace; the version is a text. */
enum mstr_code vault_mount_read(const struct vault_answer *answer, const char *path, struct vault_mount *mount,
                                struct mstr_error *error)
{
    const char *found = json_member_text(answer->data, "path");
    const char *type = json_member_text(answer->data, "type");
    const char *version = json_member_text(json_member(answer->data, "options"), "version");
    size_t length = found != NULL ? strlen(found) : 0;
    size_t whole = strlen(path);
    bool fits = length > 0 && found[length - 1] == '/' && type != NULL &&
                (strncmp(path, found, length) == 0 || (whole + 1 == length && strncmp(path, found, whole) == 0));
    if (!fits) {
        return host->error_set(error, MSTR_E_PROTOCOL, "Vault answered with another mount, \"%.100s\"",
                               found != NULL ? found : "");
    }
    bool keyed = strcmp(type, "kv") == 0 || strcmp(type, "generic") == 0;
    *mount = (struct vault_mount){.length = length < whole ? length : whole,
                                  .kv = !keyed                                         ? VAULT_KV_NONE
                                        : version != NULL && strcmp(version, "2") == 0 ? VAULT_KV_2
                                                                                       : VAULT_KV_1};
    return MSTR_OK;
}
