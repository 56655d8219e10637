// The palette: which entries what is typed means, the likeliest first.

package ui

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sahilm/fuzzy"
)

// match ranks by the text: first what contains it as it stands, then what has all of its words in any order, then what
// has its letters in order.
func (p *palette) match() {
	text := strings.ToLower(strings.TrimSpace(p.in.Value()))
	p.sel = 0
	if text == "" {
		p.matches = make(fuzzy.Matches, len(p.all))
		for i := range p.all {
			p.matches[i] = fuzzy.Match{Index: i}
		}
		return
	}
	words := strings.Fields(text)
	var phrase, wordy fuzzy.Matches
	exact := make(map[int]bool)
	for i := range p.all {
		name := strings.ToLower(p.all[i].name)
		switch {
		case len(name) != len(p.all[i].name): // places in one are not those in the other
			continue
		case strings.Contains(name, text):
			phrase = append(phrase, p.found(i, name, []string{text}))
		case len(words) > 1 && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(name, w) }):
			wordy = append(wordy, p.found(i, name, words))
		default:
			continue
		}
		exact[i] = true
	}
	byScore := func(a, b fuzzy.Match) int { return cmp.Compare(b.Score, a.Score) }
	slices.SortStableFunc(phrase, byScore)
	slices.SortStableFunc(wordy, byScore)
	loose := slices.DeleteFunc(fuzzy.FindFrom(text, p.all), func(m fuzzy.Match) bool { return exact[m.Index] })
	p.matches = slices.Concat(phrase, wordy, loose)
}

// found is an entry that contains words, each at its first place. One that they begin, or words of it, scores more.
func (p *palette) found(i int, name string, words []string) fuzzy.Match {
	m := fuzzy.Match{Str: p.all[i].name, Index: i}
	for _, w := range words {
		at := strings.Index(name, w)
		switch {
		case at == 0:
			m.Score += 2
		case !isLetter(name[at-1]):
			m.Score++
		}
		for k := range len(w) {
			m.MatchedIndexes = append(m.MatchedIndexes, at+k)
		}
	}
	if len(name) == len(words[0]) {
		m.Score += 2 // all of it
	}
	return m
}

// isLetter reports whether a byte is part of a word.
func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 0x80
}
