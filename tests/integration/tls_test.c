/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions over TLS: who is trusted, and that nothing reaches a server that is not. */
#include "support/library.h"

#include "support/certificate.h"

#include <openssl/ssl.h>
#include <signal.h>
#include <unistd.h>

static void an_untrusted_server_gets_not_an_octet_of_a_request(void **state)
{
    static const struct {
        const char *names;
        long lifetime;
        bool ca;  /* its certificate is trusted as CA */
        bool pin; /* a key is pinned that it has not */
    } cases[] = {
        {"IP:127.0.0.1", 3600, false, false}, /* unknown CA */
        {"IP:127.0.0.2,DNS:localhost", 3600, true, false},
        {"IP:127.0.0.1", -60, true, false}, /* expired */
        {"IP:127.0.0.1", 3600, true, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct certificate certificate;
        mstr_network network = MSTR_NETWORK_INIT;
        certificate_make_lasting(&certificate, cases[i].names, cases[i].lifetime);
        network.ca_file = cases[i].ca ? certificate.file : NULL;
        network.pinned_key = cases[i].pin ? "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" : NULL;
        struct library *library = library_start(NULL, NULL, certificate.context, &network);

        assert_int_equal(mstr_session_open(library->session, NULL, library->error), MSTR_E_TLS);

        assert_false(mstr_session_is_open(library->session));
        assert_non_null(strstr(mstr_error_message(library->error), "127.0.0.1"));
        assert_int_equal(tiny_server_requests(library->server), 0);
        library_stop(library);
        certificate_release(&certificate);
    }
}

static void a_ca_file_and_a_pin_admit_a_server(void **state)
{
    struct certificate certificate;
    mstr_network network = MSTR_NETWORK_INIT;
    (void)state;
    certificate_make(&certificate, "IP:127.0.0.1");
    network.ca_file = certificate.file;
    network.pinned_key = certificate.pin;
    struct library *library = library_start(NULL, NULL, certificate.context, &network);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "x";
    if (mstr_session_open(library->session, NULL, library->error) != MSTR_OK) {
        fail_msg("%s", mstr_error_message(library->error));
    }
    assert_int_equal(library_send(library, &request), 200);
    library_stop(library);
    certificate_release(&certificate);
}

static void a_request_may_trust_another_ca_than_its_session(void **state)
{
    struct certificate certificate;
    struct certificate other;
    mstr_network network = MSTR_NETWORK_INIT;
    mstr_network own = MSTR_NETWORK_INIT;
    (void)state;
    certificate_make(&certificate, "IP:127.0.0.1");
    certificate_make(&other, "IP:127.0.0.1");
    network.ca_file = other.file;
    own.ca_file = certificate.file;
    struct library *library = library_start(NULL, NULL, certificate.context, &network);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "x";
    request.flags = MSTR_REQUEST_NO_AUTH;
    assert_int_equal(library_fail(library, &request), MSTR_E_TLS);
    request.network = &own;
    assert_int_equal(library_send(library, &request), 200);
    request.network = NULL;
    assert_int_equal(library_fail(library, &request), MSTR_E_TLS); /* no connection of the other is used */
    library_stop(library);
    certificate_release(&other);
    certificate_release(&certificate);
}

static void a_session_shows_its_certificate_and_a_request_may_show_another(void **state)
{
    struct certificate certificate;
    struct certificate client;
    struct certificate stranger;
    mstr_network network = MSTR_NETWORK_INIT;
    mstr_network own = MSTR_NETWORK_INIT;
    (void)state;
    certificate_make(&certificate, "IP:127.0.0.1");
    certificate_make(&client, "DNS:client");
    certificate_make(&stranger, "DNS:stranger");
    SSL_CTX_set_verify(certificate.context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    assert_int_equal(SSL_CTX_load_verify_locations(certificate.context, client.file, NULL), 1);
    network.ca_file = certificate.file;
    network.client_cert = client.file; /* which holds the key as well */
    own.client_cert = stranger.file;
    struct library *library = library_start(NULL, NULL, certificate.context, &network);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.method = "POST";
    request.path = "x";

    assert_int_equal(mstr_session_open(library->session, NULL, library->error), MSTR_OK);
    assert_int_equal(library_send(library, &request), 200);
    request.network = &own;
    assert_int_not_equal(library_fail(library, &request), MSTR_OK);

    library_stop(library);
    certificate_release(&stranger);
    certificate_release(&client);
    certificate_release(&certificate);
}

/* Whoever sits at the terminal is not asked: were he, the answer would be at hand here. */
static void offer_a_password_on_standard_input(const char *password, int *kept)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], password, strlen(password)), (ssize_t)strlen(password));
    close(ends[1]);
    *kept = dup(STDIN_FILENO);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
}

static void an_encrypted_key_is_opened_by_its_passphrase_alone(void **state)
{
    static const struct {
        void (*write)(struct certificate *certificate, const char *password);
        const char *passphrase; /* NULL = none */
        enum mstr_code code;
    } cases[] = {
        {certificate_encrypt, "secret", MSTR_OK},      {certificate_encrypt, NULL, MSTR_E_CONFIG},
        {certificate_encrypt, "wrong", MSTR_E_CONFIG}, {certificate_to_pkcs12, "secret", MSTR_OK},
        {certificate_to_pkcs12, NULL, MSTR_E_CONFIG},  {certificate_to_pkcs12, "wrong", MSTR_E_CONFIG},
    };
    struct certificate certificate;
    struct certificate client;
    int terminal = -1;
    (void)state;
    certificate_make(&certificate, "IP:127.0.0.1");
    certificate_make(&client, "DNS:client");
    SSL_CTX_set_verify(certificate.context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    assert_int_equal(SSL_CTX_load_verify_locations(certificate.context, client.file, NULL), 1);
    offer_a_password_on_standard_input("secret\n", &terminal);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_network network = MSTR_NETWORK_INIT;
        network.ca_file = certificate.file;
        network.client_cert = client.file;
        cases[i].write(&client, "secret");
        struct library *library = library_start(NULL, NULL, certificate.context, &network);
        if (cases[i].passphrase != NULL) {
            mstr_session_set_credential(library->session, MSTR_CREDENTIAL_KEY_PASSPHRASE,
                                        mstr_credential_literal(cases[i].passphrase));
        }

        assert_int_equal(mstr_session_open(library->session, NULL, library->error), cases[i].code);

        if (cases[i].code != MSTR_OK) {
            assert_non_null(strstr(mstr_error_hint(library->error), "client_key_password"));
        }
        library_stop(library);
    }
    dup2(terminal, STDIN_FILENO);
    close(terminal);
    certificate_release(&client);
    certificate_release(&certificate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_untrusted_server_gets_not_an_octet_of_a_request),
        cmocka_unit_test(a_ca_file_and_a_pin_admit_a_server),
        cmocka_unit_test(a_request_may_trust_another_ca_than_its_session),
        cmocka_unit_test(a_session_shows_its_certificate_and_a_request_may_show_another),
        cmocka_unit_test(an_encrypted_key_is_opened_by_its_passphrase_alone),
    };
    signal(SIGPIPE, SIG_IGN); /* the server here writes to clients that have gone */
    return cmocka_run_group_tests_name("tls", tests, NULL, NULL);
}
