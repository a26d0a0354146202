/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the examples of the completion queue do, whichever event loop drives it: open the session of the default
 * profile, ask for two things at once, tell the status of each as it comes, and close the session again.
 */
#ifndef WORK_H
#define WORK_H

struct work;

/* Begins; NULL, and a line on standard error, where it cannot. */
struct work *work_begin(void);
/* A descriptor that is readable as long as there is something for work_go_on() to take. */
int work_fd(const struct work *work);
/* Takes all that has come and submits what follows from it; 0 once there is nothing more to come. Never blocks. */
int work_go_on(struct work *work);
/* Frees, at any time: what is under way is cancelled. The exit status of the program. */
int work_end(struct work *work);

#endif
