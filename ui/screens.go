package ui

// newScreens makes one screen per lens, and the waterfall. A lens without a screen has no tab.
func newScreens() [lenses]Screen {
	return [lenses]Screen{
		LensMap:        newMap(),
		LensOperations: newOperations(),
		LensLatency:    newLatency(),
		LensFindings:   newFindings(),
		LensTraces:     newTraces(),
		LensCoverage:   newCoverage(),
		LensWaterfall:  newWaterfall(),
	}
}
