/*
 * A model as text in the configuration language, in canonical form: defaults that were taken are written out
 * where they matter, definitions and includes are resolved, everything stands in one order. Secrets show as
 * (secret). Read back it gives a model with the same digest.
 *
 * A table pairs each row of layout.c with its keyword and how its value is written; what shows the difference
 * of two models (difference_text.h) uses the same table. test_print.c fails for a row that is not in it.
 */
#ifndef TANDEM_CONF_PRINT_H
#define TANDEM_CONF_PRINT_H

#include "conf/printer.h"

/* malloc()ed text for the caller to free; NULL without memory. */
char *conf_print(const struct conf_model *model);

struct conf_print_rule;
typedef void conf_print_function(struct conf_printer *printer, const struct conf_print_rule *rule,
                                 const struct field *field, const void *object);

enum conf_print_place {
    CONF_PRINT_LINES,   /* .print writes lines, or none if there is nothing to say */
    CONF_PRINT_PART,    /* it is part of its object's line or header, or of the line of the struct it is in */
    CONF_PRINT_NESTED,  /* an embedded struct whose rows have lines of their own */
    CONF_PRINT_FOLLOWS, /* it follows from other rows, or is shown with them */
};

struct conf_print_rule {
    const char *field; /* of layout.c; NULL ends a table */
    enum conf_print_place place;
    const char *keyword; /* NESTED: what the keywords of its rows begin with */
    conf_print_function *print;
    int64_t usual; /* the value that need not be written */
    bool at_root;  /* rows of daemon: at the top level, not in global_defs */
};

/* How the objects of one layout look. */
struct conf_print_object {
    const char *name; /* of the layout */
    const struct conf_print_rule *rules;
    printer_item *line; /* objects that are a line; else NULL */
    printer_item *head; /* blocks: the line that opens it, up to the brace; else NULL */
};

/* NULL if there is none, which test_print.c would not let pass. */
const struct conf_print_object *conf_print_object(const struct layout *layout);
const struct conf_print_rule *conf_print_rule(const struct conf_print_object *object,
                                              const struct field *field);

/* Writes an object that is a block: head, rows, closing brace. */
void conf_print_block(struct conf_printer *printer, const struct layout *layout, const void *item);

#endif
