/* SPDX-License-Identifier: Apache-2.0 */
/* providers/kubernetes/identity/impersonation.c */
#include "unit/kubernetes/support.h"

static void whom_one_acts_as_is_told_by_headers(void **state)
{
    (void)state;
    use_config(CONFIG("    token: first\n    as: ann\n    as-uid: '42'\n    as-groups: [dev, 'day shift']\n"
                      "    as-user-extra: {scopes/x: [view, edit]}\n"));
    fake_host_answer("GET", APP_URL, 200, NULL, APP(DATA));
    assert_resolves("k8s:app", APP_VALUE);
    assert_contains(fake_host_request(0)->headers,
                    "Impersonate-User: ann\nImpersonate-Uid: 42\nImpersonate-Group: dev\n"
                    "Impersonate-Group: day shift\nImpersonate-Extra-scopes%2Fx: view\n"
                    "Impersonate-Extra-scopes%2Fx: edit\n");
}

static void who_acts_as_somebody_else_is_somebody_else(void **state)
{
    (void)state;
    char first[64];
    use_config(TOKEN_CONFIG);
    fake_host_answer_always("GET", APP_URL, 200, NULL, APP(DATA));
    struct mstr_request *request = resolve("k8s:app");
    snprintf(first, sizeof(first), "%s", fake_request_identity(request));
    fake_request_free(request);
    use_config(CONFIG("    token: first\n    as: ann\n"));
    plugin->invalidate(instance, NULL);
    request = resolve("k8s:app");
    assert_string_not_equal(fake_request_identity(request), first);
    fake_request_free(request);
}

static void names_that_no_header_holds_are_refused(void **state)
{
    (void)state;
    struct buffer many = BUFFER_INIT;
    static const struct {
        const char *lines;
        const char *part;
    } cases[] = {
        {"    as: \"a\\r\\nX: y\"\n", ", line 11: user \"u\" acts as somebody whose name is no text"},
        {"    as: ''\n", "whose name is no text"},
        {"    as: [a]\n", "whose name is no text"},
        {"    as: a\n    as-groups: b\n", ", line 12: user \"u\" acts as somebody by what should be a list"},
        {"    as: a\n    as-groups: [{}]\n", "whose name is no text"},
        {"    as: a\n    as-user-extra: []\n", "has an as-user-extra that is no mapping"},
        {"    as-groups: [b]\n", ", line 11: user \"u\" acts as groups of nobody"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[1024];
        snprintf(text, sizeof(text), CONFIG("%s"), cases[i].lines);
        use_config(text);
        assert_fails("k8s:app", MSTR_E_CONFIG, cases[i].part, NULL);
    }
    buffer_puts(&many, CONFIG("    as: a\n    as-groups:\n"));
    const char *contexts = strstr(many.data, "contexts:");
    struct buffer text = BUFFER_INIT;
    buffer_append(&text, many.data, (size_t)(contexts - many.data));
    for (int i = 0; i < 64; i++) {
        buffer_puts(&text, "    - g\n");
    }
    buffer_puts(&text, contexts);
    use_config(buffer_text(&text));
    assert_fails("k8s:app", MSTR_E_CONFIG, "more than 64", NULL);
    buffer_release(&text);
    buffer_release(&many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whom_one_acts_as_is_told_by_headers),
        TEST(who_acts_as_somebody_else_is_somebody_else),
        TEST(names_that_no_header_holds_are_refused),
    };
    return RUN_TESTS("kubernetes/identity/impersonation");
}
