package files

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/encoding/protowire"

	"oteltop/model"
)

const (
	// peekSize is how much is looked at to tell JSON from protobuf, and the unit of reading.
	peekSize = 64 << 10
	// zstdWindow bounds what a zstd frame may make the decoder allocate.
	zstdWindow = 128 << 20
	// tagResourceSpans is field 1, length-delimited: the first byte of every OTLP trace request.
	tagResourceSpans = 1<<3 | byte(protowire.BytesType)
)

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
	b := bufio.NewReaderSize(in, peekSize)
	magic, _ := b.Peek(4) // a shorter file has no magic and is told by whoever reads it
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

// isJSON tells JSON from protobuf, which may begin with a newline and a brace as well but then holds
// control bytes (0x12, the value of a resource's first attribute) soon.
func isJSON(head []byte) bool {
	t := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(t) == 0 || t[0] != '{' && t[0] != '[' {
		return false
	}
	for _, c := range t[:min(len(t), 512)] {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
	}
	return true
}

// protobuf delivers a request resource by resource. Requests that were written one after the other
// without a frame are one message to protobuf, and read as well.
func (r *run) protobuf(b *bufio.Reader) {
	for n := 1; ; n++ {
		request, err := resourceSpans(b)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			r.fail(0, fmt.Sprintf("protobuf: resource %d: %v", n, err))
			return
		}
		r.Intake.Bytes[model.TransportFile].Add(uint64(len(request)))
		if why := r.deliver(request); why != "" {
			r.fail(0, fmt.Sprintf("protobuf: resource %d: %s", n, why))
		}
		if r.ctx.Err() != nil {
			return
		}
	}
}

// resourceSpans reads one field 1 with its tag and length, which is a request in itself.
func resourceSpans(b *bufio.Reader) ([]byte, error) {
	tag, err := b.ReadByte()
	if err != nil {
		return nil, err
	}
	if tag != tagResourceSpans {
		return nil, fmt.Errorf("unexpected field (tag %#x)", tag)
	}
	size, err := readVarint(b)
	if err != nil {
		return nil, err
	}
	if size > maxValue {
		return nil, fmt.Errorf("longer than %d bytes", maxValue)
	}
	request := protowire.AppendVarint([]byte{tag}, size)
	head := len(request)
	// Grown while reading, so that a length that lies does not allocate.
	w := bytes.NewBuffer(request)
	if n, err := io.CopyN(w, b, int64(size)); err != nil {
		return nil, fmt.Errorf("ends after %d of %d bytes", n, size)
	}
	return w.Bytes()[:head+int(size)], nil
}

// readVarint reads a base-128 number; the end of the file within it is not a normal end.
func readVarint(b *bufio.Reader) (uint64, error) {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		c, err := b.ReadByte()
		if err != nil {
			return 0, io.ErrUnexpectedEOF
		}
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v, nil
		}
	}
	return 0, errors.New("a length longer than ten bytes")
}
