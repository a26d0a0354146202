/* SPDX-License-Identifier: Apache-2.0 */
/* core/context/context.c: providers of the program's own, and what a context counts */
#include "support/store.h"

#include "base/error.h"
#include "context/context_agent.h"

static const struct mstr_option corp_options[] = {
    {"url", MSTR_OPTION_URL, MSTR_OPTION_REQUIRED, NULL, "where the vault is"},
    {"pin", MSTR_OPTION_SECRET, 0, NULL, "opens it"},
    {NULL, MSTR_OPTION_STRING, 0, NULL, NULL},
};
static const struct mstr_instance *corp_instance;
static int corp_destroyed;

static enum mstr_code corp_create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    *self = NULL;
    corp_instance = instance;
    const char *pin = store_host->option(instance, "pin");
    return pin != NULL && strcmp(pin, "wrong") == 0
               ? store_host->error_set(error, MSTR_E_CONFIG, "the pin does not open it")
               : MSTR_OK;
}

static void corp_resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    (void)self;
    (void)call;
    for (size_t i = 0; i < count; i++) {
        const char *url = store_host->option(corp_instance, "url");
        store_host->set_value(requests[i], url, strlen(url), NULL);
    }
}

static void corp_destroy(void *self)
{
    (void)self;
    corp_destroyed++;
}

static const struct mstr_provider *corp_entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_THREAD_SAFE,
        .option_size = sizeof(struct mstr_option),
        .name = "corp",
        .version = "3.1",
        .summary = "the vault in the cellar",
        .options = corp_options,
        .create = corp_create,
        .resolve = corp_resolve,
        .destroy = corp_destroy,
    };
    store_host = table;
    return &provider;
}

static void program_registers_a_provider_with_options(void **state)
{
    (void)state;
    const struct mstr_header options[] = {{"url", "https://vault.example/"}, {NULL, NULL}};
    mstr_context *context = test_context("");
    corp_destroyed = 0;
    assert_int_equal(mstr_context_register(context, "corp", corp_entry, options, NULL), MSTR_OK);
    assert_text(context, "corp:x", "https://vault.example/");
    mstr_context_free(context);
    assert_int_equal(corp_destroyed, 1);
}

static void failed_registration_leaves_the_name_free(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct mstr_header options[3];
        enum mstr_code code;
        const char *told;
    } cases[] = {
        {"corp", {{"pin", "1234"}}, MSTR_E_CONFIG, "url"},
        {"corp", {{"url", "ftp://vault.example/"}}, MSTR_E_CONFIG, "url"},
        {"corp", {{"url", "https://vault.example/"}, {"colour", "blue"}}, MSTR_E_CONFIG, "colour"},
        {"corp", {{"url", "https://vault.example/"}, {"pin", "wrong"}}, MSTR_E_CONFIG, "the pin does not open it"},
        {"Corp", {{"url", "https://vault.example/"}}, MSTR_E_USAGE, "Corp"},
        {"env", {{"url", "https://vault.example/"}}, MSTR_E_EXISTS, "env"},
        {"taken", {{"url", "https://vault.example/"}}, MSTR_E_EXISTS, "taken"},
    };
    const struct mstr_header good[] = {{"url", "https://vault.example/"}, {NULL, NULL}};
    mstr_context *context = test_context("[provider taken]\nplugin = exec\ncommand = /bin/true\n");
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(mstr_context_register(context, cases[i].name, corp_entry, cases[i].options, error),
                         cases[i].code);
        assert_non_null(strstr(mstr_error_message(error), cases[i].told));
    }
    assert_failure(context, "corp:x", MSTR_E_CONFIG, "no installed provider brings the scheme");
    assert_int_equal(mstr_context_register(context, "corp", corp_entry, good, error), MSTR_OK);
    assert_text(context, "corp:x", "https://vault.example/");
    assert_int_equal(mstr_context_register(context, "corp", corp_entry, good, error), MSTR_E_EXISTS);
    mstr_error_free(error);
    mstr_context_free(context);
}

static void statistics_count_what_happened(void **state)
{
    (void)state;
    mstr_context_stats stats = {.size = sizeof(stats)};
    store_reset("{\"a\":1}");
    mstr_context *context = store_context("");
    assert_text(context, "st:x#a", "1");
    assert_text(context, "st:x#a", "1");
    assert_text(context, "st:x", "{\"a\":1}");
    store.code = MSTR_E_DENIED;
    assert_failure(context, "st:y", MSTR_E_DENIED, "says no");
    mstr_context_get_stats(context, &stats);
    assert_int_equal(stats.misses, 2);
    assert_int_equal(stats.hits, 2);
    assert_int_equal(stats.fetches, 2);
    assert_int_equal(stats.failures, 1);
    assert_int_equal(stats.entries, 1);
    mstr_context_invalidate(context, "st:x#a");
    mstr_context_get_stats(context, &stats);
    assert_int_equal(stats.entries, 0);
    mstr_context_free(context);
}

/* A caller built against an older header has a shorter structure. */
static void statistics_fit_into_what_the_caller_has(void **state)
{
    (void)state;
    struct {
        mstr_context_stats stats;
        uint64_t guard;
    } held = {{.size = offsetof(mstr_context_stats, misses)}, 42};
    held.stats.misses = 77;
    mstr_context *context = test_context("");
    mstr_context_get_stats(context, &held.stats);
    assert_int_equal(held.stats.misses, 77);
    assert_int_equal(held.guard, 42);
    mstr_context_free(context);
}

static int named_calls;

static void named_resolve(void *self, struct mstr_request *const *requests, size_t count,
                          const struct mstr_call *call)
{
    const struct mstr_meta meta = {.size = sizeof(meta), .identity = "ann"};
    (void)self;
    (void)call;
    for (size_t i = 0; i < count; i++) {
        named_calls++;
        store_host->set_value(requests[i], "sesame", 6, &meta);
    }
}

/* One that says who read its values. */
static const struct mstr_provider *named_entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH,
        .option_size = sizeof(struct mstr_option),
        .name = "named",
        .version = "1",
        .create = store_create,
        .resolve = named_resolve,
    };
    store_host = table;
    return &provider;
}

static mstr_context *worker(const char *profile)
{
    char config[1024];
    snprintf(config, sizeof(config),
             "[plugins]\npath = " TEST_PLUGINS "\n[fleet emea]\nstore = memory\nspace = context-test\n"
             "share_secrets = named:*\nseal_key = ${env:CONTEXT_TEST_KEY}\n[profile default]\n%s\n",
             profile);
    mstr_context *context = test_context(config);
    assert_int_equal(mstr_context_register(context, "named", named_entry, NULL, NULL), MSTR_OK);
    return context;
}

static bool is_anything(const struct agent_reference *reference, void *data)
{
    (void)reference;
    (void)data;
    return true;
}

static void workers_of_a_fleet_share_secrets(void **state)
{
    (void)state;
    setenv("CONTEXT_TEST_KEY", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 1);
    mstr_context *one = worker("fleet = emea");
    mstr_context *two = worker("fleet = emea");
    mstr_context *alone = worker("username = ann");
    named_calls = 0;
    assert_text(one, "named:a", "sesame");
    assert_text(one, "named:b", "sesame");
    assert_text(two, "named:a", "sesame"); /* as who it is it only knows from then on */
    assert_int_equal(named_calls, 3);
    assert_text(two, "named:b", "sesame");
    assert_int_equal(named_calls, 3);
    mstr_context_invalidate(one, "named:b");
    assert_text(one, "named:b", "sesame");
    assert_int_equal(named_calls, 4);
    assert_text(alone, "named:a", "sesame");
    assert_text(alone, "named:b", "sesame");
    assert_int_equal(named_calls, 6);
    mstr_context_invalidate(two, NULL);
    assert_text(two, "named:b", "sesame");
    assert_int_equal(named_calls, 7);
    context_agent_forget(two, is_anything, NULL);
    assert_text(two, "named:b", "sesame");
    assert_int_equal(named_calls, 8);
    mstr_context_free(alone);
    mstr_context_free(two);
    mstr_context_free(one);
}

static void without_the_agent_that_might_be_there_workers_share_secrets_too(void **state)
{
    (void)state;
    setenv("CONTEXT_TEST_KEY", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 1);
    mstr_context *one = worker("fleet = emea\n[agent]\nuse = auto\nsocket = /nonexistent/agent.sock");
    mstr_context *two = worker("fleet = emea\n[agent]\nuse = auto\nsocket = /nonexistent/agent.sock");
    assert_text(one, "named:c", "sesame");
    assert_text(one, "named:d", "sesame");
    assert_text(two, "named:c", "sesame");
    named_calls = 0;
    assert_text(two, "named:d", "sesame");
    assert_int_equal(named_calls, 0);
    mstr_context_free(two);
    mstr_context_free(one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(program_registers_a_provider_with_options),
        cmocka_unit_test(failed_registration_leaves_the_name_free),
        cmocka_unit_test(statistics_count_what_happened),
        cmocka_unit_test(statistics_fit_into_what_the_caller_has),
        cmocka_unit_test(workers_of_a_fleet_share_secrets),
        cmocka_unit_test(without_the_agent_that_might_be_there_workers_share_secrets_too),
    };
    return RUN_TESTS("context/context");
}
