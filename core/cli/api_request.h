/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `mstr api` sends, out of its words and where they lead: method, headers, query, path and body.
 */
#ifndef MSTR_CLI_API_REQUEST_H
#define MSTR_CLI_API_REQUEST_H

#include "options.h"
#include "tool.h"

enum { API_PAIRS_MAX = 64, API_PATH_SIZE = 8192 };

/* Where the body of a refusal goes. */
enum error_body { ERROR_BODY_AUTO, ERROR_BODY_STDOUT, ERROR_BODY_STDERR, ERROR_BODY_NONE };

/* Begin with {.wire = MSTR_SESSION_REQUEST_INIT, .reader = MSTR_READER_INIT}. */
struct api_request {
    mstr_session_request wire;
    struct mstr_header headers[API_PAIRS_MAX];
    struct mstr_header query[API_PAIRS_MAX];
    const char *data;   /* of -d, or NULL */
    char *body;         /* read from standard input, to be freed */
    mstr_reader reader; /* of a file, whose descriptor is to be closed */
    struct tool source; /* as the run's, with an error of its own, for what is read while the request is sent */
    const char *arguments[API_PAIRS_MAX]; /* of the path's pattern */
    size_t argument_count;
    char path[API_PATH_SIZE];
    const char *pointer; /* to the member that is written; NULL = the whole answer */
    enum error_body error_body;
    bool show_headers;
    bool paginate;
};

extern const struct option api_request_options[];

/* Reads all words, then standard input where the body is there; STATUS_DONE, or a status after having told what is
 * wrong. To be released in each case. */
int api_request_read(struct tool *tool, struct arguments *arguments, struct api_request *request);
void api_request_release(struct api_request *request);

#endif
