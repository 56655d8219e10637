package filter

// traceBits holds a small number per trace index. Indices may be sparse, so it is paged; the zero value
// holds zeros.
type traceBits struct{ pages [][]uint8 }

const (
	pageBits = 12
	pageMask = 1<<pageBits - 1
)

func (b *traceBits) get(i uint32) uint8 {
	if p := int(i >> pageBits); p < len(b.pages) && b.pages[p] != nil {
		return b.pages[p][i&pageMask]
	}
	return 0
}

func (b *traceBits) set(i uint32, v uint8) {
	p := int(i >> pageBits)
	if p >= len(b.pages) {
		b.pages = append(b.pages, make([][]uint8, p+1-len(b.pages))...)
	}
	if b.pages[p] == nil {
		b.pages[p] = make([]uint8, pageMask+1)
	}
	b.pages[p][i&pageMask] = v
}

// bitset is a set of span places within a segment.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) add(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b bitset) has(i int) bool { return b[i>>6]&(1<<(i&63)) != 0 }
