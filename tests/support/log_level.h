/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of log levels, in which tests note what was logged.
 */
#ifndef MSTR_TESTS_SUPPORT_LOG_LEVEL_H
#define MSTR_TESTS_SUPPORT_LOG_LEVEL_H

static const char *const log_levels[] = {"error", "warn", "info", "debug", "trace"};

#endif
