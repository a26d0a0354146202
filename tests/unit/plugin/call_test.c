/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/call.c */
#include "support/paired_locks.h"
#include "support/registry.h"

#include "plugin/call.h"

static bool without_chance(void *octets, size_t length)
{
    (void)octets;
    (void)length;
    return false;
}

static void a_call_carries_its_limits_and_services(void **state)
{
    (void)state;
    mstr_cancel *cancel = mstr_cancel_new();
    const struct limits limits = {.deadline = 4711, .cancel = cancel};
    const struct services services = {.plugin_path = "/nowhere"};
    struct call call;

    call_init(&call, &services, &limits);

    assert_int_equal(call.public.size, sizeof(struct mstr_call));
    assert_int_equal(call.public.deadline, 4711);
    assert_ptr_equal(call.limits.cancel, cancel);
    assert_ptr_equal(call.services, &services);
    assert_ptr_equal(&call.public, &call); /* plugins hand back the one for the other */
    call_release(&call);
    mstr_cancel_free(cancel);
}

static void each_call_has_a_trace_id_of_its_own(void **state)
{
    (void)state;
    const struct limits limits = test_limits(1000);
    struct call one;
    struct call other;

    call_init(&one, NULL, &limits);
    call_init(&other, NULL, &limits);

    assert_int_equal(strlen(one.public.trace_id), 16);
    assert_int_equal(strspn(one.public.trace_id, "0123456789abcdef"), 16);
    assert_string_not_equal(one.public.trace_id, other.public.trace_id);
    call_release(&one);
    call_release(&other);
}

static void without_chance_the_trace_id_is_empty(void **state)
{
    (void)state;
    const struct limits limits = test_limits(1000);
    struct call call;
    clock_replace(&(struct clock_source){.random = without_chance});

    call_init(&call, NULL, &limits);

    clock_replace(NULL);
    assert_string_equal(call.public.trace_id, "");
    call_release(&call);
}

static void what_was_sent_is_told_by_no_text_and_no_error(void **state)
{
    (void)state;
    const struct limits limits = test_limits(1000);
    const struct mstr_header header = {"Authorization", "Bearer sent-secret"};
    const struct mstr_http_request request = {
        .size = sizeof(request), .method = "GET", .url = "https://x.example/", .headers = &header, .header_count = 1};
    struct buffer text = BUFFER_INIT;
    mstr_error *error = mstr_error_new();
    struct call call;
    call_init(&call, NULL, &limits);
    buffer_puts(&text, "sent-secret");
    call_hide(&call, &text);
    assert_string_equal(buffer_text(&text), "sent-secret"); /* not yet */

    call_note_sent(&call, &request);
    call_hide(&call, &text);
    mstr_error_set(error, MSTR_E_DENIED, "not with sent-secret");
    call_hide_in_error(&call, error);

    assert_string_equal(buffer_text(&text), "(hidden)");
    assert_string_equal(mstr_error_message(error), "not with (hidden)");
    call_release(&call);
    assert_int_equal(locks_not_taken, 0);
    mstr_error_free(error);
    buffer_release(&text);
}

static void a_plugins_word_is_taken_where_it_failed(void **state)
{
    (void)state;
    static const struct {
        enum mstr_code code;
        bool blank; /* there was memory for its word */
        enum mstr_code said;
        enum mstr_code taken;
        const char *message;
    } cases[] = {
        {MSTR_OK, true, MSTR_OK, MSTR_OK, ""},
        {MSTR_OK, false, MSTR_OK, MSTR_OK, ""},
        {MSTR_OK, true, MSTR_E_DENIED, MSTR_OK, ""}, /* it thought better of it */
        {MSTR_E_DENIED, false, MSTR_OK, MSTR_E_MEMORY, "out of memory"},
        {MSTR_E_DENIED, true, MSTR_OK, MSTR_E_PLUGIN, "plugin corp cannot be set up and does not say why"},
        {MSTR_E_DENIED, true, MSTR_E_DENIED, MSTR_E_DENIED, "no"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_error *error = mstr_error_new();
        mstr_error *said = cases[i].blank ? mstr_error_new() : NULL;
        if (cases[i].said != MSTR_OK) {
            mstr_error_set(said, cases[i].said, "no");
        }
        assert_int_equal(call_take_word("corp", cases[i].code, "cannot be set up", said, error), cases[i].taken);
        assert_int_equal(mstr_error_code(error), cases[i].taken);
        assert_string_equal(mstr_error_message(error), cases[i].message);
        mstr_error_free(error);
    }
}

static int count_steps(const mstr_explain_step *step, void *data)
{
    int *steps = data;
    (void)step;
    return ++*steps == 2;
}

static void steps_are_told_until_the_program_has_heard_enough_and_trust_is_noted(void **state)
{
    (void)state;
    static const char *const names[] = {"door", "trusted", "trust"};
    int steps = 0;
    struct mstr_report report = {.each = count_steps, .data = &steps};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const mstr_explain_step step = {.size = sizeof(step), .name = names[i]};
        assert_false(report.trust);
        report_tell(&report, &step);
    }
    assert_int_equal(steps, 2);
    assert_true(report.ended);
    assert_true(report.trust);
    report_tell(&report, &(mstr_explain_step){.size = sizeof(mstr_explain_step), .name = "door"});
    assert_true(report.trust);
}

static void a_request_begins_unanswered_and_may_be_kept(void **state)
{
    (void)state;
    struct reference *reference = NULL;
    assert_int_equal(reference_parse("st:x?k=v#field", &reference, NULL), MSTR_OK);
    for (int refresh = 0; refresh < 2; refresh++) {
        struct request request;

        assert_true(request_init(&request, reference, refresh != 0));

        assert_int_equal(request.public.size, sizeof(struct mstr_request));
        assert_int_equal(request.public.flags, refresh != 0 ? MSTR_REQUEST_REFRESH : 0);
        assert_ptr_equal(request.public.reference, &reference->parts);
        assert_non_null(request.public.error);
        assert_false(request.answered);
        assert_true(request.keep);
        assert_int_equal(request.code, MSTR_OK);
        assert_null(request.secret);
        assert_ptr_equal(&request.public, &request);
        request_release(&request);
    }
    reference_free(reference);
}

static void a_request_gives_its_value_up_with_the_rest(void **state)
{
    (void)state;
    struct reference *reference = NULL;
    struct request request;
    assert_int_equal(reference_parse("st:x", &reference, NULL), MSTR_OK);
    assert_true(request_init(&request, reference, false));
    request.secret = mstr_secret_new("value", 5);

    request_release(&request);
    request_release(&request);

    assert_null(request.secret);
    assert_null(request.public.error);
    reference_free(reference);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_carries_its_limits_and_services),
        cmocka_unit_test(each_call_has_a_trace_id_of_its_own),
        cmocka_unit_test(without_chance_the_trace_id_is_empty),
        cmocka_unit_test(what_was_sent_is_told_by_no_text_and_no_error),
        cmocka_unit_test(a_plugins_word_is_taken_where_it_failed),
        cmocka_unit_test(steps_are_told_until_the_program_has_heard_enough_and_trust_is_noted),
        cmocka_unit_test(a_request_begins_unanswered_and_may_be_kept),
        cmocka_unit_test(a_request_gives_its_value_up_with_the_rest),
    };
    return RUN_TESTS("plugin/call");
}
