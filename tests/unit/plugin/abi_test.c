/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/abi.c */
#include "support/registry.h"

#include "plugin/abi.h"

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    (void)instance;
    (void)self;
    (void)error;
    return MSTR_OK;
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    (void)self;
    (void)requests;
    (void)count;
    (void)call;
}

/* FIRST is where the first version ended. */
enum {
    WHOLE = sizeof(struct mstr_provider),
    FIRST = offsetof(struct mstr_provider, check),
    ENTRY = sizeof(struct mstr_option)
};

static const struct mstr_option good[] = {{"url", MSTR_OPTION_URL, 0, NULL, "where"},
                                          {NULL, MSTR_OPTION_STRING, 0, NULL, NULL}};
static const struct mstr_option odd[] = {{"url", (enum mstr_option_type)99, 0, NULL, "where"},
                                         {NULL, MSTR_OPTION_STRING, 0, NULL, NULL}};

/* What a table may be wrong in. */
struct columns {
    uint32_t major, size, entry;
    const char *name, *version;
    bool create, resolve;
    const struct mstr_option *options;
};

static enum mstr_code check(const struct columns *columns, mstr_error *error)
{
    const struct mstr_provider table = {
        .abi_major = columns->major,
        .size = columns->size,
        .option_size = columns->entry,
        .name = columns->name,
        .version = columns->version,
        .options = columns->options,
        .create = columns->create ? create : NULL,
        .resolve = columns->resolve ? resolve : NULL,
    };
    return abi_check(&table, "corp.so", error);
}

static void a_table_that_keeps_to_the_contract_is_accepted(void **state)
{
    (void)state;
    static const struct columns cases[] = {
        {1, WHOLE, ENTRY, "corp", "1", true, true, NULL},
        {1, WHOLE, ENTRY, "corp", "1", true, true, good},
        {1, WHOLE, 0, "corp", "1", true, true, NULL}, /* which says nothing where there are no options */
        {1, FIRST, ENTRY, "corp", "1", true, true, good},
        {1, WHOLE + 64, ENTRY, "corp", "1", true, true, good}, /* a later version has appended */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(check(&cases[i], NULL), MSTR_OK);
    }
}

static void every_breach_is_told_with_the_plugins_origin(void **state)
{
    (void)state;
    static const char major[] =
        "plugin corp.so: its ABI version is not the one of this libmstr (plugin 2, library 1)";
    static const char size[] = "plugin corp.so: its table is shorter than that of the first ABI version";
    static const char lacks[] = "plugin corp.so: its table lacks a name, a version, create or resolve";
    static const struct {
        struct columns columns;
        const char *told;
    } cases[] = {
        {{2, WHOLE, ENTRY, "corp", "1", true, true, NULL}, major},
        {{2, 0, 0, NULL, NULL, false, false, NULL}, major},
        {{0, WHOLE, ENTRY, "corp", "1", true, true, NULL}, "(plugin 0, library 1)"},
        {{1, FIRST - 1, ENTRY, "corp", "1", true, true, NULL}, size},
        {{1, 0, ENTRY, "corp", "1", true, true, NULL}, size},
        {{1, WHOLE, ENTRY, NULL, "1", true, true, NULL}, lacks},
        {{1, WHOLE, ENTRY, "corp", NULL, true, true, NULL}, lacks},
        {{1, WHOLE, ENTRY, "corp", "1", false, true, NULL}, lacks},
        {{1, WHOLE, ENTRY, "corp", "1", true, false, NULL}, lacks},
        {{1, WHOLE, ENTRY, "corp", "1", true, true, odd}, "option \"url\" of the provider has the unknown type 99"},
        {{1, WHOLE, 8, "corp", "1", true, true, good}, "entries of 8 octets"},
    };
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(check(&cases[i].columns, error), MSTR_E_PLUGIN);
        assert_told(error, MSTR_E_PLUGIN, cases[i].told, NULL);
    }
    mstr_error_free(error);
}

static void a_missing_table_and_another_version_say_what_to_do(void **state)
{
    (void)state;
    static const struct mstr_provider later = {.abi_major = 2};
    mstr_error *error = mstr_error_new();

    assert_int_equal(abi_check(NULL, "corp.so", error), MSTR_E_PLUGIN);
    assert_told(error, MSTR_E_PLUGIN, "plugin corp.so: its entry point gave no table: it does not work with this",
                NULL);
    assert_int_equal(abi_check(&later, "corp.so", error), MSTR_E_PLUGIN);
    assert_told(error, MSTR_E_PLUGIN, "ABI version", "rebuild the plugin against this version's mstr/provider.h");

    mstr_error_free(error);
}

static void services_are_known_by_their_whole_names(void **state)
{
    (void)state;
    static const char *const services[] = {"secrets", "parameters", NULL};
    static const struct mstr_provider two = {.services = services};
    static const struct mstr_provider none = {.services = NULL};
    assert_true(abi_has_service(&two, "secrets"));
    assert_true(abi_has_service(&two, "parameters"));
    assert_false(abi_has_service(&two, "parameter"));
    assert_false(abi_has_service(&two, ""));
    assert_false(abi_has_service(&none, "secrets"));
}

/* A table with a call for each of its members: none is called here. */
static struct mstr_store whole_store(void)
{
    struct mstr_store module = {.abi_major = MSTR_STORE_ABI_MAJOR,
                                .size = sizeof(module),
                                .option_size = ENTRY,
                                .name = "corp",
                                .version = "1"};
    void (*call)(void) = (void (*)(void))create;
    for (size_t at = offsetof(struct mstr_store, create); at < sizeof(module); at += sizeof(call)) {
        memcpy((char *)&module + at, &call, sizeof(call));
    }
    return module;
}

static void assert_store_refused(const struct mstr_store *module, const char *told, const char *hint)
{
    mstr_error *error = mstr_error_new();
    assert_int_equal(abi_check_store(module, "corp.so", error), MSTR_E_PLUGIN);
    assert_told(error, MSTR_E_PLUGIN, told, hint);
    mstr_error_free(error);
}

static void a_store_is_looked_at_in_the_same_way(void **state)
{
    (void)state;
    struct mstr_store module = whole_store();
    assert_int_equal(abi_check_store(&module, "corp.so", NULL), MSTR_OK);
    module.size += 64; /* a later version has appended */
    assert_int_equal(abi_check_store(&module, "corp.so", NULL), MSTR_OK);

    assert_store_refused(NULL, "plugin corp.so: its entry point gave no table", NULL);
    module.size = sizeof(module) - 1;
    assert_store_refused(&module, "its table is shorter than that of the first ABI version", NULL);
    module = whole_store();
    module.abi_major = 2;
    assert_store_refused(&module, "(plugin 2, library 1)", "mstr/store.h");
    module = whole_store();
    module.options = odd;
    assert_store_refused(&module, "unknown type 99", NULL);
}

static void a_store_has_to_do_all_that_a_store_does(void **state)
{
    (void)state;
    static const char lacks[] = "plugin corp.so: its table lacks a name, a version or one of the calls";
    struct mstr_store module = whole_store();
    for (size_t at = offsetof(struct mstr_store, create); at < sizeof(module); at += sizeof(void *)) {
        module = whole_store();
        memset((char *)&module + at, 0, sizeof(void *));
        assert_store_refused(&module, lacks, NULL);
    }
    module = whole_store();
    module.version = NULL;
    assert_store_refused(&module, lacks, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_that_keeps_to_the_contract_is_accepted),
        cmocka_unit_test(every_breach_is_told_with_the_plugins_origin),
        cmocka_unit_test(a_missing_table_and_another_version_say_what_to_do),
        cmocka_unit_test(services_are_known_by_their_whole_names),
        cmocka_unit_test(a_store_is_looked_at_in_the_same_way),
        cmocka_unit_test(a_store_has_to_do_all_that_a_store_does),
    };
    return RUN_TESTS("plugin/abi");
}
