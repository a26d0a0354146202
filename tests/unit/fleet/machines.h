/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet inside a test: several machines, each a fleet of its own, that share the store of tests/plugins and a
 * server which counts logins. Faults and the store's clock are what machines_store() says.
 */
#ifndef MSTR_TESTS_UNIT_FLEET_MACHINES_H
#define MSTR_TESTS_UNIT_FLEET_MACHINES_H

#include "support/folder.h"
#include "support/registry.h"

#include "fleet/fleet.h"

#include <stdio.h>

#define MACHINES_KEY   "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define MACHINES_OTHER "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"

static const struct fleet_scope machines_scope = {"https://mstr.example.com:443", "fleet", 1, 35};

enum { MACHINES_LOGOUTS = 4, MACHINES_TOKEN = 64 };

/* The server. */
static struct machines_server {
    atomic_int logins;
    atomic_int tried;  /* logins, good or not */
    atomic_int answer; /* enum fleet_login */
    atomic_int delay;  /* ms */
    void (*_Atomic during)(void);
    int logouts; /* of sessions that others had */
    char logged_out[MACHINES_LOGOUTS][MACHINES_TOKEN];
} machines_server;

static void (*const machines_nothing)(void); /* as a pointer to a function */

static struct test_registry machines_services;
static struct folder machines_folder;
static char machines_control[256];

static inline void machines_store(const char *words)
{
    folder_write(&machines_folder, "control.new", words);
    char fresh[256];
    assert_int_equal(rename(folder_path(&machines_folder, "control.new", fresh), machines_control), 0);
}

static inline int machines_begin(void **state)
{
    (void)state;
    machines_server.logins = 0;
    machines_server.tried = 0;
    machines_server.answer = FLEET_LOGGED_IN;
    machines_server.delay = 0;
    machines_server.during = machines_nothing;
    machines_server.logouts = 0;
    test_services_make(&machines_services);
    machines_services.services.plugin_path = TEST_PLUGINS;
    folder_make(&machines_folder);
    folder_path(&machines_folder, "control", machines_control);
    machines_store("");
    return 0;
}

static inline int machines_end(void **state)
{
    (void)state;
    folder_remove(&machines_folder);
    test_registry_drop(&machines_services);
    return 0;
}

static inline struct store_instance *machines_instance(void)
{
    const struct mstr_header given[] = {{"control", machines_control}, {"space", machines_folder.path}, {NULL, NULL}};
    struct store_instance *instance = NULL;
    assert_int_equal(store_instance_load(&machines_services.services, "fleet", "memory", &instance, NULL), MSTR_OK);
    assert_int_equal(store_instance_create(instance, given, NULL), MSTR_OK);
    return instance;
}

/* `old` NULL = none. */
static inline struct fleet_keys *machines_keys(const char *key, const char *old)
{
    mstr_secret *text = mstr_secret_new(key, strlen(key));
    mstr_secret *old_text = old != NULL ? mstr_secret_new(old, strlen(old)) : NULL;
    struct fleet_keys *keys = NULL;
    assert_int_equal(fleet_keys_new(text, old_text, NULL, &keys, NULL), MSTR_OK);
    mstr_secret_release(text);
    mstr_secret_release(old_text);
    return keys;
}

static inline struct fleet *machines_one_with(struct fleet_keys *keys, struct fleet_rules rules)
{
    const struct fleet_options options = {
        .name = "fleet", .store = machines_instance(), .keys = keys, .rules = rules, .log = &machines_services.log};
    struct fleet *fleet = fleet_new(&options);
    assert_non_null(fleet);
    return fleet;
}

static inline struct fleet *machines_one(void)
{
    return machines_one_with(machines_keys(MACHINES_KEY, NULL), (struct fleet_rules){.sessions = 1});
}

static inline bool machines_is_refused(void *data, const struct refusal_record *refusals, const struct limits *limits,
                                       mstr_error *error)
{
    (void)data;
    (void)limits;
    return refusals->count > 0 && error_set(error, MSTR_E_AUTHENTICATION, "refused before") != MSTR_OK;
}

static inline enum fleet_login machines_log_in(void *data, struct refusal_record *refusals,
                                               const struct limits *limits, mstr_secret **state, int64_t *idle,
                                               mstr_error *error)
{
    (void)data;
    (void)idle;
    char text[64];
    void (*during)(void) = atomic_exchange(&machines_server.during, machines_nothing);
    machines_server.tried++;
    if (during != NULL) {
        during();
    }
    limits_sleep(limits, machines_server.delay);
    if (machines_server.answer != FLEET_LOGGED_IN) {
        if (refusals != NULL && machines_server.answer == FLEET_LOGIN_REFUSED) {
            const struct refusal once = {1, {clock_monotonic()}, clock_monotonic() + 30000, clock_monotonic()};
            refusal_record_set(refusals, (const unsigned char *)"0123456789abcdef0123456789abcdef", &once);
        }
        error_set(error, MSTR_E_AUTHENTICATION, "refused by the server");
        return (enum fleet_login)machines_server.answer;
    }
    snprintf(text, sizeof(text), "canary-token-%d", ++machines_server.logins);
    *state = mstr_secret_new(text, strlen(text));
    return FLEET_LOGGED_IN;
}

static inline enum fleet_login machines_keep_alive(void *data)
{
    (void)data;
    return FLEET_LOGGED_IN;
}

static inline void machines_log_out(void *data, const mstr_secret *state, const struct limits *limits)
{
    (void)data;
    (void)limits;
    snprintf(machines_server.logged_out[machines_server.logouts++ % MACHINES_LOGOUTS], MACHINES_TOKEN, "%s",
             mstr_secret_octets(state));
}

static const struct fleet_port machines_port = {machines_is_refused, machines_log_in, machines_keep_alive,
                                                machines_log_out};

static inline struct fleet_seat *machines_sit(struct fleet *fleet)
{
    struct fleet_seat *seat = fleet_sit(fleet, &machines_scope, &machines_port, NULL);
    assert_non_null(seat);
    return seat;
}

/* Asserts what the session is; its generation. */
static inline uint64_t machines_expect(struct fleet_seat *seat, uint64_t dead, const char *text)
{
    const struct limits limits = test_limits(600000);
    struct fleet_share share;
    mstr_error *error = mstr_error_new();
    if (fleet_obtain(seat, dead, &limits, &share, error) != MSTR_OK) {
        fail_msg("%s", mstr_error_message(error));
    }
    assert_string_equal(mstr_secret_octets(share.state), text);
    mstr_secret_release(share.state);
    mstr_error_free(error);
    return share.generation;
}

static inline enum mstr_code machines_fail(struct fleet_seat *seat, const char *part)
{
    const struct limits limits = test_limits(600000);
    struct fleet_share share;
    mstr_error *error = mstr_error_new();
    enum mstr_code code = fleet_obtain(seat, 0, &limits, &share, error);
    assert_int_not_equal(code, MSTR_OK);
    assert_int_equal(mstr_error_code(error), code);
    if (strstr(mstr_error_message(error), part) == NULL) {
        fail_msg("\"%s\" lacks \"%s\"", mstr_error_message(error), part);
    }
    mstr_error_free(error);
    return code;
}

#endif
