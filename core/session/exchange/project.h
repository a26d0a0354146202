/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding a project by its name: requests name projects as people do, the server wants ids. The names that the server
 * told are kept with the session's state and asked for again when one is not among them.
 */
#ifndef MSTR_SESSION_EXCHANGE_PROJECT_H
#define MSTR_SESSION_EXCHANGE_PROJECT_H

#include "session/session.h"

#include <json-c/json.h>

enum { PROJECT_ID_LENGTH = 32 };

/* GET projects, which belongs to no project. The array is to be released; NULL where the server has none to tell. */
enum mstr_code project_list(mstr_session *session, const struct limits *limits, struct json_object **list,
                            mstr_error *error);
/* Asks for the names and keeps them. */
enum mstr_code project_load(mstr_session *session, const struct limits *limits, mstr_error *error);
/* The id of a project given by name or id, for free(). Asks the server for the names it does not know yet. */
enum mstr_code project_find(mstr_session *session, const char *project, const struct limits *limits, char **id,
                            mstr_error *error);

#endif
