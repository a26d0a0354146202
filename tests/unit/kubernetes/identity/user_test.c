/* SPDX-License-Identifier: Apache-2.0 */
/* providers/kubernetes/identity/user.c: how the user of a kubeconfig proves itself. */
#include "unit/kubernetes/support.h"

/* base64 of "-----BEGIN CERT" and "-----BEGIN KEY" */
#define CERTIFICATE "    client-certificate-data: LS0tLS1CRUdJTiBDRVJU\n"
#define KEY         "    client-key-data: LS0tLS1CRUdJTiBLRVk=\n"

static const struct fake_exchange *asked(const char *user_lines)
{
    char text[2048];
    snprintf(text, sizeof(text), CONFIG("%s"), user_lines);
    use_config(text);
    fake_host_answer("GET", APP_URL, 200, NULL, APP(DATA));
    plugin->invalidate(instance, NULL);
    assert_resolves("k8s:app", APP_VALUE);
    return fake_host_request(fake_host_requests() - 1);
}

static void assert_sends(const char *user_lines, const char *authorization)
{
    const char *sent = fake_exchange_header(asked(user_lines), "Authorization");
    if (authorization == NULL) {
        assert_null(sent);
    } else {
        assert_string_equal(sent, authorization);
    }
}

static void tokens_and_passwords_go_into_the_header(void **state)
{
    (void)state;
    const char *token = write_beside("token", "from-file\n");
    const char *empty = write_beside("empty", "");
    char lines[256];
    assert_sends("    token: first\n", "Bearer first");
    assert_sends("    username: svc\n    password: hush\n", "Basic c3ZjOmh1c2g=");
    snprintf(lines, sizeof(lines), "    tokenFile: %s\n    token: first\n", strrchr(token, '/') + 1);
    assert_sends(lines, "Bearer from-file");
    snprintf(lines, sizeof(lines), "    tokenFile: %s\n    token: first\n", empty);
    assert_sends(lines, "Bearer first");
    assert_sends("    tokenFile: /nonexistent/token\n    token: first\n", "Bearer first");
    assert_sends("    tokenFile: ''\n    token: first\n    exec: {command: /bin/false}\n", "Bearer first");
    assert_sends("    {}\n", NULL);
    unlink(token);
    unlink(empty);
}

static void certificates_are_shown_out_of_data_and_files(void **state)
{
    (void)state;
    const struct fake_exchange *exchange = asked(CERTIFICATE KEY);
    assert_string_equal(exchange->client_cert_pem, "-----BEGIN CERT");
    assert_string_equal(exchange->client_key_pem, "-----BEGIN KEY");
    assert_null(fake_exchange_header(exchange, "Authorization"));

    const char *pem = write_beside("pem", "-----BEGIN OTHER");
    char lines[256];
    snprintf(lines, sizeof(lines), "    client-certificate: %s\n" KEY "    token: first\n", pem);
    exchange = asked(lines);
    assert_string_equal(exchange->client_cert_pem, "-----BEGIN OTHER");
    assert_string_equal(fake_exchange_header(exchange, "Authorization"), "Bearer first");
    write_beside("pem", "-----BEGIN NEXT");
    fake_host_advance(60000); /* as tokens in files are */
    fake_host_deadline(30000);
    fake_host_answer("GET", APP_URL, 200, NULL, APP(DATA));
    assert_resolves("k8s:app", APP_VALUE);
    assert_string_equal(fake_host_request(2)->client_cert_pem, "-----BEGIN NEXT");
    unlink(pem);
}

static void users_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        const char *part;
        const char *hint;
    } cases[] = {
        {"    token: a\n    username: b\n", ", line 11: user \"u\" has a token and a password", NULL},
        {"    tokenFile: a\n    password: b\n", "has a token and a password", NULL},
        {"    password: b\n", "has a password without a username", NULL},
        {"    username: 'a:b'\n", "has a username with a colon", NULL},
        {CERTIFICATE, "has a client certificate without its key", NULL},
        {KEY, "has a client key without its certificate", NULL},
        {"    client-certificate-data: eA==\n" KEY, "has a client certificate that is no PEM", NULL},
        {"    client-certificate: x\n" CERTIFICATE KEY, ", line 11: user \"u\" has both client-certificate and",
         NULL},
        {"    client-certificate: /nonexistent/cert\n" KEY, "client-certificate /nonexistent/cert: No such file",
         NULL},
        {"    token: [a]\n", ", line 11: user \"u\" has a token that is no text", NULL},
        {"    token: a b\n", "the token of user \"u\" holds no token", NULL},
        {"    tokenFile: /nonexistent/token\n", "/nonexistent/token: No such file", NULL},
        {"    auth-provider:\n      name: gcp\n", ", line 12: user \"u\" has the auth-provider \"gcp\"",
         "gke-gcloud-auth-plugin"},
        {"    auth-provider: {name: azure}\n", "auth-provider \"azure\"", "kubelogin convert-kubeconfig"},
        {"    auth-provider: {name: oidc}\n    token: a\n", "auth-provider \"oidc\"", "oidc-login"},
        {"    auth-provider: {name: other}\n", "auth-provider \"other\"", "a program that prints credentials"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[1024];
        snprintf(text, sizeof(text), CONFIG("%s"), cases[i].lines);
        use_config(text);
        plugin->invalidate(instance, NULL);
        assert_fails("k8s:app", MSTR_E_CONFIG, cases[i].part, cases[i].hint);
    }
    assert_int_equal(fake_host_requests(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tokens_and_passwords_go_into_the_header),
        TEST(certificates_are_shown_out_of_data_and_files),
        TEST(users_that_make_no_sense_are_refused),
    };
    return RUN_TESTS("kubernetes/identity/user");
}
