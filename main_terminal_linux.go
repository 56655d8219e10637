package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// discardOutput throws away what a terminal has not taken yet and wakes up whoever waits for room.
// Discarding alone does not wake them; stopping and starting the output does.
func discardOutput(tty *os.File) {
	fd := int(tty.Fd())
	for _, ask := range [][2]int{{unix.TCFLSH, unix.TCOFLUSH}, {unix.TCXONC, unix.TCOOFF}, {unix.TCXONC, unix.TCOON}} {
		_ = unix.IoctlSetInt(fd, uint(ask[0]), ask[1]) // it is no terminal, or gone: then nobody waits
	}
}
