/*
 * Prints the words of the configuration language, from the keyword table, as a dictionary for libFuzzer and
 * AFL++. Run by the build, so that it never lags behind the table.
 */
#include <stdio.h>
#include <stdlib.h>

#include "conf/keywords.h"

/* What the table does not have: syntax, and values that many keywords take. */
static const char *const others[] = {
    "{",
    "}",
    " {\n",
    "\n}\n",
    "\n",
    "\"",
    "'",
    "\\",
    "\\\n",
    "#",
    "!",
    "@low ",
    "@^low ",
    "@high ",
    "$A=",
    "$A",
    "${A}",
    "$A= \\\n",
    "~SEQ(A,1,3) ",
    "~SEQ(A,3,-1,1) ",
    "~SEQx(A,10,2,20) ",
    "~LST(A,1,2) ",
    "~LST({A,B},{1,2},{3,4}) ",
    "${_RANDOM 1 2}",
    "${_ENV PATH}",
    "${_PWD}",
    "${_HASH}",
    "${_BANG}",
    "${_INSTANCE}",
    "include b\n",
    "include *\n",
    "includea {b,c}\n",
    "includer a\n",
    "includem x\n",
    "includew x*\n",
    "includeb {b,x}\n",
    "include y\n",
    "include z\n",
    "/fuzz/b",
    "-----BEGIN ",
    "file:/fuzz/b",
    "hex:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "0123456789abcdef0123456789abcdef",
    "\n%%\n",
    "eth0",
    "eth1.5",
    "192.0.2.1",
    "192.0.2.1/24",
    "2001:db8::1/64",
    "fe80::1",
    "192.0.2.10-20",
    "0x10/0xff",
    "ff02::12",
    "224.0.0.18",
    "-1",
    "0",
    "255",
    "65536",
    "4294967296",
    "0.01",
    "99999999999999999999",
    "dev eth0",
    "label eth0:1",
    "scope link",
    "weight -5 reverse",
    "root",
    "root 5",
    "\"/bin/echo 'a b' \\x41\"",
    "default",
    "via",
    "nexthop",
    "priority",
    "table",
    "\xc2\xa0",
    "\xef\xbb\xbf",
    "\r\n",
    "\t",
    "\v",
};

/* libFuzzer wants printable ASCII, the rest as \xAB. */
static void print_word(const char *word)
{
    putchar('"');
    for (; *word != '\0'; word++) {
        unsigned char byte = (unsigned char)*word;

        if (byte < ' ' || byte > '~' || byte == '"' || byte == '\\')
            printf("\\x%02x", byte);
        else
            putchar(byte);
    }
    puts("\"");
}

static void print_block(const struct conf_block_info *block)
{
    for (const struct conf_keyword *row = block->rows; row->name != NULL; row++) {
        print_word(row->name);
        for (const struct conf_choice *choice = row->choices; choice != NULL && choice->word != NULL;
             choice++)
            print_word(choice->word);
    }
}

int main(void)
{
    for (enum conf_block block = CONF_BLOCK_ROOT; block < CONF_BLOCK_LANGUAGE; block++)
        print_block(conf_block_info(block));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        print_word(others[i]);
    return ferror(stdout) || fflush(stdout) != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
