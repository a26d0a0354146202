/* Service principals and federated tokens, and what authorities answer them. */
#include "unit/azure/support.h"

#include "unit/azure/keys.h"

#define REFERENCE "azure-kv://corp/db"

static void answer_vault(void)
{
    fake_host_answer("GET", VAULT, 200, NULL, SECRET);
}

/* Writes the pair's key and certificate to the file that the variable names. */
static void use_certificate(const struct pair *pair, const char *password)
{
    char *text = NULL;
    BIO *memory = BIO_new(BIO_s_mem());
    put_key(memory, pair, password);
    put_certificate(memory, pair);
    long length = BIO_get_mem_data(memory, &text);
    write_file(file_path, text, (size_t)length);
    BIO_free(memory);
    fake_host_env("AZURE_CLIENT_SECRET", NULL);
    fake_host_env("AZURE_CLIENT_CERTIFICATE_PATH", file_path);
}

static void certificate_is_used_where_there_is_no_secret(void **state)
{
    struct pair pair = pair_make("own");
    (void)state;
    use_certificate(&pair, "hush");
    fake_host_env("AZURE_CLIENT_CERTIFICATE_PASSWORD", "hush");
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_contains(fake_host_request(0)->body,
                    "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
                    "&client_assertion=ey");
    pair_release(&pair);
}

static void chain_is_sent_where_that_is_asked_for(void **state)
{
    static const char *const values[] = {"0", "TRUE", "1"};
    struct pair pair = pair_make("own");
    size_t lengths[COUNT_OF(values)];
    (void)state;
    use_certificate(&pair, NULL);

    for (size_t i = 0; i < COUNT_OF(values); i++) {
        fake_host_env("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", values[i]);
        plugin->invalidate(instance, NULL);
        fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
        answer_vault();
        assert_resolves(REFERENCE, "hello");
        lengths[i] = fake_host_request(2 * i)->body_length;
    }

    assert_true(lengths[1] > lengths[0] + 400);
    assert_true(lengths[2] > lengths[0] + 400);
    pair_release(&pair);
}

static void every_attempt_has_an_assertion_of_its_own(void **state)
{
    struct pair pair = pair_make("own");
    (void)state;
    use_certificate(&pair, NULL);
    fake_host_answer("POST", AUTHORITY, 503, NULL, "");
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_string_not_equal(fake_host_request(0)->body, fake_host_request(1)->body);
    pair_release(&pair);
}

static void secret_wins_over_certificate(void **state)
{
    (void)state;
    fake_host_env("AZURE_CLIENT_CERTIFICATE_PATH", "/nowhere");
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_contains(fake_host_request(0)->body, "client_secret=");
}

static void options_win_over_variables(void **state)
{
    (void)state;
    fake_host_option("tenant_id", "tenant-9");
    fake_host_option("client_id", "client-9");
    fake_host_option("client_secret", "secret-9");
    fake_host_answer("POST", "https://login.microsoftonline.com/tenant-9/oauth2/v2.0/token", 200, NULL, TOKEN("t1"));
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_contains(fake_host_request(0)->body, "client_id=client-9");
    assert_contains(fake_host_request(0)->body, "client_secret=secret-9");
}

static void broken_settings_end_the_chain(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        const char *part;
    } cases[] = {
        {"AZURE_TENANT_ID", "a/b", "no tenant"},
        {"AZURE_TENANT_ID", "caf\xc3\xa9", "no tenant"},
        {"AZURE_AUTHORITY_HOST", "http://login.example", "must be https"},
        {"AZURE_AUTHORITY_HOST", "https://", "no URL"},
        {"AZURE_AUTHORITY_HOST", "https://user@login.example", "no URL"},
        {"AZURE_AUTHORITY_HOST", "https://login.example/?x", "no URL"},
        {"AZURE_AUTHORITY_HOST", "///", "no URL"},
        {"AZURE_REGIONAL_AUTHORITY_NAME", "west/us", "no region"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env("AZURE_TENANT_ID", "tenant-1");
        fake_host_env("AZURE_AUTHORITY_HOST", NULL);
        fake_host_env(cases[i].name, cases[i].value);
        assert_fails("azure-kv://corp.vault.azure.net/db", MSTR_E_CONFIG, cases[i].part, NULL);
    }
    assert_int_equal(fake_host_requests(), 0);
}

static void broken_certificate_ends_the_chain(void **state)
{
    (void)state;
    fake_host_env("AZURE_CLIENT_SECRET", NULL);
    fake_host_env("AZURE_CLIENT_CERTIFICATE_PATH", "/nowhere/x.pem");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "AZURE_CLIENT_CERTIFICATE_PATH (/nowhere/x.pem): there is no such file",
                 NULL);
    fake_host_env("AZURE_CLIENT_CERTIFICATE_PATH", file_path);
    assert_fails(REFERENCE, MSTR_E_CONFIG, "neither PEM nor PKCS#12", NULL);
}

static void login_by_password_is_refused_with_the_reason(void **state)
{
    (void)state;
    fake_host_env("AZURE_CLIENT_SECRET", NULL);
    fake_host_env("AZURE_USERNAME", "me");
    fake_host_env("AZURE_PASSWORD", "pw");

    assert_fails(REFERENCE, MSTR_E_CONFIG, "not supported", "multi-factor");
}

static void adfs_is_spoken_to_in_the_first_version(void **state)
{
    (void)state;
    fake_host_env("AZURE_TENANT_ID", "adfs");
    fake_host_env("AZURE_AUTHORITY_HOST", "https://adfs.local");
    fake_host_answer("POST", "https://adfs.local/adfs/oauth2/token", 200, NULL,
                     "{\"access_token\":\"t1\",\"expires_in\":\"3600\"}");
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_contains(fake_host_request(0)->body, "&resource=https%3A%2F%2Fvault.azure.net&");
}

#define REFUSED(word, number)                                                                                        \
    "{\"error\":\"" word "\",\"error_description\":\"AADSTS" number ": Told.\\r\\nTrace ID: t\\r\\nCorrelation ID: " \
    "c\",\"error_codes\":[" number "],\"timestamp\":\"2026-01-15 12:00:00Z\",\"correlation_id\":\"c-1\"}"
static void refusals_of_the_authority_have_hints(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum mstr_code code;
        const char *part;
        const char *hint;
    } cases[] = {
        {401, REFUSED("invalid_client", "7000215"), MSTR_E_AUTHENTICATION, "AADSTS7000215: Told.", "secret's id"},
        {401, REFUSED("invalid_client", "7000222"), MSTR_E_AUTHENTICATION, "2026-01-15 12:00:00Z", "expired"},
        {400, REFUSED("unauthorized_client", "700016"), MSTR_E_AUTHENTICATION, "unauthorized_client",
         "AZURE_CLIENT_ID"},
        {400, REFUSED("invalid_request", "90002"), MSTR_E_AUTHENTICATION, "90002", "AZURE_TENANT_ID"},
        {400, REFUSED("invalid_resource", "500011"), MSTR_E_AUTHENTICATION, "500011", "cloud and tenant"},
        {400, REFUSED("invalid_client", "1"), MSTR_E_AUTHENTICATION, "AADSTS1", "do not fit"},
        {400, "<html>", MSTR_E_PROTOCOL, "no OAuth error", "proxy"},
        {200, "<html>", MSTR_E_PROTOCOL, "without an access token", NULL},
        {302, "", MSTR_E_PROTOCOL, "302", "proxy"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("POST", AUTHORITY, cases[i].status, NULL, cases[i].body);
        assert_fails(REFERENCE, cases[i].code, cases[i].part, cases[i].hint);
    }
    assert_int_equal(fake_host_slept(), 0);
}

static void refusal_tells_whom_it_asked_for_and_why(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 401, NULL, REFUSED("invalid_client", "7000215"));

    struct mstr_request *request = resolve(REFERENCE);

    assert_contains(fake_request_message(request),
                    "service principal client-1 (AZURE_CLIENT_ID) of tenant tenant-1 (AZURE_TENANT_ID) by "
                    "AZURE_CLIENT_SECRET");
    assert_string_equal(fake_request_detail(request, MSTR_DETAIL_STEP), "EnvironmentCredential");
    assert_string_equal(fake_request_detail(request, MSTR_DETAIL_SERVICE_CODE), "invalid_client");
    assert_string_equal(fake_request_detail(request, MSTR_DETAIL_REQUEST_ID), "c-1");
    assert_null(strstr(fake_request_message(request), "s3cr&t"));
    fake_request_free(request);
}

static void authority_that_fails_in_passing_is_asked_again(void **state)
{
    (void)state;
    fake_host_fail("POST", AUTHORITY, MSTR_E_NETWORK, "reset");
    fake_host_answer("POST", AUTHORITY, 429, "Retry-After: 3", "");
    fake_host_answer("POST", AUTHORITY, 400, NULL, REFUSED("temporarily_unavailable", "90033"));
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_int_equal(fake_host_requests(), 5);
}

static void failed_token_is_not_remembered(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 401, NULL, REFUSED("invalid_client", "7000215"));
    assert_fails(REFERENCE, MSTR_E_AUTHENTICATION, "7000215", NULL);

    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    answer_vault();
    assert_resolves(REFERENCE, "hello");
}

static void token_is_renewed_before_its_end(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer_always("GET", VAULT, 200, NULL, SECRET);
    assert_resolves(REFERENCE, "hello");
    fake_host_advance(3290000);
    fake_host_deadline(30000);
    assert_resolves(REFERENCE, "hello");
    assert_int_equal(fake_host_requests(), 3);

    fake_host_advance(20000);
    fake_host_deadline(30000);
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t2"));
    assert_resolves(REFERENCE, "hello");
    assert_string_equal(fake_exchange_header(fake_host_request(4), "Authorization"), "Bearer t2");
}

/* Workload identity. */

static int workload_setup(void **state)
{
    int result = principal_setup(state);
    fake_host_env("AZURE_CLIENT_SECRET", NULL);
    fake_host_env("AZURE_FEDERATED_TOKEN_FILE", file_path);
    fake_host_env("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/");
    write_text("federated-1 \r\n");
    return result;
}

static void federated_token_is_exchanged(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_contains(fake_host_request(0)->body, "&client_assertion=federated-1");
    assert_true(strlen(strstr(fake_host_request(0)->body, "federated-1")) == strlen("federated-1"));
}

static void stale_federated_token_is_read_again_once(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 401, NULL, REFUSED("invalid_client", "700024"));
    fake_host_answer("POST", AUTHORITY, 401, "Date: Thu, 15 Jan 2026 11:50:00 GMT",
                     REFUSED("invalid_client", "700024"));

    assert_fails(REFERENCE, MSTR_E_AUTHENTICATION, "700024", "clock is 600 s ahead of");

    assert_int_equal(fake_host_requests(), 2);
    assert_int_equal(fake_host_slept(), 0);
}

static void renewed_federated_token_is_picked_up(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer_always("GET", VAULT, 200, NULL, SECRET);
    assert_resolves(REFERENCE, "hello");
    write_text("federated-2");
    plugin->invalidate(instance, NULL);
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t2"));

    assert_resolves(REFERENCE, "hello");

    assert_contains(fake_host_request(2)->body, "federated-2");
}

static void broken_token_files_are_told(void **state)
{
    char *huge = malloc(1 << 20);
    (void)state;
    memset(huge, 'a', 1 << 20);

    write_text(" \n");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "is empty", NULL);
    write_file(file_path, huge, 1 << 20);
    assert_fails(REFERENCE, MSTR_E_CONFIG, "larger than 64 KiB", NULL);
    write_file(file_path, "a\0b", 3);
    assert_fails(REFERENCE, MSTR_E_CONFIG, "holds a NUL", NULL);
    fake_host_env("AZURE_FEDERATED_TOKEN_FILE", "/nowhere");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "not there", "azure.workload.identity/use");
    free(huge);
}

static void token_proxy_takes_the_place_of_the_authority(void **state)
{
    (void)state;
    fake_host_env("AZURE_KUBERNETES_TOKEN_PROXY", "https://proxy.cluster:8443/token/");
    fake_host_env("AZURE_KUBERNETES_SNI_NAME", "proxy.aks");
    fake_host_env("AZURE_KUBERNETES_CA_DATA", "-----BEGIN");
    fake_host_answer("POST", "https://proxy.cluster:8443/token/tenant-1/oauth2/v2.0/token", 200, NULL, TOKEN("t1"));
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_string_equal(fake_host_request(0)->tls_server_name, "proxy.aks");
    assert_string_equal(fake_host_request(0)->ca_pem, "-----BEGIN");
    assert_null(fake_host_request(1)->ca_pem);
}

static void contradictory_proxy_settings_are_refused(void **state)
{
    static const struct {
        const char *proxy;
        const char *ca_file;
        const char *ca_data;
        const char *part;
    } cases[] = {
        {NULL, "/ca", NULL, "without AZURE_KUBERNETES_TOKEN_PROXY"},
        {"https://p", "/ca", "pem", "both set"},
        {"http://p", NULL, NULL, "no https URL"},
        {"https://u@p", NULL, NULL, "no https URL"},
        {"https://p/?q", NULL, NULL, "no https URL"},
        {"https://p/#f", NULL, NULL, "no https URL"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env("AZURE_KUBERNETES_TOKEN_PROXY", cases[i].proxy);
        fake_host_env("AZURE_KUBERNETES_CA_FILE", cases[i].ca_file);
        fake_host_env("AZURE_KUBERNETES_CA_DATA", cases[i].ca_data);
        assert_fails(REFERENCE, MSTR_E_CONFIG, cases[i].part, NULL);
    }
}

int main(void)
{
#define WITH_PRINCIPAL(test) cmocka_unit_test_setup_teardown(test, principal_setup, plugin_teardown)
#define WITH_WORKLOAD(test)  cmocka_unit_test_setup_teardown(test, workload_setup, plugin_teardown)
    const struct CMUnitTest tests[] = {
        WITH_PRINCIPAL(certificate_is_used_where_there_is_no_secret),
        WITH_PRINCIPAL(chain_is_sent_where_that_is_asked_for),
        WITH_PRINCIPAL(every_attempt_has_an_assertion_of_its_own),
        WITH_PRINCIPAL(secret_wins_over_certificate),
        WITH_PRINCIPAL(options_win_over_variables),
        WITH_PRINCIPAL(broken_settings_end_the_chain),
        WITH_PRINCIPAL(broken_certificate_ends_the_chain),
        WITH_PRINCIPAL(login_by_password_is_refused_with_the_reason),
        WITH_PRINCIPAL(adfs_is_spoken_to_in_the_first_version),
        WITH_PRINCIPAL(refusals_of_the_authority_have_hints),
        WITH_PRINCIPAL(refusal_tells_whom_it_asked_for_and_why),
        WITH_PRINCIPAL(authority_that_fails_in_passing_is_asked_again),
        WITH_PRINCIPAL(failed_token_is_not_remembered),
        WITH_PRINCIPAL(token_is_renewed_before_its_end),
        WITH_WORKLOAD(federated_token_is_exchanged),
        WITH_WORKLOAD(stale_federated_token_is_read_again_once),
        WITH_WORKLOAD(renewed_federated_token_is_picked_up),
        WITH_WORKLOAD(broken_token_files_are_told),
        WITH_WORKLOAD(token_proxy_takes_the_place_of_the_authority),
        WITH_WORKLOAD(contradictory_proxy_settings_are_refused),
    };
    return RUN_TESTS("azure/identity/environment");
}
