/* Managed identities on every kind of host, and what else may answer there. */
#include "unit/azure/support.h"

#include "azure/identity/arc.h"
#include "azure/identity/imds.h"

#include <sys/stat.h>

#define REFERENCE "azure-kv://corp/db"
#define IMDS      "http://169.254.169.254/metadata/identity/oauth2/token"
#define ASK_IMDS  IMDS "[?]*"
#define MI_TOKEN                                                                                                     \
    "{\"access_token\":\"t1\",\"expires_on\":\"1768482000\",\"resource\":\"r\",\"token_type\":\"Bearer\"}"
#define RESOURCE "resource=https%3A%2F%2Fvault.azure.net"

static int setup(void **state)
{
    int result = plugin_setup(state);
    fake_host_option("credential", "ManagedIdentityCredential");
    return result;
}

static void answer_vault(void)
{
    fake_host_answer("GET", VAULT, 200, NULL, SECRET);
}

static bool bypasses_proxies(size_t index)
{
    return (fake_host_request(index)->request.flags & MSTR_HTTP_NO_PROXY) != 0;
}

static void metadata_service_gives_the_system_identity(void **state)
{
    (void)state;
    fake_host_answer("GET", ASK_IMDS, 200, NULL, MI_TOKEN);
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_int_equal(fake_host_requests(), 2);
    assert_string_equal(fake_host_request(0)->url, IMDS "?api-version=2018-02-01&" RESOURCE);
    assert_string_equal(fake_exchange_header(fake_host_request(0), "Metadata"), "true");
    assert_true(bypasses_proxies(0));
    assert_false(bypasses_proxies(1));
}

static void user_assigned_identity_is_named_in_three_ways(void **state)
{
    static const struct {
        const char *option;
        const char *variable;
        const char *query;
    } cases[] = {
        {"managed_identity_client_id", NULL, "&client_id=id%2F1"},
        {"managed_identity_object_id", NULL, "&object_id=id%2F1"},
        {"managed_identity_resource_id", NULL, "&msi_res_id=id%2F1"},
        {"client_id", NULL, "&client_id=id%2F1"},
        {NULL, "AZURE_CLIENT_ID", "&client_id=id%2F1"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (cases[i].option != NULL) {
            fake_host_option(cases[i].option, "id/1");
        } else {
            fake_host_env(cases[i].variable, "id/1");
        }
        plugin->invalidate(instance, NULL);
        fake_host_answer("GET", ASK_IMDS, 200, NULL, MI_TOKEN);
        answer_vault();
        assert_resolves(REFERENCE, "hello");
        assert_contains(fake_host_request(2 * i)->url, cases[i].query);
        fake_host_option(cases[i].option != NULL ? cases[i].option : "client_id", NULL);
    }
}

static void metadata_service_elsewhere_is_asked_there(void **state)
{
    (void)state;
    fake_host_env("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9999/");
    fake_host_answer("GET", "http://127.0.0.1:9999/metadata/identity/oauth2/token[?]*", 200, NULL, MI_TOKEN);
    answer_vault();

    assert_resolves(REFERENCE, "hello");
}

static void metadata_service_is_waited_for(void **state)
{
    static const int statuses[] = {404, 410, 429, 500, 502, 503};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        int64_t before = fake_host_slept();
        plugin->invalidate(instance, NULL);
        fake_host_deadline(60000);
        fake_host_answer("GET", ASK_IMDS, statuses[i], NULL, "{\"error\":\"x\"}");
        fake_host_answer("GET", ASK_IMDS, 200, NULL, MI_TOKEN);
        answer_vault();
        assert_resolves(REFERENCE, "hello");
        assert_in_range(fake_host_slept() - before, statuses[i] == 410 ? 9000 : 800,
                        statuses[i] == 410 ? 11000 : 1300);
    }
}

static void metadata_service_that_is_busy_is_asked_six_times(void **state)
{
    (void)state;
    fake_host_deadline(120000);
    fake_host_answer_always("GET", ASK_IMDS, 429, NULL, "{\"error\":\"too_many_requests\"}");

    assert_fails(REFERENCE, MSTR_E_THROTTLED, "429", NULL);

    assert_int_equal(fake_host_requests(), 6);
}

static void metadata_service_that_stays_away_fails_in_passing(void **state)
{
    static const int statuses[] = {404, 410, 500};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        fake_host_deadline(500);
        fake_host_answer("GET", ASK_IMDS, statuses[i], NULL, "");
        assert_fails(REFERENCE, MSTR_E_UNAVAILABLE, "the instance metadata service answered", NULL);
    }
}

static void identities_that_are_not_there_are_told_apart(void **state)
{
    static const struct {
        const char *client;
        const char *body;
        enum mstr_code code;
        const char *hint;
    } cases[] = {
        {NULL, "{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}", MSTR_E_NOT_AVAILABLE,
         "assign a managed identity"},
        {NULL, "{\"error\":\"invalid_request\",\"error_description\":\"Multiple user assigned identities exist\"}",
         MSTR_E_NOT_AVAILABLE, "managed_identity_client_id"},
        {"stale", "{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}",
         MSTR_E_AUTHENTICATION, "a stale AZURE_CLIENT_ID"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env("AZURE_CLIENT_ID", cases[i].client);
        fake_host_answer("GET", ASK_IMDS, 400, NULL, cases[i].body);
        assert_fails(REFERENCE, cases[i].code, cases[i].client != NULL ? "(AZURE_CLIENT_ID)" : "400", cases[i].hint);
    }
    assert_int_equal(fake_host_slept(), 0);
}

static void answers_of_others_mean_that_there_is_no_such_service(void **state)
{
    static const struct {
        int status;
        const char *body;
    } cases[] = {
        {200, "<html>a portal</html>"},
        {401, "<?xml version=\"1.0\"?>"},
        {403, "{\"error\":{\"message\":\"connecting to 169.254.169.254:80: unreachable network\"}}"},
        {400, "Bad Request"},
        {407, "<html>"},
        {302, ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("GET", ASK_IMDS, cases[i].status, NULL, cases[i].body);
        assert_fails(REFERENCE, MSTR_E_NOT_AVAILABLE, "no metadata service of Azure", NULL);
    }
    assert_int_equal(fake_host_slept(), 0);
}

static void nothing_at_the_address_is_not_waited_for(void **state)
{
    (void)state;

    assert_fails(REFERENCE, MSTR_E_NOT_AVAILABLE, "does not answer", NULL);

    assert_int_equal(fake_host_requests(), 1);
    assert_int_equal(fake_host_slept(), 0);
}

static void service_that_has_given_tokens_is_asked_again_when_it_cannot_be_reached(void **state)
{
    (void)state;
    fake_host_answer("GET", ASK_IMDS, 200, NULL, MI_TOKEN);
    fake_host_answer_always("GET", VAULT, 200, NULL, SECRET);
    assert_resolves(REFERENCE, "hello");
    fake_host_advance(3500000);
    fake_host_deadline(30000);
    fake_host_fail("GET", ASK_IMDS, MSTR_E_NETWORK, "refused");
    fake_host_fail("GET", ASK_IMDS, MSTR_E_TIMEOUT, "slow");
    fake_host_answer("GET", ASK_IMDS, 200, NULL, "{\"access_token\":\"t2\",\"expires_in\":3600}");

    assert_resolves(REFERENCE, "hello");

    assert_string_equal(fake_exchange_header(fake_host_request(5), "Authorization"), "Bearer t2");
}

static void app_service_is_asked_in_its_way(void **state)
{
    (void)state;
    fake_host_env("IDENTITY_ENDPOINT", "http://127.0.0.1:41741/msi/token");
    fake_host_env("IDENTITY_HEADER", "head");
    fake_host_option("managed_identity_object_id", "o-1");
    fake_host_answer("GET", "http://127.0.0.1:41741/msi/token[?]*", 200, NULL,
                     "{\"access_token\":\"t1\",\"expires_on\":\"01/15/2026 13:00:00 +00:00\"}");
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_string_equal(fake_host_request(0)->url,
                        "http://127.0.0.1:41741/msi/token?api-version=2019-08-01&" RESOURCE "&principal_id=o-1");
    assert_string_equal(fake_exchange_header(fake_host_request(0), "X-IDENTITY-HEADER"), "head");
    assert_null(fake_exchange_header(fake_host_request(0), "Metadata"));
    assert_true(bypasses_proxies(0));
}

static void app_service_learns_which_token_was_refused(void **state)
{
    (void)state;
    fake_host_env("IDENTITY_ENDPOINT", "http://127.0.0.1:41741/msi/token");
    fake_host_env("IDENTITY_HEADER", "head");
    fake_host_answer("GET", "http://127.0.0.1:41741/*", 200, NULL,
                     "{\"access_token\":\"test_token\",\"expires_in\":3600}");
    fake_host_answer("GET", VAULT, 401,
                     "WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"", "");
    fake_host_answer("GET", "http://127.0.0.1:41741/*", 200, NULL, MI_TOKEN);
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_string_equal(fake_host_request(2)->url,
                        "http://127.0.0.1:41741/msi/token?api-version=2025-03-30&" RESOURCE
                        "&xms_cc=cp1&token_sha256_to_refresh="
                        "cc0af97287543b65da2c7e1476426021826cab166f1e063ed012b855ff819656");
}

static void old_app_service_and_azure_ml_are_asked_in_their_way(void **state)
{
    (void)state;
    fake_host_env("MSI_ENDPOINT", "http://10.0.0.1:8081/msi/token");
    fake_host_env("MSI_SECRET", "s-1");
    fake_host_answer("GET", "http://10.0.0.1:8081/*", 200, NULL, MI_TOKEN);
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    assert_string_equal(fake_host_request(0)->url, "http://10.0.0.1:8081/msi/token?api-version=2017-09-01&" RESOURCE);
    assert_string_equal(fake_exchange_header(fake_host_request(0), "secret"), "s-1");

    plugin->invalidate(instance, NULL);
    fake_host_env("DEFAULT_IDENTITY_CLIENT_ID", "d-1");
    fake_host_answer("GET", "http://10.0.0.1:8081/*", 200, NULL, MI_TOKEN);
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    assert_contains(fake_host_request(2)->url, "&clientid=d-1");

    plugin->invalidate(instance, NULL);
    fake_host_option("managed_identity_resource_id", "/subscriptions/x");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "identity that managed_identity_resource_id names", NULL);
}

static void cloud_shell_is_posted_to(void **state)
{
    (void)state;
    fake_host_env("MSI_ENDPOINT", "http://localhost:50342/oauth2/token");
    fake_host_answer("POST", "http://localhost:50342/oauth2/token", 200, NULL, MI_TOKEN);
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    assert_string_equal(fake_host_request(0)->body, RESOURCE);
    assert_string_equal(fake_exchange_header(fake_host_request(0), "Metadata"), "true");

    plugin->invalidate(instance, NULL);
    fake_host_env("AZURE_CLIENT_ID", "c-1");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "identity that AZURE_CLIENT_ID names", "unset it");
}

static void service_fabric_is_pinned(void **state)
{
    (void)state;
    fake_host_env("IDENTITY_ENDPOINT", "https://localhost:2377/metadata/identity/oauth2/token");
    fake_host_env("IDENTITY_HEADER", "head");
    fake_host_env("IDENTITY_SERVER_THUMBPRINT", "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD");
    fake_host_answer("GET", "https://localhost:2377/*", 200, NULL, MI_TOKEN);
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    assert_string_equal(fake_host_request(0)->leaf_sha1, "AABBCCDDEEFF00112233445566778899AABBCCDD");
    assert_string_equal(fake_exchange_header(fake_host_request(0), "Secret"), "head");
    assert_contains(fake_host_request(0)->url, "?api-version=2019-07-01-preview&");
    assert_null(fake_host_request(1)->leaf_sha1);

    plugin->invalidate(instance, NULL);
    fake_host_env("IDENTITY_SERVER_THUMBPRINT", "AABB");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "no SHA-1", NULL);
    fake_host_env("IDENTITY_SERVER_THUMBPRINT", "zz");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "no SHA-1", NULL);
    fake_host_env("IDENTITY_SERVER_THUMBPRINT", "AABBCCDDEEFF00112233445566778899AABBCCDD");
    fake_host_env("IDENTITY_ENDPOINT", "http://localhost:2377/");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "no https URL", NULL);
}

static void hosts_that_fail_in_passing_are_asked_again(void **state)
{
    (void)state;
    fake_host_env("IDENTITY_ENDPOINT", "http://127.0.0.1:41741/msi/token");
    fake_host_env("IDENTITY_HEADER", "head");
    fake_host_answer("GET", "http://127.0.0.1:41741/*", 500, NULL, "");
    fake_host_answer("GET", "http://127.0.0.1:41741/*", 429, "Retry-After: 2", "");
    fake_host_answer("GET", "http://127.0.0.1:41741/*", 200, NULL, MI_TOKEN);
    answer_vault();
    assert_resolves(REFERENCE, "hello");

    plugin->invalidate(instance, NULL);
    fake_host_answer("GET", "http://127.0.0.1:41741/*", 400, NULL,
                     "{\"statusCode\":400,\"message\":\"No identity\"}");
    assert_fails(REFERENCE, MSTR_E_AUTHENTICATION, "App Service answered 400: No identity", "assign");
}

/* Azure Arc. */

#define ARC "http://127.0.0.1:40342/metadata/identity/oauth2/token"

static int arc_setup(void **state)
{
    int result = setup(state);
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

static void arc_key_files_are_read_by_their_rules(void **state)
{
    char folder[] = "/tmp/mstr-arc-XXXXXX";
    char good[64];
    char link[64];
    char large[64];
    char broken[64];
    char octets[4097];
    struct buffer key = BUFFER_INIT;
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
    assert_int_equal(arc_read_key(folder, broken, &key, NULL), MSTR_E_PROTOCOL);

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
#define ALONE(test)  cmocka_unit_test_setup_teardown(test, setup, plugin_teardown)
#define ON_ARC(test) cmocka_unit_test_setup_teardown(test, arc_setup, plugin_teardown)
    const struct CMUnitTest tests[] = {
        ALONE(metadata_service_gives_the_system_identity),
        ALONE(user_assigned_identity_is_named_in_three_ways),
        ALONE(metadata_service_elsewhere_is_asked_there),
        ALONE(metadata_service_is_waited_for),
        ALONE(metadata_service_that_is_busy_is_asked_six_times),
        ALONE(metadata_service_that_stays_away_fails_in_passing),
        ALONE(identities_that_are_not_there_are_told_apart),
        ALONE(answers_of_others_mean_that_there_is_no_such_service),
        ALONE(nothing_at_the_address_is_not_waited_for),
        ALONE(service_that_has_given_tokens_is_asked_again_when_it_cannot_be_reached),
        ALONE(app_service_is_asked_in_its_way),
        ALONE(app_service_learns_which_token_was_refused),
        ALONE(old_app_service_and_azure_ml_are_asked_in_their_way),
        ALONE(cloud_shell_is_posted_to),
        ALONE(service_fabric_is_pinned),
        ALONE(hosts_that_fail_in_passing_are_asked_again),
        ON_ARC(arc_without_a_proper_challenge_is_refused),
        ON_ARC(arc_key_files_are_read_by_their_rules),
        ON_ARC(arc_exchanges_the_key_for_a_token),
    };
    return RUN_TESTS("azure/identity/managed");
}
