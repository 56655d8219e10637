package filter

// Quote writes a text as a value of a filter, so that whatever it holds is compared with as it is.
func Quote(text string) string { return quote(text) }
