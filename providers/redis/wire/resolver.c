/* SPDX-License-Identifier: Apache-2.0 */
/* From names to addresses within limits. */
#include "redis/wire/resolver.h"

#include "base/condition.h"
#include "base/thread.h"
#include "sdk/host.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

/* Belongs to those who wait and to the thread; the last frees it. */
struct lookup {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    unsigned owners;
    struct endpoint endpoint;
    bool done;
    int failure; /* of getaddrinfo() */
    struct addresses addresses;
};

static void release(struct lookup *lookup)
{
    if (lookup == NULL) {
        return;
    }
    pthread_mutex_lock(&lookup->lock);
    bool last = --lookup->owners == 0;
    pthread_mutex_unlock(&lookup->lock);
    if (last) {
        pthread_cond_destroy(&lookup->ended);
        pthread_mutex_destroy(&lookup->lock);
        free(lookup);
    }
}

static struct lookup *hold(struct lookup *lookup)
{
    pthread_mutex_lock(&lookup->lock);
    lookup->owners++;
    pthread_mutex_unlock(&lookup->lock);
    return lookup;
}

static int look_up(const struct endpoint *endpoint, int flags, struct addresses *addresses)
{
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int failure = getaddrinfo(endpoint->host, endpoint->port, &wanted, &found);
    addresses->count = 0;
    for (const struct addrinfo *one = found; failure == 0 && one != NULL; one = one->ai_next) {
        if (addresses->count < ADDRESSES_MAX && one->ai_addrlen <= sizeof(struct sockaddr_storage)) {
            struct address *address = &addresses->list[addresses->count++];
            memcpy(&address->place, one->ai_addr, one->ai_addrlen);
            address->length = one->ai_addrlen;
        }
    }
    if (failure == 0) {
        freeaddrinfo(found);
    }
    return failure;
}

static void *run(void *data)
{
    struct lookup *lookup = data;
    struct addresses found;
    int failure = look_up(&lookup->endpoint, AI_ADDRCONFIG, &found);
    pthread_mutex_lock(&lookup->lock);
    lookup->failure = failure;
    lookup->addresses = found;
    lookup->done = true;
    pthread_cond_broadcast(&lookup->ended);
    pthread_mutex_unlock(&lookup->lock);
    release(lookup);
    return NULL;
}

static bool start_thread(struct lookup *lookup)
{
    pthread_t thread;
    bool good = thread_start(&thread, run, hold(lookup));
    if (good) {
        pthread_detach(thread);
    } else {
        release(lookup);
    }
    return good;
}

/* With the caller as its one owner; NULL without memory or threads. */
static struct lookup *start(const struct endpoint *endpoint)
{
    struct lookup *lookup = calloc(1, sizeof(*lookup));
    if (lookup == NULL || !condition_init(&lookup->ended)) {
        free(lookup);
        return NULL;
    }
    pthread_mutex_init(&lookup->lock, NULL);
    lookup->owners = 1;
    lookup->endpoint = *endpoint;
    if (!start_thread(lookup)) {
        release(lookup);
        return NULL;
    }
    return lookup;
}

bool resolver_init(struct resolver *resolver)
{
    resolver->pending = NULL;
    return pthread_mutex_init(&resolver->lock, NULL) == 0;
}

void resolver_destroy(struct resolver *resolver)
{
    release(resolver->pending);
    pthread_mutex_destroy(&resolver->lock);
}

static bool is_done(struct lookup *lookup)
{
    pthread_mutex_lock(&lookup->lock);
    bool done = lookup->done;
    pthread_mutex_unlock(&lookup->lock);
    return done;
}

/* The lookup that is under way for that name, or a new one. */
static struct lookup *share(struct resolver *resolver, const struct endpoint *endpoint)
{
    pthread_mutex_lock(&resolver->lock);
    struct lookup *pending = resolver->pending;
    if (pending == NULL || !endpoint_equal(&pending->endpoint, endpoint) || is_done(pending)) {
        release(pending);
        resolver->pending = start(endpoint);
    }
    struct lookup *shared = resolver->pending != NULL ? hold(resolver->pending) : NULL;
    pthread_mutex_unlock(&resolver->lock);
    return shared;
}

static enum mstr_code await(struct lookup *lookup, const struct wait *wait, struct mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    pthread_mutex_lock(&lookup->lock);
    while (code == MSTR_OK && !lookup->done) {
        code = condition_wait(&lookup->ended, &lookup->lock,
                              (struct patience){.left = wait_left(wait),
                                                .cancellable = true,
                                                .cancelled = host->cancelled(wait->call) != 0});
    }
    pthread_mutex_unlock(&lookup->lock);
    return code == MSTR_OK ? MSTR_OK : call_tell_end(code, "the address of the store's host", error);
}

static enum mstr_code find_name(struct resolver *resolver, const struct endpoint *endpoint, const struct wait *wait,
                                struct addresses *addresses, struct mstr_error *error)
{
    struct lookup *lookup = share(resolver, endpoint);
    if (lookup == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = await(lookup, wait, error);
    if (code == MSTR_OK && lookup->failure != 0) {
        code = host->error_set(error, MSTR_E_NETWORK, "the store's host \"%s\" is not found: %s", endpoint->host,
                               gai_strerror(lookup->failure));
    } else if (code == MSTR_OK) {
        *addresses = lookup->addresses;
    }
    release(lookup);
    return code;
}

static void find_socket(const struct endpoint *endpoint, struct addresses *addresses)
{
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    memcpy(place.sun_path, endpoint->host, strnlen(endpoint->host, sizeof(place.sun_path) - 1));
    memcpy(&addresses->list[0].place, &place, sizeof(place));
    addresses->list[0].length = sizeof(place);
    addresses->count = 1;
}

enum mstr_code resolver_find(struct resolver *resolver, const struct endpoint *endpoint, const struct wait *wait,
                             struct addresses *addresses, struct mstr_error *error)
{
    if (endpoint_is_unix(endpoint)) {
        find_socket(endpoint, addresses);
        return MSTR_OK;
    }
    return look_up(endpoint, AI_NUMERICHOST, addresses) == 0 ? MSTR_OK
                                                             : find_name(resolver, endpoint, wait, addresses, error);
}
