/* SPDX-License-Identifier: Apache-2.0 */
/* Azure Arc: the key file that its agent names, and the token for it. */
#include "unit/azure/support.h"

#include "azure/identity/arc.h"

#define ARC "http://127.0.0.1:40342/metadata/identity/oauth2/token"

static int arc_setup(void **state)
{
    int result = managed_setup(state);
    fake_host_env("IDENTITY_ENDPOINT", ARC);
    fake_host_env("IMDS_ENDPOINT", "http://127.0.0.1:40342");
    return result;
}

static void arc_without_a_proper_challenge_is_refused(void **state)
{
    static const struct {
        int status;
        const char *header;
        const char *part;
    } cases[] = {
        {200, NULL, "answered 200 in place of a challenge"},
        {401, NULL, "no challenge with a key file"},
        {401, "WWW-Authenticate: Basic", "no challenge with a key file"},
        {401, "WWW-Authenticate: Bearer realm=/var/opt/azcmagent/tokens/a.key", "no challenge with a key file"},
        {401, "WWW-Authenticate: Basic realm=/var/opt/azcmagent/tokens/a.key, x=y", "no challenge with a key file"},
        {401, "WWW-Authenticate: Basic realm=/etc/shadow.key", "not in its directory"},
        {401, "WWW-Authenticate: Basic realm=/var/opt/azcmagent/tokens/../a.key", "not in its directory"},
        {401, "WWW-Authenticate: Basic realm=/var/opt/azcmagent/tokens2/a.key", "not in its directory"},
        {401, "WWW-Authenticate: Basic realm=/var/opt/azcmagent/tokens/a.txt", "does not end in .key"},
        {401, "WWW-Authenticate: Basic realm=/var/opt/azcmagent/tokens/mstr-none.key", "is not there"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("GET", ARC "[?]*", cases[i].status, cases[i].header, "");
        assert_fails(REFERENCE, MSTR_E_PROTOCOL, cases[i].part, NULL);
    }
    assert_contains(fake_host_request(0)->url, "?api-version=2020-06-01&" RESOURCE);
}

static void agent_that_fails_in_passing_is_asked_again_with_another_key(void **state)
{
    char folder[] = "/tmp/mstr-arc-XXXXXX";
    char paths[2][48];
    char headers[2][128];
    (void)state;
    assert_non_null(mkdtemp(folder));
    for (int i = 0; i < 2; i++) {
        snprintf(paths[i], sizeof(paths[i]), "%s/%d.key", folder, i);
        snprintf(headers[i], sizeof(headers[i]), "WWW-Authenticate: Basic realm=%s", paths[i]);
        write_file(paths[i], i == 0 ? "first" : "second", i == 0 ? 5 : 6);
    }
    arc_key_directory = folder;
    fake_host_fail("GET", ARC "[?]*", MSTR_E_NETWORK, "reset");
    fake_host_answer("GET", ARC "[?]*", 401, headers[0], "");
    fake_host_answer("GET", ARC "[?]*", 503, NULL, "");
    fake_host_answer("GET", ARC "[?]*", 429, NULL, "");
    fake_host_answer("GET", ARC "[?]*", 401, headers[1], "");
    fake_host_answer("GET", ARC "[?]*", 200, NULL, "{\"access_token\":\"t1\",\"expires_in\":3600}");
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_string_equal(authorization(2), "Basic first");
    assert_string_equal(authorization(5), "Basic second");
    assert_true(bypasses_proxies(0) && bypasses_proxies(5));
    unlink(paths[0]);
    unlink(paths[1]);
    rmdir(folder);
}

static void arc_key_files_are_read_by_their_rules(void **state)
{
    char folder[] = "/tmp/mstr-arc-XXXXXX";
    char good[64];
    char link[64];
    char large[64];
    char broken[64];
    char octets[4097];
    struct buffer key = BUFFER_INIT;
    struct mstr_error *error = host->error_new();
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(good, sizeof(good), "%s/good.key", folder);
    snprintf(link, sizeof(link), "%s/link.key", folder);
    snprintf(large, sizeof(large), "%s/large.key", folder);
    snprintf(broken, sizeof(broken), "%s/broken.key", folder);
    memset(octets, 'a', sizeof(octets));
    write_file(good, "c2Vj:cmV0\n", 10);
    write_file(large, octets, sizeof(octets));
    write_file(broken, "a\r\nX-Other: b", 14);
    assert_int_equal(symlink(good, link), 0);

    assert_int_equal(arc_read_key(folder, good, &key, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&key), "c2Vj:cmV0");
    buffer_clear(&key);
    assert_int_not_equal(arc_read_key(folder, link, &key, NULL), MSTR_OK);
    buffer_clear(&key);
    assert_int_equal(arc_read_key(folder, large, &key, NULL), MSTR_E_PROTOCOL);
    buffer_clear(&key);
    assert_int_equal(arc_read_key(folder, broken, &key, error), MSTR_E_CONFIG);
    assert_contains(host->error_message(error), broken);
    host->error_free(error);

    buffer_release(&key);
    unlink(good);
    unlink(link);
    unlink(large);
    unlink(broken);
    rmdir(folder);
}

static void arc_exchanges_the_key_for_a_token(void **state)
{
    static const char *const answers[] = {
        "{\"access_token\":\"t1\",\"expires_in\":3600,\"client_id\":\"C-1\"}",
        "{\"access_token\":\"t1\",\"expires_in\":3600,\"client_id\":\"another\"}",
        "{\"access_token\":\"t1\",\"expires_in\":3600}",
    };
    char folder[] = "/tmp/mstr-arc-XXXXXX";
    char key[64];
    char header[128];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(key, sizeof(key), "%s/a.key", folder);
    snprintf(header, sizeof(header), "WWW-Authenticate: Basic realm=%s", key);
    write_file(key, "a2V5", 4);
    arc_key_directory = folder;
    fake_host_option("managed_identity_client_id", "c-1");

    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        plugin->invalidate(instance, NULL);
        fake_host_answer("GET", ARC "[?]*", 401, header, "");
        fake_host_answer("GET", ARC "[?]*", 200, NULL, answers[i]);
        if (i == 0) {
            answer_vault();
            assert_resolves(REFERENCE, "hello");
        } else {
            assert_fails(REFERENCE, MSTR_E_AUTHENTICATION, "another identity", "update the agent");
        }
    }

    plugin->invalidate(instance, NULL);
    fake_host_option("managed_identity_client_id", NULL);
    fake_host_answer("GET", ARC "[?]*", 401, header, "");
    fake_host_answer("GET", ARC "[?]*", 403, NULL, "{\"error\":\"x\",\"error_description\":\"No.\"}");
    assert_fails(REFERENCE, MSTR_E_AUTHENTICATION, "Azure Arc answered 403: No.", NULL);
    fake_host_answer("GET", ARC "[?]*", 401, header, "");
    fake_host_answer("GET", ARC "[?]*", 200, NULL, answers[2]);
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    assert_null(fake_exchange_header(fake_host_request(0), "Authorization"));
    assert_string_equal(fake_exchange_header(fake_host_request(1), "Authorization"), "Basic a2V5");
    assert_contains(fake_host_request(1)->url, "&client_id=c-1");
    unlink(key);
    rmdir(folder);
}

int main(void)
{
#define ON_ARC(test) cmocka_unit_test_setup_teardown(test, arc_setup, plugin_teardown)
    const struct CMUnitTest tests[] = {
        ON_ARC(arc_without_a_proper_challenge_is_refused),
        ON_ARC(agent_that_fails_in_passing_is_asked_again_with_another_key),
        ON_ARC(arc_key_files_are_read_by_their_rules),
        ON_ARC(arc_exchanges_the_key_for_a_token),
    };
    return RUN_TESTS("azure/identity/arc");
}
