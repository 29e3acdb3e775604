/*
 * The difference of two models in a few words, for the log: "1 virtual address added, 2 weights changed".
 */
#ifndef TANDEM_CONF_DIFFERENCE_SUMMARY_H
#define TANDEM_CONF_DIFFERENCE_SUMMARY_H

#include "conf/difference.h"

#define CONF_SUMMARY_TEXT 512

/* Returns buffer; "" if nothing differs. */
const char *conf_difference_summary(const struct conf_difference *difference,
                                    char buffer[static CONF_SUMMARY_TEXT]);

#endif
