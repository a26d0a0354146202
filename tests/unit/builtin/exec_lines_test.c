/* SPDX-License-Identifier: Apache-2.0 */
/* providers/builtin/exec_lines.c */
#include "support/entries.h"
#include "support/serving_program.h"

#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void one_process_answers_many_calls(void **state)
{
    (void)state;
    struct serving serving;
    serving_start(&serving, "answer $$", "");

    long process = serving_number(&serving, "x:a");
    for (int i = 0; i < 10; i++) {
        assert_int_equal(serving_number(&serving, "x:a"), process);
    }

    mstr_context_free(serving.context);
    serving_await_end(process);
    folder_remove(&serving.folder);
}

static void a_question_tells_what_is_wanted_and_for_how_long(void **state)
{
    (void)state;
    struct serving serving;
    char path[256];
    char text[512] = "";
    mstr_lookup lookups[] = {{.reference = "x:a\"?k=v"}, {.reference = "x:b"}};
    serving_start(&serving,
                  "echo \"$line\" > $FOLDER/seen\n"
                  "echo \"{\\\"version\\\":1,\\\"id\\\":$id,\\\"results\\\":[{\\\"value\\\":\\\"1\\\"},"
                  "{\\\"error\\\":{\\\"class\\\":\\\"not-found\\\"}}]}\"",
                  "timeout = 7s");

    assert_int_equal(mstr_context_get_many(serving.context, lookups, 2, sizeof(mstr_lookup), NULL), MSTR_E_NOT_FOUND);

    assert_string_equal(mstr_secret_octets(lookups[0].secret), "1");
    FILE *file = fopen(folder_path(&serving.folder, "seen", path), "r");
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(text,
                        "{\"version\":1,\"id\":1,\"timeout\":7000,\"references\":[{\"body\":\"a\\\"\",\"query\":"
                        "{\"k\":\"v\"}},{\"body\":\"b\",\"query\":{}}]}\n");
    mstr_secret_release(lookups[0].secret);
    serving_end(&serving);
}

/* A call on a thread of its own. */
struct beside {
    pthread_t thread;
    mstr_context *context;
    const char *reference;
    mstr_cancel *cancel;
    enum mstr_code code;
    mstr_secret *secret;
    bool done; /* atomic */
};

static void *get_beside(void *data)
{
    struct beside *beside = data;
    mstr_call_options options = MSTR_CALL_OPTIONS_INIT;
    options.cancel = beside->cancel;
    beside->code = mstr_context_get(beside->context, beside->reference, &options, &beside->secret, NULL);
    __atomic_store_n(&beside->done, true, __ATOMIC_RELEASE);
    return NULL;
}

static void beside_start(struct beside *beside, const struct serving *serving, const char *reference)
{
    beside->context = serving->context;
    beside->reference = reference;
    assert_int_equal(pthread_create(&beside->thread, NULL, get_beside, beside), 0);
}

static void beside_assert_value(struct beside *beside, const char *value)
{
    pthread_join(beside->thread, NULL);
    assert_int_equal(beside->code, MSTR_OK);
    assert_string_equal(mstr_secret_octets(beside->secret), value);
    mstr_secret_release(beside->secret);
}

/* Three questions are taken before the first is answered, last. */
static void answers_may_come_in_any_order(void **state)
{
    (void)state;
    struct serving serving;
    struct beside asked[3] = {{.reference = NULL}};
    serving_start(&serving,
                  "a=$id A=$body; next; b=$id B=$body; next; answer $body; answer_to $b $B; answer_to $a $A", "");

    beside_start(&asked[0], &serving, "x:one");
    beside_start(&asked[1], &serving, "x:two");
    beside_start(&asked[2], &serving, "x:three");

    beside_assert_value(&asked[0], "one");
    beside_assert_value(&asked[1], "two");
    beside_assert_value(&asked[2], "three");
    serving_end(&serving);
}

/* A program that meets "poison" answers one more question, and ends. */
static void a_question_is_not_put_to_a_third_program(void **state)
{
    (void)state;
    struct serving serving;
    struct beside poison = {.cancel = NULL};
    serving_start(&serving, "[ $body != poison ] || { next; answer $body; exit 1; }\nanswer $body", "");
    beside_start(&poison, &serving, "x:poison");

    while (!__atomic_load_n(&poison.done, __ATOMIC_ACQUIRE)) {
        assert_text(serving.context, "x:good", "good");
    }

    pthread_join(poison.thread, NULL);
    assert_int_equal(poison.code, MSTR_E_UNAVAILABLE);
    serving_end(&serving);
}

static void an_answer_after_the_deadline_is_passed_over(void **state)
{
    (void)state;
    struct serving serving;
    mstr_call_options options = MSTR_CALL_OPTIONS_INIT;
    mstr_secret *secret = NULL;
    mstr_error *error = mstr_error_new();
    options.timeout = 50;
    serving_start(&serving,
                  "[ $body != late ] || { late=$id; next; answer_to $late late; }\n"
                  "answer $$",
                  "");
    long process = serving_number(&serving, "x:a");

    assert_int_equal(mstr_context_get(serving.context, "x:late", &options, &secret, error), MSTR_E_TIMEOUT);

    assert_non_null(strstr(mstr_error_message(error), "did not answer in time"));
    assert_int_equal(serving_number(&serving, "x:b"), process);
    mstr_error_free(error);
    serving_end(&serving);
}

static void a_cancelled_call_leaves_the_others_alone(void **state)
{
    (void)state;
    struct serving serving;
    struct beside waiting = {.cancel = mstr_cancel_new()};
    struct beside other = {.cancel = NULL};
    serving_start(&serving, "if [ $body = never ]; then : > $FOLDER/taken; else answer $body; fi", "");
    beside_start(&waiting, &serving, "x:never");
    beside_start(&other, &serving, "x:other");

    beside_assert_value(&other, "other");
    mstr_cancel_now(waiting.cancel);

    pthread_join(waiting.thread, NULL);
    assert_int_equal(waiting.code, MSTR_E_CANCELLED);
    assert_text(serving.context, "x:more", "more");
    mstr_cancel_free(waiting.cancel);
    serving_end(&serving);
}

static void an_idle_program_is_ended_and_started_anew(void **state)
{
    (void)state;
    struct serving serving;
    const int before = count_descriptors();
    serving_start(&serving, "answer $$", "idle = 50ms");

    long process = serving_number(&serving, "x:a");
    serving_await_end(process);

    assert_int_not_equal(serving_number(&serving, "x:a"), process);
    serving_end(&serving);
    assert_int_equal(count_descriptors(), before);
}

static void an_idle_program_leaves_no_descriptors(void **state)
{
    (void)state;
    struct serving serving;
    const int before = count_descriptors();
    serving_start(&serving, "answer $$", "idle = 50ms");
    serving_await_end(serving_number(&serving, "x:a"));
    while (count_descriptors() > before) {
        poll(NULL, 0, 1); /* they are closed after its end */
    }
    serving_end(&serving);
}

static void a_question_larger_than_any_pipe_is_taken_by_a_slow_reader(void **state)
{
    enum { COUNT = 400, LENGTH = 1500 };
    static char references[COUNT][LENGTH];
    static mstr_lookup lookups[COUNT];
    (void)state;
    struct serving serving;
    for (size_t i = 0; i < COUNT; i++) {
        memset(references[i], 'x', LENGTH - 1);
        memcpy(references[i], "x:", 2);
        snprintf(references[i] + 2, 8, "%zu", i);
        references[i][2 + strlen(references[i] + 2)] = '-';
        lookups[i] = (mstr_lookup){.reference = references[i]};
    }
    serving_start(&serving, "", "");
    folder_write(&serving.folder, "program", "sleep 0.1; head -n 1 > ${0%program}question; exit 5\n");

    assert_int_equal(mstr_context_get_many(serving.context, lookups, COUNT, sizeof(mstr_lookup), NULL),
                     MSTR_E_DENIED);

    char path[256];
    struct stat status;
    assert_int_equal(stat(folder_path(&serving.folder, "question", path), &status), 0);
    assert_true(status.st_size > COUNT * LENGTH);
    serving_end(&serving);
}

/* The program lives as long as the process that started it, however that ends, and whoever came of it by fork(). */
static void the_program_does_not_outlive_its_host(void **state)
{
    (void)state;
    struct serving serving;
    int told[2];
    int held[2];
    long process = 0;
    serving_start(&serving, "answer $$", "");
    assert_int_equal(pipe(told), 0);
    assert_int_equal(pipe(held), 0);
    pid_t host = fork();
    if (host == 0) {
        process = serving_number(&serving, "x:a");
        close(held[1]);
        if (fork() == 0) {
            _exit((int)read(held[0], &process, sizeof(process)));
        }
        _exit(write(told[1], &process, sizeof(process)) != sizeof(process) || pause());
    }
    assert_int_equal(read(told[0], &process, sizeof(process)), sizeof(process));

    kill(host, SIGKILL);
    waitpid(host, NULL, 0);

    char path[64];
    char line[256] = "";
    snprintf(path, sizeof(path), "/proc/%ld/stat", process);
    for (FILE *file = NULL; strstr(line, ") Z ") == NULL && (file = fopen(path, "re")) != NULL;) {
        (void)!fgets(line, sizeof(line), file);
        fclose(file);
    }
    close(held[0]);
    close(held[1]);
    close(told[0]);
    close(told[1]);
    serving_end(&serving);
}

static void a_process_that_came_by_fork_starts_a_program_of_its_own(void **state)
{
    (void)state;
    struct serving serving;
    int status = 0;
#ifdef __SANITIZE_THREAD__
    skip(); /* it lets no process that came by fork() start threads */
#endif
    serving_start(&serving, "answer $$", "");
    long process = serving_number(&serving, "x:a");

    pid_t child = fork();
    if (child == 0) {
        bool good = serving_number(&serving, "x:a") != process;
        mstr_context_free(serving.context);
        _exit(good ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);

    assert_int_equal(status, 0);
    assert_int_equal(serving_number(&serving, "x:a"), process);
    serving_end(&serving);
}

enum { THREADS = 16, CALLS = 40 };

/* The number of wrong answers. */
static void *ask_often(void *data)
{
    const struct serving *serving = data;
    intptr_t wrong = 0;
    for (int i = 0; i < CALLS; i++) {
        char reference[32];
        mstr_call_options options = MSTR_CALL_OPTIONS_INIT;
        mstr_secret *secret = NULL;
        options.timeout = i % 8 == 7 ? 1 : 0;
        snprintf(reference, sizeof(reference), "x:%d-%p", i, (void *)&options);
        enum mstr_code code = mstr_context_get(serving->context, reference, &options, &secret, NULL);
        wrong += code == MSTR_OK ? strcmp(mstr_secret_octets(secret), reference + 2) != 0
                                 : code != MSTR_E_UNAVAILABLE && code != MSTR_E_TIMEOUT;
        mstr_secret_release(secret);
    }
    return (void *)wrong;
}

/* Some give up, and the program ends now and then, with answers that it owes. */
static void many_threads_get_their_own_answers(void **state)
{
    (void)state;
    struct serving serving;
    pthread_t threads[THREADS];
    serving_start(&serving, "n=$((n+1)); [ $n -lt 101 ] || exit 1\necho \"said $body\" >&2\nanswer $body", "");

    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, &serving), 0);
    }

    for (int i = 0; i < THREADS; i++) {
        void *wrong = NULL;
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
    serving_end(&serving);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_program_does_not_outlive_its_host), /* which forks before there are threads */
        cmocka_unit_test(one_process_answers_many_calls),
        cmocka_unit_test(a_question_tells_what_is_wanted_and_for_how_long),
        cmocka_unit_test(answers_may_come_in_any_order),
        cmocka_unit_test(a_question_is_not_put_to_a_third_program),
        cmocka_unit_test(an_answer_after_the_deadline_is_passed_over),
        cmocka_unit_test(a_cancelled_call_leaves_the_others_alone),
        cmocka_unit_test(an_idle_program_is_ended_and_started_anew),
        cmocka_unit_test(an_idle_program_leaves_no_descriptors),
        cmocka_unit_test(a_question_larger_than_any_pipe_is_taken_by_a_slow_reader),
        cmocka_unit_test(a_process_that_came_by_fork_starts_a_program_of_its_own),
        cmocka_unit_test(many_threads_get_their_own_answers),
    };
    return RUN_TESTS("builtin/exec_lines");
}
