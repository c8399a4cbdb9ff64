package vec

// Bins are whole numbers rounded down to multiples of a size: the place of each
// row's among those that a block of a table has.
type Bins struct {
	Places []uint16
	Sel    []int32 // the rows that count, in order; nil: all
	Lows   []int64 // the numbers
}

// numberBins numbers the rows of bins: a look at the table for each bin, not
// each row.
func (k *keyColumn) numberBins(b *Bins, out []int32) {
	memo := fill(int32(-1), len(b.Lows))
	if b.Sel == nil {
		for i, at := range b.Places {
			id := memo[at]
			if id < 0 {
				id = k.ofInt(b.Lows[at], b.Lows[at], true)
				memo[at] = id
			}
			out[i] = id
		}
		return
	}
	for i, row := range b.Sel {
		at := b.Places[row]
		id := memo[at]
		if id < 0 {
			id = k.ofInt(b.Lows[at], b.Lows[at], true)
			memo[at] = id
		}
		out[i] = id
	}
}
