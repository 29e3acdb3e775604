/*
 * Builder: FILE_CHECK, the check that follows the number in a track_file (semantics.md: track_file). It makes
 * no attempts, so it has no times, and no other keywords than these two.
 */
#include "conf/build.h"

void *conf_begin_file_check(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    return conf_begin_check(builder, node, parent, CONF_CHECK_FILE);
}

void conf_handle_check_file(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct checker_draft *draft = data;
    struct track_draft *file;

    if (!conf_need_word(builder, node, 1, "the name of a track_file"))
        return;
    file = conf_find_track(builder, CONF_TRACKED_FILE, node->words[1].text);
    if (file == NULL || file->unusable)
        conf_complain_of_track(builder, node, 1, CONF_TRACKED_FILE, "nothing is checked");
    else
        draft->file = file;
}

void conf_handle_check_file_weight(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct checker_draft *draft = data;
    int64_t weight;

    if (!conf_need_word(builder, node, 1, "a number") ||
        !conf_read_reversible(builder, node, 1, INT32_MAX, &weight, &draft->file_reverse))
        return;
    draft->file_weight_given = true;
    draft->file_weight = (int32_t)weight;
}

void conf_use_files(struct conf_builder *builder, const struct conf_virtual_server *server)
{
    if (builder->tracks_by_key == NULL)
        return;
    for (uint32_t i = 0; i < server->real_servers.count; i++) {
        const struct conf_real_server *real = server->real_servers.items[i];

        for (uint32_t j = 0; j < real->checkers.count; j++) {
            if (real->checkers.items[j]->type == CONF_CHECK_FILE)
                conf_find_track(builder, CONF_TRACKED_FILE, real->checkers.items[j]->file_name)->used = true;
        }
    }
}

void conf_finish_file_check(const struct checker_draft *draft, struct conf_checker *checker)
{
    bool own = draft->file_weight_given;

    checker->connect = draft->real->endpoint; /* for messages: whose check it is */
    checker->file = draft->file->key;
    checker->file_name = draft->file->name;
    checker->file_weight = own ? draft->file_weight : (int32_t)draft->file->weight;
    checker->file_reverse = own ? draft->file_reverse : draft->file->reverse;
}
