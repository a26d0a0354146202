/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of exec: programs, read while memory runs out. */
#include "builtin/exec_answer.h"
#include "builtin/exec_stream.h"

#include "unit/memory.h"

static enum mstr_code read_answer(const char *text, size_t length, struct mstr_error *error)
{
    const char *fault = NULL;
    struct json_object *answer = NULL;
    struct exec_result result = {.value = BUFFER_INIT};
    struct json_object *results = exec_read_answer(text, length, 1, &answer, &fault);
    fault = results != NULL ? exec_read_result(results, 0, &result) : fault;
    bool good = results != NULL && fault == NULL && !result.value.failed;
    bool memory = results == NULL ? fault == NULL : result.value.failed;
    buffer_release(&result.value);
    json_release(answer);
    return good ? MSTR_OK : host->error_set(error, memory ? MSTR_E_MEMORY : MSTR_E_PLUGIN, "out of memory");
}

static void answers_without_memory_are_told_as_that(void **state)
{
    (void)state;
    assert_tells_memory(read_answer, "{\"version\":1,\"results\":[{\"value_base64\":\"eA==\"}]}");
}

static enum mstr_code read_stream(const char *text, size_t length, struct mstr_error *error)
{
    struct exec_stream stream = {.limit = 100};
    const char *fault = NULL;
    bool broken = true;
    int64_t id = 0;
    struct json_object *answer = NULL;
    char *room = exec_stream_room(&stream);
    if (room != NULL) {
        memcpy(room, text, length);
        exec_stream_came(&stream, length);
        answer = exec_stream_next(&stream, &id, &broken, &fault);
    }
    bool good = answer != NULL && id == 1;
    json_release(answer);
    exec_stream_release(&stream);
    return good ? MSTR_OK : host->error_set(error, fault == NULL ? MSTR_E_MEMORY : MSTR_E_PLUGIN, "out of memory");
}

static void lines_without_memory_are_told_as_that(void **state)
{
    (void)state;
    assert_tells_memory(read_stream, "{\"version\":1,\"id\":1,\"results\":[{\"value\":\"x\"}]}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_without_memory_are_told_as_that),
        cmocka_unit_test(lines_without_memory_are_told_as_that),
    };
    return cmocka_run_group_tests(tests, fake_host_setup, fake_host_teardown);
}
