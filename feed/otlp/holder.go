package otlp

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
)

// holder finds who listens on the port of addr, as in "jaeger (pid 4711)", from Linux's /proc. It is
// empty where there is no /proc, or where the process belongs to another user.
func holder(addr string) string {
	_, text, err := net.SplitHostPort(addr)
	if err != nil {
		return ""
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return ""
	}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		if inode := listeningInode(table, uint16(port)); inode != "" {
			if name := socketOwner(inode); name != "" {
				return name
			}
		}
	}
	return ""
}

// listeningInode finds the inode of the socket that listens on port in a table of /proc/net. Its lines
// are: index, local address as hex ip:port, remote address, state (0A: listening), queues, timer,
// retransmissions, uid, timeout, inode.
func listeningInode(table string, port uint16) string {
	text, err := os.ReadFile(table)
	if err != nil {
		return ""
	}
	suffix := fmt.Sprintf(":%04X", port)
	for line := range bytes.Lines(text) {
		fields := strings.Fields(string(line))
		if len(fields) > 9 && strings.HasSuffix(fields[1], suffix) && fields[3] == "0A" {
			return fields[9]
		}
	}
	return ""
}

// socketOwner finds the process that has a socket open, by its inode.
func socketOwner(inode string) string {
	target := "socket:[" + inode + "]"
	files, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return ""
	}
	for _, file := range files {
		if link, err := os.Readlink(file); err != nil || link != target {
			continue
		}
		process := filepath.Dir(filepath.Dir(file))
		name, err := os.ReadFile(filepath.Join(process, "comm"))
		if err != nil {
			return ""
		}
		return fmt.Sprintf("%s (pid %s)", printable(string(name)), filepath.Base(process))
	}
	return ""
}

// printable keeps what is fit for an error line of a name that a process chose for itself.
func printable(name string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, name)
}
