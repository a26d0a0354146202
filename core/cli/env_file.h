/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of variables, a line each:
 *
 *     line  = *blank [ comment / [ "export" 1*blank ] NAME "=" value ]
 *     value = "'" *char "'" / DQUOTE *( char / "\n" / "\" DQUOTE / "\\" ) DQUOTE / *char
 *
 * A comment begins with "#" and is a line of its own: behind a value it is a part of it. What stands in single quotes
 * is meant as it is. A carriage return at the end of a line, and a byte order mark, are passed over.
 */
#ifndef MSTR_CLI_ENV_FILE_H
#define MSTR_CLI_ENV_FILE_H

#include "tool.h"

/* Hears of a variable; the texts live during the call. MSTR_OK, or the end of the reading. */
typedef enum mstr_code (*env_file_fn)(const char *name, const char *value, bool literal, void *data);

/* Reads a file, each name of which may stand there once. MSTR_E_CONFIG, with file and line in tool->error and nothing
 * of a value; or what each() or the reading failed with. */
enum mstr_code env_file_read(struct tool *tool, const char *path, env_file_fn each, void *data);

#endif
