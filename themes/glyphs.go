package themes

// unicodeGlyphs are for terminals that show more than ASCII: one cell each, in the fonts of most.
func unicodeGlyphs() *Glyphs {
	return &Glyphs{
		Horizontal: '─', Vertical: '│', TopLeft: '╭', TopRight: '╮', BottomLeft: '╰', BottomRight: '╯',
		TeeLeft: '┤', TeeRight: '├', TeeDown: '┬', TeeUp: '┴', Cross: '┼',
		ArrowRight: '▶', ArrowLeft: '◀', ArrowUp: '▲', ArrowDown: '▼', Ellipsis: '…', Bullet: '•', Diamond: '◆',
		Expanded: '▾', Collapsed: '▸',
		Error: '✖', Warn: '▲', OK: '✔', Pin: '⚑', Critical: '━', Event: '◆',
		Service: '●', Database: '▣', Messaging: '⇢', Inferred: '◌', User: '☺', Retry: '↻', Clock: '◷', Changed: 'Δ',
		Bars:   []rune(" ▁▂▃▄▅▆▇█"),
		Blocks: []rune(" ▏▎▍▌▋▊▉█"),
		Shades: []rune(" ░▒▓█"),
		Track:  '─',
		Double: '═', Wave: '≈',
	}
}

func asciiGlyphs() *Glyphs {
	return &Glyphs{
		ASCII:      true,
		Horizontal: '-', Vertical: '|', TopLeft: '+', TopRight: '+', BottomLeft: '+', BottomRight: '+',
		TeeLeft: '+', TeeRight: '+', TeeDown: '+', TeeUp: '+', Cross: '+',
		ArrowRight: '>', ArrowLeft: '<', ArrowUp: '^', ArrowDown: 'v', Ellipsis: '~', Bullet: '*', Diamond: '*',
		Expanded: 'v', Collapsed: '>',
		Error: 'X', Warn: '!', OK: '+', Pin: '^', Critical: '=', Event: '*',
		Service: 'o', Database: '#', Messaging: '%', Inferred: '?', User: '@', Retry: '&', Clock: 't', Changed: '^',
		Bars:   []rune(" ._-=+*%#"),
		Blocks: []rune("    |####"),
		Shades: []rune(" .:%#"),
		Track:  '-',
		Double: '=', Wave: '~',
	}
}
