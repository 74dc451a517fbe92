package main

import "golang.org/x/sys/unix"

const architecture = unix.AUDIT_ARCH_X86_64

// Owners of files, then identities of processes.
var answered = []uint32{
	unix.SYS_CHOWN, unix.SYS_FCHOWN, unix.SYS_LCHOWN, unix.SYS_FCHOWNAT,
	unix.SYS_SETUID, unix.SYS_SETGID, unix.SYS_SETREUID, unix.SYS_SETREGID, unix.SYS_SETRESUID, unix.SYS_SETRESGID, unix.SYS_SETGROUPS,
}
