package files

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"

	"oteltop/model"
)

// tagResourceSpans is field 1, length-delimited: the first byte of every OTLP trace request. It is a
// newline as well.
const tagResourceSpans = 1<<3 | byte(protowire.BytesType)

// protobuf delivers a request resource by resource. Requests that were written one after the other
// without a frame are one message to protobuf, and read as well.
func (r *run) protobuf(b *bufio.Reader) {
	for n := 1; r.ctx.Err() == nil; n++ {
		request, err := resourceSpans(b)
		if err == io.EOF {
			return
		}
		if err != nil { // where the next one begins is not known
			r.refuse(0, fmt.Errorf("protobuf: resource %d: %w", n, err))
			return
		}
		r.Intake.Bytes[model.TransportFile].Add(uint64(len(request)))
		if err := r.deliver(request); err != nil {
			r.fail(0, fmt.Sprintf("protobuf: resource %d: %v", n, err))
		}
	}
}

// resourceSpans reads one field 1 with its tag and length, which is a request in itself. The error is
// io.EOF itself at the end of the file only.
func resourceSpans(b *bufio.Reader) ([]byte, error) {
	tag, err := b.ReadByte()
	switch {
	case err == io.EOF:
		return nil, err
	case err != nil:
		return nil, cutOff(err)
	case tag != tagResourceSpans:
		return nil, fmt.Errorf("unexpected field (tag %#x)", tag)
	}
	size, err := readVarint(b)
	if err != nil {
		return nil, err
	}
	if size > maxValue {
		return nil, tooLong{}
	}
	request := protowire.AppendVarint([]byte{tag}, size)
	head := len(request)
	// Grown while reading, so that a length that lies does not allocate.
	w := bytes.NewBuffer(request)
	if n, err := io.CopyN(w, b, int64(size)); err != nil {
		return nil, fmt.Errorf("cut off after %d of %d bytes: %w", n, size, unexpected(err))
	}
	return w.Bytes()[:head+int(size)], nil
}

// readVarint reads a base-128 number.
func readVarint(b *bufio.Reader) (uint64, error) {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		c, err := b.ReadByte()
		if err != nil {
			return 0, cutOff(unexpected(err))
		}
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v, nil
		}
	}
	return 0, errors.New("a length longer than ten bytes")
}

// unexpected makes the end of the file within something an error of its own.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
