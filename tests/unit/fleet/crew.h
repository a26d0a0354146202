/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet inside a test: several machines, each a fleet of its own, that share the store of tests/plugins and a
 * server which counts logins. Faults and the store's clock are what crew_store() says.
 */
#ifndef MSTR_TESTS_UNIT_FLEET_CREW_H
#define MSTR_TESTS_UNIT_FLEET_CREW_H

#include "support/folder.h"
#include "support/registry.h"

#include "fleet/fleet.h"

#include <stdio.h>

#define CREW_KEY   "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define CREW_OTHER "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"

static const struct fleet_scope crew_scope = {"https://mstr.example.com:443", "fleet", 1, 35};

/* The server. */
static struct crew_server {
    atomic_int logins;
    atomic_int tried;  /* logins, good or not */
    atomic_int answer; /* enum fleet_login */
    atomic_int delay;  /* ms */
    void (*_Atomic during)(void);
} crew_server;

static void (*const crew_nothing)(void); /* as a pointer to a function */

static struct test_registry crew_services;
static struct folder crew_folder;
static char crew_control[256];

static inline void crew_store(const char *words)
{
    folder_write(&crew_folder, "control.new", words);
    char fresh[256];
    assert_int_equal(rename(folder_path(&crew_folder, "control.new", fresh), crew_control), 0);
}

static inline int crew_begin(void **state)
{
    (void)state;
    crew_server.logins = 0;
    crew_server.tried = 0;
    crew_server.answer = FLEET_LOGGED_IN;
    crew_server.delay = 0;
    crew_server.during = crew_nothing;
    test_services_make(&crew_services);
    crew_services.services.plugin_path = TEST_PLUGINS;
    folder_make(&crew_folder);
    folder_path(&crew_folder, "control", crew_control);
    crew_store("");
    return 0;
}

static inline int crew_end(void **state)
{
    (void)state;
    folder_remove(&crew_folder);
    test_registry_drop(&crew_services);
    return 0;
}

static inline struct store_instance *crew_instance(void)
{
    const struct mstr_header given[] = {{"control", crew_control}, {"space", crew_folder.path}, {NULL, NULL}};
    struct store_instance *instance = NULL;
    assert_int_equal(store_instance_load(&crew_services.services, "fleet", "memory", &instance, NULL), MSTR_OK);
    assert_int_equal(store_instance_create(instance, given, NULL), MSTR_OK);
    return instance;
}

/* `old` NULL = none. */
static inline struct fleet_keys *crew_keys(const char *key, const char *old)
{
    mstr_secret *text = mstr_secret_new(key, strlen(key));
    mstr_secret *old_text = old != NULL ? mstr_secret_new(old, strlen(old)) : NULL;
    struct fleet_keys *keys = NULL;
    assert_int_equal(fleet_keys_new(text, old_text, NULL, &keys, NULL), MSTR_OK);
    mstr_secret_release(text);
    mstr_secret_release(old_text);
    return keys;
}

static inline struct fleet *crew_machine_with(struct fleet_keys *keys, struct fleet_rules rules)
{
    const struct fleet_options options = {
        .name = "fleet", .store = crew_instance(), .keys = keys, .rules = rules, .log = &crew_services.log};
    struct fleet *fleet = fleet_new(&options);
    assert_non_null(fleet);
    return fleet;
}

static inline struct fleet *crew_machine(void)
{
    return crew_machine_with(crew_keys(CREW_KEY, NULL), (struct fleet_rules){.sessions = 1});
}

static inline bool crew_is_refused(void *data, const struct refusal_record *refusals, const struct limits *limits,
                                   mstr_error *error)
{
    (void)data;
    (void)limits;
    return refusals->count > 0 && error_set(error, MSTR_E_AUTHENTICATION, "refused before") != MSTR_OK;
}

static inline enum fleet_login crew_log_in(void *data, struct refusal_record *refusals, const struct limits *limits,
                                           mstr_secret **state, int64_t *idle, mstr_error *error)
{
    (void)data;
    (void)idle;
    char text[64];
    void (*during)(void) = atomic_exchange(&crew_server.during, crew_nothing);
    crew_server.tried++;
    if (during != NULL) {
        during();
    }
    limits_sleep(limits, crew_server.delay);
    if (crew_server.answer != FLEET_LOGGED_IN) {
        if (refusals != NULL && crew_server.answer == FLEET_LOGIN_REFUSED) {
            const struct refusal once = {1, {clock_monotonic()}, clock_monotonic() + 30000, clock_monotonic()};
            refusal_record_set(refusals, (const unsigned char *)"0123456789abcdef0123456789abcdef", &once);
        }
        error_set(error, MSTR_E_AUTHENTICATION, "refused by the server");
        return (enum fleet_login)crew_server.answer;
    }
    snprintf(text, sizeof(text), "canary-token-%d", ++crew_server.logins);
    *state = mstr_secret_new(text, strlen(text));
    return FLEET_LOGGED_IN;
}

static inline enum fleet_login crew_keep_alive(void *data)
{
    (void)data;
    return FLEET_LOGGED_IN;
}

static const struct fleet_port crew_port = {crew_is_refused, crew_log_in, crew_keep_alive};

static inline struct fleet_seat *crew_sit(struct fleet *fleet)
{
    struct fleet_seat *seat = fleet_sit(fleet, &crew_scope, &crew_port, NULL);
    assert_non_null(seat);
    return seat;
}

/* Asserts what the session is; its generation. */
static inline uint64_t crew_expect(struct fleet_seat *seat, uint64_t dead, const char *text)
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

static inline enum mstr_code crew_fail(struct fleet_seat *seat, const char *part)
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
