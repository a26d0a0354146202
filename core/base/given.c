/* Structures that a program hands over. */
#include "base/given.h"

enum mstr_code given_check(const char *what, bool initialised, uint32_t flags, uint32_t known, mstr_error *error)
{
    if (!initialised) {
        error_set(error, MSTR_E_USAGE, "%s not initialised", what);
        error_set_hint(error, "begin the structure with its initialiser, MSTR_…_INIT");
        return MSTR_E_USAGE;
    }
    if ((flags & ~known) != 0) {
        return error_set(error, MSTR_E_USAGE, "%s given flags that this version does not know: 0x%x", what,
                         (unsigned)(flags & ~known));
    }
    return MSTR_OK;
}

enum mstr_code given_call(const mstr_call_options *options, mstr_error *error)
{
    return options == NULL ? MSTR_OK
                           : given_check("the options of the call were", MSTR_HAS(options, mstr_call_options, cancel),
                                         options->flags, MSTR_CALL_NO_CACHE | MSTR_CALL_LEAVE_DELEGATED, error);
}
