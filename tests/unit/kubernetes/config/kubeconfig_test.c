/* SPDX-License-Identifier: Apache-2.0 */
/* providers/kubernetes/config/kubeconfig.c: files, their order, and what is wrong with them. */
#include "unit/kubernetes/support.h"

#include "kubernetes/config/kubeconfig.h"

#include <time.h>

static struct mstr_error *error;

static int setup(void **state)
{
    error = NULL;
    int result = plugin_setup(state);
    error = host->error_new();
    return result;
}

static int teardown(void **state)
{
    host->error_free(error);
    return plugin_teardown(state);
}

static void assert_refused(const char *text, const char *part)
{
    struct kubeconfig config = {.count = 0};
    struct kube_context context = {.user = {.name = NULL}};
    write_text(text);
    enum mstr_code code = kubeconfig_add(&config, file_path, error);
    code = code == MSTR_OK ? kubeconfig_select(&config, NULL, &context, error) : code;
    assert_contains(host->error_message(error), part);
    assert_contains(host->error_message(error), file_path);
    assert_int_equal(code, MSTR_E_CONFIG);
    kubeconfig_release(&config);
}

static void a_context_leads_to_its_cluster_and_user(void **state)
{
    (void)state;
    struct kubeconfig config = {.count = 0};
    struct kube_context context;
    const char *text = NULL;
    write_text(TOKEN_CONFIG);
    assert_int_equal(kubeconfig_add(&config, file_path, error), MSTR_OK);
    assert_int_equal(kubeconfig_select(&config, NULL, &context, error), MSTR_OK);
    assert_int_equal(kube_text(&context.cluster, context.cluster.value, "server", &text, error), MSTR_OK);
    assert_string_equal(text, SERVER);
    assert_int_equal(kube_text(&context.user, context.user.value, "token", &text, error), MSTR_OK);
    assert_string_equal(text, "first");
    assert_int_equal(kube_text(&context.user, context.user.value, "username", &text, error), MSTR_OK);
    assert_null(text);
    kubeconfig_release(&config);
}

static void json_is_read_as_well(void **state)
{
    (void)state;
    struct kubeconfig config = {.count = 0};
    struct kube_context context;
    write_text(" {\"current-context\":\"dev\",\"contexts\":[{\"name\":\"dev\",\"context\":{\"cluster\":\"c\"}}],"
               "\"clusters\":[{\"name\":\"c\",\"cluster\":{\"server\":\"https:\\/\\/x\"}}],\"users\":null}");
    assert_int_equal(kubeconfig_add(&config, file_path, error), MSTR_OK);
    assert_int_equal(kubeconfig_select(&config, NULL, &context, error), MSTR_OK);
    assert_string_equal(json_member_text(context.cluster.value, "server"), "https://x");
    assert_null(context.user.value);
    kubeconfig_release(&config);
}

/* As `kubectl config view --raw` merges them. */
static void the_first_file_that_names_something_has_it(void **state)
{
    (void)state;
    struct kubeconfig config = {.count = 0};
    struct kube_context context;
    char list[512];
    const char *first = write_beside("1", "users: [{name: u, user: {token: one}}]\ncurrent-context: ''\n");
    const char *second = write_beside("2", TOKEN_CONFIG "current: unknown keys are nothing\n");
    const char *third = write_beside("3", "current-context: other\nusers: [{name: v, user: {token: three}}]\n");
    const char *empty = write_beside("4", "");
    snprintf(list, sizeof(list), ":%s:%s:/nonexistent/config:%s:%s::%s", first, second, second, third, empty);

    assert_int_equal(kubeconfig_add_list(&config, list, error), MSTR_OK);
    assert_int_equal(config.count, 4);
    assert_int_equal(kubeconfig_select(&config, NULL, &context, error), MSTR_OK);
    assert_string_equal(context.context.name, "dev");
    assert_string_equal(json_member_text(context.user.value, "token"), "one");
    assert_int_equal(kubeconfig_select(&config, "other", &context, error), MSTR_E_CONFIG);
    assert_contains(host->error_message(error), "there is no context \"other\"");

    kubeconfig_release(&config);
    unlink(first);
    unlink(second);
    unlink(third);
    unlink(empty);
}

/* Nothing set is what was said there: another file's user would be somebody else. */
static void an_entry_with_nothing_set_is_one(void **state)
{
    (void)state;
    struct kubeconfig config = {.count = 0};
    struct kube_context context;
    assert_int_equal(kubeconfig_add_text(&config, "first", "users: [{name: u, user: }]", 26, error), MSTR_OK);
    assert_int_equal(kubeconfig_add_text(&config, "second", TOKEN_CONFIG, strlen(TOKEN_CONFIG), error), MSTR_OK);
    assert_int_equal(kubeconfig_select(&config, NULL, &context, error), MSTR_OK);
    assert_string_equal(context.user.file->path, "first");
    assert_null(context.user.value);
    kubeconfig_release(&config);
    assert_refused("current-context: x\ncontexts:\n- name: x\n",
                   ", line 3: context \"x\" names the cluster \"\", which no file has");
}

static void files_that_are_missing_or_empty_are_none(void **state)
{
    (void)state;
    struct kubeconfig config = {.count = 0};
    struct kube_context context;
    assert_int_equal(kubeconfig_add_list(&config, "/nonexistent/a:/nonexistent/b", error), MSTR_E_NOT_AVAILABLE);
    assert_int_equal(kubeconfig_add_list(&config, ":", error), MSTR_E_NOT_AVAILABLE);
    write_text("# nothing yet\n");
    assert_int_equal(kubeconfig_add(&config, file_path, error), MSTR_OK);
    assert_int_equal(kubeconfig_select(&config, NULL, &context, error), MSTR_E_NOT_AVAILABLE);
    kubeconfig_release(&config);
}

static void faults_are_told_with_file_and_line(void **state)
{
    (void)state;
    assert_refused("clusters:\n- name: [\n", ", line 3: the YAML");
    assert_refused("{\"a\":", ", line 2: the YAML");
    assert_refused("{\"users\": [],\n \"users\": []}", ", line 2: the YAML has the same key twice in one mapping");
    assert_refused("{\"users\": [{\"name\": \"u\", \"user\": {\n\"token\": \"a\",\n\"token\": \"b\"}}]}",
                   ", line 3: the YAML has the same key twice in one mapping");
    assert_refused("{\"clusters\": [],\n\"users\": [{}]}", ", line 2: users has an item without a name");
    assert_refused("- a\n", ", line 1: is no mapping");
    assert_refused("just words", "is no mapping");
    assert_refused("\napiVersion: v2\n", ", line 2: apiVersion is not that of a kubeconfig");
    assert_refused("kind: Secret\n", ", line 1: kind is not that of a kubeconfig");
    assert_refused("users: {}\n", ", line 1: users is no list");
    assert_refused("users:\n- user: {}\n", ", line 2: users has an item without a name");
    assert_refused("users:\n- {name: a}\n- {name: a}\n", ", line 3: users has the same name twice");
    assert_refused("users:\n- {name: a, user: text}\n", ", line 2: users has an item that is no mapping");
    assert_refused("contexts:\n- {name: a, context: {}}\n", "there is no current-context");
    assert_refused("current-context: x\n", "there is no context \"x\"");
    assert_refused("current-context: x\ncontexts:\n- name: x\n  context:\n    user: u\n",
                   ", line 5: context \"x\" names the cluster \"\", which no file has");
    assert_refused("current-context: x\ncontexts:\n- name: x\n  context:\n    cluster: gone\n",
                   ", line 5: context \"x\" names the cluster \"gone\", which no file has");
    assert_refused("current-context: dev\nclusters: [{name: c, cluster: {server: 'https://x'}}]\n"
                   "contexts: [{name: dev, context: {cluster: c, user: gone}}]\n",
                   ", line 3: context \"dev\" names the user \"gone\", which no file has");
}

static void a_file_that_is_too_large_or_that_anybody_may_write_is_refused(void **state)
{
    (void)state;
    struct buffer text = BUFFER_INIT;
    buffer_puts(&text, TOKEN_CONFIG "# ");
    while (text.length < (size_t)10 << 20) {
        buffer_puts(&text,
                    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567");
    }
    assert_refused(buffer_text(&text), "is longer than 1 MiB");
    buffer_release(&text);
    write_text(TOKEN_CONFIG);
    assert_int_equal(chmod(file_path, 0666), 0);
    struct kubeconfig config = {.count = 0};
    assert_int_equal(kubeconfig_add(&config, file_path, error), MSTR_E_CONFIG);
    assert_contains(host->error_message(error), "anybody may write it");
    kubeconfig_release(&config);
}

/* What a file of so many users takes, of this thread's own time. */
static clock_t time_of(int users)
{
    struct kubeconfig config = {.count = 0};
    struct buffer text = BUFFER_INIT;
    buffer_puts(&text, "users:\n");
    for (int i = 0; i < users; i++) {
        buffer_printf(&text, "- name: u%d\n  user: {token: t}\n", i);
    }
    clock_t start = clock();
    assert_int_equal(kubeconfig_add_text(&config, "many", buffer_text(&text), text.length, error), MSTR_OK);
    clock_t spent = clock() - start;
    kubeconfig_release(&config);
    buffer_release(&text);
    return spent;
}

/* Each name compared with each would take 256 times as long. */
static void sixteen_times_as_many_users_take_not_much_more_than_that(void **state)
{
    (void)state;
    clock_t few = time_of(500);
    assert_true(time_of(8000) < 64 * few);
}

static void no_more_than_32_files_are_read(void **state)
{
    (void)state;
    struct kubeconfig config = {.count = 0};
    char path[160];
    write_text("");
    for (int i = 0; i < KUBE_FILES_MAX; i++) { /* the same one by names of its own */
        snprintf(path, sizeof(path), "/tmp/%.*s%s", 2 * i,
                 "./././././././././././././././././././././././././././././././", file_path + strlen("/tmp/"));
        assert_int_equal(kubeconfig_add(&config, path, error), MSTR_OK);
    }
    snprintf(path, sizeof(path), "//%s", file_path);
    assert_int_equal(kubeconfig_add(&config, path, error), MSTR_E_CONFIG);
    kubeconfig_release(&config);
}

static void octets_come_from_data_or_from_a_file_beside(void **state)
{
    (void)state;
    struct kubeconfig config = {.count = 0};
    struct kube_context context;
    struct buffer octets = BUFFER_INIT;
    const char *beside = write_beside("pem", "out of a file");
    char text[1024];
    snprintf(text, sizeof(text),
             CONFIG("    folded-data: >\n      b25l\n      IHR3bw==\n    none-data: a=b\n    file: %s\n"
                    "    both: x\n    both-data: eA==\n    gone: gone.pem\n    number-data: true\n"),
             strrchr(beside, '/') + 1);
    write_text(text);
    assert_int_equal(kubeconfig_add(&config, file_path, error), MSTR_OK);
    assert_int_equal(kubeconfig_select(&config, NULL, &context, error), MSTR_OK);
    const struct kube_entry *user = &context.user;
    assert_int_equal(kube_octets(user, "folded", &octets, error), MSTR_OK);
    assert_string_equal(buffer_text(&octets), "one two");
    buffer_clear(&octets);
    assert_int_equal(kube_octets(user, "file", &octets, error), MSTR_OK);
    assert_string_equal(buffer_text(&octets), "out of a file");
    buffer_clear(&octets);
    assert_int_equal(kube_octets(user, "absent", &octets, error), MSTR_OK);
    assert_int_equal(octets.length, 0);
    assert_int_equal(kube_octets(user, "none", &octets, error), MSTR_E_CONFIG);
    assert_contains(host->error_message(error), ", line 14: user \"u\" has a none-data that is no base64");
    assert_int_equal(kube_octets(user, "both", &octets, error), MSTR_E_CONFIG);
    assert_contains(host->error_message(error), "has both both and both-data");
    assert_int_equal(kube_octets(user, "gone", &octets, error), MSTR_E_CONFIG);
    assert_contains(host->error_message(error), "/gone.pem: No such file");
    assert_int_equal(kube_octets(user, "number", &octets, error), MSTR_E_CONFIG);
    assert_contains(host->error_message(error), "has a number-data that is no text");
    kubeconfig_release(&config);
    buffer_release(&octets);
    unlink(beside);
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_context_leads_to_its_cluster_and_user),
        EACH(json_is_read_as_well),
        EACH(the_first_file_that_names_something_has_it),
        EACH(an_entry_with_nothing_set_is_one),
        EACH(files_that_are_missing_or_empty_are_none),
        EACH(faults_are_told_with_file_and_line),
        EACH(a_file_that_is_too_large_or_that_anybody_may_write_is_refused),
        EACH(sixteen_times_as_many_users_take_not_much_more_than_that),
        EACH(no_more_than_32_files_are_read),
        EACH(octets_come_from_data_or_from_a_file_beside),
    };
    return RUN_TESTS("kubernetes/config/kubeconfig");
}
