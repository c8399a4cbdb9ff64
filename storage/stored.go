package storage

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// storedColumn reads a column of an extent that is stored in parts, as little
// of it as is asked for.
type storedColumn struct {
	u   *unit
	m   *extentColumn
	def columnDef
}

// inParts returns column i of the schema where it is stored in parts.
func (u *unit) inParts(i int) (storedColumn, bool) {
	if u.extent == nil {
		return storedColumn{}, false
	}
	def := u.scan.src.def.Columns[i]
	m := u.extent.column(def.ID)
	if m == nil || m.parts == nil {
		return storedColumn{}, false
	}
	return storedColumn{u, m, def}, true
}

// get1 reads something through the cache.
func get1[T sized](c storedColumn, kind cacheKind, page int, load func() (T, error)) (T, error) {
	return getKey(c, c.key(kind, page), load)
}

func getKey[T sized](c storedColumn, k cacheKey, load func() (T, error)) (T, error) {
	v, err := c.u.scan.src.t.store.cache.get(k, func() (sized, error) {
		v, err := load()
		if err != nil {
			return nil, at(err, c.u.scan.src.def.Name, c.u.extent.id, c.def.Name)
		}
		return v, nil
	})
	if err != nil {
		var none T
		return none, err
	}
	return v.(T), nil
}

func (c storedColumn) key(kind cacheKind, page int) cacheKey {
	return cacheKey{extent: c.u.extent, column: c.def.ID, kind: kind, page: int32(page)}
}

// held is get1 for what a unit holds on to while it is read, however small the
// cache is: all blocks must have the same dictionary.
func held[T sized](c storedColumn, kind cacheKind, load func() (T, error)) (T, error) {
	k := c.key(kind, 0)
	c.u.mu.Lock()
	v, ok := c.u.held[k].(T)
	c.u.mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := get1(c, kind, 0, load)
	if err != nil {
		return v, err
	}
	c.u.mu.Lock()
	defer c.u.mu.Unlock()
	if first, ok := c.u.held[k].(T); ok {
		return first, nil
	}
	if c.u.held == nil {
		c.u.held = map[cacheKey]sized{}
	}
	c.u.held[k] = v
	return v, nil
}

// part reads a part.
func (c storedColumn) part(part int) ([]byte, error) {
	t := c.u.scan.src.t
	t.store.fetch(c.m.parts.pieces[part])
	b, err := c.u.extent.readPart(t.store.db, t.id, c.def.ID, part)
	c.u.scan.read.Add(int64(len(b)))
	return b, err
}

// numbers is all of the numbers.
func (c storedColumn) numbers() (*numbers, error) {
	return held(c, cachedNumbers, func() (*numbers, error) {
		if c.m.parts.follows {
			return c.followed()
		}
		if len(c.m.parts.pieces[partApart]) == 0 {
			b, err := c.part(partNumbers)
			if err != nil {
				return nil, err
			}
			return decodeAllNumbers(b, nil, c.u.rows)
		}
		shape, err := c.shape()
		if err != nil {
			return nil, err
		}
		apart, err := c.part(partApart)
		if err != nil {
			return nil, err
		}
		return shape.with(apart)
	})
}

// shape is the numbers but for what of them is apart.
func (c storedColumn) shape() (*numbers, error) {
	return get1(c, cachedShape, 0, func() (*numbers, error) {
		b, err := c.part(partNumbers)
		if err != nil {
			return nil, err
		}
		return decodeNumbers(b, c.u.rows)
	})
}

// numbersOf is the numbers, with what is apart if one of some rows needs it.
func (c storedColumn) numbersOf(rows []int32) (*numbers, error) {
	if len(c.m.parts.pieces[partApart]) == 0 || have[*numbers](c, cachedNumbers) {
		return c.numbers()
	}
	shape, err := c.shape()
	if err == nil && !shape.tells(rows) {
		return c.numbers()
	}
	return shape, err
}

func (c storedColumn) head() (*textHead, error) {
	return held(c, cachedHead, func() (*textHead, error) {
		b, err := c.part(partHead)
		if err != nil {
			return nil, err
		}
		h, err := decodeTextHead(b, c.u.rows)
		if err == nil && h.n != c.m.zone.distinct {
			err = corrupt("the dictionary has %d strings where the manifest says %d", h.n, c.m.zone.distinct)
		}
		return h, err
	})
}

// dict is the whole dictionary.
func (c storedColumn) dict() (*dict, error) {
	return held(c, cachedDict, func() (*dict, error) {
		h, err := c.head()
		if err != nil {
			return nil, err
		}
		b, err := c.part(partText)
		if err != nil {
			return nil, err
		}
		return joinPages(h, b)
	})
}

// have reports whether something is at hand.
func have[T sized](c storedColumn, kind cacheKind) bool {
	k := c.key(kind, 0)
	c.u.mu.Lock()
	_, ok := c.u.held[k].(T)
	c.u.mu.Unlock()
	return ok || c.u.scan.src.t.store.cache.peek(k) != nil
}

// haveDict returns the dictionary if it is at hand.
func (c storedColumn) haveDict() *dict {
	if !have[*dict](c, cachedDict) {
		return nil
	}
	d, _ := c.dict()
	return d
}

func (c storedColumn) counts() (*numbers, error) {
	return get1(c, cachedCounts, 0, func() (*numbers, error) {
		b, err := c.part(partCounts)
		if err != nil {
			return nil, err
		}
		return decodeAllNumbers(b, nil, c.m.zone.distinct)
	})
}

// filter is nil where the column has none.
func (c storedColumn) filter(h *textHead) (*textFilter, error) {
	if len(c.m.parts.pieces[partFilter]) == 0 {
		return nil, nil
	}
	return get1(c, cachedFilter, 0, func() (*textFilter, error) {
		b, err := c.part(partFilter)
		if err != nil {
			return nil, err
		}
		return decodeFilter(b, len(h.ends))
	})
}

// codePage is a page of codes in the width that they have in memory.
type codePage struct{ codes }

func (p *codePage) size() int64 { return int64(p.codes.size() + 96) }

// narrow returns page k of a column of few distinct strings.
func (c storedColumn) narrow(nums *numbers, k int) (*codePage, error) {
	return get1(c, cachedCodes, k, func() (*codePage, error) {
		p := &codePage{}
		var err error
		p.codes, err = c.readCodes(nums, k*pageRows, min((k+1)*pageRows, c.u.rows))
		return p, err
	})
}

func (c storedColumn) readCodes(nums *numbers, a, b int) (codes, error) {
	out := newCodes(b-a, c.m.zone.distinct)
	top := 0
	switch {
	case out.b8 != nil:
		readNumbers(nums, a, out.b8)
		top = most(out.b8)
	case out.b16 != nil:
		readNumbers(nums, a, out.b16)
		top = most(out.b16)
	default:
		readNumbers(nums, a, out.b32)
		top = most(out.b32)
	}
	if top >= c.m.zone.distinct {
		return out, c.at(errCode)
	}
	return out, nil
}

func (c storedColumn) at(err error) error {
	return at(err, c.u.scan.src.def.Name, c.u.extent.id, c.def.Name)
}

// codes returns the codes of rows [a,b).
func (c storedColumn) codes(a, b int) (codes, error) {
	nums, err := c.numbers()
	if err != nil {
		return codes{}, err
	}
	if c.m.zone.distinct > 1<<16 || a/pageRows != (b-1)/pageRows || a == b {
		return c.readCodes(nums, a, b)
	}
	p, err := c.narrow(nums, a/pageRows)
	if err != nil {
		return codes{}, err
	}
	from := a / pageRows * pageRows
	return p.codes.slice(a-from, b-from), nil
}

// slice returns places [a,b).
func (c codes) slice(a, b int) codes {
	switch {
	case c.b8 != nil:
		return codes{b8: c.b8[a:b:b]}
	case c.b16 != nil:
		return codes{b16: c.b16[a:b:b]}
	}
	return codes{b32: c.b32[a:b:b]}
}

// rows returns the rows of a list, in ascending order, as an array.
func (c storedColumn) rows(rows []int32) (arrow.Array, error) {
	if c.m.phys == table.Int64s {
		nums, err := c.numbersOf(rows)
		if err != nil {
			return nil, err
		}
		valid, nulls := nums.validRows(rows)
		out := make([]int64, len(rows))
		gatherNumbers(nums, rows, out)
		return makeArray(arrow.PrimitiveTypes.Int64, len(out), valid, arrow.Int64Traits.CastToBytes(out), nulls), nil
	}
	codes, valid, nulls, err := c.codesOf(rows)
	if err != nil {
		return nil, err
	}
	d, err := c.dictFor(codes)
	if err != nil {
		return nil, err
	}
	return dictArray(d, codes, valid, nulls), nil
}

// fewStrings is the number of strings up to which a dictionary is read whole.
const fewStrings = 4096

// dictFor returns a dictionary for some codes: all of it, or, where few of the
// strings are needed, one of these, and codes changed to be places in that.
func (c storedColumn) dictFor(codes []int32) (*dict, error) {
	if d := c.haveDict(); d != nil {
		return d, nil
	}
	n := c.m.zone.distinct
	// Rows of a kind that has nothing in the column.
	if least := c.m.zone.all.least(); least != nil && most(codes) == 0 {
		return least, nil
	}
	c.u.mu.Lock()
	if c.u.gathered == nil {
		c.u.gathered = map[uint32]int{}
	}
	c.u.gathered[c.def.ID] += len(codes)
	sum := c.u.gathered[c.def.ID]
	c.u.mu.Unlock()
	// As a string costs more alone than among all.
	if n <= fewStrings || sum > n/4 {
		return c.dict()
	}
	distinct := slices.Clone(codes)
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	d, err := c.strings(distinct)
	if err != nil {
		return nil, err
	}
	for i, code := range codes {
		at, _ := slices.BinarySearch(distinct, code)
		codes[i] = int32(at)
	}
	return d, nil
}

// slice returns rows [a,b) as an array.
func (c storedColumn) slice(a, b int) (arrow.Array, error) {
	nums, err := c.numbers()
	if err != nil {
		return nil, err
	}
	valid, nulls := nums.validity(a, b)
	if c.m.phys == table.Int64s {
		out := make([]int64, b-a)
		readNumbers(nums, a, out)
		return makeArray(arrow.PrimitiveTypes.Int64, len(out), valid, arrow.Int64Traits.CastToBytes(out), nulls), nil
	}
	codes, err := c.codes(a, b)
	if err != nil {
		return nil, err
	}
	d, err := c.dict()
	if err != nil {
		return nil, err
	}
	return dictArray(d, codes.expand(0, b-a), valid, nulls), nil
}

func dictArray(d *dict, codes []int32, valid []byte, nulls int) arrow.Array {
	idx := makeArray(arrow.PrimitiveTypes.Int32, len(codes), valid, arrow.Int32Traits.CastToBytes(codes), nulls)
	return array.NewDictionaryArray(dictType, idx, d.arr)
}
