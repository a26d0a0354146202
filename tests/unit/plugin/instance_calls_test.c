/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/instance.c: the calls on a live instance */
#include "instance_fixture.h"

enum { REQUESTS = 5 };

/* A batch of requests for cellar:0, cellar:1, … */
struct batch {
    struct reference *references[REQUESTS];
    struct request requests[REQUESTS];
    struct request *pointers[REQUESTS];
    struct call call;
};

static void batch_make(struct batch *batch, int64_t timeout)
{
    const struct limits limits = test_limits(timeout);
    call_init(&batch->call, &test.services, &limits);
    for (int i = 0; i < REQUESTS; i++) {
        char text[32];
        snprintf(text, sizeof(text), "cellar:%d", i);
        assert_int_equal(reference_parse(text, &batch->references[i], NULL), MSTR_OK);
        assert_true(request_init(&batch->requests[i], batch->references[i], false));
        batch->pointers[i] = &batch->requests[i];
    }
}

static void batch_drop(struct batch *batch)
{
    call_release(&batch->call);
    for (int i = 0; i < REQUESTS; i++) {
        request_release(&batch->requests[i]);
        reference_free(batch->references[i]);
    }
}

static void batch_resolve(struct batch *batch)
{
    instance_resolve(&instance, batch->pointers, REQUESTS, &batch->call);
}

/* Each is answered with its own body. */
static void assert_answered(const struct batch *batch)
{
    for (int i = 0; i < REQUESTS; i++) {
        const char body[] = {(char)('0' + i), '\0'};
        assert_int_equal(batch->requests[i].code, MSTR_OK);
        assert_string_equal(mstr_secret_octets(batch->requests[i].secret), body);
    }
}

static void a_provider_of_batches_gets_all_requests_at_once(void **state)
{
    (void)state;
    struct batch batch;
    make_live(store_batching);
    batch_make(&batch, 10000);

    batch_resolve(&batch);

    assert_answered(&batch);
    assert_int_equal(store.calls, 1);
    batch_drop(&batch);
    instance_release(&instance);
}

static void without_batches_requests_run_side_by_side(void **state)
{
    (void)state;
    struct batch batch;
    make_live(store_single);
    batch_make(&batch, 60000);
    store.meet = REQUESTS;

    batch_resolve(&batch);

    assert_answered(&batch);
    assert_int_equal(store.calls, REQUESTS);
    assert_int_equal(store.most, REQUESTS);
    batch_drop(&batch);
    instance_release(&instance);
}

static void a_provider_that_is_not_thread_safe_gets_one_request_at_a_time(void **state)
{
    (void)state;
    struct batch batch;
    make_live(store_serial);
    batch_make(&batch, 60000);

    batch_resolve(&batch);

    assert_answered(&batch);
    assert_int_equal(store.calls, REQUESTS);
    assert_int_equal(store.most, 1);
    batch_drop(&batch);
    instance_release(&instance);
}

static void an_unanswered_request_is_the_plugins_fault_and_no_other(void **state)
{
    (void)state;
    struct batch batch;
    make_live(corp_entry);
    batch_make(&batch, 10000);
    corp.answers = 2;

    batch_resolve(&batch);

    for (int i = 0; i < REQUESTS; i++) {
        const struct request *request = &batch.requests[i];
        assert_int_equal(request->code, i < 2 ? MSTR_OK : MSTR_E_PLUGIN);
        assert_int_equal(request->secret != NULL, i < 2);
        assert_string_equal(mstr_error_provider(request->public.error), "cellar");
        if (i >= 2) {
            assert_told(request->public.error, MSTR_E_PLUGIN, "plugin \"corp\" left the request unanswered", NULL);
        }
    }
    batch_drop(&batch);
    instance_release(&instance);
}

/* Answers cellar:0 and cellar:2 with values, and quotes them and what was sent in the errors of all others. */
static void resolve_indiscreetly(void *self, struct mstr_request *const *requests, size_t count,
                                 const struct mstr_call *call)
{
    (void)self;
    (void)call;
    for (size_t i = 0; i < count; i++) {
        const char *body = requests[i]->reference->body;
        if (strcmp(body, "0") == 0 || strcmp(body, "2") == 0) {
            corp_host->set_value(requests[i], body[0] == '0' ? "first-value" : "third-value", 11, NULL);
        } else {
            corp_host->set_error(requests[i], MSTR_E_DENIED, "between %s and %s, with %s", "first-value",
                                 "third-value", "sent-secret");
        }
    }
}

static void no_error_tells_what_was_sent_or_a_value_beside_it(void **state)
{
    (void)state;
    struct batch batch;
    make_live(corp_entry);
    corp.table.resolve = resolve_indiscreetly;
    batch_make(&batch, 10000);
    secret_filter_add(&batch.call.sent, "sent-secret", 11);

    batch_resolve(&batch);

    for (int i = 0; i < REQUESTS; i++) {
        if (i == 0 || i == 2) {
            assert_int_equal(batch.requests[i].code, MSTR_OK);
        } else {
            assert_told(batch.requests[i].public.error, MSTR_E_DENIED, "between (hidden) and (hidden), with (hidden)",
                        NULL);
        }
    }
    batch_drop(&batch);
    instance_release(&instance);
}

static void an_error_without_values_beside_it_does_not_tell_what_was_sent(void **state)
{
    (void)state;
    struct batch batch;
    make_live(corp_entry);
    corp.table.resolve = resolve_indiscreetly;
    batch_make(&batch, 10000);
    secret_filter_add(&batch.call.sent, "sent-secret", 11);

    instance_resolve(&instance, &batch.pointers[3], 2, &batch.call);

    for (int i = 3; i < 5; i++) {
        assert_told(batch.requests[i].public.error, MSTR_E_DENIED, "with (hidden)", NULL);
    }
    batch_drop(&batch);
    instance_release(&instance);
}

static pthread_t asking;

static void resolve_in_the_same_thread(void *self, struct mstr_request *const *requests, size_t count,
                                       const struct mstr_call *call)
{
    if (pthread_equal(pthread_self(), asking)) {
        corp_resolve(self, requests, count, call);
    }
}

static void a_provider_that_is_not_thread_safe_is_asked_in_the_callers_thread(void **state)
{
    (void)state;
    struct batch batch;
    make_live(corp_entry);
    corp.table.flags = 0;
    corp.table.resolve = resolve_in_the_same_thread;
    asking = pthread_self();
    batch_make(&batch, 60000);

    batch_resolve(&batch);

    for (int i = 0; i < REQUESTS; i++) {
        assert_int_equal(batch.requests[i].code, MSTR_OK);
    }
    batch_drop(&batch);
    instance_release(&instance);
}

static void *resolve_in_thread(void *batch)
{
    batch_resolve(batch);
    return NULL;
}

static void who_waits_for_a_serial_provider_leaves_by_its_own_limits(void **state)
{
    (void)state;
    pthread_t thread;
    struct batch patient;
    struct batch hasty;
    make_live(store_serial);
    batch_make(&patient, 60000);
    batch_make(&hasty, 20);
    store.closed = true;
    assert_int_equal(pthread_create(&thread, NULL, resolve_in_thread, &patient), 0);
    while (store.calls == 0) {
        usleep(200);
    }

    batch_resolve(&hasty);

    assert_int_equal(store.calls, 1);
    for (int i = 0; i < REQUESTS; i++) {
        assert_int_equal(hasty.requests[i].code, MSTR_E_TIMEOUT);
        assert_string_equal(mstr_error_provider(hasty.requests[i].public.error), "cellar");
    }
    store.closed = false;
    pthread_join(thread, NULL);
    assert_answered(&patient);
    batch_drop(&hasty);
    batch_drop(&patient);
    instance_release(&instance);
}

static int note_step(const mstr_explain_step *step, void *data)
{
    snprintf(data, 64, "%s %s", step->name, step->detail);
    return 0;
}

static void an_explanation_is_the_plugins_own(void **state)
{
    (void)state;
    char told[64] = "";
    struct mstr_report report = {.each = note_step, .data = told};
    struct batch batch;
    make_live(corp_entry);
    batch_make(&batch, 10000);

    assert_int_equal(instance_explain(&instance, batch.references[3], &report, &batch.call, error), MSTR_E_DENIED);

    assert_string_equal(told, "door 3");
    assert_told(error, MSTR_E_DENIED, "locked away", NULL);
    corp.mute = true;
    assert_int_equal(instance_explain(&instance, batch.references[3], &report, &batch.call, error), MSTR_E_PLUGIN);
    assert_told(error, MSTR_E_PLUGIN, "plugin corp fails to explain the reference and does not say why", NULL);
    corp.table.explain = NULL; /* one that has nothing to tell */
    assert_int_equal(instance_explain(&instance, batch.references[3], &report, &batch.call, error), MSTR_OK);
    batch_drop(&batch);
    instance_release(&instance);
}

static enum mstr_code explain_indiscreetly(void *self, const struct mstr_reference *reference,
                                           struct mstr_report *report, const struct mstr_call *call,
                                           struct mstr_error *why)
{
    (void)self;
    (void)reference;
    (void)call;
    corp_host->report_step(report, MSTR_STEP_FAILED, "door", "tried sent-secret", NULL, 0);
    return corp_host->error_set(why, MSTR_E_DENIED, "sent-secret does not fit");
}

static void an_explanation_does_not_tell_what_was_sent(void **state)
{
    (void)state;
    char told[64] = "";
    struct mstr_report report = {.each = note_step, .data = told};
    struct batch batch;
    make_live(corp_entry);
    corp.table.explain = explain_indiscreetly;
    batch_make(&batch, 10000);
    secret_filter_add(&batch.call.sent, "sent-secret", 11);

    assert_int_equal(instance_explain(&instance, batch.references[3], &report, &batch.call, error), MSTR_E_DENIED);

    assert_string_equal(told, "door tried (hidden)");
    assert_told(error, MSTR_E_DENIED, "(hidden) does not fit", NULL);
    batch_drop(&batch);
    instance_release(&instance);
}

static void *explain_in_thread(void *data)
{
    struct batch *batch = data;
    char told[64] = "";
    struct mstr_report report = {.each = note_step, .data = told};
    instance_explain(&instance, batch->references[0], &report, &batch->call, NULL);
    return NULL;
}

static void explanations_of_a_serial_provider_wait_within_limits(void **state)
{
    (void)state;
    pthread_t thread;
    char told[64] = "";
    struct mstr_report report = {.each = note_step, .data = told};
    struct batch patient;
    struct batch hasty;
    make_live(corp_entry);
    batch_make(&patient, 60000);
    batch_make(&hasty, 20);
    corp.closed = true;
    assert_int_equal(pthread_create(&thread, NULL, explain_in_thread, &patient), 0);
    while (!corp.entered) {
        usleep(200);
    }

    assert_int_equal(instance_explain(&instance, hasty.references[0], &report, &hasty.call, error), MSTR_E_TIMEOUT);

    corp.closed = false;
    pthread_join(thread, NULL);
    assert_int_equal(corp.explanations, 1);
    batch_drop(&hasty);
    batch_drop(&patient);
    instance_release(&instance);
}

static void what_is_forgotten_is_told_to_the_plugin(void **state)
{
    (void)state;
    struct batch batch;
    make_live(corp_entry);
    batch_make(&batch, 10000);

    instance_invalidate(&instance, batch.references[2]);
    assert_string_equal(corp.forgotten, "cellar:2");
    instance_invalidate(&instance, NULL);
    assert_string_equal(corp.forgotten, "everything");
    corp.table.invalidate = NULL; /* one that keeps nothing */
    instance_invalidate(&instance, NULL);

    batch_drop(&batch);
    instance_release(&instance);
}

static bool forgot_alone;

static void forget(void *self, const struct mstr_reference *reference)
{
    (void)self;
    (void)reference;
    forgot_alone = instance.calls.taken;
}

static void only_a_provider_that_is_not_thread_safe_forgets_while_it_does_nothing_else(void **state)
{
    (void)state;
    make_live(corp_entry);
    corp.table.invalidate = forget;
    instance_invalidate(&instance, NULL);
    assert_true(forgot_alone);
    assert_false(instance.calls.taken);

    corp.table.flags |= MSTR_PROVIDER_THREAD_SAFE;
    instance_invalidate(&instance, NULL);
    assert_false(forgot_alone);
    instance_release(&instance);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(a_provider_of_batches_gets_all_requests_at_once),
        EACH(without_batches_requests_run_side_by_side),
        EACH(a_provider_that_is_not_thread_safe_gets_one_request_at_a_time),
        EACH(an_unanswered_request_is_the_plugins_fault_and_no_other),
        EACH(no_error_tells_what_was_sent_or_a_value_beside_it),
        EACH(an_error_without_values_beside_it_does_not_tell_what_was_sent),
        EACH(a_provider_that_is_not_thread_safe_is_asked_in_the_callers_thread),
        EACH(who_waits_for_a_serial_provider_leaves_by_its_own_limits),
        EACH(an_explanation_is_the_plugins_own),
        EACH(an_explanation_does_not_tell_what_was_sent),
        EACH(explanations_of_a_serial_provider_wait_within_limits),
        EACH(what_is_forgotten_is_told_to_the_plugin),
        EACH(only_a_provider_that_is_not_thread_safe_forgets_while_it_does_nothing_else),
    };
    return RUN_TESTS("plugin/instance_calls");
}
