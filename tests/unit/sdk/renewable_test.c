/* providers/sdk/renewable.c: one fetch for many callers, renewal in time, failures told to all who waited. */
#include "sdk/renewable.h"

#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/unit.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { WINDOW = 60000, LIFETIME = 600000, THREADS = 16 };

static struct renewable renewable;

/* What the next fetch gives, and how many there were. */
static struct source {
    enum mstr_code code;
    int64_t renew;
    atomic_int fetches;
    atomic_int waiting; /* callers that must have arrived before a fetch ends */
} source;

static enum mstr_code fetch(void *data, const struct mstr_call *call, struct token *token, struct mstr_error *error)
{
    struct source *from = data;
    char text[32];
    (void)call;
    snprintf(text, sizeof(text), "token %d", atomic_fetch_add(&from->fetches, 1) + 1);
    while (atomic_load(&from->waiting) > 0) {
        sched_yield();
    }
    if (from->code != MSTR_OK) {
        return host->error_set(error, from->code, "no %s", text);
    }
    assert_true(token_set(token, text, strlen(text), host->now() + LIFETIME));
    token->renew = from->renew;
    return MSTR_OK;
}

static int setup(void **state)
{
    fake_host_setup(state);
    host = fake_host_table();
    source = (struct source){.code = MSTR_OK};
    return renewable_init(&renewable, WINDOW) ? 0 : -1;
}

static int teardown(void **state)
{
    renewable_destroy(&renewable);
    return fake_host_teardown(state);
}

static void assert_token(const char *text)
{
    struct token token = {.text = NULL};
    assert_int_equal(renewable_get(&renewable, fetch, &source, fake_host_call(), &token, NULL), MSTR_OK);
    assert_string_equal(token.text, text);
    token_release(&token);
}

static void token_is_kept_until_its_window_begins(void **state)
{
    (void)state;
    assert_token("token 1");
    fake_host_advance(LIFETIME - WINDOW - 1);
    assert_token("token 1");
    fake_host_advance(1);
    assert_token("token 2");
}

static void token_that_names_its_time_of_renewal_is_renewed_then(void **state)
{
    (void)state;
    source.renew = FAKE_HOST_START + 5000;
    assert_token("token 1");
    fake_host_advance(4999);
    assert_token("token 1");
    fake_host_advance(1);
    assert_token("token 2");
}

static void token_goes_on_while_its_renewal_fails_but_not_past_its_end(void **state)
{
    struct token token = {.text = NULL};
    struct mstr_error *error = host->error_new();
    (void)state;
    assert_token("token 1");
    source.code = MSTR_E_UNAVAILABLE;
    fake_host_advance(LIFETIME - WINDOW);
    assert_token("token 1");
    assert_token("token 1");
    assert_int_equal(source.fetches, 2); /* not one for every caller */
    fake_host_advance(WINDOW);
    assert_int_equal(renewable_get(&renewable, fetch, &source, fake_host_call(), &token, error), MSTR_E_UNAVAILABLE);
    assert_string_equal(host->error_message(error), "no token 3");
    host->error_free(error);
}

static void refused_token_is_dropped_once(void **state)
{
    (void)state;
    assert_token("token 1");
    renewable_drop(&renewable, "token 1");
    assert_token("token 2");
    renewable_drop(&renewable, "token 1");
    assert_token("token 2");
    renewable_drop(&renewable, NULL);
    assert_token("token 3");
}

struct caller {
    pthread_t thread;
    enum mstr_code code;
    struct token token;
};

static void *call_once(void *data)
{
    struct caller *caller = data;
    atomic_fetch_sub(&source.waiting, 1);
    caller->code = renewable_get(&renewable, fetch, &source, fake_host_call(), &caller->token, NULL);
    return NULL;
}

static void run_callers(struct caller callers[THREADS])
{
    source.waiting = THREADS;
    for (int i = 0; i < THREADS; i++) {
        callers[i] = (struct caller){.token = {.text = NULL}};
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call_once, &callers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(callers[i].thread, NULL);
    }
}

static void many_callers_share_one_fetch(void **state)
{
    struct caller callers[THREADS];
    (void)state;
    run_callers(callers);
    assert_int_equal(source.fetches, 1);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(callers[i].code, MSTR_OK);
        assert_string_equal(callers[i].token.text, "token 1");
        token_release(&callers[i].token);
    }
}

static void caller_gives_up_waiting_when_it_is_cancelled(void **state)
{
    struct token token = {.text = NULL};
    (void)state;
    renewable.busy = true; /* as if another thread fetched */
    fake_host_cancel();
    assert_int_equal(renewable_get(&renewable, fetch, &source, fake_host_call(), &token, NULL), MSTR_E_CANCELLED);
    assert_int_equal(source.fetches, 0);
    renewable.busy = false;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(token_is_kept_until_its_window_begins),
        TEST(token_that_names_its_time_of_renewal_is_renewed_then),
        TEST(token_goes_on_while_its_renewal_fails_but_not_past_its_end),
        TEST(refused_token_is_dropped_once),
        TEST(many_callers_share_one_fetch),
        TEST(caller_gives_up_waiting_when_it_is_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
