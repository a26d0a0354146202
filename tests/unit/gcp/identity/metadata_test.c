/* The metadata server: whether there is one, how it is reached, what is asked of it. */
#include "unit/gcp/support.h"

#include "gcp/wire/metadata_client.h"

#include <sys/stat.h>

#define SERVICE "https://secretmanager.googleapis.com/*"
#define FLAVOR  "Metadata-Flavor: Google"
#define BASE    "http://127.0.0.1:7/computeMetadata/v1/"

static int setup(void **state)
{
    int result = plugin_setup(state);
    fake_host_env("NO_GCE_CHECK", NULL);
    fake_host_env("GCE_METADATA_HOST", "127.0.0.1:7");
    return result;
}

static void switches_decide_without_a_request(void **state)
{
    static const struct {
        const char *variable;
        const char *value;
        enum mstr_code code;
        const char *part;
    } cases[] = {
        {"NO_GCE_CHECK", "true", MSTR_E_NOT_AVAILABLE, "NO_GCE_CHECK"},
        {"METADATA_SERVER_DETECTION", "none", MSTR_E_NOT_AVAILABLE, "METADATA_SERVER_DETECTION"},
        {"METADATA_SERVER_DETECTION", "bios-only", MSTR_E_NOT_AVAILABLE, "nothing on this machine"},
        {"METADATA_SERVER_DETECTION", "perhaps", MSTR_E_CONFIG, "assume-present"},
    };
    (void)state;
    fake_host_env("GCE_METADATA_HOST", NULL);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env(cases[i].variable, cases[i].value);
        assert_fails("gcp-sm://p/s", cases[i].code, cases[i].part, NULL);
        fake_host_env(cases[i].variable, NULL);
    }
    assert_int_equal(fake_host_requests(), 0);
}

static void presence_can_be_assumed(void **state)
{
    (void)state;
    fake_host_env("GCE_METADATA_HOST", NULL);
    fake_host_env("METADATA_SERVER_DETECTION", "assume-present");
    fake_host_answer("GET", "http://metadata.google.internal/*", 200, FLAVOR, TOKEN_ANSWER);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    assert_int_equal(fake_host_requests(), 2);
}

static void server_that_is_not_ready_is_asked_for_ten_seconds(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        fake_host_fail("GET", BASE "*", MSTR_E_NETWORK, "connection refused");
    }
    fake_host_answer("GET", BASE "*", 200, FLAVOR, TOKEN_ANSWER);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    assert_in_range(fake_host_slept(), 8000, 11000);
}

static void refusals_of_a_token_say_what_to_do(void **state)
{
    static const struct {
        int status;
        enum mstr_code code;
        const char *hint;
    } cases[] = {{404, MSTR_E_NOT_AVAILABLE, "attach a service account"}, {403, MSTR_E_DENIED, "workload identity"}};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("GET", BASE "*", cases[i].status, FLAVOR, "");
        struct mstr_request *request = resolve("gcp-sm://p/s");
        assert_int_equal(fake_request_code(request), cases[i].code);
        assert_contains(fake_request_detail(request, MSTR_DETAIL_HINT), cases[i].hint);
        fake_request_free(request);
    }
}

static void project_left_open_is_the_machine_s(void **state)
{
    (void)state;
    fake_host_answer("GET", BASE "project/project-id", 200, FLAVOR, "own-project\n");
    fake_host_answer("GET", BASE "instance/*", 200, FLAVOR, TOKEN_ANSWER);
    fake_host_answer_always("GET", "*/projects/own-project/secrets/s/*", 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://-/s", "hello");
    assert_resolves("gcp-sm:projects/-/secrets/s", "hello");

    assert_int_equal(fake_host_requests(), 4);
}

static void project_left_open_is_the_environment_s_or_the_file_s(void **state)
{
    (void)state;
    use_key_file("\\n", ",\"private_key_id\":\"k\",\"project_id\":\"of-the-file\"");
    fake_host_answer("GET", "*/projects/of-the-file/*", 200, NULL, ACCESS_HELLO);
    assert_resolves("gcp-sm://-/s", "hello");

    plugin->invalidate(instance, NULL);
    fake_host_env("GOOGLE_CLOUD_PROJECT", "of-the-environment");
    fake_host_answer("GET", "*/projects/of-the-environment/*", 200, NULL, ACCESS_HELLO);
    assert_resolves("gcp-sm://-/s", "hello");

    plugin->invalidate(instance, NULL);
    fake_host_env("GOOGLE_CLOUD_PROJECT", "../x");
    assert_fails("gcp-sm://-/s", MSTR_E_CONFIG, "no project id", NULL);
    plugin->invalidate(instance, NULL);
    fake_host_env("GOOGLE_CLOUD_PROJECT", NULL);
    use_file(USER_FILE);
    assert_fails("gcp-sm://-/s", MSTR_E_CONFIG, "knows none", NULL);
}

static void another_universe_is_checked_before_its_token_is_used(void **state)
{
    (void)state;
    fake_host_env("GOOGLE_CLOUD_UNIVERSE_DOMAIN", "universe.example");
    fake_host_answer("GET", BASE "universe/universe-domain", 404, FLAVOR, "");
    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "of the universe googleapis.com", NULL);

    fake_host_answer("GET", BASE "universe/universe-domain", 200, FLAVOR, "universe.example");
    fake_host_answer("GET", BASE "instance/*", 200, FLAVOR, TOKEN_ANSWER);
    fake_host_answer("GET", "https://secretmanager.universe.example/*", 200, NULL, ACCESS_HELLO);
    assert_resolves("gcp-sm://p/s", "hello");

    plugin->invalidate(instance, NULL);
    use_file(USER_FILE);
    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "GOOGLE_CLOUD_UNIVERSE_DOMAIN", NULL);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(switches_decide_without_a_request),
        TEST(presence_can_be_assumed),
        TEST(server_that_is_not_ready_is_asked_for_ten_seconds),
        TEST(refusals_of_a_token_say_what_to_do),
        TEST(project_left_open_is_the_machine_s),
        TEST(project_left_open_is_the_environment_s_or_the_file_s),
        TEST(another_universe_is_checked_before_its_token_is_used),
        TEST(mutual_tls_is_used_where_its_files_are),
        TEST(strict_mutual_tls_without_certificates_asks_nobody),
    };
    int failed = RUN_TESTS("gcp/identity/metadata");
    EVP_PKEY_free(rsa_key);
    return failed;
}
