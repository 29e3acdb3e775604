/*
 * What tandem has to say about a configuration: every problem of one run, each with its place.
 *
 * Any part of the parser reports here and goes on. A diagnostic is data (severity, position, text, what was
 * expected, a suggestion, related places); the renderer at the end makes text of it, and could make JSON.
 */
#ifndef TANDEM_CONF_DIAGNOSTICS_H
#define TANDEM_CONF_DIAGNOSTICS_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "conf/source.h"

enum conf_severity {
    CONF_NOTE,      /* worth knowing; the configuration is good */
    CONF_COMPLAINT, /* tandem runs, leaving out or correcting something; keepalived would complain too */
    CONF_REFUSAL,   /* tandem does not start with this */
};

/* As compilers call it: note, warning, error. */
const char *conf_severity_word(enum conf_severity severity);

/* The kind of problem, stable for scripts and tests; the text is for people. */
enum conf_problem {
    CONF_PROBLEM_FILE,            /* a file cannot be read */
    CONF_PROBLEM_INCLUDE,         /* an include matches nothing, or loops */
    CONF_PROBLEM_TEXT,            /* quotes, NUL bytes */
    CONF_PROBLEM_DEFINITION,      /* $NAME unknown, looping or misused */
    CONF_PROBLEM_SEQUENCE,        /* ~SEQ, ~LST */
    CONF_PROBLEM_BRACE,           /* unbalanced or unexpected brace */
    CONF_PROBLEM_UNKNOWN_KEYWORD, /* not in the table */
    CONF_PROBLEM_MISPLACED,       /* known, but not in this block */
    CONF_PROBLEM_NOT_BUILT,       /* known, its effect is not built yet */
    CONF_PROBLEM_NO_EFFECT,       /* accepted, does nothing here, and why that is harmless */
    CONF_PROBLEM_DEPRECATED,      /* still understood, has a successor */
    CONF_PROBLEM_ARGUMENT,        /* missing or superfluous argument */
    CONF_PROBLEM_VALUE,           /* not a number, out of range, not an address */
    CONF_PROBLEM_DUPLICATE,       /* defined twice */
    CONF_PROBLEM_MISSING,         /* something required is absent */
    CONF_PROBLEM_CONFLICT,        /* two settings contradict each other */
    CONF_PROBLEM_REFERENCE,       /* names something that does not exist */
    CONF_PROBLEM_DEFAULT,         /* keepalived would say which default it takes */
    CONF_PROBLEM_TOO_MANY,        /* further diagnostics are only counted */
};

struct conf_related {
    struct conf_position position;
    const char *text; /* "first defined here" */
};

#define CONF_RELATED_MAX 8

struct conf_diagnostic {
    enum conf_severity severity;
    enum conf_problem problem;
    struct conf_position position;
    uint32_t width; /* bytes to underline, at least 1 */
    const char *text;
    const char *expected;   /* NULL, or what would be right here */
    const char *suggestion; /* NULL, or the known word nearest to what was written */
    const char *advice;     /* NULL, or what to do about it */
    struct conf_related related[CONF_RELATED_MAX];
    uint32_t related_count;
    uint32_t order; /* of reporting */
};

struct conf_diagnostics;

struct conf_diagnostics *conf_diagnostics_new(struct conf_arena *arena, const struct conf_sources *sources);

/* Adds a diagnostic; what is returned can be refined with the functions below. Never NULL. Beyond a few
 * thousand of them the further ones are counted and dropped. */
__attribute__((format(printf, 6, 7))) struct conf_diagnostic *
conf_report(struct conf_diagnostics *diagnostics, enum conf_severity severity, enum conf_problem problem,
            struct conf_position position, size_t width, const char *format, ...);
__attribute__((format(printf, 6, 0))) struct conf_diagnostic *
conf_report_list(struct conf_diagnostics *diagnostics, enum conf_severity severity, enum conf_problem problem,
                 struct conf_position position, size_t width, const char *format, va_list arguments);

__attribute__((format(printf, 3, 4))) void conf_diagnostic_expect(struct conf_diagnostics *diagnostics,
                                                                  struct conf_diagnostic *diagnostic,
                                                                  const char *format, ...);
__attribute__((format(printf, 3, 4))) void conf_diagnostic_advise(struct conf_diagnostics *diagnostics,
                                                                  struct conf_diagnostic *diagnostic,
                                                                  const char *format, ...);
void conf_diagnostic_relate(struct conf_diagnostics *diagnostics, struct conf_diagnostic *diagnostic,
                            struct conf_position position, const char *text);

/* Offers a word; the nearest of all offers to what was written is kept, if it is near enough to be meant. */
struct conf_suggestion {
    const char *written;
    const char *best;
    unsigned int distance;
};

/* For what was written; no offer is looked at once problems are only counted. */
struct conf_suggestion conf_suggestion_begin(const struct conf_diagnostics *diagnostics, const char *written);
void conf_suggestion_offer(struct conf_suggestion *suggestion, const char *word);

/* The best of the offers, copied, as words of the text do not outlive the building. */
void conf_diagnostic_suggest(struct conf_diagnostics *diagnostics, struct conf_diagnostic *diagnostic,
                             const struct conf_suggestion *suggestion);

size_t conf_diagnostics_count(const struct conf_diagnostics *diagnostics);
const struct conf_diagnostic *conf_diagnostics_item(const struct conf_diagnostics *diagnostics, size_t index);

/* The last complaint or refusal about that very place, to be refined; NULL if there is none. */
struct conf_diagnostic *conf_diagnostics_complaint_at(const struct conf_diagnostics *diagnostics,
                                                      struct conf_position position);

/* How many of that severity were reported, dropped ones included. */
size_t conf_diagnostics_total(const struct conf_diagnostics *diagnostics, enum conf_severity severity);

/* The first of that severity in the order of files and lines, as one line "FILE:LINE:COLUMN: error: unknown
 * ..." without its end, cut to size (at least 4); "" if there is none. */
void conf_diagnostics_first(struct conf_diagnostics *diagnostics, enum conf_severity severity, char *buffer,
                            size_t size);

/* Puts them into the order of files and lines. */
void conf_diagnostics_sort(struct conf_diagnostics *diagnostics);

/* All of them in the order of files and lines, as text:
 *   FILE:LINE:COLUMN: error: unknown ...
 *       the source line
 *       ^~~~ */
void conf_diagnostics_print(struct conf_diagnostics *diagnostics, FILE *stream);

#endif
