/* SPDX-License-Identifier: Apache-2.0 */
/* The programs that one conversation has, one after another. */
#include "builtin/exec_restart.h"

#include "builtin/exec_outcome.h"
#include "sdk/host.h"

#include <signal.h>
#include <stdlib.h>

/* A program that has ended twice without an answer is left in peace so long, ms, and twice as long each further
 * time. */
enum { QUIET_FIRST = 250, QUIET_MOST = 30 * 1000 };

/* Where nobody is about to read what is left, its pipes need not stay open until somebody asks again. */
static void on_end(struct exec_program *program)
{
    struct talk *talk = program->speaker;
    if (talk->asks == NULL && !talk->led) {
        talk->heard = true;
        child_close(&program->child.input);
        child_close(&program->child.output);
    }
    talk_wake_all(talk);
}

/* What became of a program, as its callers are told. MSTR_OK where it owed nothing, however it has ended. */
static enum mstr_code describe_end(const struct talk *talk, struct buffer *text)
{
    const struct exec_program *program = talk->program;
    char end[EXEC_END_SIZE];
    const char *failed = exec_describe_end(&program->result, end);
    const char *said = exec_stream_is_within_line(&talk->in) ? "" : buffer_text(&program->result.errors);
    enum mstr_code code = exec_class_of_end(&program->result);
    if (talk->fault_code == MSTR_E_MEMORY) {
        buffer_printf(text, "out of memory for what program %s prints", talk_program(talk));
        return talk->fault_code;
    }
    if (talk->fault_code != MSTR_OK) {
        buffer_printf(text, "program %s gave an answer that %s, and %s killed", talk_program(talk), talk->fault,
                      program->result.left_behind ? "could not be" : "was");
        return talk->fault_code;
    }
    if (program->mute) {
        exec_describe(text, talk_program(talk),
                      program->result.left_behind ? "did not answer in time, and could not be killed"
                                                  : "did not answer in time and was killed",
                      said);
        return MSTR_E_TIMEOUT;
    }
    if (program->owed == 0) {
        return MSTR_OK;
    }
    if (program->killed && program->result.signal == SIGKILL) { /* it was told to end for that */
        failed = "closed its output without an answer, and was killed";
    }
    exec_describe(text, talk_program(talk), failed != NULL ? failed : "ended without an answer", said);
    return code == MSTR_E_UNEXPECTED || code == MSTR_E_NOT_FOUND ? MSTR_E_UNAVAILABLE : code;
}

/* The program has ended badly: the next one may have to wait. */
static void count_failure(struct talk *talk, enum mstr_code code, const struct buffer *text)
{
    talk->failures++;
    if (talk->failures > 1) {
        const unsigned doublings = talk->failures - 2;
        const int64_t quiet = doublings < 8 ? QUIET_FIRST << doublings : QUIET_MOST;
        talk->quiet_until = host->monotonic() + (quiet < QUIET_MOST ? quiet : QUIET_MOST);
    }
    talk->why_code = code;
    host->error_set(talk->why, code, "%s", buffer_text(text));
}

void talk_settle(struct talk *talk)
{
    struct buffer text = BUFFER_INIT;
    enum mstr_code code = describe_end(talk, &text);
    const bool once_more = talk->fault_code == MSTR_OK && (talk->useful || talk->program->mute);
    code = text.failed ? MSTR_E_MEMORY : code;
    if (code != MSTR_OK) {
        count_failure(talk, code, &text);
    }
    for (struct ask *ask = talk->asks; ask != NULL; ask = ask->next) {
        if (ask->sent && !ask->done && once_more && !ask->again) {
            ask->sent = false;
            ask->again = true;
        } else if (ask->sent && !ask->done) {
            ask_conclude(ask,
                         host->error_set(ask->error, code, "%s", text.failed ? "out of memory" : buffer_text(&text)));
        }
    }
    exec_program_free(talk->program);
    talk->program = NULL;
    talk->late_count = 0;
    talk->heard = talk->useful = false;
    talk->fault_code = MSTR_OK;
    talk->out_sent = 0;
    buffer_clear(&talk->out);
    exec_stream_clear(&talk->in);
    buffer_release(&text);
    talk_wake_all(talk);
}

static enum mstr_code start_program(struct talk *talk, struct exec_program **out, struct mstr_error *error)
{
    struct process_spec spec = exec_command_spec(talk->command, (const char *const *)talk->command->argv);
    struct exec_program *program = calloc(1, sizeof(*program));
    if (program == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    *program = (struct exec_program){
        .mutex = &talk->mutex, .on_end = on_end, .speaker = talk, .idle_after = talk->idle, .child = CHILD_NONE};
    spec.converses = true;
    enum mstr_code code = exec_command_check(talk->command, error);
    if (code == MSTR_OK) {
        code = exec_program_start(program, &spec, error);
    }
    if (code != MSTR_OK) {
        free(program);
        return code;
    }
    *out = program;
    return MSTR_OK;
}

void talk_begin(struct talk *talk, struct ask *ask)
{
    struct exec_program *program = NULL;
    if (host->monotonic() < talk->quiet_until) {
        host->error_copy(ask->error, talk->why);
        host->error_detail(ask->error, MSTR_DETAIL_HINT,
                           "it has ended several times, and is started again in a while");
        ask_conclude(ask, talk->why_code);
        return;
    }
    talk->starting = true;
    pthread_mutex_unlock(&talk->mutex);
    enum mstr_code code = start_program(talk, &program, ask->error);
    pthread_mutex_lock(&talk->mutex);
    talk->starting = false;
    talk->program = program;
    if (code != MSTR_OK) {
        ask_conclude(ask, code);
    }
    talk_wake_all(talk);
}
