/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/tls.c, and what request_setup.c sets for TLS: over real handshakes */
#include "http_fixture.h"
#include "support/certificate.h"

#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>

static bool ok(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    (void)data;
    char text[256];
    const char *host = strstr(request->head, "\r\nHost: ");
    int length = host != NULL ? (int)strcspn(host + 8, "\r") : 0;
    snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nX-Host: %.*s\r\nContent-Length: 2\r\n\r\nok", length,
             host != NULL ? host + 8 : "");
    return tiny_text(c, text);
}

static void a_server_is_trusted_by_a_ca_file(void **state)
{
    (void)state;
    struct certificate known;
    struct certificate other;
    certificate_make(&known, "IP:127.0.0.1");
    certificate_make(&other, "IP:127.0.0.1");
    struct tiny_server *server = tiny_server_start(ok, NULL, known.context);
    struct fixture f = fixture_new(NULL);

    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_TLS);
    assert_non_null(strstr(mstr_error_message(f.error), "certificate of 127.0.0.1 not trusted"));
    assert_non_null(strstr(mstr_error_hint(f.error), "ca_file"));
    f.request.ca_file = other.file;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_TLS);
    f.request.ca_file = known.file;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    f.request.ca_file = "/nonexistent/ca.pem";
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_CONFIG);
    assert_int_equal(tiny_server_requests(server), 1);
    fixture_free(&f);
    tiny_server_stop(server);
    certificate_release(&known);
    certificate_release(&other);
}

static void a_ca_given_as_text_wins_over_a_file(void **state)
{
    (void)state;
    char pem[8192];
    struct certificate known;
    certificate_make(&known, "IP:127.0.0.1");
    FILE *file = fopen(known.file, "r");
    pem[fread(pem, 1, sizeof(pem) - 1, file)] = '\0';
    fclose(file);
    struct tiny_server *server = tiny_server_start(ok, NULL, known.context);
    struct fixture f = fixture_new(NULL);
    f.request.ca_pem = pem;
    f.request.ca_file = "/nonexistent/ca.pem";
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    fixture_free(&f);
    tiny_server_stop(server);
    certificate_release(&known);
}

static void the_name_is_verified_and_can_be_another_than_the_urls(void **state)
{
    (void)state;
    struct certificate named;
    char host[64];
    certificate_make(&named, "DNS:inner.example");
    struct tiny_server *server = tiny_server_start(ok, NULL, named.context);
    struct fixture f = fixture_new(NULL);
    f.request.ca_file = named.file;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_TLS);
    assert_int_equal(tiny_server_requests(server), 0);

    f.request.tls_server_name = "inner.example";
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    snprintf(host, sizeof(host), "127.0.0.1:%u", tiny_server_port(server));
    assert_string_equal(http_header(f.response, "X-Host"), host);

    f.request.tls_server_name = "outer.example";
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_TLS);
    assert_int_equal(tiny_server_requests(server), 1);
    fixture_free(&f);
    tiny_server_stop(server);
    certificate_release(&named);
}

static void a_leaf_can_be_trusted_by_its_thumbprint_alone(void **state)
{
    (void)state;
    struct certificate leaf;
    certificate_make(&leaf, "DNS:anything.example");
    struct tiny_server *server = tiny_server_start(ok, NULL, leaf.context);
    struct fixture f = fixture_new(NULL);
    f.request.leaf_sha1 = leaf.sha1;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    assert_int_equal(tiny_server_connections(server), 2);

    f.request.leaf_sha1 = "0000000000000000000000000000000000000000";
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_TLS);
    assert_non_null(strstr(mstr_error_message(f.error), "is not the one with SHA-1"));
    f.request.leaf_sha1 = "00";
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_CONFIG);
    f.request.leaf_sha1 = NULL;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_TLS);
    assert_int_equal(tiny_server_requests(server), 2);
    fixture_free(&f);
    tiny_server_stop(server);
    certificate_release(&leaf);
}

static void a_pinned_key_must_match(void **state)
{
    (void)state;
    struct certificate known;
    certificate_make(&known, "IP:127.0.0.1");
    struct tiny_server *server = tiny_server_start(ok, NULL, known.context);
    struct fixture f = fixture_new(NULL);
    f.request.ca_file = known.file;
    f.extras.pinned_key = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_TLS);
    assert_int_equal(tiny_server_requests(server), 0);
    f.extras.pinned_key = known.pin;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    fixture_free(&f);
    tiny_server_stop(server);
    certificate_release(&known);
}

static void versions_before_tls_1_2_are_refused(void **state)
{
    (void)state;
    struct certificate old;
    certificate_make(&old, "IP:127.0.0.1");
    SSL_CTX_set_security_level(old.context, 0);
    SSL_CTX_set_min_proto_version(old.context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(old.context, TLS1_1_VERSION);
    struct tiny_server *server = tiny_server_start(ok, NULL, old.context);
    struct fixture f = fixture_new(NULL);
    f.request.ca_file = old.file;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_TLS);
    fixture_free(&f);
    tiny_server_stop(server);
    certificate_release(&old);
}

static void a_client_shows_its_certificate(void **state)
{
    (void)state;
    struct certificate server_side;
    struct certificate client_side;
    certificate_make(&server_side, "IP:127.0.0.1");
    certificate_make(&client_side, "DNS:client");
    char pem[16384] = "";
    FILE *file = fopen(client_side.file, "re");
    assert_non_null(file);
    assert_in_range(fread(pem, 1, sizeof(pem) - 1, file), 1, sizeof(pem) - 2);
    fclose(file);
    SSL_CTX_set_verify(server_side.context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    assert_int_equal(SSL_CTX_load_verify_locations(server_side.context, client_side.file, NULL), 1);
    struct tiny_server *server = tiny_server_start(ok, NULL, server_side.context);
    struct fixture f = fixture_new(NULL);
    f.request.ca_file = server_side.file;
    assert_int_not_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    f.request.client_cert_file = client_side.file;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    f.request.client_cert_file = NULL;
    f.request.client_cert_pem = pem; /* the same out of memory */
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    f.request.client_cert_pem = "-----BEGIN CERTIFICATE-----\n";
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_CONFIG);
    f.request.client_cert_pem = NULL;
    f.request.client_cert_file = "/nonexistent/cert.pem";
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_CONFIG);
    assert_string_equal(mstr_error_message(f.error),
                        "client certificate for 127.0.0.1 cannot be used: client_cert=/nonexistent/cert.pem: No such "
                        "file or directory");
    fixture_free(&f);
    f = fixture_new(NULL); /* as a connection that is open is used again whatever the key */
    f.request.ca_file = server_side.file;
    f.request.client_cert_file = client_side.file;
    f.request.client_key_file = server_side.file;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(f.error), ": it is not the key of the certificate"));
    fixture_free(&f);
    tiny_server_stop(server);
    certificate_release(&server_side);
    certificate_release(&client_side);
}

int main(void)
{
    /* The server's OpenSSL writes to sockets that the client has closed. */
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_is_trusted_by_a_ca_file),
        cmocka_unit_test(a_ca_given_as_text_wins_over_a_file),
        cmocka_unit_test(the_name_is_verified_and_can_be_another_than_the_urls),
        cmocka_unit_test(a_leaf_can_be_trusted_by_its_thumbprint_alone),
        cmocka_unit_test(a_pinned_key_must_match),
        cmocka_unit_test(versions_before_tls_1_2_are_refused),
        cmocka_unit_test(a_client_shows_its_certificate),
    };
    return RUN_TESTS("http/tls");
}
