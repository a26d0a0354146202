/* SPDX-License-Identifier: Apache-2.0 */
/* The words of MicroStrategy's modeling service for data types, and older ones. */
#include "session/table/data_type.h"

#include "base/text.h"

#include <stddef.h>

static const struct {
    const char *word;
    enum data_type type;
} words[] = {
    {"", DATA_UNKNOWN},           {"unknown", DATA_UNKNOWN},
    {"integer", DATA_WHOLE},      {"short", DATA_WHOLE},
    {"long", DATA_WHOLE},         {"int64", DATA_WHOLE},
    {"unsigned", DATA_WHOLE},     {"double", DATA_REAL},
    {"real", DATA_REAL},          {"float", DATA_REAL},
    {"bigDecimal", DATA_EXACT},   {"decimal", DATA_EXACT},
    {"numeric", DATA_EXACT},      {"date", DATA_DATE},
    {"time", DATA_TIME},          {"timeStamp", DATA_TIMESTAMP},
    {"dateTime", DATA_TIMESTAMP},
};

enum data_type data_type_of(const char *word)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (text_equal_nocase(word != NULL ? word : "", words[i].word)) {
            return words[i].type;
        }
    }
    return DATA_TEXT;
}
