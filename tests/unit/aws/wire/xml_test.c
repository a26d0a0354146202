/* SPDX-License-Identifier: Apache-2.0 */
/* Elements cut out of XML answers, as far as AWS's query protocol needs them. */
#include "aws/wire/xml.h"

#include "support/unit.h"

static void an_element_gives_its_text_or_nothing(void **state)
{
    static const struct {
        const char *xml, *name, *text; /* NULL = there is none */
    } cases[] = {
        {"<a><Code>x</Code></a>", "Code", "x"},
        {"<a><Code></Code></a>", "Code", ""},
        {"<Codes>1</Codes><Code>2</Code><Code>3</Code>", "Code", "2"},
        {"<Code>&lt;me&gt; &amp; &quot;you&apos;</Code>", "Code", "<me> & \"you'"},
        {"<Code>&amp;lt; &#65; &</Code>", "Code", "&lt; &#65; &"},
        {"<Code><inner/></Code>", "Code", NULL},
        {"<Code>cut o", "Code", NULL},
        {"<Code>x</Cod>", "Code", NULL},
        {"<a/>", "Code", NULL},
        {"", "Code", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer text = BUFFER_INIT;
        assert_int_equal(xml_element(cases[i].xml, cases[i].name, &text), cases[i].text != NULL);
        if (cases[i].text != NULL) {
            assert_string_equal(buffer_text(&text), cases[i].text);
        }
        buffer_release(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_element_gives_its_text_or_nothing)};
    return RUN_TESTS("aws/wire/xml");
}
