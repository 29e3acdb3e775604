/* Applies a difference to the model it was taken from, so that tests see whether it is whole and minimal. */
#ifndef TANDEM_TESTS_APPLY_DIFFERENCE_H
#define TANDEM_TESTS_APPLY_DIFFERENCE_H

#include "conf/difference.h"

/* Changes `before` in place, by all steps but the one at `without` (SIZE_MAX: by all). What is added belongs
 * to the new model and must not be freed with this one: its arena does not know it. */
void apply_difference(struct conf_model *before, const struct conf_difference *difference, size_t without);

/* A FIELD_STRUCT of an object, to be written to: one that is optional is made if it is not there. */
void *own_struct(struct conf_model *model, void *object, const struct field *field);

#endif
