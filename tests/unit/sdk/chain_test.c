/* SPDX-License-Identifier: Apache-2.0 */
/* The search through identities: who is asked, what ends it, and how each step and the end are told. */
#include "sdk/chain.h"

#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/unit.h"

#include <string.h>

/* An identity that does what the test says; all are not here, unless it says so. */
static struct identity {
    struct chain_step step;
    enum mstr_code code;
    const char *why, *own_hint, *who;
    int64_t lasts; /* ms */
} identities[3];

static char asked[64]; /* names, each after a blank */
static bool omit[3];
static struct mstr_error *error;

static enum mstr_code ask(struct chain_search *search, const void *step, struct mstr_error *why)
{
    const struct identity *identity = step;
    assert_string_equal(search->data, "who searches");
    assert_ptr_equal(search->out, asked);
    strcat(strcat(asked, " "), identity->step.name);
    buffer_puts(&search->who, identity->who != NULL ? identity->who : "");
    fake_host_advance(identity->lasts);
    if (identity->code != MSTR_OK) {
        host->error_set(why, identity->code, "%s", identity->why);
        host->error_detail(why, MSTR_DETAIL_HINT, identity->own_hint);
        host->error_detail(why, MSTR_DETAIL_SERVICE_CODE, "ItsCode");
        host->error_detail(why, MSTR_DETAIL_REQUEST_ID, "its-request");
    }
    return identity->code;
}

static const struct chain_table table = {
    "Acme", "get an identity", identities, COUNT_OF(identities), sizeof(*identities), ask};

static int setup(void **state)
{
    static const char *const names[] = {"badge", "key", "tool"};
    fake_host_setup(state);
    host = fake_host_table();
    error = host->error_new();
    asked[0] = '\0';
    for (size_t i = 0; i < COUNT_OF(identities); i++) {
        identities[i] = (struct identity){
            .step = {.name = names[i], .hint = "look at it"}, .code = MSTR_E_NOT_AVAILABLE, .why = "none"};
        omit[i] = false;
    }
    return 0;
}

static int teardown(void **state)
{
    host->error_free(error);
    return fake_host_teardown(state);
}

static enum mstr_code search(struct mstr_report *report)
{
    struct chain_search chain = {
        .call = fake_host_call(), .report = report, .omit = omit, .data = "who searches", .out = asked};
    return chain_search(&table, &chain, error);
}

static void assert_fails(enum mstr_code code, const char *message, const char *hint)
{
    assert_int_equal(search(NULL), code);
    assert_int_equal(host->error_code(error), code);
    assert_string_equal(host->error_message(error), message);
    const char *told = host->error_text(error, MSTR_DETAIL_HINT);
    assert_string_equal(told != NULL ? told : "", hint);
}

static void the_first_that_is_here_decides(void **state)
{
    (void)state;
    identities[1].code = MSTR_OK;
    assert_int_equal(search(NULL), MSTR_OK);
    assert_string_equal(asked, " badge key");
}

static void where_none_is_here_every_reason_is_listed_with_its_time(void **state)
{
    (void)state;
    identities[1].lasts = 250;
    assert_fails(MSTR_E_NOT_AVAILABLE,
                 "no Acme identity is available here: badge: none [0 ms]; key: none [250 ms]; tool: none [0 ms]",
                 "get an identity");
    assert_string_equal(asked, " badge key tool");
}

static void one_that_is_here_and_fails_ends_the_search_with_its_failure(void **state)
{
    (void)state;
    identities[1].code = MSTR_E_DENIED;
    identities[1].why = "worn out";
    identities[1].own_hint = "buy another";
    assert_fails(MSTR_E_DENIED, "key: worn out (before it: badge: none [0 ms])", "buy another");
    assert_string_equal(asked, " badge key");
    assert_string_equal(host->error_text(error, MSTR_DETAIL_STEP), "key");
    assert_string_equal(host->error_text(error, MSTR_DETAIL_SERVICE_CODE), "ItsCode");
    assert_string_equal(host->error_text(error, MSTR_DETAIL_REQUEST_ID), "its-request");
}

static void a_failure_without_a_hint_has_its_step_s(void **state)
{
    (void)state;
    identities[0].code = MSTR_E_CONFIG;
    assert_fails(MSTR_E_CONFIG, "badge: none", "look at it");
    identities[0].step.hint = NULL;
    assert_fails(MSTR_E_CONFIG, "badge: none", "");
}

static void a_failure_tells_who_was_asked_for(void **state)
{
    (void)state;
    identities[0].who = "anybody";
    identities[1].who = "Jane";
    identities[1].code = MSTR_E_DENIED;
    assert_fails(MSTR_E_DENIED, "key: none; asked for: Jane (before it: badge: none [0 ms])", "look at it");
}

static void a_reason_that_begins_with_the_step_s_name_is_told_as_it_is(void **state)
{
    (void)state;
    identities[0].why = "badge 7: unreadable";
    identities[1].why = "key lost";
    identities[1].code = MSTR_E_CONFIG;
    assert_fails(MSTR_E_CONFIG, "key lost (before it: badge 7: unreadable [0 ms])", "look at it");
}

static void an_optional_one_ends_the_search_only_by_success(void **state)
{
    (void)state;
    identities[0].step.optional = true;
    identities[0].code = MSTR_E_AUTHENTICATION;
    identities[1].step.optional = true;
    identities[1].code = MSTR_OK;
    assert_int_equal(search(NULL), MSTR_OK);
    assert_string_equal(asked, " badge key");
}

/* It was there, so that the search did not end for want of an identity: `||` must not go on to another value. */
static void where_optional_ones_alone_are_here_the_first_failure_counts(void **state)
{
    (void)state;
    identities[0].own_hint = "only for badges";
    for (size_t i = 1; i < COUNT_OF(identities); i++) {
        identities[i].step.optional = true;
        identities[i].code = i == 1 ? MSTR_E_PROTOCOL : MSTR_E_DENIED;
    }
    identities[1].own_hint = "turn it";
    identities[1].lasts = 7;
    assert_fails(MSTR_E_PROTOCOL,
                 "no Acme identity gives access: badge: none [0 ms]; key: none [failed, 7 ms]; tool: none [failed, 0 "
                 "ms]",
                 "turn it");
    assert_string_equal(host->error_text(error, MSTR_DETAIL_STEP), "key");
    assert_string_equal(host->error_text(error, MSTR_DETAIL_SERVICE_CODE), "ItsCode");
    assert_string_equal(host->error_text(error, MSTR_DETAIL_REQUEST_ID), "its-request");
}

static void without_memory_even_an_optional_one_ends_the_search(void **state)
{
    (void)state;
    identities[0].step.optional = true;
    identities[0].code = MSTR_E_MEMORY;
    identities[1].code = MSTR_OK;
    assert_int_equal(search(NULL), MSTR_E_MEMORY);
    assert_string_equal(asked, " badge");
}

static void one_that_is_omitted_is_not_asked(void **state)
{
    (void)state;
    omit[1] = true;
    assert_fails(MSTR_E_NOT_AVAILABLE, "no Acme identity is available here: badge: none [0 ms]; tool: none [0 ms]",
                 "get an identity");
}

static void one_that_is_asked_alone_fails_for_itself(void **state)
{
    (void)state;
    omit[0] = omit[2] = true;
    assert_fails(MSTR_E_NOT_AVAILABLE, "key: none", "look at it");
    assert_string_equal(host->error_text(error, MSTR_DETAIL_STEP), "key");
    identities[1].step.optional = true;
    identities[1].code = MSTR_E_PROTOCOL;
    assert_fails(MSTR_E_PROTOCOL, "key: none", "look at it");
}

static void an_optional_one_that_fails_by_the_deadline_ends_the_search(void **state)
{
    (void)state;
    fake_host_deadline(100);
    identities[0].lasts = 100;
    identities[0].step.optional = true;
    identities[0].code = MSTR_E_TIMEOUT;
    assert_fails(MSTR_E_TIMEOUT, "badge: none", "look at it");
    assert_string_equal(asked, " badge");
}

static void an_optional_one_that_is_cancelled_ends_the_search(void **state)
{
    (void)state;
    fake_host_cancel();
    identities[0].step.optional = true;
    identities[0].code = MSTR_E_CANCELLED;
    assert_fails(MSTR_E_CANCELLED, "badge: none", "look at it");
    assert_string_equal(asked, " badge");
}

/* The walk of a report is the walk of a search. Who is just not here made no mistake, and needs no hint in
 * general. */
static void a_report_is_told_every_step(void **state)
{
    (void)state;
    identities[1].code = MSTR_OK;
    identities[1].who = "Jane";
    assert_int_equal(search(fake_host_report_object()), MSTR_OK);
    assert_string_equal(fake_host_report(), "skipped badge: none\nused key: Jane\n");

    identities[1].code = MSTR_E_DENIED;
    assert_int_equal(search(fake_host_report_object()), MSTR_E_DENIED);
    assert_contains(fake_host_report(), "failed key: none; asked for: Jane (look at it)\n");
    assert_null(strstr(fake_host_report(), "tool"));
}

static void what_an_identity_does_not_find_is_no_missing_secret(void **state)
{
    (void)state;
    identities[1].code = MSTR_E_NOT_FOUND;
    identities[1].why = "no such account";
    assert_fails(MSTR_E_CONFIG, "key: no such account (before it: badge: none [0 ms])", "look at it");
    identities[1].step.optional = true;
    assert_int_equal(search(NULL), MSTR_E_CONFIG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_that_is_here_decides),
        TEST(where_none_is_here_every_reason_is_listed_with_its_time),
        TEST(one_that_is_here_and_fails_ends_the_search_with_its_failure),
        TEST(a_failure_without_a_hint_has_its_step_s),
        TEST(a_failure_tells_who_was_asked_for),
        TEST(a_reason_that_begins_with_the_step_s_name_is_told_as_it_is),
        TEST(an_optional_one_ends_the_search_only_by_success),
        TEST(where_optional_ones_alone_are_here_the_first_failure_counts),
        TEST(without_memory_even_an_optional_one_ends_the_search),
        TEST(one_that_is_omitted_is_not_asked),
        TEST(one_that_is_asked_alone_fails_for_itself),
        TEST(an_optional_one_that_fails_by_the_deadline_ends_the_search),
        TEST(an_optional_one_that_is_cancelled_ends_the_search),
        TEST(a_report_is_told_every_step),
        TEST(what_an_identity_does_not_find_is_no_missing_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
