/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/creation.c */
#include "support/folder.h"
#include "support/registry.h"

enum { THREADS = 8, ROOM = 64 };

/* A provider that remembers its options, and is made as the test says. */
static struct corp {
    atomic_int creations;
    atomic_int destructions;
    atomic_bool closed; /* create waits until it is opened */
    atomic_int code;    /* of create */
    char greeting[ROOM];
    char pin[ROOM];
} corp;
static const struct mstr_host *corp_host;

static void note_option(const struct mstr_instance *instance, const char *name, char held[ROOM])
{
    const char *value = corp_host->option(instance, name);
    snprintf(held, ROOM, "%s", value != NULL ? value : "(none)");
}

static enum mstr_code corp_create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    corp.creations++;
    while (corp.closed) {
        usleep(200);
    }
    note_option(instance, "greeting", corp.greeting);
    note_option(instance, "pin", corp.pin);
    *self = NULL;
    return corp.code == MSTR_OK ? MSTR_OK
                                : corp_host->error_set(error, (enum mstr_code)corp.code, "the vault does not open");
}

static void corp_destroy(void *self)
{
    (void)self;
    corp.destructions++;
}

static const struct mstr_provider *corp_entry(const struct mstr_host *host)
{
    static const struct mstr_option options[] = {{"greeting", MSTR_OPTION_STRING, 0, "hello", "what is said"},
                                                 {"pin", MSTR_OPTION_SECRET, 0, NULL, "opens it"},
                                                 {NULL, MSTR_OPTION_STRING, 0, NULL, NULL}};
    static const char *const services[] = {"door", "window", NULL};
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .option_size = sizeof(struct mstr_option),
        .name = "corp",
        .version = "1",
        .options = options,
        .services = services,
        .create = corp_create,
        .resolve = store_resolve,
        .destroy = corp_destroy,
    };
    corp_host = host;
    return &provider;
}

static struct test_registry test;
static struct folder folder;
static mstr_error *error;

static int begin(void **state)
{
    (void)state;
    corp = (struct corp){.code = MSTR_OK};
    folder_make(&folder);
    error = mstr_error_new();
    test_registry_make(&test, "", folder.path);
    setenv("CREATION_TEST_GREETING", "good day", 1);
    unsetenv("CREATION_TEST_UNSET");
    return 0;
}

static int end(void **state)
{
    (void)state;
    test_registry_drop(&test);
    mstr_error_free(error);
    folder_remove(&folder);
    return 0;
}

static enum mstr_code ensure(struct instance *instance, int64_t milliseconds)
{
    const struct limits limits = test_limits(milliseconds);
    return creation_ensure(test.registry, instance, &limits, error);
}

/* The instance of [provider corp], which is not live, and whose plugin is the one above. */
static struct instance *make(const char *config)
{
    struct instance *instance = NULL;
    test_registry_drop(&test);
    test_registry_make(&test, config, folder.path);
    assert_int_equal(registry_find(test.registry, "corp", &instance, error), MSTR_OK);
    instance->entry = corp_entry;
    return instance;
}

static void an_instance_is_made_once_and_ends_with_the_registry(void **state)
{
    (void)state;
    struct instance *instance = make("[provider corp]\nplugin = corp\nservice = window\n");
    assert_false(instance_is_live(instance));

    assert_int_equal(ensure(instance, 1000), MSTR_OK);
    assert_int_equal(ensure(instance, 1000), MSTR_OK);
    assert_int_equal(ensure(instance, 0), MSTR_OK); /* what is live needs no time */

    assert_true(instance_is_live(instance));
    assert_int_equal(corp.creations, 1);
    assert_string_equal(corp.greeting, "hello"); /* plugin and service are no options */
    assert_string_equal(corp.pin, "(none)");
    registry_free(test.registry);
    test.registry = NULL;
    assert_int_equal(corp.destructions, 1);
}

static void options_may_come_from_the_environment_and_from_files(void **state)
{
    (void)state;
    static const struct {
        const char *before; /* the folder's path */
        const char *after;  /* it; NULL = without path */
        const char *held;
    } cases[] = {
        {"1234", NULL, "1234"},
        {"${env:CREATION_TEST_GREETING}", NULL, "good day"},
        {"<${env:CREATION_TEST_GREETING}> $${x}", NULL, "<good day> ${x}"},
        {"${file:", "/pins#cellar}", "4711"},
        {"${file:", "/pins#/attic/0}", "12"},
        {"${env:CREATION_TEST_UNSET || file:", "/pins#cellar}", "4711"},
    };
    folder_write(&folder, "pins", "{\"cellar\":\"4711\",\"attic\":[12]}\n");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char config[256];
        bool path = cases[i].after != NULL;
        snprintf(config, sizeof(config), "[provider corp]\nplugin = corp\npin = %s%s%s\n", cases[i].before,
                 path ? folder.path : "", path ? cases[i].after : "");

        assert_int_equal(ensure(make(config), 10000), MSTR_OK);

        assert_string_equal(corp.pin, cases[i].held);
    }
}

static void failures_of_options_tell_file_line_and_option(void **state)
{
    (void)state;
    static const char scheme[] = "only env: and file: may stand in a provider's own section, not ";
    static const struct {
        const char *line; /* the third */
        enum mstr_code code;
        const char *told;
    } cases[] = {
        {"pin = ${shelf:x}", MSTR_E_CONFIG, scheme},
        {"pin = ${exec:x}", MSTR_E_CONFIG, scheme}, /* which would run a program */
        {"pin = ${corp:x}", MSTR_E_CONFIG, scheme}, /* itself */
        {"pin = ${env:CREATION_TEST_UNSET || shelf:x}", MSTR_E_CONFIG, scheme},
        {"pin = ${env:CREATION_TEST_UNSET}", MSTR_E_NOT_FOUND, "CREATION_TEST_UNSET"},
        {"pin = ${file:/nowhere/at/all}", MSTR_E_NOT_FOUND, "/nowhere/at/all"},
        {"pin = ${file:/proc/self/cmdline}", MSTR_E_CONFIG, "it resolved to a value with NUL octets"},
        {"pin = ${env:CREATION_TEST_GREETING#field}", MSTR_E_NOT_FOUND, "field"},
        {"pin = ${env:", MSTR_E_CONFIG, "without its \"}\""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char config[256];
        snprintf(config, sizeof(config), "[provider corp]\nplugin = corp\n%s\n", cases[i].line);
        struct instance *instance = make(config);

        assert_int_equal(ensure(instance, 10000), cases[i].code);

        assert_non_null(strstr(mstr_error_message(error), ":3: option \"pin\": "));
        assert_string_equal(mstr_error_provider(error), "corp");
        assert_told(error, cases[i].code, cases[i].told, NULL);
        assert_false(instance_is_live(instance));
    }
    assert_int_equal(corp.creations, 0);
}

/* Which of them are secrets only the plugin's table says. */
static void a_secret_that_may_have_been_cut_or_quoted_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *line; /* the third */
        const char *told; /* NULL = it is good */
    } cases[] = {
        {"pin = a #b", ":3: option \"pin\" has a blank with # or ; behind it"},
        {"pin = 'a'", ":3: option \"pin\" has quotes around it"},
        {"greeting = 'a' # b", NULL},
        {"pin = a#b'", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char config[256];
        snprintf(config, sizeof(config), "[provider corp]\nplugin = corp\n%s\n", cases[i].line);
        struct instance *instance = make(config);
        assert_int_equal(ensure(instance, 10000), cases[i].told != NULL ? MSTR_E_CONFIG : MSTR_OK);
        if (cases[i].told != NULL) {
            assert_told(error, MSTR_E_CONFIG, cases[i].told, NULL);
        }
    }
}

static void options_that_the_plugin_does_not_have_are_refused_before_it_is_asked(void **state)
{
    (void)state;
    struct instance *instance = make("[provider corp]\nplugin = corp\ngreting = x\n");
    assert_int_equal(ensure(instance, 1000), MSTR_E_CONFIG);
    assert_told(error, MSTR_E_CONFIG, "unknown option \"greting\"", "did you mean \"greeting\"?");
    assert_int_equal(corp.creations, 0);
}

static void a_failure_to_create_is_not_remembered(void **state)
{
    (void)state;
    struct instance *instance = make("[provider corp]\nplugin = corp\n");
    corp.code = MSTR_E_NOT_AVAILABLE;

    assert_int_equal(ensure(instance, 1000), MSTR_E_NOT_AVAILABLE);
    assert_told(error, MSTR_E_NOT_AVAILABLE, "the vault does not open", NULL);
    assert_false(instance_is_live(instance));
    corp.code = MSTR_OK;
    assert_int_equal(ensure(instance, 1000), MSTR_OK);

    assert_int_equal(corp.creations, 2);
}

struct waiter {
    pthread_t thread;
    struct instance *instance;
    int64_t timeout;
    enum mstr_code code;
    mstr_error *error;
};

static void *wait_for_it(void *data)
{
    struct waiter *waiter = data;
    const struct limits limits = test_limits(waiter->timeout);
    waiter->code = creation_ensure(test.registry, waiter->instance, &limits, waiter->error);
    return NULL;
}

static void start(struct waiter *waiter, struct instance *instance, int64_t timeout)
{
    *waiter = (struct waiter){.instance = instance, .timeout = timeout, .error = mstr_error_new()};
    assert_int_equal(pthread_create(&waiter->thread, NULL, wait_for_it, waiter), 0);
}

static void many_threads_wait_for_one_creation(void **state)
{
    (void)state;
    struct waiter waiters[THREADS];
    struct instance *instance = make("[provider corp]\nplugin = corp\n");
    corp.closed = true;
    for (size_t i = 0; i < THREADS; i++) {
        start(&waiters[i], instance, 60000);
    }
    while (corp.creations == 0) {
        usleep(200);
    }
    corp.closed = false;
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(waiters[i].thread, NULL);
        assert_int_equal(waiters[i].code, MSTR_OK);
        mstr_error_free(waiters[i].error);
    }
    assert_int_equal(corp.creations, 1);
}

static void who_waits_leaves_by_its_own_limits(void **state)
{
    (void)state;
    struct waiter patient;
    mstr_cancel *cancel = mstr_cancel_new();
    const struct limits cancelled = {.deadline = clock_monotonic() + 60000, .cancel = cancel};
    struct instance *instance = make("[provider corp]\nplugin = corp\n");
    corp.closed = true;
    mstr_cancel_now(cancel);
    start(&patient, instance, 60000);
    while (corp.creations == 0) {
        usleep(200);
    }

    assert_int_equal(ensure(instance, 20), MSTR_E_TIMEOUT);
    assert_string_equal(mstr_error_provider(error), "corp");
    assert_told(error, MSTR_E_TIMEOUT, "while provider \"corp\" was being set up", NULL);
    assert_int_equal(creation_ensure(test.registry, instance, &cancelled, error), MSTR_E_CANCELLED);
    assert_told(error, MSTR_E_CANCELLED, "while provider \"corp\" was being set up", NULL);

    corp.closed = false;
    pthread_join(patient.thread, NULL);
    assert_int_equal(patient.code, MSTR_OK);
    assert_int_equal(corp.creations, 1);
    mstr_error_free(patient.error);
    mstr_cancel_free(cancel);
}

static void the_instance_is_told_also_where_only_its_making_failed(void **state)
{
    (void)state;
    const struct limits limits = test_limits(1000);
    struct instance *instance = make("[provider corp]\nplugin = corp\n");
    struct instance *found = NULL;
    corp.code = MSTR_E_CONFIG;

    assert_int_equal(creation_find(test.registry, "corp", &limits, &found, error), MSTR_E_CONFIG);
    assert_ptr_equal(found, instance);
    assert_int_equal(creation_find(test.registry, "nobody", &limits, &found, error), MSTR_E_CONFIG);
    assert_null(found);
}

static enum mstr_code add(const char *name, const struct mstr_header *options)
{
    const struct limits limits = test_limits(1000);
    return creation_register(test.registry, name, corp_entry, options, &limits, error);
}

static void a_registration_that_fails_leaves_the_name_free(void **state)
{
    (void)state;
    const struct mstr_header odd[] = {{"colour", "blue"}, {NULL, NULL}};
    const struct mstr_header literal[] = {{"pin", "${env:CREATION_TEST_GREETING}"}, {NULL, NULL}};
    assert_int_equal(add("cellar", odd), MSTR_E_CONFIG);
    assert_told(error, MSTR_E_CONFIG, "unknown option \"colour\"", NULL);
    corp.code = MSTR_E_DENIED;
    assert_int_equal(add("cellar", NULL), MSTR_E_DENIED);
    corp.code = MSTR_OK;
    assert_int_equal(add("cellar", literal), MSTR_OK);
    assert_string_equal(corp.pin, "${env:CREATION_TEST_GREETING}"); /* the program's own texts are literal */
    assert_int_equal(add("cellar", NULL), MSTR_E_EXISTS);

    assert_int_equal(corp.creations, 2);
    assert_int_equal(corp.destructions, 0);
}

/* From the manifest to a value: the object is found beside it, and loaded with the section's options. */
static void an_installed_provider_is_loaded_by_its_manifest(void **state)
{
    (void)state;
    char object[256];
    const struct limits limits = test_limits(10000);
    struct reference *reference = NULL;
    struct request request;
    struct request *requests[] = {&request};
    struct call call;
    struct instance *instance = NULL;
    folder_write(&folder, "installed.provider", "[provider installed]\nplugin = newer\n");
    assert_int_equal(symlink(TEST_PLUGINS "/newer.so", folder_path(&folder, "newer.so", object)), 0);
    test_registry_drop(&test);
    test_registry_make(&test, "[provider installed]\ngreeting = ${env:CREATION_TEST_GREETING}\n", folder.path);

    assert_int_equal(creation_find(test.registry, "installed", &limits, &instance, error), MSTR_OK);

    assert_string_equal(instance_origin(instance), object);
    assert_int_equal(reference_parse("installed:greeting", &reference, NULL), MSTR_OK);
    assert_true(request_init(&request, reference, false));
    call_init(&call, &test.services, &limits);
    instance_resolve(instance, requests, 1, &call);
    assert_string_equal(mstr_secret_octets(request.secret), "good day");
    request_release(&request);
    call_release(&call);
    reference_free(reference);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(an_instance_is_made_once_and_ends_with_the_registry),
        EACH(options_may_come_from_the_environment_and_from_files),
        EACH(failures_of_options_tell_file_line_and_option),
        EACH(a_secret_that_may_have_been_cut_or_quoted_is_refused),
        EACH(options_that_the_plugin_does_not_have_are_refused_before_it_is_asked),
        EACH(a_failure_to_create_is_not_remembered),
        EACH(many_threads_wait_for_one_creation),
        EACH(who_waits_leaves_by_its_own_limits),
        EACH(the_instance_is_told_also_where_only_its_making_failed),
        EACH(a_registration_that_fails_leaves_the_name_free),
        EACH(an_installed_provider_is_loaded_by_its_manifest),
    };
    return RUN_TESTS("plugin/creation");
}
