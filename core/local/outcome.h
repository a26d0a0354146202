/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of a request over a Unix socket, by what its sender may do next.
 */
#ifndef MSTR_LOCAL_OUTCOME_H
#define MSTR_LOCAL_OUTCOME_H

#define LOCAL_STEP_ANSWER "answer" /* of the failure of LOCAL_CUT */

enum local_outcome {
    LOCAL_ANSWERED, /* whatever the status */
    LOCAL_ABSENT,   /* nobody listens, or whoever does says nothing: nothing was done */
    LOCAL_FOREIGN,  /* the listener is another user: nothing was sent */
    LOCAL_BROKEN,   /* the connection ended, or what came is no answer: it is not known what was done */
    LOCAL_CUT,      /* so, but within a body that was being handed on: there is an answer, and its end is missing */
    LOCAL_ENDED,    /* by the caller's limits, or its reader or writer */
    LOCAL_NO_MEMORY
};

#endif
