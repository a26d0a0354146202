/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/peer_setup.c: which options libcurl is given for the way to a host, and whom real handshakes then
 * trust */
#include "http_fixture.h"
#include "support/certificate.h"
#include "support/folder.h"
#include "transfer_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PLAIN "http://127.0.0.1:81/p"
#define URL   .request.url

static int forget_environment(void **state)
{
    static const char *const variables[] = {"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
                                            "MSTR_CA_FILE",  "https_proxy",  "HTTPS_PROXY",        "http_proxy",
                                            "all_proxy",     "ALL_PROXY",    "no_proxy",           "NO_PROXY"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        unsetenv(variables[i]);
    }
    return 0;
}

static const struct http_client_options trusting = {.trust_environment = true};

/* Of a plugin of today, and of one before ABI 1.2. */
enum { NOW = sizeof(struct mstr_http_request), BEFORE = offsetof(struct mstr_http_request, client_cert_pem) };

static void peers_become_options(void **state)
{
    (void)state;
    static const struct option_case cases[] = {
        /* where to connect to */
        {.option = CURLOPT_CONNECT_TO},
        {.request.connect_address = "10.0.0.1", .option = CURLOPT_CONNECT_TO, .value = "::10.0.0.1:8443\n"},
        {.request.connect_address = "fe80::1", .option = CURLOPT_CONNECT_TO, .value = "::[fe80::1]:8443\n"},
        {.request.connect_address = "[fe80::1]", .option = CURLOPT_CONNECT_TO, .value = "::[fe80::1]:8443\n"},
        {.request.connect_address = "10.0.0.1",
         .option = CURLOPT_URL,
         .value = "https://service.example:8443/a/../b?q"},
        {.request.tls_server_name = "inner.example",
         .option = CURLOPT_CONNECT_TO,
         .value = "::service.example:8443\n"},
        {.request.tls_server_name = "inner.example",
         .option = CURLOPT_URL,
         .value = "https://inner.example:8443/a/../b?q"},
        {.request.tls_server_name = "inner.example",
         URL = "https://[2001:db8::1]/",
         .option = CURLOPT_CONNECT_TO,
         .value = "::[2001:db8::1]:443\n"},
        {.request.tls_server_name = "inner.example",
         .request.connect_address = "10.0.0.1",
         .option = CURLOPT_CONNECT_TO,
         .value = "::10.0.0.1:8443\n"},
        /* proxies: "" is none, and without the option curl looks at the environment */
        {.option = CURLOPT_PROXY, .value = ""},
        {.client.trust_environment = true, .option = CURLOPT_PROXY, .value = ""},
        {.client.proxy = "http://p", .option = CURLOPT_PROXY, .value = "http://p"},
        {.client.proxy = "http://p", .option = CURLOPT_NOPROXY, .value = ""},
        {.client.proxy = "http://p", .client.no_proxy = "a,b", .option = CURLOPT_PROXY, .value = "http://p"},
        {.client.proxy = "http://p", .client.no_proxy = "service.example", .option = CURLOPT_PROXY, .value = ""},
        {.client.proxy = "http://p", .option = CURLOPT_SUPPRESS_CONNECT_HEADERS, .value = "1"},
        {.client.proxy = "http://p", .extras.proxy = "", .option = CURLOPT_PROXY, .value = ""},
        {.client = {.proxy = "http://p", .no_proxy = "service.example"},
         .extras.proxy = "http://q",
         .option = CURLOPT_PROXY,
         .value = "http://q"},
        {.extras = {.proxy = "http://q", .no_proxy = "*.example:8443"}, .option = CURLOPT_PROXY, .value = ""},
        {.extras = {.proxy = "http://q", .no_proxy = "*.example:443"}, .option = CURLOPT_PROXY, .value = "http://q"},
        {.extras = {.proxy = "http://q", .proxy_user = "u"}, .option = CURLOPT_PROXYUSERNAME, .value = "u"},
        {.extras = {.proxy = "http://q", .proxy_password = "w"}, .option = CURLOPT_PROXYPASSWORD, .value = "w"},
        /* which are another proxy's */
        {.client.proxy = "http://p", .extras.proxy_user = "u", .option = CURLOPT_PROXYUSERNAME},
        {.client.proxy = "http://p", .extras.proxy_password = "w", .option = CURLOPT_PROXYPASSWORD},
        {.client.proxy = "http://p", .request.flags = MSTR_HTTP_NO_PROXY, .option = CURLOPT_PROXY, .value = ""},
        {.client.proxy = "http://p", URL = PLAIN, .option = CURLOPT_PROXY, .value = "http://p"},
        {.client.proxy = "https://p", .option = CURLOPT_PROXY_SSLVERSION, .value = "6"},
        {.client.proxy = "https://p", .request.ca_file = "/own", .option = CURLOPT_PROXY_CAINFO},
        {.client.proxy = "http://p", URL = "https://169.254.169.254/latest", .option = CURLOPT_PROXY, .value = ""},
        {.client.proxy = "http://p",
         .request = {.size = NOW, .proxy = "http://q"},
         .option = CURLOPT_PROXY,
         .value = "http://q"},
        {.client.proxy = "http://p", .request = {.size = NOW, .proxy = ""}, .option = CURLOPT_PROXY, .value = ""},
        {.client.proxy = "http://p",
         .request = {.size = BEFORE, .proxy = "http://q"},
         .option = CURLOPT_PROXY,
         .value = "http://p"},
        /* TLS */
        {.option = CURLOPT_SSLVERSION, .value = "6"}, /* 1.2 or later */
        {URL = PLAIN, .option = CURLOPT_SSLVERSION},
        {.option = CURLOPT_CAINFO},
        {.client.ca_file = "/ca", .option = CURLOPT_CAINFO, .value = "/ca"},
        {.client.ca_file = "/ca", .option = CURLOPT_CAPATH, .value = "NULL"}, /* in place of the system's folder */
        {.request.ca_file = "", .option = CURLOPT_CAINFO},
        {.client.ca_file = "/ca", .request.ca_file = "/own", .option = CURLOPT_CAINFO, .value = "/own"},
        {.request.ca_file = "/own", .request.ca_pem = "PEM", .option = CURLOPT_CAINFO},
        {.request.ca_pem = "PEM", .option = CURLOPT_CAINFO_BLOB, .value = "…"},
        {.request.ca_pem = "PEM", .option = CURLOPT_CAPATH, .value = "NULL"},
        {.request.client_cert_file = "/cert", .option = CURLOPT_SSLCERT, .value = "/cert"},
        {.request.client_cert_file = "/cert", .option = CURLOPT_SSLKEY, .value = "/cert"},
        {.request.client_cert_file = "/cert", .option = CURLOPT_SSLCERTTYPE, .value = "PEM"},
        {.request.client_cert_file = "/cert", .option = CURLOPT_KEYPASSWD, .value = ""}, /* nobody is asked for it */
        {.request = {.client_cert_file = "/cert", .client_key_file = "/key"},
         .option = CURLOPT_SSLKEY,
         .value = "/key"},
        {.request.client_cert_file = "/cert",
         .extras.key_passphrase = "open",
         .option = CURLOPT_KEYPASSWD,
         .value = "open"},
        {.request = {.size = NOW, .client_cert_pem = "PEM"}, .option = CURLOPT_SSLCERT_BLOB, .value = "…"},
        {.request = {.size = NOW, .client_cert_pem = "PEM"}, .option = CURLOPT_SSLKEY_BLOB, .value = "…"},
        {.request = {.size = NOW, .client_cert_pem = "PEM", .client_cert_file = "/cert"}, .option = CURLOPT_SSLCERT},
        {.request = {.size = NOW, .client_cert_pem = "PEM"}, .option = CURLOPT_KEYPASSWD, .value = ""},
        {.request = {.size = BEFORE, .client_cert_pem = "PEM"}, .option = CURLOPT_SSLCERT_BLOB},
        {.extras.pinned_key = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
         .option = CURLOPT_PINNEDPUBLICKEY,
         .value = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
    };
    check_options(cases, COUNT_OF(cases));
}

static void a_connect_address_takes_the_place_of_resolution(void **state)
{
    (void)state;
    struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
    struct fixture f = fixture_new(NULL);
    char url[64];
    char host[64];
    snprintf(url, sizeof(url), "http://service.example:%u/p", tiny_server_port(server));
    snprintf(host, sizeof(host), "\r\nHost: service.example:%u\r\n", tiny_server_port(server));
    f.request.flags = MSTR_HTTP_ALLOW_PLAIN;
    f.request.connect_address = "127.0.0.1";
    assert_int_equal(fixture_send(&f, url), MSTR_OK);
    assert_non_null(strstr(http_answer(f.response)->body, host));
    fixture_free(&f);
    tiny_server_stop(server);
}

static void a_proxy_of_the_environment_counts_where_that_is_trusted(void **state)
{
    (void)state;
    static const struct option_case cases[] = {
        {.client.trust_environment = true, .option = CURLOPT_PROXY, .value = "http://e:1"},
        {.client.trust_environment = true, .extras.no_environment = true, .option = CURLOPT_PROXY, .value = ""},
        {.client.trust_environment = false, .option = CURLOPT_PROXY, .value = ""},
        {.client.trust_environment = true, .extras.proxy_user = "u", .option = CURLOPT_PROXYUSERNAME},
    };
    setenv("https_proxy", "http://e:1", 1);
    check_options(cases, COUNT_OF(cases));
}

static void which_proxy_was_asked_is_told(void **state)
{
    (void)state;
    static const struct mstr_http_request request = {.method = "GET", .url = "https://service.example/"};
    char told[PROXY_TOLD] = "";
    const struct http_extras extras = {.proxy_told = told};
    struct transfer t = {.client = &trusting, .extras = &extras};
    assert_int_equal(set_up(&t, &request, NULL), MSTR_OK);
    assert_string_equal(told, "");
    transfer_release(&t);
    setenv("https_proxy", "http://ann:sesame@e:1", 1);
    assert_int_equal(set_up(&t, &request, NULL), MSTR_OK);
    assert_string_equal(told, "e:1 (https_proxy)");
    transfer_release(&t);
}

static void what_is_no_proxy_is_told_and_not_passed_over(void **state)
{
    (void)state;
    static const struct http_client_options odd = {.proxy = "ftp://p"};
    static const struct http_extras none;
    static const char *const urls[] = {PLAIN, "https://service.example/"};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        const struct mstr_http_request request = {.method = "GET", .url = urls[i]};
        struct transfer t = {.client = &odd, .extras = &none};
        assert_int_equal(set_up(&t, &request, NULL), MSTR_E_CONFIG);
        assert_null(curl_double_find(CURLOPT_URL));
        transfer_release(&t);
    }
}

static void a_proxy_that_is_set_leads_to_loopback_and_one_of_the_environment_does_not(void **state)
{
    (void)state;
    struct tiny_server *proxy = tiny_server_start(echo, NULL, NULL);
    struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
    char proxy_url[64];
    char expected[96];
    snprintf(proxy_url, sizeof(proxy_url), "%s", tiny_server_url(proxy, ""));
    setenv("http_proxy", proxy_url, 1);
    struct fixture f = fixture_new(&trusting);
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    assert_int_equal(tiny_server_requests(proxy), 0);

    f.extras.proxy = proxy_url;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    snprintf(expected, sizeof(expected), "GET %s HTTP/1.1\r\n", tiny_server_url(server, "/"));
    assert_memory_equal(http_answer(f.response)->body, expected, strlen(expected));
    f.extras.no_proxy = "127.0.0.0/8";
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    assert_int_equal(tiny_server_requests(proxy), 1);

    fixture_free(&f);
    tiny_server_stop(server);
    tiny_server_stop(proxy);
}

/* Whatever is set: a proxy would answer in the place of this machine's own service. */
static void no_proxy_is_asked_for_metadata(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        uint32_t flags;
    } cases[] = {{"169.254.169.254", 0},
                 {"169.254.170.2", 0},
                 {"[fd00:ec2::254]", 0},
                 {"metadata.example", MSTR_HTTP_NO_PROXY}};
    struct tiny_server *proxy = tiny_server_start(echo, NULL, NULL);
    struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
    char url[96];
    setenv("http_proxy", tiny_server_url(proxy, ""), 1);
    struct fixture f = fixture_new(&trusting);
    f.extras.proxy = tiny_server_url(proxy, "");
    f.request.connect_address = "127.0.0.1";
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        snprintf(url, sizeof(url), "http://%s:%u/", cases[i].host, tiny_server_port(server));
        f.request.flags = MSTR_HTTP_ALLOW_PLAIN | cases[i].flags;
        assert_int_equal(fixture_send(&f, url), MSTR_OK);
    }
    assert_int_equal(tiny_server_connections(proxy), 0);
    fixture_free(&f);
    tiny_server_stop(server);
    tiny_server_stop(proxy);
}

static bool ok(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    (void)request;
    (void)data;
    return tiny_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
}

/* A server with a certificate of its own, and one that nobody knows. */
struct servers {
    struct certificate known;
    struct certificate other;
    struct tiny_server *server;
    struct folder folder; /* that holds the certificate by its hashed name */
};

static struct servers start(void)
{
    struct servers s;
    char path[256];
    certificate_make(&s.known, "IP:127.0.0.1");
    certificate_make(&s.other, "IP:127.0.0.1");
    s.server = tiny_server_start(ok, NULL, s.known.context);
    folder_make(&s.folder);
    assert_int_equal(symlink(s.known.file, folder_path(&s.folder, s.known.hash, path)), 0);
    return s;
}

static void stop(struct servers *s)
{
    tiny_server_stop(s->server);
    certificate_release(&s->known);
    certificate_release(&s->other);
    folder_remove(&s->folder);
    forget_environment(NULL);
}

static enum mstr_code send_to(const struct servers *s, struct fixture *f)
{
    return fixture_send(f, tiny_server_url(s->server, "/"));
}

static void each_variable_names_whom_to_trust_as_file_or_as_folder(void **state)
{
    (void)state;
    static const struct {
        const char *variable;
        bool file;
        bool folder;
    } cases[] = {{"SSL_CERT_FILE", true, false},
                 {"SSL_CERT_DIR", false, true},
                 {"REQUESTS_CA_BUNDLE", true, true},
                 {"CURL_CA_BUNDLE", true, true},
                 {"MSTR_CA_FILE", true, false}};
    struct servers s = start();
    struct fixture f = fixture_new(&trusting);
    assert_int_equal(send_to(&s, &f), MSTR_E_TLS);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *const values[] = {cases[i].file ? s.known.file : NULL, cases[i].folder ? s.folder.path : NULL};
        for (size_t j = 0; j < COUNT_OF(values); j++) {
            if (values[j] != NULL) {
                setenv(cases[i].variable, values[j], 1);
                if (send_to(&s, &f) != MSTR_OK) {
                    fail_msg("%s=%s: %s", cases[i].variable, values[j], mstr_error_message(f.error));
                }
                f.extras.no_environment = true;
                assert_int_equal(send_to(&s, &f), MSTR_E_TLS);
                f.extras.no_environment = false;
            }
        }
        unsetenv(cases[i].variable);
    }
    fixture_free(&f);
    stop(&s);
}

/* The next one is never tried in its place. */
static void a_place_that_is_of_no_use_is_an_error_that_names_it(void **state)
{
    (void)state;
    static const char *const variables[] = {"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
                                            "MSTR_CA_FILE"};
    struct servers s = start();
    struct folder empty;
    struct fixture f = fixture_new(&trusting);
    char expected[256];
    char hint[64];
    char path[256];
    folder_make(&empty);
    folder_write(&empty, "readme", "no certificate");
    const char *const places[] = {"/nonexistent/ca.pem", folder_path(&empty, "readme", path), empty.path};
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        for (size_t j = 0; j < COUNT_OF(places); j++) {
            setenv("CURL_CA_BUNDLE", s.known.file, 1);
            setenv(variables[i], places[j], 1);
            assert_int_equal(send_to(&s, &f), MSTR_E_CONFIG);
            snprintf(expected, sizeof(expected), "CA file for 127.0.0.1 cannot be used: %s=%s: ", variables[i],
                     places[j]);
            snprintf(hint, sizeof(hint), "%s must name ", variables[i]);
            assert_memory_equal(mstr_error_message(f.error), expected, strlen(expected));
            assert_memory_equal(mstr_error_hint(f.error), hint, strlen(hint));
            forget_environment(NULL);
        }
    }
    assert_int_equal(tiny_server_requests(s.server), 0);
    folder_remove(&empty);
    fixture_free(&f);
    stop(&s);
}

/* Which OpenSSL would wait for without end. */
static void a_pipe_in_place_of_a_file_of_tls_is_an_error_before_curl_opens_it(void **state)
{
    (void)state;
    struct servers s = start();
    struct folder folder;
    char path[256];
    folder_make(&folder);
    const char *pipe = folder_path(&folder, "pipe", path);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    const struct {
        struct mstr_http_request request;
        const char *pinned_key;
        const char *source;
    } cases[] = {
        {{.ca_file = pipe}, NULL, "ca_file="},
        {{.ca_file = s.known.file, .client_cert_file = pipe}, NULL, "client_cert="},
        {{.ca_file = s.known.file, .client_cert_file = pipe, .client_key_file = s.known.file}, NULL, "client_cert="},
        {{.ca_file = s.known.file, .client_cert_file = s.known.file, .client_key_file = pipe}, NULL, "client_key="},
        {{.ca_file = s.known.file}, pipe, "pinned_key="},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fixture f = fixture_new(&trusting);
        f.request.ca_file = cases[i].request.ca_file;
        f.request.client_cert_file = cases[i].request.client_cert_file;
        f.request.client_key_file = cases[i].request.client_key_file;
        f.extras.pinned_key = cases[i].pinned_key;
        assert_int_equal(send_to(&s, &f), MSTR_E_CONFIG);
        assert_non_null(strstr(mstr_error_message(f.error), cases[i].source));
        assert_non_null(strstr(mstr_error_message(f.error), ": it is no regular file"));
        fixture_free(&f);
    }
    assert_int_equal(tiny_server_requests(s.server), 0);
    folder_remove(&folder);
    stop(&s);
}

static void what_is_set_for_a_request_stands_over_the_programs_and_that_over_the_environments(void **state)
{
    (void)state;
    struct servers s = start();
    struct fixture f = fixture_new(&trusting);
    setenv("SSL_CERT_FILE", s.known.file, 1);
    setenv("MSTR_CA_FILE", s.known.file, 1);
    f.request.ca_file = s.other.file;
    assert_int_equal(send_to(&s, &f), MSTR_E_TLS);
    fixture_free(&f);

    f = fixture_new(&(struct http_client_options){.trust_environment = true, .ca_file = s.other.file});
    assert_int_equal(send_to(&s, &f), MSTR_E_TLS);
    f.request.ca_file = s.folder.path;
    assert_int_equal(send_to(&s, &f), MSTR_OK);
    fixture_free(&f);

    f = fixture_new(NULL);
    assert_int_equal(send_to(&s, &f), MSTR_E_TLS);
    fixture_free(&f);
    stop(&s);
}

static void the_authority_of_sessions_is_trusted_besides_the_others(void **state)
{
    (void)state;
    struct servers s = start();
    struct fixture f = fixture_new(&trusting);
    struct tiny_server *other = tiny_server_start(ok, NULL, s.other.context);
    setenv("MSTR_CA_FILE", s.other.file, 1);
    static const char *const variables[] = {"SSL_CERT_FILE", "CURL_CA_BUNDLE"};
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        setenv(variables[i], i == 0 ? s.known.file : s.folder.path, 1);
        assert_int_equal(send_to(&s, &f), MSTR_OK);
        assert_int_equal(fixture_send(&f, tiny_server_url(other, "/")), MSTR_OK);
        unsetenv(variables[i]);
    }
    f.extras.no_environment = true; /* and its connection is not used by those who do not trust it */
    assert_int_equal(fixture_send(&f, tiny_server_url(other, "/")), MSTR_E_TLS);
    tiny_server_stop(other);
    fixture_free(&f);
    stop(&s);
}

static void a_libcurl_that_knows_no_roots_is_told_the_systems(void **state)
{
    (void)state;
    static const struct http_extras none;
    const struct mstr_http_request request = {.method = "GET", .url = "https://service.example/"};
    struct transfer t = {.client = &trusting, .extras = &none};

    assert_int_equal(set_up(&t, &request, NULL), MSTR_OK);
    assert_null(curl_double_find(CURLOPT_CAINFO));
    transfer_release(&t);
    curl_double.homeless = true;
    assert_int_equal(set_up(&t, &request, NULL), MSTR_OK);
    assert_string_equal(curl_double_text(CURLOPT_CAINFO), trust_system_file());
    assert_null(curl_double_find(CURLOPT_CAPATH));
    curl_double.homeless = false;
    transfer_release(&t);
}

/* The text that libcurl is given in the place of its own file. */
static void the_systems_roots_stay_beside_the_authority_of_sessions(void **state)
{
    (void)state;
    struct servers s = start();
    static const struct http_extras none;
    const struct mstr_http_request request = {.method = "GET", .url = "https://service.example/"};
    struct transfer t = {.client = &trusting, .extras = &none};
    char text[2][4096];
    const char *const files[] = {s.known.file, s.other.file};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        FILE *file = fopen(files[i], "re");
        text[i][fread(text[i], 1, sizeof(text[i]) - 1, file)] = '\0';
        fclose(file);
    }
    setenv("MSTR_CA_FILE", s.known.file, 1);
    curl_double.system_roots = s.other.file;

    assert_int_equal(set_up(&t, &request, NULL), MSTR_OK);

    assert_non_null(strstr(buffer_text(&t.roots), text[0]));
    assert_non_null(strstr(buffer_text(&t.roots), text[1]));
    assert_non_null(curl_double_find(CURLOPT_CAINFO_BLOB));
    assert_null(curl_double_find(CURLOPT_CAPATH)); /* the system's folder counts as well */
    curl_double.system_roots = NULL;
    transfer_release(&t);
    stop(&s);
}

static bool tunnel(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    (void)request;
    tiny_tunnel(c, *(unsigned *)data);
    return false;
}

/* What a section trusts for its service is not asked about a proxy. */
static void a_proxy_that_speaks_tls_is_trusted_by_the_same_rule(void **state)
{
    (void)state;
    struct servers s = start();
    unsigned port = tiny_server_port(s.server);
    struct tiny_server *proxy = tiny_server_start(tunnel, &port, s.other.context);
    struct fixture f = fixture_new(&trusting);
    f.extras.proxy = tiny_server_url(proxy, "");
    f.request.ca_file = s.known.file;
    assert_int_equal(send_to(&s, &f), MSTR_E_TLS);
    assert_non_null(strstr(mstr_error_message(f.error), "no trusted certificate of the proxy 127.0.0.1:"));

    static const char *const variables[] = {"SSL_CERT_FILE", "MSTR_CA_FILE"};
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        setenv(variables[i], s.other.file, 1);
        if (send_to(&s, &f) != MSTR_OK) {
            fail_msg("%s", mstr_error_message(f.error));
        }
        f.extras.no_environment = true;
        assert_int_equal(send_to(&s, &f), MSTR_E_TLS);
        f.extras.no_environment = false;
        setenv(variables[i], "/nonexistent/ca.pem", 1);
        assert_int_equal(send_to(&s, &f), MSTR_E_CONFIG);
        assert_non_null(strstr(mstr_error_message(f.error), variables[i]));
        unsetenv(variables[i]);
    }
    assert_int_equal(tiny_server_requests(proxy), 2);
    fixture_free(&f);
    tiny_server_stop(proxy);
    stop(&s);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN); /* the server's OpenSSL writes to sockets that the client has closed */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(peers_become_options, forget_environment),
        cmocka_unit_test_setup(a_connect_address_takes_the_place_of_resolution, forget_environment),
        cmocka_unit_test_setup(a_proxy_of_the_environment_counts_where_that_is_trusted, forget_environment),
        cmocka_unit_test_setup(which_proxy_was_asked_is_told, forget_environment),
        cmocka_unit_test_setup(what_is_no_proxy_is_told_and_not_passed_over, forget_environment),
        cmocka_unit_test_setup(a_proxy_that_is_set_leads_to_loopback_and_one_of_the_environment_does_not,
                               forget_environment),
        cmocka_unit_test_setup(no_proxy_is_asked_for_metadata, forget_environment),
        cmocka_unit_test_setup(each_variable_names_whom_to_trust_as_file_or_as_folder, forget_environment),
        cmocka_unit_test_setup(a_place_that_is_of_no_use_is_an_error_that_names_it, forget_environment),
        cmocka_unit_test_setup(a_pipe_in_place_of_a_file_of_tls_is_an_error_before_curl_opens_it, forget_environment),
        cmocka_unit_test_setup(what_is_set_for_a_request_stands_over_the_programs_and_that_over_the_environments,
                               forget_environment),
        cmocka_unit_test_setup(the_authority_of_sessions_is_trusted_besides_the_others, forget_environment),
        cmocka_unit_test_setup(a_libcurl_that_knows_no_roots_is_told_the_systems, forget_environment),
        cmocka_unit_test_setup(the_systems_roots_stay_beside_the_authority_of_sessions, forget_environment),
        cmocka_unit_test_setup(a_proxy_that_speaks_tls_is_trusted_by_the_same_rule, forget_environment),
    };
    return RUN_TESTS("http/peer_setup");
}
