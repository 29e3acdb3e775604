/*
 * Whether an nftables table is there: the one question that is not worth loading libnftables for.
 */
#ifndef TANDEM_KERNEL_NFT_TABLE_H
#define TANDEM_KERNEL_NFT_TABLE_H

#include <stdbool.h>

/* Of the family inet; false also if the kernel has no nftables. */
bool nft_table_exists(const char *name);

#endif
