/*
 * sim: VRRP routers in simulated networks, from seeds. See world.h for the parts, convergence.h for the
 * bounds.
 *
 *     sim [--seeds N] [--first SEED] [--steps N]   N seeds, then every mutant; exit 0 only if all is as it
 * must be sim --seed SEED [--mutant N] [--trace]       one seed, optionally of a mutant, every step printed
 *     sim --mutant N                               seeds of one mutant until it is caught
 *     sim --mutants                                the list
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/sim/mutants.h"
#include "tests/sim/world.h"

#define SEEDS_DEFAULT  800   /* make check: a few seconds */
#define SEEDS_FULL     10000 /* from here on each cell must be hit CELL_HITS_FULL times */
#define STEPS_DEFAULT  2050  /* router steps a seed: 20 million over 10,000 seeds */
#define CELL_HITS_FULL 100
#define MUTANT_SEEDS   300 /* a mutant that survives so many was not caught */
#define BY_NETWORK_MIN 8
#define REPEAT_EVERY   20 /* every so many seeds one is run twice and compared */

struct options {
    struct sim_plan plan; /* its seed is the first */
    uint64_t seeds;
    bool single;
};

static struct sim_totals totals;

static void print_violation(uint64_t seed, const struct sim_violation *found)
{
    printf("seed %llu: %s, at %.6f s, node %u, net %u", (unsigned long long)seed,
           sim_invariant_text(found->invariant), (double)found->at_ns / 1e9, found->node, found->net);
    if (found->bound_ns > 0)
        printf(": %.6f s, allowed %.6f s", (double)found->measured_ns / 1e9, (double)found->bound_ns / 1e9);
    printf("\n");
}

/* ------------------------------------------------------------------ the healthy machine */

static bool repeats(const struct sim_plan *plan)
{
    static struct sim_totals first;
    static struct sim_totals second;

    memset(&first, 0, sizeof(first));
    memset(&second, 0, sizeof(second));
    sim_run(plan, &first);
    sim_run(plan, &second);
    if (first.hash == second.hash)
        return true;
    printf("seed %llu: two runs differ\n", (unsigned long long)plan->seed);
    return false;
}

static bool run_seeds(const struct options *options)
{
    struct sim_plan plan = options->plan;

    for (uint64_t i = 0; i < options->seeds; i++, plan.seed++) {
        struct sim_violation found = sim_run(&plan, &totals);

        if (found.invariant != SIM_HOLDS) {
            print_violation(plan.seed, &found);
            return false;
        }
        if (plan.seed % REPEAT_EVERY == 0 && !repeats(&plan))
            return false;
    }
    return true;
}

static void print_cells(void)
{
    printf("\n%-18s", "steps by cell");
    for (int state = 0; state < VRRP_STATE_COUNT; state++)
        printf("%12s", vrrp_state_name((enum vrrp_state)state));
    printf("\n");
    for (int event = 0; event < EVENT_TYPE_COUNT; event++) {
        printf("  %-16s", vrrp_event_name((enum vrrp_event_type)event));
        for (int state = 0; state < VRRP_STATE_COUNT; state++)
            printf("%12llu", (unsigned long long)totals.cells[state][event]);
        printf("\n");
    }
}

static bool check_cells(uint64_t seeds)
{
    uint64_t wanted = seeds >= SEEDS_FULL ? CELL_HITS_FULL : 1;
    bool complete = true;

    for (int state = 0; state < VRRP_STATE_COUNT; state++) {
        for (int event = 0; event < EVENT_TYPE_COUNT; event++) {
            if (totals.cells[state][event] >= wanted)
                continue;
            printf("%s in %s: only %llu times, %llu wanted\n", vrrp_event_name((enum vrrp_event_type)event),
                   vrrp_state_name((enum vrrp_state)state), (unsigned long long)totals.cells[state][event],
                   (unsigned long long)wanted);
            complete = false;
        }
    }
    return complete;
}

static void print_spells(void)
{
    static const char *const texts[SPELL_KIND_COUNT] = {
        [SPELL_TWO_MET] = "two masters, networks joined",
        [SPELL_TWO_FRESH] = "two masters, one new",
        [SPELL_NONE] = "no master",
        [SPELL_NONE_ZERO] = "no master after priority 0",
        [SPELL_INVERSION] = "a better router waiting",
    };

    printf("\n%-30s%10s%14s%14s%16s\n", "spells in calm networks", "count", "longest (s)", "its bound",
           "worst share");
    for (int kind = 0; kind < SPELL_KIND_COUNT; kind++) {
        const struct sim_spell *spell = &totals.spells[kind];

        printf("  %-28s%10llu%14.6f%14.6f%15.1f%%\n", texts[kind], (unsigned long long)spell->count,
               (double)spell->longest_ns / 1e9, (double)spell->longest_bound_ns / 1e9,
               100 * spell->worst_share);
    }
}

static void print_totals(double seconds)
{
    printf(
        "%llu seeds, %llu router steps, %llu transitions, %llu adverts sent (%llu lost), %llu calm phases\n",
        (unsigned long long)totals.runs, (unsigned long long)totals.steps,
        (unsigned long long)totals.transitions, (unsigned long long)totals.packets,
        (unsigned long long)totals.lost, (unsigned long long)totals.calms);
    printf("trace hash %016llx, %.1f s of processor time\n", (unsigned long long)totals.hash, seconds);
    print_cells();
    print_spells();
}

/* ------------------------------------------------------------------ the mutants */

/* What catches it; SIM_HOLDS = nothing did, in so many seeds. */
static enum sim_invariant hunt(struct sim_plan plan)
{
    static struct sim_totals of_mutant;

    memset(&of_mutant, 0, sizeof(of_mutant));
    for (unsigned int i = 0; i < MUTANT_SEEDS; i++, plan.seed++) {
        struct sim_violation found = sim_run(&plan, &of_mutant);

        if (found.invariant == SIM_HOLDS)
            continue;
        if (!plan.network_only || plan.tracing)
            print_violation(plan.seed, &found);
        return found.invariant;
    }
    return SIM_HOLDS;
}

struct catch
{
    bool at_all;
    bool by_network;
};

/* Caught at a router's own step, or by what the network as a whole shows, or both. */
static struct catch hunt_one(const struct options *options, unsigned int mutant)
{
    struct sim_plan plan = options->plan;
    enum sim_invariant caught;
    enum sim_invariant in_network;

    plan.mutant = mutant;
    printf("  %2u %s\n       ", mutant, sim_mutant_text((enum sim_mutant)mutant));
    caught = hunt(plan);
    if (caught == SIM_HOLDS)
        printf("SURVIVED %d seeds\n", MUTANT_SEEDS);
    plan.network_only = true;
    in_network = hunt(plan);
    printf("       network alone: %s\n",
           in_network == SIM_HOLDS ? "not to be seen" : sim_invariant_text(in_network));
    return (struct catch){.at_all = caught != SIM_HOLDS, .by_network = in_network != SIM_HOLDS};
}

/* Every mutant must be caught; and enough of them by the network alone, which knows nothing of router.c. */
static bool hunt_all(const struct options *options)
{
    unsigned int survivors = 0;
    unsigned int by_network = 0;

    printf("\nmutants\n");
    for (unsigned int mutant = MUTANT_NONE + 1; mutant < MUTANT_COUNT; mutant++) {
        struct catch catch = hunt_one(options, mutant);

        survivors += !catch.at_all;
        by_network += catch.by_network;
    }
    printf("%d mutants, %u survived, %u caught by the network alone (at least %d wanted)\n", MUTANT_COUNT - 1,
           survivors, by_network, BY_NETWORK_MIN);
    return survivors == 0 && by_network >= BY_NETWORK_MIN;
}

/* ------------------------------------------------------------------ the command */

static int run_one(const struct options *options)
{
    struct sim_violation found = sim_run(&options->plan, &totals);

    print_violation(options->plan.seed, &found);
    return found.invariant == SIM_HOLDS ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run_all(const struct options *options)
{
    clock_t began = clock();
    bool held = run_seeds(options);

    print_totals((double)(clock() - began) / CLOCKS_PER_SEC);
    if (!held || !check_cells(options->seeds) || totals.steps < options->seeds * options->plan.steps)
        return EXIT_FAILURE;
    if (!hunt_all(options))
        return EXIT_FAILURE;
    printf("\nall invariants hold, all mutants caught, %.1f s of processor time in all\n",
           (double)(clock() - began) / CLOCKS_PER_SEC);
    return EXIT_SUCCESS;
}

static int list_mutants(void)
{
    for (unsigned int mutant = MUTANT_NONE + 1; mutant < MUTANT_COUNT; mutant++)
        printf("%2u  %s\n", mutant, sim_mutant_text((enum sim_mutant)mutant));
    return EXIT_SUCCESS;
}

static int usage(void)
{
    fprintf(stderr, "usage: sim [--seeds N] [--first SEED] [--steps N]\n"
                    "       sim --seed SEED [--mutant N] [--trace]\n"
                    "       sim --mutant N\n"
                    "       sim --mutants\n");
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"seeds", required_argument, NULL, 'n'},  {"first", required_argument, NULL, 'f'},
        {"steps", required_argument, NULL, 'e'},  {"seed", required_argument, NULL, 's'},
        {"mutant", required_argument, NULL, 'm'}, {"mutants", no_argument, NULL, 'l'},
        {"trace", no_argument, NULL, 't'},        {NULL, 0, NULL, 0},
    };
    struct options options = {.seeds = SEEDS_FULL, .plan = {.steps = STEPS_DEFAULT}};

    for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        switch (option) {
        case 'n':
            options.seeds = strtoull(optarg, NULL, 10);
            break;
        case 'f':
            options.plan.seed = strtoull(optarg, NULL, 10);
            break;
        case 'e':
            options.plan.steps = strtoull(optarg, NULL, 10);
            break;
        case 's':
            options.plan.seed = strtoull(optarg, NULL, 10);
            options.single = true;
            break;
        case 'm':
            options.plan.mutant = (unsigned int)strtoul(optarg, NULL, 10);
            break;
        case 'l':
            return list_mutants();
        case 't':
            options.plan.tracing = true;
            break;
        default:
            return usage();
        }
    }
    if (optind < argc || options.plan.mutant >= MUTANT_COUNT)
        return usage();
    if (options.single)
        return run_one(&options);
    if (options.plan.mutant != MUTANT_NONE)
        return hunt_one(&options, options.plan.mutant).at_all ? EXIT_SUCCESS : EXIT_FAILURE;
    return run_all(&options);
}
