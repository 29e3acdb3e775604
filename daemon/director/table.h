/*
 * The IPVS table, wanted and actual, and what it takes to get from one to the other. Pure: no kernel in here.
 *
 * An image is one virtual service with its destinations. An entry is one service of ours with two images: the
 * wanted one, and what the kernel has as far as we know. Their difference is a list of changes that leaves no
 * gap: a destination is added before another is deleted, what stays is edited in place and never deleted and
 * added again, what is equal is not touched. Whatever is no entry of ours never appears in a list.
 */
#ifndef TANDEM_DIRECTOR_TABLE_H
#define TANDEM_DIRECTOR_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/kernel/ipvs_entry.h"

/* Destinations are kept in the order of their identities, each once. */
struct image {
    bool exists; /* false: the service is not there, and it has no destinations */
    struct ipvs_service service;
    struct ipvs_destination *destinations;
    uint32_t count;
    uint32_t room;
};

void image_clear(struct image *image); /* frees what it holds; it then does not exist */

/* Adds the destination, or replaces that of the same identity. */
void image_put(struct image *image, const struct ipvs_destination *destination);
void image_drop(struct image *image, const struct ipvs_destination_id *id);
/* NULL if there is none; valid until the image changes. */
struct ipvs_destination *image_find(const struct image *image, const struct ipvs_destination_id *id);
void image_copy(struct image *to, const struct image *from);
bool image_equal(const struct image *a, const struct image *b);

/* A growing list of changes; starts as zero. */
struct changes {
    struct ipvs_change *items;
    uint32_t count;
    uint32_t room;
};

void changes_free(struct changes *changes);

/* Appends what turns actual into wanted, both images of the service id. */
void table_difference(const struct ipvs_service_id *id, const struct image *actual,
                      const struct image *wanted, struct changes *changes);

/* What the image is after the kernel made the change. */
void table_apply(struct image *actual, const struct ipvs_change *change);

enum table_refusal {
    TABLE_REFUSED,     /* the kernel does not want it so: an operator must look */
    TABLE_SURPRISE,    /* the table was not what we thought: somebody else changed it */
    TABLE_CONSEQUENCE, /* of the refusal of its service */
};

/* What the image is after the kernel refused the change (error > 0) that was counted on before. */
enum table_refusal table_refuse(struct image *actual, const struct ipvs_change *change, int error);

#endif
