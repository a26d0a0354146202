/* SPDX-License-Identifier: Apache-2.0 */
/* core/config/value.c */
#include "config/value.h"
#include "support/unit.h"

static void each_kind_has_values_of_its_form(void **state)
{
    (void)state;
    static const struct {
        enum value_kind kind;
        const char *value;
        const char *fault; /* part of it; NULL = it is good */
    } cases[] = {
        {VALUE_TEXT, "anything", NULL},
        {VALUE_SECRET, "", NULL},
        {VALUE_URL, "https://h/a/b/", NULL},
        {VALUE_URL, "https://h/a;b", "a URL without ; and without an empty or dot segment"},
        {VALUE_URL, "https://h/%2e%2e/api", "a URL without ;"},
        {VALUE_URL, "https://h//api", "a URL without ;"},
        {VALUE_URL, "", "an absolute http or https URL"},
        {VALUE_PROXY, "http://proxy:3128", NULL},
        {VALUE_PROXY, "", NULL},
        {VALUE_PROXY, "ftp://proxy", "the URL of a proxy, http://HOST:PORT; https, socks4"},
        {VALUE_PROXY_EXCEPTIONS, "", NULL},
        {VALUE_PROXY_EXCEPTIONS, "*.example, h:8443 10.0.0.0/8", NULL},
        {VALUE_PROXY_EXCEPTIONS, "https://h", "a list of hosts such as example.com"},
        {VALUE_PINNED_KEY, "", NULL},
        {VALUE_PINNED_KEY, "sha256//AA==", "sha256//BASE64 of a public key"},
        {VALUE_BOOLEAN, "off", NULL},
        {VALUE_BOOLEAN, "", "yes or no"},
        {VALUE_DURATION, "0", NULL},
        {VALUE_DURATION, "1h 5m", "a duration such as"},
        {VALUE_TIMEOUT, "1ms", NULL},
        {VALUE_TIMEOUT, "0", "a duration longer than 0"},
        {VALUE_COUNT, "0", NULL},
        {VALUE_COUNT, "-1", "a whole number"},
        {VALUE_POSITIVE, "0", "a whole number from 1 on"},
        {VALUE_POSITIVE, "2147483648", "a whole number from 1 on"},
        {VALUE_PATH, "/a", NULL},
        {VALUE_PATH, "", NULL},
        {VALUE_PATH, "a", "an absolute path"},
        {VALUE_FOLDERS, "/a::/b:", NULL},
        {VALUE_FOLDERS, "/a:b", "absolute paths of folders"},
        {VALUE_LOGIN_MODE, "16", NULL},
        {VALUE_LOGIN_MODE, "", "standard, ldap"},
        {VALUE_LOGIN_FIELDS, "{\"workingSet\":20}", NULL},
        {VALUE_AGENT_USE, "require", NULL},
        {VALUE_AGENT_USE, "yes", "auto, off or require"},
        {VALUE_AGENT_MEMORY, "locked", NULL},
        {VALUE_AGENT_MEMORY, "", "locked, or left out"},
        {VALUE_LOOPBACK, "127.0.0.1:0", NULL},
        {VALUE_LOOPBACK, "[::1]:65535", NULL},
        {VALUE_LOOPBACK, "0.0.0.0:80", "127.0.0.1:PORT or [::1]:PORT"},
        {VALUE_LOOPBACK, "127.0.0.1:65536", "127.0.0.1:PORT or [::1]:PORT"},
        {VALUE_FLEET_SESSIONS, "64", NULL},
        {VALUE_FLEET_SESSIONS, "0", "a whole number from 1 to 64"},
        {VALUE_FLEET_SESSIONS, "65", "a whole number from 1 to 64"},
        {VALUE_FLEET_FAILURE, "keep", NULL},
        {VALUE_FLEET_FAILURE, "", "local, keep or fail"},
        {VALUE_FLEET_LOGOUT, "last", NULL},
        {VALUE_FLEET_LOGOUT, "yes", "never or last"},
        {VALUE_LOGIN_FIELDS, "[]", "a JSON object such as"},
        {VALUE_LOGIN_FIELDS, "{\"p\\u0061ssword\":\"x\"}", "without what a login says anyway"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *fault = value_fault(cases[i].kind, cases[i].value);
        if ((fault == NULL) != (cases[i].fault == NULL) || (fault != NULL && strstr(fault, cases[i].fault) == NULL)) {
            fail_msg("\"%s\" must be %s", cases[i].value, fault != NULL ? fault : "as it is");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_values_of_its_form),
    };
    return RUN_TESTS("config/value");
}
