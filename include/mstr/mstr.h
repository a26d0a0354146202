/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mstr.h
 * @brief All of libmstr's public interface.
 *
 * @mainpage
 * MicroStrategy REST sessions whose credentials stay in a secret store. A program makes a context (context.h), a
 * session from it (session.h), and sends requests (request.h); provider.h is for whoever writes a provider.
 *
 * What holds for every function, unless it says otherwise:
 * - **Failures** are classes of enum mstr_code; the story is told in the `mstr_error *` at the end, or to nobody if
 *   that is NULL. Where memory runs out it is MSTR_E_MEMORY, for a structure that does not fit MSTR_E_USAGE.
 * - **Ownership**: what a pointer to const points to is borrowed until the function returns. What is written through
 *   a pointer to a pointer to a mstr_… type is the caller's, to be freed by the function that is named there, and
 *   NULL when the function fails. Texts that are returned belong to what they were asked of.
 * - **NULL** is accepted where it is said, and by every function that frees.
 * - **Threads**: a function may be called from any thread, and by many at once; what an object allows is said where
 *   its type is. Callbacks run without a lock held.
 * - **Limits**: nothing blocks past the timeout of its call, and mstr_cancel_now() ends it.
 * - **Units**: times are milliseconds, lengths octets without the NUL behind them, texts UTF-8.
 */
#ifndef MSTR_MSTR_H
#define MSTR_MSTR_H

#include <mstr/arrow.h>
#include <mstr/changeset.h>
#include <mstr/context.h>
#include <mstr/credential.h>
#include <mstr/document.h>
#include <mstr/error.h>
#include <mstr/event.h>
#include <mstr/execution.h>
#include <mstr/fleet.h>
#include <mstr/paging.h>
#include <mstr/persistence.h>
#include <mstr/pool.h>
#include <mstr/provider.h>
#include <mstr/queue.h>
#include <mstr/request.h>
#include <mstr/secret.h>
#include <mstr/session.h>
#include <mstr/table.h>
#include <mstr/transport.h>
#include <mstr/upload.h>
#include <mstr/uri.h>
#include <mstr/version.h>

#endif
