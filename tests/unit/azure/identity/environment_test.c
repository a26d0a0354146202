/* SPDX-License-Identifier: Apache-2.0 */
/* Service principals out of options and variables. */
#include "unit/azure/support.h"

#include "unit/azure/keys.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PRINCIPAL(certificate_is_used_where_there_is_no_secret),
        WITH_PRINCIPAL(chain_is_sent_where_that_is_asked_for),
        WITH_PRINCIPAL(every_attempt_has_an_assertion_of_its_own),
        WITH_PRINCIPAL(secret_wins_over_certificate),
        WITH_PRINCIPAL(options_win_over_variables),
        WITH_PRINCIPAL(broken_certificate_ends_the_chain),
        WITH_PRINCIPAL(login_by_password_is_refused_with_the_reason),
        WITH_PRINCIPAL(refusal_tells_whom_it_asked_for_and_why),
    };
    return RUN_TESTS("azure/identity/environment");
}
