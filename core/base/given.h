/*
 * Structures that a program hands over: begun with their initialiser, and without flags that this version does not
 * know. Each public function asks here first, so that all refuse alike.
 */
#ifndef MSTR_BASE_GIVEN_H
#define MSTR_BASE_GIVEN_H

#include "base/error.h"

#include <mstr/context.h>

/* MSTR_E_USAGE, naming `what` ("the request"), for a structure below the size that every version has had, or with
 * flags beside `known`. */
enum mstr_code given_check(const char *what, bool initialised, uint32_t flags, uint32_t known, mstr_error *error);
/* The same for options of a call; NULL is good. */
enum mstr_code given_call(const mstr_call_options *options, mstr_error *error);

#endif
