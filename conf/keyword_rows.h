/*
 * How the keyword tables are written: one macro call a row. Only the keywords_*.c files include this.
 *
 * The five texts are name, arguments, default, range, purpose; behind them how the value is read
 * (keywords.h, enum conf_value_kind) and whatever else differs from zero.
 */
#ifndef TANDEM_CONF_KEYWORD_ROWS_H
#define TANDEM_CONF_KEYWORD_ROWS_H

#include "conf/keyword_tables.h"
#include "conf/keywords.h"

#define ROW_TEXTS(n, a, d, r, p) .name = n, .arguments = a, .standard = d, .range = r, .purpose = p

/* The effect is there. */
#define BUILT(n, a, d, r, p, ...)                                                                            \
    {                                                                                                        \
        ROW_TEXTS(n, a, d, r, p), .state = CONF_BUILT, __VA_ARGS__                                           \
    }

/* Known, harmless without effect, because ... */
#define ACCEPTED(n, a, d, r, p, why, ...)                                                                    \
    {                                                                                                        \
        ROW_TEXTS(n, a, d, r, p), .state = CONF_ACCEPTED, .reason = why, __VA_ARGS__                         \
    }

/* Known; to skip it could be an outage. */
#define NOT_BUILT(n, a, d, r, p, ...)                                                                        \
    {                                                                                                        \
        ROW_TEXTS(n, a, d, r, p), .state = CONF_NOT_BUILT, __VA_ARGS__                                       \
    }

/* Of a row that is not BUILT: it is in the model, and only the effect is missing. */
#define IN_MODEL .modelled = true

/* tandem's own. */
#define OURS(n, a, d, r, p, ...)                                                                             \
    {                                                                                                        \
        ROW_TEXTS(n, a, d, r, p), .state = CONF_BUILT, .ours = true, __VA_ARGS__                             \
    }

#define OPENS(block) .opens = CONF_BLOCK_##block

#define SET(type, field, value)                                                                              \
    .kind = CONF_VALUE_SET, .offset = offsetof(type, field), .low = value, .high = value
#define BOOL(type, field) .kind = CONF_VALUE_BOOL, .offset = offsetof(type, field)
#define INTEGER(type, field, least, most)                                                                    \
    .kind = CONF_VALUE_INTEGER, .offset = offsetof(type, field), .low = least, .high = most
#define SECONDS(type, field, least, most)                                                                    \
    .kind = CONF_VALUE_SECONDS, .offset = offsetof(type, field), .low = least, .high = most
#define TEXT(type, field, most) .kind = CONF_VALUE_TEXT, .offset = offsetof(type, field), .high = most
#define INTERFACE(type, field)  .kind = CONF_VALUE_INTERFACE, .offset = offsetof(type, field)
#define ADDRESS(type, field)    .kind = CONF_VALUE_ADDRESS, .offset = offsetof(type, field)
#define SCRIPT(type, field)     .kind = CONF_VALUE_SCRIPT, .offset = offsetof(type, field)
#define HANDLER(function)       .kind = CONF_VALUE_HANDLER, .handler = function
/* Of a row without effect: so many names at most, each so long at most. */
#define SETTING_NAMES(type, most, longest)                                                                   \
    .kind = CONF_VALUE_HANDLER, .handler = conf_handle_setting_names, .offset = offsetof(type, settings),    \
    .low = most, .high = longest
#define CHOICE(type, field, words)                                                                           \
    .kind = CONF_VALUE_CHOICE, .offset = offsetof(type, field), .choices = words

/* The longest time of the language's TIMER, in microseconds. */
#define SECONDS_MAX 4294967295000000LL

#define END_OF_ROWS                                                                                          \
    {                                                                                                        \
        .name = NULL                                                                                         \
    }

#endif
