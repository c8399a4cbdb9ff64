package vec

// Few rows fall into one of few cells where each of several keys has few values
// among them, as kinds, states and hours of a change log have. A row is placed
// by arithmetic on its codes then, and keys are told apart once a cell.

// cellShare is how many rows a cell must have on average.
const cellShare = 4

// cells are rows by what they have in their keys.
type cells struct {
	keys []GroupKey // of the cells that have rows, a row each
	rows []int64    // how many rows these have
	at   []uint16   // the cell of each row, among all there could be
	all  []int64    // how many rows each of these has
}

// cellsOf places n rows; false where a key is not by code, or cells would be many.
func (g *Grouper) cellsOf(keys []GroupKey, n int) (*cells, bool) {
	total := 1
	for i := range keys {
		size := keys[i].few()
		if size <= 0 || total > n/cellShare/size {
			return nil, false
		}
		total *= size
	}
	if total > 1<<16 {
		return nil, false
	}
	c := &cells{at: g.place(keys, n), all: make([]int64, total)}
	codesCount(c.at, nil, c.all)
	some := 0
	for _, n := range c.all {
		if n > 0 {
			some++
		}
	}
	c.list(keys, some)
	return c, true
}

// place gives the cell of each row.
func (g *Grouper) place(keys []GroupKey, n int) []uint16 {
	if b := keys[0].Bins; len(keys) == 1 && b != nil && b.Sel == nil {
		return b.Places
	}
	if cap(g.at) < n {
		g.at = make([]uint16, n)
	}
	at := g.at[:n]
	clear(at)
	for i := range keys {
		keys[i].place(at)
	}
	return at
}

// list makes the keys of the cells that have rows.
func (c *cells) list(keys []GroupKey, some int) {
	c.rows = make([]int64, 0, some)
	left := make([]int, 0, some) // of a cell's place: what the keys before say
	for at, n := range c.all {
		if n > 0 {
			c.rows, left = append(c.rows, n), append(left, at)
		}
	}
	c.keys = make([]GroupKey, len(keys))
	for i := len(keys) - 1; i >= 0; i-- {
		size := keys[i].few()
		codes := make([]int32, some)
		for k, at := range left {
			codes[k], left[k] = int32(at%size), at/size
		}
		c.keys[i] = keys[i].only(codes)
	}
}

// few is how many values the rows of a key may have; 0 where that is not known.
func (k *GroupKey) few() int {
	switch {
	case k.Bins != nil:
		return len(k.Bins.Lows)
	case k.Coded != nil && k.Coded.B32 == nil:
		return k.Coded.Values.Len()
	}
	return 0
}

// only is the key of rows that have these values.
func (k *GroupKey) only(codes []int32) GroupKey {
	if k.Bins == nil {
		return GroupKey{Coded: &Coded{Packed: &Packed{B32: codes, Values: k.Coded.Values}, Of: k.Coded.Of, Kin: k.Coded.Kin}}
	}
	places := make([]uint16, len(codes))
	for i, code := range codes {
		places[i] = uint16(code)
	}
	return GroupKey{Bins: &Bins{Places: places, Lows: k.Bins.Lows}}
}

// place moves the cells of rows on by a key.
func (k *GroupKey) place(at []uint16) {
	size := uint16(k.few())
	switch {
	case k.Bins != nil:
		placeBy(k.Bins.Places, k.Bins.Sel, size, at)
	case k.Coded.B8 != nil:
		placeBy(k.Coded.B8, k.Coded.Sel, size, at)
	default:
		placeBy(k.Coded.B16, k.Coded.Sel, size, at)
	}
}

func placeBy[T uint8 | uint16](codes []T, sel []int32, size uint16, at []uint16) {
	if sel == nil {
		codes = codes[:len(at)]
		for i := range at {
			at[i] = at[i]*size + uint16(codes[i])
		}
		return
	}
	sel = sel[:len(at)]
	for i := range at {
		at[i] = at[i]*size + uint16(codes[sel[i]])
	}
}

// Counts counts n rows by group: groups, each once or more often, and how many
// rows are added to them. It declines where rows have many different keys. The
// slices are valid until the next call.
func (g *Grouper) Counts(keys []GroupKey, n int) (groups []int32, rows []int64, ok bool) {
	if len(keys) == 0 {
		return nil, nil, false
	}
	c, ok := g.cellsOf(keys, n)
	if !ok {
		return nil, nil, false
	}
	return g.groupsOf(c), c.rows, true
}

// groupsOf are the groups of the cells that have rows.
func (g *Grouper) groupsOf(c *cells) []int32 {
	ids, right := g.Halves(c.keys, len(c.rows))
	if len(c.keys) > 1 {
		ids = g.Join(ids, right)
	}
	return ids
}

// ofCells gives the group of each row.
func (g *Grouper) ofCells(c *cells) []int32 {
	groups := g.groupsOf(c)
	to := make([]int32, len(c.all))
	some := 0
	for at, n := range c.all {
		if n > 0 {
			to[at] = groups[some]
			some++
		}
	}
	if cap(g.cellIDs) < len(c.at) {
		g.cellIDs = make([]int32, len(c.at))
	}
	out := g.cellIDs[:len(c.at)]
	for i, at := range c.at {
		out[i] = to[at]
	}
	return out
}
