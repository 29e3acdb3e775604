/*
 * Descriptors that outlive this process: the supervisor holds copies of them for our successor.
 */
#ifndef TANDEM_NOTIFY_CUSTODY_H
#define TANDEM_NOTIFY_CUSTODY_H

#include <stdint.h>

struct custody;

/* How the supervisor is told; see child_hold in child.h. */
struct custody_keeper {
    void (*hold)(uint64_t key, int fd, void *data);
    void (*release)(uint64_t key, void *data);
    void *data;
};

/* Until it has a keeper nothing outlives us: what a predecessor left comes first. */
struct custody *custody_new(void);
void custody_set_keeper(struct custody *custody, const struct custody_keeper *keeper);

/* A descriptor of our predecessor; takes fd over. */
void custody_inherit(struct custody *custody, uint64_t key, int fd);

/* The predecessor's of that key, now the caller's; -1 if there is none. */
int custody_take(struct custody *custody, uint64_t key);

/* From now on the supervisor holds a copy; fd stays the caller's. */
void custody_hold(struct custody *custody, uint64_t key, int fd);
void custody_release(struct custody *custody, uint64_t key);

/* What nobody took: hands each to unwanted, which owns it, and releases it. */
void custody_clear(struct custody *custody, void (*unwanted)(int fd, void *data), void *data);

#endif
