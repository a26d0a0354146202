/* SPDX-License-Identifier: Apache-2.0 */
/* What MicroStrategy answers, good and bad, for the mutator of server_talk_fuzz.c. */
#ifndef MSTR_TESTS_FUZZ_SERVER_TALK_GRAMMAR_H
#define MSTR_TESTS_FUZZ_SERVER_TALK_GRAMMAR_H

#include "talk.h"

#include "../unit/session/table/grids.h"

#define OBJECT "8CCDA29611E943E8B5FB0080EFD5AF44"
#define SECRET "hunter2-hunter2"
#define TOKEN  "token-0123456789abcdef"

#define GRID(rows, columns, pages)                                                                                   \
    "\"definition\":{\"grid\":{\"rows\":[" rows "],\"columns\":[" columns "],\"pageBy\":[" pages "]}}"
#define DATA(heads, column_heads, raw)                                                                               \
    "\"data\":{\"paging\":{\"total\":2,\"limit\":2,\"offset\":0},\"headers\":{\"rows\":" heads                       \
    ",\"columns\":" column_heads "},\"metricValues\":{\"raw\":" raw "}}"

static const char *const talk_first[] = {"200", "200", "200", "201", "202", "204", "302",    "307", "400",
                                         "401", "403", "404", "429", "500", "503", "broken", NULL};
static const char *const talk_headers[] = {"X-MSTR-AuthToken: " TOKEN,
                                           "X-MSTR-AuthToken: token-of-another",
                                           "X-MSTR-AuthToken: ",
                                           "X-MSTR-IdentityToken: identity",
                                           "Set-Cookie: JSESSIONID=1; Path=/; HttpOnly",
                                           "Set-Cookie: a=b; Domain=.example.com; Secure",
                                           "Set-Cookie: JSESSIONID=; Max-Age=0",
                                           "Location: /api/objects",
                                           "Location: https://elsewhere.example/",
                                           "Location: http://127.0.0.1:1/other",
                                           "Retry-After: 1",
                                           "Retry-After: Wed, 21 Oct 2099 07:28:00 GMT",
                                           "Content-Type: application/json",
                                           "Content-Type: text/html",
                                           "x-mstr-total-count: 3",
                                           "X-Mstr-Agent: tried",
                                           "Content-Disposition: attachment; filename=\"a.pdf\"",
                                           NULL};
static const char *const talk_bodies[] = {
    "{\"code\":\"ERR009\",\"message\":\"The user's session has expired\"}",
    "{\"code\":\"ERR003\",\"iServerCode\":-2147216959,\"message\":\"" SECRET " " TOKEN "\",\"ticketId\":\"t\"}",
    "{\"code\":\"ERR004\",\"iServerCode\":-2147468986,\"message\":\"gone\"}",
    "<html>Proxy</html>",
    "[{\"id\":\"B7CA92F04B9FAE8D941C3E9B7E0CD754\",\"name\":\"Tutorial\",\"status\":0}]",
    "{\"iServerVersion\":\"11.4.0600\",\"webVersion\":\"11.4\"}",
    "{\"result\":[{\"id\":\"" OBJECT "\",\"name\":\"Sales\",\"type\":3,\"subtype\":768}],\"totalItems\":1}",
    "{\"instanceId\":\"A-1\",\"status\":1}",
    "{\"instanceId\":\"A-1\",\"status\":2}",
    "{\"mid\":\"A-1\",\"status\":1}",
    "{\"uploadSessionId\":\"C1\"}",
    "{\"status\":1}",
    "{\"status\":6}",
    "%PDF-1.7",
    "a,b\n1,2\n",
    "[]",
    "{}",
    "",
    "{\"instanceId\":\"A-1\",\"status\":1," GRID(REGION, METRICS, "") "," DATA("[[0],[1]]", "[[0,1]]",
                                                                               "[[1.5,null],[\"\",1]]") "}",
    "{\"instanceId\":\"A-1\",\"status\":1," GRID(REGION, METRICS, YEAR) "," DATA("[[0]]", "[[0,1]]", "[[1,2]]") "}",
    "[{\"key\":\"k@0@10\",\"id\":\"P\",\"name\":\"Year\",\"type\":\"VALUE\",\"required\":true,\"defaultAnswer\":"
    "2025}]",
    "{\"id\":\"" OBJECT
    "\",\"name\":\"Sales\",\"tables\":[{\"name\":\"Sales\"}],\"chapters\":[{\"key\":\"K\",\"pages\":"
    "[{\"key\":\"P\",\"visualizations\":[{\"key\":\"V\",\"name\":\"Sales\"}]}]}]}",
    NULL};
static const struct grammar server_talk_grammar = {talk_first, talk_headers, talk_bodies};

#endif
