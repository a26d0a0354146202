/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said between a caller and the agent to resolve references (contract of the agent, POST /v1/resolve): the
 * question, and the outcomes in its answer. Texts that may be secret are wiped. Pure.
 */
#ifndef MSTR_RESOLVE_AGENT_WORDS_H
#define MSTR_RESOLVE_AGENT_WORDS_H

#include "base/buffer.h"
#include "resolve/fetch.h"

struct json_object;

/* Appends the question's references, without their fields, and the fingerprints ("SCHEME":{…},…) of their schemes. */
void agent_words_ask(const struct reference *const *references, size_t count, bool refresh, const char *fingerprints,
                     struct buffer *json);

/* Takes an answer apart: an array of `count` outcomes, to be released with json_release(), which *outcomes is within.
 * MSTR_E_PROTOCOL for anything else; MSTR_E_MEMORY. */
enum mstr_code agent_words_read(const char *text, size_t length, size_t count, struct json_object **tree,
                                struct json_object **outcomes);
/* One outcome. *fetched is borrowed of `error` and of the secret, which is to be released by the caller. */
void agent_words_outcome(struct json_object *outcome, struct fetched *fetched, mstr_error *error);
/* Whether it is a failure because somebody would have to be asked, which the agent cannot do. */
bool agent_words_needs_person(struct json_object *outcome);

/* What a refusal of the whole request comes to: its class, told with what the agent says about it. */
enum mstr_code agent_words_refusal(int status, const char *text, size_t length, mstr_error *error);
/* What the agent itself has to tell of a request of a session, as the error of a request of one's own. MSTR_OK where
 * it has told no error so, or that the session has ended, which is a server's to say. */
enum mstr_code agent_words_failure(const char *text, size_t length, mstr_error *error);
/* Of a 409, which scheme or profile (`what`) and which setting differ; both are appended. False if it does not
 * say. */
bool agent_words_difference(const char *text, size_t length, struct buffer *what, struct buffer *setting);
/* The same in words: which setting of what the agent has otherwise, and what to do where nobody has set it. Appended
 * behind "the agent", or told whole. */
void agent_words_put_difference(struct buffer *out, const char *what, const char *setting);
enum mstr_code agent_words_tell_difference(const char *what, const char *setting, mstr_error *error);

#endif
