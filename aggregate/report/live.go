package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/features"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/paths"
	"oteltop/model"
)

// Path is where Handler is to be mounted; the view follows.
const Path = "/report/"

// maxAnswer bounds what Fetch takes, so that a wrong address cannot fill the memory.
const maxAnswer = 1 << 30

// The parameters of a request.
const (
	paramFilter = "filter"
	paramSince  = "since"
	paramID     = "id"
	paramShape  = "shape"

	paramService   = "service"
	paramOperation = "operation"
	paramBy        = "by"
	paramExpr      = "expr"
	paramBand      = "band"
	paramFactor    = "factor"
	paramLimit     = "limit"
	paramFormat    = "format" // "text" for a table

	paramSelect   = "select"
	paramBaseline = "baseline"
	paramFocus    = "focus"
	paramAt       = "at"
)

// problem is the JSON answer to a request that cannot be served.
type problem struct {
	Error  string `json:"error"`
	Column int    `json:"column,omitempty"` // of a filter, 1-based
}

// ParseOptions reads the parameters of a request for a view. Errors are meant for whoever wrote it.
func ParseOptions(view View, v url.Values) (Options, error) {
	var o Options
	var err error
	for name, to := range o.periods() {
		if text := v.Get(name); view == ViewSuspects && text != "" {
			p, err := ParsePeriod(text)
			if err != nil {
				return o, fmt.Errorf("%s: %w", name, err)
			}
			*to = &p
		}
	}
	for name, to := range o.filters() {
		if view == ViewSuspects && name == paramBaseline {
			continue
		}
		if text := v.Get(name); strings.TrimSpace(text) != "" {
			if *to, err = filter.Parse(text); err != nil {
				return o, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	if text := v.Get(paramSince); text != "" {
		if o.Since, err = time.ParseDuration(text); err != nil || o.Since <= 0 {
			return o, fmt.Errorf("since: %q is not a duration such as 5m", text)
		}
	}
	if text := v.Get(paramID); text != "" {
		if o.ID, err = model.ParseTraceID(text); err != nil {
			return o, fmt.Errorf("id: %w", err)
		}
	}
	if text := v.Get(paramExpr); text != "" {
		if o.Expr, err = features.Parse(text); err != nil {
			return o, fmt.Errorf("expr: %w", err)
		}
	}
	o.Shape = v.Get(paramShape)
	for name, to := range o.texts() {
		*to = v.Get(name)
	}
	if text := v.Get(paramAt); text != "" {
		at, err := ParseMoment(text)
		if err != nil {
			return o, fmt.Errorf("at: %w", err)
		}
		o.At = &at
	}
	if o.Band, err = paths.ParseBand(v.Get(paramBand)); err != nil {
		return o, fmt.Errorf("band: %w", err)
	}
	if text := v.Get(paramFactor); text != "" {
		factor, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return o, fmt.Errorf("factor: %q is not a number", text)
		}
		o.Factor = &factor
	}
	if text := v.Get(paramLimit); text != "" {
		if o.Limit, err = strconv.Atoi(text); err != nil || o.Limit < 0 {
			return o, fmt.Errorf("limit: %q is not a number of rows", text)
		}
	}
	switch v.Get(paramFormat) {
	case "", "json":
	case "text":
		o.Text = true
	default:
		return o, errors.New("format: json or text")
	}
	return o, nil
}

// filters are the options that are filters, by the names of their parameters.
func (o *Options) filters() map[string]**filter.Expr {
	return map[string]**filter.Expr{paramFilter: &o.Filter, paramSelect: &o.Select, paramBaseline: &o.Baseline}
}

// texts are the options that are taken as they are, by the names of their parameters.
func (o *Options) texts() map[string]*string {
	return map[string]*string{paramService: &o.Service, paramOperation: &o.Operation, paramBy: &o.By}
}

// periods are the options of ViewSuspects that are periods, by the names of their parameters.
func (o *Options) periods() map[string]**Period {
	return map[string]**Period{paramFocus: &o.Focus, paramBaseline: &o.Before}
}

// parameters is the inverse of ParseOptions.
func (o Options) parameters() url.Values {
	v := url.Values{}
	for name, p := range o.periods() {
		if *p != nil {
			v.Set(name, (*p).String())
		}
	}
	for name, x := range o.filters() {
		if *x != nil {
			v.Set(name, (*x).String())
		}
	}
	if o.Since > 0 {
		v.Set(paramSince, o.Since.String())
	}
	if !o.ID.IsZero() {
		v.Set(paramID, o.ID.String())
	}
	for name, text := range o.texts() {
		if *text != "" {
			v.Set(name, *text)
		}
	}
	if o.Expr != nil {
		v.Set(paramExpr, o.Expr.String())
	}
	if o.Shape != "" {
		v.Set(paramShape, o.Shape)
	}
	if o.At != nil {
		v.Set(paramAt, o.At.String())
	}
	if !o.Band.IsAll() {
		v.Set(paramBand, o.Band.String())
	}
	if o.Factor != nil {
		v.Set(paramFactor, strconv.FormatFloat(*o.Factor, 'g', -1, 64))
	}
	if o.Limit > 0 {
		v.Set(paramLimit, strconv.Itoa(o.Limit))
	}
	if o.Text {
		v.Set(paramFormat, "text")
	}
	return v
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
		o, err := ParseOptions(view, r.URL.Query())
		if err != nil {
			refuse(w, http.StatusBadRequest, err)
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
	case errors.Is(err, ErrID), errors.Is(err, ErrShape), errors.Is(err, ErrSelect), errors.Is(err, ErrCompare), errors.Is(err, ErrPeriods),
		errors.Is(err, aggregate.ErrFocus), errors.Is(err, aggregate.ErrExpression), errors.Is(err, aggregate.ErrKey), errors.Is(err, aggregate.ErrWhatIf), errors.Is(err, aggregate.ErrCostBy), errors.As(err, new(*filter.Error)):
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

// Fetch asks a running oteltop at addr (host:port) and copies its answer to w.
func Fetch(ctx context.Context, w io.Writer, addr string, v View, o Options) error {
	u := url.URL{Scheme: "http", Host: addr, Path: Path + string(v), RawQuery: o.parameters().Encode()}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return fmt.Errorf("report from %s: %w", addr, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("report from %s: %w", addr, err)
	}
	defer func() { _ = response.Body.Close() }() // everything has been read
	body := io.LimitReader(response.Body, maxAnswer)
	if response.StatusCode == http.StatusOK {
		_, err = io.Copy(w, body)
		return err
	}
	var p problem
	if err := json.NewDecoder(body).Decode(&p); err != nil || p.Error == "" {
		return fmt.Errorf("report from %s: it answers %s: is that an oteltop?", addr, response.Status)
	}
	return fmt.Errorf("report from %s: %s", addr, p.Error)
}
