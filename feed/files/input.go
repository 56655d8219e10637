package files

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	// bufferSize is the unit of reading.
	bufferSize = 64 << 10
	// headSize is how much is looked at at most to tell JSON from protobuf.
	headSize = 512
	// zstdWindow bounds what a zstd frame may make the decoder allocate.
	zstdWindow = 128 << 20
)

// errNeither is the verdict on a file of another kind.
var errNeither = errors.New("neither JSON nor OTLP protobuf")

// file reads one file to its end.
func (r *run) file(path string) {
	r.path = path
	in, closer, err := r.open(path)
	if err != nil {
		r.fail(0, reason(err))
		return
	}
	defer closer()
	plain, closer, err := decompress(counted{in, &r.read})
	if err != nil {
		r.fail(1, cutOff(err).Error())
		return
	}
	defer closer()
	b := bufio.NewReaderSize(plain, bufferSize)
	head, err := peek(b)
	switch {
	case isJSON(head):
		r.json(b)
	case len(head) > 0 && head[0] == tagResourceSpans:
		r.protobuf(b)
	case len(head) > 0:
		r.fail(1, errNeither.Error())
	case !errors.Is(err, io.EOF):
		r.fail(1, cutOff(err).Error())
	}
}

// open opens a file or standard input. What is not a regular file may keep its reader waiting for
// ever, so that reading it ends with ctx.
func (r *run) open(path string) (in io.Reader, closer func(), err error) {
	if path == "-" {
		in, closer = interruptible(r.ctx, r.stdin)
		return in, closer, nil
	}
	size, err := checkFile(path)
	if err != nil {
		return nil, nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	if size >= 0 {
		return f, func() { f.Close() }, nil
	}
	in, stop := interruptible(r.ctx, f)
	return in, func() { stop(); f.Close() }, nil
}

// interruptible returns a reader of in that ends with the error of ctx. The goroutine behind it ends
// with in, or with the first bytes that come after stop or the end of ctx: a read that waits cannot be
// called back.
func interruptible(ctx context.Context, in io.Reader) (out io.Reader, stop func()) {
	pr, pw := io.Pipe()
	go func() {
		_, err := io.Copy(pw, in)
		pw.CloseWithError(err)
	}()
	uncall := context.AfterFunc(ctx, func() { pr.CloseWithError(ctx.Err()); pw.CloseWithError(ctx.Err()) })
	return pr, func() { uncall(); pr.Close() }
}

// counted counts the bytes that are read through it.
type counted struct {
	io.Reader
	n *atomic.Int64
}

// Read implements io.Reader.
func (c counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// decompress undoes gzip or zstd, known by their magic bytes.
func decompress(in io.Reader) (out io.Reader, closer func(), err error) {
	b := bufio.NewReaderSize(in, bufferSize)
	magic, _ := b.Peek(1) // a shorter file has no magic and is told by whoever reads it
	if len(magic) == 1 && (magic[0] == 0x1f || magic[0] == 0x28) {
		magic, _ = b.Peek(4)
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, nil, fmt.Errorf("gzip: %w", err)
		}
		return z, func() { z.Close() }, nil
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(b, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, nil, fmt.Errorf("zstd: %w", err)
		}
		return z, z.Close, nil
	}
	return b, func() {}, nil
}

// peek returns the beginning of the file, or as much as there is with the error that ends it. It waits for no
// more than it takes to tell what the file is, because a pipe may have come to rest after its first line.
func peek(b *bufio.Reader) (head []byte, err error) {
	for n := 1; ; n++ {
		head, err = b.Peek(n)
		if err != nil {
			return head, err
		}
		head, _ = b.Peek(min(b.Buffered(), headSize))
		n = len(head)
		if head[0] != tagResourceSpans && len(bytes.TrimLeft(head, spaces)) > 0 || n == headSize {
			return head, nil
		}
	}
}

const spaces = " \t\r\n"

// isJSON tells JSON from protobuf, which may begin with a newline and a brace as well but then holds
// control bytes (0x12, the value of a resource's first attribute) soon.
func isJSON(head []byte) bool {
	t := bytes.TrimLeft(bytes.TrimPrefix(head, []byte(byteOrderMark)), spaces)
	if len(t) == 0 {
		return len(head) > 0 // blank lines, which hold nothing
	}
	if t[0] != '{' && t[0] != '[' {
		return false
	}
	for _, c := range t {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
	}
	return true
}

// cutOff words an error of reading.
func cutOff(err error) error { return fmt.Errorf("cut off: %w", err) }

// json delivers the values of a JSON file.
func (r *run) json(b *bufio.Reader) {
	s := splitter{take: r.value, broken: r.refuse, fail: r.fail}
	if s.read(b) == nil {
		r.flushZipkin(true)
	}
}
