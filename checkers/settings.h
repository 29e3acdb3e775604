/*
 * Whether two checks ask the same in the same way: then a reload leaves the check alone. Pure.
 */
#ifndef TANDEM_CHECKERS_SETTINGS_H
#define TANDEM_CHECKERS_SETTINGS_H

#include "conf/model.h"

bool settings_are_equal(const struct conf_checker *a, const struct conf_checker *b);

#endif
