/* SPDX-License-Identifier: Apache-2.0 */
/* providers/sdk/renewable_token.c: when a token is renewed, and that each caller has a copy. */
#include "sdk/renewable_token.h"

#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/unit.h"

#include <stdio.h>
#include <string.h>

enum { WINDOW = 60000, LIFETIME = 600000 };

static struct source {
    struct renewable_token renewable; /* first */
    enum mstr_code code;
    int64_t renew; /* as the next token tells */
    int fetches;
} source;

static enum mstr_code fetch(struct renewable_token *renewable, const struct mstr_call *call, struct token *token,
                            struct mstr_error *error)
{
    struct source *from = (struct source *)(void *)renewable;
    char text[32];
    (void)call;
    snprintf(text, sizeof(text), "token %d", ++from->fetches);
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
    source = (struct source){.code = MSTR_OK};
    return renewable_token_init(&source.renewable, fetch, WINDOW, fake_host_instance(NULL)) ? 0 : -1;
}

static int teardown(void **state)
{
    renewable_destroy(&source.renewable.renewable);
    return fake_host_teardown(state);
}

static void assert_token(const char *text)
{
    struct token token = {.text = NULL};
    fake_host_deadline(30000);
    assert_int_equal(renewable_token_get(&source.renewable, fake_host_call(), &token, NULL), MSTR_OK);
    assert_string_equal(token.text, text);
    memset(token.text, 'x', strlen(token.text)); /* it is the caller's own */
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
    fake_host_advance(LIFETIME - 1);
    assert_token("token 1");
    assert_string_equal(fake_host_log(),
                        "warn the access token could not be renewed, the old one goes on: no token 2\n");
    fake_host_advance(1);
    fake_host_deadline(30000);
    assert_int_equal(renewable_token_get(&source.renewable, fake_host_call(), &token, error), MSTR_E_UNAVAILABLE);
    assert_null(token.text);
    assert_string_equal(host->error_message(error), "no token 3");
    host->error_free(error);
}

/* A token's times are told by the wall clock, and kept by the monotonic one. */
static void a_jump_of_the_wall_clock_neither_ends_nor_prolongs_it(void **state)
{
    (void)state;
    assert_token("token 1");
    fake_host_set_now(FAKE_HOST_START + 10 * INT64_C(3600000));
    assert_token("token 1");
    fake_host_set_now(FAKE_HOST_START - 10 * INT64_C(3600000));
    fake_host_advance(LIFETIME - WINDOW);
    assert_token("token 2");
}

static void refused_token_is_dropped_once(void **state)
{
    (void)state;
    renewable_token_drop(&source.renewable, "token 1");
    assert_token("token 1");
    renewable_token_drop(&source.renewable, "token 1");
    assert_token("token 2");
    renewable_token_drop(&source.renewable, "token 1");
    assert_token("token 2");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(token_is_kept_until_its_window_begins),
        TEST(token_that_names_its_time_of_renewal_is_renewed_then),
        TEST(token_goes_on_while_its_renewal_fails_but_not_past_its_end),
        TEST(a_jump_of_the_wall_clock_neither_ends_nor_prolongs_it),
        TEST(refused_token_is_dropped_once),
    };
    return RUN_TESTS("sdk/renewable_token");
}
