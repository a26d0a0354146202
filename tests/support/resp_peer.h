/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server that speaks RESP as the test says, octet by octet: the n-th command that comes, over whatever connection,
 * gets the n-th answer. A port of the system's choosing on 127.0.0.1, a thread for each connection.
 */
#ifndef MSTR_TESTS_SUPPORT_RESP_PEER_H
#define MSTR_TESTS_SUPPORT_RESP_PEER_H

#include <openssl/types.h>

struct resp_peer;

/* In place of an answer: ends the connection; says nothing; ends it after the text; gives the text octet by octet. */
#define PEER_CLOSE         "\1"
#define PEER_SILENCE       "\2"
#define PEER_LAST(text)    "\3" text
#define PEER_DRIBBLE(text) "\4" text

/* Answers end with a NULL; commands beyond get the last one again. They stay the caller's. `tls` NULL = plain. */
struct resp_peer *resp_peer_start(const char *const *answers, SSL_CTX *tls);
/* Ends all connections, and waits for their threads. */
void resp_peer_stop(struct resp_peer *peer);
unsigned resp_peer_port(const struct resp_peer *peer);
unsigned resp_peer_connections(struct resp_peer *peer);
/* The commands that came, a line each, their words separated by blanks; valid until the next such question. */
const char *resp_peer_heard(struct resp_peer *peer);

#endif
