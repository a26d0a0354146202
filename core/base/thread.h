/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads of the library's own, which leave the program's signals to the program. Stateless; part of the helpers that
 * plugins may compile in.
 */
#ifndef MSTR_BASE_THREAD_H
#define MSTR_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Starts a thread in which every signal is blocked; to be joined. False where there is none to be had. */
bool thread_start(pthread_t *thread, void *(*run)(void *data), void *data);

#endif
