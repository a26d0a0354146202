/* SPDX-License-Identifier: Apache-2.0 */
/* X.509 certificates as subject tokens. */
#include "unit/gcp/support.h"

#include "base/base64.h"
#include "base/uri.h"
#include "support/json_parse.h"

#include <openssl/x509.h>

#define STS "https://sts.mtls.googleapis.com/v1/token"
#define IAM "https://iamcredentials.mtls.googleapis.com/v1/projects/-/serviceAccounts/sa@p:generateAccessToken"

enum { CERTIFICATES = 3 };
static X509 *certificates[CERTIFICATES]; /* 0 is the leaf */
static char folder[] = "/tmp/mstr-x509-XXXXXX";

static int make_certificates(void **state)
{
    (void)state;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    for (int i = 0; i < CERTIFICATES; i++) {
        X509 *certificate = X509_new();
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), i + 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
        X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
        X509_set_pubkey(certificate, key);
        X509_sign(certificate, key, EVP_sha256());
        certificates[i] = certificate;
    }
    EVP_PKEY_free(key);
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int forget_certificates(void **state)
{
    static const char *const names[] = {"leaf.pem", "chain.pem", "config.json"};
    char path[64];
    (void)state;
    for (int i = 0; i < CERTIFICATES; i++) {
        X509_free(certificates[i]);
    }
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

/* The certificates of these numbers, as "02", one after another. */
static void write_pem(const char *name, const char *numbers)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    for (; *numbers != '\0'; numbers++) {
        assert_int_equal(PEM_write_X509(file, certificates[*numbers - '0']), 1);
    }
    fclose(file);
}

/* The text, in which @ stands for the folder. */
static void write_config(const char *text)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/config.json", folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    for (; *text != '\0'; text++) {
        const char letter[2] = {*text, '\0'};
        fputs(*text == '@' ? folder : letter, file);
    }
    fclose(file);
    fake_host_env("GOOGLE_API_CERTIFICATE_CONFIG", path);
}

#define GOOD_CONFIG "{\"cert_configs\":{\"workload\":{\"cert_path\":\"@/leaf.pem\",\"key_path\":\"@/leaf.key\"}}}"

static void use_source(const char *options, const char *extra)
{
    char text[2048];
    snprintf(text, sizeof(text),
             "{\"type\":\"external_account\",\"audience\":\"//iam.googleapis.com/projects/1/locations/global/"
             "workloadIdentityPools/p/providers/x\",\"subject_token_type\":\"urn:ietf:params:oauth:token-type:mtls\","
             "\"credential_source\":{\"certificate\":{%s}}%s}",
             options, extra);
    use_file(text);
}

/* The subject token of the first request that was sent: the certificates of these numbers. */
static void assert_chain(const char *numbers)
{
    struct buffer token = BUFFER_INIT;
    const char *at = strstr(fake_host_request(0)->body, "subject_token=");
    assert_non_null(at);
    at += strlen("subject_token=");
    assert_true(uri_decode(&token, at, strcspn(at, "&")));
    struct json_object *list = json_parse(buffer_text(&token), token.length);
    assert_true(json_object_is_type(list, json_type_array));
    assert_int_equal(json_object_array_length(list), strlen(numbers));
    for (size_t i = 0; numbers[i] != '\0'; i++) {
        struct buffer der = BUFFER_INIT;
        const char *text = json_object_get_string(json_object_array_get_idx(list, i));
        assert_true(base64_decode(&der, text, strlen(text)));
        const unsigned char *octets = (const unsigned char *)der.data;
        X509 *certificate = d2i_X509(NULL, &octets, (long)der.length);
        assert_int_equal(X509_cmp(certificate, certificates[numbers[i] - '0']), 0);
        X509_free(certificate);
        buffer_release(&der);
    }
    json_object_put(list);
    buffer_release(&token);
}

static void chain_is_the_token_and_the_leaf_speaks_tls(void **state)
{
    char path[64];
    (void)state;
    write_pem("leaf.pem", "0");
    write_config(GOOD_CONFIG);
    use_source("\"use_default_certificate_config\":true", ",\"service_account_impersonation_url\":\"" IAM "\"");
    fake_host_answer("POST", STS, 200, NULL, TOKEN_ANSWER);
    fake_host_answer("POST", IAM, 200, NULL, "{\"accessToken\":\"t\",\"expireTime\":\"2026-01-15T13:00:00Z\"}");
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    assert_chain("0");
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof(path), "%s/leaf.pem", folder);
        assert_string_equal(fake_host_request(i)->client_cert_file, path);
        snprintf(path, sizeof(path), "%s/leaf.key", folder);
        assert_string_equal(fake_host_request(i)->client_key_file, path);
    }
    assert_null(fake_host_request(2)->client_cert_file);
}

static void trust_chain_follows_the_leaf(void **state)
{
    static const struct {
        const char *chain;
        const char *token; /* NULL: refused */
    } cases[] = {{"12", "012"}, {"012", "012"}, {"10", NULL}};
    char options[256];
    (void)state;
    write_pem("leaf.pem", "0");
    write_config(GOOD_CONFIG);
    snprintf(options, sizeof(options),
             "\"certificate_config_location\":\"%s/config.json\",\"trust_chain_path\":\"%s/chain.pem\"", folder,
             folder);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_reset();
        fake_host_env("NO_GCE_CHECK", "true");
        plugin->invalidate(instance, NULL);
        write_pem("chain.pem", cases[i].chain);
        use_source(options, "");
        if (cases[i].token == NULL) {
            assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "must be the first", NULL);
            continue;
        }
        fake_host_answer("POST", STS, 200, NULL, TOKEN_ANSWER);
        fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);
        assert_resolves("gcp-sm://p/s", "hello");
        assert_chain(cases[i].token);
    }
}

static void configuration_that_is_broken_is_told(void **state)
{
    static const struct {
        const char *options;
        const char *config;
        const char *part;
    } cases[] = {
        {"", GOOD_CONFIG, "exactly one"},
        {"\"use_default_certificate_config\":true,\"certificate_config_location\":\"/c\"", GOOD_CONFIG,
         "exactly one"},
        {"\"use_default_certificate_config\":true", "{\"cert_configs\":{}}", "cert_path and key_path"},
        {"\"use_default_certificate_config\":true", "no JSON", "cert_path and key_path"},
        {"\"certificate_config_location\":\"/nonexistent/c\"", GOOD_CONFIG, "no configuration of certificates"},
        {"\"use_default_certificate_config\":true",
         "{\"cert_configs\":{\"workload\":{\"cert_path\":\"@/config.json\",\"key_path\":\"@/k\"}}}",
         "no certificate in PEM"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        plugin->invalidate(instance, NULL);
        write_config(cases[i].config);
        use_source(cases[i].options, "");
        assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, cases[i].part, NULL);
    }
    assert_int_equal(fake_host_requests(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(chain_is_the_token_and_the_leaf_speaks_tls),
        TEST(trust_chain_follows_the_leaf),
        TEST(configuration_that_is_broken_is_told),
    };
    return cmocka_run_group_tests_name("gcp/certificate", tests, make_certificates, forget_certificates);
}
