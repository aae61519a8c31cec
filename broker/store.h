// SPDX-License-Identifier: Apache-2.0
// The broker's side of the store: namespaces, queues, partitions, and the batches in which everything goes to Redis.
//
// Group commit. An operation is appended to the open batch of its kind in its partition: its arguments are encoded
// there at once, so that an operation is no object of its own. At the end of a turn each partition with no round in
// flight sends one: all its batches, one FCALL each, at most BATCH operations a batch, and the claim behind them, in one pipeline.
// While the round is in flight the next one collects; a large one goes out already then, so that Redis never waits for us. So a busy partition works in large batches and an idle one at once.
//
// Claims. A partition is READY (it may have work) or HUNGRY (Redis said that it has none, and knows that we want some).
// Sessions with credit claim from READY partitions only; a wake-up, our own enqueue, a due alarm or the safety
// look make it READY again. Nothing polls: without sessions that have credit no alarm is set.
//
//      READY ──── claim got less than asked ────▶ HUNGRY ── alarm at "next" ──┐
//        ▲                                          │                         │
//        └──── wake-up · own enqueue · reconnect ───┴──── safety look ◀───────┘
//
// Durability `replicas=N`. A round whose answers promise something ends with WAIT; what its batches were answered is held back
// (struct confirm) until so many replicas have it. Too few: "away", and the client says it again.
//
// When the store is away. Enqueue, cancel and questions are answered "away" at once and never kept. What tells of work
// that was done (ack, release, started) and what waits is kept and sent after the reconnect; Redis tells repeats apart.
//
// Invariant: a batch is on exactly one of: spare, open (its partition's), in flight (the link's waiting list).

#ifndef KRAIT_BROKER_STORE_H
#define KRAIT_BROKER_STORE_H

#include "broker/away.h"
#include "broker/record.h"
#include "broker/redis_link.h"
#include "sdk/base/id.h"
#include "sdk/base/map.h"

#define BROKER_ID 8
#define BATCH     256

struct broker;
struct request;
struct session;
struct part;

// One row a kind, in the order in which a round sends them: starts before the sessions that end with them, new work
// before the claim that may take it.
// X(name, function, keep: survives a lost connection)
#define BATCH_LIST(X)                                                                                      \
    X(STARTED, "kr2_started", true)                                                                         \
    X(PROGRESS, "kr2_progress", false)                                                                      \
    X(ACK,     "kr2_ack",     true)                                                                         \
    X(RELEASE, "kr2_release", true)                                                                         \
    X(ENQUEUE, "kr2_enqueue", false)                                                                        \
    X(WAIT,    "kr2_wait",    true)                                                                         \
    X(LOOK,    "kr2_wait",    false)                                                                        \
    X(CANCEL,  "kr2_cancel",  false)                                                                        \
    X(STOP,    "kr2_cancel",  false)   /* cancel what runs, too */                                          \
    X(PEEK,    "kr2_peek",    true)                                                                         \
    X(BEAT,    "kr2_beat",    false)                                                                        \
    X(HELD,    "kr2_held",    false)                                                                        \
    X(REAP,    "kr2_reap",    true)    /* of one session that is over */                                    \
    X(SWEEP,   "kr2_reap",    false)   /* of all that are silent: what was known before an absence is old */ \
    X(STATS,   "kr2_stats",   false)                                                                        \
    X(WAKE,    "kr2_wake",    false)                                                                        \
    X(CLAIM,   "kr2_claim",   false)

enum batch_kind {
#define BATCH_ENUM(name, function, keep) BATCH_##name,
    BATCH_LIST(BATCH_ENUM)
#undef BATCH_ENUM
    BATCH_KINDS
};

// Who wants the answer of one operation, and which of his it is.
struct batch_ref {
    void *who;
    uint32_t index;
};

struct batch {
    struct redis_cmd cmd;
    struct batch *next;            // in the partition's line or the spare list
    struct part *part;             // backlink
    enum batch_kind kind;
    uint32_t n;                    // operations
    uint32_t words;                // arguments in `args`
    bool ends_round;               // the last one of its round
    struct confirm *confirm;       // borrowed; whose answer is waited for, or NULL
    struct arena held_in;          // of the answer that is held back
    struct reply *held;
    bool large;                    // ack: some body is, or may be
    struct buf args;               // encoded
    // The run of one session's operations that is open: its count is written into `args` at run_at.
    char sid[RECORD_SID];
    uint32_t run;
    size_t run_at;
    struct batch_ref refs[BATCH];
};

struct queue {
    struct space *space;           // backlink
    char name[ID_NAME_MAX + 1];
    struct part *part;             // owned; one until queues with several exist
    bool used;                     // tasks go in or out here: it belongs into the registry
    bool registered;               // stands in kr:{NS/queues}
    uint64_t depth[4];             // queued, delayed, active, dead: as of the last look
    uint64_t ended[3];             // done, died, cancelled: since it was made
    uint64_t oldest_ms;
    bool paused;
    uint32_t weight;               // its setting
    struct redis_cmd learning;     // the weight is being read
    bool is_learning;
};

// A task's name: who here knows it, and whether somebody elsewhere does.
struct task_name {
    char *text;                    // owned
    uint32_t local;                // sessions of this broker that know it
    uint32_t uses;                 // leases that point here
    struct defaults *defaults;     // owned: what its decorator said; NULL: nothing (defaults.c)
    bool remote;                   // as of `asked`
    struct mono asked;             // 0 = never
    struct redis_cmd cmd;
    bool asking;
};

struct space {
    struct store *store;           // backlink
    char name[ID_NAME_MAX + 1];
    struct map queues;             // name -> struct queue, owned
    struct map names;              // task name -> struct task_name, owned
    struct queue *last_queue;      // borrowed: what was looked up last is mostly asked for again
    struct task_name *last_name;
    bool registered;               // stands in kr:spaces
    struct redis_cmd listing;      // the registry is being read
    bool is_listing;
    // Options of decorators (defaults.c).
    struct redis_cmd defaults_cmd;
    bool defaults_loading, defaults_again;
    bool defaults_known;           // were read once: until then producers wait for their Welcome
    bool defaults_news;            // changed here, and not published yet
};

struct part {
    struct queue *queue;           // backlink
    char prefix[2 * ID_NAME_MAX + 24];    // kr:{NS/QUEUE/PART}
    char counters[2 * ID_NAME_MAX + 32];  // its :c, the one key of every call
    struct batch *first[BATCH_KINDS], *last[BATCH_KINDS];   // open batches, owned
    uint32_t flying;               // batches without an answer
    uint32_t rounds;               // of them, in this many rounds
    uint32_t pending;              // operations in open batches
    struct link dirty;             // on store.dirty: wants a round
    bool hungry;
    bool woken;                    // since the last claim was sent: its answer is older than the news
    bool look;                     // claim even when hungry: the alarm or the safety look asks
    bool sweep;                    // send a sweep in the next round
    struct mono swept;
    struct list subs;              // of sub.on_part
    struct map waiting;            // key -> first struct waiting, borrowed (requests own them)
    struct map expected;           // key -> struct expected: their end will be told without asking (op_result.c)
    struct list hearing;           // of hearing.link: who waits for its events (op_events.c)
    uint64_t heard;                // how often something happened
    struct alarm alarm;            // when Redis wants us to look again
    struct alarm silent;           // when the next session will have been silent for too long
    struct link all;               // on store.parts
};

struct store {
    struct broker *broker;         // backlink
    struct redis_link main, news;  // commands; pub/sub
    struct away away;              // when `main` was ready
    struct map spaces;             // name -> struct space, owned
    struct list parts;             // of part.all
    struct list dirty;             // of part.dirty
    struct batch *spare;           // owned
    uint32_t n_spare;
    struct list expected, spare_expected;   // owned, oldest first (op_result.c)
    struct redis_cmd greet, listing;
    bool is_listing;
    int greet_step;
    struct alarm safety;           // one partition a second, while somebody is hungry
    struct alarm rewait;           // waiters ask again
    struct link *safety_at;        // where the rotation stands
    bool oom;                      // Redis said so last
    bool thin;                     // too few replicas answered last
    uint64_t unconfirmed;          // batches that too few replicas had
};

bool store_open(struct store *s, struct broker *b);
void store_close(struct store *s);
void store_free_spaces(struct store *s);

// Sends what was collected. Once a turn.
void store_flush(struct store *s);

static inline bool store_is_ready(const struct store *s)
{
    return link_is_ready(&s->main);
}

// By how many ms a session's deadline must have passed for it to be given up now; -1: none may be (away.h).
int64_t store_patience(const struct store *s);

// NULL: out of memory, or too many.
struct space *store_space(struct store *s, struct slice name);
struct queue *store_queue(struct space *sp, struct slice name);
struct part *store_part(struct space *sp, const struct task_id *id);
struct task_name *store_name(struct space *sp, struct slice name);

// Only what is known already.
static inline struct task_name *store_known_name(const struct space *sp, struct slice name)
{
    return sp->last_name && slice_is(name, sp->last_name->text) ? sp->last_name : map_get(&sp->names, name);
}

// Asks Redis whether some broker's worker knows the name, unless that was asked lately.
void store_ask_name(struct space *sp, struct task_name *t);
void store_tell_names(struct space *sp, struct session *s);

// Options that decorators gave, for tasks sent by name alone (defaults.c). learn: a worker says them; renew: they hold on while a
// session knows the names, and what changed is published; load: as Redis has them.
void defaults_free(struct defaults *d);
void defaults_learn(struct space *sp, struct task_name *t, const struct msg_task_name *said);
void defaults_renew(struct space *sp, struct session *s);
void defaults_load(struct space *sp);
void defaults_load_all(struct store *s);

// Reads the list of namespaces and their queues, of one space or of all, so that queues that only others used are known, too.
void store_list_queues(struct space *sp);
void store_list_spaces(struct store *s);

// Takes in what HKEYS of the registry said.
void store_learn_queues(struct space *sp, const struct reply *r);

// Its settings were changed here, by us: every broker reads again what it keeps of them.
void store_tell_changed(struct part *p);
void store_learn_weight(struct queue *q);

// It left the registry.
void store_forget_queue(struct queue *q);

// The open batch for one more operation of this kind; NULL: out of memory.
struct batch *part_batch(struct part *p, enum batch_kind kind);

// The same within a run of one session's operations.
struct batch *part_batch_of(struct part *p, enum batch_kind kind, const char sid[RECORD_SID]);

// Ends an operation whose `words` arguments were appended to b->args.
void batch_add(struct batch *b, uint32_t words, void *who, uint32_t index);

void part_dirty(struct part *p);

// Gives up, with the next round, who has been silent for too long.
void part_sweep(struct part *p);

// The store is away: what must not be kept is answered so.
void part_abandon(struct part *p);

// There may be work: claim for whoever has credit.
void part_ready(struct part *p);

// Somebody has credit, somebody waits: set the alarms for what pub/sub may lose.
void store_watch(struct store *s);
void store_watch_waiters(struct store *s);

// A command of its own on the main link, for what belongs to no partition.
bool store_send(struct store *s, struct redis_cmd *c, size_t n, const struct slice *words);

// Sends and forgets.
void store_tell(struct store *s, size_t n, const struct slice *words);

#endif
