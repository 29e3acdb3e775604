/*
 * Regular expressions for bodies, compiled (PCRE2). Checks with the same expression share one.
 */
#ifndef TANDEM_CHECKERS_PATTERN_H
#define TANDEM_CHECKERS_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pattern;

/* options are PCRE2's bits for compiling. NULL if it cannot be compiled (the reader tried before us). */
struct pattern *pattern_get(const char *text, uint32_t options);
void pattern_put(struct pattern *pattern); /* NULL allowed */

/* How one attempt to match ended. */
enum pattern_result {
    PATTERN_MATCHES,
    PATTERN_MATCHES_NOT,
    PATTERN_IS_OPEN, /* what follows the bytes may make a match that begins at *begin */
    PATTERN_GAVE_UP, /* it needs too much time or memory */
};

/*
 * Looks for a match that begins at start or later. final: nothing follows the bytes, else the answer may be
 * open. *begin is where the match begins.
 */
enum pattern_result pattern_match(const struct pattern *pattern, const uint8_t *bytes, size_t length,
                                  size_t start, bool final, size_t *begin);

/* How many bytes before a place a match that begins there may look at. */
size_t pattern_lookbehind(const struct pattern *pattern);

/* True if the bytes are characters of UTF-8: pieces must not be cut within one. */
bool pattern_is_utf(const struct pattern *pattern);

#endif
