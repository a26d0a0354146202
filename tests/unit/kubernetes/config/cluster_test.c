/* SPDX-License-Identifier: Apache-2.0 */
/* providers/kubernetes/config/cluster.c: where requests go, and whom TLS trusts there. */
#include "unit/kubernetes/support.h"

static const struct fake_exchange *asked(const char *cluster_lines)
{
    char text[2048];
    snprintf(text, sizeof(text), CONFIG_OF("%s", "    token: first\n"), cluster_lines);
    use_config(text);
    fake_host_answer_always("GET", "*", 200, NULL, APP(DATA));
    plugin->invalidate(instance, NULL);
    assert_resolves("k8s:app", APP_VALUE);
    return fake_host_request(fake_host_requests() - 1);
}

static void a_cluster_tells_server_authority_name_and_proxy(void **state)
{
    (void)state;
    const struct fake_exchange *exchange =
        asked("    server: " SERVER "/base//?x#y\n    certificate-authority-data: UEVN\n"
              "    tls-server-name: inner.example\n    proxy-url: socks5://proxy.example:1080\n");
    assert_string_equal(exchange->url, SERVER "/base/api/v1/namespaces/ns1/secrets/app");
    assert_string_equal(exchange->ca_pem, "PEM");
    assert_null(exchange->ca_file);
    assert_string_equal(exchange->tls_server_name, "inner.example");
    assert_string_equal(exchange->proxy, "socks5://proxy.example:1080");
    assert_int_equal(exchange->request.flags & MSTR_HTTP_ALLOW_PLAIN, 0);

    exchange = asked(CLUSTER "    certificate-authority: ca.pem\n    insecure-skip-tls-verify: false\n"
                             "    disable-compression: true\n");
    assert_string_equal(exchange->ca_file, "/tmp/ca.pem");
    assert_null(exchange->ca_pem);
    assert_null(exchange->proxy);
}

static void options_stand_over_what_was_found(void **state)
{
    (void)state;
    fake_host_option("server", "http://other.example/");
    fake_host_option("namespace", "ns2");
    fake_host_option("ca_file", "/own.pem");
    fake_host_answer("GET", "http://other.example/api/v1/namespaces/ns2/secrets/app", 404, NULL,
                     STATUS(404, "NotFound", "\"details\":{\"kind\":\"secrets\",\"name\":\"app\"}"));
    use_config(CONFIG_OF("    server: http://elsewhere.example\n    certificate-authority-data: UEVN\n",
                         "    token: first\n"));
    assert_fails("k8s:app", MSTR_E_NOT_FOUND, "404", NULL);
    assert_string_equal(fake_host_request(0)->ca_file, "/own.pem");
    assert_null(fake_host_request(0)->ca_pem);
    assert_true((fake_host_request(0)->request.flags & MSTR_HTTP_ALLOW_PLAIN) != 0);
}

static void a_namespace_that_cannot_be_is_refused(void **state)
{
    (void)state;
    fake_host_option("namespace", "../x");
    use_config(TOKEN_CONFIG);
    assert_fails("k8s:app", MSTR_E_CONFIG, "\"../x\" is no name of a namespace", NULL);
}

static void plain_http_is_asked_on_loopback_alone(void **state)
{
    (void)state;
    assert_string_equal(asked("    server: http://127.0.0.1:8001\n")->url,
                        "http://127.0.0.1:8001/api/v1/namespaces/ns1/secrets/app");
    plugin->invalidate(instance, NULL);
    use_config(CONFIG_OF("    server: http://k8s.example\n", "    token: first\n"));
    assert_fails("k8s:app", MSTR_E_CONFIG, ", line 7: cluster \"c\" has a server of plain http", "option server");
}

static void settings_that_are_none_are_told_with_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        const char *part;
        const char *hint;
    } cases[] = {
        {CLUSTER "    insecure-skip-tls-verify: true\n", ", line 8: cluster \"c\" sets insecure-skip-tls-verify",
         "certificate-authority-data"},
        {CLUSTER "    insecure-skip-tls-verify: yes\n", "neither true nor false", NULL},
        {CLUSTER "    proxy-url: ftp://x\n", ", line 8: cluster \"c\" has a proxy-url", NULL},
        {CLUSTER "    proxy-url: [x]\n", "has a proxy-url that is no text", NULL},
        {"    server: k8s.example:6443\n", ", line 7: cluster \"c\" has no server that is an http", NULL},
        {"    server: https://u:p@k8s.example\n", "has no server that is an http", NULL},
        {"    tls-server-name: x\n", "has no server that is an http", NULL},
        {CLUSTER "    certificate-authority-data: '!'\n", "has a certificate-authority-data that is no base64", NULL},
        {CLUSTER "    certificate-authority-data: UEVN\n    certificate-authority: x\n", "has both", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[1024];
        snprintf(text, sizeof(text), CONFIG_OF("%s", "    token: first\n"), cases[i].lines);
        use_config(text);
        assert_fails("k8s:app", MSTR_E_CONFIG, cases[i].part, cases[i].hint);
    }
    assert_int_equal(fake_host_requests(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_cluster_tells_server_authority_name_and_proxy), TEST(options_stand_over_what_was_found),
        TEST(a_namespace_that_cannot_be_is_refused),           TEST(plain_http_is_asked_on_loopback_alone),
        TEST(settings_that_are_none_are_told_with_their_line),
    };
    return RUN_TESTS("kubernetes/config/cluster");
}
