/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the unit tests of a plugin share: an instance of it on the fake host, a file of the test's own, and what is
 * said of resolving one reference. Variables, not functions, since each test is a program that has one plugin.
 */
#ifndef MSTR_TESTS_SUPPORT_PLUGIN_H
#define MSTR_TESTS_SUPPORT_PLUGIN_H

#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct mstr_provider *plugin;
static void *instance;
static const struct mstr_instance *named; /* it, to the host */
static char file_path[64];                /* of an empty file until the test writes it */

/* What the environment and the section hold must be told before. `service` NULL = the plugin's only one. */
static inline int plugin_create(const char *service)
{
    plugin = mstr_provider_entry(fake_host_table());
    strcpy(file_path, "/tmp/mstr-plugin-XXXXXX");
    close(mkstemp(file_path));
    named = fake_host_instance(service);
    return plugin->create(named, &instance, NULL) == MSTR_OK ? 0 : -1;
}

static inline int plugin_teardown(void **state)
{
    plugin->destroy(instance);
    unlink(file_path);
    return fake_host_teardown(state);
}

static inline void write_file(const char *path, const void *octets, size_t length)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fwrite(octets, 1, length, file);
    fclose(file);
}

/* Makes the text the content of the file at file_path. */
static inline void write_text(const char *text)
{
    write_file(file_path, text, strlen(text));
}

/* What `check` says of it, without asking anybody; for fake_request_free(). */
static inline struct mstr_request *check(const char *reference)
{
    struct mstr_request *request = fake_request_new(reference);
    size_t sent = fake_host_requests();
    enum mstr_code code = plugin->check(named, request->reference, request->error);
    assert_int_equal(code, host->error_code(request->error));
    assert_int_equal(fake_host_requests(), sent);
    return request;
}

static inline const char *hint_of(const struct mstr_request *request)
{
    const char *hint = host->error_text(request->error, MSTR_DETAIL_HINT);
    return hint != NULL ? hint : "";
}

/* Answered, for fake_request_free(). What is refused by `check` is refused alike. */
static inline struct mstr_request *resolve(const char *reference)
{
    struct mstr_request *request = fake_request_new(reference);
    struct mstr_request *const requests[] = {request};
    struct mstr_request *checked = check(reference);
    plugin->resolve(instance, requests, 1, fake_host_call());
    assert_true(fake_request_answered(request));
    if (host->error_code(checked->error) != MSTR_OK) {
        assert_int_equal(fake_request_code(request), host->error_code(checked->error));
        assert_string_equal(fake_request_message(request), host->error_message(checked->error));
        assert_string_equal(hint_of(request), hint_of(checked));
    }
    fake_request_free(checked);
    return request;
}

static inline void assert_resolves(const char *reference, const char *value)
{
    struct mstr_request *request = resolve(reference);
    if (fake_request_code(request) != MSTR_OK) {
        fail_msg("%s", fake_request_message(request));
    }
    assert_string_equal(fake_request_value(request, NULL), value);
    fake_request_free(request);
}

/* As whom a reference is read. */
static inline void read_identity(const char *reference, char identity[65])
{
    struct mstr_request *request = resolve(reference);
    assert_int_equal(fake_request_code(request), MSTR_OK);
    snprintf(identity, 65, "%s", fake_request_identity(request));
    fake_request_free(request);
}

/* `hint` may be NULL. */
static inline void assert_fails(const char *reference, enum mstr_code code, const char *part, const char *hint)
{
    struct mstr_request *request = resolve(reference);
    assert_contains(fake_request_message(request), part);
    assert_int_equal(fake_request_code(request), code);
    if (hint != NULL) {
        assert_contains(fake_request_detail(request, MSTR_DETAIL_HINT), hint);
    }
    fake_request_free(request);
}

/* By its text alone: `check` refuses it, and so does `resolve`, before it asks anybody. */
static inline void assert_malformed(const char *reference, const char *part, const char *hint)
{
    struct mstr_request *checked = check(reference);
    size_t sent = fake_host_requests();
    assert_int_equal(host->error_code(checked->error), MSTR_E_CONFIG);
    fake_request_free(checked);
    assert_fails(reference, MSTR_E_CONFIG, part, hint);
    assert_int_equal(fake_host_requests(), sent);
}

#endif
