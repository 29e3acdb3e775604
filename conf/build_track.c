/*
 * Builder: vrrp_script, track_file, vrrp_track_process, and the lists of instances and groups that name them
 * or a bfd_instance (semantics.md: Priority, Scripts, Sync groups). Its block is in build_bfd.c.
 *
 * A list names what stands above it in the text, as with keepalived; the rest of a block may say more later.
 * What nobody tracks is not in the model.
 */
#include "conf/build.h"

#include <stdio.h>
#include <string.h>

#include "conf/key.h"

#define SCRIPT_WEIGHT_MAX 253
#define WEIGHT_MAX        254
#define QUORUM_MAX        65535
#define PROGRAM_NAME_MAX  15 /* of /proc/PID/comm */
#define SECOND_US         1000000
#define CONSEQUENCE_BYTES 160 /* of a message; longer names are cut */
#define LIKELY_VALUE_MAX  254 /* of a file: what goes beyond says no more */

static const char *kind_word(enum conf_tracked_kind kind)
{
    switch (kind) {
    case CONF_TRACKED_SCRIPT:
        return "vrrp_script";
    case CONF_TRACKED_FILE:
        return "track_file";
    case CONF_TRACKED_PROCESS:
        return "vrrp_track_process";
    case CONF_TRACKED_BFD:
        break;
    }
    return "bfd_instance";
}

static struct track_draft *find_draft(const struct conf_builder *builder, uint64_t key)
{
    struct track_draft *draft;

    HASH_FIND(by_key, builder->tracks_by_key, &key, sizeof(key), draft);
    return draft;
}

struct track_draft *conf_find_track(const struct conf_builder *builder, enum conf_tracked_kind kind,
                                    const char *name)
{
    return find_draft(builder, conf_key_tracked(kind, name));
}

struct track_draft *conf_find_above(const struct conf_builder *builder, enum conf_tracked_kind kind,
                                    const struct conf_node *node, size_t word)
{
    struct track_draft *draft = conf_find_track(builder, kind, node->words[word].text);

    return draft != NULL && draft->node->place < node->place ? draft : NULL;
}

/* ------------------------------------------------------------------ the blocks */

struct track_draft *conf_begin_track(struct conf_builder *builder, const struct conf_node *node,
                                     enum conf_tracked_kind kind)
{
    struct track_draft *draft;
    struct track_draft *first;
    uint64_t key;

    if (!conf_need_word(builder, node, 1, "a name"))
        return NULL;
    key = conf_key_tracked(kind, node->words[1].text);
    first = find_draft(builder, key);
    if (first != NULL) {
        conf_complain_twice(builder, kind_word(kind), node, first->node);
        return NULL;
    }
    draft = conf_draft_new(builder, node->opens, sizeof(*draft));
    draft->node = node;
    draft->kind = kind;
    draft->key = key;
    draft->name = conf_model_strdup(builder->model, node->words[1].text);
    draft->weight = kind == CONF_TRACKED_FILE ? 1 : 0;
    draft->user = builder->global.script_user;
    HASH_ADD(by_key, builder->tracks_by_key, key, sizeof(draft->key), draft);
    return draft;
}

void *conf_begin_vrrp_script(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    (void)parent;
    return conf_begin_track(builder, node, CONF_TRACKED_SCRIPT);
}

void *conf_begin_track_file(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    (void)parent;
    return conf_begin_track(builder, node, CONF_TRACKED_FILE);
}

void *conf_begin_track_process(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    (void)parent;
    return conf_begin_track(builder, node, CONF_TRACKED_PROCESS);
}

bool conf_read_reversible(struct conf_builder *builder, const struct conf_node *node, size_t word,
                          int64_t most, int64_t *weight, bool *reverse)
{
    const char *direction;

    if (!conf_read_integer(builder, node, word, -most, most, weight))
        return false;
    if (word + 1 >= node->word_count)
        return true;
    direction = node->words[word + 1].text;
    if (strcmp(direction, "reverse") == 0 || strcmp(direction, "noreverse") == 0) {
        *reverse = direction[0] == 'r';
        return true;
    }
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_ARGUMENT, node, word + 1,
                  "'%s' is not known here; only 'reverse' and 'noreverse' are", direction);
    return false;
}

static void read_weight(struct conf_builder *builder, const struct conf_node *node, size_t word,
                        enum conf_tracked_kind kind, int64_t *weight, bool *reverse)
{
    bool narrow = kind == CONF_TRACKED_SCRIPT || kind == CONF_TRACKED_BFD;
    int64_t most = narrow ? SCRIPT_WEIGHT_MAX : WEIGHT_MAX;

    conf_read_reversible(builder, node, word, WEIGHT_MAX, weight, reverse);
    if (*weight >= -most && *weight <= most)
        return;
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, word,
                  "this weight reaches from -253 to 253; it is cut to that");
    *weight = *weight < 0 ? -most : most;
}

void conf_handle_track_weight(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct track_draft *draft = data;

    read_weight(builder, node, 1, draft->kind, &draft->weight, &draft->reverse);
}

/* ------------------------------------------------------------------ vrrp_script */

/* "</path" asks whether a file can be opened: a shell's redirection and nothing else. */
static void read_redirection(struct conf_builder *builder, const char *text, struct conf_script *script)
{
    static const char *const shell[] = {"/bin/sh", "-c"};

    memset(script, 0, sizeof(*script));
    script->keep_links = builder->global.use_symlink_paths;
    for (size_t i = 0; i < sizeof(shell) / sizeof(shell[0]); i++)
        conf_list_add(builder->model, &script->words, conf_model_strdup(builder->model, shell[i]));
    conf_list_add(builder->model, &script->words, conf_model_strdup(builder->model, text));
}

void conf_handle_track_command(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct track_draft *draft = data;
    const char *text;

    if (!conf_need_word(builder, node, 1, "a command; in quotes if it has arguments"))
        return;
    text = node->words[1].text;
    if (text[0] == '<' && text[1 + strspn(text + 1, " \t")] == '/')
        read_redirection(builder, text, &draft->script);
    else if (!conf_read_command(builder, node, &draft->script))
        draft->unusable = true;
    if (node->word_count > 2)
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_ARGUMENT, node, 2,
                      "'%s' and what follows is not part of the command: write \"%s %s ...\" in quotes",
                      node->words[2].text, text, node->words[2].text);
}

void conf_handle_track_user(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct track_draft *draft = data;

    if (!conf_need_word(builder, node, 1, "a user, and a group if need be"))
        return;
    draft->user_given = true;
    if (!conf_read_user(builder, node, 1, &draft->user))
        draft->unusable = true;
}

/* 0 is written by those who mean "as often as possible"; keepalived makes it 1 s. */
static int64_t period(struct conf_builder *builder, const struct track_draft *draft, const char *keyword,
                      int64_t value, int64_t otherwise)
{
    if (value != 0)
        return conf_value_or(value, otherwise);
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, conf_node_find(draft->node, keyword), 1,
                  "%s has to be more than 0; 1 s is used", keyword);
    return SECOND_US;
}

static void complain_of_block(struct conf_builder *builder, const struct track_draft *draft, const char *what)
{
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_MISSING, draft->node, 1, "%s %s %s; it is left out",
                  kind_word(draft->kind), draft->name, what);
}

void conf_end_vrrp_script(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct track_draft *draft = data;
    const struct global_draft *global = &builder->global;

    (void)node;
    draft->interval_us = period(builder, draft, "interval", draft->interval_us, SECOND_US);
    draft->timeout_us = period(builder, draft, "timeout", draft->timeout_us, draft->interval_us);
    if (draft->unusable)
        return;
    if (draft->script.words.count == 0) {
        complain_of_block(builder, draft, "has no script");
        draft->unusable = true;
    } else if (!draft->user_given && global->script_user_lack != NULL) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_REFERENCE, conf_node_find(draft->node, "script"),
                      1, "%s; vrrp_script %s is not tracked", global->script_user_lack, draft->name);
        draft->unusable = true;
    }
    conf_run_as(&draft->script, &draft->user);
}

/* ------------------------------------------------------------------ track_file */

static void read_init_word(struct conf_builder *builder, const struct conf_node *node, size_t word,
                           struct track_draft *draft)
{
    const char *text = node->words[word].text;
    int64_t value;

    if (strcmp(text, "overwrite") == 0) {
        draft->init_overwrite = true;
        return;
    }
    if (!conf_read_integer(builder, node, word, INT32_MIN, INT32_MAX, &value))
        return;
    draft->init_value = (int32_t)value;
    if (value < -LIKELY_VALUE_MAX || value > LIKELY_VALUE_MAX)
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, word,
                      "%s is outside the values that make a difference, -254 to 254", text);
}

void conf_handle_track_init(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct track_draft *draft = data;

    draft->init_create = true;
    for (size_t word = 1; word < node->word_count; word++)
        read_init_word(builder, node, word, draft);
}

void conf_end_track_file(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct track_draft *draft = data;

    (void)node;
    if (draft->path == NULL) {
        complain_of_block(builder, draft, "names no file");
        draft->unusable = true;
    } else if (draft->path[0] != '/') {
        complain_of_block(builder, draft, "needs the whole path of its file, from '/' on");
        draft->unusable = true;
    }
}

/* ------------------------------------------------------------------ vrrp_track_process */

void conf_handle_track_process(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct track_draft *draft = data;

    if (!conf_need_word(builder, node, 1, "the name of a program, or with full_command its path"))
        return;
    draft->process = conf_model_strdup(builder->model, node->words[1].text);
    draft->parameters.count = 0;
    for (size_t word = 2; word < node->word_count; word++)
        conf_list_add(builder->model, &draft->parameters,
                      conf_model_strdup(builder->model, node->words[word].text));
    if (node->word_count <= 2)
        return;
    draft->full_command = 1;
    if (draft->match == CONF_PARAM_NONE)
        draft->match = CONF_PARAM_EXACT;
}

void conf_handle_param_match(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct track_draft *draft = data;
    const char *word = node->word_count > 1 ? node->words[1].text : "";

    if (*word == '\0')
        draft->match = CONF_PARAM_EXACT;
    else if (strcmp(word, "initial") == 0)
        draft->match = CONF_PARAM_INITIAL;
    else if (strcmp(word, "partial") == 0)
        draft->match = CONF_PARAM_PARTIAL;
    else {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                      "'%s' is not known here; only 'initial' and 'partial' are", word);
        return;
    }
    draft->full_command = 1;
}

void conf_handle_process_delay(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct track_draft *draft = data;
    int64_t delay_us;

    if (!conf_read_seconds(builder, node, 1, 1, 3600LL * SECOND_US, &delay_us))
        return;
    draft->terminate_delay_us = delay_us;
    draft->fork_delay_us = delay_us;
}

/* quorum_max 0 alone: no such process is to run. */
static void settle_quorum(struct conf_builder *builder, struct track_draft *draft)
{
    bool none_wanted = draft->quorum_max == 0 && conf_value_or(draft->quorum, 1) <= 1;

    draft->quorum_max = conf_value_or(draft->quorum_max, UINT32_MAX);
    draft->quorum = none_wanted ? 0 : conf_value_or(draft->quorum, 1);
    if (draft->quorum <= draft->quorum_max)
        return;
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, conf_node_find(draft->node, "quorum_max"),
                  1, "quorum_max is less than quorum; it is ignored");
    draft->quorum_max = UINT32_MAX;
}

void conf_end_track_process(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct track_draft *draft = data;

    (void)node;
    settle_quorum(builder, draft);
    draft->full_command = conf_value_or(draft->full_command, 0);
    if (draft->process == NULL) {
        complain_of_block(builder, draft, "names no process");
        draft->unusable = true;
    } else if (!draft->full_command && strlen(draft->process) > PROGRAM_NAME_MAX) {
        conf_complain(builder, CONF_NOTE, CONF_PROBLEM_VALUE, conf_node_find(draft->node, "process"), 1,
                      "the kernel keeps 15 characters of a program's name: '%.15s' is looked for",
                      draft->process);
        draft->process[PROGRAM_NAME_MAX] = '\0';
    }
}

/* ------------------------------------------------------------------ lists of instances and groups */

void conf_complain_of_track(struct conf_builder *builder, const struct conf_node *node, size_t word,
                            enum conf_tracked_kind kind, const char *consequence)
{
    struct conf_suggestion suggestion = conf_suggestion_begin(builder->diagnostics, node->words[word].text);
    struct conf_diagnostic *diagnostic = conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_REFERENCE, node,
                                                       word, "there is no %s '%s' above this line; %s",
                                                       kind_word(kind), node->words[word].text, consequence);

    for (struct track_draft *draft = builder->tracks_by_key; draft != NULL; draft = draft->by_key.next) {
        if (draft->kind == kind)
            conf_suggestion_offer(&suggestion, draft->name);
    }
    conf_diagnostic_suggest(builder->diagnostics, diagnostic, &suggestion);
}

/* A line of a list of that instance or group; NULL if it is left out. */
static struct conf_tracked *read_entry(struct conf_builder *builder, const struct conf_node *node,
                                       enum conf_tracked_kind kind, const void *owner)
{
    const struct track_draft *draft = conf_find_above(builder, kind, node, 0);
    struct conf_tracked *tracked;
    int64_t weight;
    bool reverse;

    if (draft == NULL) {
        conf_complain_of_track(builder, node, 0, kind, "it is not tracked");
        return NULL;
    }
    if (kind == CONF_TRACKED_BFD && draft->bfd.for_vrrp == 0) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, node, 0,
                      "bfd_instance %s is for checks only; it is not tracked", draft->name);
        return NULL;
    }
    if (conf_is_member(builder, owner, &draft->key, sizeof(draft->key))) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, node, 0,
                      "%s is tracked already; this line is ignored", draft->name);
        return NULL;
    }
    weight = draft->weight;
    reverse = draft->reverse;
    if (node->word_count > 1 && strcmp(node->words[1].text, "weight") != 0) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_ARGUMENT, node, 1,
                      "'%s' is not known here; only 'weight' is", node->words[1].text);
        return NULL;
    }
    if (node->word_count > 1)
        read_weight(builder, node, 2, kind, &weight, &reverse);
    conf_note_member(builder, owner, &draft->key, sizeof(draft->key));
    tracked = conf_model_alloc(builder->model, sizeof(*tracked));
    *tracked = (struct conf_tracked){kind, draft->key, draft->name, (int16_t)weight, reverse};
    return tracked;
}

static void add_to_instance(struct conf_builder *builder, const struct conf_node *node, void *data,
                            enum conf_tracked_kind kind)
{
    struct conf_instance *instance = ((struct instance_draft *)data)->instance;
    struct conf_tracked *tracked = read_entry(builder, node, kind, instance);

    if (tracked != NULL)
        conf_list_add(builder->model, &instance->tracked, tracked);
}

static void add_to_group(struct conf_builder *builder, const struct conf_node *node, void *data,
                         enum conf_tracked_kind kind)
{
    struct conf_sync_group *group = ((struct group_draft *)data)->group;
    struct conf_tracked *tracked = read_entry(builder, node, kind, group);

    if (tracked != NULL)
        conf_list_add(builder->model, &group->tracked, tracked);
}

void conf_entry_instance_script(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    add_to_instance(builder, node, draft, CONF_TRACKED_SCRIPT);
}

void conf_entry_instance_file(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    add_to_instance(builder, node, draft, CONF_TRACKED_FILE);
}

void conf_entry_instance_process(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    add_to_instance(builder, node, draft, CONF_TRACKED_PROCESS);
}

void conf_entry_instance_bfd(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    add_to_instance(builder, node, draft, CONF_TRACKED_BFD);
}

void conf_entry_group_script(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    add_to_group(builder, node, draft, CONF_TRACKED_SCRIPT);
}

void conf_entry_group_file(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    add_to_group(builder, node, draft, CONF_TRACKED_FILE);
}

void conf_entry_group_process(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    add_to_group(builder, node, draft, CONF_TRACKED_PROCESS);
}

void conf_entry_group_bfd(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    add_to_group(builder, node, draft, CONF_TRACKED_BFD);
}

/* ------------------------------------------------------------------ what cannot work */

/* keepalived leaves a script out that it cannot find; so an instance that runs there runs here. */
static void check_program(struct conf_builder *builder, struct track_draft *draft)
{
    char consequence[CONSEQUENCE_BYTES];

    if (draft->unusable)
        return;
    snprintf(consequence, sizeof(consequence), "vrrp_script %s is not tracked", draft->name);
    draft->unusable = !conf_check_program(builder, conf_node_find(draft->node, "script"), &draft->script,
                                          CONF_COMPLAINT, consequence);
}

static uint32_t drop_unusable(const struct conf_builder *builder, struct conf_tracked **items, uint32_t count)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (!find_draft(builder, items[i]->key)->unusable)
            items[kept++] = items[i];
    }
    return kept;
}

/* ------------------------------------------------------------------ weights that cannot count */

/* False if it is to be left out: of an owner, or a member of a group whose members' weights do not count. */
static bool settle_weight(struct conf_builder *builder, struct known_instance *known,
                          struct conf_tracked *tracked)
{
    bool owner = known->instance->base_priority == 255;
    const char *why =
        owner ? "priority 255 does not change" : "its sync group has no sync_group_tracking_weight";
    bool becomes_fault = tracked->kind == CONF_TRACKED_FILE && tracked->weight == 1;

    if (tracked->weight == 0 || tracked->kind == CONF_TRACKED_PROCESS)
        return true;
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, conf_instance_node(builder, known), 1,
                  "%s cannot track %s with weight %d, for %s; %s", known->instance->name, tracked->name,
                  tracked->weight, why, becomes_fault ? "weight 0 is used" : "it is not tracked");
    tracked->weight = 0;
    return becomes_fault;
}

static bool weights_count(const struct known_instance *known)
{
    bool by_group = known->group == NULL || conf_value_or(known->group->tracking_weight, 0) != 0;

    return by_group && known->instance->base_priority != 255;
}

/* What the group tracks too is tracked once: with the group's weight, unless the member's is 0. */
static bool is_doubled(struct conf_builder *builder, struct known_instance *known,
                       const struct conf_tracked *tracked)
{
    const struct conf_sync_group *group;

    if (known->group == NULL)
        return false;
    group = known->group->group;
    if (!conf_is_member(builder, group, &tracked->key, sizeof(tracked->key)))
        return false;
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, conf_instance_node(builder, known), 1,
                  "%s and its sync group %s both track %s", known->instance->name, group->name,
                  tracked->name);
    return tracked->weight != 0;
}

static void settle_instance(struct conf_builder *builder, struct known_instance *known)
{
    struct conf_instance *instance = known->instance;
    bool counted = weights_count(known);
    uint32_t kept = 0;

    for (uint32_t i = 0; i < instance->tracked.count; i++) {
        struct conf_tracked *tracked = instance->tracked.items[i];

        if ((counted || settle_weight(builder, known, tracked)) && !is_doubled(builder, known, tracked))
            instance->tracked.items[kept++] = tracked;
    }
    instance->tracked.count = kept;
}

static bool has_owner(const struct conf_sync_group *group)
{
    for (uint32_t i = 0; i < group->members.count; i++) {
        if (group->members.items[i]->base_priority == 255)
            return true;
    }
    return false;
}

static void settle_group(struct conf_builder *builder, const struct group_draft *draft)
{
    struct conf_sync_group *group = draft->group;

    for (uint32_t i = 0; has_owner(group) && i < group->tracked.count; i++) {
        struct conf_tracked *tracked = group->tracked.items[i];

        if (tracked->weight == 0)
            continue;
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, draft->node, 1,
                      "%s has a member of priority 255, which no weight changes: %s is tracked with weight 0",
                      group->name, tracked->name);
        tracked->weight = 0;
    }
}

/* ------------------------------------------------------------------ drafts to model */

static void mark_used(const struct conf_builder *builder, struct conf_tracked *const *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        find_draft(builder, items[i]->key)->used = true;
}

static void finish_script(struct conf_builder *builder, const struct track_draft *draft)
{
    struct conf_track_script *script = conf_model_alloc(builder->model, sizeof(*script));
    struct conf_recurring_script *recurring = conf_model_alloc(builder->model, sizeof(*recurring));
    size_t room = sizeof("vrrp_script ") + strlen(draft->name);

    *script = (struct conf_track_script){
        .key = draft->key,
        .name = draft->name,
        .interval_us = draft->interval_us,
        .timeout_us = draft->timeout_us,
        .rise = (uint32_t)conf_value_or(draft->rise, 1),
        .fall = (uint32_t)conf_value_or(draft->fall, 1),
        .init_fail = conf_value_or(draft->init_fail, 0) != 0,
    };
    recurring->key = draft->key;
    recurring->name = conf_model_alloc(builder->model, room);
    strcat(strcpy(recurring->name, "vrrp_script "), draft->name);
    recurring->script = draft->script;
    recurring->timeout_us = draft->timeout_us;
    conf_list_add(builder->model, &builder->model->track_scripts, script);
    conf_list_add(builder->model, &builder->model->recurring_scripts, recurring);
}

static void finish_file(struct conf_builder *builder, const struct track_draft *draft)
{
    struct conf_track_file *file = conf_model_alloc(builder->model, sizeof(*file));

    *file = (struct conf_track_file){
        .key = draft->key,
        .name = draft->name,
        .path = draft->path,
        .init_create = draft->init_create,
        .init_overwrite = draft->init_overwrite,
        .init_value = draft->init_value,
    };
    conf_list_add(builder->model, &builder->model->track_files, file);
}

static void finish_process(struct conf_builder *builder, const struct track_draft *draft)
{
    struct conf_track_process *process = conf_model_alloc(builder->model, sizeof(*process));

    *process = (struct conf_track_process){
        .key = draft->key,
        .name = draft->name,
        .process = draft->process,
        .match = draft->match,
        .full_command = draft->full_command != 0,
        .quorum = (uint32_t)draft->quorum,
        .quorum_max = (uint32_t)draft->quorum_max,
        .terminate_delay_us = conf_value_or(draft->terminate_delay_us, 0),
        .fork_delay_us = conf_value_or(draft->fork_delay_us, 0),
    };
    for (uint32_t i = 0; i < draft->parameters.count; i++)
        conf_list_add(builder->model, &process->parameters, draft->parameters.items[i]);
    conf_list_add(builder->model, &builder->model->track_processes, process);
}

const char *conf_tracked_list(enum conf_tracked_kind kind)
{
    switch (kind) {
    case CONF_TRACKED_SCRIPT:
        return "track_script";
    case CONF_TRACKED_FILE:
        return "track_file";
    case CONF_TRACKED_BFD:
        return "track_bfd";
    case CONF_TRACKED_PROCESS:
        break;
    }
    return "track_process";
}

static void tell_of_unused(struct conf_builder *builder, const struct track_draft *draft)
{
    struct conf_diagnostic *diagnostic =
        conf_complain(builder, CONF_NOTE, CONF_PROBLEM_NO_EFFECT, draft->node, 1, "nothing tracks %s %s",
                      kind_word(draft->kind), draft->name);

    conf_diagnostic_advise(builder->diagnostics, diagnostic,
                           "name it in a %s of a vrrp_instance or vrrp_sync_group, or remove it",
                           conf_tracked_list(draft->kind));
}

static void finish_draft(struct conf_builder *builder, const struct track_draft *draft)
{
    if (draft->kind == CONF_TRACKED_BFD) {
        conf_finish_bfd(builder, draft);
        return;
    }
    if (!draft->used) {
        if (!draft->unusable)
            tell_of_unused(builder, draft);
        return;
    }
    switch (draft->kind) {
    case CONF_TRACKED_SCRIPT:
        finish_script(builder, draft);
        return;
    case CONF_TRACKED_FILE:
        finish_file(builder, draft);
        return;
    case CONF_TRACKED_PROCESS:
        finish_process(builder, draft);
        return;
    case CONF_TRACKED_BFD:
        return;
    }
}

void conf_finish_tracks(struct conf_builder *builder)
{
    struct conf_model *model = builder->model;

    for (struct track_draft *draft = builder->tracks_by_key; draft != NULL; draft = draft->by_key.next) {
        if (draft->kind == CONF_TRACKED_SCRIPT)
            check_program(builder, draft);
    }
    for (uint32_t i = 0; i < model->sync_groups.count; i++)
        model->sync_groups.items[i]->tracked.count = drop_unusable(
            builder, model->sync_groups.items[i]->tracked.items, model->sync_groups.items[i]->tracked.count);
    for (size_t i = 0; i < builder->group_count; i++)
        settle_group(builder, builder->groups[i]);
    for (size_t i = 0; i < builder->instance_count; i++) {
        struct conf_instance *instance = builder->instances[i]->instance;

        instance->tracked.count = drop_unusable(builder, instance->tracked.items, instance->tracked.count);
        if (!builder->instances[i]->dropped)
            settle_instance(builder, builder->instances[i]);
    }
    for (uint32_t i = 0; i < model->instances.count; i++)
        mark_used(builder, model->instances.items[i]->tracked.items,
                  model->instances.items[i]->tracked.count);
    for (uint32_t i = 0; i < model->sync_groups.count; i++)
        mark_used(builder, model->sync_groups.items[i]->tracked.items,
                  model->sync_groups.items[i]->tracked.count);
}

void conf_keep_tracks(struct conf_builder *builder)
{
    for (struct track_draft *draft = builder->tracks_by_key; draft != NULL; draft = draft->by_key.next)
        finish_draft(builder, draft);
}
