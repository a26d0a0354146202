/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prompts of an instance: what is given for them is put in, round after round, as answers bring about other prompts;
 * those that nothing answers are asked for, take their defaults, are closed, or make a list that is the error. Used
 * by one thread at a time.
 */
#ifndef MSTR_SESSION_TABLE_PROMPTS_H
#define MSTR_SESSION_TABLE_PROMPTS_H

#include "session/table/report.h"

#include <json-c/json.h>
#include <mstr/table.h>

struct prompts {
    const mstr_table_request *request; /* its answers, flags and who is asked */
    bool *used;                        /* of the request's answers */
    struct json_object *given;         /* the request's own JSON; NULL = none */
    struct json_object *given_list;    /* in it */
    mstr_prompt *items;                /* all that were met */
    size_t count;
    struct json_object **trees; /* what their texts are of */
    size_t tree_count;
};

/* Borrows the request. MSTR_E_USAGE where its JSON is none. To be released in each case. */
enum mstr_code prompts_init(struct prompts *prompts, const mstr_table_request *request, mstr_error *error);
/* Forgets what was answered, for another instance. */
void prompts_again(struct prompts *prompts);
/* Answers until none are open. MSTR_E_USAGE where some are left, or an answer is for none of them. */
enum mstr_code prompts_answer(struct prompts *prompts, struct report *instance, mstr_error *error);
/* Asks which ones the report begins with, without an instance. */
enum mstr_code prompts_list(struct prompts *prompts, struct report *instance, mstr_error *error);
void prompts_release(struct prompts *prompts);

#endif
