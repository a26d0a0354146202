/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to prompts. */
#include "answers.h"

#include "failure.h"
#include "input.h"
#include "progress.h"
#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The text of a file, kept until the end; NULL with the reason in tool->error. */
static const char *read_file(struct tool *tool, struct answers *answers, const char *path)
{
    char *text = input_read_text(tool, path);
    if (text == NULL) {
        return NULL;
    }
    bool kept = names_copy(&answers->texts, text, strlen(text));
    free(text);
    if (!kept) {
        mstr_error_set(tool->error, MSTR_E_MEMORY, "out of memory");
    }
    return kept ? answers->texts.items[answers->texts.count - 1] : NULL;
}

/* The answer to the prompt of this name, a new one where there is none yet; NULL without memory. */
static mstr_prompt_answer *answer_of(struct answers *answers, const char *name, struct names **values)
{
    size_t i = 0;
    while (i < answers->count && strcmp(answers->items[i].prompt, name) != 0) {
        i++;
    }
    if (i == answers->count) {
        mstr_prompt_answer *items = realloc(answers->items, (i + 1) * sizeof(*items));
        answers->items = items != NULL ? items : answers->items;
        struct names *lists = realloc(answers->values, (i + 1) * sizeof(*lists));
        answers->values = lists != NULL ? lists : answers->values;
        if (items == NULL || lists == NULL) {
            return NULL;
        }
        answers->items[i] = (mstr_prompt_answer)MSTR_PROMPT_ANSWER_INIT;
        answers->items[i].prompt = name;
        answers->values[i] = (struct names){.items = NULL};
        answers->count++;
    }
    *values = &answers->values[i];
    return &answers->items[i];
}

int answers_add(struct tool *tool, struct answers *answers, char *word)
{
    struct names *values = NULL;
    const char *value = names_cut(word, '=');
    if (*word == '\0') {
        return tool_usage(tool, "write an answer to a prompt as NAME=VALUE");
    }
    size_t before = answers->count;
    mstr_prompt_answer *answer = answer_of(answers, word, &values);
    bool closed = answers->count == before && answer != NULL && answer->json == NULL && values->count == 0;
    if (answer != NULL && (answer->json != NULL || closed || (value == NULL && answers->count == before))) {
        return tool_usage(tool, "\"%.80s\" is answered in two ways", word);
    }
    if (answer != NULL && value != NULL && *value == '@') {
        if (values->count > 0) {
            return tool_usage(tool, "\"%.80s\" is answered in two ways", word);
        }
        answer->json = read_file(tool, answers, value + 1);
        return answer->json != NULL ? STATUS_DONE : tool_fail(tool);
    }
    if (value != NULL && value[0] == '\\' && value[1] == '@') {
        value++;
    }
    if (answer == NULL || (value != NULL && !names_add(values, value))) {
        mstr_error_set(tool->error, MSTR_E_MEMORY, "out of memory");
        return tool_fail(tool);
    }
    return STATUS_DONE;
}

int answers_mode(struct tool *tool, struct answers *answers, const char *how)
{
    if (strcmp(how, "default") == 0) {
        answers->defaults = true;
        return STATUS_DONE;
    }
    if (strcmp(how, "ask") == 0) {
        answers->ask = true;
        return terminal_is_there() ? STATUS_DONE : tool_usage(tool, "--prompts ask needs a terminal");
    }
    answers->json = read_file(tool, answers, how);
    return answers->json != NULL ? STATUS_DONE : tool_fail(tool);
}

/* --- asking ------------------------------------------------------------------------------------------------------
 */

/* `Year: Which year? (VALUE NUMERIC, at least 1990, at most 2030; empty = its default)` */
static void put_question(const mstr_prompt *prompt, char *text, size_t size)
{
    bool required = (prompt->flags & MSTR_PROMPT_REQUIRED) != 0;
    bool has_default = (prompt->flags & MSTR_PROMPT_HAS_DEFAULT) != 0;
    bool least = *prompt->minimum != '\0';
    bool most = *prompt->maximum != '\0';
    snprintf(text, size, "%.80s%s%.200s (%.40s%s%.40s%s%.40s%s%.40s%s)",
             *prompt->name != '\0' ? prompt->name : prompt->key, *prompt->title != '\0' ? ": " : "", prompt->title,
             prompt->type, *prompt->data_type != '\0' ? " " : "", prompt->data_type, least ? ", at least " : "",
             prompt->minimum, most ? ", at most " : "", prompt->maximum,
             has_default ? "; empty = its default"
             : required  ? ""
                         : "; empty = none");
}

/* What was typed, in the form that the prompt's type wants. */
static bool take_typed(struct answers *answers, const mstr_prompt *prompt, mstr_prompt_answer *answer)
{
    bool json = strcmp(prompt->type, "EXPRESSION") == 0 || strcmp(prompt->type, "LEVEL") == 0;
    bool one = strcmp(prompt->type, "VALUE") == 0;
    names_release(&answers->chosen);
    if (*answers->typed == '\0') {
        answer->flags = (prompt->flags & MSTR_PROMPT_HAS_DEFAULT) != 0 ? MSTR_ANSWER_DEFAULT : 0;
        return true;
    }
    if (json) {
        answer->json = answers->typed;
        return true;
    }
    bool memory = one ? names_add(&answers->chosen, answers->typed) : names_split(&answers->chosen, answers->typed);
    answer->values = answers->chosen.items;
    answer->value_count = answers->chosen.count;
    return memory;
}

/* As mstr_ask_fn. One question has one answer, so its values need to live no longer than until the next. */
static int ask(const mstr_prompt *prompt, mstr_prompt_answer *answer, void *data)
{
    struct answers *answers = data;
    char question[640];
    bool empty = (prompt->flags & (MSTR_PROMPT_REQUIRED | MSTR_PROMPT_HAS_DEFAULT)) != MSTR_PROMPT_REQUIRED;
    enum mstr_code code = MSTR_OK;
    put_question(prompt, question, sizeof question);
    progress_hold(answers->progress, true);
    do {
        code = terminal_ask_shown(answers->tool, question, answers->typed, sizeof answers->typed);
    } while (code == MSTR_OK && *answers->typed == '\0' && !empty);
    progress_hold(answers->progress, false);
    return code == MSTR_OK && take_typed(answers, prompt, answer) ? 0 : -1;
}

void answers_apply(struct answers *answers, struct tool *tool, struct progress *progress, mstr_table_request *request)
{
    for (size_t i = 0; i < answers->count; i++) {
        answers->items[i].values = answers->values[i].items;
        answers->items[i].value_count = answers->values[i].count;
    }
    answers->tool = tool;
    answers->progress = progress;
    request->answers = answers->items;
    request->answer_count = answers->count;
    request->answers_json = answers->json;
    request->flags |= answers->defaults ? MSTR_TABLE_PROMPT_DEFAULTS : 0;
    request->ask = answers->ask ? ask : NULL;
    request->ask_data = answers;
}

void answers_release(struct answers *answers)
{
    for (size_t i = 0; i < answers->count; i++) {
        names_release(&answers->values[i]);
    }
    names_release(&answers->texts);
    names_release(&answers->chosen);
    free(answers->items);
    free(answers->values);
}
