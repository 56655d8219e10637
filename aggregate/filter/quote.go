package filter

// Quote writes a text as a value of a filter, so that whatever it holds is compared with as it is.
func Quote(text string) string { return quote(text) }

// QuoteKey writes the key of an attribute, in quotes where it is not a word.
func QuoteKey(key string) string {
	for _, r := range key {
		if !isWordRune(r) {
			return quote(key)
		}
	}
	if key == "" {
		return quote(key)
	}
	return key
}
