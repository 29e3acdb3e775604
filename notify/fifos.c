/*
 * FIFOs and configurations. See fifos.h.
 */
#include "notify/fifos.h"

#include <stdlib.h>

#include "conf/key.h"
#include "notify/fifo.h"
#include "notify/fifo_reader.h"

#define PLACES 3

/* One of the configuration's three. */
struct place {
    struct fifos *fifos;
    const struct conf_fifo *conf; /* while it is being opened or loaded */
    struct fifo *fifo;            /* NULL = none */
    uint64_t fifo_key;
    struct fifo_reader *reader; /* NULL = none */
    uint64_t reader_key;
    bool ready;
};

struct fifos {
    struct loop *loop;
    struct custody *custody;
    struct place places[PLACES]; /* of all, of VRRP, of the balancer */
    bool must_be_safe;
    unsigned int ending;      /* readers that have yet to end */
    void (*done)(void *data); /* set = finishing */
    void *data;
};

static const size_t place_of_topic[] = {[FIFO_TOPIC_VRRP] = 1, [FIFO_TOPIC_LVS] = 2};

struct fifos *fifos_new(struct loop *loop, struct custody *custody)
{
    struct fifos *fifos = calloc(1, sizeof(*fifos));

    if (fifos == NULL)
        abort();
    fifos->loop = loop;
    fifos->custody = custody;
    for (size_t i = 0; i < PLACES; i++)
        fifos->places[i].fifos = fifos;
    return fifos;
}

/* ------------------------------------------------------------------ readers */

static void say_done(struct fifos *fifos)
{
    void (*done)(void *data) = fifos->done;

    if (done == NULL || fifos->ending > 0)
        return;
    fifos->done = NULL;
    done(fifos->data);
}

static void reader_ended(void *data)
{
    struct fifos *fifos = data;

    fifos->ending--;
    say_done(fifos);
}

static void end_reader(struct place *place, struct span patience)
{
    struct fifo_reader *reader = place->reader;

    if (reader == NULL)
        return;
    place->reader = NULL;
    place->fifos->ending++;
    fifo_reader_end(reader, patience, reader_ended, place->fifos);
}

static void start_reader(struct place *place)
{
    const struct conf_fifo *conf = place->conf;
    const struct fifos *fifos = place->fifos;

    if (conf == NULL || conf->reader.words.count == 0)
        return;
    place->reader_key = conf_key_fifo_reader(conf);
    place->reader =
        fifo_reader_new(fifos->loop, conf, fifos->must_be_safe && conf->reader.uid == 0, fifos->custody);
}

static void pipe_is_ready(void *data)
{
    struct place *place = data;

    place->ready = true;
    if (place->reader == NULL)
        start_reader(place);
}

/* ------------------------------------------------------------------ configurations */

static void close_place(struct place *place)
{
    fifo_free(place->fifo);
    place->fifo = NULL;
    place->ready = false;
}

static void load_place(struct place *place, const struct conf_fifo *conf)
{
    bool wanted = conf->path != NULL;
    bool has_reader = wanted && conf->reader.words.count > 0;

    place->conf = wanted ? conf : NULL;
    if (place->reader != NULL && (!has_reader || place->reader_key != conf_key_fifo_reader(conf)))
        end_reader(place, span_s(0));
    if (place->fifo != NULL && (!wanted || place->fifo_key != conf_key_fifo(conf)))
        close_place(place);
    if (place->fifo != NULL) {
        if (place->ready && place->reader == NULL)
            start_reader(place);
        return;
    }
    if (!wanted)
        return;
    place->fifo_key = conf_key_fifo(conf);
    place->fifo = fifo_new(place->fifos->loop, conf, place->fifos->custody, pipe_is_ready, place);
}

static void end_unwanted(int fd, void *data)
{
    (void)data;
    fifo_reader_end_unwanted(fd);
}

void fifos_load(struct fifos *fifos, const struct conf_global *global)
{
    fifos->must_be_safe = global->enable_script_security;
    load_place(&fifos->places[0], &global->fifo);
    load_place(&fifos->places[1], &global->vrrp_fifo);
    load_place(&fifos->places[2], &global->lvs_fifo);
    custody_clear(fifos->custody, end_unwanted, NULL);
}

/* ------------------------------------------------------------------ lines and the end */

void fifos_write(struct fifos *fifos, enum fifo_topic topic, const char *line)
{
    if (fifos->places[0].fifo != NULL)
        fifo_write(fifos->places[0].fifo, line);
    if (fifos->places[place_of_topic[topic]].fifo != NULL)
        fifo_write(fifos->places[place_of_topic[topic]].fifo, line);
}

void fifos_finish(struct fifos *fifos, struct span patience, void (*done)(void *data), void *data)
{
    fifos->done = done;
    fifos->data = data;
    for (size_t i = 0; i < PLACES; i++) {
        close_place(&fifos->places[i]);
        end_reader(&fifos->places[i], patience);
    }
    say_done(fifos);
}
