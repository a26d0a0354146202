/* Mounts. */
#include "vault/service/mounts.h"

#include "base/text.h"

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
