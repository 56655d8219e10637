package otlp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"oteltop/model"
)

// encoding is how a body is compressed.
type encoding uint8

const (
	identity encoding = iota
	gzipped
	zstandard
	deflated // the zlib format, which is what HTTP and gRPC call deflate
)

// encodingNamed knows the names of content codings, in either case, x-gzip for gzip among them (RFC 9110, 8.4.1).
func encodingNamed(name string) (encoding, bool) {
	switch strings.ToLower(name) {
	case "", "identity":
		return identity, true
	case "gzip", "x-gzip":
		return gzipped, true
	case "zstd":
		return zstandard, true
	case "deflate":
		return deflated, true
	}
	return identity, false
}

// A decoder for zstd remembers as much of its output as the frame asks for, its window. The largest is what
// RFC 8878 asks decoders to support; beyond it a sender would choose how much memory a decoder takes. What
// asks for little gets a decoder that gives no frame more, and both count into the budget: 200 requests of a
// few kB took 1.6 GB without that.
const (
	smallWindow   = 1 << 20
	largestWindow = 8 << 20
)

// wireSlack is how much larger than its contents a compressed body may be: what does not compress grows
// by a header and 5 bytes in 16 KB.
const wireSlack = 64 << 10

// expander decompresses, keeping the state of decompressors (40 KB for gzip) for the next request.
type expander struct{ gzip, zlib, smallZstd, largeZstd sync.Pool }

// fill appends what r yields, decompressed, to *dst. Growth is taken from the lease before memory is
// allocated. base is what the lease covers besides *dst. Errors are *refusal.
func (x *expander) fill(dst *[]byte, r io.Reader, e encoding, limit int, l *lease, base int64) error {
	switch e {
	case gzipped:
		z, ok := x.gzip.Get().(*gzip.Reader)
		if !ok {
			z = new(gzip.Reader)
		}
		defer x.gzip.Put(z)
		if err := z.Reset(r); err != nil {
			return unreadable(err)
		}
		r = z
	case deflated:
		if z, ok := x.zlib.Get().(io.ReadCloser); ok {
			defer x.zlib.Put(z)
			if err := z.(zlib.Resetter).Reset(r, nil); err != nil {
				return unreadable(err)
			}
			r = z
			break
		}
		z, err := zlib.NewReader(r)
		if err != nil {
			return unreadable(err)
		}
		defer x.zlib.Put(z)
		r = z
	case zstandard:
		return x.fillZstd(dst, r, limit, l, base)
	}
	return readAll(dst, r, limit, l, base)
}

// fillZstd is fill for zstd. The window that the first frame asks for decides on the decoder.
func (x *expander) fillZstd(dst *[]byte, r io.Reader, limit int, l *lease, base int64) error {
	head := make([]byte, zstd.HeaderMaxSize)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return unreadable(err)
	}
	var first zstd.Header
	_ = first.Decode(head[:n]) // the decoder below finds what is wrong with it
	pool, window := &x.smallZstd, int64(smallWindow)
	if first.WindowSize > smallWindow || first.SingleSegment && first.FrameContentSize > smallWindow {
		pool, window = &x.largeZstd, largestWindow
	}
	if base += window; !l.cover(base) {
		return overloaded()
	}
	z, ok := pool.Get().(*zstd.Decoder)
	if !ok {
		z, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(uint64(window)))
		if err != nil {
			return unreadable(err)
		}
	}
	defer func() {
		_ = z.Reset(nil) // lets go of the body; its error says that there is none
		pool.Put(z)
	}()
	if err := z.Reset(io.MultiReader(bytes.NewReader(head[:n]), r)); err != nil {
		return unreadable(err)
	}
	return readAll(dst, z, limit, l, base)
}

// readAll appends all of r to *dst, at most limit bytes in all.
func readAll(dst *[]byte, r io.Reader, limit int, l *lease, base int64) error {
	b := *dst
	defer func() { *dst = b }()
	for {
		if len(b) == cap(b) {
			size := min(max(2*cap(b), newBuffer), limit+1) // one more, to see that there is too much
			if !l.cover(base + int64(size)) {
				return overloaded()
			}
			grown := make([]byte, len(b), size)
			copy(grown, b)
			b = grown
		}
		n, err := r.Read(b[len(b):min(cap(b), limit+1)])
		b = b[:len(b)+n]
		switch {
		case len(b) > limit:
			return tooLarge(limit)
		case !l.cover(base + int64(len(b))):
			return overloaded()
		case err == io.EOF:
			return nil
		case err != nil:
			return unreadable(err)
		}
	}
}

// unreadable is the refusal for a body that breaks off or does not decompress.
func unreadable(err error) *refusal {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return &refusal{model.RefusedMalformed, "the body ends before it is complete"}
	}
	return &refusal{model.RefusedMalformed, fmt.Sprintf("the body cannot be read: %v", err)}
}
