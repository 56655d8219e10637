package themes

// palette is what a theme's author chooses; styles.go makes the styles from it.
// A swatch gives truecolor, the index in 256 colours and in 16; -1 is the terminal's own colour.
type palette struct {
	name string
	dark bool

	paper, ink                       swatch // see Theme.Paper
	text, strong, dim, faint, accent swatch
	rule                             swatch // lines between parts: quieter than faint, which is read
	bar, barText                     swatch // background and foreground of status line and footer
	selected, selectedDim            swatch // backgrounds
	selectedText                     swatch // foreground on selected
	selectedInk                      bool   // selections replace foregrounds too: selected is too bright for them
	cursor, cursorInk                swatch // background and foreground of Theme.Cursor
	ok, warn, fail, info             swatch

	service, database, messaging, inferred, user swatch
	critical, ghost                              swatch
	p50, p95, p99                                swatch

	heat, errorHeat []swatch
	series          []swatch
}

// ramp makes swatches from pairs of truecolor and 256-colour values; in 16 colours ramps are left to
// the shades of Glyphs, which carry the value as well.
func ramp(pairs ...uint32) []swatch {
	ws := make([]swatch, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		ws = append(ws, swatch{pairs[i], int16(pairs[i+1]), -1})
	}
	return ws
}

// palettes in the order in which t cycles through them.
func palettes() []palette {
	return []palette{dark(), light(), contrast(), colourblind()}
}

func dark() palette {
	return palette{
		name: "dark", dark: true,
		paper: swatch{0x0d1117, 233, 0}, ink: swatch{0xc9d1e3, 252, 7},
		text: swatch{0xc9d1e3, 252, -1}, strong: swatch{0xffffff, 231, 15},
		dim: swatch{0x8b95ad, 246, 7}, faint: swatch{0x6a7590, 243, 8}, accent: swatch{0x6cb6ff, 75, 14},
		rule: swatch{0x48516a, 240, 8},
		bar:  swatch{0x1c2233, 235, -1}, barText: swatch{0xc9d1e3, 252, 15},
		selected: swatch{0x1a3a63, 19, 4}, selectedDim: swatch{0x2a3145, 237, 8}, selectedText: swatch{0xffffff, 231, 15},
		cursor: swatch{0xff5fd7, 206, 13}, cursorInk: swatch{0x000000, 16, 0},
		ok: swatch{0x7ddf91, 114, 10}, warn: swatch{0xffb454, 215, 11}, fail: swatch{0xff6b70, 203, 9}, info: swatch{0x7fd1e0, 116, 14},
		service: swatch{0x82b8ff, 111, 12}, database: swatch{0xe0c070, 179, 3}, messaging: swatch{0xc39af0, 141, 5},
		inferred: swatch{0x8b95ad, 245, 8}, user: swatch{0x8fe0d0, 116, 6},
		critical: swatch{0xff9f40, 215, 11}, ghost: swatch{0x5b6680, 241, 8},
		p50: swatch{0xffffff, 231, 15}, p95: swatch{0xffc24d, 221, 11}, p99: swatch{0xff8f6b, 209, 9},
		heat: ramp(0x131f45, 17, 0x16305f, 18, 0x19467a, 24, 0x1c5d8f, 30, 0x23769c, 31, 0x2f90a2, 37,
			0x45aaa2, 43, 0x66c29c, 79, 0x91d797, 115, 0xbce99b, 151, 0xe2f4ad, 193, 0xfcfcd2, 230),
		errorHeat: ramp(0x4a1620, 52, 0x701c2a, 88, 0x982434, 124, 0xc0303f, 160, 0xe4464f, 196, 0xff6b70, 203, 0xff9a9a, 210),
		series: ramp(0x6cb6ff, 75, 0x7ddf91, 114, 0xe0c070, 179, 0xc39af0, 141, 0x5fd0d0, 80, 0xd9a58c, 180,
			0xa9b8ff, 147, 0xb5d67a, 150, 0xf093b0, 175, 0x7fd1e0, 116, 0xe8d98a, 186, 0xcfa6d8, 182),
	}
}

func light() palette {
	return palette{
		name: "light", dark: false,
		paper: swatch{0xffffff, 231, 15}, ink: swatch{0x2b3244, 236, 0},
		text: swatch{0x2b3244, 236, -1}, strong: swatch{0x000000, 16, 0},
		dim: swatch{0x5c6579, 241, 8}, faint: swatch{0x6d7587, 243, 8}, accent: swatch{0x0b61c4, 26, 4},
		rule: swatch{0x8b93a3, 246, 7},
		bar:  swatch{0xe6eaf2, 254, 7}, barText: swatch{0x2b3244, 236, 0},
		selected: swatch{0xb9d7fb, 153, 6}, selectedDim: swatch{0xdfe4ed, 253, 7}, selectedText: swatch{0x000000, 16, 0},
		cursor: swatch{0xc4008f, 162, 5}, cursorInk: swatch{0xffffff, 231, 15},
		ok: swatch{0x1a7331, 22, 2}, warn: swatch{0xa35c00, 130, 3}, fail: swatch{0xc4161c, 124, 1}, info: swatch{0x0d7285, 23, 6},
		service: swatch{0x1458b0, 25, 4}, database: swatch{0x8a6200, 94, 3}, messaging: swatch{0x7a35b5, 91, 5},
		inferred: swatch{0x6b7386, 243, 8}, user: swatch{0x0d7285, 30, 6},
		critical: swatch{0xc85a00, 166, 3}, ghost: swatch{0x6d7587, 243, 8},
		p50: swatch{0x000000, 16, 0}, p95: swatch{0xb35900, 130, 3}, p99: swatch{0xc4161c, 160, 1},
		heat: ramp(0xe3f2f4, 195, 0xc7e7ea, 159, 0xa3d8e2, 152, 0x7cc5db, 116, 0x57aed2, 74, 0x3b94c6, 68,
			0x2b79b7, 31, 0x235fa5, 25, 0x1f478f, 24, 0x1b3176, 18, 0x141d55, 17),
		errorHeat: ramp(0xfbd9d9, 224, 0xf7b3b3, 217, 0xee8585, 210, 0xe05656, 203, 0xc92c2c, 160, 0xa31515, 124, 0x700c0c, 88),
		series: ramp(0x1f6fd0, 26, 0x1d7a35, 28, 0xa8348f, 126, 0x7a35b5, 91, 0x0d7f86, 30, 0xc2501b, 166,
			0x4a55c7, 62, 0x5d7d10, 64, 0xb52a66, 125, 0x2a7fa0, 31, 0x7d6a20, 100, 0x8b4a99, 96),
	}
}

// contrast is for projectors, sunlight and tired eyes: WCAG AAA against black.
func contrast() palette {
	p := dark()
	p.name = "contrast"
	p.text, p.strong = swatch{0xffffff, 231, 15}, swatch{0xffffff, 231, 15}
	p.dim, p.faint = swatch{0xd0d0d0, 252, 7}, swatch{0x9a9a9a, 247, 7}
	p.rule = p.faint
	p.accent = swatch{0x5ff0ff, 123, 14}
	p.bar, p.barText = swatch{0x303030, 236, -1}, swatch{0xffffff, 231, 15}
	p.selected, p.selectedText, p.selectedInk = swatch{0xffe95a, 227, 11}, swatch{0x000000, 16, 0}, true
	p.selectedDim = swatch{0x4e4e4e, 239, 8}
	p.ok, p.warn, p.fail, p.info = swatch{0x5fff5f, 83, 10}, swatch{0xffd75f, 221, 11}, swatch{0xff8787, 210, 9}, swatch{0x87ffff, 123, 14}
	p.service, p.database, p.messaging = swatch{0x9fd0ff, 153, 12}, swatch{0xffe08a, 222, 11}, swatch{0xe0baff, 183, 13}
	p.inferred, p.user = swatch{0xd0d0d0, 252, 7}, swatch{0xa0ffe8, 158, 14}
	p.critical, p.ghost = swatch{0xffb95f, 215, 11}, swatch{0x9a9a9a, 247, 7}
	p.p95, p.p99 = swatch{0xffe95a, 227, 11}, swatch{0xff9f9f, 217, 9}
	return p
}

// colourblind follows Okabe and Ito's set for categories and a blue–yellow ramp (as cividis) for counts;
// bad is vermilion and good is blue, never red against green.
func colourblind() palette {
	p := dark()
	p.name = "colour-blind"
	p.accent = swatch{0x56b4e9, 74, 14}
	p.ok, p.warn, p.fail, p.info = swatch{0x56b4e9, 74, 12}, swatch{0xf0e442, 227, 11}, swatch{0xff7a1a, 208, 9}, swatch{0x9ad0f0, 117, 14}
	p.service, p.database, p.messaging = swatch{0x56b4e9, 74, 12}, swatch{0xe69f00, 178, 3}, swatch{0xcc79a7, 175, 5}
	p.user = swatch{0x4fc9a4, 79, 6}
	p.critical = swatch{0xf0e442, 227, 11}
	p.p95, p.p99 = swatch{0xe69f00, 178, 11}, swatch{0xff7a1a, 208, 9}
	p.heat = ramp(0x00224e, 17, 0x123570, 18, 0x3b496c, 60, 0x575d6d, 242, 0x707173, 243, 0x8a8678, 101,
		0xa59c74, 144, 0xc3b369, 179, 0xe1cc55, 185, 0xfee838, 227)
	p.errorHeat = ramp(0x4a2500, 58, 0x7a3b00, 94, 0xa85100, 130, 0xd55e00, 166, 0xff7a1a, 208, 0xffa25c, 215)
	p.series = ramp(0x56b4e9, 74, 0xe69f00, 178, 0x4fc9a4, 79, 0xe3c4f0, 183, 0xcc79a7, 175, 0xb99766, 137,
		0x8fb6ff, 111, 0xd8d8d8, 188)
	return p
}
