/*
 * Slices: the part of a model that one process needs, as bytes in a sealed memfd.
 *
 * The reader writes them; every process reads its own at start and at a reload. Reading trusts nothing:
 * every length and count is checked, so that a damaged slice is an error and never a crash.
 */
#ifndef TANDEM_CONF_SLICE_H
#define TANDEM_CONF_SLICE_H

#include "conf/model.h"
#include "conf/secret_key.h"

enum conf_slice {
    CONF_SLICE_SUPERVISOR, /* which processes, how many objects, global settings */
    CONF_SLICE_LINKS,      /* instances with addresses and GARP settings; no authentication */
    CONF_SLICE_VRRP,       /* instances, groups, tracking, authentication; no scripts */
    CONF_SLICE_DIRECTOR,   /* virtual and real servers; of checks only keys, alpha */
    CONF_SLICE_CHECKER,    /* checks: of index/count, those whose key falls on this process */
    CONF_SLICE_SCRIPTS,    /* names, keys and scripts */
    CONF_SLICE_MAIL,       /* names, keys, which alerts are wanted, how to mail them */
    CONF_SLICE_CTL,        /* names and keys of everything, no secret, no script */
    CONF_SLICE_WHOLE,      /* everything, marks for secrets: for root who asks what is in force */
    CONF_SLICE_COUNT,
};

/* Counts the objects of a whole model. */
struct conf_counts conf_count(const struct conf_model *model);

/* Writes the slice; returns a sealed memfd (close-on-exec) for the caller to close, or -1 with errno.
 * *objects becomes the number of board records the role will want. index and count matter for
 * CONF_SLICE_CHECKER (count > 0) and, count, for the board of the supervisor: the number of checker
 * processes. */
int conf_slice_write(const struct conf_model *model, enum conf_slice slice, uint16_t index, uint16_t count,
                     uint32_t *objects);

/* The same of CONF_SLICE_WHOLE. Its secrets can be compared with those of others written with the same key;
 * NULL: they are all SECRET_BLANK. */
int conf_slice_write_whole(const struct conf_model *model, const struct conf_secret_key *key);

/* Reads a slice from the start of fd, which stays the caller's. NULL with a reason in *why (static text) if
 * it is not a sound slice of that kind. */
struct conf_model *conf_slice_read(int fd, enum conf_slice slice, const char **why);

/* The same of a descriptor that is taken over and closed; -1 stands for no slice at all. */
struct conf_model *conf_slice_take(int fd, enum conf_slice slice, const char **why);

/* The same from bytes in memory, without the demand that they be sealed: for tests and fuzzing. */
struct conf_model *conf_slice_decode(const void *bytes, size_t length, enum conf_slice slice,
                                     const char **why);

#endif
