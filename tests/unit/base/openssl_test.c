/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/openssl.c; what happens without memory is integration/tool_memory's affair */
#include "base/openssl.h"
#include "support/unit.h"

#include <dlfcn.h>

#define SONAME "libcrypto.so.3"

/* The first test: nobody has asked before. */
static void libcrypto_is_opened_by_the_first_who_asks(void **state)
{
    (void)state;
    const struct openssl *openssl = NULL;
    assert_null(dlopen(SONAME, RTLD_LAZY | RTLD_NOLOAD));
    assert_int_equal(openssl_get(&openssl, NULL), MSTR_OK);
    void *library = dlopen(SONAME, RTLD_LAZY | RTLD_NOLOAD);
    assert_non_null(library);
    dlclose(library);
}

static void every_function_is_libcryptos_own(void **state)
{
    (void)state;
    const struct openssl *openssl = NULL;
    assert_int_equal(openssl_get(&openssl, NULL), MSTR_OK);
    void *library = dlopen(SONAME, RTLD_LAZY | RTLD_NOLOAD);
    void *function = NULL;
    assert_non_null(library);
#define CHECK(name)                                                                                                  \
    memcpy(&function, &openssl->name, sizeof(function));                                                             \
    assert_non_null(function);                                                                                       \
    assert_ptr_equal(function, dlsym(library, #name));
    OPENSSL_FUNCTIONS(CHECK)
#undef CHECK
    dlclose(library);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libcrypto_is_opened_by_the_first_who_asks),
        cmocka_unit_test(every_function_is_libcryptos_own),
    };
    return RUN_TESTS("base/openssl");
}
