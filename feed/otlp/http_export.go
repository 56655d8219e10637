package otlp

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"oteltop/model"
)

// exchange is one OTLP request over HTTP and its answer.
type exchange struct {
	receiver    *Receiver
	signal      signal
	transport   model.Transport
	contentType string // of the request and therefore of the answer
}

func (x *exchange) serve(w http.ResponseWriter, q *http.Request) {
	r := x.receiver
	r.intake.Requests[x.transport].Add(1)
	o, err := r.take(func() (outcome, error) { return x.handle(w, q) })
	if err != nil {
		x.refuse(w, err)
		return
	}
	body := reply(o).proto
	if x.transport == model.TransportHTTPJSON {
		body = reply(o).json
	}
	write(w, x.contentType, http.StatusOK, body())
}

// handle reads, decompresses and delivers the body. Errors are *refusal.
func (x *exchange) handle(w http.ResponseWriter, q *http.Request) (outcome, error) {
	r := x.receiver
	compressed, ok := encodingNamed(q.Header.Get("Content-Encoding"))
	if !ok {
		return outcome{}, &refusal{model.RefusedUnsupported, "the content encoding must be gzip, zstd, deflate or identity"}
	}
	limit := int64(r.options.MaxBody)
	if compressed != identity {
		limit += wireSlack
	}
	if q.ContentLength > limit {
		w.Header().Set("Connection", "close") // rather than read what is not wanted
		return outcome{}, tooLarge(r.options.MaxBody)
	}
	l := r.budget.lease()
	defer l.release()
	length := max(q.ContentLength, 0)
	if !l.cover(length) {
		return outcome{}, overloaded()
	}
	buffer := r.buffers.take()
	defer r.buffers.put(buffer)
	base := length // compressed bytes pass through and are not kept, but the connection holds some
	if compressed == identity {
		base = 0
		*buffer = slices.Grow(*buffer, int(length)+1) // one more, for the read that finds the end
	}
	// The reader's limit is for the compressed bytes; fill's is for what they become.
	if err := r.expander.fill(buffer, http.MaxBytesReader(w, q.Body, limit), compressed, r.options.MaxBody, &l, base); err != nil {
		return outcome{}, err
	}
	return r.deliver(q.Context(), x.transport, x.signal, *buffer, &l)
}

// refuse answers with the status for the reason; take has counted it.
func (x *exchange) refuse(w http.ResponseWriter, err error) {
	f, ok := err.(*refusal)
	if !ok {
		f = &refusal{model.RefusedInternal, err.Error()}
	}
	httpStatus := http.StatusInternalServerError
	switch f.reason {
	case model.RefusedMalformed:
		httpStatus = http.StatusBadRequest
	case model.RefusedTooLarge:
		httpStatus = http.StatusRequestEntityTooLarge
	case model.RefusedUnsupported:
		httpStatus = http.StatusUnsupportedMediaType
	case model.RefusedOverload:
		httpStatus = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
	}
	writeStatus(w, x.contentType, httpStatus, f.code(), f.text)
}
