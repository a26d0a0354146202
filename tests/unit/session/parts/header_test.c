/* SPDX-License-Identifier: Apache-2.0 */
/* Which headers a program may set. */
#include "session/parts/header.h"

#include "support/unit.h"

static void well_formed_headers_of_the_program_pass_and_the_library_s_own_do_not(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        bool allowed;
    } cases[] = {
        {"X-Trace", "1", true},
        {"x_~!#$%&'*+-.^`|", "", true},
        {"Accept", "text/csv, */*", true},
        {NULL, "1", false},
        {"", "1", false},
        {"X-Trace", NULL, false},
        {"X Trace", "1", false},
        {"X:Trace", "1", false},
        {"X-Trace\r\nHost", "1", false},
        {"X-Trace", "1\r\nHost: other", false},
        {"X-Trace", "1\n", false},
        {"X-Trace", "a\tb", true},
        {"X-Trace", "\xc3\xa9", true},
        {"X-Trace", " ", true},
        {"X-Trace", "~", true},
        {"X-Trace", "\x1b[2J", false},
        {"X-Trace", "\x1f", false},
        {"X-Trace", "\x7f", false},
        {"x-mstr-authtoken", "t", false},
        {"X-MSTR-ProjectID", "p", false},
        {"COOKIE", "a=b", false},
        {"content-type", "text/plain", false},
        {"Content-Length", "0", false},
        {"Host", "other", false},
        {"Connection", "close", false},
        {"Upgrade", "h2c", false},
        {"Transfer-Encoding", "chunked", false},
        {"Expect", "100-continue", false},
        {"TE", "trailers", false},
        {"Trailer", "X", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (header_is_allowed(cases[i].name, cases[i].value) != cases[i].allowed) {
            fail_msg("case %zu: %s", i, cases[i].name != NULL ? cases[i].name : "NULL");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed_headers_of_the_program_pass_and_the_library_s_own_do_not),
    };
    return RUN_TESTS("session/parts/header");
}
