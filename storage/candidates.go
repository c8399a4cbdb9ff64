package storage

import (
	"slices"

	"tidemark/table"
)

// A rowTest chooses rows of an extent by the places of their values in
// dictionaries. It lets every row pass that satisfies the predicate that it was
// made of. One of the three is set.
type rowTest struct {
	leaf *codeTest
	any  []rowTest
	all  []rowTest
	rows int64 // no more than these pass
}

// reason is why no row of an extent can satisfy a predicate.
type reason uint8

const (
	possible reason = iota
	byRange
	byText
	byValue
)

// decide finds out what an extent has of a predicate: a test of its rows, or
// why there are none. Where neither is worth the while, or possible, the test
// is nil.
func (u *unit) decide(p table.Predicate) (*rowTest, reason, error) {
	switch p.Op {
	case table.Or:
		return u.decideAny(p)
	case table.And:
		return u.decideAll(p)
	}
	if p.Column < 0 || p.Column >= u.scan.src.def.schema.Len() {
		return nil, possible, nil
	}
	if u.excludes(p, 0, u.rows) {
		return nil, byRange, nil
	}
	if p.Column == len(u.scan.src.def.Columns) || u.extent == nil {
		return nil, possible, nil
	}
	def := u.scan.src.def.Columns[p.Column]
	if def.typ.Physical() != table.Strings {
		return nil, possible, nil
	}
	if c, ok := u.inParts(p.Column); ok {
		return c.decide(p)
	}
	return u.decideConstant(p, def)
}

// decideAny is for an or: where one part cannot be told, nothing can.
func (u *unit) decideAny(p table.Predicate) (*rowTest, reason, error) {
	out, why := &rowTest{}, byRange
	for _, part := range p.Of {
		t, r, err := u.decide(part)
		switch {
		case err != nil:
			return nil, possible, err
		case r != possible:
			why = max(why, r)
		case t == nil:
			return nil, possible, nil
		default:
			out.any = append(out.any, *t)
			out.rows += t.rows
		}
	}
	if len(out.any) == 0 {
		return nil, why, nil
	}
	return out, possible, nil
}

func (u *unit) decideAll(p table.Predicate) (*rowTest, reason, error) {
	out := &rowTest{rows: int64(u.rows)}
	for _, part := range p.Of {
		t, r, err := u.decide(part)
		if err != nil || r != possible {
			return nil, r, err
		}
		if t != nil {
			out.all = append(out.all, *t)
			out.rows = min(out.rows, t.rows)
		}
	}
	if len(out.all) == 0 {
		return nil, possible, nil
	}
	slices.SortFunc(out.all, func(a, b rowTest) int { return int(a.rows - b.rows) })
	return out, possible, nil
}

// decideConstant is for columns that have one value in the whole extent.
func (u *unit) decideConstant(p table.Predicate, def columnDef) (*rowTest, reason, error) {
	m := u.extent.column(def.ID)
	c := absentColumn(def.typ, u.rows)
	if m != nil {
		c = m.constant
	}
	if c == nil || p.Match == nil || c.nulls > 0 {
		return nil, possible, nil
	}
	if pass := p.Match(c.dict.arr); pass != nil && !pass[0] {
		return nil, byValue, nil
	}
	return nil, possible, nil
}

// wantedBy is what texts that satisfy a predicate have.
func wantedBy(p table.Predicate) *wanted {
	w := &wanted{}
	e, values := edges{}, p.Values[:min(1, len(p.Values))]
	switch p.Op {
	case table.Has:
		e = edges{true, true}
	case table.HasPrefix:
		e = edges{left: true}
	case table.Contains:
	case table.Matches:
		values = p.Values
	default:
		return w
	}
	for _, v := range values {
		if s, ok := v.(string); ok {
			w.want(s, e)
		}
	}
	return w
}

// equal returns the codes of the values that are there, ascending.
func (c storedColumn) equal(values []any) (codes []int32, ok bool, err error) {
	find := c.find
	if len(values) > 64 { // their pages would be most of all
		d, err := c.dict()
		if err != nil {
			return nil, false, err
		}
		find = func(s string) (int32, bool, error) { code, ok := d.find(s); return code, ok, nil }
	}
	for _, v := range values {
		s, ok := v.(string)
		if !ok {
			return nil, false, nil
		}
		if c.m.zone.all.outside(s, table.Strings) {
			continue
		}
		code, found, err := find(s)
		if err != nil {
			return nil, false, err
		}
		if found {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes), true, nil
}

// test makes the test for rows with some codes.
func (c storedColumn) test(codes []int32) (*rowTest, reason, error) {
	if len(codes) == 0 {
		return nil, byValue, nil
	}
	t := &rowTest{leaf: &codeTest{col: c, codes: codes, one: -1}}
	counts, err := c.counts()
	if err != nil {
		return nil, possible, err
	}
	for _, code := range codes {
		n, _ := counts.pages[code/pageRows].at(int(code % pageRows))
		t.rows += n
	}
	if codes[0] == 0 {
		t.rows += int64(c.m.zone.nulls) // whose code is 0
	}
	if len(codes) == 1 {
		t.leaf.one = codes[0]
		return t, possible, nil
	}
	t.leaf.set = make([]uint64, (c.m.zone.distinct+63)/64)
	for _, code := range codes {
		t.leaf.set[code>>6] |= 1 << (code & 63)
	}
	return t, possible, nil
}

// rowsIn appends the rows of [a,b) that pass, in ascending order.
func (t *rowTest) rowsIn(a, b int, out []int32) ([]int32, error) {
	switch {
	case t.leaf != nil:
		return t.leaf.rowsIn(a, b, out)
	case t.any != nil:
		for i := range t.any {
			more, err := t.any[i].rowsIn(a, b, nil)
			if err != nil {
				return nil, err
			}
			out = mergeRows(out, more)
		}
		return out, nil
	}
	out, err := t.all[0].rowsIn(a, b, out)
	for i := 1; i < len(t.all) && err == nil; i++ {
		out, err = t.all[i].among(out)
	}
	return out, err
}

// among keeps the rows that pass.
func (t *rowTest) among(rows []int32) ([]int32, error) {
	switch {
	case t.leaf != nil:
		return t.leaf.among(rows)
	case t.any != nil:
		var out []int32
		for i := range t.any {
			more, err := t.any[i].among(slices.Clone(rows))
			if err != nil {
				return nil, err
			}
			out = mergeRows(out, more)
		}
		return out, nil
	}
	var err error
	for i := 0; i < len(t.all) && err == nil; i++ {
		rows, err = t.all[i].among(rows)
	}
	return rows, err
}

// mergeRows is the rows in either of two ascending lists.
func mergeRows(a, b []int32) []int32 {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	out := make([]int32, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			out, a = append(out, a[0]), a[1:]
		case a[0] > b[0]:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a, b = append(out, a[0]), a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}
