/* SPDX-License-Identifier: Apache-2.0 */
/* Knobs and counters of the services: two JSON objects by service name, behind one lock. */
#include "sim.h"

#include "base/json.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct json_object *knobs;
static struct json_object *counters;

/* The object of a service within a table, made where it is missing. */
static struct json_object *section(struct json_object **table, const char *service)
{
    if (!*table)
        *table = json_object_new_object();
    struct json_object *found = json_member(*table, service);
    if (!found) {
        found = json_object_new_object();
        json_object_object_add(*table, service, found);
    }
    return found;
}

static struct json_object *copy(struct json_object **table)
{
    pthread_mutex_lock(&mutex);
    struct json_object *result = NULL;
    if (*table)
        json_object_deep_copy(*table, &result, NULL);
    pthread_mutex_unlock(&mutex);
    return result ? result : json_object_new_object();
}

static void clear(struct json_object **table)
{
    pthread_mutex_lock(&mutex);
    json_object_put(*table);
    *table = NULL;
    pthread_mutex_unlock(&mutex);
}

int64_t sim_knob_int(const char *service, const char *name, int64_t otherwise)
{
    pthread_mutex_lock(&mutex);
    int64_t value = otherwise;
    json_member_int64(section(&knobs, service), name, &value);
    pthread_mutex_unlock(&mutex);
    return value;
}

bool sim_knob_bool(const char *service, const char *name, bool otherwise)
{
    pthread_mutex_lock(&mutex);
    bool value = otherwise;
    json_member_bool(section(&knobs, service), name, &value);
    pthread_mutex_unlock(&mutex);
    return value;
}

const char *sim_knob_text(const char *service, const char *name, const char *otherwise, char *out, size_t size)
{
    pthread_mutex_lock(&mutex);
    const char *value = json_member_text(section(&knobs, service), name);
    if (value)
        snprintf(out, size, "%s", value);
    pthread_mutex_unlock(&mutex);
    return value ? out : otherwise;
}

void sim_knobs_put(const char *service, struct json_object *values)
{
    pthread_mutex_lock(&mutex);
    struct json_object *target = section(&knobs, service);
    json_object_object_foreach(values, name, value)
    {
        struct json_object *duplicate = NULL;
        if (value)
            json_object_deep_copy(value, &duplicate, NULL);
        json_object_object_add(target, name, duplicate);
    }
    pthread_mutex_unlock(&mutex);
}

void sim_knobs_clear(void)
{
    clear(&knobs);
}

struct json_object *sim_knobs(void)
{
    return copy(&knobs);
}

void sim_count(const char *service, const char *counter)
{
    pthread_mutex_lock(&mutex);
    struct json_object *target = section(&counters, service);
    int64_t value = 0;
    json_member_int64(target, counter, &value);
    json_object_object_add(target, counter, json_object_new_int64(value + 1));
    pthread_mutex_unlock(&mutex);
}

struct json_object *sim_counters(void)
{
    return copy(&counters);
}

void sim_counters_clear(void)
{
    clear(&counters);
}
