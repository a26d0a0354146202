/* SPDX-License-Identifier: Apache-2.0 */
/* core/resolve/fetch_local.c, over a registry with the store of the test */
#include "support/registry.h"

#include "resolve/fetch_local.h"

enum { ORDER_MOST = 8 };

static struct test_registry test;
static struct fetch_local fetch;

/* What was told of each place of an order. */
struct outcome {
    atomic_int told;
    enum mstr_code code;
    bool keep;
    char text[128]; /* the value or the message */
};
static struct outcome outcomes[ORDER_MOST];

static int begin(void **state)
{
    (void)state;
    const struct limits limits = test_limits(1000);
    store_reset(NULL);
    test_registry_make(&test, "[provider lost]\nplugin = nowhere-to-be-found\n", NULL);
    assert_int_equal(creation_register(test.registry, "st", store_batching, NULL, &limits, NULL), MSTR_OK);
    assert_int_equal(creation_register(test.registry, "one", store_single, NULL, &limits, NULL), MSTR_OK);
    assert_int_equal(creation_register(test.registry, "serial", store_serial, NULL, &limits, NULL), MSTR_OK);
    fetch_local_init(&fetch, test.registry);
    return 0;
}

static int end(void **state)
{
    (void)state;
    test_registry_drop(&test);
    return 0;
}

static void tell(void *data, size_t index, const struct fetched *fetched)
{
    struct outcome *outcome = &((struct outcome *)data)[index];
    outcome->told++;
    outcome->code = fetched->code;
    outcome->keep = fetched->keep;
    const char *text =
        fetched->secret != NULL ? mstr_secret_octets(fetched->secret) : mstr_error_message(fetched->error);
    strncpy(outcome->text, text, sizeof(outcome->text) - 1);
}

static void run(const char *const *references, size_t count, bool refresh, const struct limits *limits)
{
    struct reference *parsed[ORDER_MOST];
    const struct reference *borrowed[ORDER_MOST];
    memset(outcomes, 0, sizeof(outcomes));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(reference_parse(references[i], &parsed[i], NULL), MSTR_OK);
        borrowed[i] = parsed[i];
    }
    fetch.fetch.run(&fetch.fetch, &(struct fetch_order){borrowed, count, refresh, limits, tell, outcomes});
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(outcomes[i].told, 1); /* exactly once, by the time it returns */
        reference_free(parsed[i]);
    }
}

static void assert_outcome(size_t index, enum mstr_code code, const char *text)
{
    if (outcomes[index].code != code || strstr(outcomes[index].text, text) == NULL) {
        fail_msg("%zu: %s \"%s\"", index, mstr_code_name(outcomes[index].code), outcomes[index].text);
    }
}

static void a_provider_is_asked_once_for_all_it_has_to_give(void **state)
{
    (void)state;
    static const char *const references[] = {"st:a", "st:b", "st:c#field"};
    const struct limits limits = test_limits(10000);

    run(references, COUNT_OF(references), false, &limits);

    assert_int_equal(store.calls, 1);
    assert_int_equal(store.requests, 3);
    assert_outcome(0, MSTR_OK, "a");
    assert_outcome(1, MSTR_OK, "b");
    assert_outcome(2, MSTR_OK, "c"); /* whole: fields are selected above */
    assert_true(outcomes[0].keep);
}

static void each_outcome_goes_to_its_place_however_they_are_mixed(void **state)
{
    (void)state;
    static const char *const references[] = {"serial:s1", "st:a", "one:o1", "st:b", "serial:s2", "one:o2", "st:c"};
    static const char *const values[] = {"s1", "a", "o1", "b", "s2", "o2", "c"};
    const struct limits limits = test_limits(60000);

    run(references, COUNT_OF(references), false, &limits);

    for (size_t i = 0; i < COUNT_OF(references); i++) {
        assert_outcome(i, MSTR_OK, values[i]);
    }
    assert_int_equal(store.calls, 5); /* one batch, two by two */
}

static void providers_are_asked_side_by_side(void **state)
{
    (void)state;
    static const char *const references[] = {"st:a", "one:a", "serial:a"};
    const struct limits limits = test_limits(60000);
    store.meet = 3;

    run(references, COUNT_OF(references), false, &limits);

    assert_int_equal(store.most, 3);
}

static void whoever_cannot_be_asked_fails_all_of_its_own_and_no_other(void **state)
{
    (void)state;
    static const char *const references[] = {"lost:a", "st:a", "nobody:a", "lost:b"};
    const struct limits limits = test_limits(10000);

    run(references, COUNT_OF(references), false, &limits);

    assert_outcome(0, MSTR_E_PLUGIN, "plugin \"nowhere-to-be-found\" was not found");
    assert_outcome(1, MSTR_OK, "a");
    assert_outcome(2, MSTR_E_CONFIG, "no installed provider brings the scheme \"nobody\"");
    assert_outcome(3, MSTR_E_PLUGIN, "plugin \"nowhere-to-be-found\" was not found");
}

static void what_the_store_says_is_passed_on(void **state)
{
    (void)state;
    static const char *const references[] = {"st:a", "st:b"};
    const struct limits limits = test_limits(10000);
    store.code = MSTR_E_THROTTLED;
    run(references, COUNT_OF(references), false, &limits);
    assert_outcome(0, MSTR_E_THROTTLED, "the store says no");
    assert_outcome(1, MSTR_E_THROTTLED, "the store says no");

    store.code = MSTR_OK;
    store.flags = MSTR_META_NO_CACHE;
    run(references, COUNT_OF(references), false, &limits);
    assert_outcome(1, MSTR_OK, "b");
    assert_false(outcomes[1].keep);
}

static void a_fetch_ends_with_its_limits(void **state)
{
    (void)state;
    static const char *const references[] = {"st:a", "serial:a"};
    mstr_cancel *cancel = mstr_cancel_new();
    const struct limits short_limits = test_limits(20);
    const struct limits cancelled = {.deadline = clock_monotonic() + 60000, .cancel = cancel};
    store.closed = true;

    run(references, COUNT_OF(references), false, &short_limits);
    assert_int_equal(outcomes[0].code, MSTR_E_TIMEOUT);
    assert_int_equal(outcomes[1].code, MSTR_E_TIMEOUT);
    mstr_cancel_now(cancel);
    run(references, COUNT_OF(references), false, &cancelled);
    assert_int_equal(outcomes[0].code, MSTR_E_CANCELLED);
    assert_int_equal(outcomes[1].code, MSTR_E_CANCELLED);

    mstr_cancel_free(cancel);
}

static atomic_int refreshes;

static void note_refresh(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    for (size_t i = 0; i < count; i++) {
        refreshes += (requests[i]->flags & MSTR_REQUEST_REFRESH) != 0;
    }
    store_resolve(self, requests, count, call);
}

static const struct mstr_provider *noting_entry(const struct mstr_host *host)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .name = "noting",
        .version = "1",
        .create = store_create,
        .resolve = note_refresh,
    };
    store_host = host;
    return &provider;
}

static void a_refresh_is_told_to_the_provider(void **state)
{
    (void)state;
    static const char *const references[] = {"noting:a", "noting:b"};
    const struct limits limits = test_limits(10000);
    assert_int_equal(creation_register(test.registry, "noting", noting_entry, NULL, &limits, NULL), MSTR_OK);
    for (int refresh = 0; refresh < 2; refresh++) {
        refreshes = 0;
        run(references, COUNT_OF(references), refresh != 0, &limits);
        assert_int_equal(refreshes, refresh * 2);
    }
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(a_provider_is_asked_once_for_all_it_has_to_give),
        EACH(each_outcome_goes_to_its_place_however_they_are_mixed),
        EACH(providers_are_asked_side_by_side),
        EACH(whoever_cannot_be_asked_fails_all_of_its_own_and_no_other),
        EACH(what_the_store_says_is_passed_on),
        EACH(a_fetch_ends_with_its_limits),
        EACH(a_refresh_is_told_to_the_provider),
    };
    return RUN_TESTS("resolve/fetch_local");
}
