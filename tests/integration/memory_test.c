/* SPDX-License-Identifier: Apache-2.0 */
/* Where the secrets of a session are in the process's memory: while it is open nowhere that a core dump shows, and
 * after it nowhere at all. The test itself knows them only with every octet masked. */
#include "support/agent_process.h"
#include "support/context.h"
#include "support/memory_search.h"
#include "support/simulator.h"
#include "support/unit.h"

#include <mstr/mstr.h>
#include <stdio.h>
#include <string.h>

enum { MASK = 0x15, PATH = 512 };

/* What the simulator's seed holds, masked. */
static const struct canary {
    const char *name;
    const char *masked;
} canaries[] = {
    {"the password", "F|x`y-8t{tylfa"},
    {"the API key of the same secret", "f|x8te|8az~p{8t{tylfa"},
    {"the AWS secret key", "f|x`ytazgFpvgpa^pl:%%%%%%%%%%%%%%%%%%%%%$"},
};
static const char *const services[] = {"", "-tls"};

static struct simulator *sim;
static char key_file[PATH];

/* The AWS keys, in a file; what unmasks them does not stay in memory. */
static int start(void **state)
{
    char octet;
    (void)state;
    sim = simulator_start(NULL, SIMULATOR_TLS);
    snprintf(key_file, sizeof(key_file), "%s/credentials", simulator_url(sim, "directory"));
    FILE *file = fopen(key_file, "w");
    assert_non_null(file);
    setvbuf(file, NULL, _IONBF, 0);
    fputs("[default]\naws_access_key_id = AKIASIMULATOR0000001\naws_secret_access_key = ", file);
    for (const char *masked = canaries[2].masked; *masked != '\0'; masked++) {
        octet = (char)(*masked ^ MASK);
        fputc(octet, file);
    }
    fclose(file);
    setenv("AWS_SHARED_CREDENTIALS_FILE", key_file, 1);
    setenv("AWS_CONFIG_FILE", "/dev/null", 1);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    unlink(key_file);
    simulator_stop(sim);
    return 0;
}

static mstr_context *make_context(const char *service)
{
    char config[2048];
    char aws[32];
    char mstr[32];
    snprintf(aws, sizeof(aws), "aws%s", service);
    snprintf(mstr, sizeof(mstr), "mstr%s", service);
    snprintf(config, sizeof(config),
             "[plugins]\npath = %s\n[provider aws-sm]\nregion = us-east-1\nendpoint = %s\nca_file = %s\n"
             "[profile default]\nbase_url = %s\nca_file = %s\nusername = ${aws-sm:prod/mstr#username}\n"
             "password = ${aws-sm:prod/mstr#password}\n",
             getenv("MSTR_PLUGINS"), simulator_url(sim, aws), simulator_url(sim, "ca"), simulator_url(sim, mstr),
             simulator_url(sim, "ca"));
    return test_context(config);
}

static mstr_session *open_session(mstr_context *context)
{
    mstr_session *session = NULL;
    mstr_response *response = NULL;
    mstr_error *error = mstr_error_new();
    enum mstr_code code = mstr_session_new(context, NULL, &session, error);
    code = code == MSTR_OK ? mstr_session_open(session, NULL, error) : code;
    code = code == MSTR_OK ? mstr_session_get(session, "projects", &response, error) : code;
    if (code != MSTR_OK) {
        fail_msg("%s", mstr_error_message(error));
    }
    mstr_response_free(response);
    mstr_error_free(error);
    return session;
}

/* What the others rely on: a careless copy would be seen. */
static void search_finds_a_copy_on_the_heap(void **state)
{
    (void)state;
    size_t length = strlen(canaries[0].masked);
    char *copy = strdup(canaries[0].masked);
    for (size_t i = 0; i < length; i++) {
        copy[i] ^= MASK;
    }
    assert_true(memory_search_dumped(canaries[0].masked, length, MASK) > 0);
    explicit_bzero(copy, length);
    free(copy);
    assert_int_equal(memory_search_masked(canaries[0].masked, length, MASK), 0);
}

/* The cached secret is in memory, though in no core dump. */
static void secrets_of_an_open_session_are_in_no_core_dump(void **state)
{
    (void)state;
    for (size_t s = 0; s < COUNT_OF(services); s++) {
        mstr_context *context = make_context(services[s]);
        mstr_session *session = open_session(context);
        assert_true(memory_search_masked(canaries[0].masked, strlen(canaries[0].masked), MASK) > 0);
        for (size_t i = 0; i < COUNT_OF(canaries); i++) {
            size_t found = memory_search_dumped(canaries[i].masked, strlen(canaries[i].masked), MASK);
            if (found != 0) {
                fail_msg("aws%s: a core dump would hold %s %zu times", services[s], canaries[i].name, found);
            }
        }
        mstr_session_free(session);
        mstr_context_free(context);
    }
}

static void nothing_is_left_of_secrets_when_the_session_is_over(void **state)
{
    (void)state;
    for (size_t s = 0; s < COUNT_OF(services); s++) {
        mstr_context *context = make_context(services[s]);
        mstr_session_free(open_session(context));
        mstr_context_free(context);
        for (size_t i = 0; i < COUNT_OF(canaries); i++) {
            size_t found = memory_search_masked(canaries[i].masked, strlen(canaries[i].masked), MASK);
            if (found != 0) {
                fail_msg("aws%s: %s is still there %zu times", services[s], canaries[i].name, found);
            }
        }
    }
}

/* "staying-canary-0123", which the program puts together. */
static void what_a_program_that_stays_answered_is_in_no_core_dump_and_gone_with_the_context(void **state)
{
    static const char masked[] = "fatl|{r8vt{tgl8%$'&";
    mstr_secret *secret = NULL;
    (void)state;
    mstr_context *context = test_context(
        "[provider x]\nplugin = exec\nprotocol = lines\ncommand = sh -c 'while read -r l; do l=$${l#*:1,*:}; "
        "a=staying; "
        "echo \"{\\\"version\\\":1,\\\"id\\\":$${l%%,*},\\\"results\\\":[{\\\"value\\\":\\\"$a-canary-0123\\\"}]}\"; "
        "done'\n");
    assert_int_equal(mstr_context_get(context, "x:y", NULL, &secret, NULL), MSTR_OK);
    assert_int_equal(memory_search_dumped(masked, sizeof(masked) - 1, MASK), 0);
    assert_true(memory_search_masked(masked, sizeof(masked) - 1, MASK) > 0);
    mstr_secret_release(secret);
    mstr_context_free(context);
    assert_int_equal(memory_search_masked(masked, sizeof(masked) - 1, MASK), 0);
}

/* "agents-canary-0123", which is unmasked in the agent's process alone. */
static const char of_agent[] = "trp{af8vt{tgl8%$'&";

static void answer_canary(struct local_peer *peer, int fd, unsigned connection)
{
    char reply[128];
    char value[sizeof(of_agent)] = "";
    (void)connection;
    for (size_t i = 0; i < sizeof(of_agent) - 1; i++) {
        value[i] = (char)(of_agent[i] ^ MASK);
    }
    snprintf(reply, sizeof(reply), "200 OK\r\n\r\n{\"results\":[{\"value\":\"%s\",\"fresh_for\":60000}]}", value);
    while (local_peer_request(peer, fd)) {
        agent_peer_reply(fd, strncmp(peer->head, "GET ", 4) == 0 ? AGENT_STATUS("1", "abc") : reply);
    }
}

static void what_an_agent_answered_is_in_no_core_dump_and_gone_with_the_context(void **state)
{
    char config[512];
    struct agent_process agent;
    mstr_secret *secret = NULL;
    (void)state;
    agent_process_start(&agent, answer_canary, NULL);
    snprintf(config, sizeof(config), "[plugins]\npath = %s\n[agent]\nuse = require\nsocket = %s\n",
             getenv("MSTR_PLUGINS"), agent.peer.path);
    mstr_context *context = test_context(config);
    assert_int_equal(mstr_context_get(context, "aws-sm:x", NULL, &secret, NULL), MSTR_OK);
    assert_int_equal(memory_search_dumped(of_agent, sizeof(of_agent) - 1, MASK), 0);
    assert_true(memory_search_masked(of_agent, sizeof(of_agent) - 1, MASK) > 0);
    mstr_secret_release(secret);
    mstr_context_free(context);
    assert_int_equal(memory_search_masked(of_agent, sizeof(of_agent) - 1, MASK), 0);
    agent_process_stop(&agent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(search_finds_a_copy_on_the_heap),
        cmocka_unit_test(secrets_of_an_open_session_are_in_no_core_dump),
        cmocka_unit_test(nothing_is_left_of_secrets_when_the_session_is_over),
        cmocka_unit_test(what_a_program_that_stays_answered_is_in_no_core_dump_and_gone_with_the_context),
        cmocka_unit_test(what_an_agent_answered_is_in_no_core_dump_and_gone_with_the_context),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
