/*
 * The difference of two models in the words of the configuration language, for people and programs.
 */
#ifndef TANDEM_CONF_DIFFERENCE_TEXT_H
#define TANDEM_CONF_DIFFERENCE_TEXT_H

#include "conf/difference.h"

/* What one object loses, gains, or says otherwise. Texts are lines of the language without the end of the
 * last; secrets never show. */
struct conf_change {
    const char *object; /* "vrrp_instance VI_1", "virtual_server 192.0.2.1 80 tcp, real_server 10.0.0.1 80" */
    const char *before; /* NULL: it was not there */
    const char *after;  /* NULL: it is there no more */
};

typedef void conf_change_function(const struct conf_change *change, void *data);

/* Calls told for each change, in the order of the steps; returns their number. What follows from another
 * change is left out. The models are those of the difference. */
size_t conf_difference_tell(const struct conf_difference *difference, const struct conf_model *before,
                            const struct conf_model *after, conf_change_function *told, void *data);

#endif
