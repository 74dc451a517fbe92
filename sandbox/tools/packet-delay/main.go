// packet-delay NEAR FAR MS JITTER: carries every Ethernet frame from one TAP device to the other, both ways, each MS
// milliseconds later and up to JITTER more, in the order they came. Says "ready" when it does; ends when its standard input ends.
//
// For kernels without netem.
package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// Frames on their way at most; more are lost, as in a full queue of a router.
	queue    = 8192
	maxFrame = 65535
)

type late struct {
	due   time.Time
	frame []byte
}

func main() {
	if len(os.Args) != 5 {
		fail("usage: packet-delay NEAR FAR MILLISECONDS JITTER")
	}
	near, far := open(os.Args[1]), open(os.Args[2])
	delay, jitter := milliseconds(os.Args[3]), milliseconds(os.Args[4])
	go carry(near, far, delay, jitter)
	go carry(far, near, delay, jitter)
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
}

func carry(from, to *os.File, delay, jitter time.Duration) {
	frames := make(chan late, queue)
	go func() {
		for one := range frames {
			time.Sleep(time.Until(one.due))
			// A device that is down takes no frame: lost like any other.
			to.Write(one.frame)
		}
	}()
	var last time.Time
	buffer := make([]byte, maxFrame)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			fail("read: " + err.Error())
		}
		due := time.Now().Add(delay)
		if jitter > 0 {
			due = due.Add(rand.N(jitter))
		}
		if due.Before(last) {
			due = last
		}
		last = due
		frame := make([]byte, n)
		copy(frame, buffer)
		select {
		case frames <- late{due, frame}:
		default:
		}
	}
}

func open(name string) *os.File {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		fail("/dev/net/tun: " + err.Error())
	}
	request, err := unix.NewIfreq(name)
	if err != nil {
		fail("TAP device " + name + ": " + err.Error())
	}
	request.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		fail("TAP device " + name + ": " + err.Error())
	}
	return os.NewFile(uintptr(fd), name)
}

func milliseconds(text string) time.Duration {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || value < 0 {
		fail("not a number of milliseconds: " + text)
	}
	return time.Duration(value * float64(time.Millisecond))
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, "packet-delay: "+why)
	os.Exit(1)
}
