package otlp

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	grpcencoding "google.golang.org/grpc/encoding"
	"google.golang.org/grpc/grpclog"
	"google.golang.org/grpc/mem"
)

// message is a request as gRPC has received it: the buffers of its frames.
type message struct{ buffers mem.BufferSlice }

func (m *message) free() {
	m.buffers.Free()
	m.buffers = nil
}

// mark is put in front of messages that are compressed; a byte that names the encoding follows it.
// It is the tag of field 0 with a wire type that does not exist, so no protobuf message starts with it.
const (
	mark    = 0x07
	markLen = 2
)

// encoding reads the mark; identity without one.
func (m *message) encoding() encoding {
	var head [markLen]byte
	if m.buffers.CopyTo(head[:]) < markLen || head[0] != mark || head[1] > byte(deflated) {
		return identity
	}
	return encoding(head[1])
}

// passing is the codec: messages pass through it as they came, without a copy or a struct.
type passing struct{}

// Name is that of the format on the wire.
func (passing) Name() string { return "proto" }

// Unmarshal keeps the buffers, for export to free.
func (passing) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(*message)
	if !ok {
		return fmt.Errorf("unexpected %T", v)
	}
	m.free() // a caller that breaks the protocol may send a second one
	data.Ref()
	m.buffers = data
	return nil
}

// Marshal writes a reply.
func (passing) Marshal(v any) (mem.BufferSlice, error) {
	o, ok := v.(reply)
	if !ok {
		return nil, fmt.Errorf("unexpected %T", v)
	}
	if body := o.proto(); len(body) > 0 {
		return mem.BufferSlice{mem.SliceBuffer(body)}, nil
	}
	return nil, nil
}

// prepareGRPC sets up what grpc-go keeps for the whole process: its compressors, and a log that does not
// write to the terminal. Its registry must be filled before anything is served, which is why Listen
// calls this.
var prepareGRPC = sync.OnceFunc(func() {
	for _, c := range []marking{
		{"gzip", gzipped, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }},
		{"zstd", zstandard, func(w io.Writer) (io.WriteCloser, error) {
			return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
		}},
		{"deflate", deflated, func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriter(w), nil }},
	} {
		grpcencoding.RegisterCompressor(c)
	}
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
})

// marking is a compressor that leaves decompression to export: grpc-go's own happens before anybody can
// ask the budget, answers INTERNAL for a damaged body, and counts nothing.
type marking struct {
	name     string
	encoding encoding
	compress func(io.Writer) (io.WriteCloser, error)
}

// Name is that of the grpc-encoding header.
func (c marking) Name() string { return c.name }

// Compress really compresses; this process only does so as a client.
func (c marking) Compress(w io.Writer) (io.WriteCloser, error) { return c.compress(w) }

// Decompress puts the mark in front of what it reads.
func (c marking) Decompress(r io.Reader) (io.Reader, error) {
	return io.MultiReader(strings.NewReader(string([]byte{mark, byte(c.encoding)})), r), nil
}
