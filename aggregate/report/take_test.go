package report

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// An answer is either whole or an error.
func TestAnswersAreWhole(t *testing.T) {
	for _, c := range []struct {
		most int64
		says string // empty: no error
	}{{4, "cut off after 4 bytes"}, {5, ""}, {6, ""}} {
		var b bytes.Buffer
		err := take(&b, strings.NewReader("12345"), c.most)
		switch {
		case c.says == "" && (err != nil || b.String() != "12345"):
			t.Errorf("at most %d: %q, %v", c.most, b.String(), err)
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("at most %d: %v, want %q", c.most, err, c.says)
		}
	}
}

// Of an answer that breaks off it is said whose it was.
func TestBrokenAnswerNamesItsSender(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "{")
	}))
	defer s.Close()
	addr := strings.TrimPrefix(s.URL, "http://")
	if err := Fetch(t.Context(), io.Discard, addr, "", ViewServices, Options{}); err == nil || !strings.Contains(err.Error(), addr) {
		t.Errorf("%v, want it to name %s", err, addr)
	}
}
