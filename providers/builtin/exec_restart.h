/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs that one conversation has, one after another: each is started when it is wanted, and forgotten when it
 * has ended, with what became of it told to those who waited. One that ends again and again without an answer is left
 * in peace for a while, longer each time. Under the conversation's mutex.
 */
#ifndef MSTR_PROVIDERS_BUILTIN_EXEC_RESTART_H
#define MSTR_PROVIDERS_BUILTIN_EXEC_RESTART_H

#include "builtin/exec_talk.h"

/* Starts a program, where there is none, nobody is about to, and one may be; else the call fails. Lets go of the
 * mutex meanwhile. */
void talk_begin(struct talk *talk, struct ask *ask);
/* Forgets a program whose end was seen, and all of whose answers are read. Those who wait for more of them are told;
 * but they ask the next one, once, where this one had answered before, since it may have been about to end by itself,
 * or where it was killed for the silence that others met. */
void talk_settle(struct talk *talk);

#endif
