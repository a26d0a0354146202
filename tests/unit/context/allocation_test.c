/* What the framework does when memory runs out: every allocation of one round of its work fails in turn, once alone
 * and once with all that follow. Nothing may crash or stay behind, and the failure must not pass for a secret that is
 * not there, in place of which an alternative may be used. */
#include "support/context.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>

/* The allocator of the C library, which the functions below stand before in this program. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

static atomic_long until = -1; /* allocations until one fails; below 0 = none does */
static atomic_long held;       /* blocks that are allocated */
static bool for_good;          /* once one has failed, all do */

static bool fails(void)
{
    long left = atomic_load(&until);
    if (left < 0) {
        return false;
    }
    left = left > 0 ? atomic_fetch_sub(&until, 1) - 1 : for_good ? 0 : -1;
    if (left != 0) {
        return false;
    }
    if (!for_good) {
        atomic_store(&until, -1);
    }
    errno = ENOMEM;
    return true;
}

static void *counted(void *block)
{
    atomic_fetch_add(&held, block != NULL);
    return block;
}

#pragma GCC visibility push(default) /* for the libraries too */
void *malloc(size_t size)
{
    return fails() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : counted(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size)
{
    if (fails()) {
        return NULL;
    }
    return block == NULL ? counted(__libc_realloc(block, size)) : __libc_realloc(block, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    *block = fails() ? NULL : counted(__libc_memalign(alignment, size));
    return *block != NULL ? 0 : ENOMEM;
}

void free(void *block)
{
    atomic_fetch_sub(&held, block != NULL);
    __libc_free(block);
}
#pragma GCC visibility pop

static const char *config_path;

static int ignore_step(const mstr_explain_step *step, void *data)
{
    (void)step;
    (void)data;
    return 0;
}

static int ignore_item(const mstr_config_item *item, void *data)
{
    (void)item;
    (void)data;
    return 0;
}

static void assert_lets_no_alternative_in(enum mstr_code code)
{
    assert_int_not_equal(code, MSTR_E_NOT_FOUND);
    assert_int_not_equal(code, MSTR_E_NOT_AVAILABLE);
}

static enum mstr_code get_several(mstr_context *context)
{
    mstr_lookup lookups[] = {{.reference = "env:ALLOCATION_TEST#name"},
                             {.reference = "file:/etc/hostname"},
                             {.reference = "double:one"},
                             {.reference = "double:two"},
                             {.reference = "program:three"}};
    enum mstr_code code = mstr_context_get_many(context, lookups, COUNT_OF(lookups), sizeof(mstr_lookup), NULL);
    for (size_t i = 0; i < COUNT_OF(lookups); i++) {
        assert_true((lookups[i].secret != NULL) == (lookups[i].code == MSTR_OK));
        assert_lets_no_alternative_in(lookups[i].code);
        mstr_secret_release(lookups[i].secret);
    }
    return code;
}

/* A life of a context. The first failure, or MSTR_OK. */
static enum mstr_code work(mstr_error *error)
{
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    mstr_context *context = NULL;
    mstr_secret *secret = NULL;
    options.config_file = config_path;
    enum mstr_code code = mstr_config_visit(&options, MSTR_CONFIG_PROBLEMS, ignore_item, NULL, error);
    if (code == MSTR_OK) {
        code = mstr_context_new(&options, &context, error);
    }
    if (code == MSTR_OK) {
        code = get_several(context);
    }
    if (code == MSTR_OK) {
        code = mstr_context_get(context, "double:one", NULL, &secret, error);
        mstr_secret_release(secret);
    }
    if (code == MSTR_OK) {
        code = mstr_context_setting(context, "env worker", "TOKEN", NULL, &secret, error);
        mstr_secret_release(secret);
    }
    if (code == MSTR_OK) {
        code = mstr_context_explain(context, "env:ALLOCATION_TEST", NULL, ignore_step, NULL, error);
    }
    mstr_context_free(context);
    return code;
}

static void fail_each_in_turn(bool all_that_follow)
{
    mstr_error *error = mstr_error_new();
    long reached = 0;
    for_good = all_that_follow;
    assert_int_equal(work(error), MSTR_OK); /* what libraries keep for good is there by now */
    for (long at = 1; reached == 0; at++) {
        long before = atomic_load(&held);
        atomic_store(&until, at);
        enum mstr_code code = work(error);
        reached = atomic_exchange(&until, -1) > 0 ? at : 0;
        assert_lets_no_alternative_in(code);
        mstr_error_clear(error);
        if (atomic_load(&held) != before) {
            fail_msg("allocation %ld: %ld blocks stay behind", at, atomic_load(&held) - before);
        }
    }
    assert_true(reached > 100);
    assert_int_equal(work(error), MSTR_OK);
    mstr_error_free(error);
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    fail_each_in_turn(false);
}

static void memory_may_end_at_any_allocation(void **state)
{
    (void)state;
    fail_each_in_turn(true);
}

int main(void)
{
    static const char text[] = "[plugins]\npath = " TEST_PLUGINS "\n[provider double]\nplugin = echo\n"
                               "[provider program]\nplugin = exec\nformat = text\ncommand = /bin/echo\n"
                               "[env worker]\nTOKEN = a ${double:x || env:ALLOCATION_TEST} $${b}\n"
                               "[profile default]\nbase_url = https://mstr.example/\nusername = ${double:user}\n"
                               "password = ${double:user}\n";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_allocation_may_fail),
        cmocka_unit_test(memory_may_end_at_any_allocation),
    };
    setenv("ALLOCATION_TEST", "{\"name\":\"value\"}", 1);
    char *path = test_file(text, strlen(text));
    config_path = path;
    int failures = RUN_TESTS("context/allocation");
    unlink(path);
    free(path);
    return failures;
}
