/* Sessions over TLS: who is trusted, and that nothing reaches a server that is not. */
#include "support/library.h"

#include "support/certificate.h"

#include <openssl/ssl.h>
#include <signal.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_untrusted_server_gets_not_an_octet_of_a_request),
        cmocka_unit_test(a_ca_file_and_a_pin_admit_a_server),
        cmocka_unit_test(a_request_may_trust_another_ca_than_its_session),
        cmocka_unit_test(a_session_shows_its_certificate_and_a_request_may_show_another),
    };
    signal(SIGPIPE, SIG_IGN); /* the server here writes to clients that have gone */
    return cmocka_run_group_tests_name("tls", tests, NULL, NULL);
}
