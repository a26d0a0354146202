/* SPDX-License-Identifier: Apache-2.0 */
/* One configured use of a fleet's store. */
#include "plugin/store_instance.h"

#include "base/log.h"
#include "base/text.h"
#include "plugin/abi.h"
#include "plugin/host.h"
#include "plugin/loader.h"

#include <stdlib.h>

struct store_instance {
    struct host_instance host; /* first: modules hand back its address */
    char *section;
    char *file;
    const struct mstr_store *table;
    void *self;
    bool live;
};

static enum mstr_code find_file(struct store_instance *store, const char *module, mstr_error *error)
{
    struct buffer name = BUFFER_INIT;
    buffer_printf(&name, "%s%s", module[0] == '/' ? "" : "mstr_store_", module);
    enum mstr_code code =
        name.failed ? error_set(error, MSTR_E_MEMORY, "out of memory")
                    : loader_find(buffer_text(&name), store->host.services->plugin_path, &store->file, error);
    buffer_release(&name);
    return code;
}

static enum mstr_code load(struct store_instance *store, const char *module, mstr_error *error)
{
    store_entry entry = NULL;
    enum mstr_code code = find_file(store, module, error);
    if (code == MSTR_OK) {
        code = loader_open_store(store->file, &entry, error);
    }
    if (code == MSTR_OK) {
        store->table = loader_store_table(entry, &host_table);
        code = abi_check_store(store->table, store->file, error);
    }
    return code;
}

enum mstr_code store_instance_load(const struct services *services, const char *section, const char *module,
                                   struct store_instance **out, mstr_error *error)
{
    struct store_instance *store = calloc(1, sizeof(*store));
    *out = NULL;
    if (store == NULL || (store->section = text_copy(section)) == NULL) {
        free(store);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    store->host.services = services;
    store->host.public = (struct mstr_instance){.size = sizeof(struct mstr_instance), .name = store->section};
    enum mstr_code code = load(store, module, error);
    if (code != MSTR_OK) {
        store_instance_free(store);
        return code;
    }
    *out = store;
    return MSTR_OK;
}

enum mstr_code store_instance_create(struct store_instance *store, const struct mstr_header *given, mstr_error *error)
{
    const struct mstr_store *table = store->table;
    struct host_instance *host = &store->host;
    enum mstr_code code = options_check(table->options, table->option_size, given, &host->options, error);
    if (code == MSTR_OK) {
        log_write(host->services->log, MSTR_LEVEL_INFO, store->section, "store %s %s from %s", table->name,
                  table->version, store->file);
        mstr_error *said = mstr_error_new();
        code = call_take_word(table->name, table->create(&host->public, &store->self, said), "cannot be set up", said,
                              error);
    }
    store->live = code == MSTR_OK;
    return code;
}

void store_instance_free(struct store_instance *store)
{
    if (store == NULL) {
        return;
    }
    if (store->live) {
        store->table->destroy(store->self);
    }
    options_free(store->host.options);
    free(store->file);
    free(store->section);
    free(store);
}

const struct mstr_store *store_instance_table(const struct store_instance *store)
{
    return store->table;
}

/* A call on its way, and what the module says of it. */
struct asked {
    struct call call;
    mstr_error *said;
};

static void begin(const struct store_instance *store, const struct limits *limits, struct asked *asked)
{
    call_init(&asked->call, store->host.services, limits);
    asked->said = mstr_error_new();
}

static enum mstr_code end(const struct store_instance *store, struct asked *asked, enum mstr_code code,
                          mstr_error *error)
{
    if (code != MSTR_OK && asked->said != NULL) {
        call_hide_in_error(&asked->call, asked->said);
    }
    code = call_take_word(store->table->name, code, "fails", asked->said, error);
    call_release(&asked->call);
    return code;
}

/* The same for a call with outcomes, `possible` as bits. */
static enum mstr_code end_with(const struct store_instance *store, struct asked *asked, enum mstr_code code,
                               enum mstr_store_outcome outcome, unsigned possible, mstr_error *error)
{
    code = end(store, asked, code, error);
    if (code == MSTR_OK && ((unsigned)outcome > MSTR_STORE_LOST || (possible & 1u << outcome) == 0)) {
        code = error_set(error, MSTR_E_PLUGIN, "plugin %s answers with the outcome %d, which its call does not have",
                         store->table->name, (int)outcome);
    }
    return code;
}

#define DONE    (1u << MSTR_STORE_DONE)
#define ABSENT  (1u << MSTR_STORE_ABSENT)
#define HELD    (1u << MSTR_STORE_HELD)
#define CHANGED (1u << MSTR_STORE_CHANGED)
#define LOST    (1u << MSTR_STORE_LOST)

enum mstr_code store_instance_get(struct store_instance *store, struct mstr_store_get *get,
                                  const struct limits *limits, mstr_error *error)
{
    struct asked asked;
    begin(store, limits, &asked);
    get->size = sizeof(*get);
    get->length = 0;
    enum mstr_code code = store->table->get(store->self, get, &asked.call.public, asked.said);
    code = end_with(store, &asked, code, get->outcome, DONE | ABSENT, error);
    if (code == MSTR_OK && get->length > MSTR_STORE_RECORD_MAX) {
        code = error_set(error, MSTR_E_PLUGIN, "plugin %s gives a record of impossible length", store->table->name);
    }
    return code;
}

enum mstr_code store_instance_put(struct store_instance *store, struct mstr_store_put *put,
                                  const struct limits *limits, mstr_error *error)
{
    struct asked asked;
    begin(store, limits, &asked);
    put->size = sizeof(*put);
    enum mstr_code code = store->table->put(store->self, put, &asked.call.public, asked.said);
    return end_with(store, &asked, code, put->outcome, DONE | LOST, error);
}

enum mstr_code store_instance_extend(struct store_instance *store, const struct mstr_store_key *key, int64_t fence,
                                     int64_t keep, enum mstr_store_outcome *outcome, const struct limits *limits,
                                     mstr_error *error)
{
    struct asked asked;
    begin(store, limits, &asked);
    enum mstr_code code =
        store->table->extend(store->self, key, fence, keep, outcome, &asked.call.public, asked.said);
    return end_with(store, &asked, code, *outcome, DONE | ABSENT | CHANGED, error);
}

enum mstr_code store_instance_remove(struct store_instance *store, const struct mstr_store_key *key, int64_t fence,
                                     enum mstr_store_outcome *outcome, const struct limits *limits, mstr_error *error)
{
    struct asked asked;
    begin(store, limits, &asked);
    enum mstr_code code = store->table->remove(store->self, key, fence, outcome, &asked.call.public, asked.said);
    return end_with(store, &asked, code, *outcome, DONE | ABSENT | CHANGED, error);
}

enum mstr_code store_instance_acquire(struct store_instance *store, struct mstr_store_lease *lease,
                                      const struct limits *limits, mstr_error *error)
{
    struct asked asked;
    begin(store, limits, &asked);
    lease->size = sizeof(*lease);
    enum mstr_code code = store->table->acquire(store->self, lease, &asked.call.public, asked.said);
    return end_with(store, &asked, code, lease->outcome, DONE | HELD | CHANGED, error);
}

enum mstr_code store_instance_renew(struct store_instance *store, const struct mstr_store_key *key, const char *token,
                                    int64_t duration, enum mstr_store_outcome *outcome, const struct limits *limits,
                                    mstr_error *error)
{
    struct asked asked;
    begin(store, limits, &asked);
    enum mstr_code code =
        store->table->renew(store->self, key, token, duration, outcome, &asked.call.public, asked.said);
    return end_with(store, &asked, code, *outcome, DONE | LOST, error);
}

enum mstr_code store_instance_release(struct store_instance *store, const struct mstr_store_key *key,
                                      const char *token, enum mstr_store_outcome *outcome,
                                      const struct limits *limits, mstr_error *error)
{
    struct asked asked;
    begin(store, limits, &asked);
    enum mstr_code code = store->table->release(store->self, key, token, outcome, &asked.call.public, asked.said);
    return end_with(store, &asked, code, *outcome, DONE | LOST, error);
}

enum mstr_code store_instance_beat(struct store_instance *store, struct mstr_store_beat *beat,
                                   const struct limits *limits, mstr_error *error)
{
    struct asked asked;
    begin(store, limits, &asked);
    beat->size = sizeof(*beat);
    return end(store, &asked, store->table->beat(store->self, beat, &asked.call.public, asked.said), error);
}

enum mstr_code store_instance_leave(struct store_instance *store, struct mstr_store_beat *beat,
                                    const struct limits *limits, mstr_error *error)
{
    struct asked asked;
    begin(store, limits, &asked);
    beat->size = sizeof(*beat);
    return end(store, &asked, store->table->leave(store->self, beat, &asked.call.public, asked.said), error);
}

enum mstr_code store_instance_publish(struct store_instance *store, const struct mstr_store_key *channel,
                                      const char *message, const struct limits *limits, mstr_error *error)
{
    struct asked asked;
    begin(store, limits, &asked);
    return end(store, &asked, store->table->publish(store->self, channel, message, &asked.call.public, asked.said),
               error);
}

enum mstr_code store_instance_subscribe(struct store_instance *store, const struct mstr_store_key *channel,
                                        void **subscription, const struct limits *limits, mstr_error *error)
{
    struct asked asked;
    begin(store, limits, &asked);
    *subscription = NULL;
    enum mstr_code code = store->table->subscribe(store->self, channel, subscription, &asked.call.public, asked.said);
    if (code != MSTR_OK) {
        *subscription = NULL;
    }
    return end(store, &asked, code, error);
}

enum mstr_code store_instance_next(struct store_instance *store, void *subscription,
                                   struct mstr_store_message *message, const struct limits *limits, mstr_error *error)
{
    struct asked asked;
    begin(store, limits, &asked);
    message->size = sizeof(*message);
    enum mstr_code code = store->table->next(store->self, subscription, message, &asked.call.public, asked.said);
    if (code == MSTR_E_TIMEOUT) { /* which is no failure, and happens all the time */
        end(store, &asked, MSTR_OK, error);
        return code;
    }
    return end(store, &asked, code, error);
}

void store_instance_unsubscribe(struct store_instance *store, void *subscription)
{
    store->table->unsubscribe(store->self, subscription);
}

enum mstr_code store_instance_time(struct store_instance *store, int64_t *now, const struct limits *limits,
                                   mstr_error *error)
{
    struct asked asked;
    begin(store, limits, &asked);
    return end(store, &asked, store->table->time(store->self, now, &asked.call.public, asked.said), error);
}

enum mstr_code store_instance_explain(struct store_instance *store, struct mstr_report *report,
                                      const struct limits *limits, mstr_error *error)
{
    struct asked asked;
    begin(store, limits, &asked);
    report->call = &asked.call;
    enum mstr_code code = store->table->explain(store->self, report, &asked.call.public, asked.said);
    report->call = NULL;
    return end(store, &asked, code, error);
}
