package files

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// tooLong is a line or a document over maxValue; the rest of it has been skipped.
type tooLong struct{}

// Error says the limit.
func (tooLong) Error() string { return fmt.Sprintf("longer than %d bytes", maxValue) }

// lines reads lines of up to maxValue bytes into one buffer that is used again.
type lines struct {
	b   *bufio.Reader
	buf []byte
	n   int // number of the line returned last, from 1
}

// next returns the next line with its newline. The error is io.EOF with the last line, tooLong, or what
// the reader says.
func (l *lines) next() ([]byte, error) {
	l.n++
	l.buf = l.buf[:0]
	long := false
	for {
		part, err := l.b.ReadSlice('\n')
		if long = long || len(l.buf)+len(part) > maxValue; !long {
			l.buf = append(l.buf, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case long && (err == nil || errors.Is(err, io.EOF)):
			return nil, tooLong{}
		}
		return l.buf, err
	}
}
