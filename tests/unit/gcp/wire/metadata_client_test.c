/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the metadata server: how it is reached, and what is taken for its answer. */
#include "unit/gcp/support.h"

#include "gcp/wire/metadata_client.h"

#include <sys/stat.h>

static void metadata_server_gives_tokens_past_any_proxy(void **state)
{
    (void)state;
    fake_host_fail("GET", METADATA "*", MSTR_E_NETWORK, "refused");
    fake_host_answer("GET", METADATA "*", 200, METADATA_FLAVOR, TOKEN_ANSWER);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    assert_string_equal(fake_host_request(1)->url,
                        METADATA "instance/service-accounts/default/token?scopes="
                                 "https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "Metadata-Flavor"), "Google");
    assert_int_equal(fake_host_request(1)->request.flags, MSTR_HTTP_NO_PROXY | MSTR_HTTP_ALLOW_PLAIN);
}

static void metadata_answer_without_its_flavor_is_refused(void **state)
{
    (void)state;
    fake_host_answer("GET", METADATA "*", 200, NULL, TOKEN_ANSWER);
    fake_host_answer("GET", METADATA "*", 404, METADATA_FLAVOR, "");

    assert_fails("gcp-sm://p/s", MSTR_E_PROTOCOL, "Metadata-Flavor", NULL);
    assert_fails("gcp-sm://p/s", MSTR_E_NOT_AVAILABLE, "404", NULL);
}

static void server_that_is_down_is_asked_again_whoever_answers_for_it(void **state)
{
    (void)state;
    fake_host_answer("GET", METADATA "*", 503, NULL, "<html>");
    fake_host_answer("GET", METADATA "*", 429, METADATA_FLAVOR, "");
    fake_host_answer("GET", METADATA "*", 200, METADATA_FLAVOR, TOKEN_ANSWER);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);
    assert_resolves("gcp-sm://p/s", "hello");

    plugin->invalidate(instance, NULL);
    fake_host_answer_always("GET", METADATA "*", 503, NULL, "<html>");
    assert_fails("gcp-sm://p/s", MSTR_E_UNAVAILABLE, "the metadata server answered 503", NULL);
    assert_int_equal(fake_host_requests(), 4 + 7);
}

static void make_file(const char *folder, const char *name)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    fclose(fopen(path, "we"));
}

static void remove_file(const char *folder, const char *name)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    unlink(path);
}

static void mutual_tls_is_used_where_its_files_are(void **state)
{
    static const struct {
        const char *mode;
        bool files;
        bool moved;
        bool good;
        bool https;
        bool plain_instead;
    } cases[] = {
        {NULL, false, false, true, false, true},         {NULL, true, false, true, true, true},
        {"default", true, true, true, false, true},      {"DEFAULT", true, false, true, true, true},
        {"none", true, false, true, false, false},       {"Strict", true, false, true, true, false},
        {"strict", false, false, false, false, false},   {"strict", true, true, false, false, false},
        {"sometimes", true, false, false, false, false},
    };
    char folder[] = "/tmp/mstr-mds-XXXXXX";
    (void)state;
    assert_non_null(mkdtemp(folder));

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct metadata_route route;
        const char *why = NULL;
        if (cases[i].files) {
            make_file(folder, "root.crt");
            make_file(folder, "client.key");
        }
        assert_int_equal(metadata_route_choose(cases[i].mode, folder, cases[i].moved, &route, &why), cases[i].good);
        if (cases[i].good) {
            assert_int_equal(route.https, cases[i].https);
            assert_int_equal(route.plain_instead, cases[i].plain_instead);
        } else {
            assert_contains(why, "GCE_METADATA_MTLS_MODE");
        }
        remove_file(folder, "root.crt");
        remove_file(folder, "client.key");
    }
    rmdir(folder);
}

static void strict_mutual_tls_without_certificates_asks_nobody(void **state)
{
    (void)state;
    fake_host_env("GCE_METADATA_MTLS_MODE", "strict");

    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "by hand", NULL);

    assert_int_equal(fake_host_requests(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, metadata_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(metadata_server_gives_tokens_past_any_proxy),
        TEST(metadata_answer_without_its_flavor_is_refused),
        TEST(server_that_is_down_is_asked_again_whoever_answers_for_it),
        TEST(mutual_tls_is_used_where_its_files_are),
        TEST(strict_mutual_tls_without_certificates_asks_nobody),
    };
    return RUN_TESTS("gcp/wire/metadata_client");
}
