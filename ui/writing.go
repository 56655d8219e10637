// Files that the program writes: one at a time, with how long it takes, and Esc cancels it.

package ui

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/ui/canvas"
	"oteltop/ui/num"

	tea "charm.land/bubbletea/v2"
)

// writing is the file that is being written, if one is: a trace of many spans takes seconds.
type writing struct {
	seq    int
	out    bool
	name   model.Text
	since  time.Time
	cancel context.CancelFunc
}

// writtenMsg says what became of a file.
type writtenMsg struct {
	seq  int
	says toastMsg
}

// write saves what the screen offers into the working directory, never over a file that exists.
func (a *App) write(w Write) tea.Cmd {
	x := &a.writing
	if x.out {
		return a.say("another file is being written; esc cancels it", true)
	}
	ctx, cancel := context.WithCancel(context.Background())
	*x = writing{seq: x.seq + 1, out: true, name: model.Sanitise(w.Name), since: a.o.Now(), cancel: cancel}
	e, seq := a.o.Engine, x.seq
	return func() tea.Msg {
		defer cancel()
		return writtenMsg{seq, writeFile(ctx, e, w)}
	}
}

// writeFile makes the content, writes it and says where it is, or why it is not.
func writeFile(ctx context.Context, e aggregate.Engine, w Write) toastMsg {
	b, err := w.Content(ctx, e)
	if err == nil {
		err = ctx.Err()
	}
	path := ""
	if err == nil {
		path, err = writeNew(w.Name, b)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return toastMsg{"not written: cancelled", true}
	case err != nil:
		return toastMsg{"not written: " + err.Error(), true}
	}
	return toastMsg{fmt.Sprintf("wrote %s (%s)", path, num.Bytes(nil, int64(len(b)))), false}
}

// written says what became of the file.
func (a *App) written(m writtenMsg) tea.Cmd {
	if m.seq == a.writing.seq {
		a.writing.out = false
	}
	return a.say(m.says.text, m.says.problem)
}

// writingFor is how long a file has been being written; 0: none is.
func (a *App) writingFor() time.Duration {
	if !a.writing.out {
		return 0
	}
	return a.o.Now().Sub(a.writing.since)
}

// cancelWriting gives up the file that a person waits for; false when none is.
func (a *App) cancelWriting() bool {
	if a.writingFor() <= slowQuestion {
		return false
	}
	a.writing.cancel()
	return true
}

// drawWriting stands in place of the keys while a person waits for a file.
func (a *App) drawWriting(r canvas.Area) {
	t := a.theme
	w := pen{a: r, x: 1}
	w.rune(t.Glyphs.Clock, t.Toast)
	w.lit(" writing ", t.Toast)
	w.x += r.Cut(w.x, 0, max(0, r.W-w.x-24), a.writing.name, t.Glyphs.Ellipsis, t.Toast)
	w.lit(" ", t.Toast)
	w.duration(a.writingFor().Milliseconds()*1e6, t.Toast)
	w.lit(", esc cancels", t.BarDim)
}

// writeNew creates a file that did not exist: name, else name-2, name-3 …
func writeNew(name string, b []byte) (string, error) {
	ext := filepath.Ext(name)
	base := strings.TrimSuffix(filepath.Base(name), ext)
	for i := 1; i < 1000; i++ {
		path := base + ext
		if i > 1 {
			path = fmt.Sprintf("%s-%d%s", base, i, ext)
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = f.Write(b)
		if abs, e := filepath.Abs(path); e == nil {
			path = abs
		}
		return path, errors.Join(err, f.Close())
	}
	return "", fmt.Errorf("a thousand files named %s exist already", name)
}
