/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions behind a proxy: who is asked to connect, and which proxy is told the password. */
#include "support/library.h"

struct proxy {
    struct tiny_server *server;
    pthread_mutex_t lock;
    char head[1024]; /* of the latest request */
};

/* Refuses to connect. */
static bool refuse(struct tiny_connection *connection, const struct tiny_request *request, void *data)
{
    struct proxy *proxy = data;
    pthread_mutex_lock(&proxy->lock);
    snprintf(proxy->head, sizeof(proxy->head), "%s", request->head);
    pthread_mutex_unlock(&proxy->lock);
    tiny_text(connection, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    return false;
}

static void proxy_start(struct proxy *proxy)
{
    *proxy = (struct proxy){.head = ""};
    pthread_mutex_init(&proxy->lock, NULL);
    proxy->server = tiny_server_start(refuse, proxy, NULL);
}

static void proxy_stop(struct proxy *proxy)
{
    tiny_server_stop(proxy->server);
    pthread_mutex_destroy(&proxy->lock);
}

static void assert_connect(struct proxy *proxy, const char *authorization)
{
    pthread_mutex_lock(&proxy->lock);
    assert_int_equal(strncmp(proxy->head, "CONNECT library.invalid:443 HTTP/1.1\r\n", 38), 0);
    const char *line = strstr(proxy->head, "Proxy-Authorization: ");
    if (authorization == NULL) {
        assert_null(line);
    } else {
        assert_non_null(line);
        assert_int_equal(strncmp(line + 21, authorization, strlen(authorization)), 0);
    }
    assert_null(strstr(proxy->head, "X-MSTR"));
    pthread_mutex_unlock(&proxy->lock);
}

static mstr_session *make(mstr_context *context, const mstr_network *network)
{
    mstr_session *session = NULL;
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    options.flags = MSTR_SESSION_NO_PROFILE;
    options.login_mode = MSTR_LOGIN_ANONYMOUS;
    options.network = network;
    assert_int_equal(mstr_session_new(context, &options, &session, NULL), MSTR_OK);
    mstr_session_set_credential(session, MSTR_CREDENTIAL_BASE_URL,
                                mstr_credential_literal("https://library.invalid/api/"));
    mstr_session_set_credential(session, MSTR_CREDENTIAL_PROXY_PASSWORD, mstr_credential_literal("open sesame"));
    return session;
}

static void a_sessions_proxy_is_told_its_password_and_no_other_is(void **state)
{
    struct proxy proxy;
    struct proxy other;
    char url[64];
    char other_url[64];
    mstr_network network = MSTR_NETWORK_INIT;
    mstr_network own = MSTR_NETWORK_INIT;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *response = NULL;
    (void)state;
    mstr_context *context = test_context("");
    mstr_error *error = mstr_error_new();
    proxy_start(&proxy);
    proxy_start(&other);
    snprintf(url, sizeof(url), "%s", tiny_server_url(proxy.server, ""));
    snprintf(other_url, sizeof(other_url), "%s", tiny_server_url(other.server, ""));
    network.proxy = url;
    network.proxy_username = "ali";
    mstr_session *session = make(context, &network);

    assert_int_equal(mstr_session_open(session, NULL, error), MSTR_E_NETWORK);
    assert_connect(&proxy, "Basic YWxpOm9wZW4gc2VzYW1l\r\n");
    assert_null(strstr(mstr_error_message(error), "sesame"));

    own.proxy = other_url;
    request.method = "POST";
    request.path = "x";
    request.flags = MSTR_REQUEST_NO_AUTH;
    request.network = &own;
    assert_int_equal(mstr_session_send(session, &request, &response, error), MSTR_E_NETWORK);
    assert_connect(&other, NULL);

    mstr_session_free(session);
    proxy_stop(&other);
    proxy_stop(&proxy);
    mstr_error_free(error);
    mstr_context_free(context);
}

static void hosts_may_be_reached_without_the_proxy(void **state)
{
    struct proxy proxy;
    char url[64];
    mstr_network network = MSTR_NETWORK_INIT;
    (void)state;
    mstr_context *context = test_context("");
    proxy_start(&proxy);
    snprintf(url, sizeof(url), "%s", tiny_server_url(proxy.server, ""));
    network.proxy = url;
    network.no_proxy = "other.example,library.invalid";
    mstr_session *session = make(context, &network);

    assert_int_equal(mstr_session_open(session, NULL, NULL), MSTR_E_NETWORK); /* there is no such host */
    assert_string_equal(proxy.head, "");

    mstr_session_free(session);
    proxy_stop(&proxy);
    mstr_context_free(context);
}

static void the_environments_proxy_can_be_left_out(void **state)
{
    struct proxy proxy;
    mstr_network network = MSTR_NETWORK_INIT;
    mstr_context *context = NULL;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    (void)state;
    proxy_start(&proxy);
    setenv("https_proxy", tiny_server_url(proxy.server, ""), 1);
    options.flags = MSTR_CONTEXT_NO_CONFIG;
    assert_int_equal(mstr_context_new(&options, &context, NULL), MSTR_OK);

    mstr_session *session = make(context, NULL);
    assert_int_equal(mstr_session_open(session, NULL, NULL), MSTR_E_NETWORK);
    assert_connect(&proxy, NULL);
    mstr_session_free(session);

    proxy.head[0] = '\0';
    network.flags = MSTR_NETWORK_NO_ENVIRONMENT;
    session = make(context, &network);
    assert_int_equal(mstr_session_open(session, NULL, NULL), MSTR_E_NETWORK);
    assert_string_equal(proxy.head, "");

    mstr_session_free(session);
    unsetenv("https_proxy");
    mstr_context_free(context);
    proxy_stop(&proxy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sessions_proxy_is_told_its_password_and_no_other_is),
        cmocka_unit_test(hosts_may_be_reached_without_the_proxy),
        cmocka_unit_test(the_environments_proxy_can_be_left_out),
    };
    return cmocka_run_group_tests_name("proxy", tests, NULL, NULL);
}
