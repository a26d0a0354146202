/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file json-c.h
 * @brief Answers as trees of json-c, for programs that use it.
 * @addtogroup mstr_request
 * @{
 */
#ifndef MSTR_JSON_C_H
#define MSTR_JSON_C_H

#include <mstr/request.h>

#ifdef __cplusplus
extern "C" {
#endif

struct json_object;

/**
 * The body as json-c's tree, parsed at the first call. It may be read by many threads with functions that do not
 * change it (json_object_to_json_string() does).
 * @param response  may be NULL
 * @return lives as long as the response, which owns it; NULL if the body is not JSON, or there is no response, and
 *         with errno ENOMEM if memory ran out
 */
MSTR_API struct json_object *mstr_response_json(const mstr_response *response);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
