// one-user PROGRAM [ARGUMENTS]: becomes the program, for which and for whose descendants every change of an owner or of an identity
// succeeds and does nothing.
//
// For user namespaces that have one user: whoever a file shall belong to or a process shall run as, there is nobody else. Programs that
// were written for a whole machine (kubelet, tar, cp, setpriv) take the kernel's EINVAL for a failure. A seccomp filter answers in its
// place; image builders without root do the same (charliecloud's --seccomp, apptainer's fakeroot).
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Offsets in struct seccomp_data (seccomp(2)).
const (
	atNumber       = 0
	atArchitecture = 4
)

func main() {
	if len(os.Args) < 2 {
		fail("usage: one-user PROGRAM [ARGUMENTS]")
	}
	program, err := exec.LookPath(os.Args[1])
	if err != nil {
		fail(err.Error())
	}
	// A filter belongs to a thread, and execve makes its caller the only one.
	runtime.LockOSThread()
	filter := filterOf(answered)
	if err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]})), 0, 0); err != nil {
		fail("the kernel takes no seccomp filter (CONFIG_SECCOMP_FILTER, and CAP_SYS_ADMIN in the user namespace): " + err.Error())
	}
	fail(program + ": " + unix.Exec(program, os.Args[1:], os.Environ()).Error())
}

// Classic BPF: these system calls of this architecture return 0, everything else goes through.
func filterOf(numbers []uint32) []unix.SockFilter {
	load := func(offset uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
	}
	answer := func(with uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: with} }
	equal := func(to uint32, otherwise uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: to, Jf: otherwise}
	}
	filter := []unix.SockFilter{load(atArchitecture), equal(architecture, uint8(1+2*len(numbers))), load(atNumber)}
	for _, number := range numbers {
		filter = append(filter, equal(number, 1), answer(unix.SECCOMP_RET_ERRNO))
	}
	return append(filter, answer(unix.SECCOMP_RET_ALLOW))
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, "one-user: "+why)
	os.Exit(1)
}
