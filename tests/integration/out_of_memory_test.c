/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation of every public function fails in turn, once alone and once with all that follow: the failure has
 * its class and its words, nothing crashes or stays behind, nothing is lost, and the same call succeeds once there is
 * memory again. A function that is in the library's map and in none of the tables fails the test. */
#include "out_of_memory/scenario.h"

#include "support/agent_process.h"
#include "support/allocator.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

static const struct called *const tables[] = {context_calls, files_calls,   queue_calls,
                                              request_calls, session_calls, table_calls};
static char *config_path;

#ifdef __SANITIZE_ADDRESS__
/* The dynamic linker (glibc 2.36) loses a list of an object's needs where memory runs out while it opens the
 * object. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:ld-linux";
}
#endif

enum { SCENARIOS_MAX = 64, TOLD_MAX = 20 };
#ifdef UNDER_VALGRIND /* where all takes some fifty times as long */
enum { STRIDE = 23 };
#else
enum { STRIDE = 1 };
#endif

static void scene_make(struct scene *scene, enum stage stage)
{
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    *scene = (struct scene){.config = config_path, .error = mstr_error_new()};
    options.config_file = config_path;
    if (stage >= STAGE_CONTEXT) {
        assert_int_equal(mstr_context_new(&options, &scene->context, scene->error), MSTR_OK);
    }
    if (stage >= STAGE_SESSION) {
        assert_int_equal(scene_new_whole_session(scene, 0, &scene->session, scene->error), MSTR_OK);
    }
    if (stage >= STAGE_OPEN) {
        assert_int_equal(mstr_session_open(scene->session, NULL, scene->error), MSTR_OK);
    }
}

static void scene_drop(struct scene *scene)
{
    mstr_session_free(scene->session);
    mstr_context_free(scene->context);
    mstr_error_free(scene->error);
}

static unsigned open_descriptors(void)
{
    enum { MOST = 64 };
    unsigned count = 0;
    for (int descriptor = 0; descriptor < MOST; descriptor++) {
        count += fcntl(descriptor, F_GETFD) >= 0;
    }
    return count;
}

/* Tells what is wrong and goes on, so that a test shows all of it. */
static unsigned faults;

MSTR_PRINTF(3, 4) static void tell(const struct scenario *scenario, long at, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (++faults <= TOLD_MAX) {
        print_error("%s, allocation %ld: %s\n", scenario->name, at, text);
    }
}

/* The failure has its class and says so; functions that are given no error leave it blank. */
static void check_failure(const struct scenario *scenario, long at, enum mstr_code code, const mstr_error *error)
{
    enum mstr_code told = mstr_error_code(error);
    bool good = code == MSTR_E_MEMORY && (told == MSTR_OK || told == code) &&
                (told == MSTR_OK || strstr(mstr_error_message(error), "memory") != NULL);
    if (code != MSTR_OK && !good) {
        tell(scenario, at, "%s, \"%s\"", mstr_code_name(code), mstr_error_message(error));
    }
}

/* False when fewer than `at` allocations were made. */
static bool fail_at(const struct scenario *scenario, long at, bool for_good)
{
    struct scene scene;
    scene_make(&scene, scenario->stage);
    mstr_error_clear(scene.error);
    allocator_fail(at, for_good);
    enum mstr_code code = scenario->run(&scene);
    bool failed = allocator_succeed();
    check_failure(scenario, at, code, scene.error);
    mstr_error_clear(scene.error);
    code = scenario->run(&scene);
    if (code != MSTR_OK) {
        tell(scenario, at, "%s afterwards, \"%s\"", mstr_code_name(code), mstr_error_message(scene.error));
    }
    scene_drop(&scene);
    return failed;
}

/* Also after a scenario that ended in an assertion. */
static int give_memory(void **state)
{
    (void)state;
    allocator_succeed();
    return 0;
}

/* Whether more is held than before. What threads leave to those that come after them is not: it does not grow. */
static bool has_grown(long *held)
{
    long before = *held;
    *held = allocator_held();
    return *held > before;
}

static void each_allocation_may_fail(void **state)
{
    const struct scenario *scenario = *state;
    faults = 0;
    fail_at(scenario, 0, false); /* what libraries keep for good is there by then */
    long held = allocator_held();
    unsigned descriptors = open_descriptors();
    const long stride = STRIDE * (scenario->stride > 0 ? scenario->stride : 1);
    for (int for_good = 0; for_good < 2; for_good++) {
        bool failed = true;
        for (long at = 1; failed; at += stride) {
            failed = fail_at(scenario, at, for_good != 0);
            bool grows = has_grown(&held);
            for (int again = 0; grows && again < 2; again++) {
                fail_at(scenario, at, for_good != 0);
                grows = has_grown(&held);
            }
            if (grows || open_descriptors() != descriptors) {
                tell(scenario, at, "%s stays behind", grows ? "memory" : "a descriptor");
            }
        }
    }
    assert_int_equal(faults, 0);
}

static bool is_in_a_table(const char *function)
{
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        for (size_t k = 0; tables[i][k].function != NULL; k++) {
            if (strcmp(tables[i][k].function, function) == 0) {
                return (tables[i][k].scenario != NULL) != (tables[i][k].reason != NULL);
            }
        }
    }
    return false;
}

static void every_public_function_has_a_scenario_or_a_reason(void **state)
{
    char path[4096];
    char line[256];
    unsigned functions = 0;
    (void)state;
    snprintf(path, sizeof(path), "%s/core/libmstr.map", getenv("MSTR_SOURCE"));
    FILE *map = fopen(path, "r");
    assert_non_null(map);
    while (fgets(line, sizeof(line), map) != NULL) {
        char name[128];
        if (sscanf(line, " %127[a-z0-9_];", name) == 1 && strncmp(name, "mstr_", 5) == 0) {
            functions++;
            if (!is_in_a_table(name)) {
                fail_msg("%s: add a scenario, or the reason why it needs none, to tests/integration/out_of_memory",
                         name);
            }
        }
    }
    fclose(map);
    assert_true(functions > 100);
}

/* Each scenario is a test, once, however many functions name it. */
static size_t list_tests(struct CMUnitTest tests[SCENARIOS_MAX])
{
    size_t count = 0;
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(every_public_function_has_a_scenario_or_a_reason);
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        for (const struct called *line = tables[i]; line->function != NULL; line++) {
            bool known = line->scenario == NULL;
            for (size_t k = 0; k < count; k++) {
                known = known || tests[k].initial_state == line->scenario;
            }
            if (!known && count < SCENARIOS_MAX) {
                tests[count++] = (struct CMUnitTest){line->scenario->name, each_allocation_may_fail, NULL,
                                                     give_memory, (void *)(uintptr_t)line->scenario};
            }
        }
    }
    return count;
}

/* An argument names the scenarios to run, as a pattern. */
int main(int count, char **arguments)
{
    static const char text[] =
        "[plugins]\npath = " TEST_PLUGINS "\n[provider double]\nplugin = " TEST_PLUGIN "\n"
        "[provider program]\nplugin = exec\nformat = text\ncommand = /bin/echo\n"
        "[provider staying]\nplugin = exec\nprotocol = lines\ncommand = sh -c 'while read -r l; do l=$${l#*:1,*:}; "
        "echo \"{\\\"version\\\":1,\\\"id\\\":$${l%%,*},\\\"results\\\":[{\\\"value\\\":\\\"four\\\"}]}\"; done'\n"
        "[env worker]\nTOKEN = a ${double:x || env:OUT_OF_MEMORY_TEST} $${b}\nOTHER = ${file:/etc/hostname}\n"
        "[profile default]\nbase_url = https://mstr.example/MicroStrategyLibrary/api/\nusername = ${double:user}\n"
        "password = ${double:password}\nproject = ${double:project}\nlogin_fields = {\"a\": 1}\n"
        "no_proxy = a,b\ntimeout = 20s\n"
        "[fleet workers]\nstore = memory\nspace = out-of-memory\n"
        "seal_key = 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
        "[profile worker]\nbase_url = https://mstr.example/MicroStrategyLibrary/api/\nusername = ${double:user}\n"
        "password = ${double:password}\nfleet = workers\n";
    char config[4096];
    static const struct agent_script script = {
        NULL, {"200 OK\r\n\r\n{\"results\":[{\"value\":\"the agent's\",\"fresh_for\":1000}]}"}};
    struct agent_process agent;
    struct CMUnitTest tests[SCENARIOS_MAX];
    size_t scenarios = list_tests(tests);
    cmocka_set_test_filter(count > 1 ? arguments[1] : NULL);
    setenv("OUT_OF_MEMORY_TEST", "{\"name\":\"value\"}", 1);
    agent_process_start(&agent, agent_peer_serve, &script);
    snprintf(config, sizeof(config), "%s[agent]\nsocket = %s\n", text, agent.peer.path);
    config_path = test_file(config, strlen(config));
    int failures = _cmocka_run_group_tests("out_of_memory", tests, scenarios, NULL, NULL);
    agent_process_stop(&agent);
    unlink(config_path);
    free(config_path);
    return failures;
}
