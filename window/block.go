package window

import (
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// cut returns the rows of a block that are within the view: the block itself
// where all are, nil where none is. With keep, columns are remembered once
// they were read.
func (s *source) cut(b table.Block, keep bool) (table.Block, error) {
	if s.hidden >= 0 {
		b = generated{b, s}
	}
	sel, err := s.rows(b)
	switch {
	case err != nil:
		return nil, err
	case len(sel) == 0:
		return nil, nil
	case len(sel) == b.Rows():
		return b, nil
	case keep:
		return &kept{picked: picked{b, sel}, columns: map[int]arrow.Array{}}, nil
	}
	return &picked{b, sel}, nil
}

// rows are the rows of a block that are within the view.
func (s *source) rows(b table.Block) ([]int32, error) {
	var times, arrivals *array.Int64
	var err error
	if s.time >= 0 {
		if times, err = readTimes(b, s.time); err != nil {
			return nil, err
		}
	}
	if s.arrival >= 0 {
		if arrivals, err = readTimes(b, s.arrival); err != nil {
			return nil, err
		}
	}
	sel := make([]int32, 0, b.Rows())
	for i := range b.Rows() {
		if s.view.covers(times, arrivals, i) {
			sel = append(sel, int32(i))
		}
	}
	return sel, nil
}

// covers reports whether a row is within the view. Either column may be nil.
func (v *View) covers(times, arrivals *array.Int64, i int) bool {
	if times != nil && v.byTime() {
		t := table.Time(times.Value(i))
		if times.IsNull(i) || v.From != 0 && t < v.From || v.To != 0 && t >= v.To {
			return false
		}
	}
	if arrivals == nil || arrivals.IsNull(i) {
		return true
	}
	a := table.Time(arrivals.Value(i))
	if v.After != 0 && a <= v.After || v.Upto != 0 && a > v.Upto {
		return false
	}
	if v.MaxAge != 0 && times != nil && times.IsValid(i) && table.Duration(a)-table.Duration(times.Value(i)) > v.MaxAge {
		return false
	}
	for _, s := range v.Silent {
		if a > s.After && a <= s.Upto {
			return false
		}
	}
	return true
}

// generated is a block whose rows came when they were generated.
type generated struct {
	table.Block
	src *source
}

func (g generated) Column(i int, sel []int32) (arrow.Array, error) {
	if i == g.src.hidden {
		i = g.src.time
	}
	return g.Block.Column(i, sel)
}

// picked is some rows of a block.
type picked struct {
	inner table.Block
	sel   []int32
}

func (p *picked) Rows() int { return len(p.sel) }

func (p *picked) Column(i int, sel []int32) (arrow.Array, error) {
	if sel == nil {
		return p.inner.Column(i, p.sel)
	}
	rows := make([]int32, len(sel))
	for k, r := range sel {
		rows[k] = p.sel[r]
	}
	return p.inner.Column(i, rows)
}

// kept is some rows of a block, which remembers the columns that were read of
// it. A few rows of an extent come with the dictionary of all of it; they get
// one of their own, so that what is done a value is done for theirs only.
type kept struct {
	picked
	mu      sync.Mutex
	columns map[int]arrow.Array
}

func (k *kept) Column(i int, sel []int32) (arrow.Array, error) {
	k.mu.Lock()
	a, ok := k.columns[i]
	if !ok {
		var err error
		if a, err = k.picked.Column(i, nil); err != nil {
			k.mu.Unlock()
			return nil, err
		}
		if d, ok := a.(*array.Dictionary); ok {
			a = compact(d)
		}
		k.columns[i] = a
	}
	k.mu.Unlock()
	if sel == nil {
		return a, nil
	}
	return table.Take(a, sel), nil
}

// Siblings is how many rows share the dictionaries of the block: its own.
func (k *kept) Siblings() int { return len(k.sel) }

// Codes declines: the block has no sorted dictionaries.
func (k *kept) Codes(int) (b8 []uint8, b16 []uint16, b32 []int32, values *array.String, ok bool) {
	return nil, nil, nil, nil, false
}

// compact gives an array a dictionary of the values that occur in it.
func compact(d *array.Dictionary) arrow.Array {
	values := d.Dictionary().(*array.String)
	if values.Len() <= d.Len()/2 {
		return d
	}
	codes := make(map[int]int32, min(d.Len(), 1024))
	texts := array.NewStringBuilder(allocator)
	indices := array.NewInt32Builder(allocator)
	indices.Reserve(d.Len())
	for i := range d.Len() {
		if d.IsNull(i) {
			indices.AppendNull()
			continue
		}
		old := d.GetValueIndex(i)
		code, ok := codes[old]
		if !ok {
			code = int32(len(codes))
			codes[old] = code
			texts.Append(values.Value(old))
		}
		indices.Append(code)
	}
	return array.NewDictionaryArray(d.DataType(), indices.NewArray(), texts.NewArray())
}
