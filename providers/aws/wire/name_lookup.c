/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses that a host name stands for. */
#include "aws/wire/name_lookup.h"

#include "base/condition.h"
#include "base/text.h"
#include "base/thread.h"
#include "sdk/host.h"

#include <stdlib.h>
#include <sys/socket.h>

int (*name_lookup_system)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = getaddrinfo;

/* The system's function heeds no deadline, so a thread of its own waits for it. Whoever comes last frees: a caller
 * that gave up leaves the thread behind until the system answers. */
struct lookup {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int owners;
    bool done;
    int status; /* as getaddrinfo() gives */
    struct name_addresses found;
    char *name;
};

static void release(struct lookup *lookup)
{
    pthread_mutex_lock(&lookup->mutex);
    bool last = --lookup->owners == 0;
    pthread_mutex_unlock(&lookup->mutex);
    if (last) {
        pthread_cond_destroy(&lookup->changed);
        pthread_mutex_destroy(&lookup->mutex);
        free(lookup->name);
        free(lookup);
    }
}

static struct lookup *new_lookup(const char *name)
{
    struct lookup *lookup = calloc(1, sizeof(*lookup));
    if (lookup == NULL) {
        return NULL;
    }
    lookup->owners = 2;
    lookup->name = text_copy(name);
    if (lookup->name == NULL || !condition_init(&lookup->changed)) {
        free(lookup->name);
        free(lookup);
        return NULL;
    }
    pthread_mutex_init(&lookup->mutex, NULL);
    return lookup;
}

static int ask(const char *name, struct name_addresses *found)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int status = name_lookup_system(name, NULL, &hints, &list);
    for (const struct addrinfo *at = list; status == 0 && at != NULL; at = at->ai_next) {
        status = found->count == NAME_ADDRESSES_MAX
                     ? EAI_OVERFLOW
                     : getnameinfo(at->ai_addr, at->ai_addrlen, found->text[found->count], NAME_ADDRESS_SIZE, NULL, 0,
                                   NI_NUMERICHOST);
        found->count++;
    }
    if (list != NULL) {
        freeaddrinfo(list);
    }
    return status;
}

static void *run(void *data)
{
    struct lookup *lookup = data;
    struct name_addresses found = {.count = 0};
    int status = ask(lookup->name, &found);
    pthread_mutex_lock(&lookup->mutex);
    lookup->status = status;
    lookup->found = found;
    lookup->done = true;
    pthread_cond_signal(&lookup->changed);
    pthread_mutex_unlock(&lookup->mutex);
    release(lookup);
    return NULL;
}

static bool start(struct lookup *lookup)
{
    pthread_t thread;
    bool started = thread_start(&thread, run, lookup);
    if (started) {
        pthread_detach(thread);
    }
    return started;
}

enum mstr_code name_lookup(const char *name, const struct mstr_call *call, struct name_addresses *out,
                           struct mstr_error *error)
{
    struct lookup *lookup = new_lookup(name);
    enum mstr_code code = MSTR_OK;
    if (lookup == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (!start(lookup)) {
        lookup->owners = 1;
        release(lookup);
        return host->error_set(error, MSTR_E_MEMORY, "no thread to resolve %.200s", name);
    }
    pthread_mutex_lock(&lookup->mutex);
    while (code == MSTR_OK && !lookup->done) {
        code = call_wait(&lookup->changed, &lookup->mutex, call, "the address of a host", error);
    }
    if (code == MSTR_OK && lookup->status != 0) {
        code = host->error_set(error, MSTR_E_NETWORK, "%.200s cannot be resolved: %s", name,
                               gai_strerror(lookup->status));
    }
    if (code == MSTR_OK) {
        *out = lookup->found;
    }
    pthread_mutex_unlock(&lookup->mutex);
    release(lookup);
    return code;
}
