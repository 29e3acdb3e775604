/*
 * Counters as a table. See statistics_view.h.
 */
#include "daemon/ctl/statistics_view.h"

#include "daemon/ctl/members.h"
#include "daemon/ctl/table.h"

/* A counter, and whether it speaks of something that should not be. */
static const struct {
    const char *title;
    const char *members[8]; /* of "stats", added up */
    bool is_error;
} columns[] = {
    {"SENT", {"advert_sent"}, false},
    {"RECEIVED", {"advert_rcvd"}, false},
    {"BECAME MASTER", {"become_master"}, false},
    {"RELEASED", {"release_master"}, false},
    {"PRIORITY 0 SENT", {"pri_zero_sent"}, false},
    {"RECEIVED", {"pri_zero_rcvd"}, false},
    {"WRONG PACKETS", {"packet_len_err", "ip_ttl_err", "invalid_type_rcvd", "advert_interval_err"}, true},
    {"ADDRESSES", {"addr_list_err"}, true},
    {"AUTHENTICATION",
     {"invalid_authtype", "authtype_mismatch", "auth_failure", "auth_ext_missing", "auth_ext_malformed",
      "auth_ext_invalid_hmac", "auth_ext_stale", "auth_ext_replay"},
     true},
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void counter_cell(struct table *table, struct json_object *stats, size_t column)
{
    const size_t most = sizeof(columns[column].members) / sizeof(columns[column].members[0]);
    uint64_t sum = 0;

    if (member(stats, columns[column].members[0]) == NULL) {
        table_cell(table, TABLE_PLAIN, "-");
        return;
    }
    for (size_t i = 0; i < most && columns[column].members[i] != NULL; i++)
        sum += json_object_get_uint64(member(stats, columns[column].members[i]));
    table_cell(table, sum > 0 && columns[column].is_error ? TABLE_WARNING : TABLE_PLAIN, "%llu",
               (unsigned long long)sum);
}

void statistics_view(struct json_object *instances, FILE *out, bool colour)
{
    const char *titles[COLUMNS + 2] = {"INSTANCE"};
    struct table *table;

    for (size_t i = 0; i < COLUMNS; i++)
        titles[i + 1] = columns[i].title;
    table = table_new(titles);
    for (size_t i = 0;
         json_object_is_type(instances, json_type_array) && i < json_object_array_length(instances); i++) {
        struct json_object *instance = json_object_array_get_idx(instances, i);
        const char *name = json_object_get_string(member(member(instance, "data"), "iname"));

        table_cell(table, TABLE_PLAIN, "%s", name == NULL ? "-" : name);
        for (size_t column = 0; column < COLUMNS; column++)
            counter_cell(table, member(instance, "stats"), column);
    }
    table_print(table, out, 0, colour);
    table_free(table);
}
