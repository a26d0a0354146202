/* SPDX-License-Identifier: Apache-2.0 */
/* core/resolve/resolver.c, between a cache and a fetch that do what the test says */
#include "support/allocator.h"
#include "support/cache_double.h"
#include "support/fetch_double.h"
#include "support/unit.h"

#include "base/clock.h"
#include "resolve/resolver.h"

#include <stdlib.h>

enum { LOOKUPS_MOST = 8 };

static const struct fetch_answer answers[] = {
    {"st:db", "{\"user\":\"ann\",\"n\":12}", false, MSTR_OK, NULL},
    {"st:one", "1", false, MSTR_OK, NULL},
    {"st:two", "2", false, MSTR_OK, NULL},
    {"st:fleeting", "3", true, MSTR_OK, NULL},
    {"st:denied", NULL, false, MSTR_E_DENIED, NULL},
    {"st:down", NULL, false, MSTR_E_NETWORK, "eu"},
    {NULL, NULL, false, MSTR_OK, NULL},
};

static struct cache_double cache;
static struct fetch_double fetch;
static struct resolver resolver;
static struct limits limits;

static int begin(void **state)
{
    (void)state;
    cache_double_init(&cache);
    fetch_double_init(&fetch, answers);
    resolver = (struct resolver){&cache.cache, &fetch.fetch};
    limits = (struct limits){.deadline = clock_monotonic() + 60000};
    return 0;
}

static int end(void **state)
{
    (void)state;
    cache_double_release(&cache);
    fetch_double_release(&fetch);
    return 0;
}

/* Lookups of these references, as they were resolved; to be released. */
struct wanted {
    struct reference *references[LOOKUPS_MOST];
    struct lookup lookups[LOOKUPS_MOST];
    size_t count;
};

static int starved; /* which allocation of the resolver's fails; 0 = none */

static void resolve(struct wanted *wanted, bool refresh, const char *const *references, size_t count)
{
    wanted->count = count;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(reference_parse(references[i], &wanted->references[i], NULL), MSTR_OK);
        wanted->lookups[i] = (struct lookup){.reference = wanted->references[i], .error = mstr_error_new()};
    }
    if (starved > 0) {
        allocator_fail(starved, false);
    }
    resolver_run(&resolver, wanted->lookups, count, refresh, &limits);
    assert_true(starved == 0 || allocator_succeed());
}

#define RESOLVE(wanted, refresh, ...)                                                                                \
    resolve(wanted, refresh, (const char *const[]){__VA_ARGS__},                                                     \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void release(struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->count; i++) {
        mstr_secret_release(wanted->lookups[i].secret);
        mstr_error_free(wanted->lookups[i].error);
        reference_free(wanted->references[i]);
    }
}

static void assert_lookup(const struct wanted *wanted, size_t index, const char *value)
{
    const struct lookup *lookup = &wanted->lookups[index];
    if (lookup->code != MSTR_OK) {
        fail_msg("%s: %s", lookup->reference->parts.text, mstr_error_message(lookup->error));
    }
    assert_string_equal(mstr_secret_octets(lookup->secret), value);
}

static void assert_failed(const struct wanted *wanted, size_t index, enum mstr_code code, const char *message)
{
    const struct lookup *lookup = &wanted->lookups[index];
    assert_int_equal(lookup->code, code);
    assert_null(lookup->secret);
    assert_int_equal(mstr_error_code(lookup->error), code);
    assert_string_equal(mstr_error_message(lookup->error), message);
}

static void assert_records(const char *of_cache, const char *of_fetch)
{
    assert_string_equal(cache_double_record(&cache), of_cache);
    assert_string_equal(buffer_text(&fetch.record), of_fetch);
}

static void what_the_cache_holds_is_not_fetched(void **state)
{
    (void)state;
    struct wanted wanted;
    cache.scripts[0] =
        (struct cache_script){.key = "st:one", .answer = CACHE_VALUE, .value = "held", .fresh_until = 4711};
    cache.scripts[1] = (struct cache_script){.key = "st:two", .answer = CACHE_FAILED, .code = MSTR_E_NOT_FOUND};

    RESOLVE(&wanted, false, "st:one", "st:two");

    assert_lookup(&wanted, 0, "held");
    assert_int_equal(wanted.lookups[0].fresh_until, 4711);
    assert_failed(&wanted, 1, MSTR_E_NOT_FOUND, "told by the cache");
    assert_records("claim st:one\nclaim st:two\n", "");
    release(&wanted);
}

static void what_the_cache_lacks_is_fetched_in_one_order_and_published(void **state)
{
    (void)state;
    struct wanted wanted;
    cache.scripts[0] = (struct cache_script){.key = "st:one", .answer = CACHE_VALUE, .value = "held"};

    RESOLVE(&wanted, false, "st:two", "st:one", "st:fleeting", "st:denied");

    assert_lookup(&wanted, 0, "2");
    assert_lookup(&wanted, 1, "held");
    assert_lookup(&wanted, 2, "3");
    assert_failed(&wanted, 3, MSTR_E_DENIED, "the store says no");
    assert_int_equal(wanted.lookups[0].fresh_until, 0); /* how long it will be held is not known yet */
    assert_records("claim st:two\nclaim st:one\nclaim st:fleeting\nclaim st:denied\n"
                   "publish st:two kept\npublish st:fleeting fleeting\npublish st:denied failed\n",
                   "fetch st:two st:fleeting st:denied\n");
    release(&wanted);
}

static void fields_of_one_secret_share_one_fetch(void **state)
{
    (void)state;
    struct wanted wanted;

    RESOLVE(&wanted, false, "st:db#user", "st:db#/n", "st:db", "st:%64b#user");

    assert_lookup(&wanted, 0, "ann");
    assert_lookup(&wanted, 1, "12");
    assert_lookup(&wanted, 2, "{\"user\":\"ann\",\"n\":12}");
    assert_lookup(&wanted, 3, "ann");
    assert_records("claim st:db\nclaim st:db\nclaim st:db\nclaim st:db\npublish st:db kept\n"
                   "wait st:db\nwait st:db\nwait st:db\n",
                   "fetch st:db\n");
    release(&wanted);
}

static void a_field_that_is_missing_fails_alone(void **state)
{
    (void)state;
    struct wanted wanted;

    RESOLVE(&wanted, false, "st:db#user", "st:db#gone", "st:one#field");

    assert_lookup(&wanted, 0, "ann");
    for (size_t i = 1; i < 3; i++) {
        assert_int_equal(wanted.lookups[i].code, MSTR_E_NOT_FOUND);
        assert_null(wanted.lookups[i].secret);
        assert_string_equal(mstr_error_provider(wanted.lookups[i].error), "st");
    }
    assert_non_null(strstr(mstr_error_message(wanted.lookups[1].error), "gone"));
    assert_string_equal(mstr_error_reference(wanted.lookups[1].error), "st:db");
    release(&wanted);
}

static void nobody_is_asked_for_a_field_that_no_secret_has(void **state)
{
    (void)state;
    struct wanted wanted;

    RESOLVE(&wanted, false, "st:one#/a~2", "st:two");

    assert_int_equal(wanted.lookups[0].code, MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(wanted.lookups[0].error), "field \"/a~2\" is no JSON Pointer"));
    assert_string_equal(mstr_error_reference(wanted.lookups[0].error), "st:one");
    assert_lookup(&wanted, 1, "2");
    assert_records("claim st:two\npublish st:two kept\n", "fetch st:two\n");
    release(&wanted);
}

/* Own fetches come first, so that two callers who want each other's secrets do not wait for each other. */
static void what_somebody_else_fetches_is_waited_for_after_the_own_fetches(void **state)
{
    (void)state;
    struct wanted wanted;
    cache.scripts[0] =
        (struct cache_script){.key = "st:one", .answer = CACHE_WAIT, .after = CACHE_VALUE, .value = "theirs"};
    cache.scripts[1] = (struct cache_script){
        .key = "st:denied", .answer = CACHE_WAIT, .after = CACHE_FAILED, .code = MSTR_E_UNAVAILABLE};

    RESOLVE(&wanted, false, "st:one", "st:two", "st:denied");

    assert_lookup(&wanted, 0, "theirs");
    assert_lookup(&wanted, 1, "2");
    assert_failed(&wanted, 2, MSTR_E_UNAVAILABLE, "told by the cache");
    assert_records("claim st:one\nclaim st:two\nclaim st:denied\npublish st:two kept\nwait st:one\nwait st:denied\n",
                   "fetch st:two\n");
    release(&wanted);
}

static void whoever_gives_up_is_taken_over_from(void **state)
{
    (void)state;
    struct wanted wanted;
    cache.scripts[0] = (struct cache_script){.key = "st:one", .answer = CACHE_WAIT, .after = CACHE_AGAIN};
    cache.scripts[1] = cache.scripts[0]; /* the next one gives up, too */

    RESOLVE(&wanted, false, "st:one", "st:two");

    assert_lookup(&wanted, 0, "1");
    assert_lookup(&wanted, 1, "2");
    assert_records("claim st:one\nclaim st:two\npublish st:two kept\nwait st:one\n"
                   "claim st:one\nwait st:one\nclaim st:one\npublish st:one kept\n",
                   "fetch st:two\nfetch st:one\n"); /* what was settled is not asked for again */
    release(&wanted);
}

static void a_refresh_passes_over_the_cache_and_those_behind_it(void **state)
{
    (void)state;
    struct wanted wanted;
    cache.scripts[0] = (struct cache_script){.key = "st:one", .answer = CACHE_VALUE, .value = "held"};

    RESOLVE(&wanted, true, "st:one");

    assert_lookup(&wanted, 0, "1");
    assert_records("refresh st:one\npublish st:one kept\n", "refresh st:one\n");
    release(&wanted);
}

static void who_runs_out_of_time_gives_up_unless_the_value_came(void **state)
{
    (void)state;
    struct wanted wanted;
    limits.cancel = fetch.cancels = mstr_cancel_new();

    RESOLVE(&wanted, false, "st:one", "st:down", "st:denied");

    assert_lookup(&wanted, 0, "1");
    assert_failed(&wanted, 1, MSTR_E_NETWORK, "the store says no");
    assert_failed(&wanted, 2, MSTR_E_DENIED, "the store says no");
    assert_non_null(strstr(cache_double_record(&cache), "publish st:one kept\npublish st:down given up\n"
                                                        "publish st:denied given up\n"));
    release(&wanted);
    mstr_cancel_free(limits.cancel);
}

static void failures_tell_reference_and_provider(void **state)
{
    (void)state;
    static const struct {
        const char *reference;
        const char *told; /* without field, which is no part of what was asked for */
        const char *provider;
    } cases[] = {
        {"st:denied", "st:denied", "st"},
        {"st:denied#field", "st:denied", "st"},
        {"st:down", "st:down", "eu"}, /* who was asked knows better */
        {"st:gone?k=v", "st:gone?k=v", "st"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct wanted wanted;
        RESOLVE(&wanted, false, cases[i].reference);
        assert_int_not_equal(wanted.lookups[0].code, MSTR_OK);
        assert_string_equal(mstr_error_reference(wanted.lookups[0].error), cases[i].told);
        assert_string_equal(mstr_error_provider(wanted.lookups[0].error), cases[i].provider);
        release(&wanted);
    }
}

static void nobody_need_want_the_error(void **state)
{
    (void)state;
    struct reference *reference = NULL;
    assert_int_equal(reference_parse("st:denied#field", &reference, NULL), MSTR_OK);
    struct lookup lookup = {.reference = reference};
    resolver_run(&resolver, &lookup, 1, false, &limits);
    assert_int_equal(lookup.code, MSTR_E_DENIED);
    reference_free(reference);
}

static void without_memory_nothing_is_claimed(void **state)
{
    (void)state;
    for (starved = 1; starved <= 3; starved++) {
        struct wanted wanted;
        RESOLVE(&wanted, false, "st:one", "st:two");
        assert_failed(&wanted, 0, MSTR_E_MEMORY, "out of memory");
        assert_failed(&wanted, 1, MSTR_E_MEMORY, "out of memory");
        release(&wanted);
    }
    starved = 0;
    assert_records("", "");
}

static void outcomes_may_come_from_any_thread(void **state)
{
    (void)state;
    struct wanted wanted;
    fetch.in_threads = true;

    RESOLVE(&wanted, false, "st:one", "st:db#user", "st:two", "st:denied", "st:down", "st:fleeting");

    assert_lookup(&wanted, 0, "1");
    assert_lookup(&wanted, 1, "ann");
    assert_lookup(&wanted, 2, "2");
    assert_failed(&wanted, 3, MSTR_E_DENIED, "the store says no");
    assert_failed(&wanted, 4, MSTR_E_NETWORK, "the store says no");
    assert_lookup(&wanted, 5, "3");
    release(&wanted);
}

static void templates_are_evaluated_over_the_same_way(void **state)
{
    (void)state;
    struct template *template = NULL;
    assert_int_equal(template_parse("<${st:gone || st:db#user}> ${st:one}", &template, NULL), MSTR_OK);
    struct evaluation evaluation = {.template = template};

    resolver_evaluate(&resolver, &evaluation, 1, true, &limits);

    assert_int_equal(evaluation.code, MSTR_OK);
    assert_string_equal(mstr_secret_octets(evaluation.value), "<ann> 1");
    assert_records("refresh st:gone\nrefresh st:one\npublish st:gone failed\npublish st:one kept\n"
                   "refresh st:db\npublish st:db kept\n",
                   "refresh st:gone st:one\nrefresh st:db\n");
    mstr_secret_release(evaluation.value);
    template_free(template);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(what_the_cache_holds_is_not_fetched),
        EACH(what_the_cache_lacks_is_fetched_in_one_order_and_published),
        EACH(fields_of_one_secret_share_one_fetch),
        EACH(a_field_that_is_missing_fails_alone),
        EACH(nobody_is_asked_for_a_field_that_no_secret_has),
        EACH(what_somebody_else_fetches_is_waited_for_after_the_own_fetches),
        EACH(whoever_gives_up_is_taken_over_from),
        EACH(a_refresh_passes_over_the_cache_and_those_behind_it),
        EACH(who_runs_out_of_time_gives_up_unless_the_value_came),
        EACH(failures_tell_reference_and_provider),
        EACH(nobody_need_want_the_error),
        EACH(without_memory_nothing_is_claimed),
        EACH(outcomes_may_come_from_any_thread),
        EACH(templates_are_evaluated_over_the_same_way),
    };
    return RUN_TESTS("resolve/resolver");
}
