/*
 * no_accept: packets to and from the addresses of instances that do not accept them are dropped, RFC 9568
 * 6.4.3 (650), except for neighbour discovery (655). By nftables, through libnftables.
 *
 * The rules follow from the configuration alone and stay whoever is master: a takeover needs none, and a
 * backup has no such address to be spoken to at. The library is loaded only while rules are changed, since
 * this process's memory is locked and hardly any configuration asks for it.
 */
#ifndef TANDEM_KERNEL_ACCEPT_RULES_H
#define TANDEM_KERNEL_ACCEPT_RULES_H

#include "conf/model.h"

/* The commands of nft(8) that put the rules of that model in place of any of ours that are there; allocated,
 * NULL if no instance needs any. Pure. */
char *accept_rules_text(const struct conf_model *model);

/* Puts the rules of that model in force, and takes away those of another before; a refusal is logged. */
void accept_rules_apply(const struct conf_model *model);

/* Takes away what accept_rules_apply put there. */
void accept_rules_remove(void);

#endif
