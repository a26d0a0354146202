/* SPDX-License-Identifier: Apache-2.0 */
/* The main job over Azure, through the library: a session whose credentials come out of one secret of a key vault,
 * and what a program that lives on asks for the second time. */
#include "support/context.h"
#include "support/simulator.h"
#include "support/unit.h"

#include <mstr/mstr.h>
#include <pthread.h>
#include <stdio.h>

enum { THREADS = 100 };

static struct simulator *sim;
static mstr_context *context;
static mstr_error *problem;

static int start(void **state)
{
    (void)state;
    sim = simulator_start(NULL, SIMULATOR_TLS);
    problem = mstr_error_new();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    mstr_error_free(problem);
    simulator_stop(sim);
    return 0;
}

/* A secret with everything that a login needs, and a profile that refers to it. */
static int make_context(void **state)
{
    char config[2048];
    char secret[1024];
    (void)state;
    simulator_reset(sim);
    mstr_error_clear(problem);
    snprintf(
        secret, sizeof(secret),
        "{\"service\":\"azure\",\"name\":\"job\",\"string\":\"{\\\"url\\\":\\\"%s\\\",\\\"user\\\":\\\"analyst\\\","
        "\\\"password\\\":\\\"Simul8-analyst\\\"}\"}",
        simulator_url(sim, "mstr"));
    simulator_admin(sim, "POST", "/secrets", secret);
    snprintf(
        config, sizeof(config),
        "[plugins]\npath = %s\n[profile default]\nbase_url = ${azure-kv://corp/job#url}\n"
        "username = ${azure-kv://corp/job#user}\npassword = ${azure-kv://corp/job#password}\n"
        "[provider azure-kv]\nendpoint = %s\nauthority_host = %s\nca_file = %s\ntenant_id = sim.onmicrosoft.com\n"
        "client_id = aaaaaaaa-0000-0000-0000-000000000001\nclient_secret = sim-client-secret~1\n"
        "[provider own]\nplugin = azure\nauthority_host = %s\nca_file = %s\ntenant_id = sim.onmicrosoft.com\n"
        "client_id = aaaaaaaa-0000-0000-0000-000000000001\nclient_secret = sim-client-secret~1\n",
        getenv("MSTR_PLUGINS"), simulator_url(sim, "azure-tls"), simulator_url(sim, "azure-tls"),
        simulator_url(sim, "ca"), simulator_url(sim, "azure-tls"), simulator_url(sim, "ca"));
    context = test_context(config);
    return 0;
}

static int free_context(void **state)
{
    (void)state;
    mstr_context_free(context);
    return 0;
}

static void assert_done(enum mstr_code code)
{
    if (code != MSTR_OK) {
        fail_msg("%s: %s", mstr_code_name(code), mstr_error_message(problem));
    }
}

static void list_projects(mstr_session *session)
{
    mstr_response *response = NULL;
    assert_done(mstr_session_get(session, "projects", &response, problem));
    assert_int_equal(mstr_response_status(response), 200);
    mstr_response_free(response);
}

static void the_main_job_takes_five_requests_on_two_connections(void **state)
{
    (void)state;
    mstr_session *session = NULL;
    assert_done(mstr_session_new(context, NULL, &session, problem));
    assert_int_equal(simulator_requests(sim, NULL, NULL), 0);

    assert_done(mstr_session_open(session, NULL, problem));
    list_projects(session);
    assert_done(mstr_session_close(session, problem));
    mstr_session_free(session);

    assert_int_equal(simulator_requests(sim, "azure", "*/oauth2/v2.0/token"), 1);
    assert_int_equal(simulator_requests(sim, "azure", "/secrets/job"), 1);
    assert_int_equal(simulator_requests(sim, "azure", NULL), 2);
    assert_int_equal(simulator_counter(sim, "azure", "connections"), 1);
    assert_int_equal(simulator_requests(sim, "mstr", NULL), 3);
    assert_int_equal(simulator_counter(sim, "mstr", "connections"), 1);
    assert_int_equal(simulator_counter(sim, "mstr", "logouts"), 1);
}

static void a_password_that_was_rotated_is_fetched_anew(void **state)
{
    (void)state;
    assert_text(context, "azure-kv://corp/job#user", "analyst");
    simulator_admin(sim, "POST", "/users/password",
                    "{\"service\":\"mstr\",\"user\":\"analyst\",\"password\":\"Rotated-1\"}");
    char secret[1024];
    snprintf(
        secret, sizeof(secret),
        "{\"service\":\"azure\",\"name\":\"job\",\"string\":\"{\\\"url\\\":\\\"%s\\\",\\\"user\\\":\\\"analyst\\\","
        "\\\"password\\\":\\\"Rotated-1\\\"}\"}",
        simulator_url(sim, "mstr"));
    simulator_admin(sim, "POST", "/secrets", secret);

    mstr_session *session = NULL;
    assert_done(mstr_session_new(context, NULL, &session, problem));
    assert_done(mstr_session_open(session, NULL, problem));
    mstr_session_free(session);

    assert_int_equal(simulator_requests(sim, "azure", "/secrets/job"), 2);
    assert_int_equal(simulator_requests(sim, "azure", "*/token"), 1);
}

/* A reference to a vault by its own host, for free(). */
static char *local(const char *vault, const char *name)
{
    char text[256];
    const char *url = simulator_url(sim, "azure-tls");
    snprintf(text, sizeof(text), "own://%s.vault.localhost:%s/%s", vault, strrchr(url, ':') + 1, name);
    return strdup(text);
}

static void a_vault_that_names_a_foreign_resource_gets_no_token_on_any_call(void **state)
{
    (void)state;
    char *bait = local("evil", "bait");
    char *other = local("evil", "other");
    char *good = local("corp", "plain");

    assert_failure(context, bait, MSTR_E_DENIED, "https://management.azure.com");
    assert_failure(context, bait, MSTR_E_DENIED, "https://management.azure.com");
    assert_text(context, good, "plain text"); /* now there is a token that could be sent */
    assert_failure(context, bait, MSTR_E_DENIED, "https://management.azure.com");
    assert_failure(context, other, MSTR_E_DENIED, "https://management.azure.com");

    assert_int_equal(simulator_counter(sim, "azure", "stolen_tokens"), 0);
    assert_int_equal(simulator_counter(sim, "azure", "tokens"), 1);
    free(bait);
    free(other);
    free(good);
}

static void *ask(void *data)
{
    (void)data;
    assert_text(context, "azure-kv://corp/job#user", "analyst");
    assert_text(context, "azure-kv://corp/plain", "plain text");
    return NULL;
}

static void a_hundred_threads_cost_one_token_and_one_request_for_each_secret(void **state)
{
    pthread_t threads[THREADS];
    (void)state;
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, ask, NULL), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(simulator_requests(sim, "azure", "*/token"), 1);
    assert_int_equal(simulator_requests(sim, "azure", "/secrets/job"), 1);
    assert_int_equal(simulator_requests(sim, "azure", "/secrets/plain"), 1);
}

/* A token of the vault's that has ended is asked for anew, without a failure in between. */
static void a_token_that_ends_is_renewed(void **state)
{
    (void)state;
    simulator_admin(sim, "PUT", "/knobs/azure", "{\"lifetime\":1}");
    assert_text(context, "azure-kv://corp/plain", "plain text");
    simulator_admin(sim, "PUT", "/knobs/azure", "{\"lifetime\":3599}");
    assert_text(context, "azure-kv://corp/late", "of yesterday");
    assert_int_equal(simulator_requests(sim, "azure", "*/token"), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_context, free_context)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_main_job_takes_five_requests_on_two_connections),
        TEST(a_password_that_was_rotated_is_fetched_anew),
        TEST(a_vault_that_names_a_foreign_resource_gets_no_token_on_any_call),
        TEST(a_hundred_threads_cost_one_token_and_one_request_for_each_secret),
        TEST(a_token_that_ends_is_renewed),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
