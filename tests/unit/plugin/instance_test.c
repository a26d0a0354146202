/* core/plugin/instance.c, with providers that the test puts in */
#include "support/registry.h"

#include <stdio.h>

enum { REQUESTS = 5 };

/* A provider that is not thread-safe and breaks the contract as the test says. */
static struct corp {
    int entries;
    int destructions;
    int explanations;
    struct mstr_provider table;
    enum mstr_code create;
    size_t answers;      /* of each batch, so many are answered */
    char forgotten[64];  /* what invalidate was told last */
    atomic_bool closed;  /* explain waits until it is opened */
    atomic_bool entered; /* explain has begun */
} corp;
static const struct mstr_host *corp_host;

static enum mstr_code corp_create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    *self = &corp;
    return corp.create == MSTR_OK ? MSTR_OK
                                  : corp_host->error_set(error, corp.create, "%s stays shut", instance->name);
}

static void corp_resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    (void)call;
    assert_ptr_equal(self, &corp);
    for (size_t i = 0; i < count && i < corp.answers; i++) {
        corp_host->set_value(requests[i], "value", 5, NULL);
    }
}

static enum mstr_code corp_explain(void *self, const struct mstr_reference *reference, struct mstr_report *report,
                                   const struct mstr_call *call, struct mstr_error *error)
{
    (void)call;
    assert_ptr_equal(self, &corp);
    corp.explanations++;
    corp.entered = true;
    while (corp.closed) {
        usleep(200);
    }
    corp_host->report_step(report, MSTR_STEP_INFO, "door", reference->body, NULL, 0);
    return corp_host->error_set(error, MSTR_E_DENIED, "locked away");
}

static void corp_invalidate(void *self, const struct mstr_reference *reference)
{
    assert_ptr_equal(self, &corp);
    snprintf(corp.forgotten, sizeof(corp.forgotten), "%s", reference != NULL ? reference->text : "everything");
}

static void corp_destroy(void *self)
{
    assert_ptr_equal(self, &corp);
    corp.destructions++;
}

static const struct mstr_provider *corp_entry(const struct mstr_host *host)
{
    corp_host = host;
    corp.entries++;
    return &corp.table;
}

static struct test_registry test;
static struct instance instance;
static mstr_error *error;

static int begin(void **state)
{
    static const char *const services[] = {"door", "window", NULL};
    static const struct mstr_option options[] = {{"pin", MSTR_OPTION_SECRET, 0, NULL, "opens it"},
                                                 {NULL, MSTR_OPTION_STRING, 0, NULL, NULL}};
    (void)state;
    corp = (struct corp){.answers = SIZE_MAX,
                         .table = {
                             .abi_major = MSTR_ABI_MAJOR,
                             .size = sizeof(struct mstr_provider),
                             .flags = MSTR_PROVIDER_BATCH,
                             .option_size = sizeof(struct mstr_option),
                             .name = "corp",
                             .version = "1",
                             .services = services,
                             .options = options,
                             .create = corp_create,
                             .resolve = corp_resolve,
                             .explain = corp_explain,
                             .invalidate = corp_invalidate,
                             .destroy = corp_destroy,
                         }};
    store_reset(NULL);
    test_registry_make(&test, "", NULL);
    error = mstr_error_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    mstr_error_free(error);
    test_registry_drop(&test);
    return 0;
}

/* `instance` with this provider, to be released. */
static void put_in(provider_entry entry, const char *service)
{
    assert_true(instance_init(&instance, &test.services, "cellar", "corp", service));
    instance.entry = entry;
    instance.registered = true;
}

static enum mstr_code load(const struct mstr_provider **table)
{
    const struct limits limits = test_limits(1000);
    return instance_load(&instance, &limits, table, error);
}

static void make_live(provider_entry entry)
{
    const struct mstr_provider *table = NULL;
    put_in(entry, NULL);
    assert_int_equal(load(&table), MSTR_OK);
    assert_int_equal(instance_create(&instance, NULL, error), MSTR_OK);
    assert_true(instance_is_live(&instance));
}

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

static void a_new_instance_is_neither_loaded_nor_live(void **state)
{
    (void)state;
    assert_true(instance_init(&instance, &test.services, "cellar", "corp", "door"));
    assert_string_equal(instance.host.public.name, "cellar");
    assert_string_equal(instance.host.public.service, "door");
    assert_int_equal(instance.host.public.size, sizeof(struct mstr_instance));
    assert_ptr_equal(&instance.host.public, &instance);
    assert_false(instance_is_live(&instance));
    assert_null(instance_origin(&instance));
    instance_invalidate(&instance, NULL);
    instance_release(&instance);
}

static void loading_asks_the_entry_point_once_and_makes_nothing(void **state)
{
    (void)state;
    const struct mstr_provider *table = NULL;
    put_in(corp_entry, NULL);

    assert_int_equal(load(&table), MSTR_OK);
    assert_int_equal(load(&table), MSTR_OK);

    assert_ptr_equal(table, &corp.table);
    assert_int_equal(corp.entries, 1);
    assert_false(instance_is_live(&instance));
    assert_string_equal(instance_origin(&instance), "built in");
    instance_release(&instance);
    assert_int_equal(corp.destructions, 0);
}

static void the_first_service_is_the_default(void **state)
{
    (void)state;
    static const struct {
        const char *given;
        const char *held; /* NULL = refused */
    } cases[] = {{NULL, "door"}, {"door", "door"}, {"window", "window"}, {"roof", NULL}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct mstr_provider *table = NULL;
        put_in(corp_entry, cases[i].given);
        if (cases[i].held != NULL) {
            assert_int_equal(load(&table), MSTR_OK);
            assert_string_equal(instance.host.public.service, cases[i].held);
        } else {
            assert_int_equal(load(&table), MSTR_E_CONFIG);
            assert_told(error, MSTR_E_CONFIG, "plugin \"corp\" has no service \"roof\"", NULL);
            assert_null(table);
        }
        instance_release(&instance);
    }
    corp.table.services = NULL;
    const struct mstr_provider *table = NULL;
    put_in(corp_entry, NULL);
    assert_int_equal(load(&table), MSTR_OK);
    assert_null(instance.host.public.service);
    instance_release(&instance);
}

static void a_table_that_breaks_the_contract_is_not_kept(void **state)
{
    (void)state;
    const struct mstr_provider *table = &corp.table;
    corp.table.resolve = NULL;
    put_in(corp_entry, NULL);
    assert_int_equal(load(&table), MSTR_E_PLUGIN);
    assert_told(error, MSTR_E_PLUGIN, "plugin corp: its table lacks", NULL);
    assert_null(table);
    instance_release(&instance);
}

static void a_plugin_that_is_nowhere_is_told_with_where_it_was_looked_for(void **state)
{
    (void)state;
    const struct mstr_provider *table = NULL;
    test.services.plugin_path = "/nowhere";
    assert_true(instance_init(&instance, &test.services, "cellar", "corp", NULL));
    assert_int_equal(load(&table), MSTR_E_PLUGIN);
    assert_told(error, MSTR_E_PLUGIN, "plugin \"corp\" was not found; looked in /nowhere", NULL);
    instance_release(&instance);
}

static void loading_waits_within_the_callers_limits(void **state)
{
    (void)state;
    const struct limits now = test_limits(0);
    const struct limits ample = test_limits(1000);
    const struct mstr_provider *table = NULL;
    put_in(corp_entry, NULL);
    assert_int_equal(gate_enter(&instance.creation, &ample), MSTR_OK); /* somebody else is at it */

    assert_int_equal(instance_load(&instance, &now, &table, error), MSTR_E_TIMEOUT);

    assert_told(error, MSTR_E_TIMEOUT, "while provider \"cellar\" was being set up", NULL);
    assert_null(table);
    gate_leave(&instance.creation);
    assert_int_equal(instance_load(&instance, &now, &table, error), MSTR_OK);
    instance_release(&instance);
}

static void a_live_instance_has_its_options_and_is_destroyed_in_the_end(void **state)
{
    (void)state;
    const struct mstr_header given[] = {{"pin", "1234"}, {NULL, NULL}};
    const struct mstr_provider *table = NULL;
    put_in(corp_entry, NULL);
    assert_int_equal(load(&table), MSTR_OK);

    assert_int_equal(instance_create(&instance, given, error), MSTR_OK);

    assert_true(instance_is_live(&instance));
    assert_string_equal(corp_host->option(&instance.host.public, "pin"), "1234");
    instance_release(&instance);
    assert_int_equal(corp.destructions, 1);
}

static void an_instance_that_cannot_be_made_leaves_nothing(void **state)
{
    (void)state;
    const struct mstr_header odd[] = {{"pine", "1234"}, {NULL, NULL}};
    const struct mstr_header good[] = {{"pin", "1234"}, {NULL, NULL}};
    const struct mstr_provider *table = NULL;
    put_in(corp_entry, NULL);
    assert_int_equal(load(&table), MSTR_OK);

    assert_int_equal(instance_create(&instance, odd, error), MSTR_E_CONFIG);
    assert_told(error, MSTR_E_CONFIG, "unknown option \"pine\"", NULL);
    corp.create = MSTR_E_NOT_AVAILABLE;
    assert_int_equal(instance_create(&instance, good, error), MSTR_E_NOT_AVAILABLE);
    assert_told(error, MSTR_E_NOT_AVAILABLE, "cellar stays shut", NULL);

    assert_false(instance_is_live(&instance));
    assert_null(instance.host.options);
    instance_release(&instance);
    assert_int_equal(corp.destructions, 0);
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
    corp.table.explain = NULL; /* one that has nothing to tell */
    assert_int_equal(instance_explain(&instance, batch.references[3], &report, &batch.call, error), MSTR_OK);
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

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(a_new_instance_is_neither_loaded_nor_live),
        EACH(loading_asks_the_entry_point_once_and_makes_nothing),
        EACH(the_first_service_is_the_default),
        EACH(a_table_that_breaks_the_contract_is_not_kept),
        EACH(a_plugin_that_is_nowhere_is_told_with_where_it_was_looked_for),
        EACH(loading_waits_within_the_callers_limits),
        EACH(a_live_instance_has_its_options_and_is_destroyed_in_the_end),
        EACH(an_instance_that_cannot_be_made_leaves_nothing),
        EACH(a_provider_of_batches_gets_all_requests_at_once),
        EACH(without_batches_requests_run_side_by_side),
        EACH(a_provider_that_is_not_thread_safe_gets_one_request_at_a_time),
        EACH(an_unanswered_request_is_the_plugins_fault_and_no_other),
        EACH(who_waits_for_a_serial_provider_leaves_by_its_own_limits),
        EACH(an_explanation_is_the_plugins_own),
        EACH(explanations_of_a_serial_provider_wait_within_limits),
        EACH(what_is_forgotten_is_told_to_the_plugin),
    };
    return RUN_TESTS("plugin/instance");
}
