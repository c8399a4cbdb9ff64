package vec

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// Grouper numbers the distinct keys of rows, from 0 in the order in which they
// first appear. Each key column gets a number per distinct value (strings once
// per dictionary entry, not per row), and numbers of several columns are paired
// up; so keys are compared exactly, never by a hash alone. Null is a key.
type Grouper struct {
	types []table.Type
	cols  []*keyColumn
	pairs []*pairing // pairs[i] joins the number so far with that of column i+1
	ids   [2][]int32 // scratch

	at      []uint16 // scratch: of cells
	cellIDs []int32
}

// NewGrouper makes a grouper for key columns of these types. With none, all
// rows are group 0.
func NewGrouper(types []table.Type) *Grouper {
	g := &Grouper{types: types}
	for i, t := range types {
		g.cols = append(g.cols, newKeyColumn(t))
		if i > 0 {
			g.pairs = append(g.pairs, &pairing{})
		}
	}
	return g
}

// Number makes key column i use numbers that its strings have. It is called
// before the first row.
func (g *Grouper) Number(i int, n *Numbering) {
	if g.types[i] == table.String {
		g.cols[i].numbers = n
	}
}

// Len is the number of groups.
func (g *Grouper) Len() int {
	switch n := len(g.cols); n {
	case 0:
		return 1
	case 1:
		return g.cols[0].len()
	default:
		return g.pairs[n-2].len()
	}
}

// Keys returns the key columns, a row a group. Strings that several groups
// have come as a dictionary.
func (g *Grouper) Keys() []Column { return g.KeysOf(0, g.Len(), nil) }

// KeysOf is Keys for groups [from, to). Columns that blank marks are null: they
// cost nothing.
func (g *Grouper) KeysOf(from, to int, blank []bool) []Column {
	out := make([]Column, len(g.cols))
	numbers := make([]int32, to-from) // of the pair that a group is at this level
	for i := range numbers {
		numbers[i] = int32(from + i)
	}
	for k := len(g.cols) - 1; k >= 0; k-- {
		right := numbers
		if k > 0 {
			right = take(g.pairs[k-1].right, numbers)
			numbers = take(g.pairs[k-1].left, numbers)
		}
		if blank != nil && blank[k] {
			out[k] = Constant(g.types[k], nil)
			continue
		}
		out[k] = g.cols[k].column(right)
	}
	return out
}

// Values gives the values of the groups with these numbers, of a grouper for one
// column.
func (g *Grouper) Values(numbers []int32) Column { return g.cols[0].column(numbers) }

// Direct makes the groups of a grouper for one column have the numbers that its
// strings have, and returns these by group. Numbers are left out then, Len is above all of
// them, and every grouper that was given the same ones has the same groups. It
// does nothing and returns nil where strings have no numbers.
func (g *Grouper) Direct() []int32 { return g.cols[0].makeDirect() }

// IDs returns the group of each of n rows. The slice is valid until the next
// call.
func (g *Grouper) IDs(cols []Column, n int) []int32 { return g.IDsOf(keysOf(cols), n) }

// IDsOf is IDs for keys in any form.
func (g *Grouper) IDsOf(keys []GroupKey, n int) []int32 {
	if len(keys) == 0 {
		return OneGroup(n)
	}
	if len(keys) > 1 {
		if c, ok := g.cellsOf(keys, n); ok {
			return g.ofCells(c)
		}
	}
	ids, right := g.Halves(keys, n)
	if len(keys) > 1 {
		return g.Join(ids, right)
	}
	return ids
}

// noGroups are the groups of rows that are all of one; nobody writes to it.
var noGroups = make([]int32, 1<<16)

// OneGroup gives n rows of group 0.
func OneGroup(n int) []int32 {
	if n <= len(noGroups) {
		return noGroups[:n:n]
	}
	return make([]int32, n)
}

func (g *Grouper) scratch(i, n int) []int32 {
	if cap(g.ids[i]) < n {
		g.ids[i] = make([]int32, n)
	}
	return g.ids[i][:n]
}

// Merge takes in the groups of another grouper of the same types and returns
// the group here for each group there; nil where these are the same. It goes by distinct values and pairs,
// so a value that many groups have is looked up once.
func (g *Grouper) Merge(o *Grouper) []int32 {
	if len(g.cols) == 0 {
		return []int32{0}
	}
	ids, right := g.MergeHalves(o)
	if len(g.cols) > 1 {
		left, q := ids, o.last()
		ids = g.Join(there(left, q.left), there(right, q.right))
	}
	return ids
}

// Find returns the group of each row, or -1 for keys that no group has.
func (g *Grouper) Find(cols []Column, n int) []int32 {
	out := make([]int32, n)
	if len(cols) == 0 {
		return out
	}
	g.cols[0].each(cols[0], n, out, false)
	if len(cols) == 1 {
		return out
	}
	right := make([]int32, n)
	for i := 1; i < len(cols); i++ {
		g.cols[i].each(cols[i], n, right, false)
		for row, l := range out {
			out[row] = -1
			if l >= 0 && right[row] >= 0 {
				out[row] = g.pairs[i-1].find(l, right[row])
			}
		}
	}
	return out
}

// each numbers the rows of a column; with add, values not seen before get a
// number, otherwise -1.
func (k *keyColumn) each(c Column, n int, out []int32, add bool) {
	if n == 0 {
		return
	}
	if c.Const {
		id := k.of(c, 0, add)
		for i := range out[:n] {
			out[i] = id
		}
		return
	}
	switch a := c.Arr.(type) {
	case *array.Dictionary:
		k.eachCode(a, out, add)
		return
	case *array.Int64:
		if a.NullN() == 0 {
			k.eachInt(a.Int64Values(), out, add)
			return
		}
	case *array.String:
		if a.NullN() == 0 {
			for i := range out[:n] {
				out[i] = k.ofCopy(a.Value(i), add)
			}
			return
		}
	}
	for i := 0; i < n; i++ {
		out[i] = k.of(c, i, add)
	}
}

// eachInt looks a value that repeats up once: times come in runs once they
// are rounded.
func (k *keyColumn) eachInt(values []int64, out []int32, add bool) {
	last, lastID := int64(0), int32(-1)
	for i, v := range values {
		if v != last || lastID < 0 {
			last, lastID = v, k.ofInt(v, v, add)
		}
		out[i] = lastID
	}
}

func (k *keyColumn) eachCode(d *array.Dictionary, out []int32, add bool) {
	values := d.Dictionary().(*array.String)
	k.remember(values)
	memo, nulls := k.memo, d.NullN() > 0
	for i, code := range Codes(d) {
		if nulls && d.IsNull(i) {
			out[i] = k.ofNull(add)
			continue
		}
		id := memo[code]
		if id < 0 {
			id = k.ofStr(values.Value(int(code)), add)
			memo[code] = id
		}
		out[i] = id
	}
}
