// The list of screens.

package ui

// newScreens makes one screen per lens, and the waterfall. A lens without a screen has no tab.
func newScreens(o *Options) [lenses]Screen {
	return [lenses]Screen{
		LensMap:        newMap(),
		LensOperations: newOperations(),
		LensLatency:    newLatency(),
		LensFindings:   newFindings(),
		LensTraces:     newTraces(),
		LensShapes:     newShapes(),
		LensCompare:    newCompare(o.Baselines),
		LensCoverage:   newCoverage(),
		LensWaterfall:  newWaterfall(),
		LensSheet:      newSheet(),
	}
}
