/* SPDX-License-Identifier: Apache-2.0 */
/* Reading: the look-up of the engine, versions, guesses where it is denied, and tokens that are refused. */
#include "unit/vault/support.h"

#define GONE                                                                                                         \
    "{\"data\":{\"data\":null,\"metadata\":{\"version\":3,\"deletion_time\":\"2026-01-02T00:00:00Z\",\"destroyed\":" \
    "false}},"                                                                                                       \
    "\"request_id\":\"r\"}"
#define WRONG_PATH                                                                                                   \
    "{\"request_id\":\"r\",\"data\":null,\"warnings\":[\"Invalid path for a versioned K/V secrets engine. See the "  \
    "API docs\"]}"

static void a_mount_is_looked_up_once(void **state)
{
    (void)state;
    fake_host_answer("GET", V1 "secret/data/app", 200, NULL, HELLO);
    fake_host_answer("GET", V1 "secret/data/team/other?version=2", 200, NULL, HELLO);

    struct mstr_request *request = resolve("vault:secret/app");

    assert_string_equal(fake_request_value(request, NULL), "{\"password\":\"hello\"}");
    assert_string_equal(fake_request_version(request), "3");
    assert_int_equal(fake_request_expires(request), 0);
    assert_int_equal(strlen(fake_request_identity(request)), 32);
    fake_request_free(request);
    assert_resolves("vault:secret/team/other?version=2", "{\"password\":\"hello\"}");
    assert_int_equal(fake_host_requests(), 3);
    assert_string_equal(fake_host_request(0)->url, V1 "sys/internal/ui/mounts/secret/app");
    assert_string_equal(fake_exchange_header(fake_host_request(0), "X-Vault-Token"), "hvs.static");
}

static void secrets_of_one_mount_wait_for_one_look_up(void **state)
{
    struct mstr_request *requests[] = {fake_request_new("vault:secret/a"), fake_request_new("vault:secret/b"),
                                       fake_request_new("vault:secret/a?version=3"),
                                       fake_request_new("vault:secret/bad/"),
                                       fake_request_new("vault:secret/a?version=3&namespace=team")};
    (void)state;
    fake_host_answer("GET", LOOK_UPS, 200, NULL, KV_2); /* of the namespace */
    fake_host_answer("GET", V1 "secret/data/a", 200, NULL, HELLO);
    fake_host_answer("GET", V1 "secret/data/b", 404, NULL, NOTHING);
    fake_host_answer("GET", V1 "secret/data/a?version=3", 200, NULL, HELLO);
    fake_host_answer("GET", V1 "secret/data/a?version=3", 200, NULL, HELLO);

    plugin->resolve(instance, requests, COUNT_OF(requests), fake_host_call());

    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        enum mstr_code expected = i == 1 ? MSTR_E_NOT_FOUND : i == 3 ? MSTR_E_CONFIG : MSTR_OK;
        assert_int_equal(fake_request_code(requests[i]), expected);
        fake_request_free(requests[i]);
    }
    assert_int_equal(fake_host_requests(), 6);
}

static void version_1_is_read_as_it_is(void **state)
{
    static const char *const mounts[] = {KV_1, MOUNT("secret/", "kv", "null"), MOUNT("secret/", "generic", "{}"),
                                         MOUNT("secret/", "kv", "{\"version\":\"\"}")};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(mounts); i++) {
        plugin->invalidate(instance, NULL);
        fake_host_answer("GET", LOOK_UPS, 200, NULL, mounts[i]);
        fake_host_answer("GET", V1 "secret/app", 200, NULL, "{\"data\":{\"a\":\"b\"},\"lease_duration\":2764800}");
        assert_resolves("vault:secret/app", "{\"a\":\"b\"}");
    }
    assert_fails("vault:secret/app?version=1", MSTR_E_CONFIG, "secret/app has none", "leave ?version= out");
}

static void other_engines_are_read_as_they_are_until_their_lease_ends(void **state)
{
    (void)state;
    fake_host_answer("GET", LOOK_UPS, 200, NULL, MOUNT("database/", "database", "null"));
    fake_host_answer("GET", V1 "database/creds/app", 200, NULL,
                     "{\"lease_id\":\"database/creds/app/"
                     "1\",\"lease_duration\":60,\"renewable\":true,\"data\":{\"username\":\"u\"}}");
    fake_host_answer("GET", V1 "database/creds/app", 200, NULL,
                     "{\"lease_id\":\"database/creds/app/1\",\"lease_duration\":0,\"data\":{\"username\":\"u\"}}");

    struct mstr_request *request = resolve("vault:database/creds/app");
    assert_int_equal(fake_request_expires(request), FAKE_HOST_START + 60000);
    assert_true(fake_request_cacheable(request));
    fake_request_free(request);

    request = resolve("vault:database/creds/app"); /* a lease of 0 */
    assert_int_equal(fake_request_expires(request), 0);
    assert_false(fake_request_cacheable(request));
    fake_request_free(request);
}

static void mounts_may_have_slashes_and_lie_in_child_namespaces(void **state)
{
    (void)state;
    fake_host_answer("GET", LOOK_UPS, 200, NULL, MOUNT("team/kv/", "kv", "{\"version\":\"2\"}"));
    fake_host_answer("GET", V1 "team/kv/data/a/b", 200, NULL, HELLO);
    assert_resolves("vault:team/kv/a/b", "{\"password\":\"hello\"}");
    fake_host_answer("GET", LOOK_UPS, 200, NULL, MOUNT("team/kv/", "kv", "{\"version\":\"2\"}"));
    assert_fails("vault:team/kv", MSTR_E_CONFIG, "names the mount team/kv alone", "MOUNT/PATH");
    fake_host_answer("GET", LOOK_UPS, 200, NULL, MOUNT("team/other/", "kv", "{\"version\":\"2\"}"));
    assert_fails("vault:team/kvs/a", MSTR_E_PROTOCOL, "another mount", NULL);
}

static void what_became_of_a_version_is_told(void **state)
{
    (void)state;
    fake_host_answer("GET", V1 "secret/data/app", 404, NULL, GONE);
    assert_fails("vault:secret/app", MSTR_E_NOT_FOUND, "reading secret/data/app: version 3 was deleted at 2026-01-02",
                 "undelete");
    fake_host_answer("GET", V1 "secret/data/app", 404, NULL, NOTHING);
    assert_fails("vault:secret/app", MSTR_E_NOT_FOUND, "nothing is there", NULL);
    fake_host_answer("GET", V1 "secret/data/data/app", 404, NULL, NOTHING);
    assert_fails("vault:secret/data/app", MSTR_E_NOT_FOUND, "nothing is there", "leave data/ out");
}

static void a_mount_that_became_version_2_is_seen(void **state)
{
    (void)state;
    fake_host_answer("GET", LOOK_UPS, 200, NULL, KV_1);
    fake_host_answer("GET", V1 "secret/app", 404, NULL, WRONG_PATH);
    fake_host_answer("GET", V1 "secret/data/app", 200, NULL, HELLO);
    assert_resolves("vault:secret/app", "{\"password\":\"hello\"}");
    assert_int_equal(fake_host_requests(), 3);
}

static void a_server_without_look_up_has_version_1(void **state)
{
    (void)state;
    fake_host_answer("GET", LOOK_UPS, 404, NULL, NOTHING);
    fake_host_answer("GET", V1 "secret/app", 200, NULL, "{\"data\":{\"a\":\"b\"}}");
    assert_resolves("vault:secret/app", "{\"a\":\"b\"}");
}

static void where_the_look_up_is_denied_both_versions_are_tried(void **state)
{
    (void)state;
    fake_host_answer_always("GET", LOOK_UPS, 403, NULL, DENIED);
    fake_host_answer("GET", V1 "one/data/app", 200, NULL, HELLO);
    fake_host_answer("GET", V1 "one/data/app", 200, NULL, HELLO);
    assert_resolves("vault:one/app", "{\"password\":\"hello\"}");
    assert_resolves("vault:one/app", "{\"password\":\"hello\"}");
    assert_int_equal(fake_host_requests(), 3);

    fake_host_answer("GET", V1 "two/data/app", 404, NULL, NOTHING);
    fake_host_answer("GET", V1 "two/app", 200, NULL, "{\"data\":{\"a\":\"b\"}}");
    assert_resolves("vault:two/app", "{\"a\":\"b\"}");

    fake_host_answer("GET", V1 "early/data/app", 200, NULL, "{\"data\":{\"another\":\"secret\"}}");
    fake_host_answer("GET", V1 "early/app", 200, NULL, "{\"data\":{\"a\":\"b\"}}");
    assert_resolves("vault:early/app", "{\"a\":\"b\"}");

    fake_host_answer("GET", V1 "three/data/app", 404, NULL, NOTHING);
    fake_host_answer("GET", V1 "three/app", 404, NULL, WRONG_PATH);
    assert_fails("vault:three/app", MSTR_E_NOT_FOUND, "nothing is there", NULL);

    fake_host_answer("GET", V1 "four/data/app", 404, NULL, NOTHING);
    fake_host_answer("GET", V1 "four/app", 403, NULL, DENIED);
    assert_fails("vault:four/app", MSTR_E_NOT_FOUND, "nothing is there", NULL);
    fake_host_answer("GET", V1 "five/data/app?version=2", 404, NULL, GONE);
    assert_fails("vault:five/app?version=2", MSTR_E_NOT_FOUND, "deleted", NULL);
}

static void option_kv_spares_the_look_up(void **state)
{
    (void)state;
    plugin->destroy(instance);
    fake_host_option("kv", "2");
    assert_int_equal(plugin->create(fake_host_instance(NULL), &instance, NULL), MSTR_OK);
    fake_host_answer("GET", V1 "secret/data/app", 200, NULL, HELLO);
    assert_resolves("vault:secret/app", "{\"password\":\"hello\"}");
    assert_malformed("vault:secret", "the mount secret alone", "MOUNT/PATH");
}

static void a_token_file_is_read_anew_where_its_token_is_refused(void **state)
{
    (void)state;
    fake_host_env("VAULT_TOKEN", NULL);
    fake_host_option("token_file", file_path);
    write_text("hvs.old\n");
    fake_host_answer("GET", V1 "secret/data/a", 200, NULL, HELLO);
    assert_resolves("vault:secret/a", "{\"password\":\"hello\"}");
    write_text("hvs.new\n");
    fake_host_answer("GET", V1 "secret/data/a", 403, NULL, DENIED);
    fake_host_answer("GET", V1 "secret/data/a", 200, NULL, HELLO);
    assert_resolves("vault:secret/a", "{\"password\":\"hello\"}");
    assert_string_equal(fake_exchange_header(fake_host_request(3), "X-Vault-Token"), "hvs.new");
}

static void answers_that_are_none_of_vault_are_refused(void **state)
{
    (void)state;
    fake_host_answer("GET", V1 "secret/data/a", 200, NULL, "<html>Log in</html>");
    assert_fails("vault:secret/a", MSTR_E_PROTOCOL, "no JSON object", NULL);
    fake_host_answer("GET", V1 "secret/data/a", 200, NULL, "{\"data\":{\"data\":{");
    assert_fails("vault:secret/a", MSTR_E_PROTOCOL, "no JSON object", NULL);
    fake_host_answer("GET", V1 "secret/data/a", 400, NULL, "{\"errors\":[\"relative paths not supported\"]}");
    assert_fails("vault:secret/a", MSTR_E_REQUEST, "relative paths", NULL);
}

static void warnings_are_logged(void **state)
{
    (void)state;
    fake_host_answer("GET", V1 "secret/data/a", 200, NULL,
                     "{\"warnings\":[\"old\"],\"data\":{\"data\":{},\"metadata\":{\"version\":1}}}");
    assert_resolves("vault:secret/a", "{}");
    assert_contains(fake_host_log(), "warn reading secret/data/a: Vault warns: old");
}

#define TEST(name)    cmocka_unit_test_setup_teardown(name, token_setup, plugin_teardown)
#define KV_TEST(name) cmocka_unit_test_setup_teardown(name, kv_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        KV_TEST(a_mount_is_looked_up_once),
        KV_TEST(secrets_of_one_mount_wait_for_one_look_up),
        TEST(version_1_is_read_as_it_is),
        TEST(other_engines_are_read_as_they_are_until_their_lease_ends),
        TEST(mounts_may_have_slashes_and_lie_in_child_namespaces),
        KV_TEST(what_became_of_a_version_is_told),
        TEST(a_mount_that_became_version_2_is_seen),
        TEST(a_server_without_look_up_has_version_1),
        TEST(where_the_look_up_is_denied_both_versions_are_tried),
        TEST(option_kv_spares_the_look_up),
        KV_TEST(a_token_file_is_read_anew_where_its_token_is_refused),
        KV_TEST(answers_that_are_none_of_vault_are_refused),
        KV_TEST(warnings_are_logged),
    };
    return RUN_TESTS("vault/service/read");
}
