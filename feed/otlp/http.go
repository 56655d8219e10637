package otlp

import (
	"mime"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"

	"oteltop/model"
)

// Limits of the HTTP server beside its timeouts. The time to answer leaves room for a report over
// everything that is retained.
const (
	writeTimeout   = 90 * time.Second
	maxHeaderBytes = 16 << 10
)

const (
	protobufType = "application/x-protobuf"
	jsonType     = "application/json"
)

func (r *Receiver) newHTTPServer() *http.Server {
	return &http.Server{
		Handler:           newHTTPHandler(r),
		ReadHeaderTimeout: r.timeouts.header,
		ReadTimeout:       r.timeouts.body,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       r.timeouts.idle,
		MaxHeaderBytes:    maxHeaderBytes,
		ConnContext:       withConn,
		ErrorLog:          r.logger(),
	}
}

// httpHandler is everything on the HTTP port.
type httpHandler struct {
	receiver *Receiver
	hosts    hosts
	cors     cors
}

func newHTTPHandler(r *Receiver) *httpHandler {
	return &httpHandler{receiver: r, hosts: newHosts(r.options.AllowedHosts), cors: newCORS(r.options.CORSOrigins)}
}

// ServeHTTP checks the host and routes. CORS is for exporting only: a page that may send spans may not
// read reports.
func (h *httpHandler) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r := h.receiver
	if q.Method == "PRI" { // the first line of HTTP/2
		h.refuse(w, q, model.RefusedUnsupported, http.StatusHTTPVersionNotSupported, "this port speaks OTLP/HTTP; OTLP/gRPC has another one, 4317 by default")
		return
	}
	if !h.hosts.allow(q.Host) {
		h.refuse(w, q, model.RefusedHost, http.StatusForbidden, "this Host is not allowed; use an IP address or localhost, or configure the name")
		return
	}
	s, ok := signalAt(q.URL.Path)
	if !ok {
		h.extra(w, q)
		return
	}
	if h.cors.answered(w, q) {
		return
	}
	if q.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		writeStatus(w, contentType(q), http.StatusMethodNotAllowed, codes.Unimplemented, "OTLP is sent by POST")
		return
	}
	if !r.authorized(authorization(q)) {
		h.refuseToken(w, q)
		return
	}
	x := exchange{receiver: r, signal: s, transport: model.TransportHTTPProto, contentType: contentType(q)}
	switch x.contentType {
	case protobufType:
	case jsonType:
		x.transport = model.TransportHTTPJSON
	default:
		h.refuse(w, q, model.RefusedUnsupported, http.StatusUnsupportedMediaType, "the content type must be "+protobufType+" or "+jsonType)
		return
	}
	x.serve(w, q)
}

func signalAt(path string) (signal, bool) {
	switch path {
	case "/v1/traces":
		return traces, true
	case "/v1/logs":
		return logs, true
	case "/v1/metrics":
		return metrics, true
	}
	return traces, false
}

// extra serves what is not OTLP.
func (h *httpHandler) extra(w http.ResponseWriter, q *http.Request) {
	next := h.receiver.options.Extra
	if next == nil {
		h.notFound(w, q)
		return
	}
	if q.URL.Path != "/healthz" && !h.receiver.authorized(authorization(q)) {
		h.refuseToken(w, q)
		return
	}
	if _, pattern := next.Handler(q); pattern == "" {
		h.notFound(w, q)
		return
	}
	defer h.recoverExtra(w, q)
	next.ServeHTTP(w, q)
}

// notFound answers what nobody serves. What is posted there is an export that has lost its way, as with an
// endpoint that is configured with a path too many, and is counted; a browser's favicon is not.
func (h *httpHandler) notFound(w http.ResponseWriter, q *http.Request) {
	if q.Method == http.MethodPost {
		h.receiver.intake.RefusedRequests[model.RefusedUnsupported].Add(1)
	}
	writeStatus(w, contentType(q), http.StatusNotFound, codes.NotFound, "not found; OTLP is at /v1/traces, /v1/logs and /v1/metrics")
}

// recoverExtra answers for a handler that panicked. net/http would log the panic's text, which may quote
// what was sent.
func (h *httpHandler) recoverExtra(w http.ResponseWriter, q *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p) // no fault: how handlers say that the connection is to be cut
	}
	h.receiver.options.Panicked("the answer to a request", p, debug.Stack())
	h.refuse(w, q, model.RefusedInternal, http.StatusInternalServerError, "internal error")
}

// authorization is the header; a request with several of them has none.
func authorization(q *http.Request) string {
	if values := q.Header["Authorization"]; len(values) == 1 {
		return values[0]
	}
	return ""
}

func (h *httpHandler) refuseToken(w http.ResponseWriter, q *http.Request) {
	w.Header().Set("WWW-Authenticate", "Bearer")
	h.refuse(w, q, model.RefusedAuth, http.StatusUnauthorized, "a valid bearer token is required")
}

// refuse counts and answers what is turned away before its body is read.
func (h *httpHandler) refuse(w http.ResponseWriter, q *http.Request, reason model.Refusal, httpStatus int, text string) {
	f := refusal{reason, text}
	h.receiver.intake.RefusedRequests[reason].Add(1)
	writeStatus(w, contentType(q), httpStatus, f.code(), text)
}

// contentType is the media type of a request without its parameters, which say charset=utf-8 at most.
func contentType(q *http.Request) string {
	header := q.Header.Get("Content-Type")
	if header == protobufType || header == jsonType {
		return header
	}
	media, _, err := mime.ParseMediaType(header)
	if err != nil {
		return ""
	}
	return media
}

// writeStatus answers with a google.rpc.Status, in JSON for whoever sent something else than protobuf.
func writeStatus(w http.ResponseWriter, contentType string, httpStatus int, code codes.Code, text string) {
	body := statusJSON
	if contentType == protobufType {
		body = statusProto
	} else {
		contentType = jsonType
	}
	write(w, contentType, httpStatus, body(code, text))
}

func write(w http.ResponseWriter, contentType string, httpStatus int, body []byte) {
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(httpStatus)
	_, _ = w.Write(body) // a sender that has gone needs no answer
}
