/*
 * The words of regex_options and PCRE2's bits for them.
 */
#ifndef TANDEM_CONF_REGEX_OPTIONS_H
#define TANDEM_CONF_REGEX_OPTIONS_H

#include <stdint.h>

/* The word for one of the bits of *left, which is cleared; NULL when there is none left. */
const char *conf_regex_option_next(uint32_t *left);

#endif
