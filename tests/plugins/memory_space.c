/* SPDX-License-Identifier: Apache-2.0 */
/* What instances of the memory store share. */
#include "memory_space.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t spaces_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct space *spaces;

static void copy(char *to, const char *from)
{
    snprintf(to, NAME_MAX_OCTETS + 1, "%s", from);
}

static void wipe(void *octets, size_t length)
{
    if (octets != NULL) {
        memset(octets, 0, length);
        free(octets);
    }
}

void space_empty(struct space *space)
{
    while (space->records != NULL) {
        struct record *record = space->records;
        space->records = record->next;
        wipe(record->octets, record->length);
        free(record);
    }
    while (space->members != NULL) {
        struct member *member = space->members;
        space->members = member->next;
        free(member);
    }
}

struct space *space_join(const char *name)
{
    pthread_mutex_lock(&spaces_mutex);
    struct space *space = spaces;
    while (space != NULL && strcmp(space->name, name) != 0) {
        space = space->next;
    }
    if (space == NULL && (space = calloc(1, sizeof(*space))) != NULL) {
        copy(space->name, name);
        pthread_mutex_init(&space->mutex, NULL);
        pthread_cond_init(&space->published, NULL);
        space->next = spaces;
        spaces = space;
    }
    if (space != NULL) {
        space->users++;
    }
    pthread_mutex_unlock(&spaces_mutex);
    return space;
}

void space_part(struct space *space)
{
    pthread_mutex_lock(&spaces_mutex);
    if (--space->users == 0) {
        struct space **at = &spaces;
        while (*at != space) {
            at = &(*at)->next;
        }
        *at = space->next;
        space_empty(space);
        pthread_cond_destroy(&space->published);
        pthread_mutex_destroy(&space->mutex);
        free(space);
    }
    pthread_mutex_unlock(&spaces_mutex);
}

void record_drop(struct record *record)
{
    wipe(record->octets, record->length);
    record->octets = NULL;
}

struct record *space_find(struct space *space, const char *group, const char *name, int64_t now)
{
    struct record *record = space->records;
    while (record != NULL && (strcmp(record->group, group) != 0 || strcmp(record->name, name) != 0)) {
        record = record->next;
    }
    if (record == NULL && (record = calloc(1, sizeof(*record))) != NULL) {
        copy(record->group, group);
        copy(record->name, name);
        record->next = space->records;
        space->records = record;
    }
    if (record != NULL && record->octets != NULL && record->ends <= now) {
        record_drop(record);
    }
    if (record != NULL && record->lease_ends <= now) {
        record->token[0] = '\0';
    }
    return record;
}

bool record_keep(struct record *record, const struct mstr_store_put *put, int64_t now)
{
    void *octets = malloc(put->length > 0 ? put->length : 1);
    if (octets == NULL) {
        return false;
    }
    memcpy(octets, put->octets, put->length);
    wipe(record->octets, record->length);
    record->octets = octets;
    record->length = put->length;
    record->fence = put->fence;
    record->highest = put->fence > record->highest ? put->fence : record->highest;
    record->ends = now + put->keep;
    return true;
}

/* Where a member stands in the list, or would. */
static struct member **place_of(struct space *space, const struct mstr_store_beat *beat)
{
    struct member **at = &space->members;
    while (*at != NULL && (strcmp((*at)->group, beat->key.group) != 0 || strcmp((*at)->name, beat->key.name) != 0 ||
                           strcmp((*at)->member, beat->member) != 0)) {
        at = &(*at)->next;
    }
    return at;
}

static void drop(struct member **at)
{
    struct member *gone = *at;
    *at = gone->next;
    free(gone);
}

bool space_beat(struct space *space, const struct mstr_store_beat *beat, int64_t now)
{
    struct member **at = place_of(space, beat);
    if (*at == NULL && (*at = calloc(1, sizeof(**at))) != NULL) {
        copy((*at)->group, beat->key.group);
        copy((*at)->name, beat->key.name);
        copy((*at)->member, beat->member);
    }
    if (*at != NULL) {
        (*at)->beat = now;
    }
    return *at != NULL;
}

void space_leave(struct space *space, const struct mstr_store_beat *beat)
{
    struct member **at = place_of(space, beat);
    if (*at != NULL) {
        drop(at);
    }
}

size_t space_count(struct space *space, const struct mstr_store_beat *beat, int64_t now)
{
    size_t members = 0;
    for (struct member **at = &space->members; *at != NULL;) {
        bool same = strcmp((*at)->group, beat->key.group) == 0 && strcmp((*at)->name, beat->key.name) == 0;
        if (same && (*at)->beat + beat->keep <= now) {
            drop(at);
            continue;
        }
        members += same;
        at = &(*at)->next;
    }
    return members;
}

struct subscription *space_subscribe(struct space *space, const struct mstr_store_key *channel)
{
    struct subscription *fresh = calloc(1, sizeof(*fresh));
    if (fresh != NULL) {
        copy(fresh->group, channel->group);
        copy(fresh->name, channel->name);
        fresh->next = space->subscriptions;
        space->subscriptions = fresh;
    }
    return fresh;
}

void space_unsubscribe(struct space *space, struct subscription *mine)
{
    struct subscription **at = &space->subscriptions;
    while (*at != mine) {
        at = &(*at)->next;
    }
    *at = mine->next;
    while (mine->messages != NULL) {
        struct message *message = mine->messages;
        mine->messages = message->next;
        free(message);
    }
    free(mine);
}

void space_tell(struct space *space, const char *group, const char *channel, const char *text)
{
    for (struct subscription *one = space->subscriptions; one != NULL; one = one->next) {
        struct message *message = NULL;
        struct message **last = &one->messages;
        if (strcmp(one->group, group) != 0 || strcmp(one->name, channel) != 0 ||
            (message = calloc(1, sizeof(*message))) == NULL) {
            continue;
        }
        snprintf(message->text, sizeof(message->text), "%s", text);
        while (*last != NULL) {
            last = &(*last)->next;
        }
        *last = message;
    }
    pthread_cond_broadcast(&space->published);
}
