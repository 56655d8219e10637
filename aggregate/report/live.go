package report

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/filter"
)

// Path is where Handler is to be mounted; the view follows.
const Path = "/report/"

// maxAnswer bounds what Fetch takes, bytes: a wrong address may send without end.
const maxAnswer = 1 << 30

// problem is the JSON answer to a request that cannot be served.
type problem struct {
	Error  string `json:"error"`
	Column int    `json:"column,omitempty"` // of a filter, 1-based
	// Message is how the port says it that Handler is behind, which looks at tokens and hosts: a google.rpc.Status.
	Message string `json:"message,omitempty"`
}

// Handler serves GET /report/VIEW?filter=…&since=…&id=…&limit=…&format=… from a live engine, read-only.
// It answers only to names of this machine, so that no web page can read traces by rebinding its DNS name.
func Handler(e aggregate.Engine) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		switch {
		case !localHost(r.Host):
			refuse(w, http.StatusForbidden, fmt.Errorf("host %q is not a name of this machine", r.Host))
			return
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			refuse(w, http.StatusMethodNotAllowed, errors.New("reports are read-only"))
			return
		}
		view := View(strings.TrimPrefix(r.URL.Path, Path))
		given := r.URL.Query()
		o, err := ParseOptions(view, given)
		if err == nil {
			err = checkKnown(given)
		}
		if err != nil {
			refuse(w, statusOf(err), err)
			return
		}
		var body bytes.Buffer
		if err := Write(r.Context(), &body, e, view, o); err != nil {
			refuse(w, statusOf(err), err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if o.Text {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		}
		_, _ = w.Write(body.Bytes()) // the reader is gone: nobody is left to tell
	})
}

func statusOf(err error) int {
	switch {
	case errors.Is(err, ErrView), errors.Is(err, aggregate.ErrNoTrace), errors.Is(err, aggregate.ErrNoShape):
		return http.StatusNotFound
	case IsUsage(err):
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

func refuse(w http.ResponseWriter, status int, err error) {
	p := problem{Error: err.Error()}
	var f *filter.Error
	if errors.As(err, &f) {
		p.Column = f.Column
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(p) // the reader is gone: nobody is left to tell
}

// localHost reports whether a Host header is an address or localhost: names can be rebound, these cannot.
func localHost(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host) != nil
}

// Errors of Fetch that mean bad usage (see IsUsage).
var (
	ErrAddress = errors.New("not an address: want host:port")
	ErrRefused = errors.New("bad request") // and what is wrong, in the words of the other side
	// ErrToken means that the other side demands a token, and got none or another one.
	ErrToken = errors.New("it demands a bearer token")
	// ErrForbidden means that the other side does not go by that name; and its words.
	ErrForbidden = errors.New("forbidden")
)

// Fetch asks a running oteltop at addr (host:port) and copies its answer to w. Without a token none is sent.
func Fetch(ctx context.Context, w io.Writer, addr, token string, v View, o Options) error {
	u := url.URL{Scheme: "http", Host: addr, Path: Path + string(v), RawQuery: o.parameters().Encode()}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return fmt.Errorf("report from %q: %w", addr, ErrAddress)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("report from %s: %w", addr, err)
	}
	defer func() { _ = response.Body.Close() }() // everything has been read
	if response.StatusCode == http.StatusOK {
		if err := take(w, response.Body, maxAnswer); err != nil {
			return fmt.Errorf("report from %s: %w", addr, err)
		}
		return nil
	}
	var p problem
	if err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(&p); err != nil || p.Error+p.Message == "" {
		return fmt.Errorf("report from %s: it answers %s: is that an oteltop?", addr, response.Status)
	}
	return fmt.Errorf("report from %s: %w", addr, p.meaning(response.StatusCode))
}

// take copies an answer of at most so many bytes. One that is longer is cut off and an error: it is no JSON any more.
func take(w io.Writer, answer io.Reader, most int64) error {
	if _, err := io.Copy(w, io.LimitReader(answer, most)); err != nil {
		return err
	}
	switch _, err := io.ReadFull(answer, make([]byte, 1)); err {
	case nil:
		return fmt.Errorf("cut off after %d bytes: ask for less with --limit, --since or --filter", most)
	case io.EOF:
		return nil
	default:
		return err
	}
}

// meaning is the error that a status of HTTP stands for.
func (p *problem) meaning(status int) error {
	text := cmp.Or(p.Error, p.Message)
	switch status {
	case http.StatusBadRequest:
		return fmt.Errorf("%w: %s", ErrRefused, text)
	case http.StatusUnauthorized:
		return ErrToken
	case http.StatusForbidden:
		return fmt.Errorf("%w: %s", ErrForbidden, text)
	}
	return errors.New(text)
}
