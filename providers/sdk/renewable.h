/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an identity yields, kept for many threads and renewed by one: AWS keys, a token, or the identity itself. From
 * its time of renewal on, one caller fetches anew while the others go on with what is kept; once that is due, or
 * where there is none, all wait for that one. Each waits within its own limits and hurts nobody by leaving; where the
 * one who fetches gives up, another takes over, while every other failure is told to all. A renewal that failed is
 * left in peace for a while, as long as what is kept still serves.
 *
 * Waits and pauses go by the monotonic clock, and so do the times of what is kept, unless its kind has a better
 * clock.
 */
#ifndef MSTR_PROVIDERS_SDK_RENEWABLE_H
#define MSTR_PROVIDERS_SDK_RENEWABLE_H

#include "base/flight.h"

#include <mstr/provider.h>
#include <stdatomic.h>

/* What is kept: a structure that begins with this one. Shared by counting; only who made it changes its times, before
 * others see it. */
struct kept {
    atomic_uint owners;
    void (*free)(struct kept *kept);
    int64_t renew;     /* from then on one caller renews it */
    int64_t due;       /* from then on nobody goes on without a renewal, or its failure */
    int64_t end;       /* it serves until then */
    int64_t extension; /* ms for which it serves on after each failure past its end; 0 = its end is the end */
};

/* One owner, and no end. */
void kept_init(struct kept *kept, void (*free)(struct kept *kept));
struct kept *kept_retain(struct kept *kept);
/* The last owner frees; NULL is accepted. */
void kept_release(struct kept *kept);

struct renewable;

struct renewable_kind {
    const char *name;    /* "an access token": what is waited for, in messages */
    const char *goes_on; /* what is logged before the reason when a renewal fails and the old serves on */
    /* MSTR_OK with what the caller keeps. Nobody else fetches meanwhile. */
    enum mstr_code (*fetch)(struct renewable *renewable, const struct mstr_call *call, struct kept **out,
                            struct mstr_error *error);
    int64_t (*now)(const struct renewable *renewable); /* the clock of the times, ms; NULL = the monotonic one */
};

/* A structure of one kind begins with it. */
struct renewable {
    const struct renewable_kind *kind;
    const struct mstr_instance *instance; /* for the log */
    pthread_mutex_t mutex;                /* of all below */
    struct flight flight;
    struct kept *kept;      /* NULL = none */
    struct mstr_error *why; /* the latest fetch failed */
    int64_t quiet_until;    /* after a failure, monotonic ms */
};

/* The instance is borrowed to the end. False without resources. */
bool renewable_init(struct renewable *renewable, const struct renewable_kind *kind,
                    const struct mstr_instance *instance);
void renewable_destroy(struct renewable *renewable);
/* For the caller to release. */
enum mstr_code renewable_get(struct renewable *renewable, const struct mstr_call *call, struct kept **out,
                             struct mstr_error *error);
/* What is kept just now, whatever its times, for the caller to release; NULL = nothing. */
struct kept *renewable_peek(struct renewable *renewable);
/* Keeps this where nothing is kept yet, so that who found it in another way need not let it go; false = something
 * is. */
bool renewable_offer(struct renewable *renewable, struct kept *found);
/* Drops what is kept if it still is this, which a service refused; NULL drops whatever it is. Whether it was
 * dropped. */
bool renewable_drop(struct renewable *renewable, const struct kept *refused);

#endif
