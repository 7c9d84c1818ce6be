/* The mount API by descriptors: no path of the tenant's root is followed as a string outside of openat2. */
#ifndef TENANT_INIT_MOUNTS_H
#define TENANT_INIT_MOUNTS_H

#include <stddef.h>
#include <stdint.h>

/* Opens PATH beneath ROOT as O_PATH plus FLAGS; no symbolic link on the way is followed. Answers -errno. */
int open_beneath(int root, const char *path, uint64_t flags);

/* Makes PATH's parents (0755) beneath ROOT, and answers O_PATH of the last of them; NAME becomes the last component. */
int open_parent(int root, const char *path, const char **name);

/* A new file system as a detached mount. OPTIONS are strings up to END: "key=value", or "flag". Fails the stage. */
int make_filesystem(const char *type, uint64_t attributes, const char *options, const char *end);

/* Moves a detached mount onto TARGET, an O_PATH descriptor. */
void attach_at(int mount, int target, const char *path);

/* Sets mount attributes on the mount that DESCRIPTOR is the root of. */
long set_attributes(int descriptor, uint64_t attributes);

#endif
