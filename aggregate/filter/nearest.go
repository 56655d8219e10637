// What may have been meant by a value that nothing has.

package filter

import "strings"

// Correction is a value in a filter that the catalog does not know, and the nearest that it knows for the field.
type Correction struct {
	Suggestion        // puts the nearest value in place of the one that was typed
	Field      string // as typed
	Typed      string
	Nearest    string
	Alone      bool // the filter consists of this comparison: where it matches nothing, nothing has the value
}

// Nearest finds the first value in a filter, compared by =, that the catalog does not know, and what is most like it:
// what contains it, or is a few typing errors away. False when all values are known or nothing is like them.
func Nearest(text string, c Catalog) (Correction, bool) {
	tokens, broken := lex([]rune(text))
	if broken != nil || c == nil {
		return Correction{}, false
	}
	for i := 2; i < len(tokens); i++ {
		name, op, v := tokens[i-2], tokens[i-1], tokens[i]
		if op.text != "=" && op.text != "==" || op.kind != tokenCompare || v.kind != tokenWord && v.kind != tokenString {
			continue
		}
		f, key := fieldAnyKey, name.text
		if name.kind == tokenWord {
			var err *Error
			if f, key, err = parseField(name); err != nil {
				continue
			}
		} else if name.kind != tokenString {
			continue
		}
		if near, ok := nearestOf(v.text, catalogNames(f, key), c); ok {
			return Correction{Suggestion{v.from, v.to, quote(near), "the nearest value of " + name.text},
				name.text, v.text, near, len(tokens) == 4}, true
		}
	}
	return Correction{}, false
}

// nearestOf is the value of a field that is most like a text; false when it has that very value or none like it.
func nearestOf(text string, names []string, c Catalog) (near string, ok bool) {
	typed := []rune(strings.ToLower(text))
	if len(typed) < 2 || len(typed) > maxTyped {
		return "", false
	}
	least := max(1, len(typed)/3) + 1
	for _, name := range names {
		for _, v := range c.Values(name) {
			if v == text {
				return "", false
			}
			lower := strings.ToLower(v)
			d := typos(typed, []rune(lower))
			if strings.Contains(lower, string(typed)) {
				d = min(d, 1)
			}
			if d < least {
				near, least = v, d
			}
		}
	}
	return near, near != ""
}

// maxTyped is the longest value, in runes, whose typing errors are looked for: nobody types more by hand.
const maxTyped = 64

// typos is how many letters have to be put in, left out, replaced or swapped with the next to make b of a.
func typos(a, b []rune) int {
	if len(b) > 2*maxTyped {
		return len(b)
	}
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		two, one, row := rows[(i+1)%3], rows[(i+2)%3], rows[i%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			row[j] = min(one[j], row[j-1]) + 1
			same := one[j-1]
			if a[i-1] != b[j-1] {
				same++
			}
			row[j] = min(row[j], same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], two[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
