/* SPDX-License-Identifier: Apache-2.0 */
/* The store of shared secrets as one context has it. */
#include "fleet/shared_store.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/thread.h"
#include "fleet/health.h"
#include "fleet/settings.h"
#include "plugin/fingerprint.h"
#include "resolve/cache_memory.h"

#include <stdlib.h>
#include <string.h>

enum { /* ms */
       LISTENING = 30 * 1000,
       RETRY = 5 * 1000,
       PAUSE = 250 /* between two messages that are acted on */
};

enum { REMEMBERED = 256 };

/* The fence that was seen at one place. */
struct sight {
    char group[FLEET_GROUP];
    char name[SHELF_NAME];
    int64_t fence;
};

/* Of one scheme. */
struct known_reader {
    struct known_reader *next;
    char *scheme;
    struct shared_reader reader;
};

struct shared_store {
    struct shared_store_options options;
    char *section; /* the one of the options */
    pthread_mutex_t mutex;
    bool opening;
    struct fleet_health health;
    struct store_instance *instance; /* NULL until it is set up, as the keys */
    struct fleet_keys *keys;
    struct shelf shelf;
    struct known_reader *readers;
    struct sight sights[REMEMBERED]; /* by the first octet of a name's digest */
    int64_t forgotten;               /* when all was that was there; 0 = never */
    bool strange;                    /* was told */
    pthread_t listener;
    bool listening;
    mstr_cancel *stop;
};

static uint64_t below(void *data, uint64_t bound)
{
    (void)data;
    return clock_random_below(bound);
}

static const struct fleet_chance chance = {below, NULL};

struct shared_store *shared_store_new(const struct shared_store_options *options)
{
    struct shared_store *store = calloc(1, sizeof(*store));
    if (store == NULL) {
        return NULL;
    }
    store->section = text_copy(options->section);
    store->stop = mstr_cancel_new();
    if (store->section == NULL || store->stop == NULL) {
        mstr_cancel_free(store->stop);
        free(store->section);
        free(store);
        return NULL;
    }
    store->options = *options;
    store->options.section = store->section;
    pthread_mutex_init(&store->mutex, NULL);
    return store;
}

void shared_store_free(struct shared_store *store)
{
    if (store == NULL) {
        return;
    }
    mstr_cancel_now(store->stop);
    if (store->listening) {
        pthread_join(store->listener, NULL);
    }
    store_instance_free(store->instance);
    fleet_keys_free(store->keys);
    while (store->readers != NULL) {
        struct known_reader *reader = store->readers;
        store->readers = reader->next;
        free(reader->scheme);
        free(reader);
    }
    mstr_cancel_free(store->stop);
    free(store->section);
    pthread_mutex_destroy(&store->mutex);
    free(store);
}

static const struct log *log_of(const struct shared_store *store)
{
    return registry_services(store->options.registry)->log;
}

struct message {
    const struct shelf *shelf;
    const char *text;
};

static bool is_meant(const char *key, void *data)
{
    const struct message *message = data;
    return shelf_means(message->shelf, message->text, key);
}

/* Waits for messages until it fails. */
static void hear(struct shared_store *store, void *subscription)
{
    char text[SHELF_NAME];
    enum mstr_code code = MSTR_OK;
    while (code == MSTR_OK || code == MSTR_E_TIMEOUT) {
        struct mstr_store_message told = {.text = text, .capacity = sizeof(text)};
        const struct limits limits = {.deadline = clock_monotonic() + LISTENING, .cancel = store->stop};
        const struct limits pause = {.deadline = clock_monotonic() + LISTENING, .cancel = store->stop};
        code = store_instance_next(store->instance, subscription, &told, &limits, NULL);
        if (code == MSTR_OK) {
            struct message message = {&store->shelf, text};
            cache_memory_forget(store->options.cache, is_meant, &message);
            limits_sleep(&pause, PAUSE);
        }
    }
}

static void *listen_to_others(void *data)
{
    struct shared_store *store = data;
    char group[FLEET_GROUP];
    struct mstr_store_key channel;
    while (!cancel_is_set(store->stop) && shelf_channel(&store->shelf, group, &channel)) {
        const struct limits limits = {.deadline = clock_monotonic() + RETRY, .cancel = store->stop};
        const struct limits pause = {.deadline = clock_monotonic() + 2 * RETRY, .cancel = store->stop};
        void *subscription = NULL;
        if (store_instance_subscribe(store->instance, &channel, &subscription, &limits, NULL) == MSTR_OK) {
            hear(store, subscription);
            store_instance_unsubscribe(store->instance, subscription);
        }
        limits_sleep(&pause, RETRY);
    }
    return NULL;
}

/* What the section says, found out without the cache, which may be waiting for this very thread. */
static enum mstr_code read_settings(const struct shared_store *store, const struct limits *limits,
                                    struct fleet_settings *settings, mstr_error *error)
{
    static const struct cache_settings nothing = {0, 0, 0, 0};
    const struct shared_store_options *options = &store->options;
    struct cache_hot *hot = cache_hot_new();
    struct resolver resolver = {hot != NULL ? cache_memory_new(&nothing, hot) : NULL, options->inner};
    *settings = (struct fleet_settings){.section = NULL};
    enum mstr_code code = resolver.cache == NULL
                              ? error_set(error, MSTR_E_MEMORY, "out of memory")
                              : fleet_settings_read(registry_config(options->registry), options->section, &resolver,
                                                    limits, settings, error);
    cache_memory_free(resolver.cache);
    cache_hot_free(hot);
    return code;
}

static enum mstr_code set_up(struct shared_store *store, const struct limits *limits, mstr_error *error)
{
    struct fleet_settings settings;
    struct store_instance *instance = NULL;
    enum mstr_code code = read_settings(store, limits, &settings, error);
    if (code == MSTR_OK) {
        code = store_instance_load(registry_services(store->options.registry), settings.section, settings.store,
                                   &instance, error);
    }
    if (code == MSTR_OK) {
        code = store_instance_create(instance, settings.options, error);
    }
    if (code == MSTR_OK) {
        pthread_mutex_lock(&store->mutex);
        store->instance = instance;
        store->keys = settings.keys;
        store->shelf = (struct shelf){instance, settings.keys};
        pthread_mutex_unlock(&store->mutex);
        settings.keys = NULL;
        store->listening = thread_start(&store->listener, listen_to_others, store);
    } else {
        store_instance_free(instance);
    }
    fleet_settings_release(&settings);
    return code;
}

static const struct shelf *look(struct shared_store *store, bool *mine)
{
    pthread_mutex_lock(&store->mutex);
    bool usable = fleet_health_usable(&store->health, clock_monotonic());
    const struct shelf *shelf = usable && store->instance != NULL ? &store->shelf : NULL;
    *mine = usable && store->instance == NULL && !store->opening;
    pthread_mutex_unlock(&store->mutex);
    return shelf;
}

static void set_opening(struct shared_store *store, bool opening)
{
    pthread_mutex_lock(&store->mutex);
    store->opening = opening;
    pthread_mutex_unlock(&store->mutex);
}

const struct shelf *shared_store_peek(struct shared_store *store)
{
    bool mine = false;
    return look(store, &mine);
}

const struct shelf *shared_store_use(struct shared_store *store, const struct limits *limits)
{
    bool mine = false;
    const struct shelf *shelf = look(store, &mine);
    if (!mine) { /* others do without it while it is being set up */
        return shelf;
    }
    mstr_error *error = mstr_error_new();
    set_opening(store, true);
    enum mstr_code code = set_up(store, limits, error);
    set_opening(store, false);
    shared_store_note(store, code == MSTR_OK ? SHELF_NONE : SHELF_FAILED, error);
    mstr_error_free(error);
    return code == MSTR_OK ? &store->shelf : NULL;
}

void shared_store_note(struct shared_store *store, enum shelf_outcome outcome, const mstr_error *error)
{
    int64_t now = clock_monotonic();
    const char *section = store->options.section;
    pthread_mutex_lock(&store->mutex);
    bool told = outcome == SHELF_FAILED   ? fleet_health_failed(&store->health, now, &chance)
                : outcome == SHELF_FORGED ? fleet_health_forged(&store->health, now)
                                          : fleet_health_good(&store->health);
    bool strange = outcome == SHELF_STRANGE && !store->strange;
    store->strange = store->strange || strange;
    pthread_mutex_unlock(&store->mutex);
    if (outcome == SHELF_FORGED) {
        log_write(log_of(store), MSTR_LEVEL_ERROR, section, "a shared secret was written by somebody else%s",
                  told ? "; the store is not asked for ten minutes" : "");
    } else if (strange) {
        log_write(log_of(store), MSTR_LEVEL_WARN, section,
                  "a shared secret was sealed with a key that is not known here, or by a later libmstr");
    } else if (told && outcome == SHELF_FAILED) {
        log_write(log_of(store), MSTR_LEVEL_WARN, section, "secrets are not shared for now: %s",
                  mstr_error_message(error));
    } else if (told) {
        log_write(log_of(store), MSTR_LEVEL_INFO, section, "secrets are shared again");
    }
}

/* Where it is remembered, if it is. */
static struct sight *sight_of(struct shared_store *store, const struct shelf_place *place)
{
    const char octet[3] = {place->name[2], place->name[3], '\0'};
    return &store->sights[strtoul(octet, NULL, 16) % REMEMBERED];
}

static bool is_of(const struct sight *sight, const struct shelf_place *place)
{
    return strcmp(sight->group, place->group) == 0 && strcmp(sight->name, place->name) == 0;
}

void shared_store_recall(struct shared_store *store, struct shelf_place *place)
{
    pthread_mutex_lock(&store->mutex);
    const struct sight *sight = sight_of(store, place);
    place->seen = is_of(sight, place) ? sight->fence : 0;
    pthread_mutex_unlock(&store->mutex);
}

void shared_store_remember(struct shared_store *store, const struct shelf_place *place)
{
    pthread_mutex_lock(&store->mutex);
    struct sight *sight = sight_of(store, place);
    if (place->seen != 0 && !(is_of(sight, place) && sight->fence > place->seen)) {
        memcpy(sight->group, place->group, sizeof(sight->group));
        memcpy(sight->name, place->name, sizeof(sight->name));
        sight->fence = place->seen;
    }
    pthread_mutex_unlock(&store->mutex);
}

void shared_store_forget(struct shared_store *store)
{
    pthread_mutex_lock(&store->mutex);
    store->forgotten = clock_monotonic();
    pthread_mutex_unlock(&store->mutex);
}

/* Both clocks are read to the millisecond. */
bool shared_store_has_forgotten(struct shared_store *store, int64_t written)
{
    pthread_mutex_lock(&store->mutex);
    bool forgotten = store->forgotten != 0 && written - 2 <= store->forgotten;
    pthread_mutex_unlock(&store->mutex);
    return forgotten;
}

static struct known_reader *find_reader(const struct shared_store *store, const char *scheme)
{
    struct known_reader *reader = store->readers;
    while (reader != NULL && strcmp(reader->scheme, scheme) != 0) {
        reader = reader->next;
    }
    return reader;
}

bool shared_store_find_reader(struct shared_store *store, const char *scheme, struct shared_reader *reader)
{
    pthread_mutex_lock(&store->mutex);
    const struct known_reader *known = find_reader(store, scheme);
    if (known != NULL) {
        *reader = known->reader;
    }
    pthread_mutex_unlock(&store->mutex);
    return known != NULL;
}

/* What the values of a scheme depend on beside who reads them, on whatever machine: its settings, as a digest. */
static bool find_origin(const struct shared_store *store, const char *scheme, char *origin)
{
    unsigned char digest[FLEET_DIGEST];
    struct buffer json = BUFFER_INIT;
    struct buffer hex = BUFFER_INIT;
    bool good = fingerprint_across(store->options.registry, scheme, "fleet", &json, NULL) == MSTR_OK &&
                fleet_keys_digest(store->keys, "origin", buffer_text(&json), json.length, digest) &&
                hex_encode(&hex, digest, sizeof(digest));
    if (good) {
        memcpy(origin, buffer_text(&hex), hex.length + 1);
    }
    buffer_release(&json);
    buffer_release(&hex);
    return good;
}

static bool add_reader(struct shared_store *store, const char *scheme, const struct shared_reader *reader)
{
    struct known_reader *known = find_reader(store, scheme);
    if (known == NULL) {
        known = calloc(1, sizeof(*known));
        if (known == NULL || (known->scheme = text_copy(scheme)) == NULL) {
            free(known);
            return false;
        }
        known->next = store->readers;
        store->readers = known;
    }
    known->reader = *reader;
    return true;
}

bool shared_store_learn(struct shared_store *store, const char *scheme, const char *identity,
                        struct shared_reader *reader)
{
    bool known = shared_store_find_reader(store, scheme, reader);
    if (known && strcmp(reader->identity, identity) == 0) {
        return true;
    }
    if (strlen(identity) > IDENTITY_MAX || (!known && !find_origin(store, scheme, reader->origin))) {
        return false;
    }
    memcpy(reader->identity, identity, strlen(identity) + 1);
    pthread_mutex_lock(&store->mutex);
    bool added = add_reader(store, scheme, reader);
    pthread_mutex_unlock(&store->mutex);
    return added;
}
