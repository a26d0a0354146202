/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What instances of the memory store share by the name of a space: records with their leases, members, and who
 * listens. But for joining and parting, a space is behind its mutex, which the caller holds.
 */
#ifndef MSTR_TESTS_PLUGINS_MEMORY_SPACE_H
#define MSTR_TESTS_PLUGINS_MEMORY_SPACE_H

#include <mstr/store.h>

#include <pthread.h>
#include <stdbool.h>

enum { NAME_MAX_OCTETS = 64, MESSAGE_MAX = 512 };

struct record {
    struct record *next;
    char group[NAME_MAX_OCTETS + 1], name[NAME_MAX_OCTETS + 1];
    void *octets; /* NULL = there is none */
    size_t length;
    int64_t fence, ends;
    int64_t highest; /* fence there ever was */
    char token[40];  /* of the lease; "" = nobody has it */
    int64_t lease_ends;
};

struct member {
    struct member *next;
    char group[NAME_MAX_OCTETS + 1], name[NAME_MAX_OCTETS + 1], member[NAME_MAX_OCTETS + 1];
    int64_t beat;
};

struct message {
    struct message *next;
    char text[MESSAGE_MAX];
};

struct subscription {
    struct subscription *next;
    char group[NAME_MAX_OCTETS + 1], name[NAME_MAX_OCTETS + 1];
    struct message *messages; /* the oldest first */
};

struct space {
    struct space *next;
    char name[NAME_MAX_OCTETS + 1];
    int users;
    pthread_mutex_t mutex;
    pthread_cond_t published;
    struct record *records;
    struct member *members;
    struct subscription *subscriptions;
    long flushed;
};

/* NULL without memory. The last one that parts ends it. */
struct space *space_join(const char *name);
void space_part(struct space *space);
/* Loses everything but who listens, as those would reconnect. */
void space_empty(struct space *space);

/* The entry of a record, made where there is none; NULL without memory. What has ended by `now` is gone. */
struct record *space_find(struct space *space, const char *group, const char *name, int64_t now);
/* False without memory. */
bool record_keep(struct record *record, const struct mstr_store_put *put, int64_t now);
void record_drop(struct record *record);

/* False without memory. */
bool space_beat(struct space *space, const struct mstr_store_beat *beat, int64_t now);
void space_leave(struct space *space, const struct mstr_store_beat *beat);
/* How many of the set count; those who do not any more are dropped. */
size_t space_count(struct space *space, const struct mstr_store_beat *beat, int64_t now);

/* NULL without memory. */
struct subscription *space_subscribe(struct space *space, const struct mstr_store_key *channel);
void space_unsubscribe(struct space *space, struct subscription *mine);
void space_tell(struct space *space, const char *group, const char *channel, const char *text);

#endif
