/*
 * Whether an nftables table is there. See nft_table.h.
 */
#include "daemon/kernel/nft_table.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>
#include <time.h>

#define ANSWER_BYTES 4096
#define NFT_INET     1 /* NFPROTO_INET */

static bool ask(struct mnl_socket *netlink, const char *name)
{
    unsigned char buffer[ANSWER_BYTES] __attribute__((aligned(8)));
    struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
    struct nfgenmsg *head = mnl_nlmsg_put_extra_header(message, sizeof(*head));
    ssize_t length;

    message->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE;
    message->nlmsg_flags = NLM_F_REQUEST;
    message->nlmsg_seq = 1;
    head->nfgen_family = NFT_INET;
    head->version = NFNETLINK_V0;
    mnl_attr_put_strz(message, NFTA_TABLE_NAME, name);
    if (mnl_socket_sendto(netlink, message, message->nlmsg_len) < 0)
        return false;
    length = mnl_socket_recvfrom(netlink, buffer, sizeof(buffer)); /* answered before the send returned */
    return length >= (ssize_t)sizeof(*message) && message->nlmsg_type != NLMSG_ERROR;
}

bool nft_table_exists(const char *name)
{
    struct mnl_socket *netlink = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
    bool exists;

    if (netlink == NULL)
        return false;
    exists = mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) == 0 && ask(netlink, name);
    mnl_socket_close(netlink);
    return exists;
}
