/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the checks of a store's conformance run are made of: the calls of two workers on a store that is there, in a
 * group of the run's own, each in short with what it has to come to. What it came to otherwise is told with the
 * check. In one thread.
 */
#ifndef MSTR_TOOLS_STORE_CALLS_H
#define MSTR_TOOLS_STORE_CALLS_H

#include "base/limits.h"
#include "plugin/store_instance.h"

enum {
    CALL_MS = 10000,    /* for a call that has no reason to take long */
    KEEP_MS = 60000,    /* of what is to stay while the run lasts */
    SHORT_MS = 200,     /* of what is to end by itself */
    PATIENCE_MS = 30000 /* for that end */
};

struct store_run {
    struct store_instance *workers[2]; /* live, of the same options */
    char group[40];
    unsigned char *octets; /* MSTR_STORE_RECORD_MAX of them */
    mstr_error *error;
    int failures;
    bool failed;    /* the last call was not answered */
    char told[512]; /* what the last call came to, where it is not what was wanted */
};

/* By which the workers hold their leases. */
extern const char *const store_tokens[2];

/* Draws the group. False without resources. */
bool store_run_init(struct store_run *run);
void store_run_release(struct store_run *run);

struct limits store_within(int64_t milliseconds);
struct mstr_store_key store_key(const struct store_run *run, const char *name);

/* Counts and tells whether a check is passed, and what was told of it. */
void store_check(struct store_run *run, bool passed, const char *what);
/* Whether something is so; else it is told, unless more was told before. */
bool store_is_so(struct store_run *run, bool so, const char *otherwise);
/* Whether a call came to this outcome. */
bool store_came_to(struct store_run *run, const char *call, enum mstr_code code, enum mstr_store_outcome outcome,
                   enum mstr_store_outcome wanted);
bool store_succeeds(struct store_run *run, const char *call, enum mstr_code code);

bool store_acquire(struct store_run *run, int worker, const char *name, int64_t known, int64_t duration,
                   struct mstr_store_lease *lease, enum mstr_store_outcome wanted);
bool store_put(struct store_run *run, int worker, const char *name, int64_t fence, const char *text,
               enum mstr_store_outcome wanted);
bool store_put_octets(struct store_run *run, int worker, const char *name, int64_t fence, int64_t keep,
                      const void *octets, size_t length, enum mstr_store_outcome wanted);
/* The octets are the run's. */
bool store_get(struct store_run *run, int worker, const char *name, struct mstr_store_get *got,
               enum mstr_store_outcome wanted);
/* Whether a record holds this text under this fence. */
bool store_holds(struct store_run *run, int worker, const char *name, const char *text, int64_t fence);
bool store_release(struct store_run *run, int worker, const char *name, enum mstr_store_outcome wanted);
bool store_renew(struct store_run *run, int worker, const char *name, enum mstr_store_outcome wanted);
bool store_extend(struct store_run *run, const char *name, int64_t fence, enum mstr_store_outcome wanted);
bool store_remove(struct store_run *run, const char *name, int64_t fence, enum mstr_store_outcome wanted);
/* As a member of the run's group, NULL = as nobody, which counts so many. */
bool store_beat(struct store_run *run, int worker, const char *member, int64_t keep, size_t members);

#endif
