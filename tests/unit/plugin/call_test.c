/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/call.c */
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
        cmocka_unit_test(a_request_begins_unanswered_and_may_be_kept),
        cmocka_unit_test(a_request_gives_its_value_up_with_the_rest),
    };
    return RUN_TESTS("plugin/call");
}
