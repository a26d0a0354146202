/* SPDX-License-Identifier: Apache-2.0 */
/* Opens libcrypto on first use, or starts the one that is linked in. */
#include "base/openssl.h"

#include "base/library.h"

static struct openssl api;

static bool start(struct library *library);

#ifdef MSTR_LINKED_IN

static struct library library = LIBRARY_INIT(NULL, start);

static bool load_functions(struct library *from)
{
    (void)from;
#define SET(name) api.name = name;
    OPENSSL_FUNCTIONS(SET)
#undef SET
    return true;
}

#else

#define TEXT_OF(number)   #number
#define SONAME_OF(number) "libcrypto.so." TEXT_OF(number)
#define SONAME            SONAME_OF(OPENSSL_SHLIB_VERSION) /* that of the headers, whose types these are */
LIBRARY_PUT_NOTE(LIBRARY_NOTE(SONAME, "crypto", "Saved sessions, client certificates", "recommended"));
static struct library library = LIBRARY_INIT(SONAME, start);

static bool load_functions(struct library *from)
{
    static const struct library_function functions[] = {
#define ROW(name)         {#name, offsetof(struct openssl, name)},
        OPENSSL_FUNCTIONS(ROW)
#undef ROW
    };
    return library_fill(from, functions, sizeof(functions) / sizeof(functions[0]), &api);
}

#endif

/* Where memory ran out while it was being initialised, it stays without its own context for good and follows null
 * pointers (3.0). */
static bool start(struct library *from)
{
    return load_functions(from) && api.OPENSSL_init_crypto(0, NULL) == 1 &&
           api.OSSL_LIB_CTX_get0_global_default() != NULL;
}

enum mstr_code openssl_get(const struct openssl **openssl, mstr_error *error)
{
    char problem[LIBRARY_PROBLEM];
    enum mstr_code code = library_get(&library, problem);
    if (code == MSTR_E_MEMORY) {
        error_set(error, code, "out of memory for OpenSSL");
    } else if (code != MSTR_OK) {
        error_set(error, MSTR_E_UNEXPECTED, "no cryptography: %s", problem);
        error_set_hint(error, "install OpenSSL 3.0 or later");
    }
    *openssl = &api;
    return code;
}
