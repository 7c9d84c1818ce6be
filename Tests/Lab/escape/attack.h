/* What the families of attacks have in common. An attack runs in a child process of its own and ends with exactly one of
 * escaped(), refused() and not_applicable(). */
#ifndef ESCAPE_ATTACK_H
#define ESCAPE_ATTACK_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

struct attack {
    const char *name;
    void (*run)(void);
};

/* Each family's attacks, ended by one without a name. */
extern const struct attack filesystem_attacks[], proc_attacks[], device_attacks[], namespace_attacks[],
    cgroup_attacks[], system_call_attacks[], credential_attacks[], descriptor_attacks[], network_attacks[],
    neighbour_attacks[], bomb_attacks[], race_attacks[];

/* The essential move has succeeded; PROOF says how that is known. */
_Noreturn void escaped(const char *proof, ...) __attribute__((format(printf, 1, 2)));
/* The move failed with errno at WHERE, usually a call and its object. */
_Noreturn void refused(const char *where, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void refused_as(int error, const char *where, ...) __attribute__((format(printf, 2, 3)));
/* The kernel or the machine lacks what the attack is about. */
_Noreturn void not_applicable(const char *why, ...) __attribute__((format(printf, 1, 2)));

/* The result of a call that belongs to the attack: a negative one is its refusal. */
long must(long result, const char *where);

/* A fact of the host that the test gives along: the process id of a neighbour, the number of a disk. */
long fact(const char *name);

/* Opens, reads at least a byte, closes; answers how many, or -1 with errno. What was read stays terminated in `text`. */
long read_some(int directory, const char *path, char *text, size_t size);
/* Opens for writing and writes TEXT. */
void write_to(const char *path, const char *text);

/* A file of the host that everybody may read, and its content: whoever reads it has left the root. */
#define HOST_SECRET "srv/escape/secret"
#define HOST_SECRET_TEXT "only the host reads this"
/* Ends the attack as escaped if the secret can be read at PATH beneath DIRECTORY; returns with errno set otherwise. */
void try_secret(int directory, const char *path);

/* host.c: makes what on the host an attack looks for, and stays. */
_Noreturn void be_the_host(void);
/* races.c: exchanges DIRECTORY/place and DIRECTORY/link for as long as it lives. */
_Noreturn void flip(const char *directory);
/* hold.c: takes as many of NAME as there are, and keeps them; takes one, and answers an exit status. */
_Noreturn void hold(const char *name);
int take_one(const char *name);

#endif
